"""Figures of things that carry people."""

import math

from core.data.doodles.figures.pen import (
    Dice,
    Figure,
    Path,
    Point,
    blob,
    box,
    bumps,
    curve,
    dot,
    join,
    line,
    loop,
    oval,
    polar,
    spread,
    turned,
)


def _plane_above(dice: Dice) -> list[Path]:
    """Nose to the left, wings up and down."""
    fat, span, chord = dice.u(0.05, 0.14), dice.u(0.3, 0.6), dice.u(0.12, 0.3)
    sweep, root = dice.u(0.0, 0.35), dice.u(-0.2, 0.05)
    paths = (
        [oval(0, 0, 0.5, fat)]
        if dice.yes(0.6)
        else [line((0.5, -fat * 0.7), (-0.3, -fat), (-0.5, 0), (-0.3, fat), (0.5, fat * 0.7))]
    )
    tip = chord * dice.u(0.0, 0.9)
    round_wings = dice.yes(0.2)
    for side in (-1, 1):
        reach = span * (dice.u(0.6, 1.0) if dice.yes(0.3) else 1.0)
        corners: list[Point] = [
            (root, side * fat * 0.8),
            (root + sweep, side * (fat + reach)),
            (root + sweep + tip, side * (fat + reach)),
            (root + chord, side * fat * 0.8),
        ]
        paths.append(curve(*corners) if round_wings else line(*corners))
        if dice.yes(0.8):
            x, far = dice.u(0.3, 0.4), dice.u(0.1, 0.25)
            paths.append(
                line(
                    (x, side * fat * 0.6),
                    (x + far * 0.6, side * (fat + far)),
                    (x + far, side * (fat + far)),
                    (x + 0.12, side * fat * 0.5),
                )
            )
    if dice.yes(0.3):
        paths += [oval(x, 0, 0.018) for x in spread(dice.n(3, 6), -0.4, 0.3)]
    return paths


def _plane_aside(dice: Dice) -> list[Path]:
    """Nose to the left, tail fin up, a wing towards us."""
    fat, fin = dice.u(0.07, 0.16), dice.u(0.12, 0.3)
    style = dice.style(3, 3, 2)
    if style == 0:
        paths = [oval(0, 0, 0.5, fat)]
    elif style == 1:
        paths = [
            curve(
                (0.5, -fat * 0.8),
                (0.0, -fat),
                (-0.35, -fat),
                (-0.52, 0.02),
                (-0.35, fat),
                (0.1, fat),
                (0.5, -fat * 0.8 + dice.u(0.02, 0.1)),
            )
        ]
    else:
        paths = [
            line((0.5, -fat), (-0.3, -fat), (-0.5, 0.0), (-0.4, fat), (0.45, fat), (0.5, -fat))
        ]
    paths.append(line((0.3, -fat * 0.8), (0.45, -fat - fin), (0.52, -fat - fin), (0.5, -fat * 0.4)))
    root, chord, reach, sweep = (
        dice.u(-0.15, 0.0),
        dice.u(0.14, 0.26),
        dice.u(0.18, 0.45),
        dice.u(0.05, 0.35),
    )
    low = dice.u(-0.2, 0.9) * fat
    tip = dice.u(0.0, 0.12)
    paths.append(
        line(
            (root, low),
            (root + sweep, low + reach),
            (root + sweep + tip, low + reach),
            (root + chord, low),
        )
    )
    if dice.yes(0.55):
        up = dice.u(0.5, 1.0) * reach
        paths.append(
            line(
                (root, -fat * 0.9),
                (root + sweep, -fat - up),
                (root + sweep + tip, -fat - up),
                (root + chord, -fat * 0.9),
            )
        )
    if dice.yes(0.5):
        for x in spread(dice.n(3, 8), -0.35, 0.35):
            paths.append(
                oval(x, -fat * 0.3, 0.022)
                if dice.yes(0.8)
                else box(x - 0.02, -fat * 0.5, x + 0.02, 0)
            )
    if dice.yes(0.25):
        paths.append(curve((-0.38, -fat * 0.8), (-0.32, -fat * 0.1), (-0.47, -fat * 0.05)))
    if dice.yes(0.3):
        paths.append(loop((0.35, 0), (0.5, 0.1), (0.56, 0.1), (0.48, 0)))
    return paths


