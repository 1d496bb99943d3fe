"""Rays against parts: first hits, normals, soft shadows and nearness, each part within its box.

Every part is walked on its own, by those rays alone that meet its bounding box; so a thing of many
small parts costs about as much as the pixels they cover.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.doodles.solids.fields import Array, Solid, norm3
from core.data.doodles.solids.subject import Part

FAR = 60.0
BURSTS = (4, 3, 3, 4, 5, 5)
"""Steps between two looks at which rays are done: thinning them out costs as much as a step."""
SHADOW_BURSTS = (4, 3, 2)
SMALL = 0.02
"""Parts whose two longer sides make less than this area cast no shadow worth its cost."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rays:
    """Rays from one eye, in the thing's own space."""

    origin: Array
    """(3, 1)."""
    along: Array
    """Unit directions (3, N)."""
    x: Array
    """Their positions (N,) in the image plane, and below."""
    y: Array
    rects: Sequence[tuple[float, float, float, float]]
    """Where each part's box lies in the image plane: low x, high x, low y, high y."""
    pixel: float
    """Width of a pixel at distance 1."""

    def meeting(self, part: int) -> NDArray[np.intp]:
        """Indices of the rays that may meet a part."""
        x0, x1, y0, y1 = self.rects[part]
        return np.flatnonzero((self.x > x0) & (self.x < x1) & (self.y > y0) & (self.y < y1))


def _greatest(v: Array) -> Array:
    return np.maximum(np.maximum(v[0], v[1]), v[2])


def _least(v: Array) -> Array:
    return np.minimum(np.minimum(v[0], v[1]), v[2])


def _inverse(rays: Array, least: float) -> Array:
    """One over the rays' components, none taken smaller than `least`."""
    inverse: Array = np.where(np.abs(rays) < least, np.float32(least), rays)
    return np.reciprocal(inverse, out=inverse)


def box_span(
    solid: Solid, origin: Array, rays: Array, inverse: Array | None = None
) -> tuple[Array, Array]:
    """Where rays enter and leave the solid's box, as distances (N,) along them."""
    if inverse is None:
        inverse = _inverse(rays, 1e-6)
    a = (np.array(solid.low, np.float32)[:, None] - origin) * inverse
    b = (np.array(solid.high, np.float32)[:, None] - origin) * inverse
    return _greatest(np.minimum(a, b)), _least(np.maximum(a, b))


def first_hit(solid: Solid, origin: Array, rays: Array, limit: Array, pixel: float) -> Array:
    """Distances (N,) along rays (3, N) from origin (3, 1 or N) to the solid; `limit` where missed.

    `pixel` is the width of a pixel at distance 1: a ray stops half of one short, and one that
    still creeps along a surface after the last step counts as a hit.
    """
    enter, leave = box_span(solid, origin, rays)
    np.minimum(leave, limit, out=leave)
    np.maximum(enter, 0, out=enter)
    alive = np.flatnonzero(enter < leave)
    found = limit.copy()
    if len(alive):
        start = origin if origin.shape[1] == 1 else origin.take(alive, axis=1)
        ray = rays.take(alive, axis=1)
        t = march(solid, start, ray, enter.take(alive), leave.take(alive), pixel)
        found[alive] = np.minimum(t, limit.take(alive))
    return found


def march(solid: Solid, start: Array, ray: Array, t: Array, end: Array, pixel: float) -> Array:
    """Distances (N,) of the hits on rays walked from t to `end`, infinite where there is none."""
    found = np.full(len(t), np.inf, np.float32)
    alive: NDArray[np.intp] = np.arange(len(t))
    t = t.copy()
    for turn, burst in enumerate(BURSTS):
        close = np.float32(pixel * (0.45 if turn < len(BURSTS) - 1 else 2.0))
        for _ in range(burst):
            p = ray * t
            p += start
            d = solid.field(p)
            on = d >= close * t
            d *= on  # A ray that is close enough stays where it is, or it would creep past.
            t += d
        inside = t < end
        hit = np.flatnonzero(inside & ~on)
        found[alive.take(hit)] = t.take(hit)
        inside[hit] = False
        keep = np.flatnonzero(inside)
        if not len(keep):
            break
        if len(keep) < 0.85 * len(alive):
            alive, t, end = alive.take(keep), t.take(keep), end.take(keep)
            ray = ray.take(keep, axis=1)
            if start.shape[1] > 1:
                start = start.take(keep, axis=1)
    return found


def nearest(
    parts: Sequence[Part], rays: Rays, limit: Array, *, clear: bool = True
) -> tuple[Array, NDArray[np.int16]]:
    """Distances (N,) to the first part on each ray, and its index, -1 where none is nearer.

    Clear parts count only where `clear` says so.
    """
    eye = rays.origin[:, 0]
    away = [np.linalg.norm(np.add(p.solid.low, p.solid.high) / 2 - eye) for p in parts]
    best = limit.copy()
    which = np.full(limit.shape, -1, np.int16)
    for i in np.argsort(away, kind="stable").tolist():
        if parts[i].material.clear and not clear:
            continue
        at = rays.meeting(i)
        if len(at):
            before = best[at]
            t = first_hit(
                parts[i].solid, rays.origin, rays.along.take(at, axis=1), before, rays.pixel
            )
            hit = np.flatnonzero(t < before)
            at = at.take(hit)
            best[at] = t.take(hit)
            which[at] = i
    return best, which


