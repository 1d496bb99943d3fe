"""Makers of things on a table: candle, coffee cup, hourglass, teapot, wine glass."""

import numpy as np

from core.data.doodles.solids.fields import (
    Array,
    Solid,
    Vec,
    blend,
    block,
    chain,
    common,
    disc,
    ellipsoid,
    ring,
    rod,
    shift,
    stretch,
    turn,
)
from core.data.doodles.solids.outlines import curve, spin
from core.data.doodles.solids.paints import (
    Dice,
    Material,
    Paint,
    fading,
    glass,
    grained,
    matte,
    metal,
    plastic,
    shade,
    two_tone,
)
from core.data.doodles.solids.subject import Subject, parts


def _flame(height: float) -> Solid:
    h = height
    return spin(
        curve(
            [(0, 0), (h * 0.2, h * 0.12), (h * 0.26, h * 0.32), (h * 0.14, h * 0.65), (0.0, h)],
            closed=False,
        )
    )


def candle(dice: Dice) -> Subject:
    """A burning candle, alone, on a dish or in a stick."""
    kind = dice.pick(("pillar", "dish", "stick", "taper"))
    w = dice.span(0.3, 0.45) if kind == "pillar" else dice.span(0.13, 0.22)
    h = dice.span(0.45, 0.75) if kind == "pillar" else dice.span(0.6, 1.0)
    wax = dice.pick(
        (
            (0.96, 0.93, 0.84),
            (0.8, 0.15, 0.15),
            (0.93, 0.85, 0.6),
            dice.hue(strength=(0.3, 0.7), value=(0.6, 0.95)),
        )
    )
    body = spin(
        [(0, -h), (w, -h), (w, h - 0.03), (w * 0.85, h), (w * 0.5, h - 0.06), (0, h - 0.07)]
    )
    drips = []
    if dice.chance(0.6):
        for _ in range(dice.count(2, 5)):
            a, low = dice.span(0, 6.28), h - dice.span(0.15, 0.7)
            x, z = float(w * np.cos(a)), float(w * np.sin(a))
            drips.append(rod((x, h - 0.05, z), (x, low, z), 0.03, 0.05))
    soft = Material(
        paint=fading(wax, shade(wax, 1.12), 1, h - 0.5, h), gloss=0.25, shine=25, glow=0.12
    )
    found = parts(soft, blend(0.06, body, *drips) if drips else body)
    found += parts(matte((0.12, 0.1, 0.1)), rod((0, h - 0.1, 0), (0.015, h + 0.1, 0), 0.018))
    size = dice.span(0.42, 0.6)
    fire = Material(
        paint=fading((1.0, 0.62, 0.15), (1.0, 0.93, 0.6), 1, h + 0.5 * size, h + 0.1),
        gloss=0.0,
        glow=1.3,
    )
    flame = shift(turn(stretch(_flame(size), 1, 1, 0.8), z=dice.span(-8, 8)), 0, h + 0.03)
    found += parts(fire, flame)
    brass = metal(dice.pick(((0.85, 0.65, 0.3), (0.75, 0.76, 0.78), (0.4, 0.35, 0.32))), 0.5)
    if kind == "dish":
        plate = spin(
            curve([(0, -h - 0.02), (0.5, -h - 0.02), (0.68, -h + 0.12)], closed=False), pen=0.03
        )
        handle = shift(ring(0.17, 0.035), dice.pick((-1, 1)) * 0.8, -h + 0.12)
        found += parts(brass, plate, handle)
    elif kind == "stick":
        n = dice.span(0.5, 0.8)
        foot = spin(
            curve(
                [
                    (0, -h - n),
                    (0.42, -h - n),
                    (0.36, -h - n + 0.08),
                    (0.1, -h - n * 0.75),
                    (0.08, -h - 0.3),
                    (w + 0.09, -h - 0.05),
                    (w + 0.06, -h + 0.08),
                    (0, -h + 0.08),
                ],
                closed=False,
            )
        )
        found += parts(brass, foot)
    return Subject(parts=found, yaw=(-60, 60), tilt=(3, 20), stages=("dusk", "dusk", "table"))


