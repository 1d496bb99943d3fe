// The points: each one square of the graphics card's own, shaped in its shader. Plotly builds every
// mark of a 3D scatter from triangles; twenty thousand of those took seconds a frame without a
// graphics card, these take a hundredth. Plotly keeps the frame, the camera and the hands on it.
const VERTEX = `
attribute vec3 place; attribute vec3 colour; attribute float open;
uniform mat4 matrix; uniform mediump float size;
varying vec3 ink; varying float square;
void main() { gl_Position = matrix * vec4(place, 1.0); gl_PointSize = size; ink = colour; square = open; }`;
const FRAGMENT = `
precision mediump float;
uniform mediump float size; varying vec3 ink; varying float square;
void main() {
  vec2 at = (gl_PointCoord - 0.5) * size;
  float edge = size * 0.5 - 1.0;
  float circle = clamp(edge + 0.5 - length(at), 0.0, 1.0);
  float far = max(abs(at.x), abs(at.y));
  float width = max(1.2, size * 0.15);
  float frame = clamp(edge + 0.3 - far, 0.0, 1.0) * clamp(far - edge + width + 0.3, 0.0, 1.0);
  float alpha = 0.92 * mix(circle, frame, square);
  if (alpha < 0.02) discard;
  gl_FragColor = vec4(ink * alpha, alpha);
}`;
const SHELVES = 2048;

function makeSprites(canvas) {
  const gl = canvas.getContext("webgl", { alpha: true, antialias: false, depth: false });
  const program = gl && compiled(gl);
  const buffers = {};
  let rows = new Uint32Array();
  let sorted = new Uint32Array();
  let count = 0;

  function fill(name, values, size, type = gl.FLOAT) {
    buffers[name] ||= gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, buffers[name]);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.DYNAMIC_DRAW);
    const at = gl.getAttribLocation(program, name);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, size, type, type === gl.UNSIGNED_BYTE, 0, 0);
  }

  return {
    canvas,
    able: !!gl,
    // shown: rows; colours: three bytes a row; open: a byte a row, 255 for an open square.
    dress(shown, colours, open) {
      rows = shown;
      sorted = new Uint32Array(shown.length);
      count = open.length;
      if (!gl) return;
      gl.useProgram(program);
      fill("colour", colours, 3, gl.UNSIGNED_BYTE);
      fill("open", open, 1, gl.UNSIGNED_BYTE);
    },
    // now: coordinates, dims a row; matrix: from them to the screen; quick: while it moves.
    paint(now, dims, matrix, quick) {
      if (!gl) return;
      const dots = quick && count > 5000 ? 1 : Math.min(2, Math.max(1, devicePixelRatio || 1));
      const [width, height] = [canvas.clientWidth * dots, canvas.clientHeight * dots];
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      gl.viewport(0, 0, width, height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      if (!rows.length) return;
      gl.useProgram(program);
      gl.enable(gl.BLEND);
      gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
      if (dims === 3) backToFront(rows, now, matrix, sorted);
      fill("place", dims === 3 ? now : deepened(now), 3);
      gl.uniformMatrix4fv(gl.getUniformLocation(program, "matrix"), false, new Float32Array(matrix));
      gl.uniform1f(gl.getUniformLocation(program, "size"), dotSize(count) * dots);
      buffers.order ||= gl.createBuffer();
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, buffers.order);
      gl.getExtension("OES_element_index_uint");
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, dims === 3 ? sorted : rows, gl.DYNAMIC_DRAW);
      gl.drawElements(gl.POINTS, rows.length, gl.UNSIGNED_INT, 0);
    },
    leave: () => gl?.getExtension("WEBGL_lose_context")?.loseContext(),
  };
}

const dotSize = (count) => (count > 8000 ? 5 : count > 2500 ? 7 : 10);

function compiled(gl) {
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
    throw new Error(gl.getProgramInfoLog(program) || "the shaders did not compile");
  }
  return program;
}

function deepened(flat) {
  const out = new Float32Array((flat.length / 2) * 3);
  for (let i = 0, j = 0; i < flat.length; i += 2, j += 3) {
    out[j] = flat[i];
    out[j + 1] = flat[i + 1];
  }
  return out;
}

// Rows by depth, the farthest first, to about a two-thousandth of the depth there is.
function backToFront(rows, now, m, out) {
  const depth = new Float32Array(rows.length);
  let low = Infinity;
  let high = -Infinity;
  rows.forEach((row, i) => {
    const [x, y, z] = [now[3 * row], now[3 * row + 1], now[3 * row + 2]];
    depth[i] = (m[2] * x + m[6] * y + m[10] * z + m[14]) / (m[3] * x + m[7] * y + m[11] * z + m[15]);
    low = Math.min(low, depth[i]);
    high = Math.max(high, depth[i]);
  });
  const scale = (SHELVES - 1) / Math.max(1e-9, high - low);
  const shelf = Uint16Array.from(depth, (value) => (high - value) * scale);
  const ends = new Uint32Array(SHELVES + 1);
  for (const at of shelf) ends[at + 1] += 1;
  for (let i = 0; i < SHELVES; i += 1) ends[i + 1] += ends[i];
  rows.forEach((row, i) => { out[ends[shelf[i]]++] = row; });
}
