"""Makers of things found outdoors: cactus, flower, house, snowman, star, sun."""

import numpy as np

from core.data.doodles.solids.fields import (
    Array,
    Solid,
    Vec,
    ball,
    blend,
    block,
    chain,
    cut,
    disc,
    ellipsoid,
    fan,
    mirror,
    ring,
    ripple,
    rod,
    rotation,
    shift,
    stretch,
    turn,
    union,
)
from core.data.doodles.solids.food import leaf
from core.data.doodles.solids.outlines import Flat, Points, curve, extrude, spin
from core.data.doodles.solids.paints import (
    Dice,
    Material,
    Paint,
    fading,
    matte,
    metal,
    mottled,
    plastic,
    shade,
    speckled,
    striped,
    two_tone,
    waves,
)
from core.data.doodles.solids.subject import Part, Subject, lying, parts


def _ribs(n: int):  # type: ignore[no-untyped-def]
    return lambda p: np.cos(n * np.arctan2(p[2], p[0])) - 0.5


def cactus(dice: Dice) -> Subject:
    """A cactus: a column with arms, a barrel or pads; wild or in a pot."""
    kind = dice.pick(("arms", "arms", "arms", "barrel", "pads"))
    green = dice.hue((0.27, 0.4), (0.4, 0.75), (0.35, 0.65))
    potted = dice.chance(0.45) or kind != "arms"
    spikes = speckled(dice, green, (0.93, 0.92, 0.75), 45, 0.1)
    paint: Paint = spikes if dice.chance(0.6) else mottled(dice, green, shade(green, 0.75), 7)
    stuff = Material(paint=paint, gloss=0.15, shine=15)
    low, top = -0.75, 0.85
    if kind == "arms":
        w = dice.span(0.19, 0.26)
        n = dice.pick((8, 10))
        trunk = ripple(rod((0, low, 0), (0, top - w, 0), w), _ribs(n), 0.025)
        limbs: list[Solid] = [trunk]
        for side in (-1, 1) if dice.chance(0.75) else (dice.pick((-1, 1)),):
            y, out = dice.span(-0.3, 0.15), dice.span(0.42, 0.56)
            up = dice.span(0.25, 0.55)
            a = w * 0.68
            limbs.append(
                chain(
                    [
                        (0, y, 0),
                        (side * out * 0.8, y + 0.03, 0),
                        (side * out, y + 0.14, 0),
                        (side * out, y + 0.14 + up, 0),
                    ],
                    a,
                )
            )
        found = parts(stuff, blend(0.08, *limbs))
    elif kind == "barrel":
        n = dice.pick((12, 14))
        body = ripple(shift(ellipsoid(0.55, 0.58, 0.55), 0, -0.15), _ribs(n), 0.05)
        found = parts(stuff, body)
        top = 0.42
    else:
        pads = [shift(ellipsoid(0.34, 0.44, 0.13), 0, -0.35)]
        for side in (-1, 1):
            pad = turn(shift(ellipsoid(0.24, 0.32, 0.1), 0, 0.3), z=-side * dice.span(25, 45))
            pads.append(shift(pad, side * 0.13, -0.02))
        if dice.chance(0.5):
            pads.append(shift(ellipsoid(0.19, 0.25, 0.09), dice.span(-0.1, 0.1), 0.25, 0.05))
        found = parts(stuff, union(*pads))
        top = 0.5
    if dice.chance(0.4):
        bloom = fan(turn(shift(ellipsoid(0.06, 0.03, 0.12), 0, 0.03, 0.08), x=-35), 7, axis=1)
        tone = dice.hue((0.88, 1.15), (0.4, 0.85), (0.85, 1.0))
        found += parts(matte(tone), shift(bloom, 0, top - 0.02))
    if potted:
        clay = dice.pick(((0.75, 0.4, 0.26), (0.75, 0.4, 0.26), (0.9, 0.88, 0.84), dice.hue()))
        pot = spin(
            [
                (0, -1.25),
                (0.36, -1.25),
                (0.47, -0.78),
                (0.54, -0.78),
                (0.54, -0.62),
                (0.46, -0.62),
                (0.44, -0.7),
                (0, -0.7),
            ]
        )
        found += parts(plastic(clay) if dice.chance(0.4) else matte(clay), pot)
        return Subject(parts=found, yaw=(-35, 35), tilt=(4, 25), stages=("table", "studio", "room"))
    return Subject(parts=found, yaw=(-35, 35), tilt=(2, 14), stages=("sand", "sand", "studio"))


