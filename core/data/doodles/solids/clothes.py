"""Makers of things to wear or carry: crown, eyeglasses, pants, sock, t-shirt, umbrella."""

import numpy as np

from core.data.doodles.solids.fields import (
    Array,
    Solid,
    Vec,
    ball,
    block,
    chain,
    common,
    ellipsoid,
    fan,
    mirror,
    ring,
    ripple,
    rod,
    rotation,
    shift,
    turn,
    union,
)
from core.data.doodles.solids.outlines import Points, circle, curve, extrude
from core.data.doodles.solids.paints import (
    Dice,
    Material,
    Paint,
    glass,
    masked,
    matte,
    metal,
    mottled,
    plastic,
    shade,
    striped,
    two_tone,
    waves,
)
from core.data.doodles.solids.subject import Part, Subject, lying, parts

LAID = ("table", "floor", "cloth", "studio", "plaster")


def crown(dice: Dice) -> Subject:
    """A crown with points, gems and perhaps a velvet cap."""
    n = dice.pick((5, 6, 7, 8))
    low, flare = dice.span(0.6, 0.7), dice.span(0.05, 0.28)
    base, high = dice.span(-0.1, 0.1), dice.span(0.4, 0.65)
    thick = 0.045

    def field(p: Array) -> Array:
        a = np.arctan2(p[2], p[0]) * (n / 6.2832)
        saw = np.abs(a - np.floor(a) - 0.5) * 2
        r = np.sqrt(p[0] * p[0] + p[2] * p[2])
        wall = np.abs(r - low - flare * (p[1] + 0.45)) - thick
        top = (p[1] - base - (high - base) * saw) * 0.45
        return np.maximum(np.maximum(wall, top), -0.45 - p[1]) * 0.85

    reach = low + flare * (high + 0.45) + thick
    gold = metal(
        dice.pick(((0.9, 0.7, 0.28), (0.9, 0.7, 0.28), (0.95, 0.78, 0.4), (0.8, 0.81, 0.83))), 0.4
    )
    found = parts(gold, Solid(field, (-reach, -0.45, -reach), (reach, high, reach)))
    rim = low + 0.02
    found += parts(
        gold,
        shift(ring(rim, 0.06, axis=1), 0, -0.42),
        shift(ring(rim + flare * 0.3, 0.035, axis=1), 0, -0.18),
    )
    tip_r = low + flare * (high + 0.45)
    step = 6.2832 / n
    pearl = plastic(dice.pick(((0.97, 0.95, 0.9), (0.8, 0.08, 0.12), (0.9, 0.7, 0.3))))
    tip = ball(dice.span(0.06, 0.085))
    tips = turn(fan(shift(tip, 0, 0, tip_r), n, axis=1), y=0)
    found += parts(pearl, shift(tips, 0, high + 0.02))
    gem = plastic(dice.hue(strength=(0.8, 1.0), value=(0.5, 0.9)))
    jewel = fan(shift(ellipsoid(0.08, 0.08, 0.05), 0, 0, low + 0.04 + flare * 0.14), n, axis=1)
    found += parts(gem, shift(turn(jewel, y=float(np.degrees(step / 2))), 0, -0.3))
    if dice.chance(0.4):
        velvet = dice.pick(((0.6, 0.05, 0.1), (0.35, 0.08, 0.4), (0.1, 0.15, 0.5)))
        cap = shift(ellipsoid(low - 0.03, high + 0.3, low - 0.03), 0, -0.4)
        cap = common(cap, block(2.0, 0.4, 2.0))
        found += parts(matte(mottled(dice, velvet, shade(velvet, 0.7), 5)), cap)
    return Subject(
        parts=found, yaw=(0, 360), tilt=(4, 24), roll=5, stages=("studio", "table", "cloth", "dusk")
    )


