"""The hand: ideal strokes become what a person draws in ten seconds."""

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from core.data.doodles.figures.pen import Dice, Path, line, polar, scribble
from core.data.strokes import Strokes, fit_strokes

Series = npt.NDArray[np.float64]

_STEP = 0.045
"""Spacing of the drawn points, as a share of the figure's longer side."""
_CORNERS = 24
"""Strokes of at most this many points are taken for corners, which stay sharp."""


def by_hand(paths: list[Path], dice: Dice) -> Strokes:
    """Draw ideal strokes as a hurried person does; returns them in the unit square.

    Strokes come out of place, out of proportion and out of shape: they start anywhere on a closed
    outline, miss or pass its end, drift, round corners; now and then one is drawn twice, shaded,
    or the drawing is left unfinished. The whole is mirrored, turned by up to 12 degrees, sheared,
    stretched and bent.
    """
    haste = 0.25 + 0.75 * dice.roll() ** 1.5
    paths = _normalised(paths)
    if dice.yes(0.02):
        paths = [*paths, *scribble(max(paths, key=_extent), dice, dice.u(0.05, 0.12))]
    if dice.yes(0.06):
        paths = [*paths, dice.one(paths)]
    if dice.yes(0.03):
        paths = [*paths, _stray(dice)]
    if dice.yes(0.04):
        paths = _unfinished(paths, dice.u(0.65, 0.97))
    points, owner, progress = _redrawn(paths, haste, dice)
    points = _out_of_place(points, owner, len(paths), haste, dice.rng)
    points = _drifted(points, owner, progress, len(paths), haste, dice.rng)
    points = _bent(_warped(points, haste, dice.rng), haste, dice)
    ends = np.flatnonzero(np.diff(owner)) + 1
    return fit_strokes(np.split(points.astype(np.float32), ends))


def _stray(dice: Dice) -> Path:
    """A mark made by mistake beside the drawing."""
    x, y = polar(0.0, 0.0, dice.u(0.5, 0.9), dice.roll())
    return line((x, y), polar(x, y, dice.u(0.005, 0.12) * dice.roll(), dice.roll()))


def _extent(path: Path) -> float:
    span = np.ptp(path, axis=0)
    return float(span[0] * span[1])


def _normalised(paths: list[Path]) -> list[Path]:
    """Strokes about the origin, the longer side 1."""
    points = np.concatenate(paths)
    low, high = points.min(axis=0), points.max(axis=0)
    side = float((high - low).max()) or 1.0
    return [(path - (low + high) / 2) / side for path in paths]


def _lengths(path: Path) -> Series:
    step = path[1:] - path[:-1]
    lengths: Series = np.hypot(step[:, 0], step[:, 1])
    return lengths


def _unfinished(paths: list[Path], share: float) -> list[Path]:
    """The first share of all ink: the game ends as soon as it has guessed."""
    totals = [float(_lengths(path).sum()) for path in paths]
    left = share * sum(totals)
    kept: list[Path] = []
    for path, total in zip(paths, totals, strict=True):
        if total > left:
            count = math.ceil(len(path) * left / max(total, 1e-9))
            if count >= 2:
                kept.append(path[:count])
            break
        kept.append(path)
        left -= total
    return kept or paths[:1]


def _redrawn(
    paths: list[Path], haste: float, dice: Dice
) -> tuple[Path, npt.NDArray[np.intp], Series]:
    """Points at even steps along every stroke, its stroke's number and the progress along it."""
    xs, ys, progresses = [], [], []
    step = _STEP * dice.u(0.8, 2.4)
    for path in paths:
        along = np.zeros(len(path))
        np.cumsum(_lengths(path), out=along[1:])
        total = max(float(along[-1]), 1e-9)
        gap = path[0] - path[-1]
        closed = total > 0.05 and float(gap @ gap) < (0.02 * total) ** 2
        first, last = _ends(closed, haste, dice)
        t = first + _even(max(3, min(80, int(total / step) + 4))) * (last - first)
        if 2 < len(path) <= _CORNERS:
            corners = along / total
            t = np.sort(np.concatenate([t, corners, corners + 1.0]))
            t = t[(t >= first) & (t <= last)]
        at = (t % 1.0 if closed else t) * total
        xs.append(np.interp(at, along, path[:, 0]))
        ys.append(np.interp(at, along, path[:, 1]))
        progresses.append((t - first) / (last - first))
    owner = np.repeat(np.arange(len(paths)), [len(x) for x in xs])
    points = np.stack([np.concatenate(xs), np.concatenate(ys)], axis=1)
    return points, owner, np.concatenate(progresses)


