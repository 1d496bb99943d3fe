"""Makers of things about the house: camera, chair, clock, envelope, guitar, ladder, sword."""

import numpy as np

from core.data.doodles.solids.fields import (
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
    rod,
    rotation,
    shift,
    stretch,
    turn,
    union,
)
from core.data.doodles.solids.outlines import Flat, Points, curve, extrude
from core.data.doodles.solids.paints import (
    Dice,
    Material,
    Paint,
    fading,
    grained,
    masked,
    matte,
    metal,
    mottled,
    plastic,
    shade,
    striped,
)
from core.data.doodles.solids.subject import Part, Subject, lying, parts


def camera(dice: Dice) -> Subject:
    """A camera: reflex, compact, retro or instant."""
    kind = dice.pick(("reflex", "compact", "retro", "instant"))
    black: Vec = dice.near((0.13, 0.13, 0.14), 0.03)
    tone = (
        black
        if kind == "reflex"
        else dice.pick(
            (black, (0.75, 0.76, 0.78), dice.hue(strength=(0.4, 0.85), value=(0.5, 0.95)))
        )
    )
    w, h, d = dice.span(0.85, 1.0), dice.span(0.48, 0.6), dice.span(0.22, 0.3)
    if kind == "instant":
        h, tone = 0.72, dice.pick(((0.94, 0.93, 0.9), tone))
        w = 0.8
    body: Paint = tone
    if kind == "retro":
        silver: Vec = (0.8, 0.8, 0.82)
        leather = dice.pick((black, (0.45, 0.26, 0.15), (0.35, 0.1, 0.1), (0.2, 0.3, 0.25)))
        body = masked(
            silver,
            mottled(dice, leather, shade(leather, 0.8), 60),
            lambda p: (h * 0.5 - np.abs(p[1] + 0.03)) * 60,
        )
    elif kind == "instant":
        stripe = dice.hue(strength=(0.7, 0.95), value=(0.7, 0.95))
        body = masked(tone, stripe, lambda p: (0.05 - np.abs(p[0] - 0.3)) * 60)
    found = parts(plastic(body), block(w, h, d, dice.span(0.06, 0.14)))
    lens_x = dice.span(-0.05, 0.12) * (0 if kind == "reflex" else 1)
    r, out = (
        dice.span(0.34, 0.42),
        dice.span(0.25, 0.5) if kind == "reflex" else dice.span(0.1, 0.22),
    )
    tube = disc(r, out / 2 + 0.05, 0.03, axis=2)
    barrel = matte(black) if kind != "retro" else metal((0.7, 0.7, 0.72), 0.4)
    found += parts(barrel, shift(tube, lens_x, -0.05, d + out / 2))
    lip = shift(ring(r - 0.06, 0.03), lens_x, -0.05, d + out + 0.04)
    found += parts(metal((0.75, 0.75, 0.77) if dice.chance(0.5) else (0.3, 0.3, 0.32), 0.4), lip)
    pane = shift(ellipsoid(r - 0.08, r - 0.08, 0.07), lens_x, -0.05, d + out + 0.04)
    found += parts(
        Material(
            paint=fading((0.12, 0.07, 0.22), (0.1, 0.2, 0.35), 1, -0.4, 0.3), gloss=1.0, shine=120
        ),
        pane,
    )
    if kind == "reflex":
        hump = extrude([(-0.3, 0), (-0.2, 0.26), (0.2, 0.26), (0.3, 0)], d * 0.85, 0.04)
        found += parts(
            plastic(tone),
            shift(hump, 0, h - 0.02),
            shift(block(0.16, h * 0.98, d + 0.07, 0.08), -w + 0.14, -0.01, 0.07),
        )
    else:
        found += parts(
            plastic((0.1, 0.1, 0.12)), shift(block(0.13, 0.07, 0.03), w * 0.3, h * 0.72, d)
        )
        found += parts(
            Material(paint=(0.97, 0.95, 0.85), gloss=0.8, glow=0.25),
            shift(block(0.14, 0.08, 0.03), w * 0.7, h * 0.7, d),
        )
    found += parts(
        metal((0.8, 0.8, 0.82) if dice.chance(0.6) else (0.8, 0.2, 0.15), 0.4),
        shift(disc(0.09, 0.06), -w * 0.68, h + 0.04),
    )
    if dice.chance(0.6):
        found += parts(barrel, shift(disc(0.13, 0.05), w * 0.66, h + 0.03))
    return Subject(parts=found, yaw=(-38, 38), tilt=(3, 30), roll=4)