def flower(dice: Dice) -> Subject:
    """A flower on its stem: daisy, sunflower, simple or tulip."""
    kind = dice.pick(("daisy", "daisy", "five", "five", "tulip"))
    tone = dice.hue((0.75, 1.17), (0.4, 0.9), (0.75, 0.98))
    if dice.chance(0.3):
        tone = dice.pick(((0.97, 0.96, 0.95), (0.98, 0.8, 0.15), (0.55, 0.5, 0.9)))
    green = dice.hue((0.25, 0.34), (0.5, 0.8), (0.35, 0.6))
    length = dice.span(0.9, 1.4)
    bend = dice.span(-0.2, 0.2)
    if kind == "tulip":
        cup = spin(
            curve(
                [(0, -0.42), (0.22, -0.38), (0.36, -0.05), (0.3, 0.34), (0.22, 0.3), (0, 0.1)],
                closed=False,
            )
        )
        cup = ripple(
            cup, lambda p: np.abs(np.cos(1.5 * np.arctan2(p[2], p[0]))) * (0.6 + p[1]), 0.09
        )
        petals = stretch(cup, 1.2, 1.25, 1.2)
        found = parts(
            Material(paint=fading(shade(tone, 0.7), tone, 1, -0.4, 0.3), gloss=0.2), petals
        )
        top = -0.45
    else:
        n = dice.count(9, 16) if kind == "daisy" else dice.count(5, 7)
        core = dice.span(0.16, 0.3) if kind == "daisy" else dice.span(0.12, 0.18)
        long = dice.span(0.3, 0.4)
        wide = min(3.0 * (core + long) / n, 0.3) * dice.span(0.62, 0.85)
        petal = shift(turn(ellipsoid(long, wide, 0.045), y=-dice.span(5, 25)), core + long * 0.75)
        radial = two_tone(shade(tone, 0.65), tone, lambda p: np.hypot(p[0], p[1]) * 2.2 - 0.3)
        found = parts(Material(paint=radial, gloss=0.1), fan(petal, n))
        if kind == "daisy" and dice.chance(0.4):
            inner = turn(fan(shift(petal, -0.05, 0, 0.06), n), z=180 / n)
            found += parts(Material(paint=radial, gloss=0.1), inner)
        eye = dice.pick(((0.95, 0.75, 0.15), (0.95, 0.75, 0.15), (0.35, 0.2, 0.1), (0.9, 0.5, 0.1)))
        found += parts(
            matte(speckled(dice, eye, shade(eye, 0.6), 40, 0.4)),
            shift(ellipsoid(core, core, 0.1), 0, 0, 0.04),
        )
        found = (
            [Part(turn(p.solid, x=dice_tilt), _tipped(p.material, dice_tilt)) for p in found]
            if (dice_tilt := dice.span(-22, 5))
            else found
        )
        top = 0.0
    stem = chain(
        [(0, top, -0.06), (bend * 0.3, top - length * 0.5, -0.08), (bend, top - length, -0.06)],
        0.035,
    )
    found += parts(matte(green), stem)
    for side in (-1, 1):
        if dice.chance(0.75):
            y = top - length * dice.span(0.5, 0.85)
            blade = turn(
                leaf(dice.span(0.4, 0.6), dice.span(0.1, 0.17)), x=-25, z=dice.span(15, 50)
            )
            blade = turn(blade, y=0 if side > 0 else 180)
            found += parts(
                matte(mottled(dice, green, shade(green, 0.75), 7)),
                shift(blade, bend * 0.5, y, -0.05),
            )
    return Subject(
        parts=found,
        yaw=(-28, 28),
        tilt=(-4, 20),
        roll=10,
        stages=("backdrop", "garden", "garden"),
        fill=(0.75, 0.98),
    )


