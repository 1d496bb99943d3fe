// The map of embeddings. Python sends what is to be seen; what the person does here is sent back as
// one value, `view`, with a running number, so that a late answer never undoes a later deed.
const maps = new WeakMap();
const REACH = 12;
const HOVER_MS = 40;

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
      if (to >= 0 && to !== Math.round(timeline.at) && !timeline.playing) timeline.glide(to);
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
      });
      frames = new Float32Array(bytes);
      timeline.load(data.epochs, view.epoch);
      blend(timeline.at);
      map.extent = extentOf(frames, data.dims);
      await draw(view.camera);
    } catch (error) {
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
      else await plot.move(map.now, map.starNow);
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
      marked: marks(data, view.selected), star: map.starNow,
      ink: style.getPropertyValue("--st-text-color").trim(), paper: paper(),
      border: style.getPropertyValue("--st-border-color").trim(),
    };
    await plot.draw(map.now, look, camera);
    legend.show({ kind: data.colouring, groups, filter: view.filter, classes: data.classes });
    const none = shown[0].length + shown[1].length === 0;
    $(".skp-said").textContent = none ? "Nothing is shown: the filter below leaves no point" : "";
    root.dataset.shown = String(shown[0].length + shown[1].length);
    root.dataset.ready = data.key;
  }

  function later(act) {
    clearTimeout(waiting);
    waiting = setTimeout(act, 500);
  }

  function hit(event, reach) {
    if (!plot?.dims || root.dataset.ready !== map.data.key) return -1;
    const box = stage.getBoundingClientRect();
    return plot.pick(map.now, event.clientX - box.left, event.clientY - box.top, reach);
  }

  // A press that does not move is a click.
  const area = $(".skp-plot");
  let press = null;
  area.addEventListener("pointerdown", (event) => {
    hideTip();
    press = { x: event.clientX, y: event.clientY, at: performance.now() };
  }, true);
  window.addEventListener("pointerup", released, true);
  function released(event) {
    if (!press) return;
    const still = Math.hypot(event.clientX - press.x, event.clientY - press.y) < 5;
    const quick = performance.now() - press.at < 700;
    press = null;
    if (!still || !quick || lasso.kind) return;
    const row = hit(event, event.pointerType === "touch" ? 2 * REACH : REACH);
    const next = row < 0 ? null : row;
    if (next === view.selected) return;
    view.selected = next;
    draw();
    tell();
  }

  const tip = $(".skp-tip");
  let hovered = -1;
  let looked = 0;
  area.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch" || event.buttons || timeline.playing) return;
    const now = performance.now();
    if (now - looked < HOVER_MS) return;
    looked = now;
    const row = hit(event, REACH);
    root.classList.toggle("over", row >= 0);
    if (row < 0) hideTip();
    else showTip(row, event);
  });
  area.addEventListener("pointerleave", hideTip);

  function hideTip() {
    hovered = -1;
    tip.hidden = true;
    root.classList.remove("over");
  }

  async function showTip(row, event) {
    const box = stage.getBoundingClientRect();
    const right = event.clientX - box.left > box.width - 140;
    const low = event.clientY - box.top > box.height - 150;
    tip.style.left = `${event.clientX - box.left + (right ? -122 : 16)}px`;
    tip.style.top = `${event.clientY - box.top + (low ? -140 : 12)}px`;
    tip.hidden = false;
    if (hovered === row) return;
    hovered = row;
    const { data } = map;
    tip.dataset.row = String(row);
    tip.querySelector("span").textContent =
      `${data.classes[data.labels[row]]} · ${data.photos[row] === "1" ? "photo" : "sketch"}`;
    const image = tip.querySelector("img");
    image.removeAttribute("src");
    const url = await pictures.url(row);
    if (hovered === row && url) image.src = url;
  }

  for (const button of root.querySelectorAll(".skp-tools button")) {
    button.addEventListener("click", () => {
      if (button.dataset.act === "fit") { view.camera = ""; draw(""); tell(); return; }
      if (button.dataset.act === "save") { plot?.save(map.data.name); return; }
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
    window.removeEventListener("pointerup", released, true);
    window.removeEventListener("keydown", escape);
    pictures?.forget();
    plot?.leave();
    maps.delete(root);
  };
  return map;
}

// The group of each point in a colouring; correctness is another at every epoch.
function groupOf(data, kind, row, place) {
  if (kind === "class") return data.labels[row];
  if (kind === "domain") return data.photos[row] === "1" ? 0 : 1;
  if (kind === "split") return data.splits[row];
  return data.correct[place]?.[row] === "1" ? 0 : 1;
}

function shownRows(data, filter, place) {
  const kinds = ["class", "domain", "split", "correct"];
  const names = { ...data.names, class: data.classes };
  const shows = kinds.map((kind) => names[kind].map((name) => filter.shows(kind, name)));
  const rows = [[], []];
  for (let row = 0; row < data.count; row += 1) {
    const seen = kinds.every((kind, i) =>
      (kind === "correct" && !data.correct.length) || shows[i][groupOf(data, kind, row, place)]);
    if (seen) rows[data.photos[row] === "1" ? 0 : 1].push(row);
  }
  return rows.map((list) => Int32Array.from(list));
}

function coloursOf(data, groups, lasso, place, paper) {
  const shown = groups.map((group) => group.colour);
  const pale = shown.map((colour) => mixed(colour, paper, 0.84));
  const inside = lasso.length ? new Set(lasso) : null;
  return Array.from({ length: data.count }, (_, row) => {
    const group = groupOf(data, data.colouring, row, place);
    return inside && !inside.has(row) ? pale[group] : shown[group];
  });
}

// Towards the paper, not transparent: in 3D plotly adds up what lies behind one another.
function mixed(hex, paper, share) {
  const parts = [1, 3, 5].map((at) => {
    const [from, to] = [hex, paper].map((colour) => parseInt(colour.slice(at, at + 2), 16));
    return Math.round(from + (to - from) * share);
  });
  return `rgb(${parts.join(",")})`;
}

function marks(data, selected) {
  if (selected === null) return [];
  return [{ row: selected, strong: true },
    ...data.near.filter((row) => data.nearOf === selected).map((row) => ({ row, strong: false }))];
}

// One frame for all epochs, so that nothing but the points moves.
function extentOf(frames, dims) {
  const low = new Array(dims).fill(Infinity);
  const high = new Array(dims).fill(-Infinity);
  for (let i = 0; i < frames.length; i += 1) {
    const axis = i % dims;
    if (frames[i] < low[axis]) low[axis] = frames[i];
    if (frames[i] > high[axis]) high[axis] = frames[i];
  }
  const centre = low.map((value, axis) => (value + high[axis]) / 2);
  const half = Math.max(...low.map((value, axis) => high[axis] - value)) / 2;
  return { centre, half: (half || 1) * 1.08 };
}

function isDark(root) {
  const colour = getComputedStyle(root).getPropertyValue("--st-background-color").trim();
  const parts = /^#(..)(..)(..)/.exec(colour);
  if (!parts) return matchMedia("(prefers-color-scheme: dark)").matches;
  return parts.slice(1).reduce((sum, part) => sum + parseInt(part, 16), 0) < 384;
}
