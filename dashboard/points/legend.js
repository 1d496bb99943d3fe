// The legend: a chip for each group of the current colouring, a search box where they are many.
// The filter is { only: [class names], hide: ["class:cat", "domain:photo", …] }; `only` wins.
const MANY = 12;

function makeFilter(value) {
  const filter = { only: [...(value.only || [])], hide: [...(value.hide || [])] };

  filter.shows = (kind, name) =>
    kind === "class" && filter.only.length
      ? filter.only.includes(name)
      : !filter.hide.includes(`${kind}:${name}`);

  // Show exactly `names` of all the groups of a kind, in the shorter way of saying so.
  filter.set = (kind, names, all) => {
    filter.hide = filter.hide.filter((token) => !token.startsWith(`${kind}:`));
    if (kind === "class") filter.only = [];
    if (names.length === all.length) return;
    if (kind === "class" && names.length && names.length <= all.length / 2) {
      filter.only = names;
    } else {
      filter.hide.push(...all.filter((name) => !names.includes(name)).map((n) => `${kind}:${n}`));
    }
  };

  filter.toggle = (kind, name, all) => {
    const shown = all.filter((other) => filter.shows(kind, other));
    const after = shown.includes(name) ? shown.filter((n) => n !== name) : [...shown, name];
    filter.set(kind, all.filter((other) => after.includes(other)), all);
  };

  // Only this one; or all again, if it was the only one.
  filter.isolate = (kind, name, all) => {
    const shown = all.filter((other) => filter.shows(kind, other));
    filter.set(kind, shown.length === 1 && shown[0] === name ? all : [name], all);
  };

  filter.plain = () => ({ only: filter.only, hide: filter.hide });
  return filter;
}

function makeLegend(root, { changed }) {
  const box = root.querySelector(".skp-legend");
  const chips = box.querySelector(".skp-chips");
  const search = box.querySelector("input");
  const all = box.querySelector(".skp-all");
  let shown = { kind: "", groups: [], filter: null, classes: [] };

  function paint() {
    const { kind, groups, filter, classes } = shown;
    const words = search.value.trim().toLowerCase();
    search.hidden = groups.length <= MANY;
    chips.replaceChildren();
    for (const group of groups) {
      if (!search.hidden && !group.name.toLowerCase().includes(words)) continue;
      const chip = document.createElement("button");
      chip.type = "button";
      chip.className = "skp-chip";
      chip.dataset.name = group.name;
      chip.setAttribute("aria-pressed", String(filter.shows(kind, group.name)));
      chip.title = "Click to show or hide, double-click for only this one";
      const dot = document.createElement("i");
      dot.className = group.mark;
      dot.style.setProperty("--c", group.colour);
      chip.append(dot, group.name);
      chips.append(chip);
    }
    const none = chips.childElementCount === 0;
    if (none) chips.textContent = "No class of that name";
    const filtered = filter.only.length + filter.hide.length > 0;
    all.hidden = !filtered;
    const seen = classes.filter((name) => filter.shows("class", name)).length;
    all.textContent = seen < classes.length ? `${seen} of ${classes.length} classes · show all`
      : "Show all";
  }

  chips.addEventListener("click", (event) => {
    const chip = event.target.closest(".skp-chip");
    if (!chip) return;
    const names = shown.groups.map((group) => group.name);
    // The second click of a double one: the first has toggled, this one isolates.
    const act = event.detail === 2 ? "isolate" : "toggle";
    if (act === "isolate") shown.filter.toggle(shown.kind, chip.dataset.name, names);
    shown.filter[act](shown.kind, chip.dataset.name, names);
    paint();
    changed();
  });
  search.addEventListener("input", paint);
  search.addEventListener("keydown", (event) => {
    event.stopPropagation();
    const found = [...chips.querySelectorAll(".skp-chip")].map((chip) => chip.dataset.name);
    if (event.key !== "Enter" || !found.length || !search.value.trim()) return;
    shown.filter.set(shown.kind, found, shown.groups.map((group) => group.name));
    paint();
    changed();
  });
  all.addEventListener("click", () => {
    Object.assign(shown.filter, { only: [], hide: [] });
    search.value = "";
    paint();
    changed();
  });
  return {
    show(next) {
      if (next.kind !== shown.kind) search.value = "";
      shown = next;
      paint();
    },
  };
}
