"""Makers of animals: butterfly, cat, fish, snail."""

import numpy as np

from core.data.doodles.solids.fields import (
    Array,
    Vec,
    ball,
    blend,
    chain,
    ellipsoid,
    mirror,
    ripple,
    rod,
    rotation,
    shift,
    stretch,
    turn,
)
from core.data.doodles.solids.outlines import Flat, Points, curve, extrude, spin
from core.data.doodles.solids.paints import (
    Dice,
    Material,
    Paint,
    confetti,
    masked,
    matte,
    mottled,
    plastic,
    shade,
    striped,
    two_tone,
    waves,
)
from core.data.doodles.solids.subject import Part, Subject, lying, parts


def butterfly(dice: Dice) -> Subject:
    """A butterfly with open wings, seen from above."""
    up, out = dice.span(0.75, 0.95), dice.span(0.85, 1.05)
    upper: Points = curve(
        [
            (0.04, 0.0),
            (0.25, up * 0.75),
            (out * 0.8, up),
            (out, up * 0.72),
            (out * 0.82, 0.22),
            (0.45, -0.02),
        ]
    )
    low = dice.span(0.62, 0.85)
    tail = dice.span(0.0, 0.2)
    lower: Points = curve(
        [
            (0.04, 0.05),
            (0.5, 0.08),
            (out * 0.78, -0.2),
            (out * 0.7, -low * 0.75),
            (0.42, -low - tail),
            (0.16, -low * 0.55),
        ]
    )
    main = dice.hue(strength=(0.55, 0.95), value=(0.6, 0.98))
    second = dice.pick((main, dice.hue(strength=(0.5, 0.95), value=(0.6, 0.98)), shade(main, 0.7)))
    rim: Vec = dice.pick(
        ((0.08, 0.07, 0.08), (0.08, 0.07, 0.08), (0.25, 0.14, 0.08), shade(main, 0.4))
    )
    lift = dice.span(8, 35)
    found = []
    for points, tone, z in ((lower, second, -0.02), (upper, main, 0.01)):
        paint = _wing_paint(dice, points, tone, rim)
        stuff = Material(paint=_mirrored(paint, lift), gloss=0.15, shine=20)
        found += parts(stuff, shift(mirror(turn(extrude(points, 0.014, 0.014), y=-lift)), 0, 0, z))
    dark = matte(dice.pick(((0.1, 0.09, 0.09), (0.3, 0.2, 0.12))))
    found += parts(
        dark,
        chain(
            [(0, -0.5, 0.03), (0, -0.1, 0.06), (0, 0.22, 0.06), (0, 0.34, 0.06)],
            [0.035, 0.065, 0.075, 0.065],
        ),
    )
    feeler = chain(
        [(0.02, 0.36, 0.06), (0.12, 0.58, 0.1), (0.26, 0.74, 0.12)], [0.013, 0.013, 0.02]
    )
    found += parts(dark, mirror(feeler))
    return Subject(
        parts=found,
        pose=lying(dice.span(-50, 50)),
        yaw=(0, 0),
        tilt=(48, 88),
        stages=("lawn", "studio", "table", "cloth"),
        fill=(0.7, 0.95),
    )


def _mirrored(paint: Paint, lift: float) -> Paint:
    """A wing's paint for both wings, whose right one is turned up by `lift` degrees."""
    assert callable(paint)
    flat = rotation(y=lift)
    return lambda p: paint(flat @ np.stack([np.abs(p[0]), p[1], p[2]]))


def _wing_paint(dice: Dice, points: Points, tone: Vec, rim: Vec) -> Paint:
    inside = Flat(points)
    edge = dice.span(0.05, 0.13)
    other = dice.hue(strength=(0.3, 0.9), value=(0.7, 1.0))
    paint: Paint = two_tone(shade(tone, 0.75), tone, lambda p: np.hypot(p[0], p[1]) * 1.4 - 0.1)
    veins = dice.chance(0.5)
    if veins:
        n = dice.count(9, 14)
        paint = masked(paint, rim, lambda p: np.cos(np.arctan2(p[1], p[0] + 0.1) * n) * 6 - 5.2)
    count = dice.count(0, 5)
    if count:
        xy = np.asarray(points, np.float32)
        at = xy[dice.generator.integers(0, len(xy), count)] * dice.span(0.6, 0.75)
        spots = np.stack([at[:, 0], at[:, 1], at[:, 0] * 0]).astype(np.float32)
        paint = confetti(paint, spots, [other] * count, dice.span(0.07, 0.12))
    paint = masked(paint, rim, lambda p: (inside(p[0], p[1]) + edge) * 30)
    if dice.chance(0.5):
        around = np.asarray(points, np.float32)[::3] * 0.93
        dots = np.stack([around[:, 0], around[:, 1], around[:, 0] * 0]).astype(np.float32)
        paint = confetti(paint, dots, [(0.96, 0.95, 0.9)] * len(around), 0.04)
    return paint


