// A free line or a box drawn over the plot; `selected` gets it as a polygon in plot pixels.
function makeLasso(root, { selected }) {
  const canvas = root.querySelector(".skp-lasso");
  const pen = canvas.getContext("2d");
  const lasso = { kind: "" };
  let line = null;

  const here = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  function path() {
    if (lasso.kind !== "box" || line.length < 2) return line;
    const [x0, y0] = line[0];
    const [x1, y1] = line[line.length - 1];
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
  }

  function paint() {
    const { clientWidth: w, clientHeight: h } = canvas;
    const dots = devicePixelRatio || 1;
    canvas.width = w * dots;
    canvas.height = h * dots;
    pen.scale(dots, dots);
    if (!line || line.length < 2) return;
    const style = getComputedStyle(root);
    pen.beginPath();
    path().forEach(([x, y], at) => (at ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.closePath();
    pen.fillStyle = style.getPropertyValue("--st-primary-color");
    pen.globalAlpha = 0.1;
    pen.fill();
    pen.globalAlpha = 1;
    pen.setLineDash([5, 4]);
    pen.lineWidth = 1.5;
    pen.strokeStyle = style.getPropertyValue("--st-primary-color");
    pen.stroke();
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    line = [here(event)];
    canvas.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!line) return;
    line.push(here(event));
    paint();
  });
  canvas.addEventListener("pointerup", () => {
    if (!line) return;
    const drawn = line.length > 2 ? path() : [];
    line = null;
    paint();
    selected(drawn);
  });
  canvas.addEventListener("pointercancel", () => { line = null; paint(); });

  lasso.use = (kind) => {
    lasso.kind = kind;
    canvas.hidden = !kind;
  };
  return lasso;
}

// Even-odd rule.
function inside(x, y, polygon) {
  let is = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i, i += 1) {
    const [xi, yi] = polygon[i];
    const [xj, yj] = polygon[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) is = !is;
  }
  return is;
}
