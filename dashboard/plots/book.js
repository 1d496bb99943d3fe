// What is known of trials, told once for all figures of a study and all filters.
const books = new Map();

function keepBook({ book, columns, told }) {
  const places = new Map(columns.trial.map((name, at) => [name, at]));
  books.set(book, { columns, told, places });
}

// What the pointer is told of a trial of a figure.
function toldOfTrial(figure, trial) {
  const book = books.get(figure.book_of);
  return book?.told[book.places.get(figure.trials[trial])] ?? "";
}

function rowsOf({ book_of: name, trials, saved }) {
  const book = books.get(name);
  return trials.map((trial) => saved.map((column) => book.columns[column][book.places.get(trial)]));
}
