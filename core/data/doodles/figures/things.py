"""Figures of things held in the hand."""

from core.data.doodles.figures.pen import (
    Dice,
    Figure,
    Path,
    blob,
    box,
    curve,
    join,
    line,
    oval,
    polar,
    scribble,
    spread,
    turned,
)


def camera(dice: Dice) -> list[Path]:
    """A box with a lens, a bump, a flash and a button; sometimes in depth or a film camera."""
    tall = dice.u(0.5, 0.8)
    top, low = -tall / 2, tall / 2
    x, y = dice.u(-0.15, 0.15), dice.u(-0.04, 0.06)
    r = dice.u(0.12, 0.26) * min(1.0, tall * 1.5)
    paths: list[Path] = [box(-0.5, top, 0.5, low)]
    if dice.yes(0.15):
        paths = [blob((-0.48, top), (0.48, top), (0.5, low), (-0.5, low))]
    paths.append(oval(x, y, r))
    if dice.yes(0.55):
        paths.append(oval(x, y, r * dice.u(0.3, 0.8)))
        if dice.yes(0.2):
            paths.append(oval(x, y, r * 0.2))
    bump = dice.style(3, 3, 3, 1)
    rise, w = dice.u(0.06, 0.18), dice.u(0.06, 0.18)
    if bump == 0:
        k = dice.one((0.0, x, dice.u(-0.25, 0.25)))
        paths.append(
            line((k - w * 1.2, top), (k - w, top - rise), (k + w, top - rise), (k + w * 1.2, top))
        )
    elif bump == 1:
        k = dice.u(0.2, 0.38) * dice.one((-1, 1))
        paths.append(
            line(
                (k - w * 0.7, top),
                (k - w * 0.7, top - rise),
                (k + w * 0.7, top - rise),
                (k + w * 0.7, top),
            )
        )
    if dice.yes(0.35):
        k = dice.one((-1, 1)) * dice.u(0.3, 0.42)
        paths.append(
            line((k - 0.05, top), (k - 0.05, top - 0.05), (k + 0.05, top - 0.05), (k + 0.05, top))
        )
    if dice.yes(0.4):
        k, s = dice.one((-1, 1)) * dice.u(0.33, 0.42), dice.u(0.03, 0.07)
        y2 = top + s + dice.u(0.03, 0.08)
        paths.append(box(k - s, y2 - s, k + s, y2 + s) if dice.yes(0.6) else oval(k, y2, s))
    if dice.yes(0.12):
        dx, dy = dice.u(0.1, 0.2), -dice.u(0.06, 0.15)
        paths += [
            line((-0.5, top), (-0.5 + dx, top + dy), (0.5 + dx, top + dy), (0.5, top)),
            line((0.5 + dx, top + dy), (0.5 + dx, low + dy), (0.5, low)),
        ]
    if dice.yes(0.1):
        paths.append(line((-0.5, top + 0.12), (0.5, top + 0.12)))
    if dice.yes(0.06):
        paths += [line((0, low), (k, low + 0.6)) for k in (-0.3, 0.0, 0.3)]
    if dice.yes(0.06):
        paths += [
            line(polar(-0.4, top - 0.05, 0.1, k), polar(-0.4, top - 0.05, 0.18, k))
            for k in (-0.4, -0.3, -0.2)
        ]
    return paths


def envelope(dice: Dice) -> list[Path]:
    """A rectangle with a flap, shut or open."""
    tall = dice.u(0.5, 0.8)
    top, low = -tall / 2, tall / 2
    deep = top + tall * dice.u(0.3, 0.75)
    mid = dice.u(-0.05, 0.05)
    paths: list[Path] = [box(-0.5, top, 0.5, low)]
    style = dice.style(8, 1, 0.7, 0.6)
    if style == 0:
        flap = line((-0.5, top), (mid, deep), (0.5, top))
        if dice.yes(0.15):
            flap = curve((-0.5, top), (-0.15, deep), (0.15, deep), (0.5, top))
        paths.append(flap)
        if dice.yes(0.3):
            up = dice.u(-0.1, 0.15)
            paths += [line((-0.5, low), (mid - 0.12, up)), line((0.5, low), (mid + 0.12, up))]
    elif style == 1:
        paths += [
            line((-0.5, top), (mid, top - tall * dice.u(0.4, 0.7)), (0.5, top)),
            line((-0.5, top), (mid, deep), (0.5, top)),
        ]
    elif style == 2:
        s = dice.u(0.06, 0.1)
        paths.append(box(0.46 - 2 * s, top + 0.04, 0.46, top + 0.04 + 2 * s))
        paths += [line((-0.2, y), (0.25, y)) for y in spread(3, -0.05, low)]
    else:
        paths += [line((-0.5, top), (0.5, low)), line((0.5, top), (-0.5, low))]
    if dice.yes(0.12) and style < 2:
        r = dice.u(0.04, 0.08)
        paths.append(
            oval(mid, deep, r)
            if dice.yes(0.6)
            else join(
                oval(mid - r / 2, deep, r / 2, None, 0.5, 0.5),
                oval(mid + r / 2, deep, r / 2, None, 0.5, 0.5),
                line((mid + r, deep), (mid, deep + r * 1.5), (mid - r, deep)),
            )
        )
    return paths