COATS: tuple[tuple[Vec, Vec], ...] = (
    ((0.85, 0.55, 0.25), (0.65, 0.36, 0.14)),
    ((0.55, 0.54, 0.54), (0.32, 0.31, 0.32)),
    ((0.16, 0.15, 0.16), (0.1, 0.1, 0.1)),
    ((0.93, 0.91, 0.88), (0.82, 0.78, 0.72)),
    ((0.6, 0.48, 0.36), (0.32, 0.24, 0.17)),
    ((0.9, 0.83, 0.72), (0.45, 0.33, 0.25)),
)


def _coat(dice: Dice) -> tuple[Paint, Vec]:
    base, dark = dice.pick(COATS)
    base = dice.near(base, 0.05)
    kind = dice.pick(("tabby", "tabby", "plain", "patched"))
    noise = waves(dice, 3.2)
    if kind == "tabby":
        return two_tone(
            base, dark, lambda p: np.sin(p[1] * 22 + noise(p) * 2.2 + p[0] * 5) * 1.2 - 0.2
        ), base
    if kind == "patched":
        other = dice.pick(((0.95, 0.93, 0.9), (0.14, 0.13, 0.13)))
        return two_tone(base, other, lambda p: noise(p) * 6), base
    return mottled(dice, base, shade(base, 0.86), 8), base


def _cat_head(dice: Dice, paint: Paint, base: Vec) -> list[Part]:
    """A cat's head around the origin, 0.5 in radius, looking at +z."""
    fur = matte(paint)
    wide = dice.span(0.5, 0.58)
    skull = blend(
        0.12,
        ellipsoid(wide, 0.44, 0.42),
        mirror(shift(ellipsoid(0.2, 0.16, 0.16), 0.17, -0.17, 0.28)),
    )
    high = dice.span(0.34, 0.48)
    ear = extrude([(-0.17, 0), (0.19, -0.06), (0.06, high)], 0.05, 0.05)
    ears = mirror(shift(turn(ear, x=-8, z=-14), 0.31, 0.26, 0.02))
    pink: Vec = (0.88, 0.6, 0.58)
    inner = extrude([(-0.09, 0.02), (0.11, -0.01), (0.05, high - 0.12)], 0.03, 0.03)
    found = parts(fur, skull, ears)
    found += parts(matte(pink), mirror(shift(turn(inner, x=-8, z=-14), 0.31, 0.27, 0.055)))
    muzzle: Vec = (0.95, 0.93, 0.9) if dice.chance(0.6) else shade(base, 1.15)
    found += parts(matte(muzzle), mirror(shift(ellipsoid(0.13, 0.1, 0.1), 0.1, -0.16, 0.38)))
    iris = dice.pick(((0.6, 0.75, 0.25), (0.85, 0.65, 0.15), (0.35, 0.6, 0.8), (0.4, 0.65, 0.35)))
    slit = dice.span(0.025, 0.07)
    eye_x = 0.2

    def pupil(p: Array) -> Array:
        q = np.abs(np.abs(p[0]) - eye_x) / slit
        return (1 - q - np.abs(p[1] - 0.07) * 6) * 6

    eye = shift(ellipsoid(0.1, 0.105, 0.07), eye_x, 0.07, 0.345)
    found += parts(
        Material(paint=masked(iris, (0.03, 0.03, 0.03), pupil), gloss=0.7, shine=90), mirror(eye)
    )
    nose = shift(ellipsoid(0.06, 0.04, 0.05), 0, -0.09, 0.47)
    found += parts(matte(dice.pick(((0.85, 0.5, 0.5), (0.2, 0.15, 0.15)))), nose)
    hair = matte((0.97, 0.97, 0.95) if sum(base) < 1.9 else (0.25, 0.22, 0.2))
    for lean in (-0.12, -0.02, 0.09):
        hairs = rod((0.16, -0.16, 0.44), (0.72, -0.16 + lean * 2.2, 0.4), 0.01, 0.004)
        found += parts(hair, mirror(hairs))
    mouth = chain([(0, -0.13, 0.5), (0.0, -0.21, 0.47), (0.1, -0.25, 0.45)], 0.011)
    found += parts(matte((0.25, 0.15, 0.14)), mirror(mouth))
    return found