def chair(dice: Dice) -> Subject:
    """A chair with slats, bars or a panel as its back."""
    wood = dice.hue((0.04, 0.1), (0.35, 0.7), (0.3, 0.8))
    frame = Material(paint=grained(dice, wood, shade(wood, 0.72), 1), gloss=0.2)
    if dice.chance(0.35):
        frame = plastic(dice.pick(((0.93, 0.93, 0.92), (0.13, 0.13, 0.14), dice.hue())))
    w, d = dice.span(0.42, 0.5), dice.span(0.4, 0.48)
    t, leg = dice.span(0.035, 0.06), dice.span(0.7, 0.9)
    high = dice.span(0.75, 1.05)
    splay = dice.span(0.0, 0.1)
    seat = block(w, 0.05, d, 0.03)
    soft = dice.chance(0.4)
    cloth = dice.hue(strength=(0.3, 0.8), value=(0.3, 0.85))
    found = parts(frame, seat)
    if soft:
        found += parts(matte(cloth), shift(block(w * 0.95, 0.06, d * 0.95, 0.06), 0, 0.07))
    legs = mirror(
        mirror(rod((w - t, -0.03, d - t), (w - t + splay, -leg, d - t + splay), t, t * 0.8)), 2
    )
    found += parts(frame, legs)
    lean = dice.span(0.05, 0.18)
    posts = mirror(rod((w - t, 0, -d + t), (w - t, high, -d + t - lean), t))
    found += parts(frame, posts)
    style = dice.pick(("bars", "slats", "panel", "panel"))
    if style == "bars":
        bars = [
            rod((x, 0.03, -d + t), (x, high, -d + t - lean), t * 0.5)
            for x in np.linspace(-w * 0.6, w * 0.6, dice.count(3, 5)).tolist()
        ]
        found += parts(frame, union(*bars))
        found += parts(frame, shift(block(w, 0.07, t, 0.03), 0, high - 0.04, -d + t - lean))
    elif style == "slats":
        n = dice.count(2, 4)
        for i in range(n):
            y = high * (0.35 + 0.62 * i / max(n - 1, 1))
            found += parts(
                frame, shift(block(w, 0.06, t * 0.6, 0.02), 0, y, -d + t - lean * y / high)
            )
    else:
        panel = block(w * 0.98, high * 0.32, t, 0.05)
        tone = matte(cloth) if soft else frame
        found += parts(
            tone,
            shift(turn(panel, x=-np.degrees(lean / high)), 0, high * 0.64, -d + t - lean * 0.62),
        )
    if dice.chance(0.3):
        arm = chain([(w, 0.35, -d + t), (w, 0.38, d * 0.6), (w, 0.0, d * 0.7)], t * 0.9)
        found += parts(frame, mirror(arm))
    if dice.chance(0.5):
        found += parts(
            frame, mirror(rod((w - t, -leg * 0.5, -d + t), (w - t, -leg * 0.5, d - t), t * 0.6))
        )
    side = dice.pick((-1, 1))
    return Subject(
        parts=found,
        yaw=(min(side * 15, side * 60), max(side * 15, side * 60)),
        tilt=(6, 26),
        roll=3,
        stages=("room", "room", "studio"),
    )


