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
  root.places = () => map.now;
  const view = { selected: null, lasso: [], filter: makeFilter({}), camera: "", epoch: null };
  let plot = null;
  let frames = null;
  let chosen = null; // on the timeline, until it is answered
  let pictures = null;
  const waiting = new Map();
  let rows = new Uint32Array();
  let drawing = Promise.resolve();

  const over = makeMarks($(".skp-marks"));
  const timeline = makeTimeline(root, {
    moved: (at) => { blend(at); repaint(at); },
    settled: (epoch) => { view.epoch = chosen = epoch; tell(); },
  });
  const sprites = makeSprites($(".skp-sprites"));
  const legend = makeLegend(root, { changed: () => { dress(); tell(); } });
  const lasso = makeLasso(root, {
    selected: (polygon) => {
      view.lasso = polygon.length ? plot.within(map.now, rows, polygon) : [];
      dress();
      tell();
    },
  });

  function tell() {
    map.turn += 1;
    map.send({ turn: map.turn, selected: view.selected, lasso: view.lasso, epoch: chosen,
      camera: view.camera, ...view.filter.plain() });
  }

  map.take = (data) => {
    const fresh = !map.data || map.data.key !== data.key;
    const before = map.data;
    map.data = data;
    const another = before?.name !== data.name;
    if (another) timeline.stop();
    if (another || data.view.turn >= map.turn) {
      Object.assign(view, { selected: data.view.selected, lasso: data.view.lasso,
        filter: makeFilter(data.view), epoch: data.view.epoch });
      map.turn = Math.max(map.turn, data.view.turn);
      chosen = null;
    }
    if (fresh) view.camera = data.view.camera;
    if (!before || before.pictures.urls[0] !== data.pictures.urls[0]) {
      pictures?.forget();
      pictures = makePictures(data.pictures);
    }
    if (fresh) load(data);
    else if (frames) {
      const to = timeline.epochs.indexOf(view.epoch);
      if (to >= 0 && to !== timeline.goal && !timeline.playing) timeline.glide(to);
      blend(timeline.at); // my sketch may have found its place since
      if (drawnDark === dark()) dress();
      else draw();
    }
  };

  async function load(data) {
    root.dataset.ready = "";
    map.loading = true; // what is there is of other dimensions, perhaps
    timeline.hold();
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
        changed: (camera) => { view.camera = camera; later(tell, 500); },
        turned: turn,
      });
      frames = new Float32Array(bytes);
      if (timeline.playing && timeline.epochs.every((one) => data.epochs.includes(one))) {
        timeline.grow(data.epochs);
      } else {
        timeline.load(data.epochs,
          data.epochs.includes(view.epoch) ? view.epoch : data.view.epoch);
      }
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

  let painted = -1;
  let drawnDark = null;

  function repaint(at) {
    if (!plot?.dims || map.loading) return;
    if (map.data.colouring === "correct" && Math.round(at) !== painted) dress();
    else mark(true);
    if (at === timeline.goal && !timeline.playing) later(() => mark(), 120);
  }

  const dark = () => isDark(root);
  const paper = () => (dark() ? "#1c1f26" : "#ffffff");

  // The frame, and all that is in it.
  function draw(camera) {
    drawing = drawing.then(() => drawNow(camera)).catch((error) => {
      $(".skp-said").textContent = `The map can't be drawn: ${error.message}`;
    });
    return drawing;
  }

  async function drawNow(camera) {
    if (!plot || !frames) return;
    const { data } = map;
    if (!sprites.able) throw new Error("this browser has no WebGL");
    const border = getComputedStyle(root).getPropertyValue("--st-border-color").trim();
    await plot.draw({ key: data.key, dims: data.dims, extent: map.extent, border }, camera);
    map.loading = false;
    drawnDark = dark();
    dress();
    root.dataset.ready = data.key;
  }

  // Which points are shown, and how; without the frame.
  function dress() {
    if (!plot?.dims || !frames || map.loading) return;
    const { data } = map;
    const night = dark() ? 1 : 0;
    const groups = data.groups.map((group) => ({ ...group, colour: group.colours[night] }));
    painted = Math.round(timeline.at);
    rows = shownRows(data, view.filter, painted);
    const open = Uint8Array.from(data.photos, (photo) => (photo === "1" ? 0 : 255));
    sprites.dress(rows, coloursOf(data, groups, view.lasso, painted, paper()), open);
    legend.show({ kind: data.colouring, groups, filter: view.filter, classes: data.classes });
    $(".skp-said").textContent = rows.length ? ""
      : "Nothing is shown: the filter below leaves no point";
    root.dataset.shown = String(rows.length);
    mark();
  }

  // The points where they are now, and what lies over them.
  function mark(quick = false) {
    if (!plot?.dims || !map.now || map.loading) return;
    const style = getComputedStyle(root);
    const look = { ink: style.getPropertyValue("--st-text-color").trim(), paper: paper(),
      font: style.fontFamily };
    sprites.paint(map.now, plot.dims, plot.matrix(), quick);
    const starAt = map.starNow ? plot.eye(map.starNow)(0).slice(0, 2) : null;
    over.paint(plot.eye(map.now), marks(map.data, view.selected), starAt, look);
    root.dataset.star = starAt ? starAt.map(Math.round).join(",") : "";
  }
  // While it is turned, a coarser picture is enough; the fine one follows.
  function turn() {
    requestAnimationFrame(() => mark(true));
    later(() => mark(), 120);
  }
  const sized = new ResizeObserver(() => requestAnimationFrame(() => mark()));
  sized.observe(stage);

  // The last of several calls, after a pause.
  function later(act, pause) {
    clearTimeout(waiting.get(pause));
    waiting.set(pause, setTimeout(act, pause));
  }

  function hit(event, reach) {
    if (!plot?.dims || root.dataset.ready !== map.data.key) return -1;
    const box = stage.getBoundingClientRect();
    return plot.pick(map.now, rows, event.clientX - box.left, event.clientY - box.top, reach);
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
      mark();
      tell();
    },
  });

  for (const button of root.querySelectorAll(".skp-tools button")) {
    button.addEventListener("click", () => {
      if (button.dataset.act === "fit") { view.camera = ""; draw(""); tell(); return; }
      if (button.dataset.act === "save") { save(); return; }
      useTool(button.dataset.tool);
    });
  }
  function save() {
    plot?.save(map.data.name, () => { mark(); return [sprites.canvas, over.canvas]; }, paper());
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
    waiting.forEach(clearTimeout);
    pointer.leave();
    window.removeEventListener("keydown", escape);
    sized.disconnect();
    sprites.leave();
    pictures?.forget();
    plot?.leave();
    maps.delete(root);
  };
  return map;
}