def _placed(
    group: list[Part], k: float, x: float, y: float, z: float, yaw: float = 0.0
) -> list[Part]:
    """The parts turned about y, scaled by k and moved, their paints with them."""
    back = rotation(y=yaw).T
    by = np.array([[x], [y], [z]], np.float32)
    placed = []
    for part in group:
        solid = shift(turn(stretch(part.solid, k, k, k), y=yaw), x, y, z)
        paint = part.material.paint
        if callable(paint):
            paint = _carried(paint, back / k, by)
        m = part.material
        placed.append(Part(solid, Material(paint=paint, gloss=m.gloss, shine=m.shine)))
    return placed


def _carried(paint: Paint, matrix: Array, by: Array) -> Paint:
    assert callable(paint)
    return lambda p: paint(matrix @ (p - by))


def cat(dice: Dice) -> Subject:
    """A cat: its head, sitting, or standing sideways."""
    paint, base = _coat(dice)
    head = _cat_head(dice, paint, base)
    kind = dice.pick(("head", "head", "sitting", "sitting", "standing"))
    if kind == "head":
        return Subject(
            parts=head,
            yaw=(-24, 24),
            tilt=(-6, 14),
            roll=8,
            stages=("backdrop", "backdrop", "backdrop"),
            fill=(0.72, 0.95),
        )
    fur = matte(paint)
    tip = dice.pick((-1, 1))
    white = matte((0.95, 0.93, 0.9) if dice.chance(0.5) else shade(base, 0.95))
    if kind == "sitting":
        body = blend(
            0.2,
            shift(ellipsoid(0.42, 0.42, 0.45), 0, -0.5, -0.15),
            shift(turn(ellipsoid(0.3, 0.55, 0.3), x=8), 0, -0.12, 0.0),
            mirror(shift(ellipsoid(0.2, 0.26, 0.34), 0.3, -0.62, 0.08)),
        )
        legs = mirror(chain([(0.13, -0.2, 0.22), (0.14, -0.82, 0.3)], [0.12, 0.09]))
        paws = mirror(shift(ellipsoid(0.1, 0.07, 0.15), 0.14, -0.85, 0.37))
        tail = chain(
            [
                (tip * 0.25, -0.8, -0.4),
                (tip * 0.6, -0.84, -0.2),
                (tip * 0.62, -0.84, 0.15),
                (tip * 0.4, -0.84, 0.38),
            ],
            [0.1, 0.09, 0.085, 0.07],
        )
        found = parts(fur, blend(0.1, body, legs), tail) + parts(white, paws)
        found += _placed(head, 0.78, 0, 0.52, 0.16, dice.span(-25, 25))
        return Subject(
            parts=found,
            yaw=(-50, 50),
            tilt=(2, 22),
            roll=4,
            stages=("room", "studio", "lawn", "room"),
        )
    body = chain([(-0.45, 0, 0), (0.0, -0.02, 0), (0.4, 0.02, 0)], [0.27, 0.26, 0.27])
    leg = [
        mirror(
            chain(
                [(x, -0.1, 0.13), (x + 0.03 * s, -0.4, 0.13), (x, -0.72, 0.13)], [0.12, 0.08, 0.075]
            ),
            2,
        )
        for x, s in ((-0.5, -2), (0.45, 1))
    ]
    tail = chain(
        [(-0.65, 0.08, 0), (-0.88, 0.2, 0), (-0.98, 0.5, 0), (-0.86, 0.8, 0)],
        [0.09, 0.08, 0.075, 0.06],
    )
    neck = chain([(0.4, 0.05, 0), (0.62, 0.3, 0)], [0.24, 0.2])
    found = parts(fur, blend(0.12, body, *leg, neck), tail)
    found += parts(
        white,
        *(
            mirror(shift(ellipsoid(0.12, 0.06, 0.085), x + 0.04, -0.76, 0.13), 2)
            for x in (-0.5, 0.45)
        ),
    )
    found += _placed(head, 0.68, 0.74, 0.42, 0, dice.span(25, 75))
    flip = dice.chance(0.5)
    yaw = (-30.0, 25.0) if not flip else (-60.0, -20.0)
    return Subject(
        parts=found, yaw=yaw, tilt=(2, 18), roll=4, stages=("room", "studio", "lawn", "room")
    )


