// Replay: the same samples at every epoch, all of them sent at once and played here.
const players = new WeakMap();

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".skr");
  let player = players.get(root);
  if (!player) {
    player = makePlayer(root);
    players.set(root, player);
  }
  player.send = (view) => setStateValue("view", view);
  player.take(data);
  return () => player.leave();
}

function makePlayer(root) {
  const $ = (name) => root.querySelector(name);
  const body = $(".skr-body");
  const slider = $(".skr-opacity input");
  const raw = $(".skr-raw input");
  const player = { data: null, turn: 0, send: () => {} };
  let film = null; // what is shown: what was sent last may still be on its way
  let maps = null;
  let samples = [];
  let pictures = null;
  let urls = new Map();
  let painted = -1;
  let frame = 0;
  let waiting = 0;
  let chosen = null; // on the timeline, until it is answered

  const timeline = makeTimeline(root, {
    moved: () => repaint(),
    settled: (epoch) => { chosen = epoch; tell(); },
  });

  function tell() {
    player.turn += 1;
    player.send({ turn: player.turn, epoch: chosen,
      opacity: Number(slider.value), raw: raw.checked });
  }

  player.take = (data) => {
    const before = player.data;
    player.data = data;
    if (!before || data.view.turn >= player.turn) {
      player.turn = data.view.turn;
      chosen = null;
      slider.value = String(data.view.opacity);
      raw.checked = data.view.raw;
    }
    $(".skr-opacity").hidden = $(".skr-raw").hidden = data.mode === "finds";
    $(".skr-raw span").textContent = `Raw ${data.height}×${data.width} map`;
    if (!before || before.key !== data.key) load(data, before);
    else {
      const to = timeline.epochs.indexOf(data.view.epoch);
      const late = data.view.turn < player.turn;
      if (!late && to >= 0 && !timeline.playing && to !== timeline.goal) timeline.glide(to);
      else repaint();
    }
  };

  async function load(data, before) {
    root.dataset.ready = "";
    try {
      if (!before || before.pictures.urls[0] !== data.pictures.urls[0]) {
        pictures?.forget();
        pictures = makePictures(data.pictures);
        urls = new Map();
      }
      const needed = new Set([...data.samples.map((s) => s.row), ...data.found.flat(2)]);
      needed.delete(-1);
      const [bytes] = await Promise.all([
        fetch(data.maps).then((reply) => {
          if (!reply.ok) throw new Error(`the attention maps answered ${reply.status}`);
          return reply.arrayBuffer();
        }),
        ...[...needed].map(async (row) => urls.set(row, await pictures.url(row))),
      ]);
      if (player.data.key !== data.key) return;
      // A film that has grown by some epochs keeps its pictures and its place, and plays on.
      const grown = film?.mode === data.mode && film.stem === data.stem;
      if (!grown) await build(data);
      if (player.data.key !== data.key) return;
      film = data;
      maps = new Float32Array(bytes);
      if (grown) timeline.grow(data.epochs);
      else timeline.load(data.epochs, player.data.view.epoch);
      $(".skr-said").textContent = "";
      painted = -1;
      repaint();
      root.dataset.ready = "1";
    } catch (error) {
      if (player.data.key !== data.key) return; // of a film that is no longer shown
      $(".skr-said").textContent = `The replay can't be shown: ${error.message}`;
    }
  }

  async function build(data) {
    film = null;
    samples = [];
    body.className = `skr-body ${data.mode}`;
    body.replaceChildren();
    const made = await Promise.all(data.samples.map(async (sample) => {
      const box = document.createElement("div");
      box.className = "skr-sample";
      const figure = document.createElement("figure");
      const canvas = document.createElement("canvas");
      canvas.setAttribute("role", "img");
      const caption = document.createElement("figcaption");
      caption.textContent = sample.label;
      figure.append(canvas, caption);
      const found = document.createElement("div");
      found.className = "skr-found";
      const tiles = Array.from({ length: data.k }, () => {
        const tile = document.createElement("div");
        tile.className = "skr-tile";
        tile.append(document.createElement("img"));
        found.append(tile);
        return tile;
      });
      const hits = document.createElement("div");
      hits.className = "skr-hits";
      box.append(figure, found, hits);
      const image = new Image();
      image.src = sample.picture || urls.get(sample.row) || "";
      await image.decode().catch(() => null);
      return { ...sample, box, canvas, tiles, hits, image: image.naturalWidth ? image : null };
    }));
    if (player.data.mode !== data.mode || player.data.stem !== data.stem) return;
    samples = made;
    body.replaceChildren(...samples.map((sample) => sample.box));
  }

  function repaint() {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(paint);
  }

  function paint() {
    const data = film;
    if (!data || !samples.length) return;
    const cells = data.height * data.width;
    const low = Math.min(Math.floor(timeline.at), data.epochs.length - 1);
    const high = Math.min(low + 1, data.epochs.length - 1);
    const size = cells * samples.length;
    samples.forEach((sample, i) => {
      const values = strengths(maps, low * size + i * cells, high * size + i * cells,
        timeline.at - low, cells);
      const plain = data.mode === "finds";
      paintHeat(sample.canvas, sample.image, { values, height: data.height, width: data.width,
        opacity: plain ? 0 : Number(slider.value) / 100, raw: raw.checked && !plain,
        inked: data.inked });
    });
    const near = Math.round(timeline.at);
    if (near === painted) return;
    painted = near;
    let right = 0;
    let known = 0;
    samples.forEach((sample, i) => {
      const found = data.found[near]?.[i] || [];
      let hits = 0;
      sample.tiles.forEach((tile, rank) => {
        const row = found[rank];
        const image = tile.firstElementChild;
        tile.hidden = row === undefined;
        if (row === undefined) return;
        if (urls.get(row)) image.src = urls.get(row);
        const label = data.classes[data.labels[row]];
        const is = sample.truth === null ? null : data.labels[row] === sample.truth;
        hits += is ? 1 : 0;
        tile.className = `skr-tile ${is === null ? "" : is ? "right" : "wrong"}`;
        image.alt = label;
        tile.title = `${rank + 1}. ${label}, score ${data.scores[near][i][rank].toFixed(2)}`;
      });
      sample.hits.textContent = sample.truth === null || !found.length ? ""
        : `${hits} of ${found.length}`;
      if (sample.truth !== null) { right += hits; known += found.length; }
      sample.canvas.setAttribute("aria-label", `${sample.label} at epoch ${data.epochs[near]}`);
    });
    $(".skr-sum").textContent = known && data.mode !== "looks"
      ? `${Math.round((100 * right) / known)} % of these are of the sketch's class` : "";
    root.dataset.epoch = String(data.epochs[near]);
  }

  slider.addEventListener("input", () => {
    repaint();
    clearTimeout(waiting);
    waiting = setTimeout(tell, 500);
  });
  raw.addEventListener("change", () => { repaint(); tell(); });
  const watcher = new ResizeObserver(() => repaint());
  watcher.observe(body);

  player.leave = () => {
    timeline.stop();
    clearTimeout(waiting);
    cancelAnimationFrame(frame);
    watcher.disconnect();
    pictures?.forget();
    players.delete(root);
  };
  return player;
}
