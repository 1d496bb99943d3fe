"""Figures of small animals: butterfly, fish, snail."""

import math

import numpy as np

from core.data.doodles.figures.pen import (
    Dice,
    Figure,
    Path,
    Point,
    blob,
    curve,
    dot,
    line,
    loop,
    oval,
    spread,
    turned,
)


def butterfly(dice: Dice) -> list[Path]:
    """Two pairs of wings at a body, seen from above; sometimes from the side."""
    bw, bh = dice.u(0.03, 0.13), dice.u(0.25, 0.55)
    kind = dice.style(5, 2, 1)
    head = -bh
    paths: list[Path] = []
    if kind == 0:
        paths.append(oval(0, 0, bw, bh))
    elif kind == 1:
        bw = 0.01
        paths.append(line((0, -bh), (0, bh)))
    else:
        head = 0.1 - bh * 0.9 - bw * 2
        paths += [oval(0, 0.1, bw, bh * 0.9), oval(0, head + bw, bw * 1.2)]
    style = dice.style(4, 4, 1.5, 0.8, 1)
    one_side = dice.yes(0.07)
    top, low = dice.u(0.3, 0.6), dice.u(0.2, 0.55)
    up, down = -dice.u(0.2, 0.6), dice.u(0.2, 0.55)
    for side in (-1, 1):
        if side > 0 and one_side:
            continue
        grow = dice.u(0.85, 1.15)
        paths += _wings(dice, style, side * grow, bw / grow, (top, up), (low, down))
    if dice.yes(0.75):
        far, rise = dice.u(0.04, 0.2), dice.u(0.1, 0.3)
        for side in (-1, 1):
            middle = (side * far * 0.4, head - rise * 0.7)
            paths.append(curve((side * bw * 0.4, head), middle, (side * far, head - rise)))
    if dice.yes(0.25):
        for side in (-1, 1):
            for _ in range(dice.n(1, 2)):
                y = dice.u(up * 0.7, down * 0.6)
                paths.append(oval(side * top * 0.6, y, dice.u(0.04, 0.1)))
    if dice.yes(0.1):
        paths += [line((-bw, y), (bw, y)) for y in spread(dice.n(2, 4), -bh, bh)]
    return turned(paths, dice.u(-0.6, 0.6) if dice.yes(0.25) else 0.0)


def _wings(
    dice: Dice, style: int, side: float, root: float, upper: Point, lower: Point
) -> list[Path]:
    """The wings of one side; upper and lower are how far they reach out and up or down."""
    (top, up), (low, down) = upper, lower

    def at(*points: Point) -> list[Point]:
        return [(side * x, y) for x, y in points]

    if style == 0:
        notch = dice.u(0.4, 0.8) * min(top, low)
        first = at((root, -0.12), (top * 0.6, up), (top, up * 0.8), (top, up * 0.2), (notch, 0.02))
        last = at((low, down * 0.4), (low * 0.85, down), (low * 0.3, down * 0.8), (root, 0.12))
        return [curve(*first, *last)]
    if style == 1:
        fore = at(
            (root, -0.05), (top * 0.4, up * 0.9), (top, up), (top, up * 0.3), (top * 0.5, 0.0)
        )
        hind = at(
            (root, 0.05),
            (low * 0.7, 0.05),
            (low, down * 0.5),
            (low * 0.6, down),
            (low * 0.2, down * 0.6),
        )
        return [blob(*fore), blob(*hind)]
    if style == 2:
        return [blob(*at((root, -0.1), (top, up), (top * 1.1, 0), (low, down), (root, 0.1)))]
    if style == 3:
        return [loop(*at((root, 0), (top, up), (top, down)))]
    middle = max(top, low)
    lobes = at(
        (root, -0.2),
        (top * 0.5, up),
        (top, up * 0.7),
        (top * 0.7, up * 0.25),
        (middle, up * 0.1),
        (middle, down * 0.35),
        (low * 0.6, down * 0.35),
    )
    return [curve(*lobes, *at((low, down * 0.7), (low * 0.6, down), (root, 0.15)))]