def clock(dice: Dice) -> Subject:
    """A wall clock or an alarm clock."""
    r = 0.8
    square = dice.chance(0.12)
    face: Vec = dice.pick(
        (
            (0.97, 0.97, 0.95),
            (0.97, 0.97, 0.95),
            (0.95, 0.9, 0.78),
            (0.14, 0.14, 0.16),
            dice.hue(strength=(0.2, 0.6), value=(0.6, 0.95)),
        )
    )
    ink: Vec = (0.95, 0.95, 0.93) if sum(face) < 1.2 else (0.08, 0.08, 0.1)
    rim_tone = dice.pick(
        (
            (0.12, 0.12, 0.13),
            (0.78, 0.79, 0.8),
            (0.45, 0.28, 0.14),
            (0.85, 0.66, 0.3),
            dice.hue(strength=(0.6, 0.95), value=(0.5, 0.9)),
        )
    )
    rim = metal(rim_tone, 0.4) if dice.chance(0.4) else plastic(rim_tone)
    width = dice.span(0.05, 0.11)
    if square:
        found = parts(matte(face), block(r, r, 0.05))
        found += parts(rim, cut(block(r + width, r + width, 0.12, 0.05), block(r, r, 1.0, 0.01)))
    else:
        found = parts(matte(face), disc(r, 0.05, axis=2))
        found += parts(rim, stretch(ring(r + width * 0.6, width), 1, 1, 1.3))
    marks = dice.pick((12, 12, 4))
    tick = shift(block(0.075, 0.022, 0.012), r - 0.14)
    found += parts(matte(ink), shift(fan(tick, marks), 0, 0, 0.055))
    if marks == 12:
        found += parts(
            matte(ink), shift(fan(shift(block(0.1, 0.034, 0.012), r - 0.16), 4), 0, 0, 0.057)
        )
    hour, minute = dice.span(0, 12), dice.span(0, 60)
    for angle, length, thick, z in ((hour * 30, 0.4, 0.04, 0.08), (minute * 6, 0.62, 0.026, 0.1)):
        a = np.radians(90 - angle)
        found += parts(
            matte(ink),
            rod(
                (0, 0, z),
                (float(length * np.cos(a)), float(length * np.sin(a)), z),
                thick,
                thick * 0.7,
            ),
        )
    if dice.chance(0.5):
        a = dice.span(0, 6.28)
        found += parts(
            matte((0.8, 0.12, 0.1)),
            rod(
                (float(-0.12 * np.cos(a)), float(-0.12 * np.sin(a)), 0.115),
                (float(0.66 * np.cos(a)), float(0.66 * np.sin(a)), 0.115),
                0.013,
            ),
        )
    found += parts(rim, shift(disc(0.06, 0.03, axis=2), 0, 0, 0.11))
    if dice.chance(0.35) and not square:
        found += _alarm(rim, r)
        return Subject(parts=found, yaw=(-32, 32), tilt=(3, 22), roll=3, stages=("table", "studio"))
    return Subject(
        parts=found,
        pose=lying(dice.span(-4, 4)),
        yaw=(0, 0),
        tilt=(58, 90),
        stages=("plaster", "plaster", "studio"),
        fill=(0.65, 0.92),
    )


def _alarm(rim: Material, r: float) -> list[Part]:
    """Case, bells, hammer and feet."""
    case = shift(disc(r + 0.06, 0.2, 0.05, axis=2), 0, 0, -0.22)
    dome = cut(ball(0.3), shift(block(1, 1, 1), 0, -1.0))
    bell = mirror(shift(turn(dome, z=-38), 0.56, 0.8, -0.2))
    foot = mirror(rod((0.4, -0.65, -0.2), (0.62, -1.02, -0.2), 0.06, 0.08))
    knob = rod((0, 0.8, -0.2), (0, 1.14, -0.2), 0.03, 0.06)
    return parts(rim, case, bell, foot, knob)


