"""Figures of what flies: airplane, hot air balloon."""

import math

from core.data.doodles.figures.pen import (
    Dice,
    Figure,
    Path,
    Point,
    blob,
    box,
    curve,
    join,
    line,
    loop,
    oval,
    spread,
    turned,
)


def airplane(dice: Dice) -> list[Path]:
    """From above, from the side, or one outline; headed any way, most often level."""
    style = dice.style(5, 5, 1.5)
    paths = (_from_above, _from_the_side, _outline)[style](dice)
    heading = dice.style(6, 3, 1)
    if heading == 1:
        paths = turned(paths, dice.u(0.0, 0.8))
    elif heading == 2:
        paths = turned(paths, dice.u(1.0, 1.8))
    return turned(paths, dice.u(-0.25, 0.25))


def _from_above(dice: Dice) -> list[Path]:
    """Nose to the left, wings up and down."""
    fat, span, chord = dice.u(0.04, 0.15), dice.u(0.25, 0.6), dice.u(0.1, 0.3)
    sweep, root = dice.u(-0.05, 0.35), dice.u(-0.2, 0.08)
    tip = chord * dice.u(0.0, 0.9)
    round_wings = dice.yes(0.25)
    tails = dice.yes(0.75)
    if dice.yes(0.6):
        paths = [oval(0, 0, 0.5, fat)]
    else:
        nose: list[Point] = [(0.5, -fat * 0.7), (-0.3, -fat), (-0.5, 0), (-0.3, fat)]
        paths = [line(*nose, (0.5, fat * 0.7))]
        if dice.yes(0.5):
            paths.append(line((0.5, -fat * 0.7), (0.5, fat * 0.7)))
    for side in (-1, 1):
        reach = span * (dice.u(0.5, 1.0) if dice.yes(0.3) else 1.0)
        edge, end = side * fat * 0.8, side * (fat + reach)
        corners = (root, edge), (root + sweep, end), (root + sweep + tip, end), (root + chord, edge)
        paths.append(curve(*corners) if round_wings else line(*corners))
        if tails:
            x, far = dice.u(0.3, 0.4), dice.u(0.08, 0.25)
            end = side * (fat + far)
            fin = (x + far * 0.6, end), (x + far, end), (x + 0.12, side * fat * 0.5)
            paths.append(line((x, side * fat * 0.6), *fin))
    if dice.yes(0.25):
        paths += [oval(x, 0, 0.018) for x in spread(dice.n(3, 6), -0.4, 0.3)]
    return paths


def _from_the_side(dice: Dice) -> list[Path]:
    """Nose to the left, tail fin up, a wing towards us."""
    fat, fin, style = dice.u(0.06, 0.17), dice.u(0.1, 0.32), dice.style(3, 3, 2)
    if style == 0:
        paths = [oval(0, 0, 0.5, fat)]
    elif style == 1:
        tail = (0.5, -fat * 0.8)
        nose: list[Point] = [(-0.35, -fat), (-0.52, 0.02), (-0.35, fat), (0.1, fat)]
        paths = [curve(tail, (0.0, -fat), *nose, (0.5, -fat * 0.8 + dice.u(0.02, 0.1)))]
    else:
        paths = [loop((0.5, -fat), (-0.3, -fat), (-0.5, 0.0), (-0.4, fat), (0.45, fat))]
    end = dice.u(0.4, 0.58)
    paths.append(
        line((0.3, -fat * 0.8), (end, -fat - fin), (end + 0.07, -fat - fin), (0.5, -fat * 0.4))
    )
    root, chord, reach = dice.u(-0.15, 0.05), dice.u(0.12, 0.28), dice.u(0.15, 0.5)
    sweep, tip, low = dice.u(0.0, 0.35), dice.u(0.0, 0.14), dice.u(-0.2, 0.9) * fat
    for side, y in ((1, low), (-1, -fat * 0.9)):
        if side > 0 or dice.yes(0.6):
            far = y + side * reach * dice.u(0.6, 1.0)
            wing = (root + sweep, far), (root + sweep + tip, far), (root + chord, y)
            paths.append(line((root, y), *wing))
    if dice.yes(0.4):
        for x in spread(dice.n(3, 8), -0.35, 0.35):
            paths.append(oval(x, -fat * 0.3, 0.022))
    if dice.yes(0.25):
        paths.append(curve((-0.38, -fat * 0.8), (-0.32, -fat * 0.1), (-0.47, -fat * 0.05)))
    if dice.yes(0.25):
        paths.append(loop((0.35, 0), (0.5, 0.1), (0.56, 0.1), (0.48, 0)))
    return paths