def airplane(dice: Dice) -> list[Path]:
    """From above, from the side, or one outline; headed any way, most often level."""
    style = dice.style(5, 5, 1.5)
    if style == 0:
        paths = _plane_above(dice)
    elif style == 1:
        paths = _plane_aside(dice)
    else:
        f, s, w = dice.u(0.04, 0.09), dice.u(0.35, 0.55), dice.u(0.12, 0.25)
        half: list[Point] = [
            (-0.35, f),
            (-0.1, f),
            (w * 0.6, s),
            (w + 0.08, s),
            (0.12, f),
            (0.38, f),
            (0.48, 0.18),
            (0.54, 0.18),
        ]
        paths = [loop((-0.5, 0), *half, (0.46, 0), *((x, -y) for x, y in reversed(half)))]
    heading = dice.style(6, 3, 1)
    if heading == 1:
        paths = turned(paths, dice.u(0.0, 0.8))
    elif heading == 2:
        paths = turned(paths, dice.u(1.0, 1.8))
    return turned(paths, dice.u(-0.25, 0.25))


def bicycle(dice: Dice) -> list[Path]:
    """Two wheels and a frame, with handlebar, saddle, spokes or without."""
    r, half = dice.u(0.17, 0.27), dice.u(0.32, 0.45)
    paths: list[Path] = []
    wheels = [oval(-half, 0, r, r * dice.u(0.85, 1.1)), oval(half, 0, r, r * dice.u(0.85, 1.1))]
    top, x1, x2 = -dice.u(0.25, 0.42), -dice.u(0.1, 0.2), dice.u(0.12, 0.26)
    hub = (dice.u(-0.08, 0.05), dice.u(-0.02, 0.06))
    style = dice.style(5, 2, 2, 1.5, 1.5)
    front, seat = (x2, top), (x1, top)
    if style == 0:
        paths.append(loop((-half, 0), seat, front, hub))
        paths.append(line(seat, hub))
        paths.append(line(front, (half, 0)))
    elif style == 1:
        paths.append(line((-half, 0), seat, front, (half, 0)))
        if dice.yes(0.4):
            paths.append(line(seat, hub, front))
    elif style == 2:
        inset = r * dice.u(0.0, 1.0)
        paths.append(line((-half + inset, 0), (half - inset, 0)))
        paths.append(line((x1 - 0.05, 0), seat))
        paths.append(line((half - inset, 0), (half - 0.1, top)))
        front = (half - 0.1, top)
    elif style == 3:
        paths.append(line((-half, 0), (x1, top * 0.6), (x2, top * 0.6), (half, 0)))
        paths += [line((x1, top * 0.6), seat), line((x2, top * 0.6), front)]
    else:
        paths.append(line((-half, 0), (x1, top * 0.5), (half - 0.1, top * 0.5)))
        paths.append(line((half, 0), (half - 0.12, top)))
        front, seat = (half - 0.12, top), (x1, top * 0.5)
    if dice.yes(0.75):
        x, y = front
        rise = dice.u(0.04, 0.15)
        kind = dice.style(3, 2, 2)
        if kind == 0:
            paths.append(
                line((x, y), (x - 0.03, y - rise), (x - dice.u(0.08, 0.18), y - rise * 1.1))
            )
        elif kind == 1:
            paths.append(line((x - 0.1, y - rise), (x, y), (x + 0.1, y - rise)))
        else:
            paths.append(
                curve((x, y), (x - 0.02, y - rise), (x + 0.1, y - rise), (x + 0.1, y - rise * 0.4))
            )
    if dice.yes(0.7):
        x, y = seat
        rise, w = dice.u(0.02, 0.12), dice.u(0.05, 0.11)
        paths.append(line((x, y), (x, y - rise)))
        if dice.yes(0.6):
            paths.append(line((x - w, y - rise), (x + w, y - rise)))
        else:
            paths.append(oval(x, y - rise, w, 0.03))
    paths = wheels + paths if dice.yes(0.6) else paths + wheels
    if dice.yes(0.3):
        count, turn = dice.n(2, 5), dice.roll()
        for x in (-half, half):
            for k in range(count):
                a = turn + k / count / 2
                paths.append(line(polar(x, 0, r, a), polar(x, 0, r, a + 0.5)))
    elif dice.yes(0.25):
        paths += [oval(-half, 0, r * dice.u(0.1, 0.7)), oval(half, 0, r * dice.u(0.1, 0.7))]
    if dice.yes(0.2):
        paths.append(oval(*hub, 0.05))
    return paths


