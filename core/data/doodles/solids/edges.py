"""Smooth edges: more rays only where neighbouring pixels differ, and light worked out only once.

At the edge of a part three more rays a pixel find out which part they see, and take its colour
from the pixels around that see it too; a sharp change within a part is softened.
"""

from math import cos, sin

import numpy as np
from numpy.typing import NDArray

from core.data.doodles.solids.fields import Array
from core.data.doodles.solids.framing import Shot
from core.data.doodles.solids.ground import ground_seen
from core.data.doodles.solids.shading import GROUND, View, radiance
from core.data.doodles.solids.tracing import FAR, box_span, march

Indices = NDArray[np.intp]
TURNS = (0.2, 2.3, 4.4)
"""Where the additional rays of a pixel lie around its middle, in radians."""
AWAY = 0.4
"""How far from the middle they lie, in pixels."""
BRIGHTEST = 1.5
"""Brighter rays count as this, or a highlight would leave jags."""


def antialiased(shot: Shot, size: int) -> View:
    """The picture's pixels, row by row: one ray each, four at the edges of parts."""
    axis = (np.arange(size, dtype=np.float32) + 0.5) * (2 / size) - 1
    centre_x, centre_y, half = shot.window
    x = np.tile(centre_x + half * axis, size)
    y = np.repeat(centre_y - half * axis, size)
    pixel = 2 * half / size
    view = radiance(shot, x, y, pixel)
    edges, steps = _rough(view, size)
    if len(edges):
        around = _neighbours(edges, size)
        fine_x = np.concatenate([x.take(edges) + AWAY * pixel * cos(turn) for turn in TURNS])
        fine_y = np.concatenate([y.take(edges) + AWAY * pixel * sin(turn) for turn in TURNS])
        seen = _seen(shot, view, around, fine_x, fine_y, pixel).reshape(len(TURNS), -1)
        edged = (_borrowed(view, around, seen) + _dimmed(view, edges)) / 4
    softened = _softened(view, _neighbours(steps, size))
    if len(edges):
        view.rgb[:, edges] = edged
    view.rgb[:, steps] = softened
    return view


def _dimmed(view: View, at: Indices) -> Array:
    return np.minimum(view.rgb.take(at, axis=1), BRIGHTEST)


def _softened(view: View, around: Indices) -> Array:
    """Colours (3, M) of pixels mixed with a little of those beside them that see the same part."""
    share = np.full((5, around.shape[1]), 0.12, np.float32)
    share[0] = 1 - 4 * 0.12
    cross = around[[4, 1, 3, 5, 7]]
    share *= view.which.take(cross) == view.which.take(around[4])
    return (_dimmed(view, cross) * share).sum(axis=1) / share.sum(axis=0)


def _rough(view: View, size: int) -> tuple[Indices, Indices]:
    """Pixels at the edge of a part, and others on a part that look unlike a neighbour."""
    tone = np.sqrt(np.maximum(view.rgb, 0)).reshape(3, size, size)
    which = view.which.reshape(size, size)
    edges, steps = np.zeros((2, size, size), bool)
    for a, b in (
        ((slice(1, None), slice(None)), (slice(None, -1), slice(None))),
        ((slice(None), slice(1, None)), (slice(None), slice(None, -1))),
    ):
        change = tone[:, *a] - tone[:, *b]
        np.abs(change, out=change)
        change = np.maximum(np.maximum(change[0], change[1]), change[2])
        differ = which[a] != which[b]
        edge = differ & (change > 0.05)
        step = ~differ & (change > 0.2) & (which[a] >= 0)
        for found, here in ((edges, edge), (steps, step)):
            found[a] |= here
            found[b] |= here
    return np.flatnonzero(edges), np.flatnonzero(steps & ~edges)


def _neighbours(at: Indices, size: int) -> Indices:
    """The pixels (9, M) around pixels `at` (M,), these in the middle; clamped to the picture."""
    row, column = at // size, at % size
    rows = np.clip(np.stack([row - 1, row, row + 1]), 0, size - 1)
    columns = np.clip(np.stack([column - 1, column, column + 1]), 0, size - 1)
    return (rows[:, None] * size + columns[None]).reshape(9, -1)


def _seen(
    shot: Shot, view: View, around: Indices, x: Array, y: Array, pixel: float
) -> NDArray[np.int16]:
    """Which parts the additional rays (3·M,) see, among those that the pixels around see.

    A part is looked for only about as far away as the pixels around see it.
    """
    rays = shot.cast(x, y, pixel)
    best = np.full(x.shape, FAR, np.float32)
    which = np.full(x.shape, -1, np.int16)
    near_which, near_t = view.which.take(around), view.t.take(around)
    for i in np.unique(near_which).tolist():
        if i < 0:
            continue
        theirs = near_which == i
        at = np.flatnonzero(theirs.any(axis=0))
        theirs, t = theirs.take(at, axis=1), near_t.take(at, axis=1)
        least = np.where(theirs, t, np.inf).min(axis=0)
        most = np.where(theirs, t, 0).max(axis=0)
        slack = (most - least) + 4 * pixel * least
        least, most = np.tile(least - slack, 3), np.tile(most + 3 * slack, 3)
        at = np.concatenate([at + k * around.shape[1] for k in range(3)])
        along = rays.along.take(at, axis=1)
        solid = shot.subject.parts[i].solid
        enter, leave = box_span(solid, rays.origin, along)
        start, end = np.maximum(enter, least), np.minimum(leave, most)
        t = march(solid, rays.origin, along, start, end, pixel)
        t[start >= end] = np.inf
        hit = t < best.take(at)
        at = at[hit]
        best[at] = t[hit]
        which[at] = i
    empty = np.flatnonzero(which < 0)
    ground = ground_seen(shot, shot.pose @ rays.along.take(empty, axis=1))
    if ground is not None:
        which[empty.take(ground.at)] = GROUND
    return which


def _borrowed(view: View, around: Indices, seen: NDArray[np.int16]) -> Array:
    """Sums (3, M) of the colours of the additional rays, from the pixels around that see the same.

    The nearer a pixel, the more it counts; one alone would do, but at an outline it is often odd.
    """
    rgb = _dimmed(view, around)
    near_which = view.which.take(around)
    total = np.zeros((3, around.shape[1]), np.float32)
    for turn, part in zip(TURNS, seen, strict=True):
        right, up = cos(turn) * AWAY, sin(turn) * AWAY
        away = [(k % 3 - 1 - right) ** 2 + (1 - k // 3 - up) ** 2 for k in range(9)]
        trust = (1 / (0.25 + np.array(away, np.float32)))[:, None] * (near_which == part)
        trust[4] += 1e-6
        total += (rgb * trust).sum(axis=1) / trust.sum(axis=0)
    return total
