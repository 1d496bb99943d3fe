"""Makers of things to eat: apple, banana, carrot, donut, ice cream, mushroom, pizza."""

import numpy as np

from core.data.doodles.solids.fields import (
    Array,
    Solid,
    Vec,
    ball,
    blend,
    block,
    chain,
    common,
    cut,
    disc,
    ellipsoid,
    ring,
    ripple,
    rotation,
    shift,
    stretch,
    turn,
)
from core.data.doodles.solids.outlines import curve, extrude, spin
from core.data.doodles.solids.paints import (
    Dice,
    Material,
    Paint,
    confetti,
    fading,
    masked,
    matte,
    mottled,
    plastic,
    shade,
    speckled,
    two_tone,
    waves,
)
from core.data.doodles.solids.subject import Part, Subject, lying, parts


def leaf(length: float, width: float) -> Solid:
    """A flat leaf from the origin along x."""
    return extrude(
        curve([(0, 0), (length * 0.45, width), (length, 0), (length * 0.45, -width)]), 0.02, 0.02
    )


def apple(dice: Dice) -> Subject:
    """An apple with a stalk, perhaps a leaf, perhaps a bite."""
    w, h = dice.span(0.78, 0.92), dice.span(0.62, 0.78)
    body = spin(
        curve(
            [
                (0, -h + 0.1),
                (w * 0.3, -h),
                (w * 0.75, -h * 0.72),
                (w, 0.06),
                (w * 0.86, h * 0.62),
                (w * 0.45, h * 0.86),
                (w * 0.15, h * 0.7),
                (0, h * 0.48),
            ],
            closed=False,
        )
    )
    lobes = dice.span(0.0, 0.035)
    body = ripple(body, lambda p: np.cos(5 * np.arctan2(p[2], p[0])) * np.clip(-p[1], 0, 1), lobes)
    skin = dice.pick(
        (
            (0.78, 0.1, 0.1),
            (0.7, 0.05, 0.12),
            (0.5, 0.72, 0.2),
            (0.92, 0.78, 0.25),
            (0.86, 0.2, 0.15),
        )
    )
    skin = dice.near(skin)
    blush = dice.pick((shade(skin, 0.7), (0.9, 0.75, 0.3), (0.75, 0.2, 0.12)))
    noise = waves(dice, 2.5)
    streak = waves(dice, 1.0)
    tone: Paint = two_tone(
        skin, blush, lambda p: 0.45 * noise(p) + 0.35 * streak(p * np.array([[14], [2], [14]]))
    )
    if dice.chance(0.15):
        mouth = shift(ball(0.42), dice.pick((-1, 1)) * (w + 0.08), 0.1, 0.25)
        body = cut(body, mouth)
        tone = masked(tone, (0.97, 0.93, 0.78), lambda p: 1.5 - np.abs(mouth.field(p)) * 60)
    found = parts(Material(paint=tone, gloss=0.5, shine=50), body)
    bend = dice.span(-0.15, 0.15)
    stalk = chain(
        [(0, h * 0.45, 0), (bend * 0.4, h * 0.75, 0), (bend, h + 0.2, 0)], [0.03, 0.03, 0.045]
    )
    found += parts(matte((0.35, 0.22, 0.1)), stalk)
    if dice.chance(0.6):
        blade = shift(
            turn(leaf(0.55, 0.16), x=-60, y=dice.span(-30, 30), z=dice.span(0, 35)),
            bend * 0.6,
            h * 0.85,
        )
        found += parts(plastic(dice.hue((0.25, 0.33), (0.6, 0.8), (0.35, 0.6))), blade)
    return Subject(parts=found, yaw=(-40, 40), tilt=(5, 35), roll=8)


