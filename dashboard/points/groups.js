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