def fish(dice: Dice) -> Subject:
    """A fish from the side."""
    high, thick = dice.span(0.32, 0.6), dice.span(0.16, 0.24)
    body = spin(
        curve(
            [
                (0, -0.72),
                (0.12, -0.66),
                (0.55, -0.25),
                (0.9, 0.2),
                (0.85, 0.45),
                (0.5, 0.72),
                (0, 0.86),
            ],
            closed=False,
        )
    )
    body = stretch(turn(body, z=-90), 1.0, high / 0.9, thick / 0.9)
    main = dice.hue(strength=(0.5, 0.95), value=(0.55, 0.98))
    if dice.chance(0.4):
        main = dice.pick(((0.95, 0.5, 0.1), (0.95, 0.8, 0.2), (0.7, 0.74, 0.78)))
    other = dice.pick(((0.97, 0.96, 0.94), (0.1, 0.1, 0.12), dice.hue(value=(0.4, 0.95))))
    belly: Vec = dice.pick(((0.97, 0.95, 0.88), main))
    paint: Paint = two_tone(belly, main, lambda p: (p[1] + high * 0.45) * 6)
    kind = dice.pick(("bands", "bands", "rows", "plain", "scales", "scales"))
    noise = waves(dice, 2)
    if kind == "bands":
        n = dice.span(4.5, 8)
        paint = masked(paint, other, lambda p: np.sin(p[0] * n + 0.4 * noise(p)) * 6 - 3)
    elif kind == "rows":
        n = dice.span(14, 24)
        paint = masked(paint, other, lambda p: np.sin(p[1] * n + 0.6 * noise(p)) * 4 - 2)
    elif kind == "scales":

        def scales(p: Array) -> Array:
            u, v = p[0] * 9, p[1] * 9
            row = np.floor(u)
            return (np.hypot(u - row - 0.1, (v + row * 0.5) % 1 - 0.5) - 0.62) * 4

        paint = masked(paint, shade(main, 0.62), scales)
    found = parts(Material(paint=paint, gloss=0.45, shine=35), body)
    fin_tone = dice.pick((main, other, shade(main, 0.75)))
    fin = Material(paint=striped(fin_tone, shade(fin_tone, 0.75), 1, 0.07), gloss=0.2)
    fork, span_ = dice.span(0.0, 0.25), dice.span(0.3, 0.52)
    tail = extrude(
        curve(
            [
                (0.05, 0),
                (-0.22, span_ * 0.75),
                (-0.42, span_),
                (-0.4 + fork, 0),
                (-0.42, -span_),
                (-0.22, -span_ * 0.75),
            ],
            steps=3,
        ),
        0.025,
        0.025,
    )
    found += parts(fin, shift(turn(tail, y=dice.span(-25, 25)), -0.66))
    back = dice.span(0.18, 0.36)
    top = extrude(
        curve([(-0.4, 0), (-0.35, back * 0.9), (0.05, back), (0.35, 0)], steps=3), 0.02, 0.02
    )
    found += parts(
        fin,
        shift(top, -0.05, high * 0.78),
        shift(
            turn(extrude(curve([(-0.2, 0), (-0.28, back * 0.8), (0.2, 0)], steps=3), 0.02), x=180),
            -0.1,
            -high * 0.75,
        ),
    )
    side = extrude(curve([(0.0, 0.0), (-0.3, 0.12), (-0.34, -0.1)]), 0.015)
    found += parts(fin, mirror(shift(turn(side, y=25), 0.2, -high * 0.15, thick * 0.92), 2))
    eye_x, eye_y = 0.5, high * 0.22
    depth = thick * 0.72
    found += parts(
        plastic((0.97, 0.97, 0.95)),
        mirror(shift(ellipsoid(0.1, 0.1, 0.05), eye_x, eye_y, depth), 2),
    )
    found += parts(
        plastic((0.03, 0.03, 0.04)),
        mirror(shift(ellipsoid(0.06, 0.06, 0.04), eye_x + 0.01, eye_y, depth + 0.025), 2),
    )
    mouth = chain([(0.88, -0.06, 0), (0.78, -0.1, thick * 0.35)], 0.02)
    found += parts(matte(shade(main, 0.4)), mirror(mouth, 2))
    middle = dice.pick((0.0, 180.0))
    return Subject(
        parts=found,
        pose=rotation(z=dice.span(-14, 14)),
        yaw=(middle - 35, middle + 35),
        tilt=(-12, 18),
        roll=8,
        stages=("deep", "deep", "deep", "backdrop"),
        fill=(0.68, 0.95),
    )


