"""Figures of what carries people: bicycle, car, sailboat."""

from core.data.doodles.figures.pen import (
    Dice,
    Figure,
    Path,
    Point,
    blob,
    box,
    bumps,
    curve,
    join,
    line,
    loop,
    oval,
    polar,
    spread,
)


def bicycle(dice: Dice) -> list[Path]:
    """Two wheels and a frame, with handlebar, saddle and spokes or without."""
    r, half = dice.u(0.13, 0.27), dice.u(0.3, 0.45)
    uneven = dice.u(0.7, 1.3) if dice.yes(0.3) else 1.0
    wheels = [
        oval(-half, 0, r, r * dice.u(0.85, 1.1)),
        oval(half, 0, r * uneven, r * dice.u(0.85, 1.2)),
    ]
    paths, seat, front = _frame(dice, half, r)
    if dice.yes(0.75):
        paths.append(_handlebar(dice, *front))
    if dice.yes(0.65):
        x, y = seat
        rise, w = dice.u(0.02, 0.14), dice.u(0.05, 0.12)
        paths.append(line((x, y), (x, y - rise)))
        kind = dice.style(3, 2, 1)
        if kind == 0:
            paths.append(line((x - w, y - rise), (x + w, y - rise)))
        elif kind == 1:
            paths.append(oval(x, y - rise, w, dice.u(0.02, 0.05)))
        else:
            paths.append(loop((x - w, y - rise), (x + w, y - rise), (x, y - rise + w)))
    paths = wheels + paths if dice.yes(0.6) else paths + wheels
    if dice.yes(0.3):
        count, turn = dice.n(2, 5), dice.roll()
        for middle in (-half, half):
            for k in range(count):
                a = turn + k / count / 2
                paths.append(line(polar(middle, 0, r, a), polar(middle, 0, r, a + 0.5)))
    elif dice.yes(0.25):
        inner = r * dice.u(0.15, 0.75)
        paths += [oval(-half, 0, inner), oval(half, 0, inner)]
    return paths


def _frame(dice: Dice, half: float, r: float) -> tuple[list[Path], Point, Point]:
    """The frame and where saddle and handlebar stand."""
    top, x1, x2 = -dice.u(0.2, 0.44), -dice.u(0.05, 0.22), dice.u(0.1, 0.3)
    hub = (dice.u(-0.08, 0.05), dice.u(-0.02, 0.08))
    seat, front, back, fore = (x1, top), (x2, top), (-half, 0.0), (half, 0.0)
    style = dice.style(5, 2, 2.5, 1.5, 1.5, 1)
    if style == 0:
        paths = [loop(back, seat, front, hub)]
        if dice.yes(0.75):
            paths.append(line(seat, hub))
        return [*paths, line(front, fore)], seat, front
    if style == 1:
        paths = [line(back, seat, front, fore)]
        return paths + ([line(seat, hub, front)] if dice.yes(0.4) else []), seat, front
    if style == 2:
        inset = r * dice.u(0.0, 1.0)
        front = (half - inset * dice.u(0, 1), top)
        bar = line((-half + inset, 0), (half - inset, dice.u(-0.05, 0.05)))
        stem = line((half - inset, 0), front)
        return [bar, stem, *([line((x1, 0), seat)] if dice.yes(0.6) else [])], seat, front
    if style == 3:
        y = top * 0.6
        arch = line(back, (x1, y), (x2, y), fore)
        return [arch, line((x1, y), seat), line((x2, y), front)], seat, front
    if style == 4:
        bar = line(back, (x1, top * 0.5), (half - 0.1, top * 0.5))
        front = (half - 0.12, top)
        return [bar, line(fore, front)], (x1, top * 0.5), front
    peak = (dice.u(-0.1, 0.1), top)
    paths = [line(back, peak, fore), line(back, fore)]
    return paths, peak, (half * 0.6, top * 0.4)


def _handlebar(dice: Dice, x: float, y: float) -> Path:
    rise, far = dice.u(0.03, 0.18), dice.u(0.06, 0.2)
    kind = dice.style(3, 2, 2)
    if kind == 0:
        return line((x, y), (x - 0.03, y - rise), (x - far, y - rise * 1.1))
    if kind == 1:
        return line((x - far * 0.7, y - rise), (x, y), (x + far * 0.7, y - rise))
    hook = [(x - 0.02, y - rise), (x + far * 0.6, y - rise), (x + far * 0.6, y - rise * 0.4)]
    return curve((x, y), *hook)