def _glaze(dice: Dice, low: float, high: float) -> tuple[Paint, Vec]:
    """A decorated glaze between two heights, and its ground colour."""
    base = dice.pick(
        (
            (0.95, 0.95, 0.93),
            dice.hue(strength=(0.3, 0.8), value=(0.4, 0.95)),
            dice.hue(strength=(0.1, 0.4), value=(0.75, 0.97)),
        )
    )
    other = dice.hue(strength=(0.4, 0.9), value=(0.3, 0.85))
    kind = dice.pick(("plain", "plain", "band", "dots", "dip"))
    if kind == "band":
        middle, half = dice.span(low, high), dice.span(0.06, 0.16)
        return two_tone(base, other, lambda p: (half - np.abs(p[1] - middle)) * 60), base
    if kind == "dots":

        def dots(p: Array) -> Array:
            a = np.arctan2(p[2], p[0]) * (12 / 6.283)
            b = p[1] * 4.5
            row = np.floor(b)
            u, v = (a + row * 0.5) % 1 - 0.5, b - row - 0.5
            return (0.27 - np.sqrt(u * u + v * v)) * 12

        return two_tone(base, other, dots), base
    if kind == "dip":
        middle = (low + high) / 2
        return two_tone(base, other, lambda p: (middle - p[1]) * 40), base
    return base, base


def coffee_cup(dice: Dice) -> Subject:
    """A mug, a cup on a saucer, or a paper cup."""
    kind = dice.pick(("mug", "mug", "cup", "cup", "paper"))
    if kind == "paper":
        return _paper_cup(dice)
    h = dice.span(0.5, 0.75) if kind == "mug" else dice.span(0.38, 0.5)
    top = dice.span(0.48, 0.6) if kind == "mug" else dice.span(0.62, 0.75)
    foot = top * (dice.span(0.85, 1.0) if kind == "mug" else dice.span(0.45, 0.6))
    belly = [
        (0, -h),
        (foot, -h),
        ((foot + top) / 2 + (0.0 if kind == "mug" else 0.14), -h * 0.2),
        (top, h),
    ]
    if kind == "mug":
        path = [(0, -h), (foot - 0.06, -h), (foot, -h + 0.07), (top, h)]
    else:
        path = curve(belly[1:], closed=False)
        path = [(0, -h), *path]
    tone, base = _glaze(dice, -h * 0.5, h * 0.6)
    china = plastic(tone)
    found = parts(china, spin(path, pen=0.04))
    found += parts(plastic(mug_coffee(dice)), shift(disc(top - 0.05, 0.02), 0, h - 0.14))
    side = dice.pick((-1, 1))
    r = h * dice.span(0.5, 0.62)
    ear = stretch(ring(r, 0.06), dice.span(0.75, 1.0), 1, 1)
    ear = common(ear, shift(block(1, 1, 1), 1.0 - 0.06))
    found += parts(
        plastic(base), turn(shift(ear, (foot + top) / 2 + 0.02, 0.02), y=0 if side > 0 else 180)
    )
    if kind == "cup" or dice.chance(0.15):
        plate = spin(
            curve([(0, -h - 0.03), (0.55, -h - 0.03), (top + 0.5, -h + 0.14)], closed=False),
            pen=0.035,
        )
        found += parts(plastic(base), plate)
    return Subject(parts=found, yaw=(-40, 40), tilt=(10, 38), roll=4)


def mug_coffee(dice: Dice) -> Paint:
    """Black coffee or one with milk."""
    return dice.pick(((0.17, 0.09, 0.05), (0.25, 0.13, 0.07), (0.6, 0.4, 0.24), (0.7, 0.52, 0.34)))


