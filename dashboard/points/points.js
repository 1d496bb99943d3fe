// The map of embeddings. Python sends what is to be seen; what the person does here is sent back as
// one value, `view`, with a running number, so that a late answer never undoes a later deed.
const maps = new WeakMap();

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".skp");
  let map = maps.get(root);
  if (!map) {
    map = makeMap(root);
    maps.set(root, map);
  }
  map.send = (view) => setStateValue("view", view);
  map.take(data);
  return () => map.leave();
}

function makeMap(root) {
  const $ = (name) => root.querySelector(name);
  const stage = $(".skp-stage");
  const map = { data: null, now: null, turn: 0, send: () => {} };
  const view = { selected: null, lasso: [], filter: makeFilter({}), camera: "", epoch: null };
  let plot = null;
  let frames = null;
  let pictures = null;
  let waiting = 0;
  let drawing = Promise.resolve();

  const over = makeMarks($(".skp-marks"));
  const timeline = makeTimeline(root, {
    moved: (at) => { blend(at); repaint(at); },
    settled: (at) => { view.epoch = map.data.epochs[at]; tell(); },
  });
  const legend = makeLegend(root, { changed: () => { draw(); tell(); } });
  const lasso = makeLasso(root, {
    selected: (polygon) => {
      view.lasso = polygon.length ? plot.within(map.now, polygon) : [];
      draw();
      tell();
    },
  });

  function tell() {
    map.turn += 1;
    map.send({ turn: map.turn, selected: view.selected, lasso: view.lasso, epoch: view.epoch,
      camera: view.camera, ...view.filter.plain() });
  }

  map.take = (data) => {
    const fresh = !map.data || map.data.key !== data.key;
    const before = map.data;
    map.data = data;
    if (!before || data.view.turn >= map.turn || fresh) {
      Object.assign(view, { selected: data.view.selected, lasso: data.view.lasso,
        filter: makeFilter(data.view), epoch: data.view.epoch });
      map.turn = Math.max(map.turn, data.view.turn);
      if (fresh) view.camera = data.view.camera;
    }
    if (!before || before.pictures.urls[0] !== data.pictures.urls[0]) {
      pictures?.forget();
      pictures = makePictures(data.pictures);
    }
    if (fresh) load(data);
    else if (frames) {
      const to = data.epochs.indexOf(view.epoch);
      if (to >= 0 && to !== timeline.goal && !timeline.playing) timeline.glide(to);
      blend(timeline.at); // my sketch may have found its place since
      draw();
    }
  };

  async function load(data) {
    root.dataset.ready = "";
    try {
      const [Plotly, bytes] = await Promise.all([
        loadPlotly(data.plotly),
        fetch(data.coords).then((reply) => {
          if (!reply.ok) throw new Error(`the map answered ${reply.status}`);
          return reply.arrayBuffer();
        }),
      ]);
      if (map.data.key !== data.key) return;
      plot ||= makePlot($(".skp-plot"), Plotly, {
        changed: (camera) => { view.camera = camera; later(tell); },
        turned: () => requestAnimationFrame(mark),
      });
      frames = new Float32Array(bytes);
      timeline.load(data.epochs, view.epoch);
      blend(timeline.at);
      map.extent = extentOf(frames, data.dims);
      await draw(view.camera);
    } catch (error) {
      if (map.data.key !== data.key) return; // of a map that is no longer shown
      $(".skp-said").textContent = `The map can't be shown: ${error.message}`;
    }
  }

  // The places of all points at a moment, between two epochs perhaps.
  function blend(at) {
    const size = map.data.count * map.data.dims;
    const low = Math.floor(at);
    const part = at - low;
    const from = low * size;
    const to = Math.min(low + 1, map.data.epochs.length - 1) * size;
    const now = new Float32Array(size);
    for (let i = 0; i < size; i += 1) {
      now[i] = frames[from + i] * (1 - part) + frames[to + i] * part;
    }
    map.now = now;
    const stars = [map.data.star[low], map.data.star[Math.min(low + 1, map.data.star.length - 1)]];
    map.starNow = stars[0] && stars[1]
      ? stars[0].map((value, i) => value * (1 - part) + stars[1][i] * part)
      : (part < 0.5 ? stars[0] : stars[1]) || null;
  }

  let busy = false;
  let painted = -1;

  // One frame of a film; a frame that comes while the last is being drawn is left out.
  async function repaint(at) {
    if (!plot || busy || !plot.dims) return;
    const near = Math.round(at);
    busy = true;
    try {
      if (map.data.colouring === "correct" && near !== painted) await draw();
      else { await plot.move(map.now); mark(); }
    } finally {
      busy = false;
    }
    // Whatever was left out meanwhile, the last place is always shown.
    if (timeline.at !== at && !timeline.playing) repaint(timeline.at);
  }

  const dark = () => isDark(root);
  const paper = () => (dark() ? "#1c1f26" : "#ffffff");

  function groupsNow() {
    const { data } = map;
    const night = dark() ? 1 : 0;
    return data.groups.map((group) => ({ ...group, colour: group.colours[night] }));
  }

  function draw(camera) {
    drawing = drawing.then(() => drawNow(camera)).catch((error) => {
      $(".skp-said").textContent = `The map can't be drawn: ${error.message}`;
    });
    return drawing;
  }

  async function drawNow(camera) {
    if (!plot || !frames) return;
    const { data } = map;
    const groups = groupsNow();
    painted = Math.round(timeline.at);
    const shown = shownRows(data, view.filter, painted);
    const style = getComputedStyle(root);
    const look = {
      key: data.key, dims: data.dims, count: data.count, extent: map.extent, rows: shown,
      colours: coloursOf(data, groups, view.lasso, painted, paper()),
      border: style.getPropertyValue("--st-border-color").trim(),
    };
    await plot.draw(map.now, look, camera);
    mark();
    legend.show({ kind: data.colouring, groups, filter: view.filter, classes: data.classes });
    const none = shown[0].length + shown[1].length === 0;
    $(".skp-said").textContent = none ? "Nothing is shown: the filter below leaves no point" : "";
    root.dataset.shown = String(shown[0].length + shown[1].length);
    root.dataset.ready = data.key;
  }

  function mark() {
    if (!plot?.dims || !map.now) return;
    const style = getComputedStyle(root);
    const look = { ink: style.getPropertyValue("--st-text-color").trim(), paper: paper(),
      font: style.fontFamily };
    const starAt = map.starNow ? plot.eye(Float32Array.from(map.starNow))(0).slice(0, 2) : null;
    over.paint(plot.eye(map.now), marks(map.data, view.selected), starAt, look);
    root.dataset.star = starAt ? starAt.map(Math.round).join(",") : "";
  }
  const sized = new ResizeObserver(() => requestAnimationFrame(mark));
  sized.observe(stage);

  function later(act) {
    clearTimeout(waiting);
    waiting = setTimeout(act, 500);
  }

  function hit(event, reach) {
    if (!plot?.dims || root.dataset.ready !== map.data.key) return -1;
    const box = stage.getBoundingClientRect();
    return plot.pick(map.now, event.clientX - box.left, event.clientY - box.top, reach);
  }

  const pointer = makePointer(root, {
    hit,
    deaf: () => Boolean(lasso.kind),
    resting: () => !timeline.playing,
    picture: (row) => pictures.url(row),
    named: (row) => {
      const { data } = map;
      return `${data.classes[data.labels[row]]} · ${data.photos[row] === "1" ? "photo" : "sketch"}`;
    },
    clicked: (row) => {
      const next = row < 0 ? null : row;
      if (next === view.selected) return;
      view.selected = next;
      draw();
      tell();
    },
  });

  for (const button of root.querySelectorAll(".skp-tools button")) {
    button.addEventListener("click", () => {
      if (button.dataset.act === "fit") { view.camera = ""; draw(""); tell(); return; }
      if (button.dataset.act === "save") { plot?.save(map.data.name, over.canvas, paper()); return; }
      useTool(button.dataset.tool);
    });
  }
  function useTool(kind) {
    lasso.use(kind);
    for (const button of root.querySelectorAll("[data-tool]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === kind));
    }
  }
  useTool("");
  const escape = (event) => { if (event.key === "Escape" && lasso.kind) useTool(""); };
  window.addEventListener("keydown", escape);

  map.leave = () => {
    timeline.stop();
    clearTimeout(waiting);
    pointer.leave();
    window.removeEventListener("keydown", escape);
    sized.disconnect();
    pictures?.forget();
    plot?.leave();
    maps.delete(root);
  };
  return map;
}
