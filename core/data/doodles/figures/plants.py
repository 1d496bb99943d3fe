"""Figures of plants: cactus, flower."""

import math

from core.data.doodles.figures.pen import (
    Dice,
    Figure,
    Path,
    Point,
    blob,
    curve,
    join,
    line,
    loop,
    oval,
    polar,
    spread,
)


def cactus(dice: Dice) -> list[Path]:
    """A column with arms, as one outline or in parts, with spines, in sand or a pot."""
    w, style = dice.u(0.07, 0.17), dice.style(5, 2, 1.5)
    paths: list[Path] = []
    arms: dict[int, list[Path]] = {}
    edge = w * 1.3 if style == 1 else w
    for side in (-1, 1):
        if dice.yes(0.87):
            arms[side] = _arm(dice, side, edge)
    if style == 0:
        halves = []
        for side in (1, -1):
            arm = arms.get(side, [])
            top = float(arm[-1][-1, 1]) if arm else 0.5
            foot = line((side * w, 1), (side * w, float(arm[0][0, 1]) if arm else 0.6))
            halves.append(join(foot, *arm, line((side * w, top), (side * w, w))))
        paths.append(join(halves[0], oval(0, w, w, w, 0.0, -0.5), halves[1][::-1]))
    else:
        if style == 1:
            paths.append(oval(0, 0.5, w * 1.4, 0.5))
        else:
            cap = oval(0, w, w, w, 0.5, 0.5)
            paths.append(join(line((-w, 1), (-w, w)), cap, line((w, w), (w, 1))))
        paths += [join(*arm) for arm in arms.values()]
    return paths + _spines(dice, w) + _ground(dice, w)


def _arm(dice: Dice, side: int, edge: float) -> list[Path]:
    """One arm from its lower foot on the column, out, up, round and back."""
    y, reach, rise, t = dice.u(0.4, 0.75), dice.u(0.16, 0.34), dice.u(0.1, 0.4), dice.u(0.04, 0.1)
    a = edge + reach
    if dice.yes(0.12):
        end = (side * a, y - t), (side * (a + t * 0.4), y - 2 * t)
        return [curve((side * edge, y), *end, (side * edge, y - 2 * t))]
    out = (side * (a - t * 0.3), y - 0.02), (side * a, y - 0.12), (side * a, y - rise)
    start = 0.0 if side > 0 else 0.5
    tip = oval(side * (a - t), y - rise, t, t, start, -0.5 * side)
    inner = side * (a - 2 * t)
    back = line((inner, y - rise), (inner, y - 2 * t), (side * edge, y - 2 * t))
    return [curve((side * edge, y), *out), tip, back]


def _spines(dice: Dice, w: float) -> list[Path]:
    paths: list[Path] = []
    if dice.yes(0.35):
        for _ in range(dice.n(4, 14)):
            x, y, side = dice.u(-0.9, 0.9) * w, dice.u(0.1, 0.9), dice.one((-1, 1))
            edge = line((side * w, y), (side * (w + 0.06), y - 0.03))
            paths.append(edge if dice.yes(0.5) else line((x, y), (x + 0.03, y - 0.03)))
    elif dice.yes(0.25):
        paths += [line((x, 0.12), (x, 0.95)) for x in spread(dice.n(1, 3), -w, w)]
    return paths


def _ground(dice: Dice, w: float) -> list[Path]:
    kind = dice.style(2, 1, 1.5, 3)
    if kind == 0:
        p = w * dice.u(1.3, 2.2)
        return [loop((-p, 1), (p, 1), (p * 0.7, 1.25), (-p * 0.7, 1.25))]
    if kind == 1:
        far = dice.u(0.25, 0.6)
        return [curve((-far, 1.02), (0, 1 - dice.u(0, 0.05)), (far, 1.02))]
    return [line((-w, 1), (w, 1))] if kind == 2 else []


def flower(dice: Dice) -> list[Path]:
    """Petals about a middle, on a stem with leaves; a tulip or a rose at times."""
    far, kind = dice.u(0.32, 0.45), dice.style(6, 3, 1.2, 0.8)
    r, foot = far * dice.u(0.25, 0.55), far
    if kind == 0:
        paths = _petals(dice, r, far)
    elif kind == 1:
        paths = [_lobes(dice, far)]
        if dice.yes(0.7):
            paths.append(oval(0, 0, r * 0.9))
    elif kind == 2:
        w, tall = dice.u(0.2, 0.3), dice.u(0.4, 0.55)
        foot = tall / 2
        cup = curve((-w, -foot), (-w, tall * 0.2), (0, foot), (w, tall * 0.2), (w, -foot))
        edge = (w * 0.4, -tall * 0.1), (0, -foot), (-w * 0.4, -tall * 0.1), (-w, -foot)
        paths = [join(cup, line((w, -foot), *edge))]
    else:
        turns, turn = dice.u(1.5, 3), dice.roll()
        steps = int(turns * 7)
        coil = [polar(0, 0, far * 0.9 * (k + 1) / steps, turn + k / 7) for k in range(steps)]
        paths, foot = [curve(*coil)], far * 0.8
    if dice.yes(0.82):
        paths += _stem(dice, foot)
    return paths


def _petals(dice: Dice, r: float, far: float) -> list[Path]:
    """Separate petals about a round middle."""
    count, turn = dice.n(4, 9), dice.roll()
    wide = min(0.19, 1.25 * far / count) * dice.u(0.8, 1.2)
    pointed, uneven = dice.yes(0.12), dice.u(0.0, 0.15)
    paths = [oval(0, 0, r)]
    for k in range(count):
        a = turn + (k + dice.u(-uneven, uneven)) / count
        if pointed:
            feet = [polar(0, 0, r, a + d / count) for d in (-0.4, 0.4)]
            paths.append(line(feet[0], polar(0, 0, far, a), feet[1]))
        else:
            x, y = polar(0, 0, (r + far) / 2, a)
            half, part = (far - r * 0.9) / 2, dice.one((1.0, 0.9))
            paths.append(oval(x, y, half, wide, 0.5, part, 2 * math.pi * a))
    return paths


def _lobes(dice: Dice, far: float) -> Path:
    """Petals in one wavy line."""
    count, deep, turn = dice.n(4, 9), dice.u(0.45, 0.8), dice.roll()
    ring: list[Point] = []
    for k in range(count):
        grow = far * dice.u(0.85, 1.15)
        ring += [
            polar(0, 0, grow, turn + (k + 0.28) / count),
            polar(0, 0, grow, turn + (k + 0.72) / count),
        ]
        ring.append(polar(0, 0, far * deep, turn + (k + 1) / count))
    return blob(*ring)


def _stem(dice: Dice, top: float) -> list[Path]:
    long, bend = dice.u(0.2, 1.1), dice.u(-0.12, 0.12)
    low = top + long
    middle = (bend, (top + low) / 2)
    paths = [curve((0, top - dice.u(0, 0.08)), middle, (bend * 0.5, low))]
    if dice.yes(0.1):
        paths.append(paths[0] + (0.05, 0))
    for side in (-1, 1):
        if dice.yes(0.4):
            y, out, up = top + long * dice.u(0.3, 0.9), dice.u(0.12, 0.35), dice.u(0.05, 0.25)
            leaf = (
                (side * out * 0.4, y - up),
                (side * out, y - up),
                (side * out * 0.7, y - up * 0.2),
            )
            paths.append(blob((bend * 0.8, y), *leaf))
    if dice.yes(0.07):
        paths.append(line((-0.4, low), (0.4, low)))
    return paths


FIGURES: dict[str, Figure] = {
    "cactus": cactus,
    "flower": flower,
}
