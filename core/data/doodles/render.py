"""Pictures of the built-in set's things, rendered like product photos: lit, shadowed, developed.

Every picture depends on its word and seed alone: its generator is seeded by a digest of the two.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.doodles.scenes import STAGES, Stage
from core.data.doodles.solids.catalogue import MAKERS
from core.data.doodles.solids.fields import Array, corners, rotation
from core.data.doodles.solids.paints import Dice, colours_at
from core.data.doodles.solids.subject import Part, Subject
from core.data.doodles.solids.tracing import first_hit, lit_share, nearest, nearness, normals

FAR = 60.0


def photograph(word: str, seeds: Sequence[int], size: int) -> NDArray[np.uint8]:
    """Render photos of a thing, one a seed; equal seeds give equal pixels, whatever the batch.

    Returns uint8 RGB (len(seeds), size, size, 3). An unknown word, a negative seed or a size below
    16 is a ValueError.
    """
    if word not in MAKERS:
        raise ValueError(f"no thing is called {word!r}; the built-in set has {', '.join(MAKERS)}")
    if size < 16:
        raise ValueError(f"size {size} is too small: a photo has at least 16 pixels a side")
    photos = np.empty((len(seeds), size, size, 3), np.uint8)
    for i, seed in enumerate(seeds):
        if seed < 0:
            raise ValueError(f"seed {seed} is negative: seeds start at 0")
        photos[i] = _photo(word, int(seed), size)
    return photos


def _photo(word: str, seed: int, size: int) -> NDArray[np.uint8]:
    dice = Dice(np.random.default_rng([zlib.crc32(word.encode()), seed]))
    subject = MAKERS[word](dice)
    stage = STAGES[dice.pick(subject.stages)](dice)
    shot = _aim(subject, stage, dice, size)
    rgb = _antialiased(shot, size)
    return _develop(rgb, dice, size)


@dataclass(frozen=True, kw_only=True)
class _Shot:
    """One picture about to be taken; the camera looks towards -z and down."""

    subject: Subject
    stage: Stage
    pose: Array
    """Turns the thing's space into the world, (3, 3)."""
    eye: Array
    """Camera in the world, (3, 1); the ground is at y = floor."""
    frame: Array
    """Columns (3, 3): right, up and backward of the camera."""
    window: tuple[float, float, float]
    """Centre (x, y) and half width of the picture in the image plane at distance 1."""
    floor: float
    size: int

    def rays(self, x: Array, y: Array) -> Array:
        """Unit rays (3, N) in the world through picture positions x, y in -1..1, y up."""
        cx, cy, half = self.window
        d = np.stack([cx + half * x, cy + half * y, np.full_like(x, -1.0)])
        d = self.frame @ d
        d /= np.sqrt((d * d).sum(axis=0))
        return d


def _aim(subject: Subject, stage: Stage, dice: Dice, size: int) -> _Shot:
    """Choose pose, camera and window so that the thing fills its share of the picture."""
    pose = rotation(y=dice.span(*subject.yaw)) @ subject.pose
    boxes = np.concatenate([corners(p.solid) for p in subject.parts], axis=1)
    world = pose @ boxes
    floor = _lowest(subject.parts, pose, world)
    centre = (world.min(axis=1) + world.max(axis=1)) / 2
    reach = float(np.linalg.norm(world - centre[:, None], axis=0).max())
    tilt = np.radians(dice.span(*subject.tilt))
    away = reach * dice.span(3.2, 6.0)
    frame = np.array(
        [[1, 0, 0], [0, np.cos(tilt), np.sin(tilt)], [0, -np.sin(tilt), np.cos(tilt)]], np.float32
    )
    frame = frame @ rotation(z=dice.span(-subject.roll, subject.roll))
    eye = (centre + away * frame[:, 2]).astype(np.float32)[:, None]
    seen = frame.T @ (world - eye)
    plane = seen[:2] / -seen[2]
    low, high = plane.min(axis=1), plane.max(axis=1)
    half = float((high - low).max()) / 2 / dice.span(*subject.fill)
    if dice.chance(0.08):
        half *= 0.8
    slack = np.maximum(half - (high - low) / 2, 0.1 * half)
    jitter = dice.generator.uniform(-0.7, 0.7, 2) * slack
    x, y = ((low + high) / 2 + jitter).tolist()
    return _Shot(
        subject=subject,
        stage=stage,
        pose=pose,
        eye=eye,
        frame=frame.astype(np.float32),
        window=(x, y, half),
        floor=floor,
        size=size,
    )