def _tipped(material: Material, angle: float) -> Material:
    paint = material.paint
    if not callable(paint):
        return material
    back = rotation(x=-angle)
    return Material(paint=lambda p: paint(back @ p), gloss=material.gloss, shine=material.shine)


def house(dice: Dice) -> Subject:
    """A house with a pitched roof, door, windows and perhaps a chimney."""
    w, h, d = dice.span(0.6, 0.85), dice.span(0.4, 0.65), dice.span(0.5, 0.7)
    wall = dice.pick(
        (
            (0.95, 0.93, 0.88),
            (0.7, 0.32, 0.24),
            (0.93, 0.83, 0.6),
            dice.hue(strength=(0.15, 0.5), value=(0.65, 0.95)),
        )
    )
    style = dice.pick(("plain", "plain", "boards", "brick"))
    paint: Paint = wall
    if style == "boards":
        paint = striped(wall, shade(wall, 0.82), 1, 0.09, 0.25)
    elif style == "brick":
        paint = _bricks(wall)
    roof_tone = dice.pick(
        (
            (0.6, 0.2, 0.15),
            (0.35, 0.22, 0.18),
            (0.3, 0.32, 0.36),
            (0.75, 0.4, 0.25),
            dice.hue(strength=(0.3, 0.7), value=(0.3, 0.7)),
        )
    )
    rise, over = dice.span(0.4, 0.7), dice.span(0.06, 0.14)
    gable = dice.chance(0.6)
    found = parts(matte(paint), block(w, h, d, 0.01))
    slope = [
        (0.0, h + rise),
        (w + over, h - over * 0.8),
        (w + over, h - over * 0.8 + 0.09),
        (0.0, h + rise + 0.1),
    ]
    tiles = matte(striped(roof_tone, shade(roof_tone, 0.72), 1, 0.09, 0.3))
    if gable:
        front = extrude([(-w, h), (w, h), (0, h + rise)], d, 0.01)
        found += parts(matte(paint), front)
        found += parts(tiles, mirror(extrude(slope, d + over, 0.01)))
    else:
        k = d / w
        side = turn(extrude([(-d, h), (d, h), (0, h + rise)], w, 0.01), y=90)
        found += parts(matte(paint), side)
        edge = [(x * (d + over) / (w + over), y) for x, y in slope]
        found += parts(tiles, turn(mirror(extrude(edge, w + over, 0.01)), y=90) if k else side)
    door = dice.hue(strength=(0.4, 0.85), value=(0.25, 0.7))
    x = dice.pick((0.0, 0.0, -w * 0.45, w * 0.45))
    door_h = min(h * 0.62, 0.36)
    found += parts(plastic(door), shift(block(0.13, door_h, 0.03), x, -h + door_h, d))
    found += parts(
        matte((0.9, 0.89, 0.86)), shift(block(0.16, door_h + 0.03, 0.02), x, -h + door_h, d)
    )
    found += parts(metal((0.85, 0.7, 0.3)), shift(ball(0.022), x + 0.08, -h + door_h, d + 0.035))
    found += _windows(dice, w, h, d, x, rise if gable else 0.0)
    if dice.chance(0.6):
        side_x = dice.pick((-1, 1)) * w * 0.5
        stack = block(0.1, 0.28, 0.1)
        found += parts(
            matte(_bricks((0.6, 0.3, 0.24))), shift(stack, side_x, h + rise * 0.75, -d * 0.3)
        )
    found += parts(matte((0.6, 0.59, 0.57)), shift(block(0.24, 0.03, 0.12), x, -h + 0.03, d + 0.1))
    facing = dice.pick((-1, 1))
    return Subject(
        parts=found,
        yaw=(min(0, facing * 42), max(0, facing * 42)),
        tilt=(4, 18),
        roll=2,
        stages=("lawn", "lawn", "snow", "road"),
        fill=(0.7, 0.92),
    )


def _bricks(wall: Vec) -> Paint:
    def joints(p: Array) -> Array:
        v = p[1] / 0.09
        row = np.floor(v)
        u = (p[0] + p[2]) / 0.2 + row * 0.5
        return np.maximum(np.abs(v - row - 0.5), np.abs(u % 1 - 0.5) * 1.02 - 0.02) * 20 - 8.6

    return two_tone(wall, mixed_grey(wall), joints)


