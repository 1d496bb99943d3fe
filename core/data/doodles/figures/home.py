"""Figures of what stands about the house: chair, clock, ladder."""

import numpy as np

from core.data.doodles.figures.pen import (
    Dice,
    Figure,
    Path,
    Point,
    box,
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


def chair(dice: Dice) -> list[Path]:
    """A back, a seat and legs: from the side, turned towards us, or from the front."""
    back, legs, w = dice.u(0.35, 0.7), dice.u(0.25, 0.6), dice.u(0.25, 0.5)
    style = dice.style(3, 4, 2, 1)
    if style == 0:
        return _chair_side(dice, back, legs, w)
    if style == 3:
        h = dice.u(0.1, 0.2)
        front = [line((x, h), (x, h + legs)) for x in (-w / 2, w / 2)]
        return [box(-w / 2, -back, w / 2, 0), box(-w / 2, 0, w / 2, h), *front]
    dx, dy = dice.u(0.05, 0.3), dice.u(0.08, 0.28)
    if style == 2:
        dx = -dx * dice.u(0.0, 0.6)
    seat: list[Point] = [(0, 0), (w, 0), (w + dx, dy), (dx, dy)]
    if style == 1 and dice.yes(0.5):
        seat = [(0, 0), (w * 0.8, -dy * 0.5), (w * 0.8 + dx, dy * 0.6), (dx, dy)]
    paths = [loop(*seat)]
    if dice.yes(0.15):
        paths = [oval(seat[2][0] / 2, dy / 2, seat[2][0] / 2, dy / 2)]
    rear = seat[3] if style == 1 and dice.yes(0.4) else seat[1]
    paths += _chair_back(dice, seat[0], rear, back)
    for corner, chance in ((seat[3], 1.0), (seat[2], 1.0), (seat[1], 0.5), (seat[0], 0.5)):
        if dice.yes(chance):
            drop = legs * (1.0 if chance == 1.0 else 0.9)
            paths.append(line(corner, (corner[0], corner[1] + drop)))
    return paths


def _chair_side(dice: Dice, back: float, legs: float, w: float) -> list[Path]:
    paths = [line((0, -back), (0, legs)), line((0, 0), (w, 0), (w, legs))]
    if dice.yes(0.25):
        paths = [line((0, -back), (0, 0), (w, 0)), line((0, 0), (0, legs)), line((w, 0), (w, legs))]
    if dice.yes(0.25):
        t = dice.u(0.05, 0.12)
        paths += [line((0, -back), (-t, -back), (-t, legs), (0, legs)), line((0, t), (w, t))]
    if dice.yes(0.2):
        paths.append(line((0, legs * 0.6), (w, legs * 0.6)))
    return turned(paths, dice.u(-0.1, 0.1))


def _chair_back(dice: Dice, a: Point, b: Point, tall: float) -> list[Path]:
    slant = dice.u(-0.05, 0.12)
    top_a, top_b = (a[0] - slant, a[1] - tall), (b[0] - slant, b[1] - tall)
    paths = [line(a, top_a, top_b, b)]
    if dice.yes(0.2):
        paths = [line(a, top_a), line(b, top_b)]
    bars = dice.n(1, 4) if dice.yes(0.5) else 0
    upright = dice.yes(0.6)
    for k in spread(bars, 0, 1):
        if upright:
            x, y = a[0] + (b[0] - a[0]) * k, a[1] + (b[1] - a[1]) * k
            paths.append(line((x, y), (x - slant, y - tall)))
        else:
            start, end = (a[0] - slant * k, a[1] - tall * k), (b[0] - slant * k, b[1] - tall * k)
            paths.append(line(start, end))
    return paths


def clock(dice: Dice) -> list[Path]:
    """A round face with hands, ticks or figures; an alarm clock or a square one at times."""
    style = dice.style(8, 1.2, 0.8)
    paths: list[Path] = [box(-0.5, -0.5, 0.5, 0.5) if style == 2 else oval(0, 0, 0.5)]
    if dice.yes(0.12) and style != 2:
        paths.append(oval(0, 0, dice.u(0.4, 0.46)))
    if dice.yes(0.93):
        paths += _hands(dice)
    marks = dice.style(4, 3, 3, 1)
    count = dice.one((4, 4, 12, 12, 8))
    inner = dice.u(0.36, 0.45)
    for k in range(count if marks else 0):
        if marks == 1:
            paths.append(line(polar(0, 0, 0.49, k / count), polar(0, 0, inner, k / count)))
        elif marks == 3:
            paths.append(dot(*polar(0, 0, 0.4, k / count), 0.01))
        elif dice.yes(0.9):
            paths.append(_numeral(*polar(0, 0, 0.39, k / count), dice))
    if style == 1:
        for side in (-1, 1):
            if dice.yes(0.8):
                x, y = polar(0, 0, 0.55, -0.25 + side * 0.11)
                paths.append(oval(x, y, 0.16, 0.1, 0.5, 0.5, side * 0.6))
            foot = polar(0, 0, 0.66, 0.25 + side * 0.11)
            paths.append(line(polar(0, 0, 0.5, 0.25 + side * 0.1), foot))
    return paths


def _hands(dice: Dice) -> list[Path]:
    turn = dice.one((-0.25, dice.roll()))
    other = dice.one((0.0, 0.25, turn + dice.u(0.1, 0.9)))
    centre = (dice.u(-0.06, 0.06), dice.u(-0.06, 0.06))
    hour = polar(*centre, dice.u(0.12, 0.3), other)
    minute = polar(*centre, dice.u(0.22, 0.44), turn)
    if dice.yes(0.6):
        paths = [line(minute, centre, hour)]
    else:
        paths = [line(centre, minute), line(centre, hour)]
        if dice.yes(0.2):
            paths.append(line(centre, polar(*centre, 0.4, dice.roll())))
    if dice.yes(0.2):
        for tip, t in ((minute, turn), (hour, other)):
            paths.append(line(polar(*tip, 0.07, t + 0.38), tip, polar(*tip, 0.07, t - 0.38)))
    if dice.yes(0.3):
        paths.append(dot(*centre, 0.012))
    return paths


def _numeral(x: float, y: float, dice: Dice) -> Path:
    """Something the size of a figure on the face."""
    s, kind = dice.u(0.03, 0.05), dice.n(0, 4)
    if kind == 0:
        return line((x, y - s), (x, y + s))
    if kind == 1:
        return curve((x - s, y - s), (x + s, y - s * 0.6), (x - s, y + s), (x + s, y + s))
    if kind == 2:
        right = (x + s, y - s * 0.5), (x, y), (x + s, y + s * 0.5)
        return curve((x - s, y - s), *right, (x - s, y + s))
    if kind == 3:
        hook = curve((x + s, y - s), (x - s * 0.7, y), (x, y + s))
        return join(hook, oval(x, y + s * 0.4, s * 0.7, None, 0.25, 1.0))
    return line((x - s, y - s), (x - s, y), (x + s, y), (x + s, y - s), (x + s, y + s))


def ladder(dice: Dice) -> list[Path]:
    """Two rails with rungs, upright or leaning; sometimes a stepladder."""
    w, taper, count = dice.u(0.1, 0.36), dice.u(0.0, 0.08), dice.n(2, 9)
    over = dice.u(-0.02, 0.06) if dice.yes(0.6) else dice.u(0.05, 0.15)
    rails = [line((k * w, 0.5), (k * (w - taper), -0.5)) for k in (-1, 1)]
    paths = list(rails)
    double = dice.yes(0.1)
    if double:
        t = dice.u(0.02, 0.05)
        paths += [rail + np.array([k * t, 0]) for rail, k in zip(rails, (-1, 1), strict=True)]
    low, high = dice.u(-0.52, -0.4), dice.u(0.4, 0.52)
    for y in spread(count, low, high):
        half, tilt = w - taper * (0.5 - y), dice.u(-0.04, 0.04)
        left, right = -half - over * dice.u(0, 1), half + over * dice.u(-0.5, 1.5)
        paths.append(line((left, y - tilt), (right, y + tilt)))
        if double and dice.yes(0.5):
            paths.append(line((left, y - tilt + 0.03), (right, y + tilt + 0.03)))
    if dice.yes(0.12):
        x = w - taper
        paths.append(line((x, -0.5), (w + dice.u(0.25, 0.5), 0.5)))
        if dice.yes(0.6):
            paths.append(line((-x, -0.5), (x, -0.5)))
    return turned(paths, dice.u(0.1, 0.7) if dice.yes(0.35) else dice.u(-0.1, 0.1))


FIGURES: dict[str, Figure] = {
    "chair": chair,
    "clock": clock,
    "ladder": ladder,
}