def _lowest(parts: Sequence[Part], pose: Array, world: Array) -> float:
    """Height in the world of the thing's lowest point, found by rays from below."""
    bottom = float(world[1].min())
    if np.allclose(pose[1], [0, 1, 0], atol=1e-6):
        return min(p.solid.low[1] for p in parts)
    n = 26
    x, z = np.meshgrid(
        np.linspace(world[0].min(), world[0].max(), n),
        np.linspace(world[2].min(), world[2].max(), n),
    )
    start = np.stack([x.ravel(), np.full(n * n, bottom - 0.05), z.ravel()]).astype(np.float32)
    start = pose.T @ start
    up = np.broadcast_to(pose.T @ np.array([[0], [1], [0]], np.float32), start.shape)
    best = np.full(n * n, 4.0, np.float32)
    for part in parts:
        best = first_hit(part.solid, start, up, best, 0.01)
    return bottom - 0.05 + float(best.min())


def _antialiased(shot: _Shot, size: int) -> Array:
    """Linear colours (3, size·size): one ray a pixel, four where neighbours differ."""
    axis = (np.arange(size, dtype=np.float32) + 0.5) * (2 / size) - 1
    x, y = np.meshgrid(axis, -axis)
    x, y = x.ravel(), y.ravel()
    rgb, which = _radiance(shot, x, y)
    lum = np.sqrt(np.maximum(rgb[1], 0)).reshape(size, size)
    part = which.reshape(size, size)
    rough = np.zeros((size, size), bool)
    for axis_ in (0, 1):
        ahead = [slice(None), slice(None)]
        behind = [slice(None), slice(None)]
        ahead[axis_], behind[axis_] = slice(1, None), slice(None, -1)
        a, b = tuple(ahead), tuple(behind)
        step = (part[a] != part[b]) | (
            (np.abs(lum[a] - lum[b]) > 0.14) & ((part[a] >= 0) | (part[b] >= 0))
        )
        rough[a] |= step
        rough[b] |= step
    at = np.flatnonzero(rough)
    if len(at):
        near, far = 0.25 / size, 0.75 / size
        dx = np.array([[near], [far], [-near], [-far]], np.float32)
        dy = np.array([[far], [-near], [-far], [near]], np.float32)
        fine, _ = _radiance(shot, (x[at] + dx).ravel(), (y[at] + dy).ravel())
        rgb[:, at] = np.minimum(fine, 1.5).reshape(3, 4, -1).mean(axis=1)
    return rgb


def _radiance(shot: _Shot, x: Array, y: Array) -> tuple[Array, np.ndarray]:
    """Linear colours (3, N) at picture positions, and the part seen there (-1: none)."""
    rays = shot.rays(x, y)
    origin = shot.pose.T @ shot.eye
    local = np.ascontiguousarray(shot.pose.T @ rays)
    pixel = 2 * shot.window[2] / shot.size
    solid = [p for p in shot.subject.parts if not p.material.clear]
    clear = [p for p in shot.subject.parts if p.material.clear]
    limit = np.full(x.shape, FAR, np.float32)
    t, which = nearest(solid, origin, local, limit, pixel)
    rgb = np.empty((3, len(x)), np.float32)
    empty = np.flatnonzero(which < 0)
    rgb[:, empty] = _surroundings(shot, rays[:, empty])
    for i, part in enumerate(solid):
        at = np.flatnonzero(which == i)
        if len(at):
            rgb[:, at] = _surface(shot, part, origin + local[:, at] * t[at], local[:, at])[0]
    clear.sort(key=lambda p: -float(np.linalg.norm(corners(p.solid).mean(1) - origin[:, 0])))
    for i, part in enumerate(clear):
        near = first_hit(part.solid, origin, local, t, pixel)
        at = np.flatnonzero(near < t)
        if len(at):
            own, edge = _surface(shot, part, origin + local[:, at] * near[at], local[:, at])
            cover = 1 - part.material.clear * (1 - edge) ** 1.5
            tint = np.square(np.array(part.material.paint, np.float32))[:, None]
            rgb[:, at] = rgb[:, at] * tint * (1 - cover) + own * cover
            which[at] = len(solid) + i
    return rgb, which


def _surroundings(shot: _Shot, rays: Array) -> Array:
    """Linear colours (3, N) of ground and background along rays that miss the thing."""
    stage = shot.stage
    back = 1 / np.maximum(-rays[2], 0.15)
    rgb = stage.far(rays[0] * back, rays[1] * back)
    if stage.ground is None:
        return rgb
    t = (shot.floor - shot.eye[1, 0]) / np.minimum(rays[1], -1e-4)
    p = shot.eye + rays * t
    depth = -p[2] / stage.depth
    at = np.flatnonzero((rays[1] < -1e-4) & (depth < 1) & (t < FAR))
    if not len(at):
        return rgb
    p, depth = p[:, at], depth[at]
    colour = stage.ground(p[0], p[2])
    light = shot.pose.T @ stage.light
    local = shot.pose.T @ p
    lit = lit_share(shot.subject.parts, local, light)
    closed = nearness(shot.subject.parts, local, 0.3)
    power = stage.key * (0.15 + 0.6 * stage.light[1] * lit) + stage.sky * 0.38
    colour = colour * power * (1 - 0.6 * closed * closed)
    fade = 1.0 if stage.hard_end else 1 - np.clip(depth * 1.4 - 0.4, 0, 1) ** 2
    rgb[:, at] = rgb[:, at] * (1 - fade) + colour * fade
    return rgb