def car(dice: Dice) -> list[Path]:
    """From the side: hood and roof, boxes, or one bump, on two wheels."""
    tall, roof, r = dice.u(0.15, 0.26), dice.u(0.13, 0.28), dice.u(0.07, 0.14)
    a, b, c, d = -dice.u(0.2, 0.4), -dice.u(0.08, 0.22), dice.u(0.08, 0.22), dice.u(0.22, 0.45)
    style = dice.style(4, 3, 2, 1)
    top = -tall - roof
    hood = -tall * dice.u(0.7, 1.0)
    outline: list[Point] = [
        (-0.5, 0),
        (-0.5, hood),
        (a, -tall),
        (b, top),
        (c, top),
        (d, -tall),
        (0.5, hood),
        (0.5, 0),
    ]
    paths: list[Path] = []
    if style == 0:
        paths.append(loop(*outline))
    elif style == 1:
        paths.append(
            join(
                curve(
                    (-0.5, 0),
                    (-0.52, hood * 0.7),
                    (a, -tall),
                    (b, top),
                    (c, top),
                    (d, -tall),
                    (0.5, hood * 0.8),
                    (0.5, 0),
                ),
                line((0.5, 0), (-0.5, 0)),
            )
        )
    elif style == 2:
        paths.append(
            box(-0.5, -tall, 0.5, 0) if dice.yes(0.5) else oval(0, -tall / 2, 0.5, tall * 0.6)
        )
        paths.append(
            line((a, -tall), (b, top), (c, top), (d, -tall))
            if dice.yes(0.6)
            else oval(0, -tall, (d - a) / 2, roof, 0.5, 0.5)
        )
    else:
        paths.append(join(oval(0, 0, 0.5, tall + roof, 0.5, 0.5), line((0.5, 0), (-0.5, 0))))
    x = dice.u(0.24, 0.34)
    low = dice.u(-0.3, 0.9) * r
    for side in (-1, 1):
        paths.append(oval(side * x, low, r, r * dice.u(0.8, 1.2)))
        if dice.yes(0.35):
            paths.append(oval(side * x, low, r * dice.u(0.2, 0.6)))
    if dice.yes(0.55) and style != 3:
        inset = 0.035
        mid = dice.u(-0.05, 0.05)
        paths.append(
            loop(
                (a + 0.07, -tall),
                (b + 0.02, top + inset),
                (mid - 0.01, top + inset),
                (mid - 0.01, -tall),
            )
        )
        if dice.yes(0.8):
            paths.append(
                loop(
                    (mid + 0.02, -tall),
                    (mid + 0.02, top + inset),
                    (c - 0.02, top + inset),
                    (d - 0.07, -tall),
                )
            )
    elif dice.yes(0.3):
        paths.append(box(-0.12, top + 0.04, 0.1, -tall))
    if dice.yes(0.2):
        paths.append(line((dice.u(-0.05, 0.1), -tall), (0.02, -0.03)))
    if dice.yes(0.2):
        paths.append(line((0.02, -tall * 0.7), (0.09, -tall * 0.7)))
    if dice.yes(0.15):
        paths.append(oval(-0.47, -tall * 0.6, 0.03))
    return paths


