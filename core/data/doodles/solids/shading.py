"""Light on a shot: what each ray of the camera sees, in linear light.

Key light with soft shadows, ambient light from above and below, a weak fill from the other side,
Blinn-Phong-like highlights, and mirrored studio lights on glossy things.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.doodles.scenes import Stage
from core.data.doodles.solids.fields import Array
from core.data.doodles.solids.framing import Shot
from core.data.doodles.solids.ground import Ground, ground_seen, surroundings
from core.data.doodles.solids.paints import colours_at
from core.data.doodles.solids.tracing import (
    FAR,
    Rays,
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
CREVICE, CONTACT = 0.14, 0.3
"""How near parts darken one another, and the ground."""


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """What N rays see."""

    rgb: Array
    """Linear colours (3, N)."""
    which: NDArray[np.int16]
    """Index (N,) of the first part on each ray, clear or not; else GROUND or -1."""
    t: Array
    """Distance (N,) of that part."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Skin:
    """Points on the parts of a thing, in its own space."""

    which: NDArray[np.int16]
    """Indices (M,) of the parts, ascending."""
    points: Array
    rays: Array
    """Directions (3, M) they are seen along."""
    normal: Array
    facing: Array
    """Cosine (M,) between normal and ray."""
    colour: Array


def radiance(shot: Shot, x: Array, y: Array, pixel: float) -> View:
    """What is seen at image plane positions x, y (N,), a pixel being that wide."""
    parts = shot.subject.parts
    rays = shot.cast(x, y, pixel)
    t, which = nearest(parts, rays, np.full(x.shape, FAR, np.float32), clear=False)
    rgb = np.empty((3, len(x)), np.float32)
    empty = np.flatnonzero(which < 0)
    world = shot.pose @ rays.along.take(empty, axis=1)
    ground = ground_seen(shot, world)
    hit = np.flatnonzero(which >= 0)
    hit = hit.take(np.argsort(which.take(hit), kind="stable"))
    skin = _skin(shot, rays, hit, t, which.take(hit))
    lit, near = _light(shot, skin, ground)
    count = len(hit)
    if ground is not None:
        which[empty.take(ground.at)] = GROUND
    if len(empty):
        rgb[:, empty] = surroundings(shot, world, ground, lit[count:], near[count:])
    if count:
        rgb[:, hit] = _shaded(shot, skin, lit[:count], near[:count])
    view = View(rgb=rgb, which=which, t=t)
    return _glazed(shot, view, rays) if any(p.material.clear for p in parts) else view


def _glazed(shot: Shot, view: View, rays: Rays) -> View:
    """The view with the clear parts in front of it, the farthest first."""
    parts = shot.subject.parts
    rgb, which, front = view.rgb, view.which, view.t.copy()
    clear = [i for i, part in enumerate(parts) if part.material.clear]
    for i in sorted(clear, key=lambda i: _depth(shot, i)):
        at = rays.meeting(i)
        behind = view.t.take(at)
        near = first_hit(
            parts[i].solid, rays.origin, rays.along.take(at, axis=1), behind, rays.pixel
        )
        at = at[near < behind]
        if not len(at):
            continue
        front[at] = near[near < behind]
        skin = _skin(shot, rays, at, front, np.full(len(at), i, np.int16))
        own = _shaded(shot, skin, *_light(shot, skin, None))
        grazing = (1 - skin.facing) ** 3
        cover = 1 - parts[i].material.clear * (1 - grazing) ** 1.5
        tint = colours_at(parts[i].material.paint, skin.rays)
        rgb[:, at] = rgb[:, at] * tint * (1 - cover) + own * cover
        which[at] = i
    return View(rgb=rgb, which=which, t=front)


def _depth(shot: Shot, part: int) -> float:
    """Minus the distance of a part: the farthest sorts first."""
    solid = shot.subject.parts[part].solid
    middle = np.add(solid.low, solid.high).astype(np.float32)[:, None] / 2
    return -float(np.linalg.norm(shot.pose @ middle - shot.eye))