LENSES: dict[str, Points] = {
    "round": circle(0.36, n=28),
    "square": curve(
        [
            (-0.36, 0.24),
            (0.0, 0.28),
            (0.38, 0.26),
            (0.36, -0.12),
            (0.26, -0.25),
            (0, -0.27),
            (-0.26, -0.25),
            (-0.34, -0.12),
        ],
        steps=3,
    ),
    "cat": curve(
        [(-0.34, 0.12), (0.0, 0.22), (0.46, 0.34), (0.36, -0.08), (0.1, -0.26), (-0.2, -0.22)],
        steps=4,
    ),
    "aviator": curve(
        [(-0.34, 0.22), (0.0, 0.26), (0.38, 0.22), (0.36, -0.1), (0.14, -0.36), (-0.16, -0.28)],
        steps=4,
    ),
}


def eyeglasses(dice: Dice) -> Subject:
    """Eyeglasses or sunglasses from the front."""
    line = LENSES[dice.pick(("round", "round", "square", "square", "cat", "aviator"))]
    k = dice.span(0.95, 1.12)
    line = [(x * k, y * k) for x, y in line]
    thin = dice.chance(0.4)
    pen = 0.028 if thin else dice.span(0.045, 0.07)
    tone = dice.pick(((0.08, 0.08, 0.09), (0.35, 0.2, 0.1), dice.hue(strength=(0.5, 0.9))))
    frame = plastic(tone)
    if thin:
        frame = metal(dice.pick(((0.8, 0.65, 0.3), (0.6, 0.6, 0.62), (0.25, 0.25, 0.26))), 0.4)
    elif dice.chance(0.25):
        frame = plastic(mottled(dice, (0.5, 0.3, 0.12), (0.15, 0.08, 0.04), 9))
    x = 0.36 * k + 0.13
    rim = extrude([*line, line[0]], 0.035, 0.02, pen=pen)
    found = parts(frame, mirror(shift(rim, x)))
    found += parts(frame, chain([(-0.16, 0.06, 0), (0, 0.13, 0.02), (0.16, 0.06, 0)], pen * 0.9))
    outer = x + max(u for u, _ in line)
    hinge = max((v, u) for u, v in line if u > 0.2)[0] * 0.6
    temple = chain(
        [
            (outer, hinge, 0),
            (outer + 0.03, hinge, -0.1),
            (outer - 0.02, hinge, -1.0),
            (outer - 0.06, hinge - 0.22, -1.25),
        ],
        [pen, pen, pen * 0.8, pen * 0.8],
    )
    found += parts(frame, mirror(temple))
    pane = mirror(shift(extrude(line, 0.012), x))
    if dice.chance(0.35):
        dark = dice.pick(
            ((0.08, 0.08, 0.1), (0.2, 0.12, 0.06), (0.08, 0.14, 0.12), (0.12, 0.1, 0.25))
        )
        found += parts(Material(paint=fading_lens(dark), gloss=0.8, shine=90), pane)
    else:
        found += parts(glass((0.93, 0.97, 0.98), 0.86), pane)
    return Subject(
        parts=found,
        yaw=(-32, 32),
        tilt=(4, 30),
        roll=5,
        stages=("table", "studio", "table", "cloth"),
        fill=(0.75, 0.95),
    )


def fading_lens(dark: Vec) -> Paint:
    """A sunglass tint that is lighter below."""
    return two_tone(shade(dark, 2.0), dark, lambda p: p[1] * 2 + 0.6)


def _cloth(dice: Dice, solid: Solid, depth: float = 0.02) -> Solid:
    """Cloth with soft creases."""
    return ripple(solid, waves(dice, 7, 4), depth)


def _print(dice: Dice, base: Vec) -> Paint:
    """A plain, striped, dotted or checked cloth."""
    other = dice.hue(strength=(0.2, 0.9), value=(0.3, 0.97))
    kind = dice.pick(("plain", "plain", "plain", "stripes", "stripes", "dots"))
    if kind == "stripes":
        return striped(base, other, 1, dice.span(0.14, 0.34), dice.span(0.3, 0.5))
    if kind == "dots":
        pitch = dice.span(0.2, 0.3)

        def dots(p: Array) -> Array:
            u, v = p[0] / pitch, p[1] / pitch
            row = np.floor(v)
            return (0.24 - np.hypot((u + row * 0.5) % 1 - 0.5, v - row - 0.5)) * 10

        return two_tone(base, other, dots)
    return base


