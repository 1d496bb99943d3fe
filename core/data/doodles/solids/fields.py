"""Solids as signed-distance fields with bounding boxes: primitives and combinators.

Points are arrays (3, N), float32; y is up, z looks at the camera, a thing is about 2 units tall.
A field returns (N,) distances, negative inside. They are lower bounds of the true distance where
a combinator cannot be exact (blend, cut, stretch), so a ray that walks them never steps through.
The formulas are Inigo Quilez's, "Distance functions" (iquilezles.org).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# The elements are float32 at run time; sums of arrays and plain numbers confuse checkers.
Array = NDArray[Any]
Field = Callable[[Array], Array]
Vec = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Solid:
    """A distance field and the box (low, high) that holds its surface."""

    field: Field
    low: Vec
    high: Vec


def _solid(field: Field, low: Sequence[float] | Array, high: Sequence[float] | Array) -> Solid:
    return Solid(
        field,
        (float(low[0]), float(low[1]), float(low[2])),
        (float(high[0]), float(high[1]), float(high[2])),
    )


def _norm2(x: Array, y: Array) -> Array:
    return np.sqrt(x * x + y * y)


def norm3(p: Array) -> Array:
    """Lengths (N,) of the columns of p (3, N)."""
    q = p * p
    length: Array = q[0]
    length += q[1]
    length += q[2]
    return np.sqrt(length, out=length)


def ball(radius: float) -> Solid:
    """A sphere around the origin."""
    return _solid(lambda p: norm3(p) - radius, [-radius] * 3, [radius] * 3)


def ellipsoid(rx: float, ry: float, rz: float) -> Solid:
    """An ellipsoid with the three half axes; the distance is first-order exact."""
    inv = np.array([[1 / rx], [1 / ry], [1 / rz]], np.float32)

    def field(p: Array) -> Array:
        q = p * inv
        k0 = norm3(q)
        q *= inv
        k1 = norm3(q)
        np.maximum(k1, 1e-6, out=k1)
        np.divide(k0, k1, out=k1)
        k0 -= 1
        k1 *= k0
        return k1

    return _solid(field, (-rx, -ry, -rz), (rx, ry, rz))


def block(hx: float, hy: float, hz: float, edge: float = 0.02) -> Solid:
    """A box with half sizes hx, hy, hz and edges rounded by `edge`."""
    edge = min(edge, hx, hy, hz)
    half = np.array([[hx - edge], [hy - edge], [hz - edge]], np.float32)

    def field(p: Array) -> Array:
        q = np.abs(p)
        q -= half
        d = np.maximum(np.maximum(q[0], q[1]), q[2])
        np.minimum(d, 0, out=d)
        d += norm3(np.maximum(q, 0, out=q))
        d -= edge
        return d

    return _solid(field, (-hx, -hy, -hz), (hx, hy, hz))


def rod(a: Vec, b: Vec, ra: float, rb: float | None = None) -> Solid:
    """A capsule from a to b; its radius goes from ra to rb."""
    return chain([a, b], [ra, ra if rb is None else rb])


def chain(points: Sequence[Vec], radii: float | Sequence[float]) -> Solid:
    """Capsules along a path, one after the other; `radii` is one number or one a point."""
    path = np.asarray(points, np.float32)
    width = np.array(np.broadcast_to(np.asarray(radii, np.float32), (len(path),)))
    start, along = path[:-1], path[1:] - path[:-1]
    square = (along * along).sum(axis=1)[:, None] + 1e-9
    # One product gives every segment's share h of the way along it, and 2·start·p.
    factors = np.concatenate([along / square, 2 * start])
    begun = (along * start).sum(axis=1)[:, None] / square
    base = (start * start).sum(axis=1)[:, None]
    thick, grow = width[:-1, None], np.diff(width)[:, None]
    count = len(start)

    def field(p: Array) -> Array:
        product = factors @ p
        h, d = product[:count], product[count:]
        h -= begun
        off = h * (2 * square)
        np.minimum(np.maximum(h, 0, out=h), 1, out=h)
        q = p * p
        np.subtract(q[0] + q[1] + q[2] + base, d, out=d)
        off -= square * h
        off *= h
        d -= off
        np.sqrt(np.maximum(d, 0, out=d), out=d)
        h *= grow
        h += thick
        d -= h
        return d[0] if count == 1 else d.min(axis=0)

    reach = width[:, None]
    return _solid(field, (path - reach).min(axis=0), (path + reach).max(axis=0))


def ring(radius: float, thickness: float, axis: int = 2) -> Solid:
    """A torus around the given axis (0 x, 1 y, 2 z)."""
    j, k = (axis + 1) % 3, (axis + 2) % 3
    high = [radius + thickness] * 3
    high[axis] = thickness

    def field(p: Array) -> Array:
        return _norm2(_norm2(p[j], p[k]) - radius, p[axis]) - thickness

    return _solid(field, [-h for h in high], high)


def disc(radius: float, half: float, edge: float = 0.01, axis: int = 1) -> Solid:
    """A cylinder of half height `half` along the axis, its rims rounded by `edge`."""
    j, k = (axis + 1) % 3, (axis + 2) % 3
    edge = min(edge, half, radius)
    high = [radius] * 3
    high[axis] = half

    def field(p: Array) -> Array:
        dr = _norm2(p[j], p[k]) - (radius - edge)
        dh = np.abs(p[axis]) - (half - edge)
        return (
            np.minimum(np.maximum(dr, dh), 0) + _norm2(np.maximum(dr, 0), np.maximum(dh, 0)) - edge
        )

    return _solid(field, [-h for h in high], high)


def _hull(solids: Sequence[Solid], grow: float = 0.0) -> tuple[Array, Array]:
    low = np.min([s.low for s in solids], axis=0) - grow
    high = np.max([s.high for s in solids], axis=0) + grow
    return low, high


def union(*solids: Solid) -> Solid:
    """All the solids together."""

    def field(p: Array) -> Array:
        best = solids[0].field(p)
        for solid in solids[1:]:
            best = np.minimum(best, solid.field(p), out=best)
        return best

    return _solid(field, *_hull(solids))


def blend(radius: float, *solids: Solid) -> Solid:
    """All the solids melted into one another over about `radius` (polynomial smooth minimum)."""

    def field(p: Array) -> Array:
        best = solids[0].field(p)
        for solid in solids[1:]:
            d = solid.field(p)
            h = np.abs(best - d)
            np.subtract(radius, h, out=h)
            np.maximum(h, 0, out=h)
            h *= h
            h *= 0.25 / radius
            best = np.minimum(best, d, out=best)
            best -= h
        return best

    return _solid(field, *_hull(solids, radius * 0.1))


def cut(solid: Solid, *tools: Solid) -> Solid:
    """The solid without what lies in the tools."""

    def field(p: Array) -> Array:
        d = solid.field(p)
        for tool in tools:
            d = np.maximum(d, -tool.field(p))
        return d

    return Solid(field, solid.low, solid.high)


def common(solid: Solid, other: Solid) -> Solid:
    """What lies in both solids."""
    low, high = np.maximum(solid.low, other.low), np.minimum(solid.high, other.high)
    return _solid(lambda p: np.maximum(solid.field(p), other.field(p)), low, high)


def shell(solid: Solid, thickness: float) -> Solid:
    """The skin of the solid, `thickness` to either side of its surface."""
    low, high = _hull([solid], thickness)
    return _solid(lambda p: np.abs(solid.field(p)) - thickness, low, high)


def shift(solid: Solid, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Solid:
    """The solid moved."""
    by = np.array([[x], [y], [z]], np.float32)
    return _solid(lambda p: solid.field(p - by), by[:, 0] + solid.low, by[:, 0] + solid.high)


def rotation(x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Array:
    """The matrix (3, 3) that turns by x, then y, then z degrees about the axes."""
    cx, cy, cz = np.cos(np.radians([x, y, z]))
    sx, sy, sz = np.sin(np.radians([x, y, z]))
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return (about_z @ about_y @ about_x).astype(np.float32)


def corners(solid: Solid) -> Array:
    """The corners (3, 8) of the solid's box."""
    grid = np.meshgrid(*zip(solid.low, solid.high, strict=True), indexing="ij")
    return np.stack([g.ravel() for g in grid]).astype(np.float32)


