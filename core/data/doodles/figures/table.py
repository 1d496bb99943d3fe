"""Figures of what stands on a table: candle, hourglass, wine glass."""

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
    scribble,
    spread,
)


def candle(dice: Dice) -> list[Path]:
    """A stick of wax with wick and flame, on a plate or a holder."""
    w, tall, top = dice.u(0.06, 0.27), dice.u(0.5, 1.0), dice.style(5, 2, 1)
    if top == 0:
        paths = [box(-w, 0, w, tall)]
    elif top == 1:
        sides = line((-w, 0), (-w, tall), (w, tall), (w, 0))
        paths = [oval(0, 0, w, w * dice.u(0.15, 0.4)), sides]
    else:
        edge = (-w, 0.05), (-w * 0.3, dice.u(-0.03, 0.06)), (w * 0.4, 0.0), (w, 0.06)
        paths = [curve((-w, tall), *edge, (w, tall)), line((-w, tall), (w, tall))]
    if dice.yes(0.2):
        x = dice.u(-0.7, 0.3) * w
        paths.append(curve((x, 0), (x + 0.01, 0.18), (x + w * 0.3, 0.2), (x + w * 0.35, 0)))
    wick = dice.u(0.03, 0.15)
    if dice.yes(0.7):
        paths.append(line((0, 0), (dice.u(-0.02, 0.02), -wick)))
    return paths + _flame(dice, -wick * dice.u(0.5, 1.0)) + _stand(dice, w, tall)


def _flame(dice: Dice, y: float) -> list[Path]:
    w, tall, lean = dice.u(0.04, 0.13), dice.u(0.12, 0.32), dice.u(-0.04, 0.04)
    tip, side = (lean, y - tall), y - tall * 0.35
    kind = dice.style(6, 2, 1, 0.6)
    paths: list[Path] = []
    if kind == 0:
        drop = join(curve(tip, (w, side), (0, y)), curve((0, y), (-w, side), tip))
        paths.append(drop)
        if dice.yes(0.2):
            paths.append(drop * 0.5 + np.array([0, y * 0.5]))
    elif kind == 1:
        paths.append(oval(0, y - tall * 0.5, w, tall * 0.5))
    elif kind == 2:
        left = (-w, y - tall * 0.4), (-w * 0.4, y - tall * 0.6)
        paths.append(
            curve((0, y), *left, tip, (w * 0.5, y - tall * 0.6), (w, y - tall * 0.4), (0, y))
        )
    else:
        paths += [line((0, y), (k * w * 2, y - tall * dice.u(0.5, 1))) for k in spread(4, -1, 1)]
    if dice.yes(0.1):
        for k in spread(dice.n(3, 6), -0.5, 0.0):
            ends = [polar(0, y - tall / 2, tall * far, k) for far in (0.8, 1.1)]
            paths.append(line(*ends))
    return paths


def _stand(dice: Dice, w: float, y: float) -> list[Path]:
    far = w + dice.u(0.06, 0.3)
    kind = dice.style(5, 3, 2)
    if kind == 0:
        return []
    if kind == 1:
        return [
            oval(0, y, far, dice.u(0.04, 0.1)) if dice.yes(0.6) else box(-far, y, far, y + 0.08)
        ]
    dish = curve((-far, y - 0.06), (-far * 0.7, y + 0.08), (far * 0.7, y + 0.08), (far, y - 0.06))
    return [dish, oval(far + 0.08, y, 0.08)] if dice.yes(0.5) else [dish]