def fish(dice: Dice) -> list[Path]:
    """A body and a tail from the side, with eye, mouth, gill, fins and scales or without."""
    fat, tail, half = dice.u(0.16, 0.42), dice.u(0.12, 0.36), dice.u(0.12, 0.32)
    style = dice.style(5, 3, 2, 1.5)
    paths: list[Path] = []
    if style == 0:
        cross, x = dice.u(0.0, 0.06), dice.u(0.3, 0.45)
        upper: list[Point] = [
            (0.5 + tail, -half),
            (x, cross),
            (0.2 * x / 0.4, fat * 0.8),
            (-0.15, fat),
        ]
        lower = [(a, -b) for a, b in reversed(upper)]
        paths.append(curve(*upper, (-0.5, dice.u(-0.05, 0.05)), *lower))
        if dice.yes(0.85):
            dent = dice.u(-0.04, 0.12)
            ends = (0.5 + tail, -half), (0.5 + tail - dent, 0), (0.5 + tail, half)
            paths.append(curve(*ends) if dice.yes(0.5) else line(*ends))
    elif style == 3:
        arch = [(-0.2, fat), (0.1, fat * 0.8), (0.4, 0.02), (0.5 + tail, -half)]
        paths.append(curve((-0.5, 0), *arch, (0.5 + tail, half)))
        paths.append(curve((-0.5, 0), *((a, -b) for a, b in arch[:3])))
    else:
        paths.append(oval(0, 0, 0.5, fat))
        x = dice.u(0.38, 0.52)
        end = x + tail
        if style == 1:
            dent = dice.u(0, 0.1)
            fan: list[Point] = [(x, 0), (end, -half), (end - dent, 0), (end, half)]
            paths.append(loop(*fan) if dice.yes(0.7) else line(fan[1], fan[0], fan[3], fan[1]))
        else:
            paths.append(blob((x, 0), (end, -half), (x + tail * 0.7, 0), (end, half)))
    paths += _fish_face(dice, fat) + _fins(dice, fat)
    return turned(paths, dice.u(-0.5, 0.5) if dice.yes(0.2) else 0.0)


def _fish_face(dice: Dice, fat: float) -> list[Path]:
    paths: list[Path] = []
    if dice.yes(0.88):
        x, y, r = -dice.u(0.22, 0.4), -dice.u(0.0, 0.35) * fat, dice.u(0.02, 0.06)
        kind = dice.style(5, 4, 1)
        if kind == 0:
            paths.append(dot(x, y, 0.014))
        else:
            paths.append(oval(x, y, r))
            if kind == 2:
                paths.append(dot(x, y, 0.01))
    if dice.yes(0.35):
        x = -dice.u(0.05, 0.3)
        deep = dice.u(-0.08, 0.12)
        paths.append(curve((x, -fat * 0.85), (x + deep, 0), (x, fat * 0.85)))
    if dice.yes(0.4):
        y = dice.u(0.02, 0.12)
        paths.append(curve((-0.48, y), (-0.4, y + 0.03), (-0.34, y - dice.u(0, 0.03))))
    elif dice.yes(0.1):
        paths += [oval(-0.52, k * 0.04, 0.04, 0.03) for k in (-1, 1)]
    if dice.yes(0.08):
        bubbles = range(dice.n(1, 3))
        paths += [oval(-0.6 - 0.05 * k, -0.1 - 0.12 * k, 0.03) for k in bubbles]
    return paths


