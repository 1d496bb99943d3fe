"""What is seen past a thing: the ground it stands on, and the far picture behind."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.doodles.solids.fields import Array
from core.data.doodles.solids.framing import Shot
from core.data.doodles.solids.tracing import FAR


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """Where rays meet the ground."""

    at: NDArray[np.intp]
    """Indices (M,) of the rays that do."""
    points: Array
    """Where, (3, M), in the world."""
    depth: Array
    """How far back (M,), as a share of the stage's depth."""


def ground_seen(shot: Shot, rays: Array) -> Ground | None:
    """Where world rays (3, N) meet the ground; None where no ray does."""
    stage = shot.stage
    if stage.ground is None:
        return None
    t = (shot.floor - shot.eye[1, 0]) / np.minimum(rays[1], -1e-4)
    depth = (rays[2] * t + shot.eye[2, 0]) * (-1 / stage.depth)
    at = np.flatnonzero((rays[1] < -1e-4) & (depth < 1) & (t < FAR))
    if not len(at):
        return None
    points = shot.eye + rays.take(at, axis=1) * t.take(at)
    return Ground(at=at, points=points, depth=depth.take(at))


def surroundings(shot: Shot, rays: Array, ground: Ground | None, lit: Array, near: Array) -> Array:
    """Linear colours (3, N) along world rays that miss the thing.

    `lit` and `near` (M,) are the shares of key light and of nearness on the ground.
    """
    stage = shot.stage
    back = 1 / np.maximum(-rays[2], 0.15)
    if ground is None or stage.ground is None:
        return stage.far(rays[0] * back, rays[1] * back)
    fades_from = 1.0 if stage.hard_end else 0.28
    free = np.ones(rays.shape[1], bool)
    free[ground.at[ground.depth <= fades_from]] = False
    behind = np.flatnonzero(free)
    rgb = np.empty_like(rays)
    a, b = rays[:2].take(behind, axis=1) * back.take(behind)
    rgb[:, behind] = stage.far(a, b)
    power = stage.key * (0.15 + 0.6 * stage.light[1] * lit) + stage.sky * 0.38
    power *= 1 - 0.6 * near * near
    power *= stage.ground(ground.points[0], ground.points[2])
    if not stage.hard_end:
        fading = np.flatnonzero(ground.depth > fades_from)
        at, colour = ground.at.take(fading), power.take(fading, axis=1)
        fade = np.minimum(np.maximum(ground.depth.take(fading) * 1.4 - 0.4, 0), 1) ** 2
        power[:, fading] = colour + (rgb.take(at, axis=1) - colour) * fade
    rgb[:, ground.at] = power
    return rgb