def hourglass(dice: Dice) -> list[Path]:
    """Two bulbs that meet at a neck, between two ends, with sand."""
    w, neck, style = dice.u(0.2, 0.42), dice.u(0.0, 0.12), dice.style(4, 4, 1.5, 1.5)
    ends = [line((-w, y), (w, y)) for y in (-0.5, 0.5) if dice.yes(0.93)]
    if style == 0 and dice.yes(0.5):
        paths = [loop((-w, -0.5), (w, -0.5), (-w, 0.5), (w, 0.5))]
    elif style == 0:
        paths = [line((k * w, -0.5), (k * neck, 0), (k * w, 0.5)) for k in (-1, 1)] + ends
    elif style == 1:
        bulge = dice.u(0.85, 1.2)
        half: list[Point] = [(w, -0.5), (w * bulge, -0.3), (w * 0.5 + neck / 2, -0.1), (neck, 0)]
        side = curve(*half, *((x, -y) for x, y in half[-2::-1]))
        paths = [side, side * (-1, 1), *ends]
    elif style == 2:
        r = dice.u(0.22, 0.26)
        paths = [oval(0, -r, w, r), oval(0, r, w, r)]
    else:
        cup = dice.u(0.15, 0.3)
        edge: list[Point] = [(w, -0.5), (w, -cup), (neck + 0.02, -0.04)]
        edge += [(x, -y) for x, y in reversed(edge)]
        left = [(-x, y) for x, y in reversed(edge)]
        paths = [loop(*edge, *left)]
    if dice.yes(0.35):
        far, t = w + dice.u(0.02, 0.12), dice.u(0.04, 0.1)
        paths += [box(-far, -0.5 - t, far, -0.5), box(-far, 0.5, far, 0.5 + t)]
        if dice.yes(0.35):
            paths += [line((x, -0.5), (x, 0.5)) for x in (-far + 0.03, far - 0.03)]
    elif dice.yes(0.2):
        paths += [oval(0, y, w, 0.05) for y in (-0.5, 0.5)]
    return paths + _sand(dice, w)


def _sand(dice: Dice, w: float) -> list[Path]:
    paths: list[Path] = []
    if dice.yes(0.4):
        level, pile = dice.u(0.15, 0.35), dice.u(0.15, 0.4)
        paths.append(line((-w * level * 1.7, -level), (w * level * 1.7, -level)))
        paths.append(curve((-w * 0.7, 0.48), (0, 0.5 - pile), (w * 0.7, 0.48)))
    if dice.yes(0.3):
        for _ in range(dice.n(3, 8)):
            paths.append(dot(dice.u(-0.4, 0.4) * w, dice.u(0.25, 0.45)))
    if dice.yes(0.2):
        paths.append(line((0, -0.1), (0, dice.u(0.1, 0.4))))
    if dice.yes(0.1):
        paths += scribble(loop((-w * 0.6, 0.48), (0, 0.2), (w * 0.6, 0.48)), dice, 0.15)
    return paths


def wine_glass(dice: Dice) -> list[Path]:
    """A bowl on a stem and a foot."""
    w, deep, stem = dice.u(0.16, 0.38), dice.u(0.28, 0.55), dice.u(0.2, 0.55)
    style = dice.style(5, 2, 1.5)
    lip = w * dice.u(0.65, 1.1) if style == 0 else w
    if style == 0:
        half: list[Point] = [(lip, 0), (w, deep * 0.45), (w * 0.6, deep * 0.9)]
        bowl = curve(*((-x, y) for x, y in half), (0, deep), *half[::-1])
    elif style == 1:
        bowl = line((-w, 0), (0, deep), (w, 0))
    else:
        bowl = line((-w, 0), (-w * 0.8, deep), (w * 0.8, deep), (w, 0))
    paths = [bowl]
    rim = dice.style(3, 3, 2)
    if rim == 0:
        paths.append(line((-lip, 0), (lip, 0)))
    elif rim == 1:
        paths.append(oval(0, 0, lip, dice.u(0.03, 0.09)))
    paths += _stem(dice, deep, deep + stem)
    if dice.yes(0.45):
        level = deep * dice.u(0.15, 0.55)
        x = w * (1 - level / deep) if style == 1 else w * dice.u(0.85, 1.0)
        paths.append(curve((-x, level), (0, level + dice.u(0, 0.05)), (x, level)))
        if dice.yes(0.12):
            wine = oval(0, (level + deep) / 2, x * 0.8, (deep - level) / 2)
            paths += scribble(wine, dice, 0.12)
    return paths


def _stem(dice: Dice, top: float, y: float) -> list[Path]:
    """Stem and foot."""
    far, s = dice.u(0.1, 0.32), dice.u(0.02, 0.06)
    paths = [line((0, top), (0, y))]
    if dice.yes(0.35):
        paths = [line((-s, top), (-s, y)), line((s, top), (s, y))]
    foot = dice.style(4, 4, 2, 1, 0.6)
    if foot == 0:
        paths.append(line((-far, y), (far, y)))
    elif foot == 1:
        paths.append(oval(0, y + 0.03, far, dice.u(0.03, 0.08)))
    elif foot == 2:
        paths.append(loop((0, y - 0.06), (far, y + 0.03), (-far, y + 0.03)))
    elif foot == 3:
        paths.append(box(-far, y, far, y + 0.06))
    return paths


FIGURES: dict[str, Figure] = {
    "candle": candle,
    "hourglass": hourglass,
    "wine glass": wine_glass,
}
