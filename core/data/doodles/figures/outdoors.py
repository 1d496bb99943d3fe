"""Figures of what is seen outside."""

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
    scribble,
    spread,
    turned,
)


def cactus(dice: Dice) -> list[Path]:
    """A column with arms, as one outline or in parts, with spines, in sand or a pot."""
    w, tall = dice.u(0.08, 0.16), 1.0
    arms = []
    for side in (-1, 1):
        if dice.yes(0.88):
            arms.append(
                (side, dice.u(0.4, 0.7), dice.u(0.16, 0.32), dice.u(0.12, 0.35), dice.u(0.05, 0.1))
            )
    style = dice.style(5, 2, 1)
    paths: list[Path] = []
    if style == 0:
        sides: dict[int, list[Path]] = {}
        for side, y, reach, rise, t in arms:
            a = w + reach
            sides[side] = [
                line((side * w, tall), (side * w, y)),
                curve(
                    (side * w, y),
                    (side * (a - t * 0.3), y - 0.02),
                    (side * a, y - 0.12),
                    (side * a, y - rise),
                ),
                oval(side * (a - t), y - rise, t, t, 0.0 if side > 0 else 0.5, -0.5 * side),
                line((side * (a - 2 * t), y - rise), (side * (a - 2 * t), y - 2 * t)),
                line((side * w, y - 2 * t), (side * w, w)),
            ]
        right = sides.get(1, [line((w, tall), (w, w))])
        left = sides.get(-1, [line((-w, tall), (-w, w))])
        paths.append(join(*right, oval(0, w, w, w, 0.0, -0.5), *(p[::-1] for p in reversed(left))))
    else:
        if style == 1:
            paths.append(oval(0, tall / 2, w * 1.4, tall / 2))
            edge = w * 1.3
        else:
            paths.append(
                join(line((-w, tall), (-w, w)), oval(0, w, w, w, 0.5, 0.5), line((w, w), (w, tall)))
            )
            edge = w
        for side, y, reach, rise, t in arms:
            a = edge + reach
            paths.append(
                curve(
                    (side * edge, y),
                    (side * a, y),
                    (side * a, y - rise),
                    (side * (a - t), y - rise - t),
                    (side * (a - 2 * t), y - rise),
                    (side * (a - 2 * t), y - 2 * t),
                    (side * edge, y - 2 * t),
                )
            )
    if dice.yes(0.4):
        for _ in range(dice.n(4, 14)):
            x, y = dice.u(-0.9, 0.9) * w, dice.u(0.1, 0.9)
            out = dice.one((-1, 1))
            if dice.yes(0.5):
                paths.append(line((out * w, y), (out * (w + 0.06), y - 0.03)))
            else:
                paths.append(line((x, y), (x + 0.03, y - 0.03)))
    elif dice.yes(0.3):
        paths += [line((x, 0.12), (x, 0.95)) for x in spread(dice.n(1, 3), -w, w)]
    if dice.yes(0.25):
        p = w * dice.u(1.3, 2.2)
        paths.append(loop((-p, tall), (p, tall), (p * 0.7, tall + 0.25), (-p * 0.7, tall + 0.25)))
    elif dice.yes(0.3):
        far = dice.u(0.25, 0.6)
        paths.append(curve((-far, tall + 0.02), (0, tall - dice.u(0, 0.05)), (far, tall + 0.02)))
    elif dice.yes(0.5):
        paths.append(line((-w, tall), (w, tall)))
    return paths