def _one_banana(dice: Dice, width: float) -> tuple[Solid, float]:
    half, radius = np.radians(dice.span(42, 66)), dice.span(0.9, 1.1)
    angles = np.linspace(-half, half, 11)
    path = [(float(radius * np.sin(a)), float(radius * (1 - np.cos(a))), 0.0) for a in angles]
    taper = [0.3, 0.62, 0.85, 0.97, 1, 1, 1, 0.95, 0.8, 0.55, 0.28]
    (x, y, z), (u, v, _) = path[-1], path[-2]
    path.append((x + (x - u) * 1.1, y + (y - v) * 1.1, z))
    body = blend(0.05, chain(path, [width * t for t in (*taper, 0.2)]))
    return body, x


def banana(dice: Dice) -> Subject:
    """A banana, or a bunch of two or three."""
    width = dice.span(0.17, 0.24)
    body, tip = _one_banana(dice, width)
    skin = dice.hue((0.12, 0.15), (0.65, 0.85), (0.85, 0.98))
    if dice.chance(0.25):
        skin = dice.hue((0.16, 0.22), (0.6, 0.8), (0.65, 0.85))
    ends = lambda p: (np.abs(p[0]) - tip * 0.97) * 9  # noqa: E731
    tone: Paint = masked(mottled(dice, skin, shade(skin, 0.88), 3), (0.3, 0.22, 0.08), ends)
    if dice.chance(0.5):
        tone = masked(tone, (0.42, 0.27, 0.1), _spots(dice))
    found = parts(Material(paint=tone, gloss=0.25, shine=25), body)
    for i in range(dice.pick((0, 0, 0, 1, 2))):
        more = shift(turn(body, x=14.0 * (i + 1)), 0.02, 0.0, 0.28 * (i + 1))
        found += parts(Material(paint=tone, gloss=0.25, shine=25), more)
    spin_ = dice.span(-75, 75) + dice.pick((0, 0, 180))
    return Subject(
        parts=found,
        pose=lying(spin_),
        yaw=(0, 0),
        tilt=(40, 85),
        stages=("studio", "table", "cloth", "studio"),
    )


def _spots(dice: Dice):  # type: ignore[no-untyped-def]
    noise = waves(dice, 13, 6)
    return lambda p: (noise(p) - 0.75) * 4


def carrot(dice: Dice) -> Subject:
    """A carrot with its greens."""
    w, length = dice.span(0.2, 0.32), dice.span(1.2, 1.6)
    body = spin(
        curve(
            [
                (0, -length),
                (w * 0.3, -length * 0.72),
                (w * 0.72, -length * 0.3),
                (w, 0.0),
                (w * 0.75, 0.1),
                (0, 0.1),
            ],
            closed=False,
        )
    )
    body = ripple(body, lambda p: np.sin(p[1] * 40 + 3 * np.sin(p[0] * 5)), 0.008)
    skin = dice.hue((0.045, 0.085), (0.8, 0.95), (0.85, 0.98))
    rings = waves(dice, 1.0)
    tone = two_tone(skin, shade(skin, 0.75), lambda p: rings(p * np.array([[3], [22], [3]])) - 0.35)
    found = parts(Material(paint=tone, gloss=0.2, shine=20), body)
    green = dice.hue((0.24, 0.33), (0.6, 0.85), (0.35, 0.65))
    sprigs = dice.count(4, 7)
    reach = dice.span(0.5, 0.9)
    for i in range(sprigs):
        lean = (i / (sprigs - 1) - 0.5) * dice.span(0.7, 1.1)
        z = dice.span(-0.1, 0.1)
        top = (reach * np.sin(lean), 0.08 + reach * np.cos(lean), z)
        middle = (top[0] * 0.4, 0.08 + reach * 0.55, z)
        stalk = chain([(lean * 0.08, 0.05, 0), middle, top], [0.03, 0.035, 0.05])
        tuft = ripple(
            shift(
                turn(ellipsoid(0.12, reach * 0.36, 0.06), z=-np.degrees(lean)),
                top[0] * 0.8,
                top[1] * 0.82,
                z,
            ),
            waves(dice, 30),
            0.05,
        )
        found += parts(matte(mottled(dice, shade(green, 0.7), dice.near(green), 20)), stalk, tuft)
    return Subject(
        parts=found,
        pose=lying(dice.span(-70, 70) + dice.pick((0, 0, 180))),
        yaw=(0, 0),
        tilt=(40, 85),
        stages=("studio", "table", "cloth", "table"),
        fill=(0.75, 0.95),
    )