def t_shirt(dice: Dice) -> Subject:
    """A t-shirt laid flat: plain, striped or with a print on the chest."""
    w, h = dice.span(0.5, 0.6), dice.span(0.78, 0.92)
    sleeve = dice.span(0.36, 0.52)
    drop = dice.span(0.3, 0.5)
    neck, deep = dice.span(0.2, 0.26), dice.span(0.12, 0.2)
    vee = dice.chance(0.3)
    half = [
        (w * 1.02, -h),
        (w, h * 0.25),
        (w + sleeve * 0.72, h * 0.25 - drop * 0.25 + 0.02),
        (w + sleeve, h * 0.25 + drop * 0.45),
        (w * 0.92, h * 0.86),
        (neck, h),
    ]
    dip = (
        [(0.0, h - deep * 1.9)]
        if vee
        else [(neck * 0.65, h - deep * 0.75), (0.0, h - deep), (-neck * 0.65, h - deep * 0.75)]
    )
    outline = [*half, *dip, *((-x, y) for x, y in reversed(half))]
    base = dice.hue(strength=(0.2, 0.9), value=(0.35, 0.97))
    if dice.chance(0.35):
        base = dice.pick(((0.96, 0.96, 0.95), (0.15, 0.15, 0.16), (0.6, 0.6, 0.62)))
    paint = _print(dice, base)
    if not callable(paint) and dice.chance(0.5):
        paint = _emblem(dice, base)
    found = parts(matte(paint), _cloth(dice, extrude(outline, 0.07, 0.07), 0.016))
    collar = [(x, y) for x, y in [(neck, h), *dip, (-neck, h)]]
    trim = shade(base, 0.8) if dice.chance(0.6) else dice.hue(value=(0.3, 0.95))
    found += parts(matte(trim), chain([(x, y, 0.05) for x, y in collar], 0.035))
    back = curve(
        [
            (
                -neck,
                h,
            ),
            (0, h - 0.05),
            (neck, h),
        ],
        closed=False,
    )
    found += parts(matte(shade(base, 0.6)), chain([(x, y, -0.03) for x, y in back], 0.04))
    return Subject(
        parts=found,
        pose=lying(dice.span(-14, 14)),
        yaw=(0, 0),
        tilt=(60, 90),
        stages=LAID,
        fill=(0.75, 0.97),
    )


def _emblem(dice: Dice, base: Vec) -> Paint:
    tone = dice.hue(strength=(0.5, 0.95), value=(0.4, 0.98))
    kind, size = dice.pick(("disc", "bar", "star", "pocket")), dice.span(0.2, 0.3)

    def share(p: Array) -> Array:
        x, y = p[0], p[1] - 0.1
        if kind == "disc":
            d = np.hypot(x, y) - size
        elif kind == "bar":
            d = np.abs(y - 0.1) - size * 0.4
        elif kind == "pocket":
            d = np.maximum(np.abs(x - 0.24), np.abs(y - 0.15)) - size * 0.5
        else:
            a = np.arctan2(x, y) * (5 / 6.2832)
            d = np.hypot(x, y) - size * (0.5 + 0.7 * np.abs(a - np.round(a)) * -1 + 0.5)
        return -d * 50

    return two_tone(base, tone, share)


