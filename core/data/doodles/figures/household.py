"""Figures of what stands about the house."""

from core.data.doodles.figures.pen import (
    Dice,
    Figure,
    Path,
    Point,
    box,
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


def chair(dice: Dice) -> list[Path]:
    """A back, a seat and legs: from the side, turned towards us, or from the front."""
    back, legs, w = dice.u(0.4, 0.7), dice.u(0.3, 0.6), dice.u(0.3, 0.5)
    style = dice.style(3, 4, 2, 1)
    if style == 0:
        paths = [line((0, -back), (0, legs)), line((0, 0), (w, 0), (w, legs))]
        if dice.yes(0.25):
            paths = [
                line((0, -back), (0, 0), (w, 0)),
                line((0, 0), (0, legs)),
                line((w, 0), (w, legs)),
            ]
        if dice.yes(0.25):
            t = dice.u(0.05, 0.1)
            paths += [
                line((-t, -back), (-t, legs), (0, legs)),
                line((0, t), (w, t)),
                line((-t, -back), (0, -back)),
            ]
        if dice.yes(0.2):
            paths.append(line((0, legs * 0.6), (w, legs * 0.6)))
        return turned(paths, dice.u(-0.1, 0.1))
    if style == 3:
        h = dice.u(0.1, 0.2)
        paths = [box(-w / 2, -back, w / 2, 0), box(-w / 2, 0, w / 2, h)]
        paths += [line((x, h), (x, h + legs)) for x in (-w / 2, w / 2)]
        return paths
    dx, dy = dice.u(0.08, 0.3), dice.u(0.08, 0.25)
    if style == 2:
        dx = -dx * dice.u(0.0, 0.6)
    seat: list[Point] = [(0, 0), (w, 0), (w + dx, dy), (dx, dy)]
    if style == 1 and dice.yes(0.5):
        seat = [(0, 0), (w * 0.8, -dy * 0.5), (w * 0.8 + dx, dy * 0.6), (dx, dy)]
    a, b, c, d = seat
    slant = dice.u(-0.05, 0.12)
    paths = [loop(*seat)]
    if dice.yes(0.15):
        paths = [oval((a[0] + c[0]) / 2, dy / 2, (c[0] - a[0]) / 2, dy / 2)]
    top_a, top_b = (a[0] - slant, a[1] - back), (b[0] - slant, b[1] - back)
    if style == 1 and dice.yes(0.4):
        b, d = d, b
        top_b = (b[0] - slant, b[1] - back)
    if dice.yes(0.8):
        paths.append(line(a, top_a, top_b, b))
    else:
        paths += [line(a, top_a), line(b, top_b)]
    if dice.yes(0.5):
        for k in spread(dice.n(1, 4), 0, 1):
            if dice.yes(0.6):
                paths.append(
                    line(
                        (a[0] + (b[0] - a[0]) * k, a[1] + (b[1] - a[1]) * k),
                        (
                            top_a[0] + (top_b[0] - top_a[0]) * k,
                            top_a[1] + (top_b[1] - top_a[1]) * k,
                        ),
                    )
                )
            else:
                paths.append(
                    line((a[0] - slant * k, a[1] - back * k), (b[0] - slant * k, b[1] - back * k))
                )
    for corner, share in ((seat[3], 1.0), (seat[2], 1.0), (seat[1], 0.9), (seat[0], 0.9)):
        if share == 1.0 or dice.yes(0.55):
            paths.append(line(corner, (corner[0], corner[1] + legs * share)))
    return paths


def clock(dice: Dice) -> list[Path]:
    """A round face with hands, ticks or figures; an alarm clock or a square one at times."""
    style = dice.style(8, 1.2, 0.8)
    paths: list[Path] = [box(-0.5, -0.5, 0.5, 0.5) if style == 2 else oval(0, 0, 0.5)]
    if dice.yes(0.15) and style != 2:
        paths.append(oval(0, 0, dice.u(0.4, 0.46)))
    turn = dice.one((-0.25, dice.roll()))
    long, short = dice.u(0.25, 0.44), dice.u(0.15, 0.28)
    other = dice.one((0.0, 0.25, turn + dice.u(0.1, 0.9)))
    x, y = dice.u(-0.05, 0.05), dice.u(-0.05, 0.05)
    if dice.yes(0.93):
        hour, minute = polar(x, y, short, other), polar(x, y, long, turn)
        if dice.yes(0.6):
            paths.append(line(minute, (x, y), hour))
        else:
            paths += [line((x, y), minute), line((x, y), hour)]
            if dice.yes(0.25):
                paths.append(line((x, y), polar(x, y, long, dice.roll())))
        if dice.yes(0.2):
            paths += [
                line(polar(*tip, 0.07, t + 0.38), tip, polar(*tip, 0.07, t - 0.38))
                for tip, t in ((minute, turn), (hour, other))
            ]
    if dice.yes(0.3):
        paths.append(dot(x, y, 0.012))
    marks = dice.style(4, 3, 3, 1)
    if marks == 1:
        count = dice.one((4, 4, 12, 12, 8))
        inner = dice.u(0.38, 0.45)
        paths += [
            line(polar(0, 0, 0.49, k / count), polar(0, 0, inner, k / count)) for k in range(count)
        ]
    elif marks == 2:
        count = dice.one((4, 4, 12))
        for k in range(count):
            if dice.yes(0.92):
                paths += _numeral(*polar(0, 0, 0.39, k / count), dice)
    elif marks == 3:
        paths += [dot(*polar(0, 0, 0.4, k / 12), 0.01) for k in range(12)]
    if style == 1:
        for side in (-1, 1):
            if dice.yes(0.8):
                paths.append(
                    oval(*polar(0, 0, 0.55, -0.25 + side * 0.11), 0.16, 0.1, 0.5, 0.5, side * 0.6)
                )
            paths.append(
                line(polar(0, 0, 0.5, 0.25 + side * 0.1), polar(0, 0, 0.66, 0.25 + side * 0.11))
            )
    return paths


def _numeral(x: float, y: float, dice: Dice) -> list[Path]:
    """Something the size of a figure on the face."""
    s = dice.u(0.03, 0.05)
    kind = dice.n(0, 5)
    if kind == 0:
        return [line((x, y - s), (x, y + s))]
    if kind == 1:
        return [curve((x - s, y - s), (x + s, y - s * 0.6), (x - s, y + s), (x + s, y + s))]
    if kind == 2:
        return [
            curve(
                (x - s, y - s), (x + s, y - s * 0.5), (x, y), (x + s, y + s * 0.5), (x - s, y + s)
            )
        ]
    if kind == 3:
        return [
            join(
                curve((x + s, y - s), (x - s * 0.7, y), (x, y + s)),
                oval(x, y + s * 0.4, s * 0.7, None, 0.25, 1.0),
            )
        ]
    if kind == 4:
        return [
            line((x - s, y - s), (x - s, y + s)),
            curve((x, y - s), (x + s, y - s * 0.6), (x, y + s), (x + s, y + s)),
        ]
    return [line((x - s, y - s), (x - s, y), (x + s, y)), line((x + s, y - s), (x + s, y + s))]


def umbrella(dice: Dice) -> list[Path]:
    """A canopy, plain or scalloped, on a shaft with a hook."""
    high, shaft = dice.u(0.28, 0.5), dice.u(0.4, 0.75)
    paths: list[Path] = []
    edge = dice.style(4, 4, 1.5)
    canopy = oval(0, 0, 0.5, high, 0.5, 0.5)
    if dice.yes(0.12):
        canopy = line((-0.5, 0), (0, -high), (0.5, 0))
    count = dice.n(2, 5)
    if edge == 0:
        paths.append(join(canopy, line((0.5, 0), (-0.5, 0))))
    elif edge == 1:
        scallops = bumps((0.5, 0), (-0.5, 0), count, dice.u(-0.7, -0.25))
        if dice.yes(0.2):
            scallops = bumps((0.5, 0), (-0.5, 0), count, 0.4)
        paths.append(join(canopy, scallops))
    else:
        paths += [canopy, curve((-0.5, 0), (0, dice.u(-0.1, 0.12)), (0.5, 0))]
    if dice.yes(0.35):
        for k in spread(count - 1 if edge == 1 else dice.n(1, 4), -0.5, 0.5):
            paths.append(curve((0, -high), (k * 0.8, -high * 0.55), (k, -0.03)))
    top = dice.one((-0.02, -0.02, -high))
    hook, deep = dice.u(0.06, 0.15), dice.u(0.06, 0.14)
    side = dice.one((-1, 1))
    bend = oval(side * hook, shaft, hook, deep, 0.5 if side > 0 else 0.0, -0.5 if side > 0 else 0.5)
    kind = dice.style(6, 1.5, 1.5)
    if kind == 0:
        rise = dice.u(0, 0.08)
        x, y = bend[-1]
        paths.append(join(line((0, top), (0, shaft)), bend, line((float(x), float(y) - rise))))
    elif kind == 1:
        paths.append(line((0, top), (0, shaft)))
    else:
        t = dice.u(0.03, 0.05)
        paths.append(
            join(
                line((-t, 0), (-t, shaft)), oval(side * hook, shaft, hook + t, deep + t, 0.5, -0.5)
            )
        )
        paths.append(
            join(
                line((t, 0), (t, shaft)),
                oval(side * hook, shaft, max(hook - t, 0.02), deep * 0.5, 0.5, -0.5),
            )
        )
    if dice.yes(0.35):
        paths.append(line((0, -high), (0, -high - dice.u(0.04, 0.12))))
    if dice.yes(0.12):
        for _ in range(dice.n(3, 8)):
            x, y = dice.u(-0.7, 0.7), dice.u(-high - 0.35, -high - 0.05)
            paths.append(line((x, y), (x - 0.02, y + 0.08)))
    return turned(paths, dice.u(-0.7, 0.7) if dice.yes(0.2) else 0.0)


def hourglass(dice: Dice) -> list[Path]:
    """Two bulbs that meet at a neck, between two ends, with sand."""
    w, neck = dice.u(0.24, 0.42), dice.u(0.0, 0.06)
    style = dice.style(4, 4, 1.5)
    paths: list[Path] = []
    if style == 0:
        cross = dice.yes(0.5)
        if cross:
            paths.append(loop((-w, -0.5), (w, -0.5), (-w, 0.5), (w, 0.5)))
        else:
            paths += [line((-w, -0.5), (-neck, 0), (-w, 0.5)), line((w, -0.5), (neck, 0), (w, 0.5))]
            if dice.yes(0.85):
                paths += [line((-w, -0.5), (w, -0.5)), line((-w, 0.5), (w, 0.5))]
    elif style == 1:
        bulge = dice.u(0.9, 1.15)
        for side in (-1, 1):
            paths.append(
                curve(
                    (side * w, -0.5),
                    (side * w * bulge, -0.3),
                    (side * w * 0.5, -0.1),
                    (side * neck, 0),
                    (side * w * 0.5, 0.1),
                    (side * w * bulge, 0.3),
                    (side * w, 0.5),
                )
            )
        paths += [line((-w, -0.5), (w, -0.5)), line((-w, 0.5), (w, 0.5))]
    else:
        r = dice.u(0.22, 0.26)
        paths += [oval(0, -r, w, r), oval(0, r, w, r)]
    if dice.yes(0.4):
        far, t = w + dice.u(0.02, 0.12), dice.u(0.05, 0.1)
        paths += [box(-far, -0.5 - t, far, -0.5), box(-far, 0.5, far, 0.5 + t)]
        if dice.yes(0.4):
            paths += [line((x, -0.5), (x, 0.5)) for x in (-far + 0.03, far - 0.03)]
    elif dice.yes(0.2):
        paths += [oval(0, -0.5, w, 0.05), oval(0, 0.5, w, 0.05)]
    if dice.yes(0.45):
        level = dice.u(0.15, 0.35)
        paths.append(line((-w * level * 1.7, -level), (w * level * 1.7, -level)))
        pile = dice.u(0.15, 0.4)
        paths.append(curve((-w * 0.7, 0.48), (0, 0.5 - pile), (w * 0.7, 0.48)))
    if dice.yes(0.3):
        paths += [dot(dice.u(-0.4, 0.4) * w, dice.u(0.25, 0.45)) for _ in range(dice.n(3, 8))]
    if dice.yes(0.25):
        paths.append(line((0, -0.1), (0, dice.u(0.1, 0.4))))
    if dice.yes(0.12):
        paths += scribble(loop((-w * 0.6, 0.48), (0, 0.2), (w * 0.6, 0.48)), dice, 0.15)
    return paths


def ladder(dice: Dice) -> list[Path]:
    """Two rails with rungs, upright or leaning; sometimes a stepladder."""
    w, count = dice.u(0.1, 0.28), dice.n(3, 9)
    taper, over = dice.u(0.0, 0.08), dice.u(-0.02, 0.06) if dice.yes(0.6) else dice.u(0.05, 0.12)
    paths: list[Path] = [line((-w, 0.5), (-w + taper, -0.5)), line((w, 0.5), (w - taper, -0.5))]
    double = dice.yes(0.12)
    if double:
        t = dice.u(0.02, 0.05)
        paths += [
            line((-w - t, 0.5), (-w + taper - t, -0.5)),
            line((w + t, 0.5), (w - taper + t, -0.5)),
        ]
    for y in spread(count, -0.5, 0.5):
        half = w - taper * (0.5 - y) + over
        tilt = dice.u(-0.03, 0.03)
        if dice.yes(0.95):
            paths.append(line((-half, y - tilt), (half, y + tilt)))
            if double and dice.yes(0.5):
                paths.append(line((-half, y - tilt + 0.03), (half, y + tilt + 0.03)))
    if dice.yes(0.12):
        paths.append(line((w - taper, -0.5), (w + dice.u(0.25, 0.5), 0.5)))
        if dice.yes(0.6):
            paths.append(line((-w + taper, -0.5), (w - taper, -0.5)))
    return turned(paths, dice.u(0.1, 0.7) if dice.yes(0.35) else dice.u(-0.1, 0.1))


FIGURES: dict[str, Figure] = {
    "chair": chair,
    "clock": clock,
    "hourglass": hourglass,
    "ladder": ladder,
    "umbrella": umbrella,
}