def _on_ring(dice: Dice, count: int, big: float, small: float) -> Array:
    around = dice.generator.uniform(0, 2 * np.pi, count)
    over = dice.generator.uniform(0.25, np.pi - 0.25, count)
    r = big + small * np.cos(over)
    return np.stack([r * np.cos(around), small * np.sin(over), r * np.sin(around)]).astype(
        np.float32
    )


SWEETS: tuple[Vec, ...] = (
    (0.95, 0.3, 0.35),
    (0.98, 0.85, 0.3),
    (0.35, 0.75, 0.95),
    (0.5, 0.85, 0.4),
    (0.98, 0.98, 0.95),
    (0.75, 0.45, 0.9),
    (0.98, 0.6, 0.25),
)


def donut(dice: Dice) -> Subject:
    """A donut, plain or iced, with sprinkles or stripes."""
    big, small = dice.span(0.58, 0.68), dice.span(0.27, 0.36)
    crumb = dice.hue((0.07, 0.1), (0.5, 0.7), (0.65, 0.85))
    pale = waves(dice, 4)
    dough = two_tone(
        crumb, (0.93, 0.8, 0.55), lambda p: 1.1 - np.abs(p[1] + 0.02) * 9 + 0.3 * pale(p)
    )
    found = parts(Material(paint=dough, gloss=0.15, shine=15), ring(big, small, axis=1))
    if dice.chance(0.88):
        glaze = dice.pick(
            (
                (0.95, 0.55, 0.68),
                (0.3, 0.16, 0.09),
                (0.96, 0.93, 0.88),
                (0.98, 0.8, 0.35),
                (0.6, 0.85, 0.8),
                (0.45, 0.24, 0.12),
                (0.9, 0.35, 0.5),
            )
        )
        glaze = dice.near(glaze)
        wobble, edge = waves(dice, 3.0), dice.span(-0.02, 0.1)
        icing = ring(big, small + 0.03, axis=1)
        iced = Solid(
            lambda p: np.maximum(icing.field(p), (edge + 0.06 * wobble(p) - p[1]) * 0.8),
            icing.low,
            icing.high,
        )
        tone: Paint = glaze
        style = dice.pick(("sprinkles", "sprinkles", "lines", "plain", "plain"))
        if style == "sprinkles":
            count = dice.count(40, 90)
            a = _on_ring(dice, count, big, small + 0.03)
            b = a + dice.generator.normal(0, 0.028, a.shape).astype(np.float32)
            sweets = [dice.pick(SWEETS) for _ in range(count)] * 2
            tone = confetti(glaze, np.concatenate([a, b], axis=1), sweets, 0.032)
        elif style == "lines":
            line = dice.pick(((0.98, 0.96, 0.92), (0.35, 0.2, 0.1), (0.95, 0.6, 0.7)))
            tone = two_tone(glaze, line, lambda p: np.sin(p[0] * 22 + np.sin(p[2] * 9)) * 4 - 2.2)
        found += parts(Material(paint=tone, gloss=0.55, shine=45), iced)
    return Subject(
        parts=found,
        yaw=(0, 360),
        tilt=(28, 88),
        pose=rotation(x=dice.span(-4, 4)),
        stages=("studio", "table", "cloth", "table"),
    )


def _waffle(dice: Dice, tone: Vec) -> Paint:
    n, pitch = dice.count(8, 12), dice.span(7, 10)

    def lines(p: Array) -> Array:
        a = np.arctan2(p[2], p[0]) * (n / 6.283)
        u, v = (a + p[1] * pitch * 0.5) % 1, (a - p[1] * pitch * 0.5) % 1
        return (np.maximum(np.abs(u - 0.5), np.abs(v - 0.5)) - 0.36) * 12

    return two_tone(tone, shade(tone, 0.68), lines)


