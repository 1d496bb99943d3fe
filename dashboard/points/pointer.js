// The pointer over the plot: a press that does not move is a click, a rest shows the thumbnail.
const REACH = 12;
const HOVER_MS = 40;

function makePointer(root, { hit, deaf, resting, picture, named, clicked }) {
  const stage = root.querySelector(".skp-stage");
  const area = root.querySelector(".skp-plot");
  const tip = root.querySelector(".skp-tip");
  let press = null;
  let hovered = -1;
  let looked = 0;

  function hide() {
    hovered = -1;
    tip.hidden = true;
    root.classList.remove("over");
  }

  async function show(row, event) {
    const box = stage.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    tip.style.left = `${x + (x > box.width - 140 ? -122 : 16)}px`;
    tip.style.top = `${y + (y > box.height - 150 ? -140 : 12)}px`;
    tip.hidden = false;
    if (hovered === row) return;
    hovered = row;
    tip.dataset.row = String(row);
    tip.querySelector("span").textContent = named(row);
    const image = tip.querySelector("img");
    image.removeAttribute("src");
    const url = await picture(row);
    if (hovered === row && url) image.src = url;
  }

  area.addEventListener("pointerdown", (event) => {
    hide();
    press = { x: event.clientX, y: event.clientY };
  }, true);

  function released(event) {
    if (!press) return;
    const still = Math.hypot(event.clientX - press.x, event.clientY - press.y) < 5;
    press = null;
    if (still && !deaf()) clicked(hit(event, event.pointerType === "touch" ? 2 * REACH : REACH));
  }
  // On the window: plotly takes the pointer for itself while it is down.
  window.addEventListener("pointerup", released, true);

  area.addEventListener("pointermove", (event) => {
    const now = performance.now();
    if (event.pointerType === "touch" || event.buttons || !resting() || now - looked < HOVER_MS) {
      return;
    }
    looked = now;
    const row = hit(event, REACH);
    root.classList.toggle("over", row >= 0);
    if (row < 0) hide();
    else show(row, event);
  });
  area.addEventListener("pointerleave", hide);

  return { leave: () => window.removeEventListener("pointerup", released, true) };
}