def envelope(dice: Dice) -> Subject:
    """An envelope from behind: closed, sealed or open with a letter."""
    w, h = 1.0, dice.span(0.58, 0.76)
    paper = dice.pick(
        (
            (0.97, 0.96, 0.93),
            (0.97, 0.96, 0.93),
            (0.8, 0.64, 0.43),
            dice.hue(strength=(0.15, 0.6), value=(0.7, 0.97)),
        )
    )
    t = 0.03
    found = parts(matte(paper), block(w, h, t, 0.012))
    fold = dice.span(-0.12, 0.12)
    sides = extrude([(-w, h), (-w, -h), (w, -h), (w, h), (0, fold - 0.06)], 0.01, 0.006)
    found += parts(matte(shade(paper, 0.95)), shift(sides, 0, 0, t + 0.012))
    lower = [(-w + 0.01, -h), (w - 0.01, -h), (0, fold + 0.08)]
    found += parts(matte(shade(paper, 0.985)), shift(extrude(lower, 0.012, 0.01), 0, 0, t + 0.034))
    tone = shade(paper, 1.03)
    if dice.chance(0.2):
        flap = extrude([(-w, h), (w, h), (0, h + h * 0.95)], 0.012, 0.01)
        letter = matte(striped((0.98, 0.98, 0.97), (0.7, 0.72, 0.78), 1, 0.11, 0.25))
        found += parts(matte(shade(paper, 0.9)), shift(flap, 0, 0, -0.01))
        found += parts(letter, shift(block(w * 0.86, h * 0.8, 0.012), 0, h * 0.7, t + 0.0))
    else:
        tip = fold - dice.span(0.05, 0.2)
        flap = extrude([(-w, h), (w, h), (0.06, tip), (-0.06, tip)], 0.018, 0.014)
        found += parts(matte(tone), shift(flap, 0, 0, t + 0.058))
        if dice.chance(0.4):
            wax = dice.pick(((0.7, 0.08, 0.1), (0.75, 0.1, 0.2), (0.8, 0.6, 0.2)))
            found += parts(
                plastic(wax), shift(disc(0.13, 0.03, 0.02, axis=2), 0, tip + 0.08, t + 0.09)
            )
    return Subject(
        parts=found,
        pose=lying(dice.span(-22, 22)),
        yaw=(0, 0),
        tilt=(42, 88),
        stages=("table", "studio", "cloth", "floor"),
        fill=(0.72, 0.95),
    )


