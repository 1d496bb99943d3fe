// A figure as a file.

// A PNG twice as fine as the screen's own units, on the card's paper.
function savePicture(figure, width, height, look) {
  const canvas = document.createElement("canvas");
  const pen = penOf(canvas, width, height, 2, look);
  pen.fillStyle = `rgb(${look.paper.join(",")})`;
  pen.fillRect(0, 0, width, height);
  paintFigure(pen, figure, width, height, look);
  save(canvas.toDataURL("image/png"), figure, "png");
}

// The book's rows of the trials that are shown; of a figure without trials, its bars.
function saveTable(figure) {
  const rows = figure.trials.length
    ? [figure.saved, ...rowsOf(figure)]
    : [["name", "value"], ...figure.panels.flatMap(({ y, bars }) =>
      bars.map((bar, at) => [y.ticks[at][1], bar.value]))];
  const text = rows.map((row) => `${row.map(quoted).join(",")}\n`).join("");
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  save(address, figure, "csv");
  URL.revokeObjectURL(address);
}

// RFC 4180: what holds a comma, a quote or a line's end stands in quotes.
function quoted(value) {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function save(address, figure, kind) {
  const link = document.createElement("a");
  link.href = address;
  link.download = `${figure.title.toLowerCase().replaceAll(" ", "-")}.${kind}`;
  link.click();
}
