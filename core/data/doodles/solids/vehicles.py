"""Makers of things that travel: airplane, bicycle, car, hot air balloon, sailboat."""

import numpy as np

from core.data.doodles.solids.fields import (
    Array,
    Solid,
    Vec,
    ball,
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
from core.data.doodles.solids.outlines import curve, extrude, spin
from core.data.doodles.solids.paints import (
    Dice,
    Material,
    Paint,
    masked,
    matte,
    metal,
    plastic,
    shade,
    striped,
    two_tone,
)
from core.data.doodles.solids.subject import Part, Subject, parts

RUBBER = matte((0.1, 0.1, 0.11))


def _facing(dice: Dice, spread: float) -> tuple[float, float]:
    """Yaw of a side view, nose to the left or to the right."""
    middle = dice.pick((0.0, 180.0))
    return middle - spread, middle + spread


def _wing(root: float, tip: float, span: float, sweep: float, thick: float) -> Solid:
    """A pair of wings in the plane x, z; the nose is at +x."""
    plan = [(-root / 2, 0), (root / 2, 0), (root / 2 - sweep, span), (root / 2 - sweep - tip, span)]
    return mirror(turn(extrude(plan, thick, thick), x=90), 2)


def airplane(dice: Dice) -> Subject:
    """An airliner, a small propeller plane or a jet, in the sky or on the runway."""
    kind = dice.pick(("liner", "liner", "prop", "jet"))
    white = dice.pick(
        (
            (0.94, 0.95, 0.96),
            (0.94, 0.95, 0.96),
            (0.75, 0.77, 0.8),
            dice.hue(strength=(0.4, 0.85), value=(0.6, 0.95)),
        )
    )
    accent = dice.hue(strength=(0.6, 0.95), value=(0.45, 0.9))
    r = {"liner": 0.14, "prop": 0.16, "jet": 0.12}[kind]
    nose = spin(
        curve(
            [
                (0, -1.0),
                (r * 0.45, -0.85),
                (r * 0.95, -0.45),
                (r, 0.2),
                (r, 0.6),
                (r * 0.8, 0.84),
                (r * 0.35, 0.97),
                (0, 1.0),
            ],
            closed=False,
        )
    )
    line = dice.span(-0.03, 0.03)
    tone: Paint = two_tone(white, accent, lambda p: (0.03 - np.abs(p[0] - line)) * 80)
    if kind == "liner":
        windows = (0.15, 0.2, 0.28)
        tone = masked(
            tone,
            windows,
            lambda p: np.minimum((0.022 - np.abs(p[0] + 0.05)) * 90, (np.sin(p[1] * 70) + 0.1) * 4),
        )
    skin = Material(paint=tone, gloss=0.4, shine=50)
    found = [Part(turn(nose, z=-90), _turned(skin))]
    wings = plastic(white if dice.chance(0.7) else accent)
    tail = plastic(accent)
    if kind == "prop":
        y = dice.pick((0.15, -0.08))
        found += parts(wings, shift(_wing(0.36, 0.28, 1.0, 0.03, 0.028), 0.22, y))
        if dice.chance(0.3):
            found += parts(wings, shift(_wing(0.34, 0.28, 0.9, 0.03, 0.026), 0.22, 0.3))
            found += parts(
                matte((0.3, 0.2, 0.1)), mirror(rod((0.22, 0.1, 0.6), (0.22, 0.3, 0.6), 0.015), 2)
            )
        blade = extrude(
            curve([(0, 0.03), (0.2, 0.05), (0.36, 0.0), (0.2, -0.04), (0, -0.03)]), 0.012
        )
        prop = turn(fan(blade, dice.count(2, 3)), y=90)
        found += parts(matte((0.2, 0.2, 0.22)), shift(turn(prop, x=dice.span(0, 120)), 1.02))
        found += parts(metal((0.75, 0.75, 0.77)), shift(ellipsoid(0.09, 0.06, 0.06), 1.02))
    elif kind == "jet":
        found += parts(wings, shift(_wing(0.85, 0.12, 0.62, 0.6, 0.02), -0.2, -0.02))
    else:
        found += parts(wings, shift(_wing(0.42, 0.14, 1.02, 0.5, 0.022), 0.12, -0.06))
        engine = disc(0.075, 0.14, 0.03, axis=0)
        for z in (0.38,) if dice.chance(0.5) else (0.34, 0.66):
            x = 0.28 - z * 0.42
            found += parts(plastic(shade(white, 0.85)), mirror(shift(engine, x, -0.13, z), 2))
    found += parts(wings, shift(_wing(0.24, 0.12, 0.36, 0.16, 0.016), -0.84, 0.04))
    fin = extrude([(-0.16, 0), (0.2, 0), (-0.04, 0.42), (-0.2, 0.42)], 0.02)
    found += parts(tail, shift(fin, -0.82, 0.06))
    canopy = ellipsoid(0.16, 0.08, 0.09) if kind != "liner" else ellipsoid(0.07, 0.05, 0.1)
    at = (0.35, r * 0.8) if kind != "liner" else (0.84, 0.06)
    found += parts(plastic((0.13, 0.18, 0.26)), shift(canopy, *at))
    bank = rotation(x=dice.span(-22, 22)) @ rotation(z=dice.span(-8, 18))
    return Subject(
        parts=found,
        pose=bank,
        yaw=_facing(dice, 62),
        tilt=(-22, 50),
        roll=10,
        stages=("sky",),
        fill=(0.7, 0.95),
    )


def _turned(material: Material) -> Material:
    """A paint of a body modelled upright, for the body lying along x."""
    paint = material.paint
    assert callable(paint)
    return Material(
        paint=lambda p: paint(np.stack([-p[1], p[0], p[2]])),
        gloss=material.gloss,
        shine=material.shine,
    )


def _wheel(radius: float, tyre: float, spokes: int, rim: Material) -> list[Part]:
    found = parts(RUBBER, ring(radius, tyre))
    found += parts(rim, ring(radius - tyre * 1.1, tyre * 0.5), disc(0.045, 0.05, axis=2))
    if spokes:
        found += parts(rim, fan(rod((0.03, 0, 0), (radius - tyre, 0, 0), 0.0075), spokes))
    return found


def _moved(group: list[Part], x: float, y: float, z: float = 0.0) -> list[Part]:
    return [Part(shift(p.solid, x, y, z), p.material) for p in group]


def bicycle(dice: Dice) -> Subject:
    """A bicycle from the side: diamond or step-through frame, perhaps basket and mudguards."""
    radius, tyre = dice.span(0.4, 0.47), dice.span(0.03, 0.05)
    rim = metal(dice.pick(((0.78, 0.79, 0.8), (0.25, 0.25, 0.27))), 0.4)
    paint = plastic(dice.hue(strength=(0.55, 0.95), value=(0.35, 0.95)))
    if dice.chance(0.2):
        paint = plastic(dice.pick(((0.12, 0.12, 0.13), (0.93, 0.93, 0.92))))
    x, t = dice.span(0.62, 0.7), dice.span(0.024, 0.036)
    wheels = _wheel(radius, tyre, dice.pick((8, 10, 12)), rim)
    found = _moved(wheels, -x, 0) + _moved(wheels, x, 0)
    crank, seat = (-0.1, -0.06, 0.0), (-0.26, 0.56, 0.0)
    low_head = (0.5, 0.38, 0.0)
    step = dice.chance(0.3)
    top_from = (-0.2, 0.25, 0.0) if step else (-0.25, 0.5, 0.0)
    top_to = low_head if step else (0.455, 0.52, 0.0)
    found += parts(
        paint,
        chain([seat, crank, low_head], t),
        rod(top_from, top_to, t),
        chain([(-0.24, 0.46, 0), (-x, 0, 0), crank], t * 0.75),
        chain([(0.43, 0.66, 0), (0.52, 0.3, 0), (x, 0, 0)], t * 0.9),
    )
    dark = matte(dice.pick(((0.13, 0.12, 0.12), (0.45, 0.27, 0.14))))
    found += parts(metal((0.7, 0.7, 0.72), 0.4), rod(seat, (-0.29, 0.66, 0), t * 0.8))
    found += parts(dark, shift(turn(ellipsoid(0.19, 0.05, 0.1), z=4), -0.3, 0.7))
    bar_y = 0.72
    if dice.chance(0.4):
        bar = chain(
            [
                (0.42, 0.64, 0),
                (0.44, bar_y, 0.05),
                (0.6, bar_y, 0.17),
                (0.66, bar_y - 0.1, 0.2),
                (0.56, bar_y - 0.18, 0.2),
            ],
            0.026,
        )
    else:
        bar = chain(
            [
                (0.42, 0.64, 0),
                (0.45, bar_y + 0.05, 0.05),
                (0.36, bar_y + 0.1, 0.26),
                (0.24, bar_y + 0.07, 0.3),
            ],
            0.026,
        )
    found += parts(dark, mirror(bar, 2))
    found += parts(
        rim, shift(ring(0.11, 0.018), *crank[:2]), shift(disc(0.05, 0.04, axis=2), *crank[:2])
    )
    a = dice.span(0, 6.28)
    foot = (float(0.17 * np.cos(a)), float(0.17 * np.sin(a)))
    for sign in (1, -1):
        px, py = crank[0] + sign * foot[0], crank[1] + sign * foot[1]
        found += parts(
            dark,
            rod((crank[0], crank[1], sign * 0.08), (px, py, sign * 0.08), 0.02),
            shift(block(0.08, 0.018, 0.05), px, py, sign * 0.14),
        )
    if dice.chance(0.3):
        basket = cut(block(0.17, 0.13, 0.16, 0.03), shift(block(0.14, 0.13, 0.13), 0, 0.04))
        found += parts(
            matte(striped((0.62, 0.45, 0.25), (0.4, 0.27, 0.14), 1, 0.06)),
            shift(basket, 0.66, 0.62),
        )
    if dice.chance(0.35):
        arc = [
            (float((radius + 0.07) * np.cos(v)), float((radius + 0.07) * np.sin(v)), 0.0)
            for v in np.linspace(0.3, 2.9, 8)
        ]
        guard = chain(arc, 0.024)
        found += parts(paint, shift(guard, -x, 0), shift(guard, x, 0))
    return Subject(
        parts=found,
        yaw=_facing(dice, 28),
        tilt=(1, 14),
        roll=3,
        stages=("road", "studio", "lawn", "room", "studio"),
        fill=(0.78, 0.97),
    )


PROFILES = {
    # lower body, cabin glass; x forward
    "sedan": (
        [
            (-1.0, 0.0),
            (-1.0, 0.24),
            (-0.72, 0.3),
            (-0.4, 0.56),
            (0.12, 0.57),
            (0.48, 0.3),
            (0.93, 0.22),
            (1.02, 0.02),
            (0.98, -0.08),
            (-0.96, -0.08),
        ],
        [(-0.62, 0.3), (-0.37, 0.51), (0.1, 0.52), (0.38, 0.3)],
    ),
    "hatch": (
        [
            (-0.86, 0.0),
            (-0.9, 0.3),
            (-0.72, 0.62),
            (0.1, 0.64),
            (0.46, 0.34),
            (0.86, 0.26),
            (0.94, 0.02),
            (0.9, -0.08),
            (-0.84, -0.08),
        ],
        [(-0.74, 0.34), (-0.62, 0.57), (0.08, 0.58), (0.36, 0.34)],
    ),
    "beetle": (
        [
            (-0.9, 0.0),
            (-0.84, 0.26),
            (-0.52, 0.54),
            (-0.1, 0.66),
            (0.26, 0.56),
            (0.46, 0.34),
            (0.8, 0.26),
            (0.94, 0.04),
            (0.9, -0.08),
            (-0.86, -0.08),
        ],
        [(-0.56, 0.33), (-0.36, 0.53), (0.0, 0.59), (0.24, 0.5), (0.36, 0.33)],
    ),
    "van": (
        [
            (-0.95, 0.0),
            (-0.97, 0.7),
            (-0.9, 0.78),
            (0.4, 0.78),
            (0.7, 0.42),
            (0.95, 0.34),
            (1.0, 0.02),
            (0.96, -0.08),
            (-0.92, -0.08),
        ],
        [(-0.86, 0.4), (-0.86, 0.7), (0.36, 0.7), (0.58, 0.4)],
    ),
    "sports": (
        [
            (-0.98, 0.04),
            (-0.98, 0.28),
            (-0.6, 0.34),
            (-0.3, 0.48),
            (0.02, 0.48),
            (0.36, 0.27),
            (0.9, 0.16),
            (1.04, 0.02),
            (1.0, -0.07),
            (-0.95, -0.07),
        ],
        [(-0.42, 0.3), (-0.26, 0.43), (0.0, 0.44), (0.26, 0.27)],
    ),
    "pickup": (
        [
            (-1.0, 0.0),
            (-1.0, 0.3),
            (-0.22, 0.3),
            (-0.18, 0.68),
            (0.28, 0.68),
            (0.5, 0.36),
            (0.94, 0.3),
            (1.0, 0.02),
            (0.96, -0.08),
            (-0.96, -0.08),
        ],
        [(-0.12, 0.36), (-0.1, 0.61), (0.24, 0.61), (0.4, 0.36)],
    ),
}


def car(dice: Dice) -> Subject:
    """A car: sedan, hatchback, beetle, van, sports car or pickup."""
    kind = dice.pick(tuple(PROFILES))
    body_line, window_line = PROFILES[kind]
    tone = dice.hue(strength=(0.6, 0.95), value=(0.4, 0.95))
    if dice.chance(0.3):
        tone = dice.pick(((0.93, 0.93, 0.93), (0.6, 0.62, 0.65), (0.13, 0.13, 0.15)))
    paint: Paint = tone
    if dice.chance(0.15):
        paint = masked(tone, (0.96, 0.96, 0.94), lambda p: (p[1] - 0.32) * 60)
    lacquer = Material(paint=paint, gloss=0.65, shine=80)
    half = dice.span(0.38, 0.43)
    wheel = dice.span(0.2, 0.24)
    fx, bx = (0.62, -0.6) if kind != "hatch" else (0.58, -0.54)
    holes = [shift(disc(wheel + 0.05, 1.0, axis=2), x, -0.06) for x in (fx, bx)]
    smooth = curve(body_line, steps=3)
    found = parts(lacquer, cut(extrude(smooth, half, 0.1), *holes))
    dark = plastic((0.12, 0.15, 0.19))
    found += parts(dark, extrude(window_line, half + 0.006, 0.01))
    pillar = (window_line[0][0] + window_line[-1][0]) / 2
    if kind not in ("sports", "pickup"):
        found += parts(lacquer, shift(block(0.03, 0.14, half + 0.012), pillar, 0.44))
    (sx, sy), (tx, ty) = window_line[-1], window_line[-2]
    angle = float(np.degrees(np.arctan2(ty - sy, tx - sx)))
    length = float(np.hypot(tx - sx, ty - sy)) / 2
    pane = turn(block(length * 0.92, 0.03, half * 0.8, 0.01), z=angle)
    found += parts(dark, shift(pane, (sx + tx) / 2 + 0.085, (sy + ty) / 2 + 0.03))
    hub = metal(dice.pick(((0.78, 0.79, 0.8), (0.3, 0.3, 0.32))), 0.5)
    for x in (fx, bx):
        found += parts(
            RUBBER,
            shift(mirror(shift(disc(wheel, 0.08, 0.04, axis=2), 0, 0, half - 0.07), 2), x, -0.06),
        )
        rim = union(
            disc(wheel * 0.3, 0.09, axis=2),
            fan(block(wheel * 0.62, 0.025, 0.085), dice.pick((5, 6, 8))),
            shift(ring(wheel * 0.62, 0.02), 0, 0, 0.08),
        )
        found += parts(hub, shift(mirror(shift(rim, 0, 0, half - 0.065), 2), x, -0.06))
    found += parts(
        Material(paint=(1.0, 0.97, 0.85), gloss=0.8, glow=0.4),
        mirror(shift(ellipsoid(0.06, 0.055, 0.08), 0.95, 0.14, half * 0.7), 2),
    )
    found += parts(
        Material(paint=(0.8, 0.06, 0.05), gloss=0.6, glow=0.2),
        mirror(shift(block(0.03, 0.05, 0.07), body_line[0][0] + 0.0, 0.2, half * 0.75), 2),
    )
    found += parts(matte((0.2, 0.2, 0.21)), shift(block(1.0, 0.03, half * 0.98), 0.0, -0.07))
    found += parts(
        metal((0.7, 0.7, 0.7), 0.3),
        mirror(shift(block(0.05, 0.012, 0.01), pillar - 0.06, 0.24, half + 0.005), 2),
    )
    return Subject(
        parts=found,
        yaw=_facing(dice, 40),
        tilt=(4, 20),
        roll=3,
        stages=("road", "road", "studio", "lawn", "sand"),
        fill=(0.75, 0.95),
    )


def hot_air_balloon(dice: Dice) -> Subject:
    """A hot air balloon with gores or bands, ropes and a basket."""
    w, h = dice.span(0.68, 0.82), dice.span(0.72, 0.9)
    low = -dice.span(0.75, 0.95)
    shape = spin(
        curve(
            [
                (0, low),
                (0.16, low),
                (w * 0.55, low * 0.55),
                (w, 0.1),
                (w * 0.8, h * 0.65),
                (w * 0.3, h * 0.96),
                (0, h),
            ],
            closed=False,
        )
    )
    gores = dice.pick((8, 10, 12))
    shape = ripple(shape, lambda p: np.abs(np.sin(np.arctan2(p[2], p[0]) * gores / 2)), 0.025)
    tones = [dice.hue(strength=(0.6, 0.95), value=(0.6, 0.98)) for _ in range(3)]
    if dice.chance(0.4):
        tones[1] = (0.96, 0.95, 0.92)
    kind = dice.pick(("gores", "gores", "bands", "spiral", "mixed"))
    sheet: Paint = _balloon_paint(dice, kind, gores, tones)
    found = parts(Material(paint=sheet, gloss=0.12, shine=12), shape)
    drop, b = low - dice.span(0.22, 0.35), dice.span(0.12, 0.17)
    ropes = mirror(mirror(rod((0.13, low, 0.09), (b - 0.02, drop, b - 0.02), 0.011), 0), 2)
    found += parts(matte((0.25, 0.2, 0.15)), ropes)
    wicker = striped((0.6, 0.42, 0.22), (0.4, 0.26, 0.13), 1, 0.05)
    basket = cut(block(b, 0.12, b, 0.02), shift(block(b - 0.03, 0.12, b - 0.03), 0, 0.06))
    found += parts(matte(wicker), shift(basket, 0, drop - 0.08))
    if dice.chance(0.5):
        found += parts(
            Material(paint=(1.0, 0.75, 0.3), glow=1.2),
            shift(ellipsoid(0.04, 0.1, 0.04), 0, low - 0.04),
        )
    return Subject(
        parts=found, yaw=(0, 360), tilt=(-14, 10), roll=5, stages=("sky",), fill=(0.6, 0.95)
    )


def _balloon_paint(dice: Dice, kind: str, gores: int, tones: list[Vec]) -> Paint:
    a, b, c = (np.array(t, np.float32)[:, None] for t in tones)
    twist, width = dice.span(1.5, 3.0), dice.span(0.28, 0.5)

    def paint(p: Array) -> Array:
        around = np.arctan2(p[2], p[0]) * (gores / 6.2832)
        if kind == "spiral":
            around = around + p[1] * twist
        row = np.floor(p[1] / width)
        if kind == "bands":
            step = row % 3
        elif kind == "mixed":
            step = (np.floor(around) + row) % 2
        else:
            step = np.floor(around) % (3 if gores % 3 == 0 else 2)
        return np.where(step == 0, a, np.where(step == 1, b, c))

    return paint


def sailboat(dice: Dice) -> Subject:
    """A boat with one or two sails on the water."""
    length, deep = dice.span(0.75, 0.95), dice.span(0.24, 0.34)
    hull = stretch(ball(1.0), length, deep * 1.6, dice.span(0.26, 0.34))
    side = [(-length * 0.85, 0.0), (length, 0.04), (length * 0.72, -deep), (-length * 0.7, -deep)]
    lower = extrude(side, 0.5, 0.02)
    hull = (
        Solid(
            lambda p: np.maximum(hull0.field(p), lower.field(p)),
            (-length, -deep, -0.35),
            (length, 0.05, 0.35),
        )
        if (hull0 := hull)
        else hull
    )
    base = dice.pick(((0.95, 0.94, 0.92), (0.55, 0.3, 0.15), dice.hue(value=(0.35, 0.9))))
    band = dice.hue(strength=(0.6, 0.95), value=(0.35, 0.85))
    paint = two_tone(base, band, lambda p: (0.035 - np.abs(p[1] + 0.08)) * 60)
    found = parts(Material(paint=paint, gloss=0.4, shine=40), hull)
    mast_x, top = dice.span(-0.05, 0.2), dice.span(1.25, 1.6)
    wood = matte(dice.pick(((0.5, 0.33, 0.17), (0.85, 0.85, 0.86))))
    found += parts(wood, rod((mast_x, -0.1, 0), (mast_x, top, 0), 0.026))
    cloth = dice.pick(
        ((0.97, 0.96, 0.93), (0.97, 0.96, 0.93), dice.hue(value=(0.7, 0.97)), (0.8, 0.2, 0.15))
    )
    sail: Paint = cloth
    if dice.chance(0.35):
        sail = striped(
            cloth, dice.hue(strength=(0.5, 0.9), value=(0.5, 0.95)), 1, dice.span(0.3, 0.6)
        )
    foot = 0.16
    belly = dice.span(-0.12, 0.12)
    big = extrude(
        curve(
            [
                (mast_x - 0.04, foot),
                (mast_x - 0.04, top - 0.06),
                (mast_x - 0.35, top * 0.6),
                (-length * 0.85, foot),
            ],
            steps=1,
        ),
        0.012,
        0.012,
    )
    found += parts(matte(sail), turn(big, y=np.degrees(belly)))
    found += parts(wood, rod((mast_x, foot - 0.03, 0), (-length * 0.86, foot - 0.03, 0), 0.02))
    if dice.chance(0.75):
        jib = extrude(
            [(mast_x + 0.05, top * 0.86), (mast_x + 0.07, foot), (length * 0.92, foot - 0.06)],
            0.012,
            0.012,
        )
        other = sail if dice.chance(0.6) else dice.hue(value=(0.6, 0.95))
        found += parts(matte(other), turn(jib, y=np.degrees(belly) * 0.7))
    if dice.chance(0.5):
        flag = extrude([(mast_x, top), (mast_x - 0.26, top - 0.07), (mast_x, top - 0.15)], 0.01)
        found += parts(matte(band), shift(flag, 0, 0.1))
    if dice.chance(0.3):
        found += parts(
            plastic((0.93, 0.93, 0.92)), shift(block(0.26, 0.1, 0.13, 0.04), -0.25, 0.06)
        )
    return Subject(
        parts=found, yaw=_facing(dice, 42), tilt=(3, 14), roll=6, stages=("sea",), fill=(0.65, 0.9)
    )