def _skin(shot: Shot, rays: Rays, at: NDArray[np.intp], t: Array, which: NDArray[np.int16]) -> Skin:
    """The points at distances t (N,) along the rays `at` (M,), on the parts `which` (M,)."""
    parts = shot.subject.parts
    along = rays.along.take(at, axis=1)
    p = along * t.take(at)
    p += rays.origin
    n, colour = np.empty_like(p), np.empty_like(p)
    step = max(FINEST, 0.5 * rays.pixel * float(np.linalg.norm(shot.eye)))
    first = 0
    for end in (np.flatnonzero(np.diff(which, append=-1)) + 1).tolist():
        part, here = parts[which[first]], slice(first, end)
        n[:, here] = normals(part.solid, p[:, here], step)
        colour[:, here] = colours_at(part.material.paint, p[:, here])
        first = end
    facing = -(n * along).sum(axis=0)
    n *= np.where(facing < 0, np.float32(-1), np.float32(1))
    return Skin(which=which, points=p, rays=along, normal=n, facing=np.abs(facing), colour=colour)


def _light(shot: Shot, skin: Skin, ground: Ground | None) -> tuple[Array, Array]:
    """Shares of key light, and nearness, on the skin (M,), then on the ground: (M + G,) each."""
    parts = shot.subject.parts
    light = shot.pose.T @ shot.stage.light
    front = np.flatnonzero(light[:, 0] @ skin.normal > 0)
    raised = skin.points.take(front, axis=1)
    raised += skin.normal.take(front, axis=1) * np.float32(0.02)
    probes = skin.points + skin.normal * np.float32(CREVICE)
    reach = np.full(probes.shape[1], CREVICE, np.float32)
    if ground is not None:
        floor = shot.pose.T @ ground.points
        raised = np.concatenate([raised, floor], axis=1)
        probes = np.concatenate([probes, floor], axis=1)
        reach = np.concatenate([reach, np.full(floor.shape[1], CONTACT, np.float32)])
    lit = np.zeros(probes.shape[1], np.float32)
    passed = lit_share(parts, raised, light)
    lit[front] = passed[: len(front)]
    lit[len(skin.which) :] = passed[len(front) :]
    return lit, nearness(parts, probes, reach)


def _shaded(shot: Shot, skin: Skin, lit: Array, near: Array) -> Array:
    """Linear colours (3, M) of a skin, given its shares of key light and its nearness (M,)."""
    stage, facing = shot.stage, skin.facing
    light = shot.pose.T @ stage.light
    lit = lit * np.maximum(light[:, 0] @ skin.normal, 0)
    normal = shot.pose @ skin.normal
    room = 1 - 0.75 * near * np.sqrt(near)
    if stage.ground is not None:
        height = shot.pose[1] @ skin.points - shot.floor
        sunk = np.minimum(np.maximum(1 - height / 0.35, 0), 1)
        room *= 1 - 0.5 * sunk * (0.6 - 0.4 * normal[1])
    up = 0.5 + 0.5 * normal[1]
    diffuse = (stage.bounce + (stage.sky - stage.bounce) * up) * (0.6 * room)
    side = np.array([-stage.light[0, 0], 0.2, 0.7], np.float32)
    diffuse += np.maximum(side @ normal, 0) * (0.18 * room)
    diffuse += stage.key * (lit * 0.85)
    table = [
        (m.gloss, m.shine, m.metal, m.glow) for m in (part.material for part in shot.subject.parts)
    ]
    gloss, shine, mirror, glow = np.array(table, np.float32).T.take(skin.which, axis=1)
    bounce = skin.normal * (2 * facing)
    bounce += skin.rays
    spark = np.maximum(light[:, 0] @ bounce, 0) ** (shine * 0.5)
    spark *= gloss * np.minimum(lit * 4, 1) * 0.8
    around = _studio_lights(stage, shot.pose @ bounce)
    around *= room
    grazing = (1 - facing) ** 3
    strength = gloss * (gloss > 0.1) * (0.04 + 0.4 * grazing) * (1 - mirror)
    diffuse *= 1 - 0.75 * mirror
    diffuse += around * mirror
    diffuse += glow
    diffuse *= skin.colour
    diffuse += stage.key * spark
    diffuse += around * strength
    return diffuse


def _studio_lights(stage: Stage, d: Array) -> Array:
    """What a mirror would show (3, N) in world directions: ground, sky and a soft box."""
    up = np.minimum(np.maximum(d[1] * 2 + 0.5, 0), 1)
    rgb = stage.bounce + (stage.sky - stage.bounce) * up
    x = np.abs(d[0] - 0.6 * np.sign(stage.light[0, 0]))
    wide = np.minimum(np.maximum((0.3 - x) * 8, 0), 1)
    tall = np.minimum(np.maximum((0.45 - np.abs(d[1] - 0.4)) * 8, 0), 1)
    rgb += stage.key * (1.6 * wide * tall * (d[2] > 0))
    return rgb