def mixed_grey(tone: Vec) -> Vec:
    """The mortar between bricks of a tone."""
    return (0.5 * tone[0] + 0.4, 0.5 * tone[1] + 0.4, 0.5 * tone[2] + 0.38)


def _windows(dice: Dice, w: float, h: float, d: float, door: float, rise: float) -> list[Part]:
    pane = Material(
        paint=dice.pick(((0.2, 0.28, 0.38), (0.55, 0.7, 0.82), (0.98, 0.85, 0.5))),
        gloss=0.8,
        shine=80,
        glow=0.05,
    )
    frame = matte((0.96, 0.96, 0.95))
    s = dice.span(0.12, 0.16)
    spots = [(x, 0.12 if h > 0.45 else 0.05) for x in (-w * 0.55, w * 0.55) if abs(x - door) > 0.33]
    if h > 0.55:
        spots = [(x, y) for x, _ in spots for y in (-0.18, 0.32)]
    found: list[Part] = []
    for x, y in spots:
        found += parts(
            frame,
            shift(
                union(
                    cut(block(s + 0.03, s + 0.03, 0.03), block(s, s, 1.0)),
                    block(s, 0.014, 0.028),
                    block(0.014, s, 0.028),
                ),
                x,
                y,
                d,
            ),
        )
        found += parts(pane, shift(block(s, s, 0.012), x, y, d))
    if rise > 0.5:
        found += parts(pane, shift(disc(0.12, 0.015, axis=2), 0, h + rise * 0.35, d))
        found += parts(frame, shift(ring(0.12, 0.025), 0, h + rise * 0.35, d))
    side = shift(block(0.012, s, s), w, 0.05, 0)
    found += parts(pane, mirror(side))
    return found


def snowman(dice: Dice) -> Subject:
    """A snowman of two or three balls, with hat, scarf, nose and arms."""
    three = dice.chance(0.6)
    radii = [0.55, 0.4, 0.3] if three else [0.6, 0.4]
    radii = [r * dice.span(0.92, 1.08) for r in radii]
    y, balls, centres = 0.0, [], []
    for i, r in enumerate(radii):
        y = r * 0.92 if i == 0 else y + radii[i - 1] * 0.78 + r * 0.78
        centres.append(y)
        balls.append(shift(ball(r), 0, y))
    lumps = waves(dice, 7, 5)
    snow = Material(
        paint=mottled(dice, (0.96, 0.97, 1.0), (0.88, 0.91, 0.97), 9), gloss=0.1, shine=10
    )
    found = parts(snow, ripple(blend(0.05, *balls), lumps, 0.018))
    top, r = centres[-1], radii[-1]
    coal = matte((0.07, 0.07, 0.08))
    found += parts(coal, mirror(shift(ball(0.045), 0.11, top + 0.08, r * 0.92)))
    nose = rod(
        (0, top, r * 0.9),
        (dice.span(-0.1, 0.1), top - 0.03, r + dice.span(0.2, 0.36)),
        0.055,
        0.012,
    )
    found += parts(matte((0.95, 0.5, 0.12)), nose)
    if dice.chance(0.7):
        smile = [
            shift(
                ball(0.022), float(0.14 * np.sin(a)), float(top - 0.02 - 0.13 * np.cos(a)), r * 0.9
            )
            for a in np.linspace(-0.9, 0.9, 5)
        ]
        found += parts(coal, union(*smile))
    chest, cr = centres[-2], radii[-2]
    if dice.chance(0.85):
        tone = coal if dice.chance(0.7) else plastic(dice.hue())
        dots = [
            shift(ball(0.045), 0, chest + cr * float(np.sin(a)), cr * float(np.cos(a)) * 1.0)
            for a in (0.55, 0.15, -0.25)
        ]
        found += parts(tone, union(*dots))
    found += _snow_hat(dice, top, r)
    if dice.chance(0.65):
        wool = dice.hue(strength=(0.6, 0.95), value=(0.45, 0.9))
        knit = matte(striped(wool, dice.pick(((0.95, 0.95, 0.93), shade(wool, 0.7))), 0, 0.12))
        neck = top - r * 0.72
        side = dice.pick((-1, 1))
        end = extrude([(-0.09, 0), (0.09, 0), (0.11, -0.4), (-0.07, -0.4)], 0.04, 0.04)
        found += parts(
            knit,
            shift(ring(r * 0.78, 0.085, axis=1), 0, neck),
            shift(turn(end, x=-12), side * 0.16, neck, r * 0.85),
        )
    if dice.chance(0.8):
        a = dice.span(0.1, 0.5)
        arm = chain(
            [
                (cr * 0.85, chest + 0.08, 0),
                (cr + 0.3, chest + 0.1 + a * 0.6, 0.03),
                (cr + 0.46, chest + 0.16 + a, 0.03),
            ],
            [0.03, 0.024, 0.015],
        )
        twig = rod(
            (cr + 0.3, chest + 0.1 + a * 0.6, 0.03), (cr + 0.5, chest + 0.12 + a * 0.5, 0.05), 0.015
        )
        found += parts(matte((0.32, 0.2, 0.11)), mirror(union(arm, twig)))
    return Subject(
        parts=found,
        yaw=(-32, 32),
        tilt=(2, 16),
        roll=4,
        stages=("snow", "snow", "snow", "studio"),
        fill=(0.75, 0.95),
    )


