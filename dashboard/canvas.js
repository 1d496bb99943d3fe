// The drawing canvas. Coordinates are whole numbers from 0 to GRID, whatever the size on screen.
// The drawing lives here; Python hears of it when the pen is lifted and loads another one by
// sending a new `version`.
const GRID = 1000;
const ERASER = 70;
const boards = new WeakMap();

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  let board = boards.get(parentElement);
  if (!board) {
    board = makeBoard(parentElement);
    boards.set(parentElement, board);
  }
  board.send = (value) => setStateValue("drawing", value);
  board.hint.textContent = data.hint;
  if (board.version !== data.version) board.load(data);
  return () => board.leave();
}

function makeBoard(root) {
  const paper = root.querySelector(".paper");
  const canvas = root.querySelector("canvas");
  const board = {
    hint: root.querySelector(".hint"), ring: root.querySelector(".ring"), version: null,
    strokes: [], erased: [], based: false, image: null, past: [], future: [],
    tool: "pencil", width: 14, live: null, send: () => {},
  };
  const pen = canvas.getContext("2d");

  board.load = (data) => {
    Object.assign(board, {
      version: data.version, strokes: data.strokes, erased: data.erased, based: !!data.under,
      past: [], future: [], live: null, image: null,
    });
    if (data.under) {
      const image = new Image();
      image.onload = () => { board.image = image; paint(); };
      image.src = data.under;
    }
    paint();
  };

  const state = () => ({ strokes: board.strokes, erased: board.erased, based: board.based });
  const empty = () => !board.strokes.length && !board.based;

  function commit(before) {
    board.past.push(before);
    board.future = [];
    told();
  }

  function told() {
    paint();
    // `version` lets Python drop what was drawn on a canvas that it has since replaced.
    board.send({ ...state(), version: board.version, turn: (board.turn = (board.turn || 0) + 1) });
  }

  function travel(from, to) {
    if (!from.length) return;
    to.push(state());
    Object.assign(board, from.pop());
    told();
  }

  function paint() {
    const side = Math.max(1, Math.round(paper.clientWidth * (window.devicePixelRatio || 1)));
    if (canvas.width !== side) canvas.width = canvas.height = side;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, side, side);
    if (board.based && board.image) pen.drawImage(board.image, 0, 0, side, side);
    pen.setTransform(side / GRID, 0, 0, side / GRID, 0, 0);
    pen.lineCap = pen.lineJoin = "round";
    for (const stroke of board.erased) trace(pen, stroke, "#fff");
    for (const stroke of board.strokes) trace(pen, stroke, "#12151c");
    if (board.live && board.tool === "pencil") trace(pen, board.live, "#12151c");
    board.hint.style.display = empty() && !board.live ? "" : "none";
    for (const button of root.querySelectorAll("button")) refresh(button);
  }

  function refresh(button) {
    const { tool, width, act } = button.dataset;
    if (tool) button.setAttribute("aria-pressed", String(tool === board.tool));
    if (width) button.setAttribute("aria-pressed", String(Number(width) === board.width));
    if (act === "undo") button.disabled = !board.past.length;
    if (act === "redo") button.disabled = !board.future.length;
    if (act === "clear") button.disabled = empty();
  }

  function place(event) {
    const box = canvas.getBoundingClientRect();
    const clip = (value) => Math.min(GRID, Math.max(0, Math.round(value)));
    return [
      clip(((event.clientX - box.left) / box.width) * GRID),
      clip(((event.clientY - box.top) / box.height) * GRID),
    ];
  }

  function down(event) {
    if (event.button !== 0 || !event.isPrimary) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    board.before = state();
    board.live = [board.tool === "eraser" ? ERASER : board.width, [place(event)]];
    if (board.tool === "eraser") rub(board, board.live[1]);
    paint();
  }

  function move(event) {
    ringAt(event);
    if (!board.live) return;
    const points = board.live[1];
    const events = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
    for (const part of events.length ? events : [event]) {
      const next = place(part);
      const last = points[points.length - 1];
      if (Math.hypot(next[0] - last[0], next[1] - last[1]) < 2) continue;
      points.push(next);
      if (board.tool === "eraser") rub(board, [last, next]);
    }
    paint();
  }

  function up() {
    if (!board.live) return;
    const [width, points] = board.live;
    board.live = null;
    if (board.tool === "pencil") {
      board.strokes = [...board.strokes, [width, simplified(points, 1.2)]];
      commit(board.before);
    } else {
      if (board.based) board.erased = [...board.erased, [width, simplified(points, 3)]];
      const same = board.strokes === board.before.strokes && !board.based;
      if (same) paint(); else commit(board.before);
    }
  }

  function ringAt(event) {
    const shown = board.tool === "eraser" && event.pointerType !== "touch";
    board.ring.style.display = shown ? "block" : "none";
    if (!shown) return;
    const box = paper.getBoundingClientRect();
    const size = (ERASER / GRID) * box.width;
    board.ring.style.width = board.ring.style.height = `${size}px`;
    const x = event.clientX - box.left - size / 2;
    const y = event.clientY - box.top - size / 2;
    board.ring.style.transform = `translate(${x}px, ${y}px)`;
  }

  function click(event) {
    const button = event.target.closest("button");
    if (!button || button.disabled) return;
    const { tool, width, act } = button.dataset;
    if (tool) board.tool = tool;
    if (width) Object.assign(board, { width: Number(width), tool: "pencil" });
    if (act === "undo") travel(board.past, board.future);
    if (act === "redo") travel(board.future, board.past);
    if (act === "clear" && !empty()) {
      const before = state();
      Object.assign(board, { strokes: [], erased: [], based: false });
      commit(before);
    }
    paint();
  }

  function key(event) {
    const typing = event.composedPath()[0]?.closest?.("input, textarea, [contenteditable]");
    if (typing) return;
    const letter = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && letter === "z") {
      event.preventDefault();
      if (event.shiftKey) travel(board.future, board.past);
      else travel(board.past, board.future);
    }
  }

  canvas.addEventListener("pointerdown", down);
  canvas.addEventListener("pointermove", move);
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("pointerleave", () => { board.ring.style.display = "none"; });
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  root.addEventListener("click", click);
  document.addEventListener("keydown", key);
  const watcher = new ResizeObserver(paint);
  watcher.observe(paper);
  board.leave = () => {
    watcher.disconnect();
    document.removeEventListener("keydown", key);
    boards.delete(root);
  };
  return board;
}

