// Trials as marks by what became of them, the same in every figure, and lines.
const MARKS = {
  complete: { colour: "#1b998b", radius: 3.5, shape: "dot" },
  stopped: { colour: "#e9a23b", radius: 4, shape: "ring" },
  running: { colour: "#5b6ae0", radius: 4.5, shape: "diamond" },
  failed: { colour: "#d1495b", radius: 4, shape: "cross" },
  queued: { colour: GREY, radius: 3.5, shape: "ring" },
};

const SHAPES = {
  dot(pen, x, y, r) { pen.arc(x, y, r, 0, 2 * Math.PI); pen.fill(); },
  ring(pen, x, y, r) { pen.arc(x, y, r, 0, 2 * Math.PI); pen.stroke(); },
  diamond(pen, x, y, r) {
    pen.moveTo(x, y - r);
    pen.lineTo(x + r, y);
    pen.lineTo(x, y + r);
    pen.lineTo(x - r, y);
    pen.fill();
  },
  cross(pen, x, y, r) {
    pen.moveTo(x - r, y - r);
    pen.lineTo(x + r, y + r);
    pen.moveTo(x + r, y - r);
    pen.lineTo(x - r, y + r);
    pen.stroke();
  },
};

function paintMark(pen, name, x, y, small) {
  const { colour, radius, shape } = MARKS[name] || MARKS.queued;
  Object.assign(pen, { fillStyle: colour, strokeStyle: colour, lineWidth: 1.8,
    globalAlpha: small ? 0.7 : 1 });
  pen.beginPath();
  SHAPES[shape](pen, x, y, small ? 0.85 * radius : radius);
  pen.globalAlpha = 1;
}

function paintRing(pen, x, y, radius, width, colour) {
  Object.assign(pen, { strokeStyle: colour, lineWidth: width });
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.stroke();
}

// The pixels of a line's corners, in runs without a gap.
function runsOf(line, box) {
  const runs = [[]];
  line.x.forEach((place, at) => {
    if (place === null || line.y[at] === null) { runs.push([]); return; }
    const [x, y] = [box.x(place), box.y(line.y[at])];
    if (line.steps && runs.at(-1).length) runs.at(-1).push([x, runs.at(-1).at(-1)[1], at - 1]);
    runs.at(-1).push([x, y, at]);
  });
  return runs.filter((run) => run.length > 1);
}

function paintLine(pen, line, box, { colour, width, dotted }) {
  Object.assign(pen, { strokeStyle: colour, lineWidth: width, lineJoin: "round" });
  pen.setLineDash(dotted ? [3, 3] : []);
  pen.beginPath();
  for (const run of runsOf(line, box)) {
    run.forEach(([x, y], at) => (at ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  }
  pen.stroke();
  pen.setLineDash([]);
}

// A line that is pointed at or chosen, with a dot at each of its places.
function paintStrong(pen, line, box, colour) {
  paintLine(pen, line, box, { colour, width: 3 });
  pen.fillStyle = colour;
  line.x.forEach((place, at) => {
    if (place === null || line.y[at] === null) return;
    pen.beginPath();
    pen.arc(box.x(place), box.y(line.y[at]), 3.5, 0, 2 * Math.PI);
    pen.fill();
  });
}