def _snow_hat(dice: Dice, top: float, r: float) -> list[Part]:
    kind = dice.pick(("top", "top", "beanie", "bucket", "none"))
    y = top + r * 0.72
    tone = dice.pick(
        ((0.1, 0.1, 0.11), (0.1, 0.1, 0.11), dice.hue(strength=(0.5, 0.9), value=(0.25, 0.8)))
    )
    if kind == "top":
        h = dice.span(0.13, 0.22)
        found = parts(
            matte(tone),
            shift(disc(r * 1.15, 0.025), 0, y),
            shift(disc(r * 0.72, h, 0.02), 0, y + h),
        )
        band = dice.hue(strength=(0.7, 0.95), value=(0.5, 0.9))
        return found + parts(matte(band), shift(disc(r * 0.735, 0.045), 0, y + 0.06))
    if kind == "beanie":
        wool = dice.hue(strength=(0.5, 0.95), value=(0.45, 0.9))
        cap = shift(ellipsoid(r * 0.95, r * 0.85, r * 0.95), 0, y - 0.02)
        cap = cut(cap, shift(block(2, 1, 2), 0, y - 1.02))
        return parts(
            matte(striped(wool, shade(wool, 0.7), 1, 0.1)),
            cap,
            shift(ring(r * 0.86, 0.06, axis=1), 0, y),
        ) + parts(matte((0.95, 0.94, 0.92)), shift(ball(0.1), 0, y + r * 0.9))
    if kind == "bucket":
        pail = spin([(0, y - 0.04), (r * 0.9, y - 0.04), (r * 0.62, y + 0.36), (0, y + 0.36)])
        return parts(metal(dice.hue(strength=(0.1, 0.8)), 0.3), pail)
    return []


def _star_points(n: int, inner: float, spin_: float = 0.0) -> Points:
    a = np.arange(2 * n) * (np.pi / n) + np.pi / 2 + spin_
    r = np.where(np.arange(2 * n) % 2 == 0, 1.0, inner)
    return [(float(x), float(y)) for x, y in zip(r * np.cos(a), r * np.sin(a), strict=True)]


