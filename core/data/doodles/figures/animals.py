"""Figures of animals."""

import math

import numpy as np

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
    loop,
    oval,
    polar,
    scribble,
    spread,
    turned,
)


def butterfly(dice: Dice) -> list[Path]:
    """Two pairs of wings at a body, seen from above; sometimes from the side."""
    bw, bh = dice.u(0.03, 0.12), dice.u(0.3, 0.5)
    body = dice.style(5, 2, 1)
    paths: list[Path] = []
    if body == 0:
        paths.append(oval(0, 0, bw, bh))
    elif body == 1:
        paths.append(line((0, -bh), (0, bh)))
        bw = 0.01
    else:
        paths += [oval(0, 0.1, bw, bh * 0.9), oval(0, 0.1 - bh * 0.9 - bw, bw * 1.2)]
    top, low = dice.u(0.35, 0.6), dice.u(0.25, 0.55)
    up, down = -dice.u(0.3, 0.6), dice.u(0.25, 0.55)
    style = dice.style(4, 4, 1.5, 1)
    for side in (-1, 1):
        if style == 0:
            notch = dice.u(0.4, 0.75) * top
            paths.append(
                curve(
                    (side * bw, -0.12),
                    (side * top * 0.6, up),
                    (side * top, up * 0.8),
                    (side * top, up * 0.2),
                    (side * notch, 0.02),
                    (side * low, down * 0.4),
                    (side * low * 0.85, down),
                    (side * low * 0.3, down * 0.8),
                    (side * bw, 0.12),
                )
            )
        elif style == 1:
            paths.append(
                blob(
                    (side * bw, -0.05),
                    (side * top * 0.4, up * 0.9),
                    (side * top, up),
                    (side * top, up * 0.3),
                    (side * top * 0.5, 0.0),
                )
            )
            paths.append(
                blob(
                    (side * bw, 0.05),
                    (side * low * 0.7, 0.05),
                    (side * low, down * 0.5),
                    (side * low * 0.6, down),
                    (side * low * 0.2, down * 0.6),
                )
            )
        elif style == 2:
            paths.append(
                blob(
                    (side * bw, -0.1),
                    (side * top, up),
                    (side * top * 1.1, 0),
                    (side * low, down),
                    (side * bw, 0.1),
                )
            )
        else:
            paths.append(loop((side * bw, 0), (side * top, up), (side * top, down)))
        if dice.yes(0.85):
            far, rise = dice.u(0.06, 0.2), dice.u(0.12, 0.3)
            head = -bh if body != 2 else 0.1 - bh * 0.9 - bw * 2
            paths.append(
                curve(
                    (side * bw * 0.4, head),
                    (side * far * 0.4, head - rise * 0.7),
                    (side * far, head - rise),
                )
            )
    if dice.yes(0.3):
        for side in (-1, 1):
            for _ in range(dice.n(1, 2)):
                paths.append(
                    oval(side * top * 0.6, dice.u(up * 0.7, down * 0.6), dice.u(0.04, 0.1))
                )
    if dice.yes(0.1):
        for y in spread(dice.n(2, 4), -bh, bh):
            paths.append(line((-bw, y), (bw, y)))
    return turned(paths, dice.u(-0.6, 0.6) if dice.yes(0.25) else 0.0)


def _cat_head(dice: Dice, detail: float) -> list[Path]:
    flat = dice.u(0.75, 1.05)
    ear, spanned = dice.u(0.25, 0.5), dice.u(0.05, 0.09)
    paths: list[Path] = []
    tips = []
    for side in (-1, 1):
        turn = -0.25 + side * dice.u(0.1, 0.15)
        a, b = polar(0, 0, 0.5, turn - spanned * side), polar(0, 0, 0.5, turn + spanned * side)
        tip = polar(0, 0, 0.5 + ear, turn + side * dice.u(-0.02, 0.03))
        tips.append([(x, y * flat) for x, y in (a, tip, b)])
    if dice.yes(0.35):
        (la, lt, lb), (ra, rt, rb) = tips
        chin: list[Point] = [
            (0.5, 0.05),
            (0.36, 0.36 * flat),
            (0, 0.48 * flat),
            (-0.36, 0.36 * flat),
            (-0.5, 0.05),
        ]
        paths.append(
            join(line(la, lt, lb), line(ra, rt, rb))
            if la[0] > lb[0]
            else line(lb, lt, la, ra, rt, rb)
        )
        paths.append(curve(tips[1][2], *chin, tips[0][2]))
    else:
        paths.append(oval(0, 0, 0.5, 0.5 * flat))
        paths += [line(*tip) for tip in tips]
        if dice.yes(0.2):
            paths += [np.asarray(tip) * 0.8 + np.asarray(tip).mean(axis=0) * 0.2 for tip in tips]
    if dice.yes(0.92 * detail):
        paths += _cat_face(dice, flat)
    return paths