def guitar(dice: Dice) -> list[Path]:
    """A waisted body with hole, neck, head and strings; sometimes electric or a plain round body."""
    w1, w2, waist = dice.u(0.22, 0.32), dice.u(0.16, 0.26), dice.u(0.12, 0.2)
    neck, far = dice.u(0.03, 0.07), dice.u(0.45, 0.9)
    style = dice.style(6, 2, 2)
    paths: list[Path] = []
    top = -0.5
    if style == 0:
        paths.append(
            blob(
                (0, 0.32),
                (w1 * 0.8, 0.25),
                (w1, 0.05),
                (waist, -0.17),
                (w2, -0.33),
                (w2 * 0.7, -0.48),
                (0, -0.5),
                (-w2 * 0.7, -0.48),
                (-w2, -0.33),
                (-waist, -0.17),
                (-w1, 0.05),
                (-w1 * 0.8, 0.25),
            )
        )
    elif style == 1:
        r = dice.u(0.24, 0.32)
        paths.append(oval(0, 0, r, r * dice.u(0.9, 1.3)))
        if dice.yes(0.4):
            paths.append(oval(0, -r * 1.4, r * 0.7))
            top = -r * 2.0
        else:
            top = -r
    else:
        paths.append(
            blob(
                (0, 0.3),
                (w1, 0.22),
                (w1 * 0.8, -0.05),
                (w2 * 0.7, -0.2),
                (w2 * 1.2, -0.5),
                (neck * 1.5, -0.28),
                (-neck * 1.5, -0.28),
                (-w2 * 1.2, -0.42),
                (-w2 * 0.7, -0.15),
                (-w1, 0.05),
                (-w1, 0.25),
            )
        )
        top = -0.28
    end = top - far
    hole = dice.yes(0.8) and style != 2
    low = top + dice.u(0.0, 0.3)
    if dice.yes(0.75):
        paths.append(line((-neck, low), (-neck, end), (neck, end), (neck, low)))
    else:
        paths.append(line((0, low), (0, end)))
    if hole:
        paths.append(oval(0, -0.1 if style == 0 else 0, dice.u(0.06, 0.11)))
    if dice.yes(0.65):
        h, k = neck * dice.u(1.2, 2.2), dice.u(0.12, 0.22)
        paths.append(line((-neck, end), (-h, end - k), (h, end - k), (neck, end)))
        if dice.yes(0.5):
            for y in spread(dice.n(2, 3), end - k, end):
                paths += [line((side * h, y), (side * (h + 0.05), y)) for side in (-1, 1)]
    if dice.yes(0.4):
        y = dice.u(0.1, 0.2)
        paths.append(line((-0.1, y), (0.1, y)))
    strings = dice.n(1, 4) if dice.yes(0.5) else 0
    paths += [line((x, end), (x, 0.15)) for x in spread(strings, -neck, neck)]
    if dice.yes(0.25):
        paths += [line((-neck, y), (neck, y)) for y in spread(dice.n(3, 6), end, top)]
    return turned(paths, dice.one((0.7, 0.7, 0.0, 1.5, 1.5, 2.2)) + dice.u(-0.3, 0.3))


def sword(dice: Dice) -> list[Path]:
    """A blade, a guard and a grip, pointing any way."""
    w, long, grip = dice.u(0.03, 0.1), dice.u(0.6, 0.85), dice.u(0.14, 0.3)
    guard, t = dice.u(0.1, 0.25), dice.u(0.02, 0.05)
    tip = dice.u(0.06, 0.2)
    style = dice.style(5, 2, 1.5, 1)
    paths: list[Path] = []
    if style == 0:
        paths.append(line((-w, 0), (-w, -long + tip), (0, -long), (w, -long + tip), (w, 0)))
    elif style == 1:
        paths.append(line((-w, 0), (0, -long), (w, 0)))
    elif style == 2:
        bend = dice.u(0.05, 0.2)
        paths.append(
            join(
                curve((-w, 0), (-w - bend * 0.3, -long * 0.5), (bend, -long)),
                curve((bend, -long), (w + bend * 0.1, -long * 0.5), (w, 0)),
            )
        )
    else:
        paths.append(line((0, 0), (0, -long)))
        w = 0.03
    kind = dice.style(4, 3, 1.5)
    if kind == 0:
        paths.append(line((-guard, 0), (guard, 0)))
    elif kind == 1:
        paths.append(box(-guard, 0, guard, t * 1.6))
    else:
        paths.append(
            blob(
                (-guard, -t),
                (0, t * 0.3),
                (guard, -t),
                (guard * 0.9, t * 1.2),
                (0, t * 1.6),
                (-guard * 0.9, t * 1.2),
            )
        )
    y = t * 1.6 if kind else 0.0
    g = w * dice.u(0.5, 0.9)
    end = dice.style(4, 2, 2)
    if end == 0:
        paths.append(line((-g, y), (-g, y + grip), (g, y + grip), (g, y)))
    elif end == 1:
        paths.append(line((0, y), (0, y + grip)))
    else:
        paths.append(oval(0, y + grip / 2, g, grip / 2))
    if dice.yes(0.3):
        paths.append(oval(0, y + grip + 0.03, dice.u(0.025, 0.05)))
    if dice.yes(0.25) and style < 2:
        paths.append(line((0, -0.02), (0, -long * dice.u(0.6, 0.95))))
    if dice.yes(0.15):
        paths += [line((-g, k), (g, k + 0.02)) for k in spread(dice.n(2, 4), y, y + grip)]
    if dice.yes(0.04):
        paths += scribble(box(-g, y, g, y + grip), dice, 0.15)
    return turned(paths, dice.one((0.0, 0.0, 0.75, 0.75, 2.4, 3.14, 1.57)) + dice.u(-0.25, 0.25))


FIGURES: dict[str, Figure] = {
    "camera": camera,
    "envelope": envelope,
    "guitar": guitar,
    "sword": sword,
}