def star(dice: Dice) -> Subject:
    """A star: faceted, puffy or flat; gold, coloured or glittering."""
    n = dice.pick((5, 5, 5, 5, 6))
    inner = dice.span(0.38, 0.5) if n == 5 else dice.span(0.5, 0.6)
    points = _star_points(n, inner)
    kind = dice.pick(("facets", "facets", "puffy", "flat"))
    gold: Vec = dice.pick(
        (
            (0.96, 0.78, 0.22),
            (0.96, 0.78, 0.22),
            (0.85, 0.86, 0.88),
            dice.hue(strength=(0.6, 0.95), value=(0.6, 0.98)),
        )
    )
    flat = Flat(points)
    if kind == "facets":
        slope = dice.span(0.5, 0.9)

        def field(p: Array) -> Array:
            return (np.abs(p[2]) + slope * flat(p[0], p[1])) / np.sqrt(1 + slope * slope)

        solid = Solid(field, (-1, -1, -slope * 0.45), (1, 1, slope * 0.45))
        stuff = metal(gold, 0.3) if dice.chance(0.6) else plastic(gold)
    elif kind == "puffy":
        solid = extrude(curve(_star_points(n, inner + 0.06), steps=4), 0.22, 0.2)
        stuff = plastic(gold) if dice.chance(0.5) else matte(gold)
    else:
        solid = extrude(points, dice.span(0.05, 0.12), 0.03)
        glitter = speckled(dice, gold, shade(gold, 1.4), 60, 0.3)
        stuff = dice.pick((plastic(gold), Material(paint=glitter, gloss=0.6), matte(gold)))
    if dice.chance(0.3):
        stuff = Material(
            paint=stuff.paint, gloss=stuff.gloss, shine=stuff.shine, metal=stuff.metal, glow=0.35
        )
    found = parts(stuff, solid)
    if dice.chance(0.5):
        return Subject(
            parts=found,
            pose=lying(dice.span(-36, 36)),
            yaw=(0, 0),
            tilt=(50, 88),
            stages=("table", "cloth", "studio"),
        )
    return Subject(
        parts=found,
        pose=rotation(z=dice.span(-15, 15)),
        yaw=(-32, 32),
        tilt=(-10, 15),
        roll=6,
        stages=("backdrop", "night", "night"),
    )


def sun(dice: Dice) -> Subject:
    """A sun: a glowing disc with rays in the sky."""
    tone = dice.hue((0.1, 0.155), (0.6, 0.95), (0.95, 1.0))
    warm = dice.hue((0.05, 0.13), (0.75, 0.95), (0.93, 1.0))
    core = dice.span(0.48, 0.62)
    found = parts(
        Material(paint=fading(warm, tone, 1, -0.6, 0.5), gloss=0.1, glow=0.7),
        stretch(ball(core), 1, 1, 0.5),
    )
    n = dice.pick((8, 10, 12, 12, 16))
    gap, reach = core + dice.span(0.06, 0.14), dice.span(0.85, 1.0)
    kind = dice.pick(("spikes", "bars", "mixed", "waves"))
    width = min(0.12, 1.6 / n)
    if kind == "bars":
        ray: Solid = rod((gap, 0, 0), (reach, 0, 0), width * 0.4)
    elif kind == "waves":
        ray = chain(
            [(gap, -0.03, 0), ((gap + reach) / 2, 0.05, 0), (reach, -0.03, 0)],
            [width * 0.5, width * 0.4, 0.015],
        )
    else:
        ray = extrude([(gap, -width), (reach + 0.05, 0), (gap, width)], 0.04, 0.03)
    beams = Material(paint=warm if dice.chance(0.5) else tone, gloss=0.1, glow=0.65)
    if kind == "mixed":
        short = rod((gap, 0, 0), (gap + 0.12, 0, 0), 0.035)
        found += parts(beams, fan(ray, n // 2), turn(fan(short, n // 2), z=360 / n))
    else:
        found += parts(beams, fan(ray, n))
    if dice.chance(0.25):
        dark = matte((0.5, 0.25, 0.05))
        z = core * 0.47
        found += parts(dark, mirror(shift(ball(0.05), 0.17, 0.12, z)))
        smile = [
            (float(0.24 * np.sin(a)), float(-0.24 * np.cos(a)) + 0.04, z * 0.93)
            for a in np.linspace(-1.0, 1.0, 7)
        ]
        found += parts(dark, chain(smile, 0.025))
    return Subject(
        parts=found,
        pose=rotation(z=dice.span(0, 40)),
        yaw=(-22, 22),
        tilt=(-12, 12),
        roll=0,
        stages=("sky", "sky", "sky", "horizon"),
        fill=(0.5, 0.92),
    )