def car(dice: Dice) -> list[Path]:
    """From the side: hood and roof, boxes, or one bump, on two wheels."""
    tall, top = dice.u(0.12, 0.26), -dice.u(0.1, 0.28)
    top -= tall
    front, back = (-dice.u(0.2, 0.42), -tall), (dice.u(0.2, 0.46), -tall)
    roof = -dice.u(0.06, 0.24), dice.u(0.06, 0.24)
    style = dice.style(4, 3, 2, 1)
    if style == 3:
        paths = [join(oval(0, 0, 0.5, -top, 0.5, 0.5), line((0.5, 0), (-0.5, 0)))]
    elif style == 2:
        body = box(-0.5, -tall, 0.5, 0) if dice.yes(0.5) else oval(0, -tall / 2, 0.5, tall * 0.6)
        cabin = line(front, (roof[0], top), (roof[1], top), back)
        arch = oval(0, -tall, (back[0] - front[0]) / 2, -tall - top, 0.5, 0.5)
        paths = [body, cabin if dice.yes(0.6) else arch]
    else:
        hood = -tall * dice.u(0.6, 1.0)
        over: list[Point] = [(-0.5, hood), front, (roof[0], top), (roof[1], top), back, (0.5, hood)]
        if style == 0:
            paths = [loop((-0.5, 0), *over, (0.5, 0))]
        else:
            paths = [join(curve((-0.5, 0), *over, (0.5, 0)), line((0.5, 0), (-0.5, 0)))]
    paths += _wheels(dice)
    if style != 3:
        paths += _windows(dice, front, back, roof, top + 0.035)
    if dice.yes(0.2):
        paths.append(line((dice.u(-0.05, 0.1), -tall), (0.02, -0.03)))
    if dice.yes(0.2):
        paths.append(line((0.02, -tall * 0.7), (0.09, -tall * 0.7)))
    if dice.yes(0.15):
        paths.append(oval(-0.47, -tall * 0.6, 0.03))
    return paths


def _wheels(dice: Dice) -> list[Path]:
    x, r = dice.u(0.22, 0.36), dice.u(0.06, 0.15)
    low = dice.u(-0.3, 1.0) * r
    paths = []
    for side in (-1, 1):
        if dice.yes(0.06):
            continue
        paths.append(oval(side * x, low, r, r * dice.u(0.8, 1.2)))
        if dice.yes(0.35):
            paths.append(oval(side * x, low, r * dice.u(0.2, 0.6)))
    return paths


def _windows(
    dice: Dice, front: Point, back: Point, roof: tuple[float, float], top: float
) -> list[Path]:
    low, mid = front[1], dice.u(-0.05, 0.05)
    if dice.yes(0.5):
        paths = [loop((front[0] + 0.07, low), (roof[0] + 0.02, top), (mid, top), (mid, low))]
        if dice.yes(0.75):
            rear = (
                (mid + 0.02, low),
                (mid + 0.02, top),
                (roof[1] - 0.02, top),
                (back[0] - 0.07, low),
            )
            paths.append(loop(*rear))
        return paths
    if dice.yes(0.35):
        return [box(-0.12, top, 0.1, low)]
    return [line(front, back)] if dice.yes(0.3) else []


def sailboat(dice: Dice) -> list[Path]:
    """A hull with a mast and one or two sails."""
    deep, taper, tall = dice.u(0.12, 0.4), dice.u(0.03, 0.25), dice.u(0.45, 0.95)
    hull = dice.style(4, 3, 1.5, 1)
    if hull == 0:
        paths = [loop((-0.5, 0), (0.5, 0), (0.5 - taper, deep), (-0.5 + taper, deep))]
    elif hull == 1:
        paths = [join(line((-0.5, 0), (0.5, 0)), oval(0, 0, 0.5, deep, 0.0, 0.5))]
    elif hull == 2:
        paths = [blob((-0.5, 0), (0, 0.02), (0.5, 0), (0.4, deep), (-0.35, deep))]
    else:
        paths = [oval(0, deep / 2, 0.5, deep / 2)]
    x = dice.u(-0.18, 0.18)
    if dice.yes(0.8):
        paths.append(line((x, 0), (x, -tall)))
    paths += _sails(dice, x, -tall * dice.u(0.88, 1.0), dice.u(0.2, 0.5))
    if dice.yes(0.1):
        paths.append(line((x, -tall), (x + 0.12, -tall + 0.04), (x, -tall + 0.09)))
    if dice.yes(0.15):
        y = deep * dice.u(0.7, 1.1)
        paths.append(bumps((-0.7, y), (0.7, y), dice.n(3, 7), 0.3))
    if dice.yes(0.06):
        paths += [oval(k, deep * 0.5, 0.03) for k in spread(3, -0.3, 0.3)]
    return paths


def _sails(dice: Dice, x: float, high: float, far: float) -> list[Path]:
    low = -min(dice.u(0.02, 0.25), -high * 0.4)
    kind = dice.style(5, 3, 1.5, 1.5)
    if kind == 0:
        return [loop((x, high), (x + far, low), (x, low))]
    if kind == 1:
        jib, reach = high * dice.u(0.7, 1.0), far * dice.u(0.5, 1)
        return [
            loop((x, high), (x + far, low), (x, low)),
            loop((x - 0.02, jib), (x - reach, low), (x - 0.02, low)),
        ]
    if kind == 2:
        return [curve((x, high), (x + far, (high + low) * 0.5), (x + far * 0.9, low), (x, low))]
    end = high * dice.u(0.3, 0.7)
    return [loop((x, high), (x + far, (high + end) / 2), (x, end))]


FIGURES: dict[str, Figure] = {"bicycle": bicycle, "car": car, "sailboat": sailboat}
