"""Rays against parts: first hits, normals, soft shadows and nearness, each part within its box.

Every part is walked on its own, by those rays alone that meet its bounding box; so a thing of many
small parts costs about as much as the pixels they cover.
"""

from collections.abc import Sequence

import numpy as np

from core.data.doodles.solids.fields import Array, Solid
from core.data.doodles.solids.subject import Part

MAX_STEPS = 44
SHADOW_STEPS = 14


def _box_span(solid: Solid, origin: Array, rays: Array) -> tuple[Array, Array]:
    """Where rays enter and leave the solid's box, as distances (N,) along them."""
    inverse = 1.0 / np.where(np.abs(rays) < 1e-6, np.float32(1e-6), rays)
    a = (np.array(solid.low, np.float32)[:, None] - origin) * inverse
    b = (np.array(solid.high, np.float32)[:, None] - origin) * inverse
    return np.minimum(a, b).max(axis=0), np.maximum(a, b).min(axis=0)


def first_hit(solid: Solid, origin: Array, rays: Array, limit: Array, pixel: float) -> Array:
    """Distances (N,) along rays (3, N) from origin (3, 1 or N) to the solid; `limit` where missed.

    `pixel` is the width of a pixel at distance 1: a ray stops a third of one short.
    """
    enter, leave = _box_span(solid, origin, rays)
    leave = np.minimum(leave, limit)
    enter = np.maximum(enter, 0)
    alive = np.flatnonzero(enter < leave)
    found = limit.copy()
    t, end, ray = enter[alive], leave[alive], rays[:, alive]
    start = origin if origin.shape[1] == 1 else origin[:, alive]
    for _ in range(MAX_STEPS):
        if not len(alive):
            break
        d = solid.field(start + ray * t)
        hit = d < pixel * 0.35 * t
        if hit.any():
            found[alive[hit]] = t[hit]
        t = t + d
        keep = ~hit & (t < end)
        alive, t, end, ray = alive[keep], t[keep], end[keep], ray[:, keep]
        if start.shape[1] > 1:
            start = start[:, keep]
    return found


def nearest(
    parts: Sequence[Part], origin: Array, rays: Array, limit: Array, pixel: float
) -> tuple[Array, np.ndarray]:
    """Distances (N,) to the first part on each ray, and its index, -1 where none is nearer."""
    centre = [np.add(p.solid.low, p.solid.high) / 2 - origin[:, 0] for p in parts]
    order = sorted(range(len(parts)), key=lambda i: float(np.linalg.norm(centre[i])))
    best = limit
    which = np.full(limit.shape, -1, np.int16)
    for i in order:
        t = first_hit(parts[i].solid, origin, rays, best, pixel)
        which[t < best] = i
        best = t
    return best, which


def normals(solid: Solid, p: Array, h: float = 0.004) -> Array:
    """Unit normals (3, N) at points p (3, N), from four samples of the field around each."""
    offsets = h * np.array([[1, -1, -1, 1], [-1, -1, 1, 1], [-1, 1, -1, 1]], np.float32)
    d = solid.field((p[:, None, :] + offsets[:, :, None]).reshape(3, -1)).reshape(4, -1)
    n = offsets @ d
    n /= np.sqrt((n * n).sum(axis=0)) + 1e-12
    return n


def lit_share(parts: Sequence[Part], points: Array, light: Array, soft: float = 9.0) -> Array:
    """How much of the key light reaches points (3, N): 0 in full shadow, 1 in the open.

    The penumbra narrows with `soft`; clear parts hold back a third of the light.
    """
    lit = np.ones(points.shape[1], np.float32)
    for part in parts:
        rays = np.broadcast_to(light, points.shape)
        enter, leave = _box_span(part.solid, points, rays)
        enter = np.maximum(enter, 0.0)
        alive = np.flatnonzero((enter < leave) & (lit > 0.02))
        if not len(alive):
            continue
        share = np.ones(points.shape[1], np.float32)
        t, end, start = enter[alive] + 0.004, leave[alive], points[:, alive]
        seen = np.ones(len(alive), np.float32)
        for _ in range(SHADOW_STEPS):
            d = part.solid.field(start + light * t)
            seen = np.minimum(seen, soft * d / (t + 0.05) + 0.02)
            t = t + np.maximum(d, 0.025)
            keep = (t < end) & (seen > 0.01)
            if keep.all():
                continue
            done = alive[~keep]
            share[done] = seen[~keep]
            alive, t, end, start, seen = (
                alive[keep],
                t[keep],
                end[keep],
                start[:, keep],
                seen[keep],
            )
            if not len(alive):
                break
        share[alive] = seen
        share = np.clip(share, 0, 1)
        share = share * share * (3 - 2 * share)
        lit = np.minimum(lit, 1 - (1 - share) * (0.35 if part.material.clear else 1.0))
    return lit


def nearness(parts: Sequence[Part], points: Array, reach: float) -> Array:
    """How closed in points (3, N) are by parts within `reach`: 0 in the open, 1 at a surface."""
    closed = np.zeros(points.shape[1], np.float32)
    for part in parts:
        if part.material.clear:
            continue
        low = np.array(part.solid.low, np.float32)[:, None] - reach
        high = np.array(part.solid.high, np.float32)[:, None] + reach
        at = np.flatnonzero(((points > low) & (points < high)).all(axis=0))
        if len(at):
            d = part.solid.field(points[:, at])
            closed[at] = np.maximum(closed[at], np.clip(1 - d / reach, 0, 1))
    return closed