// Straight from point to point, as Python draws it: what is asked is what is seen.
function trace(pen, [width, points], colour) {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.beginPath();
  pen.moveTo(points[0][0], points[0][1]);
  // A lone point is a dot.
  if (points.length === 1) pen.lineTo(points[0][0] + 0.01, points[0][1]);
  for (const [x, y] of points.slice(1)) pen.lineTo(x, y);
  pen.stroke();
}

// The eraser cuts strokes where it touches them, so that what is left are still strokes.
function rub(board, path) {
  const left = [];
  let touched = false;
  for (const [width, points] of board.strokes) {
    const reach = (ERASER + width) / 2;
    const fine = filled(points, 8);
    const kept = fine.map((point) => distance(point, path) > reach);
    if (kept.every(Boolean)) { left.push([width, points]); continue; }
    touched = true;
    let piece = [];
    fine.forEach((point, at) => {
      if (kept[at]) piece.push(point);
      if ((!kept[at] || at === fine.length - 1) && piece.length) {
        left.push([width, simplified(piece, 1.2)]);
        piece = [];
      }
    });
  }
  if (touched) board.strokes = left;
}

function filled(points, step) {
  const fine = [points[0]];
  for (let at = 1; at < points.length; at++) {
    const [x0, y0] = points[at - 1];
    const [x1, y1] = points[at];
    const parts = Math.max(1, Math.ceil(Math.hypot(x1 - x0, y1 - y0) / step));
    for (let part = 1; part <= parts; part++) {
      fine.push([
        Math.round(x0 + ((x1 - x0) * part) / parts), Math.round(y0 + ((y1 - y0) * part) / parts),
      ]);
    }
  }
  return fine;
}

function distance(point, path) {
  let least = Infinity;
  for (let at = 0; at < path.length; at++) {
    least = Math.min(least, toSegment(point, path[Math.max(0, at - 1)], path[at]));
  }
  return least;
}

function toSegment([x, y], [x0, y0], [x1, y1]) {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const length = dx * dx + dy * dy;
  const along = length ? Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length)) : 0;
  return Math.hypot(x - x0 - along * dx, y - y0 - along * dy);
}

// Points that lie on the line between their neighbours are left out (Douglas and Peucker, 1973).
function simplified(points, tolerance) {
  if (points.length < 3) return points;
  const keep = new Set([0, points.length - 1]);
  const spans = [[0, points.length - 1]];
  while (spans.length) {
    const [from, to] = spans.pop();
    let far = 0;
    let middle = -1;
    for (let at = from + 1; at < to; at++) {
      const off = toSegment(points[at], points[from], points[to]);
      if (off > far) { far = off; middle = at; }
    }
    if (far > tolerance) {
      keep.add(middle);
      spans.push([from, middle], [middle, to]);
    }
  }
  return points.filter((_, at) => keep.has(at));
}