def pants(dice: Dice) -> Subject:
    """Trousers laid flat: jeans, slacks or shorts."""
    short = dice.chance(0.15)
    waist, hip = dice.span(0.4, 0.48), dice.span(0.5, 0.58)
    spread, width = dice.span(0.16, 0.42), dice.span(0.15, 0.22)
    end, crotch = (-0.35 if short else -1.0), dice.span(0.3, 0.45)
    if short:
        width += 0.1
    inner = 0.04 + spread * 0.6
    half = [(waist, 1.0), (hip, 0.45), (inner + width * 2, end), (inner, end - 0.02)]
    outline = [*half, (0.0, crotch), *((-x, y) for x, y in reversed(half))]
    kind = dice.pick(("jeans", "jeans", "slacks"))
    base = (
        dice.hue((0.57, 0.63), (0.35, 0.7), (0.25, 0.65))
        if kind == "jeans"
        else dice.hue(strength=(0.1, 0.7), value=(0.2, 0.8))
    )
    worn = waves(dice, 2.5)
    light = shade(base, 1.35)
    cloth: Paint = two_tone(
        base, light, lambda p: 0.35 + 0.3 * worn(p) - np.abs(np.abs(p[0]) - 0.28)
    )
    found = parts(matte(cloth), _cloth(dice, extrude(outline, 0.09, 0.09), 0.018))
    seam = (
        dice.pick(((0.85, 0.62, 0.25), shade(base, 0.6))) if kind == "jeans" else shade(base, 0.6)
    )
    found += parts(matte(shade(base, 0.85)), shift(block(waist + 0.01, 0.06, 0.1, 0.04), 0, 0.97))
    lines = union(
        rod((0, 0.92, 0.095), (0, crotch + 0.03, 0.095), 0.014),
        mirror(
            chain(
                [(waist - 0.16, 0.92, 0.09), (waist - 0.08, 0.74, 0.09), (hip - 0.07, 0.7, 0.08)],
                0.014,
            )
        ),
    )
    found += parts(matte(seam), lines)
    if dice.chance(0.4):
        belt = dice.pick(((0.3, 0.18, 0.1), (0.1, 0.1, 0.1)))
        found += parts(matte(belt), shift(block(waist + 0.012, 0.045, 0.11, 0.03), 0, 0.97))
        found += parts(metal((0.85, 0.7, 0.35), 0.4), shift(block(0.07, 0.05, 0.02), 0, 0.97, 0.12))
    else:
        found += parts(metal((0.8, 0.6, 0.35), 0.4), shift(ball(0.035), 0, 0.97, 0.1))
    if dice.chance(0.4):
        hem = extrude(
            [
                (inner, end),
                (inner + width * 2, end),
                (inner + width * 2, end + 0.1),
                (inner, end + 0.1),
            ],
            0.1,
            0.06,
        )
        found += parts(matte(light), mirror(hem))
    return Subject(
        parts=found,
        pose=lying(dice.span(-14, 14)),
        yaw=(0, 0),
        tilt=(60, 90),
        stages=LAID,
        fill=(0.78, 0.97),
    )


def _one_sock(dice: Dice, high: float, paint: Paint, trim: Vec, toe: Vec) -> list[Part]:
    w = 0.26
    length = 0.78
    outline = curve(
        [
            (-w, high),
            (w, high),
            (w * 0.95, 0.0),
            (w + 0.1, -0.22),
            (length - 0.1, -0.36),
            (length, -0.56),
            (length - 0.16, -0.7),
            (0.1, -0.72),
            (-w + 0.02, -0.66),
            (-w - 0.06, -0.4),
            (-w, 0.0),
        ],
        steps=3,
    )

    def heel(p: Array) -> Array:
        return (0.3 - np.hypot(p[0] + w - 0.03, p[1] + 0.6)) * 40

    def toes(p: Array) -> Array:
        return (p[0] - 0.2 * p[1] - length + 0.16) * 40

    tone = masked(masked(paint, toe, heel), toe, toes)
    found = parts(matte(tone), _cloth(dice, extrude(outline, 0.09, 0.09), 0.012))
    cuff = shift(block(w + 0.03, 0.13, 0.11, 0.06), 0, high - 0.1)
    cuff = ripple(cuff, lambda p: np.sin(p[0] * 60), 0.012)
    return found + parts(matte(trim), cuff)


def sock(dice: Dice) -> Subject:
    """A sock, or a pair, with a cuff, stripes or dots."""
    base = dice.hue(strength=(0.2, 0.9), value=(0.4, 0.97))
    if dice.chance(0.25):
        base = dice.pick(((0.95, 0.95, 0.93), (0.5, 0.5, 0.52), (0.14, 0.14, 0.16)))
    paint = _print(dice, base)
    trim = dice.pick((base, shade(base, 0.8), dice.hue(value=(0.4, 0.97))))
    toe = dice.pick((base, trim, trim, dice.hue(value=(0.4, 0.97))))
    high = dice.span(0.35, 0.95)
    found = _one_sock(dice, high, paint, trim, toe)
    flip = dice.chance(0.5)
    if dice.chance(0.25):
        found += [Part(shift(turn(p.solid, z=-9), -0.35, 0.05, -0.12), p.material) for p in found]
    if flip:
        found = [
            Part(
                _flipped(p.solid),
                Material(paint=_flipped_paint(p.material.paint), gloss=0.03, shine=8),
            )
            for p in found
        ]
    return Subject(
        parts=found,
        pose=lying(dice.span(-25, 25)),
        yaw=(0, 0),
        tilt=(55, 90),
        stages=LAID,
        fill=(0.72, 0.95),
    )


