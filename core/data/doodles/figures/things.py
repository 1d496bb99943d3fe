"""Figures of things held in the hand: camera, envelope, guitar, sword."""

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
    oval,
    polar,
    spread,
    turned,
)


def camera(dice: Dice) -> list[Path]:
    """A box with a lens, a bump, a flash and a button; sometimes in depth."""
    top = -dice.u(0.25, 0.42)
    low = -top
    x, y, r = dice.u(-0.18, 0.18), dice.u(-0.04, 0.06), dice.u(0.1, 0.26) * min(1.0, low * 3)
    paths: list[Path] = [box(-0.5, top, 0.5, low), oval(x, y, r)]
    if dice.yes(0.12):
        paths[0] = blob((-0.48, top), (0.48, top), (0.5, low), (-0.5, low))
    if dice.yes(0.5):
        paths.append(oval(x, y, r * dice.u(0.25, 0.8)))
        if dice.yes(0.2):
            paths.append(oval(x, y, r * 0.2))
    if dice.yes(0.12):
        dx, dy = dice.u(0.1, 0.25), -dice.u(0.06, 0.15)
        paths.append(line((-0.5, top), (-0.5 + dx, top + dy), (0.5 + dx, top + dy), (0.5, top)))
        paths.append(line((0.5 + dx, top + dy), (0.5 + dx, low + dy), (0.5, low)))
    if dice.yes(0.08):
        paths.append(line((-0.5, top + 0.12), (0.5, top + 0.12)))
    if dice.yes(0.05):
        paths += [line((0, low), (k, low + 0.6)) for k in (-0.3, 0.0, 0.3)]
    return paths + _on_camera(dice, x, top)


def _on_camera(dice: Dice, x: float, top: float) -> list[Path]:
    """Viewfinder, button and flash."""
    paths: list[Path] = []
    bump, rise, w = dice.style(3, 3, 3), dice.u(0.05, 0.2), dice.u(0.05, 0.18)
    if bump < 2:
        k = (
            dice.one((0.0, x, dice.u(-0.25, 0.25)))
            if bump == 0
            else dice.one((-1, 1)) * dice.u(0.2, 0.38)
        )
        foot = w * dice.u(1.0, 1.3)
        paths.append(
            line((k - foot, top), (k - w, top - rise), (k + w, top - rise), (k + foot, top))
        )
    if dice.yes(0.35):
        k, high = dice.one((-1, 1)) * dice.u(0.3, 0.42), top - dice.u(0.03, 0.08)
        paths.append(line((k - 0.05, top), (k - 0.05, high), (k + 0.05, high), (k + 0.05, top)))
    if dice.yes(0.4):
        k, s = dice.one((-1, 1)) * dice.u(0.3, 0.42), dice.u(0.02, 0.07)
        y = top + s + dice.u(0.02, 0.1)
        paths.append(box(k - s, y - s, k + s, y + s) if dice.yes(0.6) else oval(k, y, s))
    if dice.yes(0.05):
        rays = (-0.4, -0.3, -0.2)
        paths += [line(polar(-0.4, top, 0.1, k), polar(-0.4, top, 0.18, k)) for k in rays]
    return paths


def envelope(dice: Dice) -> list[Path]:
    """A rectangle with a flap, shut or open."""
    tall, mid, style = dice.u(0.4, 0.8), dice.u(-0.06, 0.06), dice.style(9, 1, 0.5, 0.6)
    top, low = -tall / 2, tall / 2
    deep = top + tall * dice.u(0.25, 0.85)
    flap = line((-0.5, top), (mid, deep), (0.5, top))
    paths: list[Path] = [box(-0.5, top, 0.5, low)]
    if style == 0:
        if dice.yes(0.18):
            flap = curve((-0.5, top), (-0.15, deep), (0.15, deep), (0.5, top))
        paths.append(flap)
        if dice.yes(0.25):
            up = dice.u(-0.1, 0.15)
            paths += [line((side * 0.5, low), (mid + side * 0.12, up)) for side in (-1, 1)]
    elif style == 1:
        paths += [line((-0.5, top), (mid, top - tall * dice.u(0.4, 0.7)), (0.5, top)), flap]
    elif style == 2:
        s = dice.u(0.06, 0.1)
        paths.append(box(0.46 - 2 * s, top + 0.04, 0.46, top + 0.04 + 2 * s))
        paths += [line((-0.2, y), (0.25, y)) for y in spread(3, -0.05, low)]
    else:
        paths += [line((-0.5, top), (0.5, low)), line((0.5, top), (-0.5, low))]
    if dice.yes(0.1) and style < 2:
        r = dice.u(0.04, 0.08)
        arcs = [oval(mid + side * r / 2, deep, r / 2, None, 0.5, 0.5) for side in (-1, 1)]
        point = line((mid + r, deep), (mid, deep + r * 1.5), (mid - r, deep))
        paths.append(oval(mid, deep, r) if dice.yes(0.6) else join(*arcs, point))
    return paths


