// Which points are shown, and in which colour.

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
  const rows = [];
  for (let row = 0; row < data.count; row += 1) {
    const seen = kinds.every((kind, i) =>
      (kind === "correct" && !data.correct.length) || shows[i][groupOf(data, kind, row, place)]);
    if (seen) rows.push(row);
  }
  return Uint32Array.from(rows);
}

// Three bytes a row. What is outside the lasso goes towards the paper.
function coloursOf(data, groups, lasso, place, paper) {
  const shown = groups.map((group) => bytesOf(group.colour));
  const ground = bytesOf(paper);
  const pale = shown.map((colour) => colour.map((v, i) => Math.round(v + (ground[i] - v) * 0.84)));
  const inside = lasso.length ? new Set(lasso) : null;
  const out = new Uint8Array(3 * data.count);
  for (let row = 0; row < data.count; row += 1) {
    const group = groupOf(data, data.colouring, row, place);
    out.set((inside && !inside.has(row) ? pale : shown)[group], 3 * row);
  }
  return out;
}

const bytesOf = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

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
