"""Light on a shot: what each ray of the camera sees, in linear light.

Key light with soft shadows, ambient light from above and below, a weak fill from the other side,
Blinn-Phong-like highlights, and mirrored studio lights on glossy things.
"""

import numpy as np
from numpy.typing import NDArray

from core.data.doodles.scenes import Stage
from core.data.doodles.solids.fields import Array
from core.data.doodles.solids.framing import Shot
from core.data.doodles.solids.paints import colours_at
from core.data.doodles.solids.tracing import (
    FAR,
    first_hit,
    lit_share,
    nearest,
    nearness,
    normals,
)


FINEST = 0.014
"""Least step for normals: about half a cell of a baked outline, so that its cells do not show."""
GROUND = -2
"""Index of the ground among the parts seen; what lies behind everything is -1."""


def radiance(shot: Shot, x: Array, y: Array, pixel: float) -> tuple[Array, NDArray[np.int16]]:
    """Linear colours (3, N) at image plane positions x, y (N,), and the part seen there."""
    parts = shot.subject.parts
    rays = shot.cast(x, y, pixel)
    world = shot.pose @ rays.along
    limit = np.full(x.shape, FAR, np.float32)
    t, which = nearest(parts, rays, limit, clear=False)
    rgb = np.empty((3, len(x)), np.float32)
    empty = np.flatnonzero(which < 0)
    rgb[:, empty], ground = _surroundings(shot, world[:, empty])
    which[empty[ground]] = GROUND
    hit = np.flatnonzero(which >= 0)
    if len(hit):
        along = rays.along[:, hit]
        rgb[:, hit] = _surface(shot, rays.origin + along * t[hit], along, which[hit], pixel)[0]
    clear = [i for i, part in enumerate(parts) if part.material.clear]
    for i in sorted(clear, key=lambda i: _depth(shot, i)):
        solid, stuff = parts[i].solid, parts[i].material
        at = rays.meeting(i)
        near = first_hit(solid, rays.origin, rays.along[:, at], t[at], pixel)
        seen = near < t[at]
        at, near = at[seen], near[seen]
        if not len(at):
            continue
        along = rays.along[:, at]
        kind = np.full(len(at), i, np.int16)
        own, grazing = _surface(shot, rays.origin + along * near, along, kind, pixel)
        cover = 1 - stuff.clear * (1 - grazing) ** 1.5
        tint = colours_at(stuff.paint, along)
        rgb[:, at] = rgb[:, at] * tint * (1 - cover) + own * cover
        which[at] = i
    return rgb, which


def _depth(shot: Shot, part: int) -> float:
    """Minus the distance of a part: the farthest sorts first."""
    solid = shot.subject.parts[part].solid
    middle = np.add(solid.low, solid.high).astype(np.float32)[:, None] / 2
    return -float(np.linalg.norm(shot.pose @ middle - shot.eye))


def _surroundings(shot: Shot, rays: Array) -> tuple[Array, NDArray[np.intp]]:
    """Linear colours (3, N) along world rays that miss the thing, and which of them see ground."""
    stage = shot.stage
    back = 1 / np.maximum(-rays[2], 0.15)
    if stage.ground is None:
        return stage.far(rays[0] * back, rays[1] * back), np.empty(0, np.intp)
    t = (shot.floor - shot.eye[1, 0]) / np.minimum(rays[1], -1e-4)
    p = shot.eye + rays * t
    depth = -p[2] / stage.depth
    below = (rays[1] < -1e-4) & (depth < 1) & (t < FAR)
    solid_from = 1.0 if stage.hard_end else 0.28
    behind = np.flatnonzero(~below | (depth > solid_from))
    rgb = np.empty_like(rays)
    rgb[:, behind] = stage.far(rays[0, behind] * back[behind], rays[1, behind] * back[behind])
    at = np.flatnonzero(below)
    if not len(at):
        return rgb, at
    p, depth = p[:, at], depth[at]
    local = shot.pose.T @ p
    lit = lit_share(shot.subject.parts, local, shot.pose.T @ stage.light)
    closed = nearness(shot.subject.parts, local, 0.3)
    power = stage.key * (0.15 + 0.6 * stage.light[1] * lit) + stage.sky * 0.38
    colour = stage.ground(p[0], p[2]) * power * (1 - 0.6 * closed * closed)
    if stage.hard_end:
        rgb[:, at] = colour
        return rgb, at
    near = depth <= solid_from
    rgb[:, at[near]] = colour[:, near]
    far = at[~near]
    fade = np.minimum(np.maximum(depth[~near] * 1.4 - 0.4, 0), 1) ** 2
    rgb[:, far] = colour[:, ~near] * (1 - fade) + rgb[:, far] * fade
    return rgb, at


