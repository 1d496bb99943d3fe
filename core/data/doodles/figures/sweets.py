"""Figures of what is served by the piece: donut, ice cream, pizza."""

import math

from core.data.doodles.figures.pen import (
    Dice,
    Figure,
    Path,
    Point,
    blob,
    bumps,
    curve,
    dot,
    join,
    line,
    oval,
    polar,
    spread,
    turned,
)


def donut(dice: Dice) -> list[Path]:
    """A ring, with icing and sprinkles."""
    flat, low = dice.u(0.8, 1.05), dice.u(-0.08, 0.08)
    hole = dice.u(0.1, 0.32)
    if dice.yes(0.12):
        flat, low = dice.u(0.55, 0.8), dice.u(-0.12, 0)
    paths = [oval(0, 0, 0.5, 0.5 * flat)]
    if dice.yes(0.87):
        paths.append(oval(dice.u(-0.06, 0.06), low, hole, hole * flat * dice.u(0.8, 1.2)))
    else:
        paths.append(oval(0, low, hole, hole * flat * 0.8, 0.0, 0.5))
        paths.append(oval(0, low + hole * 0.15, hole * 0.8, hole * flat * 0.6, 0.52, 0.46))
    if dice.yes(0.3):
        r, waves, deep = dice.u(0.37, 0.45), dice.n(4, 10), dice.u(0.01, 0.06)
        turn = dice.roll()
        ring = [polar(0, 0, r + deep * (-1) ** k, turn + k / waves / 2) for k in range(2 * waves)]
        paths.append(blob(*((x, y * flat) for x, y in ring)))
    if dice.yes(0.45):
        for _ in range(dice.n(2, 14)):
            x, y = polar(0, 0, dice.u(hole + 0.05, 0.42), dice.roll())
            y = low * 0.5 + y * flat
            short = line((x, y), polar(x, y, dice.u(0.03, 0.07), dice.roll()))
            paths.append(dot(x, y) if dice.yes(0.25) else short)
    return paths


def ice_cream(dice: Dice) -> list[Path]:
    """Scoops on a cone; sometimes a bar on a stick or a cup."""
    style, w, tall = dice.style(12, 0.8, 0.6), dice.u(0.18, 0.44), dice.u(0.5, 1.0)
    if style == 1:
        top, end = oval(0, w, w, w, 0.5, 0.5), w + tall
        bar = join(line((-w, end), (-w, w)), top, line((w, end), (-w, end)))
        return [bar, line((-0.05, end), (-0.05, end + 0.3), (0.05, end + 0.3), (0.05, end))]
    if style == 2:
        k = w * 0.7
        return [
            line((-w, 0), (-k, tall * 0.6), (k, tall * 0.6), (w, 0), (-w, 0)),
            *_scoops(dice, w),
        ]
    paths = _scoops(dice, w)
    if dice.yes(0.12):
        paths.append(line((-w, 0), (-w * 0.3, tall), (w * 0.3, tall), (w, 0)))
    else:
        paths.append(line((-w, 0), (dice.u(-0.06, 0.06), tall), (w, 0)))
    if dice.yes(0.65):
        paths.append(curve((-w, 0), (0, dice.u(-0.04, 0.06)), (w, 0)))
    if dice.yes(0.35):
        for k in spread(dice.n(2, 4), 0, 1):
            for side in (-1, 1):
                paths.append(line((side * w * (1 - 2 * k), 0), (-side * w * k, tall * (1 - k))))
    if dice.yes(0.1):
        paths.append(oval(0, -w * 1.6, 0.07))
    return paths


