// A figure on a canvas, from its back to its front.

// The canvas's pen, cleared, in the units of the page.
function penOf(canvas, width, height, fine, look) {
  const [across, down] = [Math.round(width * fine), Math.round(height * fine)];
  // To set the size, even the same, makes a canvas anew.
  if (canvas.width !== across || canvas.height !== down) {
    Object.assign(canvas, { width: across, height: down });
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(fine, 0, 0, fine, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.family = look.font;
  return pen;
}

// Draws all; returns the boxes of the panels, and where each trial's marks are.
function paintFigure(pen, figure, width, height, look) {
  const boxes = boxesOf(figure, width, height);
  const spots = [];
  const chosen = figure.trials.indexOf(figure.chosen);
  figure.panels.forEach((panel, at) => {
    const box = boxes[at];
    if (panel.surface) paintSurface(pen, panel.surface, box, look);
    paintSides(pen, panel, box, figure.margin, look);
    paintBars(pen, panel.bars, box, look);
    for (const line of panel.lines) {
      paintLine(pen, line, box, { ...line, colour: shade(line.ink, line.strength, look.paper) });
    }
    paintRulers(pen, panel.rulers, box, look);
    for (const trial of panel.marks ? figure.trials.keys() : []) {
      const [x, y] = [panel.marks.x[trial], panel.marks.y[trial]];
      if (x === null || y === null) continue;
      const spot = { trial, panel: at, x: box.x(x), y: box.y(y) };
      paintMark(pen, figure.looks[trial], spot.x, spot.y, panel.marks.small);
      spots.push(spot);
    }
    if (chosen >= 0) paintTrial(pen, figure, boxes, at, spots, chosen, look);
    paintTicks(pen, panel.rulers, box, look);
  });
  return { boxes, spots };
}

// What stands out on a panel: a ring around a trial's mark, and its line.
function paintTrial(pen, figure, boxes, at, spots, trial, look) {
  const colour = shade("accent", 1, look.paper);
  const lines = figure.panels[at].lines.filter((line) => line.trial === trial);
  for (const line of lines) paintStrong(pen, line, boxes[at], colour);
  if (lines.length) return;
  for (const spot of spots) {
    if (spot.panel === at && spot.trial === trial) paintRing(pen, spot.x, spot.y, 8.5, 2.5, colour);
  }
}