def _fins(dice: Dice, fat: float) -> list[Path]:
    paths: list[Path] = []
    for side, chance in ((-1, 0.35), (1, 0.28)):
        if dice.yes(chance):
            rise, x = dice.u(0.06, 0.25), dice.u(-0.25, 0.0)
            ends = (x, side * fat * 0.92), (x + 0.25, side * fat * 0.85)
            tip = (x + dice.u(0.1, 0.3), side * (fat + rise))
            paths.append(
                curve(ends[0], tip, ends[1]) if dice.yes(0.6) else line(ends[0], tip, ends[1])
            )
    if dice.yes(0.25):
        paths.append(loop((0, 0.02), (0.15, -0.06), (0.15, 0.1)))
    if dice.yes(0.2):
        for x in spread(dice.n(2, 4), -0.1, 0.4):
            paths += [oval(x, y, 0.04, 0.05, -0.25, 0.5) for y in (-0.08, 0.06)]
    elif dice.yes(0.12):
        paths += [curve((x, -fat * 0.8), (x + 0.06, 0), (x, fat * 0.8)) for x in spread(3, 0, 0.4)]
    return paths


def snail(dice: Dice) -> list[Path]:
    """A spiral shell on a low body with feelers."""
    r = dice.u(0.36, 0.6)
    spiral = _spiral(dice, r)
    paths: list[Path] = [spiral]
    if dice.yes(0.22):
        paths = [oval(0, 0, r), spiral * dice.u(0.6, 0.9)]
    neck, base = dice.u(0.15, 0.6), r * dice.u(0.75, 1.05)
    head, up = -0.35 - neck, base - dice.u(0.1, 0.6)
    thick, tail = dice.u(0.08, 0.22), dice.u(0.3, 0.9)
    style = dice.style(4, 3, 2.5)
    if style == 0:
        front = [
            (-0.3, base * 0.8),
            (head + 0.15, base - 0.05),
            (head + 0.15, up + 0.1),
            (head, up),
        ]
        under = [(head - 0.1, up + 0.1), (head - 0.08, base), (head + 0.2, base + thick)]
        paths.append(
            curve(*front, *under, (0.2, base + thick), (tail, base + thick), (0.3, base * 0.85))
        )
    elif style == 1:
        under = [(tail, base + 0.05), (0, base + 0.1), (-0.35, base + 0.08), (head, base)]
        over = [(head - 0.06, up + 0.1), (head + 0.04, up), (head + 0.12, up + 0.1), (-0.36, 0.15)]
        paths.append(curve(*under, *over))
    else:
        paths.append(curve((tail, base), (-0.2, base + 0.02), (head + 0.1, base), (head, up)))
    return paths + _feelers(dice, head, up)


def _spiral(dice: Dice, r: float) -> Path:
    turns = dice.u(1.2, 3.4)
    angle = np.linspace(0, 2 * math.pi * turns, int(20 * turns))
    inner = dice.u(0.0, 0.2)
    radius = r * (inner + (1 - inner) * (angle / angle[-1]) ** dice.u(0.7, 1.2))
    angle = angle + 2 * math.pi * (dice.u(0.15, 0.45) - turns)
    way = dice.one((1, 1, -1))
    return np.stack([radius * np.cos(angle) * way, radius * np.sin(angle)], axis=1)


def _feelers(dice: Dice, head: float, up: float) -> list[Path]:
    paths: list[Path] = []
    if dice.yes(0.8):
        for shift in (0.0, 0.12)[: dice.n(1, 2)]:
            x, y = head - 0.08 + shift + dice.u(-0.06, 0.04), up - dice.u(0.08, 0.3)
            paths.append(line((head + shift * 0.5, up + 0.02), (x, y)))
            if dice.yes(0.35):
                paths.append(oval(x, y - 0.03, 0.03))
    if dice.yes(0.35):
        paths.append(dot(head, up + 0.08, 0.012))
    if dice.yes(0.25):
        paths.append(
            curve((head - 0.08, up + 0.16), (head - 0.02, up + 0.2), (head + 0.04, up + 0.17))
        )
    return paths


FIGURES: dict[str, Figure] = {"butterfly": butterfly, "fish": fish, "snail": snail}