def flower(dice: Dice) -> list[Path]:
    """Petals about a middle, on a stem with leaves; a tulip at times."""
    stem, kind = dice.u(0.5, 1.1), dice.style(6, 2, 1.2, 1)
    paths: list[Path] = []
    r, far = dice.u(0.1, 0.2), dice.u(0.32, 0.45)
    turn = dice.roll()
    foot = far
    if kind == 0:
        count = dice.n(4, 9)
        half = min(0.16, 1.25 * far / count)
        paths.append(oval(0, 0, r))
        pointed = dice.yes(0.15)
        for k in range(count):
            a = turn + k / count
            x, y = polar(0, 0, (r + far) / 2, a)
            if pointed:
                paths.append(
                    line(
                        polar(0, 0, r, a - 0.4 / count),
                        polar(0, 0, far, a),
                        polar(0, 0, r, a + 0.4 / count),
                    )
                )
            else:
                paths.append(
                    oval(
                        x, y, (far - r * 0.9) / 2, half, 0.5, dice.one((1.0, 0.9)), 2 * math.pi * a
                    )
                )
    elif kind == 1:
        count, deep = dice.n(4, 9), dice.u(0.55, 0.8)
        ring: list[Point] = []
        for k in range(count):
            ring += [
                polar(0, 0, far, turn + (k + 0.28) / count),
                polar(0, 0, far, turn + (k + 0.72) / count),
                polar(0, 0, far * deep, turn + (k + 1) / count),
            ]
        paths.append(blob(*ring))
        if dice.yes(0.75):
            paths.append(oval(0, 0, r * 0.9))
    elif kind == 2:
        w, tall = dice.u(0.2, 0.3), dice.u(0.4, 0.55)
        cup = curve(
            (-w, -tall / 2), (-w, tall * 0.2), (0, tall / 2), (w, tall * 0.2), (w, -tall / 2)
        )
        paths.append(
            join(
                cup,
                line(
                    (w, -tall / 2),
                    (w * 0.4, -tall * 0.1),
                    (0, -tall / 2),
                    (-w * 0.4, -tall * 0.1),
                    (-w, -tall / 2),
                ),
            )
        )
        foot = tall / 2
    else:
        turns, points = dice.u(1.5, 3), []
        for k in range(int(turns * 7)):
            points.append(polar(0, 0, far * 0.9 * (k + 1) / (turns * 7), turn + k / 7))
        paths += [curve(*points)]
        foot = far * 0.8
    if dice.yes(0.9):
        bend = dice.u(-0.12, 0.12)
        start = r if kind == 0 and dice.yes(0.2) else foot
        paths.append(curve((0, start), (bend, (foot + stem) / 2), (bend * 0.5, foot + stem)))
        if dice.yes(0.1):
            paths.append(
                curve(
                    (0.05, start),
                    (bend + 0.05, (foot + stem) / 2),
                    (bend * 0.5 + 0.05, foot + stem),
                )
            )
        for side in (-1, 1):
            if dice.yes(0.4):
                y, out, up = foot + stem * dice.u(0.4, 0.9), dice.u(0.15, 0.35), dice.u(0.05, 0.25)
                paths.append(
                    blob(
                        (bend * 0.8, y),
                        (side * out * 0.4, y - up),
                        (side * out, y - up),
                        (side * out * 0.7, y - up * 0.2),
                    )
                )
    if dice.yes(0.08):
        paths.append(line((-0.4, foot + stem), (0.4, foot + stem)))
    if dice.yes(0.06):
        paths += scribble(oval(0, 0, r), dice, 0.2)
    return paths


