"""The pen of the figures: lines, loops, ovals, curves and boxes, and the dice that vary them.

A figure is a function of the dice that returns ideal strokes in any units, x right, y down. The
hand (`core.data.doodles.hand`) makes them human, fits them and may mirror them.
"""

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Path = npt.NDArray[np.float64]
Point = tuple[float, float]
T = TypeVar("T")


class Dice:
    """Random choices in the few shapes that figures need; numbers are drawn in blocks for speed."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self._stock: list[float] = []

    def roll(self) -> float:
        """A number in [0, 1)."""
        if not self._stock:
            self._stock = self.rng.random(64).tolist()
        return self._stock.pop()

    def u(self, low: float, high: float) -> float:
        """A number between two bounds."""
        return low + (high - low) * self.roll()

    def n(self, low: int, high: int) -> int:
        """A whole number between two bounds, both included."""
        return low + int(self.roll() * (high - low + 1))

    def yes(self, chance: float) -> bool:
        """True with a given chance."""
        return self.roll() < chance

    def one(self, options: Sequence[T]) -> T:
        """One of the options, each as likely."""
        return options[int(self.roll() * len(options))]

    def style(self, *weights: float) -> int:
        """The index of a weighted choice."""
        left = self.roll() * sum(weights)
        for index, weight in enumerate(weights):
            left -= weight
            if left < 0:
                return index
        return len(weights) - 1


Figure = Callable[[Dice], list[Path]]


def line(*points: Point) -> Path:
    """Straight lines from point to point."""
    return np.array(points, dtype=np.float64)


def loop(*points: Point) -> Path:
    """Straight lines from point to point and back to the first."""
    return np.array((*points, points[0]), dtype=np.float64)


def box(left: float, top: float, right: float, bottom: float, lean: float = 0.0) -> Path:
    """A rectangle; lean moves its upper edge sideways."""
    return loop((left + lean, top), (right + lean, top), (right, bottom), (left, bottom))


def oval(
    x: float,
    y: float,
    rx: float,
    ry: float | None = None,
    start: float = 0.0,
    turns: float = 1.0,
    tilt: float = 0.0,
) -> Path:
    """An ellipse or an arc of one; start and turns count in full turns, clockwise from the right.

    tilt: rotation of the ellipse in radians.
    """
    ry = rx if ry is None else ry
    count = max(6, int(26 * abs(turns)))
    angle = np.linspace(2 * math.pi * start, 2 * math.pi * (start + turns), count)
    dx, dy = rx * np.cos(angle), ry * np.sin(angle)
    cos, sin = math.cos(tilt), math.sin(tilt)
    return np.stack([x + dx * cos - dy * sin, y + dx * sin + dy * cos], axis=1)


_STEPS = np.linspace(0, 1, 6)[:-1]
_BASIS = np.stack([np.ones(5), _STEPS, _STEPS**2, _STEPS**3], axis=1) @ np.array(
    [[0, 1, 0, 0], [-0.5, 0, 0.5, 0], [1, -2.5, 2, -0.5], [-0.5, 1.5, -1.5, 0.5]]
)


def curve(*points: Point) -> Path:
    """A smooth line through all points (Catmull and Rom, 1974)."""
    knots = np.array((points[0], *points, points[-1]), dtype=np.float64)
    return np.concatenate([_through(knots), knots[-1:]])


def blob(*points: Point) -> Path:
    """A smooth closed line through all points."""
    knots = np.array((points[-1], *points, points[0], points[1]), dtype=np.float64)
    return np.concatenate([_through(knots), knots[1:2]])


def _through(knots: Path) -> Path:
    windows = np.stack([knots[:-3], knots[1:-2], knots[2:-1], knots[3:]], axis=1)
    return (_BASIS @ windows).reshape(-1, 2)


def join(*paths: Path) -> Path:
    """One stroke drawn through several without lifting the pen."""
    return np.concatenate(paths)


def polar(x: float, y: float, radius: float, turn: float) -> Point:
    """The point at a distance and an angle in full turns, clockwise from the right."""
    angle = 2 * math.pi * turn
    return x + radius * math.cos(angle), y + radius * math.sin(angle)


def dot(x: float, y: float, radius: float = 0.006) -> Path:
    """A point made with the pen."""
    return np.array([(x - radius, y), (x + radius, y + radius)], dtype=np.float64)


def turned(paths: list[Path], angle: float, x: float = 0.0, y: float = 0.0) -> list[Path]:
    """Strokes rotated clockwise by an angle in radians about a point."""
    cos, sin = math.cos(angle), math.sin(angle)
    matrix = np.array([[cos, sin], [-sin, cos]])
    centre = np.array([x, y])
    return [(path - centre) @ matrix + centre for path in paths]


def upside_down(paths: list[Path]) -> list[Path]:
    """Strokes flipped top to bottom."""
    return [path * (1.0, -1.0) for path in paths]


def spread(count: int, low: float, high: float) -> list[float]:
    """Numbers at even steps between two bounds, both left out."""
    return [low + (high - low) * (i + 1) / (count + 1) for i in range(count)]


def bumps(start: Point, end: Point, count: int, depth: float) -> Path:
    """A row of rounded scallops from one point to another; depth as a share of their width."""
    (x0, y0), (x1, y1) = start, end
    t = np.linspace(0, 1, count * 7 + 1)
    along = np.abs(np.sin(np.pi * count * t)) * depth / count
    return np.stack(
        [x0 + (x1 - x0) * t + (y1 - y0) * along, y0 + (y1 - y0) * t - (x1 - x0) * along], axis=1
    )


def spikes(start: Point, end: Point, count: int, height: float, dice: Dice) -> list[Point]:
    """Corners of a zigzag between two points: valleys on the line, peaks beside it."""
    (x0, y0), (x1, y1) = start, end
    points = [start]
    for i in range(count):
        peak, valley = (i + dice.u(0.35, 0.65)) / count, (i + 1) / count
        h = height * dice.u(0.8, 1.2)
        points.append(
            (x0 + (x1 - x0) * peak + (y1 - y0) * h, y0 + (y1 - y0) * peak - (x1 - x0) * h)
        )
        points.append((x0 + (x1 - x0) * valley, y0 + (y1 - y0) * valley))
    return points


def scribble(path: Path, dice: Dice, gap: float = 0.08) -> list[Path]:
    """Hatching inside a closed stroke: a zigzag across it, gap as a share of its height."""
    angle = dice.u(0, math.pi)
    outline = turned([path], angle)[0]
    top, bottom = float(outline[:, 1].min()), float(outline[:, 1].max())
    start, end = outline[:-1], outline[1:]
    points: list[Point] = []
    for i, y in enumerate(np.arange(top, bottom, max(gap * (bottom - top), 1e-6))[1:]):
        crossed = (start[:, 1] <= y) != (end[:, 1] <= y)
        if not crossed.any():
            continue
        a, b = start[crossed], end[crossed]
        x = a[:, 0] + (y - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0])
        points.append((float(x.min() if i % 2 else x.max()), float(y)))
    return turned([line(*points)], -angle) if len(points) > 1 else []