def _cat_face(dice: Dice, flat: float) -> list[Path]:
    paths: list[Path] = []
    ex, ey, kind = dice.u(0.14, 0.24), -dice.u(0.05, 0.2), dice.style(4, 3, 2, 1)
    for side in (-1, 1):
        if kind == 0:
            paths.append(oval(side * ex, ey, dice.u(0.03, 0.08)))
        elif kind == 1:
            paths.append(dot(side * ex, ey, 0.012))
        elif kind == 2:
            paths += [
                oval(side * ex, ey, 0.09, 0.06),
                line((side * ex, ey - 0.05), (side * ex, ey + 0.05)),
            ]
        else:
            paths.append(line((side * ex, ey - 0.05), (side * ex, ey + 0.05)))
    ny, nw = dice.u(0.02, 0.12), dice.u(0.03, 0.08)
    if dice.yes(0.75):
        nose = loop((-nw, ny), (nw, ny), (0, ny + nw * 1.3)) if dice.yes(0.6) else oval(0, ny, nw)
        paths.append(nose)
    if dice.yes(0.7):
        y, w = ny + dice.u(0.08, 0.14), dice.u(0.08, 0.18)
        if dice.yes(0.6):
            paths.append(curve((-w, y), (-w * 0.5, y + 0.07), (0, y), (w * 0.5, y + 0.07), (w, y)))
        else:
            paths.append(curve((-w, y), (0, y + 0.09), (w, y)))
    if dice.yes(0.85):
        count, far = dice.n(2, 3), dice.u(0.5, 0.85)
        near = dice.u(0.12, 0.3)
        for side in (-1, 1):
            for k in spread(count, -1, 1):
                paths.append(
                    line(
                        (side * near, ny + 0.05 + k * 0.06),
                        (side * far, (ny + 0.05 + k * dice.u(0.12, 0.4)) * flat),
                    )
                )
    return paths


def cat(dice: Dice) -> list[Path]:
    """A head with ears and whiskers, with or without a body sitting, standing or lying."""
    style = dice.style(6, 2, 2)
    head = _cat_head(dice, 1.0)
    if style == 0:
        return head
    if style == 1:
        w, tall = dice.u(0.3, 0.5), dice.u(0.7, 1.2)
        body = curve(
            (-0.25, 0.4),
            (-w, 0.4 + tall * 0.6),
            (-w * 0.8, 0.4 + tall),
            (w * 0.8, 0.4 + tall),
            (w, 0.4 + tall * 0.6),
            (0.25, 0.4),
        )
        if dice.yes(0.4):
            body = oval(0, 0.45 + tall / 2, w, tall / 2)
        side = dice.one((-1, 1))
        tail = curve(
            (side * w * 0.9, 0.35 + tall),
            (side * (w + 0.3), 0.3 + tall),
            (side * (w + 0.35), 0.1 + tall * 0.6),
            (side * (w + 0.2), tall * 0.4),
        )
        legs = [line((x, 0.4 + tall * 0.5), (x, 0.4 + tall)) for x in (-0.1, 0.1) if dice.yes(0.6)]
        return [*head, body, tail, *legs]
    far, fat, y = dice.u(0.9, 1.5), dice.u(0.28, 0.4), dice.u(0.3, 0.5)
    body = (
        oval(0.3 + far / 2, y, far / 2, fat)
        if dice.yes(0.6)
        else line((0.4, y - fat), (0.3 + far, y - fat), (0.3 + far, y + fat), (0.2, y + fat))
    )
    legs = []
    for k in spread(dice.one((2, 4, 4)), 0.25, 0.35 + far):
        legs.append(line((k, y + fat * 0.8), (k, y + fat + dice.u(0.25, 0.5))))
    rise = dice.u(0.3, 0.8)
    tail = curve((0.25 + far, y - 0.1), (0.5 + far, y - rise * 0.5), (0.5 + far * 1.1, y - rise))
    return [*head, body, *legs, tail]