FLAVOURS: tuple[Vec, ...] = (
    (0.97, 0.9, 0.72),
    (0.4, 0.23, 0.14),
    (0.95, 0.6, 0.68),
    (0.65, 0.85, 0.6),
    (0.85, 0.3, 0.42),
    (0.55, 0.65, 0.9),
    (0.98, 0.75, 0.35),
    (0.97, 0.95, 0.92),
    (0.75, 0.6, 0.85),
)


def ice_cream(dice: Dice) -> Subject:
    """A cone with scoops or a soft swirl."""
    w, length = dice.span(0.34, 0.44), dice.span(0.95, 1.3)
    cone = spin([(0, -length), (0.04, -length), (w, 0), (w - 0.05, 0.03), (0, 0)])
    found = parts(matte(_waffle(dice, dice.hue((0.08, 0.1), (0.5, 0.7), (0.75, 0.92)))), cone)
    if dice.chance(0.35):
        flavour = dice.near(dice.pick(FLAVOURS), 0.04)
        turns = dice.count(3, 4)
        swirl = []
        for i in range(turns):
            r = (w + 0.08) * (1 - i / turns)
            swirl.append(
                shift(
                    turn(
                        stretch(ring(r * 0.62, 0.16 * (1 - 0.4 * i / turns), axis=1), 1, 1, 1), z=8
                    ),
                    0,
                    0.1 + 0.23 * i,
                )
            )
        tip = chain(
            [(0, 0.1, 0), (0, 0.2 * turns, 0), (0.06, 0.1 + 0.24 * turns, 0)], [w * 0.8, 0.14, 0.02]
        )
        found += parts(Material(paint=flavour, gloss=0.3, shine=20), blend(0.1, tip, *swirl))
        top = 0.1 + 0.24 * turns
    else:
        top, r = 0.0, w + dice.span(0.03, 0.1)
        for i in range(dice.pick((1, 1, 2, 2, 3))):
            flavour = dice.near(dice.pick(FLAVOURS), 0.04)
            chips: Paint = mottled(dice, flavour, shade(flavour, 0.88), 9)
            if dice.chance(0.35):
                chips = speckled(
                    dice, flavour, dice.pick(((0.25, 0.13, 0.08), (0.8, 0.2, 0.3))), 18, 0.1
                )
            scoop = blend(
                0.08, ball(r), *(shift(ring(r * 0.9, 0.07, axis=1), 0, -r * 0.35) for _ in range(1))
            )
            scoop = ripple(scoop, waves(dice, 11, 6), 0.022)
            x = 0.0 if i == 0 else dice.span(-0.08, 0.08)
            found += parts(
                Material(paint=chips, gloss=0.2, shine=18), shift(scoop, x, top + r * 0.62)
            )
            top += r * 1.25
            r *= 0.9
        top += 0.15
    if dice.chance(0.3):
        cherry = shift(ball(0.1), 0, top + 0.02)
        found += parts(plastic((0.75, 0.05, 0.1)), cherry)
    elif dice.chance(0.3):
        stick = turn(disc(0.05, 0.32), z=-22)
        found += parts(matte((0.42, 0.25, 0.14)), shift(stick, 0.2, top))
    return Subject(
        parts=found, yaw=(0, 360), tilt=(2, 18), roll=16, stages=("backdrop", "backdrop", "sky")
    )


