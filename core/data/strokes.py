"""Pen strokes and their pictures: fitting, drawing, and framing a raster as if it were strokes."""

from functools import cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

Stroke = npt.NDArray[np.float32]
Strokes = list[Stroke]
Gray = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Ink = TypeVar("Ink", Gray, Mask)

MARGIN = 0.06
"""White border kept on each side, as a share of the picture's side."""
PEN = 0.02
"""Width of the pen, as a share of the picture's side."""
_WIDEST = 0.12
"""Lines wider than this share of the side are taken for filled shapes and stay as they are."""


def fit_strokes(strokes: Strokes, margin: float = MARGIN) -> Strokes:
    """Move strokes into the unit square: aspect kept, ink centred, its longer side 1 - 2·margin.

    strokes: any units, x right, y down. Empty strokes are left out; a single dot lands in the
    centre. Raises ValueError for a margin outside [0, 0.5) or coordinates that are not finite.
    """
    if not 0 <= margin < 0.5:
        raise ValueError(f"margin is {margin}; it must be at least 0 and below 0.5")
    kept = [np.asarray(stroke, dtype=np.float32).reshape(-1, 2) for stroke in strokes]
    kept = [stroke for stroke in kept if len(stroke)]
    if not kept:
        return []
    points = np.concatenate(kept)
    if not np.isfinite(points).all():
        raise ValueError("a stroke has a coordinate that is not a finite number")
    low, high = points.min(axis=0), points.max(axis=0)
    side = float((high - low).max())
    scale = (1 - 2 * margin) / side if side > 0 else 1.0
    centre = (low + high) / 2
    return [((stroke - centre) * scale + 0.5).astype(np.float32) for stroke in kept]