def fish(dice: Dice) -> list[Path]:
    """A body and a tail from the side."""
    fat, tail, tw = dice.u(0.18, 0.38), dice.u(0.15, 0.32), dice.u(0.15, 0.3)
    style = dice.style(4, 3, 2)
    paths: list[Path] = []
    if style == 0:
        cross = dice.u(0.0, 0.06)
        paths.append(
            curve(
                (0.5 + tail, -tw),
                (0.42, cross),
                (0.2, fat * 0.8),
                (-0.15, fat),
                (-0.5, 0),
                (-0.15, -fat),
                (0.2, -fat * 0.8),
                (0.42, -cross),
                (0.5 + tail, tw),
            )
        )
        if dice.yes(0.85):
            dent = dice.u(0, 0.12)
            paths.append(curve((0.5 + tail, -tw), (0.5 + tail - dent, 0), (0.5 + tail, tw)))
    else:
        paths.append(oval(0, 0, 0.5, fat))
        x = dice.u(0.4, 0.5)
        if style == 1:
            paths.append(
                loop((x, 0), (x + tail, -tw), (x + tail - dice.u(0, 0.1), 0), (x + tail, tw))
            )
        else:
            paths.append(blob((x, 0), (x + tail, -tw), (x + tail * 0.7, 0), (x + tail, tw)))
    if dice.yes(0.88):
        ex, ey = -dice.u(0.25, 0.38), -dice.u(0.0, 0.12)
        if dice.yes(0.45):
            paths.append(dot(ex, ey, 0.012))
        else:
            r = dice.u(0.02, 0.06)
            paths.append(oval(ex, ey, r))
            if dice.yes(0.3):
                paths.append(dot(ex, ey, 0.01))
    if dice.yes(0.35):
        x = -dice.u(0.1, 0.25)
        paths.append(curve((x, -fat * 0.8), (x + dice.u(0.05, 0.12), 0), (x, fat * 0.8)))
    if dice.yes(0.35):
        y = dice.u(0.02, 0.1)
        paths.append(curve((-0.48, y), (-0.4, y + 0.03), (-0.34, y - dice.u(0, 0.03))))
    if dice.yes(0.4):
        rise = dice.u(0.1, 0.25)
        paths.append(curve((-0.2, -fat * 0.9), (0.05, -fat - rise), (0.2, -fat * 0.85)))
    if dice.yes(0.3):
        rise = dice.u(0.08, 0.2)
        paths.append(curve((-0.1, fat * 0.9), (0.08, fat + rise), (0.12, fat * 0.9)))
    if dice.yes(0.25):
        paths.append(loop((0, 0.02), (0.15, -0.06), (0.15, 0.1)))
    if dice.yes(0.25):
        for x in spread(dice.n(2, 4), -0.1, 0.4):
            for y in (-0.08, 0.06):
                paths.append(oval(x, y, 0.04, 0.05, -0.25, 0.5))
    if dice.yes(0.1):
        paths += [oval(-0.6 - 0.05 * k, -0.1 - 0.12 * k, 0.03) for k in range(dice.n(1, 3))]
    return turned(paths, dice.u(-0.5, 0.5) if dice.yes(0.2) else 0.0)


def snail(dice: Dice) -> list[Path]:
    """A spiral shell on a low body with feelers."""
    turns, r = dice.u(1.5, 3.4), 0.4
    angle = np.linspace(0, 2 * math.pi * turns, int(20 * turns))
    inner = dice.u(0.0, 0.12)
    radius = r * (inner + (1 - inner) * (angle / angle[-1]) ** dice.u(0.8, 1.1))
    start = 2 * math.pi * (dice.u(0.15, 0.45) - turns)
    way = dice.one((1, 1, -1))
    spiral = np.stack(
        [radius * np.cos(start + angle) * way, radius * np.sin(start + angle)], axis=1
    )
    base, neck = dice.u(0.3, 0.42), dice.u(0.25, 0.6)
    head = -0.35 - neck
    up = base - dice.u(0.15, 0.6)
    paths: list[Path] = [spiral]
    if dice.yes(0.2):
        paths = [oval(0, 0, r), spiral * dice.u(0.6, 0.85)]
    style = dice.style(4, 3, 2)
    if style == 0:
        thick = dice.u(0.1, 0.2)
        paths.append(
            curve(
                (-0.3, base * 0.8),
                (head + 0.15, base - 0.05),
                (head + 0.15, up + 0.1),
                (head, up),
                (head - 0.1, up + 0.1),
                (head - 0.08, base),
                (head + 0.2, base + thick),
                (0.2, base + thick),
                (0.55 + neck / 2, base + thick),
                (0.3, base * 0.85),
            )
        )
    elif style == 1:
        paths.append(
            curve(
                (0.5 + neck * 0.6, base + 0.05),
                (0, base + 0.1),
                (-0.35, base + 0.08),
                (head, base),
                (head - 0.06, up + 0.1),
                (head + 0.04, up),
                (head + 0.12, up + 0.1),
                (-0.36, 0.15),
            )
        )
    else:
        paths.append(curve((0.4, base), (-0.2, base + 0.02), (head + 0.1, base), (head, up)))
    if dice.yes(0.85):
        for side in (0.0, 0.12)[: dice.n(1, 2)]:
            x, y = head - 0.08 + side + dice.u(-0.06, 0.04), up - dice.u(0.12, 0.3)
            paths.append(line((head + side * 0.5, up + 0.02), (x, y)))
            if dice.yes(0.4):
                paths.append(oval(x, y - 0.03, 0.03))
    if dice.yes(0.35):
        paths.append(dot(head, up + 0.08, 0.012))
    if dice.yes(0.25):
        paths.append(
            curve((head - 0.08, up + 0.16), (head - 0.02, up + 0.2), (head + 0.04, up + 0.17))
        )
    if dice.yes(0.05):
        paths += scribble(oval(0, 0, r), dice, 0.15)
    if dice.yes(0.04):
        paths.append(bumps((-1, base + 0.2), (1, base + 0.2), 5, 0.3))
    return paths


FIGURES: dict[str, Figure] = {"butterfly": butterfly, "cat": cat, "fish": fish, "snail": snail}