def _paper_cup(dice: Dice) -> Subject:
    h, w = 0.95, dice.span(0.5, 0.6)
    low = w * 0.72
    paper = dice.pick(((0.95, 0.94, 0.91), dice.hue(strength=(0.3, 0.8), value=(0.3, 0.9))))
    found = parts(matte(paper), spin([(0, -h), (low, -h), (w, h - 0.2), (0, h - 0.2)]))
    lid = spin(
        [
            (0, h - 0.2),
            (w + 0.04, h - 0.2),
            (w + 0.04, h - 0.12),
            (w - 0.04, h - 0.08),
            (w - 0.07, h + 0.03),
            (0, h),
        ]
    )
    found += parts(plastic(dice.pick(((0.95, 0.95, 0.95), (0.12, 0.11, 0.11)))), lid)
    sleeve = dice.hue((0.06, 0.1), (0.35, 0.6), (0.5, 0.8))
    a, b = low + (w - low) * 0.3, low + (w - low) * 0.75
    found += parts(matte(sleeve), spin([(a, -0.4), (b, 0.35)], pen=0.025))
    return Subject(parts=found, yaw=(0, 0), tilt=(5, 25), roll=4)


def hourglass(dice: Dice) -> Subject:
    """An hourglass: two bulbs with sand between plates and pillars."""
    h, w, neck = 0.8, dice.span(0.4, 0.52), 0.06
    half = curve(
        [(neck, 0), (w * 0.45, h * 0.28), (w, h * 0.68), (w * 0.9, h * 0.97)], closed=False
    )
    bulb = spin([(r, -y) for r, y in reversed(half[1:])] + list(half), pen=0.02)
    sand: Vec = dice.pick(((0.88, 0.72, 0.45), (0.95, 0.9, 0.8), dice.hue(value=(0.6, 0.95))))
    level = dice.span(0.25, 0.6)
    inner = [(max(r - 0.045, 0.01), y) for r, y in half]
    upper = [(r, y) for r, y in inner if y < level]
    heap = [(0, -h + 0.02)] + [(r, -y) for r, y in reversed(inner) if y > h * (0.45 + level * 0.4)]
    heap += [(0, -h * (0.3 + level * 0.45))]
    grains = matte(sand)
    found = parts(
        grains,
        spin([(0, 0), *upper, (0, level - 0.08)]),
        spin(heap),
        rod((0, 0, 0), (0, -h * 0.8, 0), 0.018),
    )
    found += parts(glass((0.93, 0.97, 0.98), dice.span(0.84, 0.92)), bulb)
    wood = dice.hue((0.03, 0.09), (0.4, 0.7), (0.3, 0.7))
    stuff = dice.pick(
        (
            Material(paint=grained(dice, wood, shade(wood, 0.7), 0), gloss=0.3),
            metal((0.85, 0.65, 0.3), 0.5),
            plastic((0.15, 0.14, 0.14)),
        )
    )
    reach = w + dice.span(0.1, 0.2)
    plate = disc(reach, 0.07, 0.03) if dice.chance(0.75) else block(reach, 0.07, reach, 0.03)
    found += parts(stuff, shift(plate, 0, h + 0.04), shift(plate, 0, -h - 0.04))
    n, turned = dice.count(3, 4), dice.span(0.4, 1.0)
    for i in range(n):
        a = turned + 6.283 * i / n
        x, z = float((reach - 0.1) * np.cos(a)), float((reach - 0.1) * np.sin(a))
        found += parts(stuff, rod((x, -h, z), (x, h, z), dice.span(0.035, 0.05)))
    return Subject(parts=found, yaw=(-60, 60), tilt=(2, 18), roll=3)


