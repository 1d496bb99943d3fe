// A figure of trials with its title and words. Python sends what stands where; which trial is chosen
// here is sent back.
const plots = new WeakMap();

export default function (component) {
  const whole = component.parentElement.querySelector(".sk-figure");
  whole.hidden = Boolean(component.data.book);
  if (whole.hidden) {
    keepBook(component.data);
    return () => {};
  }
  let plot = plots.get(whole);
  if (!plot) {
    plot = makePlot(whole);
    plots.set(whole, plot);
  }
  plot.send = (trial) => component.setTriggerValue("chosen", trial);
  plot.take(component.data);
  return () => plot.leave();
}

// Figures that wait to be drawn. All are drawn in one go: first their sizes and colours are asked,
// then they are drawn, so that the browser lays the page out once and not once for each.
const waiting = new Set();

function later(plot) {
  if (!waiting.size) {
    requestAnimationFrame(() => {
      const due = [...waiting];
      waiting.clear();
      for (const one of due) one.measure();
      for (const one of due) one.paint();
    });
  }
  waiting.add(plot);
}

function makePlot(whole) {
  const root = whole.querySelector(".sk-plot");
  const paper = root.querySelector(".sk-plot-paper");
  const over = root.querySelector(".sk-plot-over");
  const plot = { figure: null, send: () => {} };
  let painted = { boxes: [], spots: [] };
  let [width, height, look] = [0, 0, null];

  plot.take = (figure) => {
    plot.figure = unravelled(figure);
    const [title, caption, note] = whole.querySelectorAll(".sk-title, .sk-label");
    [title.textContent, caption.textContent, note.textContent] =
      [figure.title, figure.caption, figure.note];
    root.style.height = `${figure.height}px`;
    root.tabIndex = figure.clicks ? 0 : -1;
    root.setAttribute("role", figure.clicks ? "application" : "img");
    root.setAttribute("aria-label", toldOf(figure));
    later(plot);
  };

  plot.measure = () => {
    [width, height, look] = [root.clientWidth, root.clientHeight, lookOf(root)];
  };

  plot.paint = () => {
    if (!width || !plot.figure) return;
    pointer.forget();
    const pen = penOf(paper, width, height, devicePixelRatio, look);
    painted = paintFigure(pen, plot.figure, width, height, look);
    // Which trials are drawn and where, for those who look from outside.
    root.drawn = [...new Set(painted.spots.map((spot) => plot.figure.trials[spot.trial]))];
    root.placeOf = (name) => {
      const { x, y } = plot.spot(plot.figure.trials.indexOf(name));
      return [x, y];
    };
  };

  plot.near = (x, y, kind) => nearest(plot.figure, painted, x, y, kind);
  plot.spot = (trial) => painted.spots.find((spot) => spot.trial === trial) || null;
  plot.choose = (trial) => {
    const name = plot.figure.trials[trial];
    if (plot.figure.clicks && name !== undefined) plot.send(name);
  };

  // The trial that is pointed at stands out on all panels.
  plot.point = (found) => {
    const trial = found?.trial ?? null;
    if (over.hidden && trial === null) return;
    over.hidden = trial === null;
    if (over.hidden) return;
    const pen = penOf(over, width, height, devicePixelRatio, look);
    plot.figure.panels.forEach((panel, at) => {
      for (const line of panel.lines.filter((one) => one.trial === trial)) {
        paintStrong(pen, line, painted.boxes[at], look.ink);
      }
    });
    for (const spot of painted.spots) {
      if (spot.trial === trial) paintRing(pen, spot.x, spot.y, 7, 1.5, look.ink);
    }
  };

  const [csv, png] = whole.querySelectorAll("button");
  csv.addEventListener("click", () => saveTable(plot.figure));
  png.addEventListener("click", () => savePicture(plot.figure, width, height, look));
  const pointer = makePointer(root, plot);
  const sized = new ResizeObserver(() => {
    if (root.clientWidth !== width || root.clientHeight !== height) later(plot);
  });
  sized.observe(root);
  // Texts that were drawn before the page's font came are drawn again with it.
  if (document.fonts.status === "loading") document.fonts.ready.then(() => later(plot));

  plot.leave = () => {
    sized.disconnect();
    waiting.delete(plot);
    plots.delete(whole);
  };
  return plot;
}

// The figure with a line for each of its threads.
function unravelled(figure) {
  const panels = figure.panels.map((panel) => ({ ...panel, lines: [...threadsOf(panel), ...panel.lines] }));
  return { ...figure, panels };
}

function threadsOf({ threads }) {
  if (!threads) return [];
  const { x, y_NA: rows, inks, strengths, widths, dotted } = threads;
  return threads.order.map((trial) => ({ trial, x, y: rows[trial], ink: inks[trial],
    strength: strengths[trial], width: widths[trial], dotted: dotted[trial] }));
}

// What is told of a figure to those who can't see it.
function toldOf({ title, trials, panels }) {
  if (trials.length) {
    return `${title}: ${trials.length} trials. Arrow keys go from one to the next, Enter looks at it.`;
  }
  const bars = panels.flatMap(({ y, bars: all }) => all.map((bar, at) => `${y.ticks[at][1]} ${bar.text}`));
  return `${title}: ${bars.join(", ")}`;
}