def _outline(dice: Dice) -> list[Path]:
    """Seen from above without lifting the pen."""
    fat, span, chord = dice.u(0.03, 0.1), dice.u(0.3, 0.55), dice.u(0.12, 0.25)
    root, tail = dice.u(-0.2, 0.0), dice.u(0.1, 0.22)
    half: list[Point] = [
        (-0.35, fat),
        (root, fat),
        (root + chord, span),
        (root + chord + 0.08, span),
    ]
    half += [(root + 0.22, fat), (0.38, fat), (0.48, tail), (0.54, tail)]
    return [loop((-0.5, 0), *half, (0.46, 0), *((x, -y) for x, y in reversed(half)))]


def hot_air_balloon(dice: Dice) -> list[Path]:
    """A large bag, ropes and a basket."""
    wide, drop, neck = dice.u(0.32, 0.5), dice.u(0.04, 0.38), dice.u(0.08, 0.2)
    style = dice.style(5, 3, 3, 1.5)
    if style == 0:
        bag = oval(0, 0, wide, 0.48)
        mouth = wide * dice.u(0.2, 0.8)
        edge = 0.48 * math.sqrt(1 - (mouth / wide) ** 2)
    elif style == 1:
        edge, mouth = dice.u(0.45, 0.65), neck
        half: list[Point] = [(wide * 0.75, -0.32), (wide, 0.0), (wide * 0.7, 0.3), (neck, edge)]
        bag = blob((0, -0.45), *half, *((-x, y) for x, y in reversed(half)))
    elif style == 2:
        edge, mouth = dice.u(0.15, 0.4), wide * dice.u(0.5, 0.9)
        bag = join(oval(0, 0, wide, 0.45, 0.42, 0.66), line((mouth, edge), (-mouth, edge)))
    else:
        edge, mouth = dice.u(0.35, 0.5), wide * dice.u(0.25, 0.5)
        end = edge + dice.u(0.05, 0.2)
        bag = join(
            line((-mouth, end), (-mouth, edge)),
            oval(0, 0, wide, 0.45, 0.36, 0.78),
            line((mouth, edge), (mouth, end)),
        )
    basket = dice.u(0.08, 0.2) if dice.yes(0.7) else dice.u(0.15, 0.38)
    paths = [bag, *_ropes(dice, mouth, basket, edge, edge + drop)]
    if dice.yes(0.93):
        paths += _basket(dice, basket, edge + drop)
    if dice.yes(0.3) and style < 2:
        for k in spread(dice.n(1, 3), -1, 1):
            paths.append(curve((0, -0.46), (k * wide * 1.1, 0), (k * mouth, edge)))
    elif dice.yes(0.2):
        y = dice.u(-0.2, 0.2)
        sag = dice.u(-0.08, 0.08)
        paths.append(curve((-wide * 0.9, y), (0, y + sag), (wide * 0.9, y)))
    return paths


def _ropes(dice: Dice, mouth: float, basket: float, top: float, low: float) -> list[Path]:
    count = dice.one((2, 2, 2, 2, 3, 4))
    end = basket * dice.u(0.5, 1.0)
    paths = []
    for k in range(count):
        share = 2 * k / (count - 1) - 1
        paths.append(line((share * mouth, top), (share * end, low)))
    return paths


def _basket(dice: Dice, half: float, y: float) -> list[Path]:
    tall = half * dice.u(0.7, 1.8)
    kind = dice.style(4, 2, 1)
    if kind == 0:
        paths = [box(-half, y, half, y + tall)]
    elif kind == 1:
        low = half * dice.u(0.6, 0.9) if dice.yes(0.75) else half * dice.u(1.1, 1.4)
        paths = [loop((-half, y), (half, y), (low, y + tall), (-low, y + tall))]
    else:
        paths = [join(line((-half, y), (half, y)), oval(0, y, half, tall, 0.0, 0.5))]
    if dice.yes(0.15):
        paths += [line((-half, y + tall / 2), (half, y + tall / 2)), line((0, y), (0, y + tall))]
    return paths


FIGURES: dict[str, Figure] = {"airplane": airplane, "hot air balloon": hot_air_balloon}