def guitar(dice: Dice) -> list[Path]:
    """A waisted body with hole, neck and strings; sometimes electric or a plain round body."""
    style, w = dice.style(6, 2, 2), dice.u(0.2, 0.34)
    paths, top, hole = _body(dice, style, w)
    neck, end = dice.u(0.02, 0.08), top - dice.u(0.25, 0.95)
    low = top + dice.u(0.0, 0.3)
    if dice.yes(0.75):
        paths.append(line((-neck, low), (-neck, end), (neck, end), (neck, low)))
    else:
        paths.append(line((0, low), (0, end)))
    if dice.yes(0.75) and style != 2:
        paths.append(oval(0, hole, dice.u(0.05, 0.13)))
    if dice.yes(0.6):
        h, k = neck * dice.u(1.0, 2.4), dice.u(0.08, 0.22)
        paths.append(line((-neck, end), (-h, end - k), (h, end - k), (neck, end)))
        if dice.yes(0.5):
            for y in spread(dice.n(1, 3), end - k, end):
                paths += [line((side * h, y), (side * (h + 0.06), y)) for side in (-1, 1)]
    if dice.yes(0.35):
        y = dice.u(0.1, 0.2)
        paths.append(line((-0.1, y), (0.1, y)))
    strings = dice.n(1, 4) if dice.yes(0.5) else 0
    paths += [line((x, end), (x, 0.15)) for x in spread(strings, -neck, neck)]
    if dice.yes(0.25):
        paths += [line((-neck, y), (neck, y)) for y in spread(dice.n(3, 6), end, top)]
    lie = dice.one((0.7, 0.7, 0.0, 1.5, 1.5, 2.2))
    return turned(paths, lie + dice.u(-0.3, 0.3))


def _body(dice: Dice, style: int, w: float) -> tuple[list[Path], float, float]:
    """The body of a guitar, its upper end and the place of its hole."""
    upper, waist = w * dice.u(0.6, 1.0), w * dice.u(0.45, 0.8)
    if style == 0:
        half: list[Point] = [
            (w * 0.8, 0.25),
            (w, 0.05),
            (waist, -0.17),
            (upper, -0.33),
            (upper * 0.7, -0.48),
        ]
        left = [(-x, y) for x, y in reversed(half)]
        return [blob((0, 0.32), *half, (0, -0.5), *left)], -0.5, -0.1
    if style == 1:
        tall = w * dice.u(0.9, 1.4)
        paths = [oval(0, 0, w, tall)]
        if dice.yes(0.45):
            r = w * dice.u(0.55, 0.85)
            y = -tall - r * dice.u(0.5, 0.9)
            return [*paths, oval(0, y, r)], y - r, 0.0
        return paths, -tall, 0.0
    right: list[Point] = [(w, 0.22), (w * 0.8, -0.05), (upper * 0.7, -0.2), (upper * 1.2, -0.5)]
    left = [(-upper * 1.2, -0.42), (-upper * 0.7, -0.15), (-w, 0.05), (-w, 0.25)]
    return [blob((0, 0.3), *right, (0.05, -0.28), (-0.05, -0.28), *left)], -0.28, 0.0


def sword(dice: Dice) -> list[Path]:
    """A blade, a guard and a grip, pointing any way."""
    w, long, tip = dice.u(0.03, 0.12), dice.u(0.5, 0.85), dice.u(0.05, 0.22)
    style = dice.style(5, 2, 1.5, 1)
    paths: list[Path] = []
    if style == 0:
        paths.append(line((-w, 0), (-w, -long + tip), (0, -long), (w, -long + tip), (w, 0)))
    elif style == 1:
        paths.append(line((-w, 0), (0, -long), (w, 0)))
    elif style == 2:
        bend = dice.u(0.02, 0.2)
        edge = curve((-w, 0), (-w - bend * 0.3, -long * 0.5), (bend, -long))
        paths.append(join(edge, curve((bend, -long), (w + bend * 0.1, -long * 0.5), (w, 0))))
    else:
        w = 0.03
        paths.append(line((0, 0), (0, -long)))
    if dice.yes(0.22) and style < 2:
        paths.append(line((0, -0.02), (0, -long * dice.u(0.6, 0.95))))
    lie = dice.one((0.0, 0.0, 0.0, 0.75, 0.75, 2.4, 3.14, 1.57))
    return turned(paths + _hilt(dice, w), lie + dice.u(-0.25, 0.25))


def _hilt(dice: Dice, w: float) -> list[Path]:
    guard, t, grip = dice.u(0.08, 0.26), dice.u(0.03, 0.09), dice.u(0.1, 0.32)
    kind = dice.style(4, 3, 1.5, 1)
    if kind == 0:
        paths = [line((-guard, dice.u(-0.03, 0.03)), (guard, 0))]
    elif kind == 1:
        paths = [box(-guard, 0, guard, t)]
    elif kind == 2:
        ends: list[Point] = [(guard, -t * 0.6), (guard * 0.9, t * 0.8)]
        paths = [blob((0, t * 0.2), *ends, (0, t), *((-x, y) for x, y in ends[::-1]))]
    else:
        paths = [oval(0, t / 2, guard, t / 2)]
    y, g = t if kind else 0.0, w * dice.u(0.5, 1.0)
    end = dice.style(4, 2, 2)
    if end == 0:
        paths.append(line((-g, y), (-g, y + grip), (g, y + grip), (g, y)))
    elif end == 1:
        paths.append(line((0, y), (0, y + grip)))
    else:
        paths.append(oval(0, y + grip / 2, g, grip / 2))
    if dice.yes(0.25):
        paths.append(oval(0, y + grip + 0.03, dice.u(0.025, 0.05)))
    if dice.yes(0.12):
        paths += [line((-g, k), (g, k + 0.02)) for k in spread(dice.n(2, 4), y, y + grip)]
    return paths


FIGURES: dict[str, Figure] = {
    "camera": camera,
    "envelope": envelope,
    "guitar": guitar,
    "sword": sword,
}