def rasterise(strokes: Strokes, size: int, pen: float = PEN) -> Gray:
    """Draw strokes given in the unit square: black ink (0) on white (255), antialiased.

    pen: width of the round pen, as a share of the side. Ink outside the unit square is cut off.
    Returns uint8 (size, size), all white for no strokes. Raises ValueError for a size below 1 or
    a pen that is not in (0, 1].
    """
    _check_picture(size, pen)
    side = size * _fineness(size)
    fine = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(fine)
    for stroke in strokes:
        if len(stroke) == 0:
            continue
        # Pillow cuts the fraction off, which is right: a pixel covers [i, i + 1).
        path = (np.asarray(stroke, dtype=np.float32) * side).ravel().tolist()
        if len(path) == 2:
            draw.point(path, fill=255)
        else:
            draw.line(path, fill=255)
    return _reduced(_thickened(np.asarray(fine), pen * side / 2), side // size)


def frame_ink(
    gray: npt.NDArray[np.generic],
    size: int,
    margin: float = MARGIN,
    threshold: float = 0.4,
    pen: float = PEN,
) -> Gray:
    """Frame a raster drawing as `fit_strokes` and `rasterise` frame strokes.

    gray: (H, W), 0 black to 255 white, of any paper: the paper's shade is fitted and taken away,
    and light ink on dark paper is inverted. The ink is cropped, centred on a square with the
    margin, and its lines are brought to the pen's width, so that a small drawing on a large
    canvas and a large scan with thin lines come out alike.
    threshold: share of the strongest ink's contrast at which a pixel counts as ink, in (0, 1).
    Returns uint8 (size, size), black on white. Raises ValueError("the drawing is empty") where no
    ink stands out from the paper.
    """
    _check_picture(size, pen)
    if gray.ndim != 2 or 0 in gray.shape:
        raise ValueError(f"a grey picture has shape (H, W), not {gray.shape}")
    if not 0 < threshold < 1:
        raise ValueError(f"threshold is {threshold}; it must lie between 0 and 1")
    if not 0 <= margin < 0.5:
        raise ValueError(f"margin is {margin}; it must be at least 0 and below 0.5")
    rows, columns = np.nonzero(_ink_mask(gray.astype(np.float32), threshold))
    top, left = rows.min(), columns.min()
    height, width = int(rows.max() - top) + 1, int(columns.max() - left) + 1
    side = size * _fineness(size)
    # The pen's width counts as ink in a raster but not in strokes, hence the pen in the inset.
    inset = max(0.0, margin - pen / 2) * side
    scale = (side - 2 * inset) / max(height, width)
    canvas = np.zeros((height, width), dtype=bool)
    canvas[rows - top, columns - left] = True
    ink = np.zeros((side, side), dtype=bool)
    placed = _rescaled(canvas, scale)
    y, x = (side - placed.shape[0]) // 2, (side - placed.shape[1]) // 2
    ink[y : y + placed.shape[0], x : x + placed.shape[1]] = placed
    framed = _with_pen(ink, pen * side).astype(np.uint8) * np.uint8(255)
    return _reduced(framed, side // size)


def _check_picture(size: int, pen: float) -> None:
    if size < 1:
        raise ValueError(f"size is {size}; it must be at least 1")
    if not 0 < pen <= 1:
        raise ValueError(f"pen is {pen}; it must be above 0 and at most 1")


def _fineness(size: int) -> int:
    """How many times larger a picture is drawn before it is averaged down."""
    return max(3, min(8, round(384 / size)))


def _thickened(ink: Ink, radius: float) -> Ink:
    """Every ink pixel grown to a disc: by row of the disc, each row a run as wide as the circle."""
    out, wide = ink.copy(), ink
    height, width = ink.shape
    reach = 0
    for dy in range(min(int(radius), height - 1), -1, -1):
        half = min(int((radius * radius - dy * dy) ** 0.5), width - 1)
        if half > reach:
            wide = wide.copy()
            for dx in range(reach + 1, half + 1):
                wide[:, dx:] |= ink[:, : width - dx]
                wide[:, : width - dx] |= ink[:, dx:]
            reach = half
        if dy == 0:
            return out | wide
        out[dy:] |= wide[: height - dy]
        out[: height - dy] |= wide[dy:]
    return out


def _reduced(ink: Gray, times: int) -> Gray:
    """Fine ink (255 on 0) averaged down to black on white."""
    coarse = np.asarray(Image.fromarray(ink).reduce(times))
    return (255 - coarse).astype(np.uint8)


def _paper(gray: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The paper's shade at every pixel: a quadratic surface fitted to what is not ink.

    A surface of low order follows the light on a photographed page and cannot follow a filled
    shape, which a local average would take for paper.
    """
    step = max(1, min(gray.shape) // 48)
    coarse = gray[step // 2 :: step, step // 2 :: step]
    y, x = np.mgrid[-1 : 1 : coarse.shape[0] * 1j, -1 : 1 : coarse.shape[1] * 1j]
    terms = _surface(y.ravel(), x.ravel())
    values = coarse.ravel()
    border = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    guess = np.full_like(values, np.median(border))
    for spread in (60.0, 35.0, 20.0, 20.0):
        near = np.abs(values - guess) < spread
        if near.sum() < 4 * terms.shape[1]:
            break
        weights, *_ = np.linalg.lstsq(terms[near], values[near], rcond=None)
        guess = (terms @ weights).astype(np.float32)
    else:
        rows = np.linspace(-1, 1, gray.shape[0])[:, None]
        columns = np.linspace(-1, 1, gray.shape[1])[None, :]
        a, b, c, d, e, f = weights
        surface = a + b * rows + c * columns + d * rows * columns + e * rows**2 + f * columns**2
        return surface.astype(np.float32)
    return np.full_like(gray, np.median(border))


def _surface(y: npt.NDArray[np.float64], x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.stack([np.ones_like(x), y, x, y * x, y * y, x * x], axis=1)


def _ink_mask(gray: npt.NDArray[np.float32], threshold: float) -> Mask:
    """Which pixels are ink, specks of a lone pixel left out."""
    contrast = _paper(gray) - gray
    dark, light = np.quantile(contrast, 0.9995), -np.quantile(contrast, 0.0005)
    # A drawing of one thin line fills less than a two-thousandth of a large canvas.
    dark, light = max(dark, 0.6 * contrast.max()), max(light, -0.6 * contrast.min())
    if light > 1.5 * dark:
        contrast, dark = -contrast, light
    if dark < 24:
        raise ValueError("the drawing is empty")
    ink: Mask = contrast > threshold * dark
    padded = np.pad(ink, 1).astype(np.uint8)
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    around = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]
    steady: Mask = ink & (around >= 3)
    return steady if steady.any() else ink


def _rescaled(ink: Mask, scale: float) -> Mask:
    """A mask resized; thin lines survive: a shrunk pixel is ink where any of its parts is."""
    height = max(1, round(ink.shape[0] * scale))
    width = max(1, round(ink.shape[1] * scale))
    if scale >= 1:
        smooth = Image.fromarray(ink.astype(np.uint8) * 255)
        resized = smooth.resize((width, height), Image.Resampling.BICUBIC)
        return np.asarray(resized) > 127
    out = np.zeros((height, width), dtype=bool)
    rows, columns = np.nonzero(ink)
    y = np.minimum((rows * scale).astype(np.intp), height - 1)
    x = np.minimum((columns * scale).astype(np.intp), width - 1)
    out[y, x] = True
    return out


def _with_pen(ink: Mask, width: float) -> Mask:
    """Lines of a mask thickened or thinned to a width in pixels."""
    excess = _line_width(ink) - width
    if excess > _WIDEST * len(ink):
        return ink
    if excess > 0:
        ink = _thinned(ink, round(excess / 2 + 0.5))
        excess = _line_width(ink) - width
    return _thickened(ink, max(0.0, 0.5 - excess / 2))


def _line_width(ink: Mask) -> float:
    """The typical width of the lines: a low quantile of the runs of ink along rows and columns.

    Runs are counted, not pixels, so a few long runs of a filled shape weigh little.
    """
    runs = []
    for mask in (ink, ink.T):
        edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1).ravel()
        runs.append(np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1))
    return float(np.quantile(np.concatenate(runs), 0.35))


def _thinned(ink: Mask, passes: int) -> Mask:
    """Lines peeled by a pixel on each side in each pass, never torn (Zhang and Suen, 1984)."""
    out = np.pad(ink, 1)
    flat, wide = out.reshape(-1), out.shape[1]
    ring = np.array([-wide, 1 - wide, 1, 1 + wide, wide, wide - 1, -1, -1 - wide])
    inked = np.flatnonzero(flat)
    for _ in range(passes):
        for goes in _peeled():
            around = np.packbits(flat[inked[:, None] + ring], axis=1, bitorder="little")
            peel = goes[around[:, 0]]
            flat[inked[peel]] = False
            inked = inked[~peel]
    return out[1:-1, 1:-1]


@cache
def _peeled() -> tuple[Mask, Mask]:
    """Whether a pixel goes, by its neighbours: bits from north clockwise, north the lowest.

    First for pixels whose south or east is open, then for those whose north or west is.
    """
    numbers = np.arange(256, dtype=np.uint8)[:, None]
    ring = np.unpackbits(numbers, axis=1, bitorder="little").astype(bool)
    n, _, e, _, s, _, w, _ = ring.T
    count = ring.sum(axis=1)
    turns = (~ring & np.roll(ring, -1, axis=1)).sum(axis=1)
    edge = (count >= 2) & (count <= 6) & (turns == 1)
    return edge & ~(e & s & (n | w)), edge & ~(n & w & (e | s))