def _surface(shot: _Shot, part: Part, p: Array, rays: Array) -> tuple[Array, Array]:
    """Linear colours (3, N) of a part at points seen along rays, and the grazing share (N,)."""
    stage, stuff = shot.stage, part.material
    n = normals(part.solid, p)
    facing = -(n * rays).sum(axis=0)
    n = np.where(facing < 0, -n, n)
    facing = np.abs(facing)
    light = shot.pose.T @ stage.light
    slope = (n * light).sum(axis=0)
    front = np.flatnonzero(slope > 0)
    lit = np.zeros_like(slope)
    if len(front):
        raised = p[:, front] + n[:, front] * 0.02
        lit[front] = lit_share(shot.subject.parts, raised, light) * slope[front]
    world = shot.pose @ n
    open_ = 1 - 0.75 * nearness_of(shot, p, n)
    if stage.ground is not None:
        height = (shot.pose @ p)[1] - shot.floor
        open_ = open_ * (1 - 0.5 * np.clip(1 - height / 0.35, 0, 1) * (0.6 - 0.4 * world[1]))
    share = 0.5 + 0.5 * world[1]
    ambient = (stage.bounce * (1 - share) + stage.sky * share) * (0.6 * open_)
    side = np.array([-stage.light[0, 0], 0.2, 0.7], np.float32)
    fill = np.maximum(side @ world, 0) * (0.18 * open_)
    colour = colours_at(stuff.paint, p)
    rgb = colour * (ambient + stage.key * (lit * 0.85) + fill) * (1 - 0.75 * stuff.metal)
    bounce = rays + n * (2 * facing)
    grazing = (1 - facing) ** 3
    shine = np.maximum((bounce * light).sum(axis=0), 0) ** (stuff.shine * 0.5)
    rgb = rgb + stage.key * (shine * stuff.gloss * np.minimum(lit * 4, 1) * 0.8)
    if stuff.gloss > 0.1:
        mirrored = _studio_lights(stage, shot.pose @ bounce) * open_
        rgb = rgb + mirrored * (stuff.gloss * (0.04 + 0.4 * grazing) * (1 - stuff.metal))
        rgb = rgb + mirrored * colour * stuff.metal
    if stuff.glow:
        rgb = rgb + colour * stuff.glow
    return rgb, grazing


def nearness_of(shot: _Shot, p: Array, n: Array) -> Array:
    """How closed in surface points are (N,), from a sample a little way off along the normal."""
    step = 0.14
    here = nearness(shot.subject.parts, p + n * step, step)
    return np.clip(here, 0, 1) ** 1.5


def _studio_lights(stage: Stage, d: Array) -> Array:
    """What a mirror would show (3, N) in world directions: ground, sky and a soft box."""
    up = np.clip(d[1] * 2 + 0.5, 0, 1)
    rgb = stage.bounce * (1 - up) + stage.sky * up
    x = d[0] - 0.6 * np.sign(stage.light[0, 0])
    box = np.clip((0.3 - np.abs(x)) * 8, 0, 1) * np.clip((0.45 - np.abs(d[1] - 0.4)) * 8, 0, 1)
    return rgb + stage.key * (1.6 * box * (d[2] > 0))


def _develop(rgb: Array, dice: Dice, size: int) -> NDArray[np.uint8]:
    """Expose, balance, roll off the highlights, add vignette and noise, and quantise."""
    balance = dice.generator.uniform(0.94, 1.06, (3, 1)).astype(np.float32)
    rgb = rgb * (balance * dice.span(0.85, 1.2))
    axis = np.linspace(-1, 1, size, dtype=np.float32) ** 2
    corner = (axis[:, None] + axis[None]).ravel()
    rgb = rgb * (1 - dice.span(0.0, 0.14) * corner)
    rgb = np.where(rgb < 0.7, rgb, 1 - 0.3 * np.exp((0.7 - rgb) / 0.3))
    grey = np.sqrt(np.maximum(rgb, 0)).T.reshape(size, size, 3)
    noise = dice.generator.standard_normal(grey.shape, dtype=np.float32)
    grey = grey + noise * dice.span(0.002, 0.016)
    return (np.clip(grey, 0, 1) * 255 + 0.5).astype(np.uint8)