def guitar(dice: Dice) -> Subject:
    """An acoustic or an electric guitar."""
    electric = dice.chance(0.35)
    wide = dice.span(0.44, 0.52)
    waist, shoulder = wide * dice.span(0.62, 0.74), wide * dice.span(0.76, 0.86)
    half = [
        (0.0, -0.95),
        (wide * 0.7, -0.88),
        (wide, -0.55),
        (waist, -0.12),
        (shoulder, 0.2),
        (shoulder * 0.6, 0.4),
        (0.0, 0.42),
    ]
    outline: Points = curve(half[:-1] + [(-x, y) for x, y in reversed(half[1:-1])], steps=4)
    if electric:
        outline = curve(
            [
                (0.0, -0.9),
                (wide * 0.8, -0.82),
                (wide, -0.5),
                (waist, -0.1),
                (shoulder, 0.25),
                (shoulder * 0.8, 0.5),
                (0.22, 0.3),
                (-0.2, 0.3),
                (-shoulder * 0.8, 0.42),
                (-shoulder * 0.9, 0.15),
                (-waist, -0.15),
                (-wide, -0.55),
                (-wide * 0.75, -0.85),
            ],
            steps=3,
        )
    deep = 0.06 if electric else 0.14
    tone = dice.hue((0.03, 0.1), (0.55, 0.85), (0.45, 0.92))
    if electric:
        tone = dice.hue(strength=(0.6, 0.95), value=(0.3, 0.9))
    inside = Flat(outline)
    top: Paint = tone if electric else grained(dice, tone, shade(tone, 0.86), 1)
    dark = shade(tone, 0.3)
    if dice.chance(0.6):
        burst = dice.span(0.12, 0.22)
        top = masked(top, dark, lambda p: 1 + inside(p[0], p[1]) / burst)
    found = parts(Material(paint=top, gloss=0.5, shine=50), extrude(outline, deep, 0.04))
    neck_wood = shade(dice.hue((0.04, 0.08), (0.5, 0.7), (0.3, 0.5)), 0.9)
    z = deep + 0.03
    end = dice.span(1.25, 1.45)
    board = striped(neck_wood, (0.78, 0.76, 0.7), 1, 0.12, 0.16)
    found += parts(
        plastic(board), shift(block(0.065, (end - 0.05) / 2, 0.035), 0, (end + 0.05) / 2, z)
    )
    head = extrude([(-0.07, 0), (0.07, 0), (0.12, 0.3), (-0.12, 0.3)], 0.03)
    found += parts(plastic(dark), shift(head, 0, end, z))
    pegs = [mirror(shift(ball(0.032), 0.15, end + y, z)) for y in (0.08, 0.17, 0.26)]
    found += parts(metal((0.8, 0.8, 0.8), 0.4), union(*pegs))
    if electric:
        for y in (-0.1, -0.42):
            found += parts(
                plastic((0.08, 0.08, 0.09)), shift(block(0.14, 0.045, 0.02), 0, y, deep + 0.01)
            )
        plate = curve([(0.1, 0.2), (0.3, 0.1), (0.24, -0.3), (0.35, -0.6), (0.1, -0.5)])
        found += parts(
            plastic(dice.pick(((0.95, 0.95, 0.93), (0.1, 0.1, 0.1)))),
            shift(extrude(plate, 0.01), 0, 0, deep + 0.004),
        )
        found += parts(metal((0.8, 0.8, 0.8), 0.4), shift(block(0.15, 0.05, 0.03), 0, -0.6, deep))
    else:
        found += parts(matte((0.05, 0.035, 0.03)), shift(disc(0.15, 0.01, axis=2), 0, 0.02, deep))
        found += parts(matte(shade(tone, 0.5)), shift(ring(0.17, 0.014), 0, 0.02, deep))
        found += parts(
            matte(shade(neck_wood, 0.7)), shift(block(0.19, 0.035, 0.025), 0, -0.5, deep)
        )
    found += parts(
        metal((0.85, 0.85, 0.83), 0.3),
        shift(
            mirror(
                union(*(shift(block(0.004, (end + 0.55) / 2, 0.004), x) for x in (0.012, 0.036)))
            ),
            0,
            (end - 0.5) / 2,
            z + 0.045,
        ),
    )
    return Subject(
        parts=found,
        pose=lying(dice.span(-75, 75)),
        yaw=(0, 0),
        tilt=(45, 88),
        stages=("floor", "studio", "cloth", "plaster"),
        fill=(0.85, 1.0),
    )


def ladder(dice: Dice) -> Subject:
    """A straight ladder, upright or leaning, or a stepladder."""
    tone = dice.hue((0.06, 0.1), (0.4, 0.65), (0.5, 0.85))
    stuff = Material(paint=grained(dice, tone, shade(tone, 0.75), 1), gloss=0.15)
    pick = dice.span(0, 1)
    if pick < 0.3:
        stuff = metal((0.75, 0.76, 0.78), 0.4)
    elif pick < 0.45:
        stuff = plastic(dice.hue(strength=(0.6, 0.9), value=(0.6, 0.95)))
    high, wide, t = 1.0, dice.span(0.24, 0.36), dice.span(0.035, 0.055)
    taper = dice.span(0.75, 1.0)
    n = dice.count(5, 8)
    rail = chain([(wide, -high, 0), (wide * taper, high, 0)], t)
    found = parts(stuff, mirror(rail))
    for i in range(n):
        y = -high + 2 * high * (i + 0.6) / n
        x = wide + (wide * taper - wide) * (y + high) / (2 * high)
        found += parts(stuff, rod((-x, y, 0), (x, y, 0), t * 0.75))
    if dice.chance(0.35):
        half = [Part(turn(shift(p.solid, 0, -high, 0), x=-14), stuff) for p in found]
        back = mirror(turn(shift(rail, 0, -high, 0), x=16))
        found = half + parts(
            stuff, back, rod((-wide, -high * 1.2, -0.35), (wide, -high * 1.2, -0.35), t * 0.6)
        )
        top = shift(block(wide * taper + t, t, 0.14), 0, 0, 0)
        found += parts(plastic(dice.hue()), top)
        return Subject(
            parts=found,
            yaw=(-50, 50),
            tilt=(5, 22),
            roll=3,
            stages=("room", "studio", "lawn"),
            fill=(0.8, 0.98),
        )
    pose = rotation(x=-dice.span(4, 16)) @ rotation(z=dice.span(-18, 18))
    return Subject(
        parts=found,
        pose=pose,
        yaw=(-35, 35),
        tilt=(2, 20),
        roll=4,
        stages=("room", "studio", "lawn", "road"),
        fill=(0.8, 0.98),
    )