def normals(solid: Solid, p: Array, h: float) -> Array:
    """Unit normals (3, N) at points p (3, N), from four samples of the field h around each."""
    offsets = h * np.array([[1, -1, -1, 1], [-1, -1, 1, 1], [-1, 1, -1, 1]], np.float32)
    d = solid.field((p[:, None, :] + offsets[:, :, None]).reshape(3, -1)).reshape(4, -1)
    n: Array = offsets @ d
    n /= norm3(n) + 1e-12
    return n


def _walk_shadow(solid: Solid, start: Array, light: Array, t: Array, end: Array) -> Array:
    """Shares (M,) of the light that pass the solid, from its box's near to its far side."""
    share = np.ones(len(t), np.float32)
    alive: NDArray[np.intp] = np.arange(len(t))
    seen = np.ones(len(t), np.float32)
    for burst in SHADOW_BURSTS:
        for _ in range(burst):
            p = light * t
            p += start
            d = solid.field(p)
            ratio = d / (t + 0.05)
            ratio *= 9.0
            ratio += 0.02
            np.minimum(seen, ratio, out=seen)
            np.maximum(d, 0.04, out=d)
            t += d
        share[alive] = seen
        keep = np.flatnonzero((t < end) & (seen > 0.03))
        if not len(keep):
            break
        if len(keep) < 0.85 * len(alive):
            alive, seen = alive.take(keep), seen.take(keep)
            t, end, start = t.take(keep), end.take(keep), start.take(keep, axis=1)
    return share


def lit_share(parts: Sequence[Part], points: Array, light: Array) -> Array:
    """How much of the key light (3, 1) reaches points (3, N): 0 in shadow, 1 in the open.

    Clear parts hold back a third of the light; glowing and small parts cast no shadow.
    """
    lit = np.ones(points.shape[1], np.float32)
    across = _across(light)
    u, v = across @ points
    inverse = _inverse(light, 1e-3)
    low = np.array([part.solid.low for part in parts])
    high = np.array([part.solid.high for part in parts])
    sides = np.sort(high - low, axis=1)
    middle = (low + high) / 2 @ across.T
    reach = (high - low) / 2 @ np.abs(across).T
    rects = np.concatenate([middle - reach, middle + reach], axis=1).tolist()
    for part, (u0, v0, u1, v1), area in zip(parts, rects, sides[:, 1] * sides[:, 2], strict=True):
        if part.material.glow >= 0.5 or area < SMALL:
            continue
        at = np.flatnonzero((u > u0) & (u < u1) & (v > v0) & (v < v1))
        if not len(at):
            continue
        start = points.take(at, axis=1)
        enter, leave = box_span(part.solid, start, light, inverse)
        ahead = np.flatnonzero((enter < leave) & (leave > 0) & (lit.take(at) > 0.03))
        if not len(ahead):
            continue
        at, start = at.take(ahead), start.take(ahead, axis=1)
        enter = np.maximum(enter.take(ahead), 0.0) + 0.004
        share = _walk_shadow(part.solid, start, light, enter, leave.take(ahead))
        share = np.minimum(np.maximum(share, 0), 1)
        share = share * share * (3 - 2 * share)
        if part.material.clear:
            share = 0.65 + 0.35 * share
        lit[at] = np.minimum(lit[at], share)
    return lit


def _across(light: Array) -> Array:
    """Two directions (2, 3) across the light."""
    x, y, z = light[:, 0].tolist()
    flat = (x * x + z * z) ** 0.5
    aside = (z / flat, 0.0, -x / flat) if flat > 1e-6 else (1.0, 0.0, 0.0)
    third = (y * aside[2], z * aside[0] - x * aside[2], -y * aside[0])
    return np.array([aside, third], np.float32)


def nearness(parts: Sequence[Part], points: Array, reach: Array) -> Array:
    """How closed in points (3, N) are by parts within `reach` (N,): 0 is open, 1 at a surface."""
    closed = np.zeros(points.shape[1], np.float32)
    solids = [part.solid for part in parts if not part.material.clear]
    if not solids:
        return closed
    low = np.array([solid.low for solid in solids], np.float32)[:, :, None]
    high = np.array([solid.high for solid in solids], np.float32)[:, :, None]
    above, below = points + reach, points - reach
    within = (above > low.min(axis=0)) & (below < high.max(axis=0))
    some = np.flatnonzero(within[0] & within[1] & within[2])
    above, below, points = (v.take(some, axis=1) for v in (above, below, points))
    reach = reach.take(some)
    gap = np.ones(len(some), np.float32)
    for k, solid in enumerate(solids):
        within = above > low[k]
        within &= below < high[k]
        at = np.flatnonzero(within[0] & within[1] & within[2])
        if len(at):
            d = solid.field(points.take(at, axis=1))
            d /= reach.take(at)
            gap[at] = np.minimum(gap.take(at), d)
    closed[some] = 1 - np.maximum(gap, 0)
    return closed