def snail(dice: Dice) -> Subject:
    """A snail from the side, its shell a spiral."""
    r = dice.span(0.5, 0.62)
    shell_tone = dice.hue((0.03, 0.13), (0.35, 0.75), (0.5, 0.9))
    if dice.chance(0.2):
        shell_tone = dice.hue(strength=(0.4, 0.7), value=(0.5, 0.9))
    dark = shade(shell_tone, dice.span(0.35, 0.6))
    turns = dice.span(0.3, 0.42)
    cx, cy = -0.12, r * 0.92 - 0.42

    def phase(p: Array) -> Array:
        x, y = p[0] - cx, p[1] - cy
        rho = np.sqrt(x * x + y * y) + 0.02
        return np.log(rho) / turns - np.arctan2(y, -x)

    coil = shift(stretch(ball(1.0), r, r, r * 0.55), cx, cy)
    coil = ripple(coil, lambda p: np.abs(np.cos(phase(p) / 2)) - 1, 0.1)
    stripe = waves(dice, 2)
    paint: Paint = two_tone(dark, shell_tone, lambda p: (np.abs(np.cos(phase(p) / 2)) - 0.22) * 4)
    if dice.chance(0.5):
        light = shade(shell_tone, 1.3)
        paint = masked(
            paint, light, lambda p: (np.abs(np.cos(phase(p) / 2)) - 0.93) * 12 + stripe(p) * 0.2
        )
    found = parts(Material(paint=paint, gloss=0.4, shine=35), coil)
    skin = dice.hue((0.06, 0.14), (0.2, 0.5), (0.5, 0.85))
    body = chain(
        [
            (-1.05, -0.46, 0),
            (-0.5, -0.38, 0),
            (0.3, -0.36, 0),
            (0.62, -0.22, 0),
            (0.78, 0.08, 0),
            (0.86, 0.16, 0),
        ],
        [0.04, 0.13, 0.17, 0.16, 0.14, 0.14],
    )
    foot = shift(ellipsoid(0.8, 0.08, 0.22), -0.1, -0.46)
    flesh = Material(paint=mottled(dice, skin, shade(skin, 0.8), 14), gloss=0.35, shine=25)
    found += parts(flesh, blend(0.12, body, foot))
    feel = dice.span(0.3, 0.45)
    horns = mirror(chain([(0.86, 0.22, 0.07), (0.98, 0.2 + feel, 0.16)], [0.035, 0.022]), 2)
    tips = mirror(shift(ball(0.045), 0.98, 0.22 + feel, 0.16), 2)
    found += parts(flesh, horns) + parts(plastic((0.12, 0.1, 0.09)), tips)
    found += parts(flesh, mirror(rod((0.94, 0.08, 0.06), (1.06, 0.06, 0.1), 0.022), 2))
    middle = dice.pick((0.0, 180.0))
    return Subject(
        parts=found,
        yaw=(middle - 32, middle + 32),
        tilt=(2, 22),
        roll=5,
        stages=("lawn", "table", "studio", "road", "sand"),
    )
