"""Stages for the pictures: the ground a thing stands on, what is behind it, and the light.

A stage is a horizontal ground at y = 0 (or none), a far picture behind it, and a key light. The
camera always looks towards -z. Far pictures are functions of (a, b) = (dx, dy)/(-dz) of the rays.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, sin

import numpy as np

from core.data.doodles.solids.fields import Array, Vec
from core.data.doodles.solids.outlines import Grid
from core.data.doodles.solids.paints import Dice, mix, shade

Cover = Callable[[Array, Array], Array]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Surroundings of one picture; colours are linear light."""

    ground: Cover | None
    """Colour (3, N) of the ground at (x, z), or None where a thing floats."""
    far: Cover
    """Colour (3, N) behind the ground, at (a, b)."""
    depth: float
    """Distance behind the thing where the ground ends or has faded into the far picture."""
    hard_end: bool
    """Whether the ground ends at once (table, room) or fades (studio, lawn)."""
    light: Array
    """Unit direction (3, 1) towards the key light."""
    key: Array
    """Colour (3, 1) of the key light."""
    sky: Array
    """Ambient colour (3, 1) from above."""
    bounce: Array
    """Ambient colour (3, 1) from below."""


def _linear(colour: Vec) -> Array:
    return np.square(np.array(colour, np.float32))[:, None]


def _noise(dice: Dice) -> Cover:
    """Value noise (N,) in 0..1 over the plane, period 64."""
    table = dice.generator.random((65, 65), dtype=np.float32)
    table[64], table[:, 64] = table[0], table[:, 0]
    grid = Grid(table)

    def noise(x: Array, y: Array) -> Array:
        column, row = np.floor(x), np.floor(y)
        u, v = x - column, y - row
        at = row.astype(np.intp)
        at &= 63
        at <<= 6
        at |= column.astype(np.intp) & 63
        return grid.within(at, _eased(u), _eased(v))

    return noise


def _eased(share: Array) -> Array:
    """Shares of a cell slowed down at its ends, so that cells of noise join smoothly."""
    steep = 3 - 2 * share
    steep *= share
    steep *= share
    return steep


def _spread(a: Vec, b: Vec, share: Array) -> Array:
    low, high = _linear(a), _linear(b)
    return low + (high - low) * np.clip(share, 0, 1)


def _grain(dice: Dice, a: Vec, b: Vec) -> Cover:
    """Planks of wood."""
    noise, angle = _noise(dice), dice.span(-0.5, 0.5) + dice.pick((0.0, 1.571))
    c, s, plank = cos(angle), sin(angle), dice.span(0.35, 0.8)

    def cover(x: Array, z: Array) -> Array:
        u, v = c * x + s * z, c * z - s * x
        board = np.floor(v / plank)
        streak = noise(u * 1.5 + board * 7.3, v * 26) * 0.6 + noise(u * 0.7, v * 9 + board) * 0.4
        seam = np.clip((np.abs(v / plank - board - 0.5) - 0.47) * 40, 0, 1)
        tone = 0.25 * np.sin(board * 12.9)
        return _spread(a, b, streak + tone) * (1 - 0.5 * seam)

    return cover


def _stone(dice: Dice, a: Vec, b: Vec) -> Cover:
    """Marble, concrete or plaster."""
    noise, scale = _noise(dice), dice.span(1.0, 3.0)

    def cover(x: Array, z: Array) -> Array:
        n = noise(x * scale, z * scale) * 0.6 + noise(x * scale * 4, z * scale * 4) * 0.4
        return _spread(a, b, np.abs(n - 0.5) * 3)

    return cover


def _weave(dice: Dice, a: Vec, b: Vec) -> Cover:
    """A cloth with checks or stripes."""
    period, kind = dice.span(0.3, 0.8), dice.pick(("check", "stripe", "dot", "plain"))
    angle = dice.span(-0.6, 0.6)
    c, s = cos(angle), sin(angle)
    noise = _noise(dice)

    def cover(x: Array, z: Array) -> Array:
        u, v = (c * x + s * z) / period, (c * z - s * x) / period
        p, q = np.abs(u % 1 - 0.5), np.abs(v % 1 - 0.5)
        if kind == "dot":
            share = (0.2 - np.sqrt(p * p + q * q)) * 20
        elif kind == "stripe":
            share = (p - 0.25) * 12
        elif kind == "check":
            share = np.clip((p - 0.25) * 12, 0, 1) * 0.5 + np.clip((q - 0.25) * 12, 0, 1) * 0.5
        else:
            share = np.zeros_like(p)
        return _spread(a, b, share) * (0.85 + 0.3 * noise(x * 18, z * 18))

    return cover


