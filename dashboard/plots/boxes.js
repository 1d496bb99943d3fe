// Where a figure's panels lie, and what stands along their sides.
const SIZE = 12;

// One box for each panel, with its functions from places to pixels.
function boxesOf(figure, width, height) {
  const { columns, panels, margin: [left, right, above, below] } = figure;
  const [across, down] = [width / columns, height / Math.ceil(panels.length / columns)];
  return panels.map((panel, at) => {
    const box = {
      left: (at % columns) * across + left,
      top: Math.floor(at / columns) * down + above,
      width: Math.max(1, across - left - right),
      height: Math.max(1, down - above - below),
    };
    box.x = (place) => box.left + place * box.width;
    box.y = (place) => box.top + (1 - place) * box.height;
    return box;
  });
}

// Every tick, or every second, third ...: as many as find room side by side.
function spaced(pen, ticks, x) {
  const wide = ticks.map(([, text]) => pen.measureText(text).width + 8);
  const clear = (step) => ticks.every((tick, at) => at % step || at < step
    || x(tick[0]) - x(ticks[at - step][0]) >= (wide[at] + wide[at - step]) / 2);
  let step = 1;
  while (step < ticks.length && !clear(step)) step += 1;
  return ticks.filter((tick, at) => at % step === 0);
}

function write(pen, text, x, y, { align = "center", base = "middle", colour, size = SIZE, bold } = {}) {
  pen.font = `${bold ? 600 : 400} ${size}px ${pen.family}`;
  pen.textAlign = align;
  pen.textBaseline = base;
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
}

// A text cut to a width, with dots for what is left out.
function cut(pen, text, width) {
  if (pen.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && pen.measureText(`${text.slice(0, end)}…`).width > width) end -= 1;
  return `${text.slice(0, end)}…`;
}

function paintSides(pen, panel, box, margin, look) {
  const [left, , , below] = margin;
  pen.font = `${SIZE}px ${pen.family}`;
  pen.fillStyle = GRID;
  for (const [place] of panel.y.grid ? panel.y.ticks : []) {
    pen.fillRect(box.left, Math.round(box.y(place)), box.width, 1);
  }
  for (const [place, text] of spaced(pen, panel.x.ticks, box.x)) {
    write(pen, text, box.x(place), box.top + box.height + 12, { colour: look.quiet });
  }
  for (const [place, text] of panel.y.ticks) {
    const room = cut(pen, text, left - (panel.y.title ? 26 : 8));
    write(pen, room, box.left - 8, box.y(place), { align: "right", colour: look.quiet });
  }
  if (panel.x.title) {
    const middle = box.left + box.width / 2;
    const y = box.top + box.height + Math.min(below - 9, 31);
    write(pen, panel.x.title, middle, y, { colour: look.ink, size: 12.5 });
  }
  if (panel.y.title) {
    pen.save();
    pen.translate(box.left - left + 9, box.top + box.height / 2);
    pen.rotate(-Math.PI / 2);
    write(pen, panel.y.title, 0, 0, { colour: look.ink, size: 12.5 });
    pen.restore();
  }
}

// Upright axes within a panel. Names stand in two rows, so that neighbours have room on a phone;
// ticks have paper around them, where lines run through.
function paintRulers(pen, rulers, box, look) {
  rulers.forEach((ruler, at) => {
    const x = box.x(ruler.x);
    const [foot, head] = ruler.ends.map(box.y);
    pen.fillStyle = GREY;
    pen.fillRect(Math.round(x), head, 1, foot - head);
    write(pen, ruler.title, x, box.top - 10 - 16 * ((at + 1) % 2), { colour: look.ink, bold: true });
  });
}

function paintTicks(pen, rulers, box, look) {
  pen.lineJoin = "round";
  rulers.forEach((ruler, at) => {
    const last = at === rulers.length - 1;
    for (const [place, text] of ruler.ticks) {
      const [x, y] = [box.x(ruler.x) + (last ? 9 : -5), box.y(place)];
      const align = last ? "left" : "right";
      Object.assign(pen, { font: `11px ${pen.family}`, textAlign: align, textBaseline: "middle",
        lineWidth: 4, strokeStyle: `rgb(${look.paper.join(",")})` });
      pen.strokeText(text, x, y);
      write(pen, text, x, y, { align, colour: look.ink, size: 11 });
    }
  });
}

function paintBars(pen, bars, box, look) {
  const thick = Math.min(26, (0.6 * box.height) / Math.max(1, bars.length));
  for (const bar of bars) {
    const [y, width] = [box.y(bar.y), bar.length * box.width];
    pen.fillStyle = bar.strong ? shade("accent", 1, look.paper) : GREY;
    pen.beginPath();
    pen.roundRect(box.left, y - thick / 2, Math.max(1, width), thick, [0, 4, 4, 0]);
    pen.fill();
    write(pen, bar.text, box.left + width + 7, y, { align: "left", colour: look.ink });
  }
}
