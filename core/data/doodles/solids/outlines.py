"""Outlines in the plane and the solids made of them: extruded, or spun about the y axis.

An outline is a sequence of (x, y) pairs. Its distance field is baked once into a small grid and
read back by bilinear interpolation, so that a solid costs the same whatever its outline.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.data.doodles.solids.fields import Array, Solid

Points = Sequence[tuple[float, float]]
GRID = 72


def curve(points: Points, *, closed: bool = True, steps: int = 5) -> list[tuple[float, float]]:
    """A Catmull-Rom curve through the points, `steps` pieces between two of them."""
    p = np.asarray(points, np.float64)
    if closed:
        p = np.concatenate([p[-1:], p, p[:2]])
    else:
        p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    found = []
    for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True):
        found.append(
            0.5
            * (
                2 * b
                + (c - a) * t
                + (2 * a - 5 * b + 4 * c - d) * t**2
                + (3 * b - a - 3 * c + d) * t**3
            )
        )
    if not closed:
        found.append(p[-2:-1])
    return [(float(x), float(y)) for x, y in np.concatenate(found)]


def circle(radius: float, x: float = 0.0, y: float = 0.0, n: int = 24) -> list[tuple[float, float]]:
    """A circle as an outline of n points."""
    a = np.arange(n) * (2 * np.pi / n)
    return [
        (float(u), float(v))
        for u, v in zip(x + radius * np.cos(a), y + radius * np.sin(a), strict=True)
    ]


class Grid:
    """A table (H, W) of numbers read between its entries, bilinearly."""

    def __init__(self, table: Array) -> None:
        height, width = table.shape
        # A cell holds a, b, c, d of a + b·u + c·v + d·u·v, so that one gather reads all of it.
        cells = np.empty((height - 1, width - 1, 4), np.float32)
        cells[:, :, 0] = table[:-1, :-1]
        np.subtract(table[:-1, 1:], table[:-1, :-1], out=cells[:, :, 1])
        np.subtract(table[1:, :-1], table[:-1, :-1], out=cells[:, :, 2])
        np.subtract(table[1:, 1:] - table[1:, :-1], cells[:, :, 1], out=cells[:, :, 3])
        self._cells = cells.reshape(-1, 4)
        self._width = width - 1
        self._right, self._bottom = np.float32(width - 1.001), np.float32(height - 1.001)

    def __call__(self, column: Array, row: Array) -> Array:
        """Values (N,) at fractional columns and rows, clamped to the table."""
        u, v = np.maximum(column, 0), np.maximum(row, 0)
        np.minimum(u, self._right, out=u)
        np.minimum(v, self._bottom, out=v)
        at, across = np.floor(v), np.floor(u)
        u -= across
        v -= at
        at *= self._width
        at += across
        return self.within(at.astype(np.intp), u, v)

    def within(self, at: NDArray[np.intp], u: Array, v: Array) -> Array:
        """Values (N,) in the cells at (row by row), at shares u, v of their width and height."""
        cell = self._cells.take(at, axis=0, mode="clip")
        value = cell[:, 3] * u
        value += cell[:, 2]
        value *= v
        value += cell[:, 0]
        value += np.multiply(cell[:, 1], u)
        return value


def _distances(points: Array, x: Array, y: Array, *, closed: bool) -> Array:
    """Distances (H, W) to an outline from the columns x (W,) and rows y (H,) of a table.

    Signed where the outline is closed (even-odd), else unsigned.
    """
    ends = np.roll(points, -1, axis=0) if closed else points[1:]
    best = np.full((len(y), len(x)), np.inf, np.float32)
    share, dx, dy = np.empty((3, *best.shape), np.float32)
    inside = np.zeros(best.shape, bool)
    for (ax, ay), (bx, by) in zip(points, ends, strict=False):
        ex, ey = bx - ax, by - ay
        px, py = x - ax, (y - ay)[:, None]
        square = ex * ex + ey * ey + np.float32(1e-12)
        np.add(px * (ex / square), py * (ey / square), out=share)
        np.minimum(np.maximum(share, 0, out=share), 1, out=share)
        np.subtract(px, np.multiply(share, ex, out=dx), out=dx)
        np.subtract(py, np.multiply(share, ey, out=dy), out=dy)
        dx *= dx
        dy *= dy
        dx += dy
        np.minimum(best, dx, out=best)
        if closed and ay != by:
            first, last = np.searchsorted(y, (min(ay, by), max(ay, by)))
            inside[first:last] ^= px < py[first:last] * (ex / ey)
    np.sqrt(best, out=best)
    return np.where(inside, -best, best) if closed else best


class Flat:
    """The baked distance field of an outline in the plane.

    `closed` outlines are signed; open ones are thickened by `pen` to either side.
    """

    def __init__(
        self, points: Points, *, closed: bool = True, pen: float = 0.0, half: bool = False
    ) -> None:
        path = np.asarray(points, np.float32)
        self.low = path.min(axis=0) - pen
        self.high = path.max(axis=0) + pen
        margin = 0.06 * float((self.high - self.low).max())
        start, stop = self.low - margin, self.high + margin
        if half:
            start[0] = 0.0
        cell = float((stop - start).max()) / (GRID - 1)
        count = np.ceil((stop - start) / cell).astype(int) + 1
        x = start[0] + cell * np.arange(count[0], dtype=np.float32)
        y = start[1] + cell * np.arange(count[1], dtype=np.float32)
        baked = _distances(path, x, y, closed=closed) - np.float32(pen)
        self._grid = Grid(baked)
        self._start, self._cell = start, np.float32(cell)
        self._last = np.float32(count[0] - 1), np.float32(count[1] - 1)

    def __call__(self, x: Array, y: Array) -> Array:
        """Signed distances (N,) at the points x, y (N,)."""
        column, row = x - self._start[0], y - self._start[1]
        column /= self._cell
        row /= self._cell
        d = self._grid(column, row)
        column -= np.minimum(np.maximum(column, 0), self._last[0])
        row -= np.minimum(np.maximum(row, 0), self._last[1])
        column *= column
        row *= row
        column += row
        at = np.flatnonzero(column)
        if len(at):
            near = np.maximum(d[at], 0)
            d[at] = np.sqrt(near * near + column[at] * self._cell**2)
        return d


def extrude(points: Points, half: float, edge: float = 0.02, *, pen: float = 0.0) -> Solid:
    """A plate with the outline in x, y, 2·half thick in z, its edges rounded by `edge`.

    With `pen` the outline is an open line, drawn that thick to either side.
    """
    flat = Flat(points, closed=pen == 0, pen=pen)
    edge = min(edge, half)

    def field(p: Array) -> Array:
        dx = flat(p[0], p[1])
        dx += edge
        dz = np.abs(p[2])
        dz -= half - edge
        d = np.maximum(dx, dz)
        np.minimum(d, 0, out=d)
        np.maximum(dx, 0, out=dx)
        np.maximum(dz, 0, out=dz)
        dx *= dx
        dz *= dz
        dx += dz
        d += np.sqrt(dx, out=dx)
        d -= edge
        return d

    (x0, y0), (x1, y1) = flat.low.tolist(), flat.high.tolist()
    return Solid(field, (x0, y0, -half), (x1, y1, half))


def spin(points: Points, *, pen: float = 0.0) -> Solid:
    """A solid of revolution about y; the points are (radius, height), from end to end of the axis.

    With `pen` it is a thin wall along the points (a cup, a glass), open where they are.
    """
    half = list(points)
    if pen == 0:
        half = half + [(-r, y) for r, y in reversed(half)]
    flat = Flat(half, closed=pen == 0, pen=pen, half=True)
    reach = float(flat.high[0])

    def field(p: Array) -> Array:
        r = p[0] * p[0]
        r += p[2] * p[2]
        return flat(np.sqrt(r, out=r), p[1])

    return Solid(field, (-reach, float(flat.low[1]), -reach), (reach, float(flat.high[1]), reach))