SIGN = np.array([[-1], [1], [1]], np.float32)


def _flipped(solid: Solid) -> Solid:
    low = (-solid.high[0], solid.low[1], solid.low[2])
    high = (-solid.low[0], solid.high[1], solid.high[2])
    return Solid(lambda p: solid.field(p * SIGN), low, high)


def _flipped_paint(paint: Paint) -> Paint:
    if not callable(paint):
        return paint
    return lambda p: paint(p * SIGN)


def umbrella(dice: Dice) -> Subject:
    """An open umbrella with a hooked or straight handle."""
    n = dice.pick((6, 8, 8, 10))
    r, rise = 1.0, dice.span(0.45, 0.7)
    scallop = dice.span(0.06, 0.14)
    ball_r = (r * r + rise * rise) / (2 * rise)

    def field(p: Array) -> Array:
        a = np.arctan2(p[2], p[0]) * (n / 6.2832)
        saw = np.abs(a - np.floor(a) - 0.5) * 2
        rho2 = p[0] * p[0] + p[2] * p[2]
        y = p[1] - rise + ball_r
        dome = (
            np.abs(np.sqrt(rho2 + y * y) - ball_r + 0.05 * (1 - saw) ** 2 * np.sqrt(rho2)) - 0.014
        )
        low = scallop * (1 - saw * saw) - p[1]
        return np.maximum(dome, low) * 0.85

    tones = [dice.hue(strength=(0.6, 0.95), value=(0.5, 0.95)) for _ in range(2)]
    if dice.chance(0.3):
        tones[1] = (0.96, 0.95, 0.93)
    one = dice.chance(0.45)

    def panels(p: Array) -> Array:
        a = np.arctan2(p[2], p[0]) * (n / 6.2832)
        a = a - np.floor(a / 2) * 2
        seam = np.abs(a - np.round(a))
        return np.where(seam < 0.04, 0.5, (a > 1) * (0.12 if one else 1.0))

    cover = two_tone(tones[0], shade(tones[0], 0.6) if one else tones[1], panels)
    found = parts(
        Material(paint=cover, gloss=0.15, shine=20),
        Solid(field, (-r - 0.02, 0, -r - 0.02), (r + 0.02, rise + 0.03, r + 0.02)),
    )
    steel = metal((0.7, 0.7, 0.72), 0.4) if dice.chance(0.6) else matte((0.35, 0.22, 0.12))
    low = -dice.span(0.75, 1.0)
    found += parts(steel, rod((0, low, 0), (0, rise + 0.16, 0), 0.022))
    grip = plastic(dice.pick(((0.4, 0.24, 0.12), (0.1, 0.1, 0.1), tones[0])))
    if dice.chance(0.8):
        h = dice.span(0.12, 0.17)
        hook = [(0.0, low + 0.12, 0.0)] + [
            (float(h - h * np.cos(a)), float(low - h * np.sin(a)), 0.0)
            for a in np.linspace(0, np.pi * 1.1, 7)
        ]
        found += parts(grip, chain(hook, 0.045))
    else:
        found += parts(grip, rod((0, low + 0.15, 0), (0, low - 0.12, 0), 0.06))
    lean = rotation(z=dice.span(-28, 28)) @ rotation(x=dice.span(-16, 14))
    return Subject(
        parts=found,
        pose=lean @ rotation(y=dice.span(0, 360)),
        yaw=(0, 0),
        tilt=(-6, 14),
        roll=4,
        stages=("backdrop", "sky", "backdrop"),
        fill=(0.72, 0.95),
    )