def _rough(dice: Dice, a: Vec, b: Vec, scale: float) -> Cover:
    """Grass, sand, asphalt, snow: two sizes of noise."""
    noise = _noise(dice)
    return lambda x, z: _spread(
        a, b, noise(x * scale, z * scale) * 0.6 + noise(x * scale * 0.17, z * scale * 0.17) * 0.5
    )


def _water(dice: Dice, a: Vec, b: Vec) -> Cover:
    noise = _noise(dice)
    return lambda x, z: _spread(
        a, b, noise(x * 2.5, z * 9) * 0.7 + noise(x * 7, z * 21) * 0.5 - 0.1
    )


def _backdrop(low: Vec, high: Vec, middle: float = 0.2, reach: float = 0.8) -> Cover:
    """A gradient from below to above."""
    return lambda a, b: _spread(low, high, (b - middle) / reach + 0.5)


def _clutter(dice: Dice, base: Cover, count: int, top: float, colours: list[Vec]) -> Cover:
    """Things out of focus in front of `base`: soft blobs and boxes."""
    things = []
    for _ in range(count):
        size = dice.span(0.04, 0.22)
        things.append(
            (
                dice.span(-0.8, 0.8),
                dice.span(-0.1, top),
                size,
                size * dice.span(0.5, 1.8),
                dice.chance(0.5),
                _linear(dice.pick(colours)),
                dice.span(0.4, 0.9),
            )
        )

    def cover(a: Array, b: Array) -> Array:
        rgb = base(a, b)
        for x, y, w, h, round_, colour, strength in things:
            p, q = np.abs(a - x) / w, np.abs(b - y) / h
            d = np.sqrt(p * p + q * q) if round_ else np.maximum(p, q)
            rgb = rgb + (colour - rgb) * (np.clip((1.3 - d) * 1.7, 0, 1) * strength)
        return rgb

    return cover


def _sky(dice: Dice) -> Cover:
    """A sky with clouds, by day or towards evening."""
    evening = dice.chance(0.15)
    top: Vec = dice.hue((0.56, 0.61), (0.45, 0.75), (0.7, 0.95))
    low: Vec = (0.98, 0.8, 0.62) if evening else mix(top, (0.95, 0.97, 1.0), 0.7)
    noise, cover_share = _noise(dice), dice.span(-0.15, 0.5)
    scale = dice.span(2.0, 4.5)

    def cover(a: Array, b: Array) -> Array:
        rgb = _spread(low, top, b * 1.3 + 0.25)
        n = (
            noise(a * scale + 20, b * scale * 2.2 + 20) * 0.55
            + noise(a * scale * 2.3 + 9, b * scale * 4 + 9) * 0.3
            + noise(a * scale * 5, b * scale * 8) * 0.15
        )
        cloud = np.clip((n - 0.62 + cover_share * 0.35) * 4, 0, 0.9)
        return rgb + (0.97 - rgb) * cloud

    return cover


def _hills(dice: Dice, base: Cover, colour: Vec, height: float, jag: float) -> Cover:
    """A far ridge of trees, dunes or roofs along the horizon."""
    noise, shift = _noise(dice), dice.span(0, 60)
    tone = _linear(colour)

    def cover(a: Array, b: Array) -> Array:
        rgb = base(a, b)
        ridge = height * (0.3 + noise(a * jag + shift, a * 0 + 3))
        share = np.clip((ridge - b) * 30, 0, 1)
        return rgb + (tone * (0.75 + 0.5 * noise(a * 25, b * 25)) - rgb) * share

    return cover


