// Attention as warmth: the same colours and the same scale as the pictures made in Python.
const WARM = [[247, 196, 137], [240, 130, 74], [214, 52, 33]];
const LEAST_PEAK = 3; // times the even share: an even map must not look like a discovery
const FINE = 40;

// Strengths from 0 to 1 of a map between two epochs.
function strengths(maps, from, to, part, cells) {
  const mean = new Float32Array(cells);
  let peak = 0;
  for (let i = 0; i < cells; i += 1) {
    mean[i] = (maps[from + i] * (1 - part) + maps[to + i] * part) * cells;
    peak = Math.max(peak, mean[i]);
  }
  const scale = 1 / Math.max(peak, LEAST_PEAK);
  return mean.map((value) => value * scale);
}

// Enlarged smoothly along one axis (Catmull-Rom), its edges held.
function stretched(values, length, lines, step, stride) {
  const out = new Float32Array(FINE * lines);
  for (let i = 0; i < FINE; i += 1) {
    const at = ((i + 0.5) * length) / FINE - 0.5;
    const low = Math.floor(at);
    const t = at - low;
    const weights = [((2 - t) * t - 1) * t / 2, ((3 * t - 5) * t * t + 2) / 2,
      ((4 - 3 * t) * t + 1) * t / 2, (t - 1) * t * t / 2];
    for (let line = 0; line < lines; line += 1) {
      let sum = 0;
      for (let k = 0; k < 4; k += 1) {
        const place = Math.min(length - 1, Math.max(0, low - 1 + k));
        sum += weights[k] * values[place * step + line * stride];
      }
      out[i * lines + line] = sum;
    }
  }
  return out;
}

function enlarged(values, height, width) {
  const tall = stretched(values, height, width, width, 1); // FINE × width
  const wide = stretched(tall, width, FINE, 1, width); // FINE columns × FINE rows
  const out = new Float32Array(FINE * FINE);
  for (let x = 0; x < FINE; x += 1) {
    for (let y = 0; y < FINE; y += 1) {
      out[y * FINE + x] = Math.min(1, Math.max(0, wide[x * FINE + y]));
    }
  }
  return out;
}

function warmth(strength) {
  const place = Math.min(1, strength) * (WARM.length - 1);
  const low = Math.min(Math.floor(place), WARM.length - 2);
  return WARM[low].map((value, i) => value + (WARM[low + 1][i] - value) * (place - low));
}

// A small canvas of the map, transparent where nothing is looked at.
function heatLayer(values, height, width, opacity) {
  const layer = document.createElement("canvas");
  layer.width = width;
  layer.height = height;
  const pen = layer.getContext("2d");
  const pixels = pen.createImageData(width, height);
  for (let i = 0; i < values.length; i += 1) {
    const colour = warmth(values[i]);
    for (let c = 0; c < 3; c += 1) pixels.data[4 * i + c] = colour[c];
    pixels.data[4 * i + 3] = 255 * opacity * Math.min(1, values[i]);
  }
  pen.putImageData(pixels, 0, 0);
  return layer;
}

// The picture with its map over it, or the raw cells alone with their shares in percent.
function paintHeat(canvas, picture, look) {
  const side = Math.round((canvas.clientWidth || 140) * Math.min(2, devicePixelRatio || 1));
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const pen = canvas.getContext("2d");
  pen.globalCompositeOperation = "source-over";
  pen.clearRect(0, 0, side, side);
  const { values, height, width, opacity, raw, inked } = look;
  if (raw) {
    pen.imageSmoothingEnabled = false;
    pen.drawImage(heatLayer(values, height, width, 1), 0, 0, side, side);
    return;
  }
  if (picture) pen.drawImage(picture, 0, 0, side, side);
  if (!opacity) return;
  // Over paper warmth multiplies, so that lines stay black; over a photo it covers in part.
  pen.globalCompositeOperation = inked ? "multiply" : "source-over";
  pen.imageSmoothingEnabled = true;
  const layer = heatLayer(enlarged(values, height, width), FINE, FINE, inked ? opacity : 0.8 * opacity);
  pen.drawImage(layer, 0, 0, side, side);
}
