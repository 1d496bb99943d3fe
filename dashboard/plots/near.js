// What is under the pointer: a mark nearby, else a line; of equals the one drawn last.
const REACH = { mouse: 12, touch: 22 };
const LINE_REACH = 6;

// { trial } or { told } with its place in pixels, or null.
function nearest(figure, painted, x, y, kind) {
  let found = null;
  let least = (REACH[kind] || REACH.touch) ** 2;
  for (const spot of painted.spots) {
    const gap = (spot.x - x) ** 2 + (spot.y - y) ** 2;
    if (gap <= least) [found, least] = [spot, gap];
  }
  return found || nearLine(figure, painted, x, y);
}

function nearLine(figure, painted, x, y) {
  let found = null;
  let least = LINE_REACH ** 2;
  figure.panels.forEach((panel, at) => {
    for (const line of panel.lines) {
      for (const run of runsOf(line, painted.boxes[at])) {
        for (let corner = 0; corner + 1 < run.length; corner += 1) {
          const [gap, onX, onY] = towards(x, y, run[corner], run[corner + 1]);
          if (gap > least) continue;
          least = gap;
          found = { trial: line.trial ?? null, told: line.told?.[run[corner][2]], panel: at, x: onX, y: onY };
        }
      }
    }
  });
  return found;
}

// The squared distance to a straight piece, and its closest place.
function towards(x, y, [x1, y1], [x2, y2]) {
  const [across, up] = [x2 - x1, y2 - y1];
  const part = ((x - x1) * across + (y - y1) * up) / (across ** 2 + up ** 2 || 1);
  const on = Math.min(1, Math.max(0, part));
  const [onX, onY] = [x1 + on * across, y1 + on * up];
  return [(onX - x) ** 2 + (onY - y) ** 2, onX, onY];
}