def mushroom(dice: Dice) -> Subject:
    """A mushroom: toadstool, button or a tall one."""
    kind = dice.pick(("toadstool", "button", "tall"))
    w = {"toadstool": 0.85, "button": 0.8, "tall": 0.55}[kind] * dice.span(0.9, 1.1)
    h = {"toadstool": 0.5, "button": 0.62, "tall": 0.75}[kind] * dice.span(0.8, 1.15)
    droop = dice.span(0.0, 0.12)
    cap = spin(
        curve(
            [
                (0, 0.02),
                (w * 0.5, 0.0),
                (w * 0.9, -droop),
                (w, 0.05 - droop * 0.5),
                (w * 0.88, h * 0.45),
                (w * 0.5, h * 0.88),
                (0, h),
            ],
            closed=False,
        )
    )
    foot, length = dice.span(0.17, 0.3), dice.span(0.65, 1.0)
    stem = spin(
        curve(
            [
                (0, -length),
                (foot * 1.3, -length + 0.02),
                (foot * 1.1, -length * 0.7),
                (foot * 0.85, -length * 0.3),
                (foot * 0.9, 0.1),
                (0, 0.1),
            ],
            closed=False,
        )
    )
    skin = (
        dice.hue((0.98, 1.03), (0.8, 0.95), (0.65, 0.85))
        if kind == "toadstool"
        else dice.hue((0.05, 0.1), (0.15, 0.6), (0.4, 0.9))
    )
    gills = (0.9, 0.84, 0.72) if kind != "button" else (0.5, 0.36, 0.28)
    top: Paint = mottled(dice, skin, shade(skin, 0.85), 4)
    if kind == "toadstool":
        n = 26
        a = np.arange(n) * 2.4 + dice.span(0, 6)
        r = w * 0.98 * np.sqrt((np.arange(n) + 0.5) / n)
        y = h * np.sqrt(np.maximum(1 - (r / w) ** 2, 0.02))
        spots = np.stack([r * np.cos(a), y, r * np.sin(a)]).astype(np.float32)
        top = confetti(top, spots, [(0.97, 0.95, 0.9)] * n, dice.span(0.08, 0.13))
    lines = two_tone(gills, shade(gills, 0.7), lambda p: np.sin(60 * np.arctan2(p[2], p[0])))
    under = masked(
        top,
        lines,
        lambda p: (
            (0.045 - p[1] - droop * p[0] * 0) * 40 - (np.sqrt(p[0] ** 2 + p[2] ** 2) > w * 0.93) * 9
        ),
    )
    pale = dice.hue((0.08, 0.13), (0.05, 0.25), (0.82, 0.97))
    found = parts(Material(paint=under, gloss=0.35 if kind == "toadstool" else 0.12, shine=25), cap)
    found += parts(matte(fading(shade(pale, 0.8), pale, 1, -length, 0)), stem)
    if kind == "toadstool" and dice.chance(0.6):
        skirt = spin([(foot * 0.9, -0.2), (foot * 1.9, -0.36)], pen=0.025)
        found += parts(matte(pale), skirt)
    if dice.chance(0.3):
        k, side = dice.span(0.4, 0.6), dice.pick((-1, 1))
        found += [
            Part(
                shift(stretch(p.solid, k, k, k), side * (w * 0.95), -length * (1 - k), 0.3),
                Material(
                    paint=_scaled(p.material.paint, k, side * w * 0.95, -length * (1 - k), 0.3),
                    gloss=p.material.gloss,
                ),
            )
            for p in found[:2]
        ]
    return Subject(
        parts=found,
        yaw=(-30, 30),
        tilt=(-2, 22),
        roll=6,
        stages=("lawn", "lawn", "table", "studio"),
    )


def _scaled(paint: Paint, k: float, x: float, y: float, z: float) -> Paint:
    if not callable(paint):
        return paint
    by = np.array([[x], [y], [z]], np.float32)
    return lambda p: paint((p - by) / k)


