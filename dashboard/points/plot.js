// The scatter itself, 2D and 3D alike, on plotly's own bundled script. Plotly draws, pans and turns;
// which point is under the pointer is found here, by projecting all of them: the same way in both,
// and cheaper than plotly's extra drawing pass in 3D.
const PHOTOS = 0;
const SKETCHES = 1;
const MARKED = 2;
const STAR = 3;
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

function makePlot(div, Plotly, { changed }) {
  const plot = { dims: 0, view: "" };
  let rows = [new Int32Array(), new Int32Array()];
  let marked = [];
  let star = null;
  let quiet = false;

  const size = (count) => (count > 8000 ? 3.5 : count > 2500 ? 5 : 7.5);

  // The coordinates of every trace, from the places of all points now.
  function columns(now, starNow) {
    const { dims } = plot;
    return Array.from({ length: dims }, (_, axis) => {
      const take = (list) => {
        const out = new Float32Array(list.length);
        for (let i = 0; i < list.length; i += 1) out[i] = now[list[i] * dims + axis];
        return out;
      };
      return [take(rows[PHOTOS]), take(rows[SKETCHES]), take(marked.map((mark) => mark.row)),
        starNow ? [starNow[axis]] : []];
    });
  }

  function traces(now, look) {
    const flat = plot.dims === 2;
    const points = flat ? (hasGL() ? "scattergl" : "scatter") : "scatter3d";
    const over = flat ? "scatter" : "scatter3d";
    const places = columns(now, look.star);
    const at = (trace) =>
      Object.fromEntries(["x", "y", "z"].slice(0, plot.dims).map((k, i) => [k, places[i][trace]]));
    const dot = size(look.count) * (flat ? 1 : 0.72);
    const plain = { mode: "markers", hoverinfo: "skip", showlegend: false };
    const pick = (list) => Array.from(list, (row) => look.colours[row]);
    return [
      { ...plain, ...at(PHOTOS), type: points,
        marker: { color: pick(rows[PHOTOS]), size: dot, symbol: "circle", line: { width: 0 } } },
      { ...plain, ...at(SKETCHES), type: points,
        marker: { color: pick(rows[SKETCHES]), size: dot, symbol: "square-open",
          line: { width: 1.4, ...(flat ? {} : { color: pick(rows[SKETCHES]) }) } } },
      { ...plain, ...at(MARKED), type: over,
        marker: { symbol: "circle-open", color: look.ink, line: { width: 2, color: look.ink },
          size: marked.map((mark) => (mark.strong ? dot + 11 : dot + 5)) } },
      { ...plain, ...at(STAR), type: over, mode: flat ? "markers+text" : "text",
        text: flat ? ["  my sketch"] : ["★"], textposition: flat ? "middle right" : "middle center",
        textfont: { size: flat ? 13 : 34, color: look.ink },
        marker: { symbol: "star", size: 24, color: look.ink,
          line: { width: 2, color: look.paper } } },
    ];
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

  // Everything anew. look: key, rows, colours, marked, star, extent, count and the theme's colours.
  plot.draw = async (now, look, view) => {
    if (div.layout && (plot.dims !== look.dims || plot.key !== look.key)) Plotly.purge(div);
    plot.dims = look.dims;
    plot.key = look.key;
    ({ rows, marked, star } = look);
    if (view !== undefined) plot.view = view;
    if (look.dims === 3 && !hasGL()) throw new Error("This browser has no WebGL: choose 2D.");
    quiet = true;
    const fresh = !div.layout;
    await Plotly.react(div, traces(now, look), layout(look),
      { displayModeBar: false, scrollZoom: true, responsive: true, doubleClick: false });
    quiet = false;
    if (fresh) div.on("plotly_relayout", told);
  };

  // Only the places; called for every frame of a film.
  plot.move = (now, starNow) => {
    star = starNow;
    const places = columns(now, star);
    const names = ["x", "y", "z"].slice(0, plot.dims);
    return Plotly.restyle(div, Object.fromEntries(names.map((name, i) => [name, places[i]])));
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
      : ["x", "y", "z"].map((axis) => full.scene.camera.eye[axis]);
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

  plot.save = (name) => Plotly.downloadImage(div, {
    format: "png", filename: name, scale: 2, width: div.clientWidth, height: div.clientHeight,
  });
  plot.fit = () => { if (div.layout) Plotly.Plots.resize(div); };
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