def _surface(
    shot: Shot, p: Array, rays: Array, which: NDArray[np.int16], pixel: float
) -> tuple[Array, Array]:
    """Linear colours (3, N) of parts `which` (N,) at points p seen along rays, and grazing (N,)."""
    parts, stage = shot.subject.parts, shot.stage
    n, colour = np.empty_like(p), np.empty_like(p)
    step = max(FINEST, 0.5 * pixel * float(np.linalg.norm(shot.eye)))
    for i in np.unique(which).tolist():
        at = np.flatnonzero(which == i)
        n[:, at] = normals(parts[i].solid, p[:, at], step)
        colour[:, at] = colours_at(parts[i].material.paint, p[:, at])
    facing = -(n * rays).sum(axis=0)
    n *= np.where(facing < 0, np.float32(-1), np.float32(1))
    facing = np.abs(facing)
    light = shot.pose.T @ stage.light
    slope = (n * light).sum(axis=0)
    lit = np.zeros_like(slope)
    front = np.flatnonzero(slope > 0)
    if len(front):
        raised = p[:, front] + n[:, front] * 0.02
        lit[front] = lit_share(parts, raised, light) * slope[front]
    normal = shot.pose @ n
    room = 1 - 0.75 * np.maximum(nearness(parts, p + n * 0.14, 0.14), 0) ** 1.5
    if stage.ground is not None:
        height = (shot.pose[1:2] @ p)[0] - shot.floor
        sunk = np.minimum(np.maximum(1 - height / 0.35, 0), 1)
        room = room * (1 - 0.5 * sunk * (0.6 - 0.4 * normal[1]))
    up = 0.5 + 0.5 * normal[1]
    ambient = (stage.bounce * (1 - up) + stage.sky * up) * (0.6 * room)
    side = np.array([-stage.light[0, 0], 0.2, 0.7], np.float32)
    fill = np.maximum(side @ normal, 0) * (0.18 * room)
    diffuse = ambient + stage.key * (lit * 0.85) + fill
    table = [(m.gloss, m.shine, m.metal, m.glow) for m in (part.material for part in parts)]
    gloss, shine, mirror, glow = np.array(table, np.float32)[which].T
    bounce = rays + n * (2 * facing)
    grazing = (1 - facing) ** 3
    spark = np.maximum((bounce * light).sum(axis=0), 0) ** (shine * 0.5)
    spark *= gloss * np.minimum(lit * 4, 1) * 0.8
    around = _studio_lights(stage, shot.pose @ bounce) * room
    strength = gloss * (gloss > 0.1) * (0.04 + 0.4 * grazing) * (1 - mirror)
    rgb = colour * (diffuse * (1 - 0.75 * mirror) + around * mirror + glow)
    return rgb + stage.key * spark + around * strength, grazing


def _studio_lights(stage: Stage, d: Array) -> Array:
    """What a mirror would show (3, N) in world directions: ground, sky and a soft box."""
    up = np.minimum(np.maximum(d[1] * 2 + 0.5, 0), 1)
    rgb = stage.bounce + (stage.sky - stage.bounce) * up
    x = np.abs(d[0] - 0.6 * np.sign(stage.light[0, 0]))
    wide = np.minimum(np.maximum((0.3 - x) * 8, 0), 1)
    tall = np.minimum(np.maximum((0.45 - np.abs(d[1] - 0.4)) * 8, 0), 1)
    return rgb + stage.key * (1.6 * wide * tall * (d[2] > 0))