def _light(dice: Dice, *, outdoors: bool = False) -> dict[str, Array]:
    side = dice.pick((-1.0, 1.0)) * dice.span(0.25, 1.0)
    direction = np.array([[side], [dice.span(0.7, 1.5)], [dice.span(0.35, 1.0)]], np.float32)
    warmth = dice.span(-0.08, 0.1)
    power = dice.span(0.8, 1.1) * (1.1 if outdoors else 1.0)
    sky: Vec = (0.72, 0.82, 0.95) if outdoors else (0.82, 0.82, 0.84)
    return {
        "light": direction / np.linalg.norm(direction),
        "key": np.array([[1 + warmth], [1.0], [1 - warmth]], np.float32) * power,
        "sky": _linear(sky),
    }


def _studio(dice: Dice) -> Stage:
    base: Vec = (
        dice.pick(((0.93, 0.93, 0.93), (0.82, 0.83, 0.85), (0.35, 0.36, 0.39)))
        if dice.chance(0.45)
        else dice.hue(strength=(0.05, 0.3), value=(0.55, 0.97))
    )
    ground = _linear(base)
    far = _backdrop(base, shade(base, dice.span(0.62, 1.05)), 0.25, 1.2)
    return Stage(
        ground=lambda x, z: np.broadcast_to(ground, (3, len(x))),
        far=far,
        depth=3.0,
        hard_end=False,
        bounce=ground * 0.6,
        **_light(dice),
    )


def _wall(dice: Dice) -> Cover:
    wall = dice.hue(strength=(0.02, 0.24), value=(0.5, 0.95))
    if dice.chance(0.2):
        wall = shade(wall, 0.45)
    return _backdrop(shade(wall, 0.85), wall)


def _surface(dice: Dice) -> tuple[Cover, Vec]:
    """A table top, and about its colour."""
    kind = dice.pick(("wood", "wood", "stone", "cloth", "plain"))
    if kind == "wood":
        tone = dice.hue((0.05, 0.1), (0.25, 0.6), (0.4, 0.9))
        return _grain(dice, shade(tone, 0.72), tone), tone
    if kind == "stone":
        tone = dice.hue((0.0, 1.0), (0.0, 0.12), (0.45, 0.93))
        return _stone(dice, tone, shade(tone, 0.75)), tone
    tone = dice.hue(strength=(0.08, 0.42), value=(0.5, 0.95))
    if kind == "cloth":
        other = dice.pick((shade(tone, 0.7), (0.92, 0.91, 0.88)))
        return _weave(dice, tone, other), tone
    return _rough(dice, tone, shade(tone, 0.92), 6.0), tone


def _table(dice: Dice) -> Stage:
    ground, tone = _surface(dice)
    far = _wall(dice)
    if dice.chance(0.65):
        colours = [dice.hue(strength=(0.1, 0.7), value=(0.25, 0.9)) for _ in range(4)]
        far = _clutter(dice, far, dice.count(3, 8), 0.4, colours)
    return Stage(
        ground=ground,
        far=far,
        depth=dice.span(1.6, 3.5),
        hard_end=True,
        bounce=_linear(tone) * 0.6,
        **_light(dice),
    )


def _floor(dice: Dice) -> Stage:
    tone = dice.hue((0.05, 0.1), (0.25, 0.6), (0.4, 0.9))
    ground = _grain(dice, shade(tone, 0.72), tone)
    return Stage(
        ground=ground,
        far=_wall(dice),
        depth=6.0,
        hard_end=True,
        bounce=_linear(tone) * 0.6,
        **_light(dice),
    )


def _cloth(dice: Dice) -> Stage:
    tone = dice.hue(strength=(0.08, 0.42), value=(0.5, 0.95))
    ground = _weave(dice, tone, dice.pick((shade(tone, 0.75), (0.92, 0.91, 0.88))))
    return Stage(
        ground=ground,
        far=_wall(dice),
        depth=6.0,
        hard_end=True,
        bounce=_linear(tone) * 0.6,
        **_light(dice),
    )


def _room(dice: Dice) -> Stage:
    stage = _floor(dice)
    wall, board = _wall(dice), _linear((0.9, 0.89, 0.86))
    depth = dice.span(1.2, 2.2)
    return Stage(
        ground=stage.ground,
        far=wall,
        depth=depth,
        hard_end=True,
        light=stage.light,
        key=stage.key,
        sky=stage.sky,
        bounce=board * 0.4,
    )


