"""Figures of what is seen outside: cactus, flower, house, snowman."""

import math

from core.data.doodles.figures.pen import (
    Dice,
    Figure,
    Path,
    Point,
    blob,
    box,
    curve,
    dot,
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


def house(dice: Dice) -> list[Path]:
    """Walls and a roof with door, windows and chimney; sometimes with a side wall."""
    tall, roof, peak = dice.u(0.45, 0.95), dice.u(0.2, 0.65), (dice.u(-0.08, 0.08), 0.0)
    over = dice.u(0.0, 0.14) if dice.yes(0.6) else 0.0
    peak = (peak[0], -roof)
    style = dice.style(5, 2, 1.5, 0.8)
    eaves = (-0.5 - over, 0.0), (0.5 + over, 0.0)
    if style == 0:
        tent = loop(eaves[0], peak, eaves[1]) if over > 0.03 else line(eaves[0], peak, eaves[1])
        paths = [box(-0.5, 0, 0.5, tall), tent]
    elif style == 1:
        paths = [loop((-0.5, tall), (-0.5, 0), peak, (0.5, 0), (0.5, tall))]
        if dice.yes(0.3):
            paths.append(line((-0.5, 0), (0.5, 0)))
    elif style == 2:
        x, depth = -dice.u(0.0, 0.2), dice.u(0.4, 0.8)
        top = ((x - 0.5) / 2, -roof)
        paths = [
            loop((-0.5, tall), (-0.5, 0), top, (x, 0), (x, tall)),
            line(top, (top[0] + depth, -roof), (x + depth, 0), (x, 0)),
            line((x + depth, 0), (x + depth, tall), (x, tall)),
        ]
    else:
        inset = dice.u(0.1, 0.25)
        flat = (-0.5 + inset, -roof * 0.8), (0.5 - inset, -roof * 0.8)
        paths = [box(-0.5, 0, 0.5, tall), loop(eaves[0], *flat, eaves[1])]
    return paths + _openings(dice, tall) + _chimney(dice, roof)


def _openings(dice: Dice, tall: float) -> list[Path]:
    """Door and windows."""
    paths: list[Path] = []
    if dice.yes(0.75):
        x, w = dice.u(-0.25, 0.25) if dice.yes(0.6) else 0.0, dice.u(0.06, 0.16)
        top = tall * (1 - dice.u(0.3, 0.7))
        if dice.yes(0.85):
            paths.append(line((x - w, tall), (x - w, top), (x + w, top), (x + w, tall)))
        else:
            arch = (x - w, top + w), (x, top), (x + w, top + w)
            paths.append(curve((x - w, tall), *arch, (x + w, tall)))
        if dice.yes(0.35):
            paths.append(dot(x + w * 0.6, (tall + top) / 2, 0.01))
    if dice.yes(0.6):
        for x in (-0.3, 0.3) if dice.yes(0.6) else (dice.one((-0.28, 0.28)),):
            y, s = tall * dice.u(0.25, 0.4), dice.u(0.06, 0.13)
            paths.append(box(x - s, y - s, x + s, y + s) if dice.yes(0.9) else oval(x, y, s))
            if dice.yes(0.6):
                paths += [line((x - s, y), (x + s, y)), line((x, y - s), (x, y + s))]
    return paths


def _chimney(dice: Dice, roof: float) -> list[Path]:
    if not dice.yes(0.28):
        return []
    x, w, top = dice.u(0.2, 0.32), dice.u(0.04, 0.08), -roof * dice.u(0.8, 1.1)
    y = -roof * (1 - 2 * x)
    paths = [line((x - w, y - 0.03), (x - w, top), (x + w, top), (x + w, y + 0.08))]
    if dice.yes(0.35):
        smoke = (x + 0.08, top - 0.08), (x - 0.03, top - 0.16), (x + 0.08, top - 0.26)
        paths.append(curve((x, top - 0.02), *smoke))
    return paths


def snowman(dice: Dice) -> list[Path]:
    """Two or three balls with face, hat, arms and buttons."""
    radii = [dice.u(0.13, 0.26)]
    for _ in range(2 if dice.yes(0.55) else 1):
        radii.append(radii[-1] * dice.u(0.95, 1.6))
    y, lap = 0.0, dice.u(0.8, 1.04)
    middles, paths = [], []
    for k, r in enumerate(radii):
        y += 0.0 if k == 0 else (radii[k - 1] + r) * lap
        middles.append(y)
        paths.append(oval(dice.u(-0.06, 0.06), y, r * dice.u(0.9, 1.35), r))
    if dice.yes(0.4):
        paths.reverse()
    if dice.yes(0.8):
        paths += _snow_face(dice, radii[0])
    belly, r = middles[1], radii[1]
    if dice.yes(0.45):
        for side in (-1, 1):
            far, up = dice.u(0.15, 0.55), dice.u(-0.15, 0.35)
            tip = (side * (r + far), belly - up)
            paths.append(line((side * r * 0.9, belly - 0.05), tip))
            if dice.yes(0.4):
                paths += [
                    line(tip, (tip[0] + side * a, tip[1] + b))
                    for a, b in ((0.06, -0.1), (0.1, 0.02))
                ]
    if dice.yes(0.4):
        for height in spread(dice.n(2, 4), belly - r, belly + r):
            paths.append(dot(0, height, 0.014) if dice.yes(0.6) else oval(0, height, 0.028))
    return paths


def _snow_face(dice: Dice, r: float) -> list[Path]:
    """Eyes, carrot, mouth, hat and scarf of a head at the origin."""
    paths: list[Path] = []
    if dice.yes(0.65):
        eye = dot if dice.yes(0.6) else oval
        paths += [eye(side * r * 0.35, -r * 0.2, 0.018) for side in (-1, 1)]
    if dice.yes(0.5):
        far = dice.u(0.5, 2.2) * r
        carrot = line((0, 0), (far, r * 0.25), (0, r * 0.25))
        paths.append(carrot if dice.yes(0.65) else line((0, 0), (far, dice.u(-0.1, 0.08))))
    if dice.yes(0.4):
        paths.append(curve((-r * 0.4, r * 0.35), (0, r * 0.6), (r * 0.4, r * 0.35)))
    if dice.yes(0.35):
        w, tall, top = r * dice.u(0.5, 0.85), dice.u(0.12, 0.3), -r * 0.85
        paths.append(line((-w * 1.6, top), (w * 1.6, top)))
        paths.append(line((-w, top), (-w, top - tall), (w, top - tall), (w, top)))
    if dice.yes(0.12):
        paths.append(curve((-r * 0.8, r * 0.9), (0, r * 1.1), (r * 0.8, r * 0.9)))
    return paths


FIGURES: dict[str, Figure] = {
    "cactus": cactus,
    "flower": flower,
    "house": house,
    "snowman": snowman,
}