def house(dice: Dice) -> list[Path]:
    """Walls and a roof with door, windows and chimney; sometimes with a side wall."""
    w, tall, roof = 0.5, dice.u(0.5, 0.9), dice.u(0.25, 0.6)
    over = dice.u(0.0, 0.14) if dice.yes(0.6) else 0.0
    peak = dice.u(-0.08, 0.08)
    paths: list[Path] = []
    style = dice.style(5, 2, 1.5, 0.8)
    if style == 0:
        paths.append(box(-w, 0, w, tall))
        paths.append(line((-w - over, 0), (peak, -roof), (w + over, 0)))
        if over > 0.03:
            paths[-1] = loop((-w - over, 0), (peak, -roof), (w + over, 0))
    elif style == 1:
        paths.append(loop((-w, tall), (-w, 0), (peak, -roof), (w, 0), (w, tall)))
        if dice.yes(0.3):
            paths.append(line((-w, 0), (w, 0)))
    elif style == 2:
        x, depth = -dice.u(0.0, 0.2), dice.u(0.4, 0.8)
        top = (x - (w + x) / 2, -roof)
        paths.append(loop((-w, tall), (-w, 0), top, (x, 0), (x, tall)))
        paths.append(line(top, (top[0] + depth, -roof), (x + depth, 0), (x, 0)))
        paths.append(line((x + depth, 0), (x + depth, tall), (x, tall)))
    else:
        inset = dice.u(0.1, 0.25)
        paths.append(box(-w, 0, w, tall))
        paths.append(
            loop((-w - over, 0), (-w + inset, -roof * 0.8), (w - inset, -roof * 0.8), (w + over, 0))
        )
    if dice.yes(0.75):
        x, dw, dh = (
            dice.u(-0.25, 0.25) if dice.yes(0.6) else 0.0,
            dice.u(0.07, 0.13),
            dice.u(0.35, 0.6) * tall,
        )
        paths.append(
            line((x - dw, tall), (x - dw, tall - dh), (x + dw, tall - dh), (x + dw, tall))
            if dice.yes(0.85)
            else curve(
                (x - dw, tall),
                (x - dw, tall - dh * 0.8),
                (x, tall - dh),
                (x + dw, tall - dh * 0.8),
                (x + dw, tall),
            )
        )
        if dice.yes(0.4):
            paths.append(dot(x + dw * 0.6, tall - dh * 0.5, 0.01))
    if dice.yes(0.6):
        for x in (-0.3, 0.3) if dice.yes(0.6) else (dice.one((-0.28, 0.28)),):
            y, s = tall * dice.u(0.25, 0.4), dice.u(0.06, 0.13)
            paths.append(box(x - s, y - s, x + s, y + s) if dice.yes(0.9) else oval(x, y, s))
            if dice.yes(0.6):
                paths += [line((x - s, y), (x + s, y)), line((x, y - s), (x, y + s))]
    if dice.yes(0.3):
        x, cw = dice.u(0.2, 0.32), dice.u(0.04, 0.08)
        y = -roof * (1 - x / w)
        paths.append(
            line(
                (x - cw, y - 0.03),
                (x - cw, -roof * dice.u(0.8, 1.1)),
                (x + cw, -roof * 0.95),
                (x + cw, y + 0.08),
            )
        )
        if dice.yes(0.35):
            paths.append(
                curve(
                    (x, -roof - 0.05),
                    (x + 0.08, -roof - 0.12),
                    (x - 0.03, -roof - 0.2),
                    (x + 0.08, -roof - 0.3),
                )
            )
    if dice.yes(0.08):
        paths.append(oval(peak, -roof * 0.4, 0.06))
    return paths


def snowman(dice: Dice) -> list[Path]:
    """Two or three balls with face, hat, arms and buttons."""
    count = 3 if dice.yes(0.6) else 2
    radii = [dice.u(0.16, 0.24)]
    for _ in range(count - 1):
        radii.append(radii[-1] * dice.u(1.05, 1.5))
    y, middles, paths = 0.0, [], []
    lap = dice.u(0.85, 1.02)
    for k, r in enumerate(radii):
        y += 0.0 if k == 0 else (radii[k - 1] + r) * lap
        middles.append(y)
        paths.append(oval(dice.u(-0.03, 0.03), y, r * dice.u(0.95, 1.2), r))
    if dice.yes(0.4):
        paths.reverse()
    head, r = middles[0], radii[0]
    if dice.yes(0.65):
        paths += [
            dot(side * r * 0.35, head - r * 0.2, 0.014)
            if dice.yes(0.6)
            else oval(side * r * 0.35, head - r * 0.2, 0.025)
            for side in (-1, 1)
        ]
    if dice.yes(0.5):
        nose = dice.u(0.5, 1.6) * r
        paths.append(
            line((0, head), (nose, head + r * 0.25), (0, head + r * 0.25))
            if dice.yes(0.7)
            else line((0, head), (nose, head + 0.05))
        )
    if dice.yes(0.45):
        paths.append(
            curve((-r * 0.4, head + r * 0.35), (0, head + r * 0.6), (r * 0.4, head + r * 0.35))
        )
    if dice.yes(0.4):
        w, hat, top = r * dice.u(0.5, 0.75), dice.u(0.15, 0.3), head - r * 0.85
        paths.append(line((-w * 1.6, top), (w * 1.6, top)))
        paths.append(line((-w, top), (-w, top - hat), (w, top - hat), (w, top)))
    belly, br = middles[1], radii[1]
    if dice.yes(0.55):
        for side in (-1, 1):
            far, up = dice.u(0.2, 0.5), dice.u(-0.1, 0.35)
            tip = (side * (br + far), belly - up)
            paths.append(line((side * br * 0.9, belly - 0.05), tip))
            if dice.yes(0.45):
                paths += [
                    line(tip, (tip[0] + side * 0.06, tip[1] - 0.1)),
                    line(tip, (tip[0] + side * 0.1, tip[1] + 0.02)),
                ]
    if dice.yes(0.5):
        for k in spread(dice.n(2, 4), belly - br, belly + br):
            paths.append(dot(0, k, 0.014) if dice.yes(0.6) else oval(0, k, 0.028))
    if dice.yes(0.12):
        paths.append(
            curve((-r * 0.8, head + r * 0.9), (0, head + r * 1.1), (r * 0.8, head + r * 0.9))
        )
    return paths