def teapot(dice: Dice) -> Subject:
    """A teapot with spout, handle and lid."""
    w, h = dice.span(0.62, 0.75), dice.span(0.5, 0.7)
    tall = dice.chance(0.25)
    if tall:
        h *= 1.25
    body = spin(
        curve(
            [
                (0, -h),
                (w * 0.6, -h),
                (w * 0.96, -h * 0.45),
                (w, 0.0),
                (w * (0.7 if tall else 0.85), h * 0.6),
                (w * 0.45, h * 0.9),
                (0, h * 0.92),
            ],
            closed=False,
        )
    )
    tone, base = _glaze(dice, -h * 0.4, h * 0.5)
    china = metal((0.78, 0.79, 0.81), 0.6) if dice.chance(0.12) else plastic(tone)
    plain = china if china.metal else plastic(base)
    found = parts(china, body)
    lid = spin(
        curve(
            [
                (0, h * 0.8),
                (w * 0.5, h * 0.86),
                (w * 0.42, h * 0.98),
                (w * 0.15, h * 1.06),
                (0, h * 1.08),
            ],
            closed=False,
        )
    )
    knob = shift(ellipsoid(0.1, 0.09, 0.1), 0, h * 1.08 + 0.08)
    found += parts(plain, lid, knob)
    side = dice.pick((-1, 1))
    rise = dice.span(0.3, 0.6)
    spout = chain(
        [
            (side * w * 0.75, -h * 0.3, 0),
            (side * (w + 0.18), -h * 0.05, 0),
            (side * (w + 0.3), rise * h, 0),
            (side * (w + 0.48), h * 0.85, 0),
        ],
        [0.2, 0.14, 0.09, 0.06],
    )
    found += parts(plain, spout)
    if dice.chance(0.2):
        arch = [
            (float(w * 0.75 * np.cos(a)), float(h * 0.55 + h * 0.95 * np.sin(a)), 0.0)
            for a in np.linspace(0.1, np.pi - 0.1, 9)
        ]
        found += parts(matte((0.45, 0.3, 0.15)), chain(arch, 0.045))
    else:
        r = h * dice.span(0.55, 0.68)
        ear = stretch(ring(r, 0.06), dice.span(0.8, 1.0), 1, 1)
        ear = common(ear, shift(block(1, 1, 1), -side * 0.95))
        found += parts(plain, shift(ear, -side * (w * 0.9), 0.05))
    foot = shift(disc(w * 0.6, 0.05, 0.03), 0, -h)
    found += parts(plain, foot)
    return Subject(parts=found, yaw=(-32, 32), tilt=(5, 28), roll=3)


def wine_glass(dice: Dice) -> Subject:
    """A stemmed glass, empty or with wine."""
    w, h, stem = dice.span(0.36, 0.52), dice.span(0.75, 1.0), dice.span(0.55, 0.85)
    mouth = w * dice.span(0.72, 0.98)
    kind = dice.pick(("tulip", "tulip", "flute", "coupe"))
    if kind == "flute":
        w, h = 0.26, 1.15
        mouth = w * 0.95
    elif kind == "coupe":
        w, h = 0.58, 0.5
        mouth = w
    bowl = curve([(0.03, 0), (w * 0.62, h * 0.16), (w, h * 0.45), (mouth, h)], closed=False)
    foot = [(0.42, -stem - 0.01), (0.2, -stem + 0.02), (0.06, -stem + 0.07)]
    clear = glass((0.93, 0.96, 0.97), dice.span(0.84, 0.92))
    found = []
    if dice.chance(0.8):
        wine: Vec = dice.pick(
            ((0.42, 0.0, 0.06), (0.45, 0.04, 0.1), (0.93, 0.82, 0.45), (0.9, 0.55, 0.5))
        )
        level = h * dice.span(0.35, 0.65)
        inside = [(max(r - 0.03, 0.0), y + 0.02) for r, y in bowl if y < level]
        found += parts(
            Material(paint=wine, gloss=0.6, shine=60, glow=0.08),
            spin([(0, 0.02), *inside, (0, inside[-1][1])]),
        )
    found += parts(clear, spin(bowl, pen=0.018))
    dense = glass((0.93, 0.95, 0.96), 0.74)
    found += parts(
        dense,
        shift(ring(mouth, 0.018, axis=1), 0, h),
        spin(
            [(0, -stem - 0.02), *foot, (0.035, -stem + 0.2), (0.03, -0.1), (0.06, 0.0), (0, 0.02)]
        ),
    )
    return Subject(
        parts=found,
        yaw=(0, 0),
        tilt=(3, 20),
        roll=3,
        stages=("studio", "table", "dusk", "table", "room"),
    )