def _outdoors(dice: Dice, ground: Cover, tone: Vec, ridge: Vec, height: float) -> Stage:
    far = _sky(dice)
    if dice.chance(0.75):
        far = _hills(dice, far, ridge, height * dice.span(0.4, 1.3), dice.span(3, 9))
    return Stage(
        ground=ground,
        far=far,
        depth=9.0,
        hard_end=False,
        bounce=_linear(tone) * 0.5,
        **_light(dice, outdoors=True),
    )


def _lawn(dice: Dice) -> Stage:
    tone = dice.hue((0.22, 0.32), (0.45, 0.75), (0.4, 0.68))
    ground = _rough(dice, shade(tone, 0.6), tone, dice.span(9, 16))
    return _outdoors(dice, ground, tone, dice.hue((0.25, 0.38), (0.3, 0.6), (0.25, 0.5)), 0.2)


def _road(dice: Dice) -> Stage:
    tone = dice.hue((0.05, 0.65), (0.0, 0.1), (0.35, 0.65))
    ground = _rough(dice, tone, shade(tone, 0.82), 12)
    return _outdoors(dice, ground, tone, dice.hue(strength=(0.05, 0.4), value=(0.4, 0.7)), 0.3)


def _sand(dice: Dice) -> Stage:
    tone = dice.hue((0.08, 0.13), (0.25, 0.5), (0.75, 0.95))
    ground = _rough(dice, tone, shade(tone, 0.82), 7)
    return _outdoors(dice, ground, tone, dice.hue((0.04, 0.12), (0.3, 0.5), (0.5, 0.8)), 0.2)


def _snow(dice: Dice) -> Stage:
    ground = _rough(dice, (0.9, 0.93, 0.97), (0.98, 0.98, 1.0), 5)
    return _outdoors(
        dice, ground, (0.9, 0.93, 0.97), dice.hue((0.35, 0.6), (0.2, 0.5), (0.3, 0.5)), 0.3
    )


def _sea(dice: Dice) -> Stage:
    tone = dice.hue((0.48, 0.6), (0.45, 0.8), (0.4, 0.75))
    ground = _water(dice, shade(tone, 0.75), mix(tone, (1.0, 1.0, 1.0), 0.35))
    return _outdoors(dice, ground, tone, dice.hue((0.3, 0.6), (0.15, 0.4), (0.4, 0.6)), 0.1)


def _open_sky(dice: Dice) -> Stage:
    far = _sky(dice)
    return Stage(
        ground=None,
        far=lambda a, b: far(a, b + 0.5),
        depth=9.0,
        hard_end=False,
        bounce=_linear((0.5, 0.55, 0.6)),
        **_light(dice, outdoors=True),
    )


def _deep(dice: Dice) -> Stage:
    tone = dice.hue((0.48, 0.6), (0.55, 0.9), (0.35, 0.75))
    far = _backdrop(shade(tone, 0.45), mix(tone, (0.9, 1.0, 1.0), 0.35), 0.0, 1.0)
    weed = [dice.hue((0.25, 0.55), (0.4, 0.8), (0.2, 0.6)) for _ in range(3)]
    return Stage(
        ground=None,
        far=_clutter(dice, far, dice.count(2, 7), 0.5, weed),
        depth=9.0,
        hard_end=False,
        bounce=_linear(shade(tone, 0.7)),
        **_light(dice),
    )


def _dusk(dice: Dice) -> Stage:
    tone = dice.hue((0.55, 1.1), (0.2, 0.6), (0.14, 0.3))
    lamps = [dice.hue((0.05, 0.16), (0.3, 0.8), (0.7, 1.0)) for _ in range(3)]
    far = _clutter(dice, _backdrop(tone, shade(tone, 0.6)), dice.count(2, 6), 0.5, lamps)
    wood = dice.hue((0.04, 0.1), (0.3, 0.6), (0.25, 0.45))
    light = _light(dice)
    light["key"] = light["key"] * 0.55
    light["sky"] = light["sky"] * 0.6
    return Stage(
        ground=_grain(dice, shade(wood, 0.7), wood),
        far=far,
        depth=2.5,
        hard_end=True,
        bounce=_linear(wood) * 0.6,
        **light,
    )


