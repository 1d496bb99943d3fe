// Values over a grid as areas between levels, with lines where they meet, and a key beside them.
const STRENGTHS = [0.03, 0.2, 0.55];
const EDGE = "rgba(138, 138, 138, 0.4)";
const DOT = 2;

// The strength of colour of an area: little at the least level, and faster towards the greatest.
function strengthOf(at, count) {
  const share = count > 1 ? at / (count - 1) : 1;
  const [low, middle, high] = STRENGTHS;
  return share < 0.5 ? low + (middle - low) * 2 * share : middle + (high - middle) * (2 * share - 1);
}

// For each dot along a side: the grid's line before it, and how far it is to the next.
function along(places, count) {
  const [begin, end] = [places[0], places.at(-1)];
  const lines = new Int32Array(count);
  const parts = new Float64Array(count);
  let at = 0;
  for (let dot = 0; dot < count; dot += 1) {
    const place = begin + ((end - begin) * (dot + 0.5)) / count;
    while (at < places.length - 2 && place > places[at + 1]) at += 1;
    lines[dot] = at;
    parts[dot] = (place - places[at]) / (places[at + 1] - places[at]);
  }
  return { lines, parts };
}

// The areas, a dot for every DOT pixels each way: the lines between them are drawn fine.
function areasOf(surface, width, height, inks) {
  const { x, y, levels } = surface;
  const values = surface.values_YX.map((row) => Float64Array.from(row, (value) => value ?? NaN));
  const across = along(x, width);
  const up = along(y, height);
  const image = new ImageData(width, height);
  const dots = new Int32Array(image.data.buffer);
  for (let row = 0; row < height; row += 1) {
    const on = up.parts[height - 1 - row];
    const below = values[up.lines[height - 1 - row]];
    const above = values[up.lines[height - 1 - row] + 1];
    for (let column = 0; column < width; column += 1) {
      const line = across.lines[column];
      const part = across.parts[column];
      const value = (below[line] + (below[line + 1] - below[line]) * part) * (1 - on)
        + (above[line] + (above[line + 1] - above[line]) * part) * on;
      if (Number.isNaN(value)) continue; // a corner of its cell is unknown
      let level = 0;
      while (level < inks.length - 1 && value >= levels[level + 1]) level += 1;
      dots[row * width + column] = inks[level];
    }
  }
  const sheet = new OffscreenCanvas(width, height);
  sheet.getContext("2d").putImageData(image, 0, 0);
  return sheet;
}

function paintSurface(pen, surface, box, look) {
  const { x, y, levels } = surface;
  const [left, right] = [box.x(x[0]), box.x(x.at(-1))];
  const [top, foot] = [box.y(y.at(-1)), box.y(y[0])];
  const count = levels.length - 1;
  const colours = Array.from({ length: count }, (_, at) =>
    mix("good", strengthOf(at, count), look.paper));
  // A dot as one number: red is its lowest byte.
  const inks = colours.map(([red, green, blue]) => (255 << 24) | (blue << 16) | (green << 8) | red);
  const [width, height] = [right - left, foot - top].map((side) => Math.ceil(side / DOT));
  pen.drawImage(areasOf(surface, width, height, inks), left, top, right - left, foot - top);
  paintEdges(pen, surface, box);
  paintKey(pen, surface, [box.left + box.width + 10, top, foot], colours, look);
}

// Marching squares: in each cell of the grid, the straight piece of each level that crosses it.
function paintEdges(pen, { x, y, values_YX: values, levels }, box) {
  pen.beginPath();
  for (let row = 0; row + 1 < y.length; row += 1) {
    for (let column = 0; column + 1 < x.length; column += 1) {
      const corners = [[column, row], [column + 1, row], [column + 1, row + 1], [column, row + 1]];
      const heights = corners.map(([c, r]) => values[r][c]);
      if (heights.includes(null)) continue;
      const [least, most] = [Math.min(...heights), Math.max(...heights)];
      for (const level of levels) {
        if (level <= least || level > most) continue;
        const ends = [];
        corners.forEach(([c, r], at) => {
          const next = (at + 1) % 4;
          if (heights[at] < level === heights[next] < level) return;
          const part = (level - heights[at]) / (heights[next] - heights[at]);
          const [c2, r2] = corners[next];
          ends.push([x[c] + part * (x[c2] - x[c]), y[r] + part * (y[r2] - y[r])]);
        });
        for (let at = 0; at + 1 < ends.length; at += 2) {
          pen.moveTo(box.x(ends[at][0]), box.y(ends[at][1]));
          pen.lineTo(box.x(ends[at + 1][0]), box.y(ends[at + 1][1]));
        }
      }
    }
  }
  Object.assign(pen, { strokeStyle: EDGE, lineWidth: 0.6 });
  pen.stroke();
}

function paintKey(pen, { levels, ticks }, [x, top, foot], colours, look) {
  const [low, high] = [levels[0], levels.at(-1)];
  const y = (value) => foot - ((foot - top) * (value - low)) / (high - low);
  colours.forEach((colour, at) => {
    pen.fillStyle = `rgb(${colour.join(",")})`;
    pen.fillRect(x, y(levels[at + 1]), 8, y(levels[at]) - y(levels[at + 1]) + 0.5);
  });
  for (const [value, text] of ticks) {
    write(pen, text, x + 13, y(value), { align: "left", colour: look.quiet, size: 11 });
  }
}