def pizza(dice: Dice) -> Subject:
    """A whole pizza, perhaps cut or with a slice gone, or one slice."""
    one = dice.chance(0.4)
    crust = dice.hue((0.07, 0.1), (0.5, 0.7), (0.68, 0.88))
    cheese = dice.hue((0.11, 0.14), (0.5, 0.75), (0.88, 0.98))
    sauce = waves(dice, 9, 6)
    melt: Paint = two_tone(cheese, dice.near((0.82, 0.35, 0.15)), lambda p: (sauce(p) - 0.35) * 2.5)
    baked = mottled(dice, crust, shade(crust, 0.65), 9)
    wedge = np.radians(dice.span(38, 52)) / 2
    tops, tones = _toppings(dice, wedge if one else np.pi)
    if one:
        cover = extrude(
            [(0, -1.0), (float(1.9 * np.tan(wedge)), 0.75), (-float(1.9 * np.tan(wedge)), 0.75)],
            0.05,
            0.04,
        )
        arc = [
            (float(1.85 * np.sin(a)), float(1.85 * np.cos(a)) - 1.0, 0.04)
            for a in np.linspace(-wedge, wedge, 6)
        ]
        found = parts(matte(melt), common(cover, shift(disc(1.85, 0.3, axis=2), 0, -1.0)))
        found += parts(matte(baked), chain(arc, dice.span(0.11, 0.16)))
        tops = [shift(t, 0, -1.0, 0) for t in tops]
        stage_tilt = (40.0, 88.0)
    else:
        found = parts(matte(melt), disc(0.92, 0.05, axis=2))
        found += parts(matte(baked), ring(0.92, dice.span(0.08, 0.12)))
        stage_tilt = (38.0, 88.0)
        cuts = dice.pick((0, 6, 8, 8))
        if cuts:
            groove = [turn(block(1.2, 0.012, 0.3), z=360 / cuts * i) for i in range(cuts // 2)]
            gone: list[Solid] = []
            if dice.chance(0.4):
                a = 360 / cuts
                gone = [
                    turn(
                        extrude(
                            [
                                (0, 0),
                                (2, 0),
                                (
                                    float(2 * np.cos(np.radians(a))),
                                    float(2 * np.sin(np.radians(a))),
                                ),
                            ],
                            0.5,
                        ),
                        z=a * dice.count(0, cuts - 1),
                    )
                ]
                tops = [
                    t
                    for t in tops
                    if gone[0].field(np.mean([t.low, t.high], axis=0).astype(np.float32)[:, None])[
                        0
                    ]
                    > 0.06
                ]
            found = [Part(cut(p.solid, *groove, *gone), p.material) for p in found]
    found += [Part(t, m) for t, m in zip(tops, tones, strict=False)]
    return Subject(
        parts=found,
        pose=lying(dice.span(-25, 25) if one else dice.span(0, 360)),
        yaw=(0, 0),
        tilt=stage_tilt,
        stages=("table", "studio", "cloth", "floor"),
    )


def _toppings(dice: Dice, wedge: float) -> tuple[list[Solid], list[Material]]:
    """Slices of sausage, olive rings and leaves strewn over a disc or a wedge around +y."""
    meat = plastic(mottled(dice, (0.72, 0.16, 0.12), (0.55, 0.1, 0.08), 14))
    olive, basil = (
        plastic((0.13, 0.12, 0.12)),
        plastic(dice.hue((0.27, 0.34), (0.6, 0.8), (0.3, 0.5))),
    )
    kinds = dice.pick((("m",), ("m", "m", "o"), ("m", "b"), ("m", "o", "b"), ("b", "o")))
    solids: list[Solid] = []
    tones: list[Material] = []
    spots: list[tuple[float, float]] = []
    whole = wedge > 3
    for _ in range(60):
        if len(spots) >= (14 if whole else 7):
            break
        r = 0.78 * dice.span(0, 1) ** 0.5 if whole else dice.span(0.55, 1.6)
        a = dice.span(-wedge, wedge) * (1 if whole else 0.66)
        x, y = r * np.sin(a), r * np.cos(a)
        if any((x - u) ** 2 + (y - v) ** 2 < 0.3**2 for u, v in spots):
            continue
        spots.append((x, y))
        kind = dice.pick(kinds)
        if kind == "m":
            solids.append(shift(disc(dice.span(0.13, 0.17), 0.025, axis=2), x, y, 0.06))
            tones.append(meat)
        elif kind == "o":
            solids.append(shift(ring(0.07, 0.035), x, y, 0.06))
            tones.append(olive)
        else:
            solids.append(shift(turn(leaf(0.28, 0.08), z=dice.span(0, 360)), x - 0.1, y, 0.07))
            tones.append(basil)
    return solids, tones
