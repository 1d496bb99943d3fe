// A play button and a slider over epochs. `at` is a place on them, fractional while it glides to
// `goal`; while it plays, `goal` is the epoch next to it. `settled` is told the epoch chosen.
const SECOND = 1000;
const PER_EPOCH = 0.8 * SECOND;

function makeTimeline(root, { moved, settled }) {
  const box = root.querySelector(".skt");
  const button = box.querySelector("button");
  const range = box.querySelector("input");
  const told = box.querySelector("output");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const line = { epochs: [], at: 0, goal: 0, playing: false };
  let frame = 0;
  let clock = 0; // where it plays; where motion is to be calm, what is shown are whole epochs

  function show() {
    const near = Math.round(line.at);
    if (!line.grabbed) range.value = String(line.playing ? line.at : near);
    range.style.setProperty("--part", `${(100 * line.at) / Math.max(1, line.epochs.length - 1)}%`);
    told.textContent = `epoch ${line.epochs[near]}`;
    range.setAttribute("aria-valuetext", told.textContent);
    const verb = line.playing ? "Pause" : "Play";
    box.classList.toggle("playing", line.playing);
    button.setAttribute("aria-label", verb);
    button.title = verb;
  }

  function put(at) {
    line.at = at;
    show();
    moved(at);
  }

  function run(step) {
    cancelAnimationFrame(frame);
    let before = performance.now();
    const tick = (now) => {
      const go = step(Math.max(0, now - before));
      before = now;
      if (go) frame = requestAnimationFrame(tick);
    };
    frame = requestAnimationFrame(tick);
  }

  // What a person chose is told at once: an answer to an earlier deed must not undo it meanwhile.
  line.glide = (to, tell = false) => {
    line.playing = false;
    line.goal = to;
    const from = line.at;
    const end = () => { put(to); return false; };
    if (tell) settled(line.epochs[to]);
    if (calm.matches || from === to) { cancelAnimationFrame(frame); end(); return; }
    let gone = 0;
    const span = Math.min(900, 300 + 120 * Math.abs(to - from));
    run((ms) => {
      gone += ms;
      const part = Math.min(1, gone / span);
      if (part === 1) return end();
      put(from + (to - from) * part * part * (3 - 2 * part));
      return true;
    });
  };

  line.play = () => {
    const last = line.epochs.length - 1;
    if (last < 1) return;
    // By what was chosen: it may still be gliding there.
    if (line.goal >= last) put(0);
    clock = line.at;
    onward();
  };

  function onward() {
    const last = line.epochs.length - 1;
    line.playing = true;
    line.goal = Math.round(clock);
    show();
    run((ms) => {
      clock = Math.min(last, clock + ms / PER_EPOCH);
      line.goal = Math.round(clock);
      if (clock === last) {
        line.playing = false;
        put(last);
        settled(line.epochs[last]);
        return false;
      }
      put(calm.matches ? line.goal : clock);
      return line.playing;
    });
  }

  line.pause = () => line.glide(Math.round(line.at), true);
  line.hold = () => cancelAnimationFrame(frame);
  line.stop = () => { line.playing = false; line.hold(); };

  line.load = (epochs, epoch) => {
    line.stop();
    line.epochs = epochs;
    range.max = String(Math.max(0, epochs.length - 1));
    box.hidden = epochs.length < 1;
    button.disabled = range.disabled = epochs.length < 2;
    line.at = line.goal = Math.max(0, epochs.indexOf(epoch));
    show();
  };

  // Epochs have come to those there were: it stays where it is, and what plays plays on.
  line.grow = (epochs) => {
    const { playing, epochs: before } = line;
    const at = playing ? clock : line.goal;
    const [low, high] = [before[Math.floor(at)], before[Math.ceil(at)]];
    clock = placeOf(low + (high - low) * (at % 1), epochs);
    line.load(epochs, epochs[Math.round(clock)]);
    if (!playing) return;
    line.at = calm.matches ? Math.round(clock) : clock;
    onward();
  };

  button.addEventListener("click", () => (line.playing ? line.pause() : line.play()));
  range.addEventListener("input", () => {
    line.grabbed = true;
    line.glide(Math.round(Number(range.value)));
  });
  // A slider without steps would move by a hundredth.
  range.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    line.glide(Math.min(line.epochs.length - 1, Math.max(0, line.goal + by)), true);
  });
  range.addEventListener("change", () => {
    line.grabbed = false;
    line.glide(Math.round(Number(range.value)), true);
  });
  return line;
}

// Where an epoch, or a moment between two, lies among others.
function placeOf(epoch, epochs) {
  const low = Math.max(0, epochs.findLastIndex((one) => one <= epoch));
  const span = epochs[low + 1] - epochs[low];
  return span ? low + Math.max(0, epoch - epochs[low]) / span : low;
}
