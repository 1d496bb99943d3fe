// The frame of the map, 2D and 3D alike, on plotly's own bundled script: it holds the axes and the
// camera, pans, zooms and turns. The points are drawn over it (sprites.js), and which of them is
// under the pointer is found here, by projecting all: the same way in 2D and 3D.
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

function makePlot(div, Plotly, { changed, turned }) {
  const plot = { dims: 0, view: "" };
  let quiet = false;

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

  // The frame anew. look: key, dims, extent and the theme's border colour.
  plot.draw = async (look, view) => {
    if (div.layout && (plot.dims !== look.dims || plot.key !== look.key)) Plotly.purge(div);
    const fresh = !div.layout;
    plot.dims = look.dims;
    plot.key = look.key;
    if (view !== undefined) plot.view = view;
    quiet = true;
    try {
      await Plotly.react(div, [empty(look)], layout(look),
        { displayModeBar: false, scrollZoom: true, responsive: true, doubleClick: false });
    } finally {
      quiet = false;
    }
    if (!fresh) return;
    div.on("plotly_relayout", told);
    for (const event of ["plotly_relayouting", "plotly_relayout"]) div.on(event, turned);
  };

  // Plotly opens a scene only for a trace: one point that is not seen.
  function empty(look) {
    const place = Object.fromEntries(
      AXES.slice(0, look.dims).map((name, axis) => [name, [look.extent.centre[axis]]]));
    return { ...place, type: look.dims === 3 ? "scatter3d" : "scatter", mode: "markers",
      hoverinfo: "skip", marker: { size: 1, opacity: 0 } };
  }

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

  // From coordinates to the screen, as the graphics card takes it: 16 numbers, by columns.
  plot.matrix = () => {
    const full = div._fullLayout;
    const { clientWidth: width, clientHeight: height } = div;
    if (plot.dims === 2) {
      const { xaxis, yaxis } = full;
      const [x0, y0] = [xaxis._offset + xaxis.l2p(0), yaxis._offset + yaxis.l2p(0)];
      const [sx, sy] = [xaxis.l2p(1) - xaxis.l2p(0), yaxis.l2p(1) - yaxis.l2p(0)];
      return [2 * sx / width, 0, 0, 0, 0, -2 * sy / height, 0, 0, 0, 0, 0, 0,
        2 * x0 / width - 1, 1 - 2 * y0 / height, 0, 1];
    }
    const scene = full.scene._scene;
    const { model, view, projection } = scene.glplot.cameraParams;
    const m = times(projection, times(view, model));
    const scale = [...scene.dataScale, 1];
    return Array.from(m, (value, at) => value * scale[Math.floor(at / 4)]);
  };

  // A function from a row of `now` to [x, y, depth] in pixels of the plot.
  plot.eye = (now) => {
    const m = plot.matrix();
    const { dims } = plot;
    const { clientWidth: width, clientHeight: height } = div;
    return (row) => {
      const [x, y, z] = [now[dims * row], now[dims * row + 1], dims === 3 ? now[3 * row + 2] : 0];
      const w = m[3] * x + m[7] * y + m[11] * z + m[15];
      return [((m[0] * x + m[4] * y + m[8] * z + m[12]) / w + 1) * width / 2,
        (1 - (m[1] * x + m[5] * y + m[9] * z + m[13]) / w) * height / 2,
        (m[2] * x + m[6] * y + m[10] * z + m[14]) / w];
    };
  };

  // The row of the point at a pixel, or -1: the closest; of those as good as there, the foremost.
  plot.pick = (now, rows, x, y, reach) => {
    const eye = plot.eye(now);
    let best = -1;
    let least = reach * reach;
    let depth = Infinity;
    for (const row of rows) {
      const [px, py, pz] = eye(row);
      const gap = (px - x) ** 2 + (py - y) ** 2;
      if (gap > reach * reach) continue;
      if (gap < least - 9 || (gap < least + 9 && pz < depth)) {
        best = row;
        least = Math.min(gap, least);
        depth = pz;
      }
    }
    return best;
  };

  plot.within = (now, rows, polygon) => {
    const eye = plot.eye(now);
    return Array.from(rows).filter((row) => {
      const [x, y] = eye(row);
      return inside(x, y, polygon);
    });
  };

  // A PNG of the plot with what lies over it, twice as fine.
  plot.save = async (name, layers, paper) => {
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
    for (const layer of layers()) pen.drawImage(layer, 0, 0, canvas.width, canvas.height);
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
