"""Figures of cats: a head, alone or on a body that sits, stands or lies."""

from core.data.doodles.figures.pen import (
    Dice,
    Figure,
    Path,
    Point,
    curve,
    dot,
    join,
    line,
    loop,
    oval,
    polar,
    spread,
)


def cat(dice: Dice) -> list[Path]:
    """A head with ears and whiskers, with or without a body."""
    style = dice.style(7, 2, 2)
    head = _head(dice)
    if style == 0:
        return head
    return head + (_sitting(dice) if style == 1 else _standing(dice))


def _ears(dice: Dice, flat: float) -> list[list[Point]]:
    """Foot, tip and foot of each ear, the left one first, each from left to right."""
    high, apart = dice.u(0.2, 0.6), dice.u(0.09, 0.16)
    half = dice.u(0.035, 0.09)
    lift = dice.u(0.42, 0.52)
    ears = []
    for side in (-1, 1):
        turn = -0.25 + side * (apart + dice.u(-0.02, 0.02))
        tip = polar(0, 0, 0.5 + high * dice.u(0.8, 1.2), turn + side * dice.u(-0.04, 0.04))
        ear = [polar(0, 0, lift, turn - half), tip, polar(0, 0, lift, turn + half)]
        ears.append([(x, y * flat) for x, y in ear])
    return ears


def _head(dice: Dice) -> list[Path]:
    flat = dice.u(0.65, 1.1)
    left, right = _ears(dice, flat)
    style = dice.style(5, 3, 1.5)
    if style == 0:
        paths = [oval(0, 0, 0.5, 0.5 * flat), line(*left), line(*right)]
        if dice.yes(0.15):
            paths += [0.7 * ear + 0.3 * ear.mean(axis=0) for ear in paths[1:3]]
    elif style == 1:
        jaw = dice.u(0.3, 0.42)
        chin: list[Point] = [(0.5, 0.05), (jaw, 0.36 * flat), (0, 0.48 * flat)]
        chin += [(-x, y) for x, y in chin[-2::-1]]
        top = curve(left[2], (0, -0.45 * flat), right[0])
        paths = [join(line(*left), top, line(*right), curve(right[2], *chin, left[0]))]
    else:
        wide = dice.u(0.3, 0.5)
        paths = [
            loop(
                (-wide, 0.3),
                left[0],
                left[1],
                left[2],
                right[0],
                right[1],
                right[2],
                (wide, 0.3),
                (0, 0.55 * flat),
            )
        ]
    if dice.yes(0.93):
        paths += _eyes(dice) + _mouth(dice, flat)
    return paths


def _eyes(dice: Dice) -> list[Path]:
    paths: list[Path] = []
    x, y, kind = dice.u(0.13, 0.25), -dice.u(0.03, 0.2), dice.style(4, 3, 2, 1, 1)
    r = dice.u(0.03, 0.1)
    for side in (-1, 1):
        if kind == 0:
            paths.append(oval(side * x, y, r, r * dice.u(0.7, 1.3)))
            if dice.yes(0.2):
                paths.append(dot(side * x, y, 0.012))
        elif kind == 1:
            paths.append(dot(side * x, y, 0.014))
        elif kind == 2:
            paths += [
                oval(side * x, y, 0.09, 0.06),
                line((side * x, y - 0.05), (side * x, y + 0.05)),
            ]
        elif kind == 3:
            paths.append(line((side * x, y - 0.05), (side * x, y + 0.05)))
    return paths


def _mouth(dice: Dice, flat: float) -> list[Path]:
    paths: list[Path] = []
    y, w = dice.u(0.02, 0.12), dice.u(0.03, 0.08)
    if dice.yes(0.75):
        flip = dice.one((1, 1, -1))
        triangle = loop((-w, y), (w, y), (0, y + flip * w * 1.3))
        paths.append(triangle if dice.yes(0.6) else oval(0, y, w, w * dice.u(0.6, 1)))
    lip, half = y + dice.u(0.06, 0.14), dice.u(0.08, 0.2)
    kind = dice.style(4, 3, 3)
    if kind == 0:
        cheeks = [(-half, lip), (-half * 0.5, lip + 0.07), (0, lip), (half * 0.5, lip + 0.07)]
        paths.append(curve(*cheeks, (half, lip)))
    elif kind == 1:
        paths.append(curve((-half, lip), (0, lip + 0.09), (half, lip)))
    if dice.yes(0.88):
        count, near, far = dice.n(1, 4), dice.u(0.1, 0.45), dice.u(0.45, 1.0)
        fan = dice.u(0.05, 0.45)
        for side in (-1, 1):
            if dice.yes(0.05):
                continue
            reach = far * dice.u(0.8, 1.2)
            for k in spread(count, -1, 1):
                end = (y + 0.05 + k * fan + dice.u(-0.04, 0.04)) * flat
                paths.append(line((side * near, y + 0.05 + k * 0.07), (side * reach, end)))
    return paths


def _sitting(dice: Dice) -> list[Path]:
    w, tall = dice.u(0.25, 0.5), dice.u(0.6, 1.2)
    foot = 0.4 + tall
    if dice.yes(0.4):
        body = oval(0, 0.45 + tall / 2, w, tall / 2)
    else:
        body = curve(
            (-0.25, 0.4),
            (-w, 0.4 + tall * 0.6),
            (-w * 0.8, foot),
            (w * 0.8, foot),
            (w, 0.4 + tall * 0.6),
            (0.25, 0.4),
        )
    side = dice.one((-1, 1))
    out = dice.u(0.2, 0.4)
    tail = curve(
        (side * w * 0.9, foot - 0.05),
        (side * (w + out), foot - 0.1),
        (side * (w + out + 0.05), foot - tall * 0.4),
        (side * (w + out - 0.1), tall * 0.4),
    )
    paths = [body]
    if dice.yes(0.85):
        paths.append(tail)
    if dice.yes(0.55):
        paths += [line((x, 0.4 + tall * dice.u(0.4, 0.7)), (x, foot)) for x in (-0.1, 0.1)]
    return paths


def _standing(dice: Dice) -> list[Path]:
    far, fat, y = dice.u(0.8, 1.6), dice.u(0.22, 0.4), dice.u(0.25, 0.6)
    long = dice.u(0.2, 0.5)
    paths: list[Path] = []
    style = dice.style(4, 2, 2)
    if style == 0:
        paths.append(oval(0.3 + far / 2, y, far / 2, fat))
    elif style == 1:
        paths.append(
            line((0.4, y - fat), (0.3 + far, y - fat), (0.3 + far, y + fat), (0.2, y + fat))
        )
    else:
        end = y + fat + long
        feet: list[Point] = [(0.25, end), (0.4, end), (0.4, y + fat), (far, y + fat), (far, end)]
        paths.append(
            line((0.2, 0.4), *feet, (far + 0.2, end), (far + 0.25, y - fat), (0.4, y - fat))
        )
    if style != 2:
        for x in spread(dice.one((2, 4, 4)), 0.25, 0.35 + far):
            paths.append(line((x, y + fat * 0.8), (x, y + fat + long)))
    rise = dice.u(0.2, 0.8)
    tail = [(0.25 + far, y - 0.1), (0.5 + far, y - rise * 0.5), (0.4 + far * 1.1, y - rise)]
    return [*paths, curve(*tail)] if dice.yes(0.9) else paths


FIGURES: dict[str, Figure] = {"cat": cat}