def sailboat(dice: Dice) -> list[Path]:
    """A hull with a mast and one or two sails."""
    deep, taper, tall = dice.u(0.14, 0.32), dice.u(0.05, 0.25), dice.u(0.5, 0.95)
    paths: list[Path] = []
    style = dice.style(4, 3, 1.5)
    if style == 0:
        paths.append(loop((-0.5, 0), (0.5, 0), (0.5 - taper, deep), (-0.5 + taper, deep)))
    elif style == 1:
        paths.append(join(line((-0.5, 0), (0.5, 0)), oval(0, 0, 0.5, deep, 0.0, 0.5)))
    else:
        paths.append(blob((-0.5, 0), (0, 0.02), (0.5, 0), (0.4, deep), (-0.35, deep)))
    x, gap = dice.u(-0.15, 0.15), dice.u(0.03, 0.2)
    if dice.yes(0.8):
        paths.append(line((x, 0), (x, -tall)))
    far = dice.u(0.25, 0.5)
    sail = dice.style(5, 3, 1.5, 1)
    gap = min(gap, tall * 0.4)
    high = -tall * dice.u(0.9, 1.0)
    if sail == 0:
        paths.append(loop((x, high), (x + far, -gap), (x, -gap)))
    elif sail == 1:
        paths.append(loop((x, high), (x + far, -gap), (x, -gap)))
        paths.append(
            loop(
                (x - 0.02, high * dice.u(0.7, 1.0)),
                (x - far * dice.u(0.5, 1), -gap),
                (x - 0.02, -gap),
            )
        )
    elif sail == 2:
        paths.append(
            curve((x, high), (x + far, (high - gap) * 0.5), (x + far * 0.9, -gap), (x, -gap))
        )
    else:
        y = high * dice.u(0.4, 0.7)
        paths.append(loop((x, high), (x + far, (high + y) / 2), (x, y)))
    if dice.yes(0.12):
        paths.append(line((x, -tall), (x + 0.12, -tall + 0.04), (x, -tall + 0.09)))
    if dice.yes(0.2):
        paths.append(bumps((-0.7, deep * 0.9), (0.7, deep * 0.9), dice.n(3, 7), 0.3))
    if dice.yes(0.08):
        paths += [oval(k, deep * 0.5, 0.03) for k in spread(3, -0.3, 0.3)]
    return paths


def hot_air_balloon(dice: Dice) -> list[Path]:
    """A large bag, ropes and a basket."""
    wide, drop = dice.u(0.38, 0.5), dice.u(0.1, 0.35)
    bw, bh = dice.u(0.08, 0.2), dice.u(0.1, 0.22)
    paths: list[Path] = []
    style = dice.style(5, 3, 2)
    neck = dice.u(0.1, 0.2)
    edge, mouth = 0.45, neck
    if style == 0:
        paths.append(oval(0, 0, wide, 0.48))
        mouth = wide * dice.u(0.35, 0.75)
        edge = 0.48 * math.sqrt(1 - (mouth / wide) ** 2)
    elif style == 1:
        edge = dice.u(0.5, 0.65)
        paths.append(
            blob(
                (0, -0.45),
                (wide * 0.75, -0.32),
                (wide, 0.0),
                (wide * 0.7, 0.3),
                (neck, edge),
                (-neck, edge),
                (-wide * 0.7, 0.3),
                (-wide, 0.0),
                (-wide * 0.75, -0.32),
            )
        )
    else:
        edge, mouth = dice.u(0.15, 0.35), wide * dice.u(0.6, 0.9)
        paths.append(join(oval(0, 0, wide, 0.45, 0.42, 0.66), line((mouth, edge), (-mouth, edge))))
    y = edge + drop
    count = dice.one((2, 2, 2, 3, 4))
    for k in range(count):
        share = 2 * k / (count - 1) - 1
        paths.append(line((share * mouth, edge), (share * bw, y)))
    kind = dice.style(4, 2, 1)
    if kind == 0:
        paths.append(box(-bw, y, bw, y + bh))
    elif kind == 1:
        paths.append(loop((-bw * 1.2, y), (bw * 1.2, y), (bw * 0.8, y + bh), (-bw * 0.8, y + bh)))
    else:
        paths.append(join(line((-bw, y), (bw, y)), oval(0, y, bw, bh, 0.0, 0.5)))
    if dice.yes(0.35) and style != 2:
        for k in spread(dice.n(1, 3), -1, 1):
            paths.append(curve((0, -0.46), (k * wide * 1.1, 0), (k * mouth, edge)))
    elif dice.yes(0.2):
        y2 = dice.u(-0.2, 0.2)
        paths.append(line((-wide * 0.9, y2), (wide * 0.9, y2)))
    if dice.yes(0.15):
        paths += [line((-bw, y + bh / 2), (bw, y + bh / 2)), line((0, y), (0, y + bh))]
    if dice.yes(0.08):
        paths += [oval(0, y - 0.08, 0.04), dot(0, y - 0.08)]
    return paths


FIGURES: dict[str, Figure] = {
    "airplane": airplane,
    "bicycle": bicycle,
    "car": car,
    "hot air balloon": hot_air_balloon,
    "sailboat": sailboat,
}