def star(dice: Dice) -> list[Path]:
    """An outline of five points, the crossed pentagram, or two triangles."""
    turn, style = -0.25 + dice.u(-0.03, 0.03), dice.style(5, 4, 0.6)
    if style == 0:
        count, inner = 5 if dice.yes(0.92) else dice.one((4, 6, 7)), dice.u(0.18, 0.3)
        ring = []
        for k in range(count):
            ring.append(
                polar(0, 0, 0.5 * dice.u(0.85, 1.1), turn + (k + dice.u(-0.08, 0.08)) / count)
            )
            ring.append(polar(0, 0, inner * dice.u(0.85, 1.15), turn + (k + 0.5) / count))
        return [loop(*ring)]
    if style == 1:
        tips = [
            polar(0, 0, 0.5 * dice.u(0.88, 1.1), turn + (2 * k + dice.u(-0.12, 0.12)) / 5)
            for k in range(5)
        ]
        return [loop(*tips)]
    return [loop(*(polar(0, 0, 0.5, turn + k / 3 + flip) for k in range(3))) for flip in (0.0, 0.5)]


def sun(dice: Dice) -> list[Path]:
    """A disc with rays of one kind; sometimes in a corner."""
    r, gap, long = dice.u(0.17, 0.3), dice.u(0.0, 0.09), dice.u(0.08, 0.26)
    paths: list[Path] = [oval(0, 0, r, r * dice.u(0.85, 1.1))]
    count, turn, kind = dice.n(5, 14), dice.roll(), dice.style(8, 1.2, 0.8)
    first, last = 0.0, 1.0
    if dice.yes(0.07):
        first, last, turn = 0.0, 0.3, 0.0
        paths = [oval(0, 0, r * 1.5, None, -0.02, 0.3)]
        r, count = r * 1.5, dice.n(3, 7)
    uneven = dice.u(0.0, 0.3)
    for k in range(count):
        a = turn + first + (last - first) * (k + dice.u(-uneven, uneven)) / count
        far = r + gap + long * dice.u(0.7, 1.3)
        if kind == 0:
            paths.append(line(polar(0, 0, r + gap, a), polar(0, 0, far, a + dice.u(-0.015, 0.015))))
        elif kind == 1:
            half = 0.35 * (last - first) / count
            paths.append(
                line(
                    polar(0, 0, r + gap * 0.3, a - half),
                    polar(0, 0, far, a),
                    polar(0, 0, r + gap * 0.3, a + half),
                )
            )
        else:
            mid = polar(0, 0, (r + gap + far) / 2, a + 0.02)
            paths.append(curve(polar(0, 0, r + gap, a), mid, polar(0, 0, far, a - 0.01)))
    if dice.yes(0.12):
        paths += [dot(side * r * 0.35, -r * 0.2, 0.014) for side in (-1, 1)]
        paths.append(curve((-r * 0.4, r * 0.25), (0, r * 0.5), (r * 0.4, r * 0.25)))
    if dice.yes(0.04):
        paths += scribble(oval(0, 0, r), dice, 0.1)
    return turned(paths, dice.u(-0.2, 0.2))


FIGURES: dict[str, Figure] = {
    "cactus": cactus,
    "flower": flower,
    "house": house,
    "snowman": snowman,
    "star": star,
    "sun": sun,
}