def _scoops(dice: Dice, w: float) -> list[Path]:
    r = w * dice.u(0.95, 1.35)
    kind = dice.style(4, 2, 2, 1, 1, 1.5)
    if kind == 0:
        return [oval(0, 0.02, r, dice.u(0.8, 1.3) * r, 0.5, 0.5)]
    if kind == 1:
        drip = bumps((r, 0), (-r, 0), dice.n(3, 5), -dice.u(0.3, 0.8))
        return [join(oval(0, 0, r, dice.u(0.8, 1.4) * r, 0.5, 0.5), drip)]
    if kind == 2:
        paths, y = [], -r * 0.6
        for k in range(dice.n(2, 3)):
            paths.append(oval(dice.u(-0.05, 0.05), y, r * (1 - 0.12 * k), r * 0.7))
            y -= r * dice.u(0.8, 1.1)
        return paths
    if kind == 3:
        places = ((-0.5, -0.5), (0.5, -0.5), (0.0, -1.2))[: dice.n(2, 3)]
        return [oval(x * w * 1.2, y * w, w * dice.u(0.5, 0.7)) for x, y in places]
    if kind == 5:
        lobes = [(-r, 0), (-r * 1.1, -r * 0.4), (-r * 0.5, -r * 0.5), (-r * 0.3, -r), (r * 0.3, -r)]
        return [blob(*lobes, (r * 0.55, -r * 0.5), (r * 1.1, -r * 0.4), (r, 0))]
    swirl: list[Point] = [(-r, 0)]
    levels = dice.n(2, 4)
    for k in range(levels):
        half, y = r * (1 - k / levels), -0.22 * k
        near, far = (-half, half) if k % 2 else (half, half)
        swirl += [(near, y - 0.05), (far, y - 0.15), (-half * 0.9, y - 0.2)]
    return [curve(*swirl, (0, -0.22 * levels - 0.08))]


def pizza(dice: Dice) -> list[Path]:
    """A slice with its crust, or the whole pie with cuts, and toppings."""
    return _slice(dice) if dice.yes(0.68) else _pie(dice)


def _slice(dice: Dice) -> list[Path]:
    w, arch = dice.u(0.28, 0.65), dice.u(0.0, 0.25)
    rim = (-w * 0.5, -arch * 0.75), (0, -arch), (w * 0.5, -arch * 0.75)
    crust = curve((-w, 0), *rim, (w, 0))
    tip = line((w, 0), (dice.u(-0.08, 0.08), 1.0), (-w, 0))
    paths = [join(crust, tip)] if dice.yes(0.5) else [crust, tip]
    kind = dice.style(6, 1.2, 1.2, 1.6)
    if kind == 0:
        y = dice.u(0.05, 0.2)
        paths.append(curve((-w * (1 - y), y), (0, y - arch * dice.u(0.2, 1)), (w * (1 - y), y)))
    elif kind == 1:
        paths.append(bumps((-w, 0), (w, 0), dice.n(4, 6), 0.5))
    elif kind == 2:
        fat = dice.u(0.05, 0.1)
        paths[0] = blob(
            (-w, -fat), (0, -arch - fat), (w, -fat), (w, fat), (0, fat - arch), (-w, fat)
        )
        paths.append(tip)
    for _ in range(dice.n(1, 8)):
        y = dice.u(0.12, 0.7)
        paths.append(_topping(dice.u(-0.75, 0.75) * w * (1 - y), y, dice))
    lie = dice.one((0.0, 0.0, 0.0, 0.9, 1.5, -1.2, 2.0, 3.1))
    return turned(paths, lie + dice.u(-0.3, 0.3))


def _pie(dice: Dice) -> list[Path]:
    paths = [oval(0, 0, 0.5, dice.u(0.42, 0.5))]
    if dice.yes(0.45):
        paths.append(oval(0, 0, dice.u(0.4, 0.46)))
    cuts = dice.n(1, 4) if dice.yes(0.75) else 0
    turn = dice.roll()
    for k in range(cuts):
        a = turn + 0.5 * (k + dice.u(-0.15, 0.15)) / cuts
        paths.append(line(polar(0, 0, 0.47, a), polar(0, 0, 0.47, a + 0.5)))
    for _ in range(dice.n(2, 10) if dice.yes(0.75) or cuts < 2 else 0):
        x, y = polar(0, 0, 0.38 * math.sqrt(dice.roll()), dice.roll())
        paths.append(_topping(x, y, dice))
    return paths


def _topping(x: float, y: float, dice: Dice) -> Path:
    kind = dice.style(5, 1, 1.5)
    if kind == 0:
        return oval(x, y, dice.u(0.03, 0.1))
    if kind == 1:
        return dot(x, y)
    return line((x, y), (x + dice.u(-0.08, 0.08), y + dice.u(-0.06, 0.06)))


FIGURES: dict[str, Figure] = {"donut": donut, "ice cream": ice_cream, "pizza": pizza}