def _plaster(dice: Dice) -> Stage:
    """A painted wall, seen by a camera that looks straight at it."""
    tone = dice.hue(strength=(0.02, 0.26), value=(0.5, 0.96))
    ground = _stone(dice, tone, shade(tone, 0.93)) if dice.chance(0.6) else _bricks(dice, tone)
    return Stage(
        ground=ground,
        far=_wall(dice),
        depth=9.0,
        hard_end=True,
        bounce=_linear(tone) * 0.6,
        **_light(dice),
    )


def _bricks(dice: Dice, tone: Vec) -> Cover:
    noise, scale = _noise(dice), dice.span(0.8, 1.3)
    joint = mix(tone, (0.8, 0.79, 0.76), 0.5)

    def cover(x: Array, z: Array) -> Array:
        v = z * (3.2 * scale)
        row = np.floor(v)
        u = x * (1.5 * scale) + row * 0.5
        gap = np.maximum(np.abs(v - row - 0.5) - 0.43, np.abs(u % 1 - 0.5) - 0.465)
        each = noise(np.floor(u) * 7.3, row * 3.1)
        return _spread(tone, joint, gap * 30 + 0.3) * (0.75 + 0.4 * each)

    return cover


def _backdrop_only(dice: Dice) -> Stage:
    """No ground: a plain, blurred or leafy background."""
    far = _wall(dice)
    if dice.chance(0.6):
        colours = [dice.hue(strength=(0.1, 0.6), value=(0.3, 0.9)) for _ in range(4)]
        far = _clutter(dice, far, dice.count(3, 9), 0.5, colours)
    return Stage(
        ground=None,
        far=far,
        depth=9.0,
        hard_end=False,
        bounce=_linear((0.6, 0.6, 0.6)) * 0.6,
        **_light(dice),
    )


def _garden(dice: Dice) -> Stage:
    tone = dice.hue((0.2, 0.36), (0.3, 0.7), (0.3, 0.7))
    greens = [dice.hue((0.17, 0.38), (0.3, 0.8), (0.25, 0.85)) for _ in range(4)]
    far = _clutter(dice, _backdrop(shade(tone, 0.6), tone), dice.count(6, 12), 0.6, greens)
    return Stage(
        ground=None,
        far=far,
        depth=9.0,
        hard_end=False,
        bounce=_linear(shade(tone, 0.8)),
        **_light(dice, outdoors=True),
    )


def _night(dice: Dice) -> Stage:
    tone = dice.hue((0.58, 0.75), (0.5, 0.85), (0.15, 0.4))
    lamps = [dice.hue((0.08, 0.2), (0.05, 0.5), (0.8, 1.0)) for _ in range(3)]
    far = _clutter(dice, _backdrop(shade(tone, 1.5), tone), dice.count(0, 5), 0.6, lamps)
    light = _light(dice)
    return Stage(ground=None, far=far, depth=9.0, hard_end=False, bounce=_linear(tone), **light)


def _horizon(dice: Dice) -> Stage:
    """The sky over a ridge of hills."""
    far = _hills(
        dice, _sky(dice), dice.hue((0.2, 0.35), (0.3, 0.6), (0.3, 0.6)), 0.2, dice.span(2, 6)
    )
    return Stage(
        ground=None,
        far=lambda a, b: far(a, b + 0.3),
        depth=9.0,
        hard_end=False,
        bounce=_linear((0.5, 0.55, 0.6)),
        **_light(dice, outdoors=True),
    )


STAGES: dict[str, Callable[[Dice], Stage]] = {
    "studio": _studio,
    "table": _table,
    "floor": _floor,
    "cloth": _cloth,
    "room": _room,
    "lawn": _lawn,
    "road": _road,
    "sand": _sand,
    "snow": _snow,
    "sea": _sea,
    "sky": _open_sky,
    "deep": _deep,
    "dusk": _dusk,
    "plaster": _plaster,
    "backdrop": _backdrop_only,
    "garden": _garden,
    "night": _night,
    "horizon": _horizon,
}
