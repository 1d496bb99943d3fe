"""Outlines in the plane and the solids made of them: extruded, or spun about the y axis.

An outline is a sequence of (x, y) pairs. Its distance field is baked once into a small grid and
read back by bilinear interpolation, so that a solid costs the same whatever its outline.
"""

from collections.abc import Sequence

import numpy as np

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


def read_grid(grid: Array, column: Array, row: Array) -> Array:
    """Bilinear values (N,) of grid (H, W) at fractional columns and rows, clamped to it."""
    height, width = grid.shape
    column = np.minimum(np.maximum(column, 0), np.float32(width - 1.001))
    row = np.minimum(np.maximum(row, 0), np.float32(height - 1.001))
    ix = column.astype(np.int32)
    iy = row.astype(np.int32)
    fx = column - ix
    fy = row - iy
    flat = grid.ravel()
    at = iy * width + ix
    top = flat.take(at)
    top += fx * (flat.take(at + 1) - top)
    at += width
    bottom = flat.take(at)
    bottom += fx * (flat.take(at + 1) - bottom)
    top += fy * (bottom - top)
    return top


def _distances(points: Array, x: Array, y: Array, *, closed: bool) -> Array:
    """Distances (N,) to an outline: signed where it is closed (even-odd), else unsigned."""
    ends = np.roll(points, -1, axis=0) if closed else points[1:]
    best = np.full(x.shape, np.inf, np.float32)
    inside = np.zeros(x.shape, bool)
    for (ax, ay), (bx, by) in zip(points, ends, strict=False):
        ex, ey = bx - ax, by - ay
        px, py = x - ax, y - ay
        h = np.clip((px * ex + py * ey) / (ex * ex + ey * ey + 1e-12), 0, 1)
        dx, dy = px - ex * h, py - ey * h
        np.minimum(best, dx * dx + dy * dy, out=best)
        if closed and ay != by:
            crosses = (y >= min(ay, by)) & (y < max(ay, by))
            inside ^= crosses & (px < py * (ex / ey))
    best = np.sqrt(best)
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
        mesh_x, mesh_y = np.meshgrid(x, y)
        self._grid = _distances(path, mesh_x, mesh_y, closed=closed).astype(np.float32) - pen
        self._start, self._cell = start, cell
        self._last = (float(count[0] - 1), float(count[1] - 1))

    def __call__(self, x: Array, y: Array) -> Array:
        """Signed distances (N,) at the points x, y (N,)."""
        column = (x - self._start[0]) / self._cell
        row = (y - self._start[1]) / self._cell
        d = read_grid(self._grid, column, row)
        over = np.maximum(np.maximum(-column, column - self._last[0]), 0)
        above = np.maximum(np.maximum(-row, row - self._last[1]), 0)
        away = over * over + above * above
        if away.any():
            beyond = np.sqrt(np.maximum(d, 0) ** 2 + away * self._cell**2)
            d = np.where(away > 0, beyond, d)
        return d


def extrude(points: Points, half: float, edge: float = 0.02, *, pen: float = 0.0) -> Solid:
    """A plate with the outline in x, y, 2·half thick in z, its edges rounded by `edge`.

    With `pen` the outline is an open line, drawn that thick to either side.
    """
    flat = Flat(points, closed=pen == 0, pen=pen)
    edge = min(edge, half)

    def field(p: Array) -> Array:
        dx = flat(p[0], p[1]) + edge
        dz = np.abs(p[2]) - (half - edge)
        out = np.sqrt(np.maximum(dx, 0) ** 2 + np.maximum(dz, 0) ** 2)
        return np.minimum(np.maximum(dx, dz), 0) + out - edge

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
        return flat(np.sqrt(p[0] * p[0] + p[2] * p[2]), p[1])

    return Solid(field, (-reach, float(flat.low[1]), -reach), (reach, float(flat.high[1]), reach))
