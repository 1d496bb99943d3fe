// The scatter itself, 2D and 3D alike, on plotly's own bundled script. Plotly draws, pans and turns;
// which point is under the pointer is found here, by projecting all of them: the same way in both,
// and cheaper than plotly's extra drawing pass in 3D.
const PHOTOS = 0;
const SKETCHES = 1;
const AXES = ["x", "y", "z"];
let plotlyLoading = null;

function loadPlotly(url) {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  plotlyLoading ||= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => done(window.Plotly);
    script.onerror = () => { plotlyLoading = null; failed(new Error("plotly did not load")); };
    document.head.append(script);
  });
  return plotlyLoading;
}

const hasGL = () => !!document.createElement("canvas").getContext("webgl");

function makePlot(div, Plotly, { changed, turned }) {
  const plot = { dims: 0, view: "" };
  let rows = [new Int32Array(), new Int32Array()];
  let quiet = false;

  const dot = (count) => (count > 8000 ? 3.5 : count > 2500 ? 5 : 7.5);

  // The coordinates of the two traces, from the places of all points now.
  function columns(now) {
    const { dims } = plot;
    return Array.from({ length: dims }, (_, axis) => rows.map((list) => {
      const out = new Float32Array(list.length);
      for (let i = 0; i < list.length; i += 1) out[i] = now[list[i] * dims + axis];
      return out;
    }));
  }

  function traces(now, look) {
    const flat = plot.dims === 2;
    const type = flat ? (hasGL() ? "scattergl" : "scatter") : "scatter3d";
    const places = columns(now);
    const size = dot(look.count) * (flat ? 1 : 0.72);
    return [PHOTOS, SKETCHES].map((kind) => {
      const color = Array.from(rows[kind], (row) => look.colours[row]);
      const marker = kind === PHOTOS ? { symbol: "circle", line: { width: 0 } }
        : { symbol: "square-open", line: { width: 1.4, ...(flat ? {} : { color }) } };
      return {
        ...Object.fromEntries(AXES.slice(0, plot.dims).map((k, i) => [k, places[i][kind]])),
        type, mode: "markers", hoverinfo: "skip", showlegend: false,
        marker: { ...marker, color, size },
      };
    });
  }

  function layout(look) {
    const { centre, half } = look.extent;
    const span = (axis) => [centre[axis] - half, centre[axis] + half];
    const shared = {
      margin: { l: 0, r: 0, t: 0, b: 0 }, showlegend: false, hovermode: false, autosize: true,
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", uirevision: look.key,
    };
    if (plot.dims === 2) {
      const axis = { visible: false, autorange: false };
      const seen = plot.view ? plot.view.split(",").map(Number) : [...span(0), ...span(1)];
      return { ...shared, dragmode: "pan",
        xaxis: { ...axis, range: seen.slice(0, 2), constrain: "range" },
        yaxis: { ...axis, range: seen.slice(2), scaleanchor: "x", constrain: "range" } };
    }
    const axis = (at) => ({
      range: span(at), autorange: false, showticklabels: false, title: { text: "" },
      showspikes: false, zeroline: false, gridcolor: look.border, linecolor: look.border,
      showbackground: false, showline: true, nticks: 5,
    });
    const [ex, ey, ez] = plot.view ? plot.view.split(",").map(Number) : [1.05, 1.05, 0.75];
    return { ...shared, scene: {
      xaxis: axis(0), yaxis: axis(1), zaxis: axis(2), aspectmode: "cube", hovermode: false,
      dragmode: "turntable", camera: { eye: { x: ex, y: ey, z: ez } },
    } };
  }

  // Everything anew. look: key, rows, colours, extent, count and the theme's colours.
  plot.draw = async (now, look, view) => {
    if (div.layout && (plot.dims !== look.dims || plot.key !== look.key)) Plotly.purge(div);
    plot.dims = look.dims;
    plot.key = look.key;
    rows = look.rows;
    if (view !== undefined) plot.view = view;
    if (look.dims === 3 && !hasGL()) throw new Error("This browser has no WebGL: choose 2D.");
    quiet = true;
    const fresh = !div.layout;
    await Plotly.react(div, traces(now, look), layout(look),
      { displayModeBar: false, scrollZoom: true, responsive: true, doubleClick: false });
    quiet = false;
    if (fresh) {
      div.on("plotly_relayout", told);
      for (const event of ["plotly_relayouting", "plotly_relayout"]) div.on(event, turned);
    }
  };

  // Only the places; called for every frame of a film.
  plot.move = (now) => {
    const places = columns(now);
    return Plotly.restyle(div,
      Object.fromEntries(AXES.slice(0, plot.dims).map((name, i) => [name, places[i]])));
  };

  function told() {
    if (quiet) return;
    const text = viewNow();
    if (text === plot.view) return;
    plot.view = text;
    changed(text);
  }

  function viewNow() {
    const full = div._fullLayout;
    const numbers = plot.dims === 2
      ? [...full.xaxis.range, ...full.yaxis.range]
      : AXES.map((axis) => full.scene.camera.eye[axis]);
    return numbers.map((number) => Number(number).toPrecision(4)).join(",");
  }

  // A function from a row to [x, y, depth] in pixels of the plot.
  plot.eye = (now) => {
    const full = div._fullLayout;
    if (plot.dims === 2) {
      const { xaxis, yaxis } = full;
      return (row) => [xaxis._offset + xaxis.l2p(now[2 * row]),
        yaxis._offset + yaxis.l2p(now[2 * row + 1]), 0];
    }
    const scene = full.scene._scene;
    const { model, view, projection } = scene.glplot.cameraParams;
    const m = times(projection, times(view, model));
    const [sx, sy, sz] = scene.dataScale;
    const { clientWidth: width, clientHeight: height } = div;
    return (row) => {
      const x = now[3 * row] * sx;
      const y = now[3 * row + 1] * sy;
      const z = now[3 * row + 2] * sz;
      const w = m[3] * x + m[7] * y + m[11] * z + m[15];
      return [((m[0] * x + m[4] * y + m[8] * z + m[12]) / w + 1) * width / 2,
        (1 - (m[1] * x + m[5] * y + m[9] * z + m[13]) / w) * height / 2,
        (m[2] * x + m[6] * y + m[10] * z + m[14]) / w];
    };
  };

  // The row of the point at a pixel, or -1: the closest; of those as good as there, the foremost.
  plot.pick = (now, x, y, reach) => {
    const eye = plot.eye(now);
    let best = -1;
    let least = reach * reach;
    let depth = Infinity;
    for (const list of rows) {
      for (const row of list) {
        const [px, py, pz] = eye(row);
        const gap = (px - x) ** 2 + (py - y) ** 2;
        if (gap > reach * reach) continue;
        if (gap < least - 9 || (gap < least + 9 && pz < depth)) {
          best = row;
          least = Math.min(gap, least);
          depth = pz;
        }
      }
    }
    return best;
  };

  plot.within = (now, polygon) => {
    const eye = plot.eye(now);
    const found = [];
    for (const list of rows) {
      for (const row of list) {
        const [x, y] = eye(row);
        if (inside(x, y, polygon)) found.push(row);
      }
    }
    return found.sort((a, b) => a - b);
  };

  // A PNG of the plot with what lies over it, twice as fine.
  plot.save = async (name, over, paper) => {
    const { clientWidth: width, clientHeight: height } = div;
    const image = new Image();
    image.src = await Plotly.toImage(div, { format: "png", scale: 2, width, height });
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = 2 * width;
    canvas.height = 2 * height;
    const pen = canvas.getContext("2d");
    pen.fillStyle = paper;
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    pen.drawImage(over, 0, 0, canvas.width, canvas.height);
    const link = document.createElement("a");
    link.href = canvas.toDataURL("image/png");
    link.download = `${name}.png`;
    link.click();
  };
  plot.leave = () => Plotly.purge(div);
  return plot;
}

function times(a, b) {
  const out = new Float64Array(16);
  for (let column = 0; column < 4; column += 1) {
    for (let row = 0; row < 4; row += 1) {
      for (let k = 0; k < 4; k += 1) out[column * 4 + row] += a[k * 4 + row] * b[column * 4 + k];
    }
  }
  return out;
}