@lru_cache(maxsize=128)
def _even(count: int) -> Series:
    return np.linspace(0.0, 1.0, count)


def _ends(closed: bool, haste: float, dice: Dice) -> tuple[float, float]:
    """Where along a stroke the pen comes down and where it lifts, in strokes."""
    miss = haste * dice.u(-0.05, 0.05) * dice.roll()
    if closed:
        first = dice.roll()
        return first, first + 1.0 + miss
    return max(0.0, miss), 1.0 - max(0.0, haste * dice.u(-0.05, 0.03))


def _out_of_place(
    points: Path, owner: npt.NDArray[np.intp], count: int, haste: float, rng: np.random.Generator
) -> Path:
    """Each stroke moved, turned and resized a little about its own middle."""
    middle = (
        np.stack([np.bincount(owner, points[:, axis], count) for axis in (0, 1)], axis=1)
        / np.bincount(owner, minlength=count)[:, None]
    )
    noise = rng.standard_normal((count, 5)) * haste
    move = noise[:, :2] * 0.018
    turn = noise[:, 2] * 0.055
    grow = np.exp(noise[:, 3:] * 0.07)
    offset = points - middle[owner]
    cos, sin = np.cos(turn)[owner], np.sin(turn)[owner]
    dx, dy = offset[:, 0] * grow[owner, 0], offset[:, 1] * grow[owner, 1]
    turned = np.stack([dx * cos - dy * sin, dx * sin + dy * cos], axis=1)
    return (middle + move)[owner] + turned


def _drifted(
    points: Path,
    owner: npt.NDArray[np.intp],
    progress: Series,
    count: int,
    haste: float,
    rng: np.random.Generator,
) -> Path:
    """A slow wander along each stroke, larger for larger strokes, and rounded corners."""
    starts = np.concatenate([[0], np.flatnonzero(np.diff(owner)) + 1])
    low, high = np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)
    size = np.sqrt(((high - low) ** 2).sum(axis=1))
    wander = np.zeros_like(points)
    for wave, strength in ((0.5, 0.024), (1.0, 0.019), (2.0, 0.014), (4.0, 0.007)):
        phase = rng.uniform(0, 2 * np.pi, (count, 2))
        reach = rng.standard_normal((count, 2)) * (strength * haste * size)[:, None]
        angle = (2 * np.pi * wave) * progress[:, None] + phase[owner]
        wander += np.sin(angle) * reach[owner]
    points = points + wander
    inner = np.flatnonzero((owner[1:-1] == owner[:-2]) & (owner[1:-1] == owner[2:])) + 1
    soft = min(0.3, 0.18 * haste)
    points[inner] += soft * ((points[inner - 1] + points[inner + 1]) / 2 - points[inner])
    return points


def _warped(points: Path, haste: float, rng: np.random.Generator) -> Path:
    """Neighbouring parts pushed aside together: a sum of slow waves over the paper."""
    waves = rng.standard_normal((2, 4))
    angle = 2 * np.pi * (points @ waves + rng.random(4))
    return points + np.sin(angle) @ (0.014 * haste * rng.standard_normal((4, 2)))


def _bent(points: Path, haste: float, dice: Dice) -> Path:
    """The whole drawing mirrored, turned, sheared, stretched and bent."""
    noise = dice.rng.standard_normal(9)
    x, y = points[:, 0], points[:, 1]
    if dice.yes(0.5):
        x = -x
    bend = 0.08 * haste * noise[:6]
    x, y = (
        x + bend[0] * x * y + bend[1] * y * y + bend[2] * x * x,
        y + bend[3] * x * y + bend[4] * y * y + bend[5] * x * x,
    )
    x = x + 0.06 * noise[6] * y
    stretch = math.exp(0.13 * float(noise[7]))
    x, y = x * stretch, y / stretch
    turn = math.radians(min(12.0, max(-12.0, 4.5 * float(noise[8]))))
    cos, sin = math.cos(turn), math.sin(turn)
    return np.stack([x * cos - y * sin, x * sin + y * cos], axis=1)