def sword(dice: Dice) -> Subject:
    """A sword: straight, broad or curved."""
    kind = dice.pick(("long", "long", "broad", "curved"))
    length = dice.span(1.35, 1.7)
    w = {"long": 0.085, "broad": 0.14, "curved": 0.1}[kind] * dice.span(0.9, 1.15)
    if kind == "curved":
        bend = dice.span(0.15, 0.3)
        right = [
            (w + bend * (y / length) ** 2, y) for y in np.linspace(0, length * 0.86, 7).tolist()
        ]
        left = [
            (-w + bend * (y / length) ** 2, y) for y in np.linspace(length * 0.8, 0, 7).tolist()
        ]
        line = [*right, (bend * 1.15, length), *left]
    else:
        line = [
            (-w, 0),
            (w, 0),
            (w * 0.85, length - w * 2.2),
            (0, length),
            (-w * 0.85, length - w * 2.2),
        ]
    steel = metal(dice.near((0.8, 0.82, 0.84), 0.04), 0.5)
    flat = extrude(line, 0.03, 0.028)
    groove = shift(block(w * 0.18, length * 0.36, 0.02), 0, length * 0.4, 0.038)
    found = parts(steel, flat if kind == "curved" else cut(flat, groove))
    gold = metal(
        dice.pick(((0.85, 0.66, 0.3), (0.6, 0.6, 0.62), (0.3, 0.28, 0.27), (0.7, 0.45, 0.25))), 0.45
    )
    reach = dice.span(0.26, 0.42)
    if kind == "curved" and dice.chance(0.5):
        found += parts(gold, stretch(disc(0.18, 0.03), 1, 1, 0.6))
    else:
        droop = dice.span(-0.1, 0.1)
        guard = chain([(0, 0, 0), (reach, droop, 0)], [0.055, 0.045])
        found += parts(gold, mirror(guard))
        if dice.chance(0.5):
            found += parts(gold, mirror(shift(ball(0.065), reach, droop)))
    grip = dice.pick(
        ((0.35, 0.2, 0.1), (0.12, 0.11, 0.12), dice.hue(strength=(0.5, 0.8), value=(0.25, 0.6)))
    )
    hold = dice.span(0.32, 0.45)
    found += parts(
        matte(striped(grip, shade(grip, 0.6), 1, 0.07)), rod((0, 0, 0), (0, -hold, 0), 0.06)
    )
    found += parts(gold, shift(ball(dice.span(0.075, 0.1)), 0, -hold - 0.05))
    if dice.chance(0.3):
        found += parts(
            plastic(dice.hue(strength=(0.8, 1.0), value=(0.5, 0.9))), shift(ball(0.05), 0, 0, 0.05)
        )
    spin_ = dice.span(-65, 65) + dice.pick((0, 180))
    return Subject(
        parts=found,
        pose=lying(spin_),
        yaw=(0, 0),
        tilt=(45, 88),
        stages=("table", "studio", "cloth", "plaster"),
        fill=(0.85, 1.0),
    )