def turn(solid: Solid, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Solid:
    """The solid turned by x, then y, then z degrees about the axes through the origin."""
    matrix = rotation(x, y, z)
    box = matrix @ corners(solid)
    back = np.ascontiguousarray(matrix.T)
    return _solid(lambda p: solid.field(back @ p), box.min(axis=1), box.max(axis=1))


def stretch(solid: Solid, x: float = 1.0, y: float = 1.0, z: float = 1.0) -> Solid:
    """The solid scaled along the axes; distances shrink with the least factor."""
    by = np.array([[x], [y], [z]], np.float32)
    least = min(x, y, z)
    return _solid(
        lambda p: solid.field(p / by) * least, by[:, 0] * solid.low, by[:, 0] * solid.high
    )


def mirror(solid: Solid, axis: int = 0) -> Solid:
    """The solid, modelled on the positive side of the axis, and its mirror image."""
    low = list(solid.low)
    low[axis] = -solid.high[axis]

    def field(p: Array) -> Array:
        q = p.copy()
        q[axis] = np.abs(q[axis])
        return solid.field(q)

    return _solid(field, low, solid.high)


def fan(solid: Solid, count: int, axis: int = 2) -> Solid:
    """`count` copies around the axis; the one modelled lies towards the next axis (x for z)."""
    j, k = (axis + 1) % 3, (axis + 2) % 3
    step = 2 * np.pi / count
    box = corners(solid)
    reach = float(np.sqrt(box[j] ** 2 + box[k] ** 2).max())
    low, high = [-reach] * 3, [reach] * 3
    low[axis], high[axis] = solid.low[axis], solid.high[axis]

    def field(p: Array) -> Array:
        angle = np.arctan2(p[k], p[j])
        angle -= step * np.round(angle / step)
        radius = _norm2(p[j], p[k])
        q = np.empty_like(p)
        q[j], q[k], q[axis] = radius * np.cos(angle), radius * np.sin(angle), p[axis]
        return solid.field(q)

    return _solid(field, low, high)


def ripple(solid: Solid, wave: Field, depth: float) -> Solid:
    """The solid pushed out by depth·wave(p), |wave| <= 1; for ribs, dents and fur."""
    low, high = _hull([solid], depth)
    return _solid(lambda p: (solid.field(p) - depth * wave(p)) * 0.8, low, high)
