// Pointing at trials with a mouse, a finger or the arrow keys; a click or Enter chooses one.
function makePointer(root, plot) {
  const tip = root.querySelector(".sk-plot-tip");
  let at = null;

  function show(found) {
    at = found;
    plot.point(found);
    const text = found && (found.told ?? toldOfTrial(plot.figure, found.trial));
    tip.hidden = !text;
    root.classList.toggle("over", Boolean(plot.figure.clicks && found && found.trial !== null));
    if (!text) return;
    const [title, ...lines] = text.split("\n");
    tip.firstChild.textContent = title;
    tip.lastChild.textContent = lines.join("\n");
    place(found);
  }

  // Beside the place, on the side that has room, and never outside the figure's width.
  function place({ x, y }) {
    const { offsetWidth: width, offsetHeight: height } = tip;
    const left = x + 16 + width <= root.clientWidth ? x + 16 : x - 16 - width;
    const top = Math.min(Math.max(y - height / 2, -8), root.clientHeight - height + 8);
    tip.style.transform =
      `translate(${Math.max(0, Math.min(left, root.clientWidth - width))}px, ${top}px)`;
  }

  function under(event) {
    const box = root.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    return plot.near(x, y, event.pointerType || "mouse");
  }

  root.addEventListener("pointermove", (event) => show(under(event)));
  root.addEventListener("pointerleave", () => show(null));
  root.addEventListener("blur", () => show(null));
  root.addEventListener("click", (event) => {
    const found = under(event);
    if (found) plot.choose(found.trial);
  });

  root.addEventListener("keydown", (event) => {
    const count = plot.figure.trials.length;
    const now = at?.trial ?? -1;
    const next = { ArrowRight: now + 1, ArrowDown: now + 1, Home: 0, End: count - 1,
      ArrowLeft: now < 0 ? count - 1 : now - 1, ArrowUp: now < 0 ? count - 1 : now - 1 }[event.key];
    if (next !== undefined && count) show(plot.spot((next + count) % count));
    else if (event.key === "Enter" || event.key === " ") plot.choose(now);
    else if (event.key === "Escape") show(null);
    else return;
    event.preventDefault();
  });
  return { forget: () => show(null) };
}
