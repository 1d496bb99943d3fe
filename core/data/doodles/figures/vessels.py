"""Figures of what one pours from and into: coffee cup, teapot."""

from core.data.doodles.figures.pen import (
    Dice,
    Figure,
    Path,
    Point,
    box,
    curve,
    join,
    line,
    loop,
    oval,
    spread,
)


def coffee_cup(dice: Dice) -> list[Path]:
    """A mug with a handle, or a cup on a saucer; steam; sometimes a cup to go."""
    w, tall, taper = dice.u(0.25, 0.5), dice.u(0.45, 0.95), dice.u(-0.04, 0.14)
    if dice.yes(0.06):
        return _cup_to_go(w)
    low, deep = w - taper, dice.u(0.04, 0.15)
    style = dice.style(4, 4, 2)
    paths: list[Path] = []
    if style == 0:
        paths.append(loop((-w, 0), (w, 0), (low, tall), (-low, tall)))
        if dice.yes(0.2):
            y = dice.u(0.1, 0.4) * tall
            paths.append(line((-w * 0.97, y), (w * 0.97, y)))
    elif style == 1:
        paths.append(oval(0, 0, w, deep) if dice.yes(0.8) else curve((-w, 0), (0, deep), (w, 0)))
        sag = deep * dice.u(0.0, 1.0)
        bottom = curve((-low, tall), (-low * 0.5, tall + sag), (low * 0.5, tall + sag), (low, tall))
        paths.append(join(line((-w, 0), (-low, tall)), bottom, line((low, tall), (w, 0))))
    else:
        tall *= 0.75
        paths.append(
            curve(
                (-w, 0),
                (-w * 0.95, tall * 0.5),
                (-w * 0.5, tall),
                (w * 0.5, tall),
                (w * 0.95, tall * 0.5),
                (w, 0),
            )
        )
        paths.append(line((-w, 0), (w, 0)) if dice.yes(0.5) else oval(0, 0, w, deep))
    if dice.yes(0.95):
        side = w - taper / 2 if style < 2 else w * 0.93
        paths += _ear(dice, side, tall * (1.0 if style < 2 else 0.8))
    return paths + _steam(dice, w, -deep) + _saucer(dice, w, tall + deep * 0.5)


def _cup_to_go(w: float) -> list[Path]:
    lid = w + 0.04
    bands = [line((-w * k, y), (w * k, y)) for k, y in ((0.93, 0.3), (0.83, 0.65))]
    return [loop((-w, 0), (w, 0), (w * 0.7, 1.0), (-w * 0.7, 1.0)), box(-lid, -0.1, lid, 0), *bands]


def _ear(dice: Dice, x: float, tall: float) -> list[Path]:
    """A handle on the right, of one line or two."""
    top, low, far = tall * dice.u(0.05, 0.4), tall * dice.u(0.5, 0.95), dice.u(0.1, 0.36)
    mid, half = (top + low) / 2, (low - top) / 2
    kind = dice.style(4, 3, 1.5, 1.5)
    inset = min(0.07, far * 0.4) if dice.yes(0.45) else 0.0
    paths: list[Path] = []
    for g in (0.0, inset)[: 2 if inset else 1]:
        reach = far - g
        if kind == 0:
            paths.append(
                curve(
                    (x, top + g),
                    (x + reach * 0.8, top + g),
                    (x + reach, mid),
                    (x + reach * 0.6, low - g),
                    (x, low - g),
                )
            )
        elif kind == 1:
            paths.append(oval(x, mid, reach, half - g, -0.27, 0.54))
        elif kind == 2:
            paths.append(
                line((x, top + g), (x + reach, top + g), (x + reach, low - g), (x, low - g))
            )
        else:
            r = max(reach, half) * dice.u(0.5, 0.85)
            paths.append(oval(x + r * 0.95, mid, r - g * 0.7))
    return paths


def _steam(dice: Dice, w: float, top: float) -> list[Path]:
    if not dice.yes(0.35):
        return []
    paths = []
    for x in spread(dice.n(1, 4), -w, w):
        rise, y, sway = dice.u(0.15, 0.4), top - dice.u(0.03, 0.12), dice.u(0.0, 0.06)
        wave = [(x + sway, y - rise * 0.33), (x - sway, y - rise * 0.66), (x, y - rise)]
        paths.append(curve((x, y), *wave))
    return paths


def _saucer(dice: Dice, w: float, y: float) -> list[Path]:
    if not dice.yes(0.2):
        return []
    far = w * dice.u(1.2, 1.7)
    if dice.yes(0.6):
        return [oval(0, y, far, dice.u(0.04, 0.1))]
    return [curve((-far, y), (-far * 0.6, y + 0.08), (far * 0.6, y + 0.08), (far, y))]


def teapot(dice: Dice) -> list[Path]:
    """A pot with spout, handle, lid and knob; some of them left out, spout and pot in one line."""
    fat = dice.u(0.24, 0.44)
    far, rise, lip = dice.u(0.14, 0.38), dice.u(0.05, 0.45), dice.u(0.03, 0.14)
    paths: list[Path] = []
    style = dice.style(4, 2, 2, 1.5, 3)
    wide = dice.u(0.36, 0.46) if style in (0, 3, 4) else dice.u(0.26, 0.42)
    if style == 4:
        paths.append(_pot_in_one(dice, wide, fat, far, rise, lip))
    else:
        paths.append(_pot(style, wide, fat))
        if dice.yes(0.95):
            paths.append(_spout(dice, wide * 0.92, far, rise, lip))
    if dice.yes(0.78):
        paths += _grip(dice, wide * 0.92, fat)
    paths += _lid(dice, wide, -fat)
    if dice.yes(0.25):
        k, foot = wide * 0.5, fat + dice.u(0.04, 0.1)
        paths.append(line((-k, fat * 0.95), (-k, foot), (k, foot), (k, fat * 0.95)))
    if dice.yes(0.12):
        x, y = -wide - far - lip, -rise
        for k in (0.0, 0.08):
            paths.append(curve((x - k, y - 0.06), (x - k - 0.04, y - 0.15), (x - k, y - 0.25)))
    return paths


def _pot(style: int, wide: float, fat: float) -> Path:
    if style == 0:
        return oval(0, 0, wide, fat)
    if style == 1:
        side = curve((wide * 0.6, fat), (wide, 0.1), (wide * 0.6, -fat))
        return join(side * (-1, 1), side[::-1], line((wide * 0.6, fat), (-wide * 0.6, fat)))
    if style == 2:
        return loop((-wide * 0.75, -fat), (wide * 0.75, -fat), (wide, fat), (-wide, fat))
    return join(oval(0, fat * 0.9, wide, fat * 1.9, 0.5, 0.5), line((wide, fat), (-wide, fat)))


def _pot_in_one(dice: Dice, wide: float, fat: float, far: float, rise: float, lip: float) -> Path:
    """Rim, spout, belly and back without lifting the pen."""
    rim = wide * dice.u(0.5, 0.8)
    tip = (-wide - far, -rise)
    spout: list[Point] = [(-wide * 0.85, -fat * 0.3), (-wide - far * 0.4, -rise * 0.4), tip]
    under: list[Point] = [
        (tip[0] - lip, tip[1] + 0.07),
        (-wide - far * 0.3, 0.1),
        (-wide * 0.9, fat * 0.5),
    ]
    belly: list[Point] = [(-wide * 0.4, fat), (wide * 0.4, fat), (wide, fat * 0.2), (rim, -fat)]
    start = (-rim, -fat)
    if dice.yes(0.5):
        return join(curve(start, *spout), curve(*under, *belly), line((rim, -fat), start))
    return line(start, *spout, *under, *belly, start)


def _spout(dice: Dice, x: float, far: float, rise: float, lip: float) -> Path:
    y, root = dice.u(-0.05, 0.18), dice.u(0.06, 0.15)
    tip, end = (-x - far, y - rise), (-x - far - lip, y - rise + dice.u(0.0, 0.1))
    if dice.yes(0.6):
        over = curve((-x, y - root), (-x - far * 0.5, y - root * 0.8), tip)
        return join(over, curve(end, (-x - far * 0.6, y + root * 0.4), (-x, y + root)))
    return line((-x, y - root), tip, end, (-x, y + root))


def _grip(dice: Dice, x: float, fat: float) -> list[Path]:
    out, top, low = dice.u(0.1, 0.32), -fat * dice.u(0.3, 0.7), fat * dice.u(0.1, 0.7)
    kind = dice.style(6, 2, 1.2)
    if kind == 0:
        paths = [
            curve(
                (x, top),
                (x + out, top - 0.03),
                (x + out * 1.1, 0.0),
                (x + out * 0.6, low),
                (x, low),
            )
        ]
        if dice.yes(0.35):
            paths.append(
                curve(
                    (x, top + 0.06),
                    (x + out * 0.8, top + 0.04),
                    (x + out * 0.8, 0),
                    (x, low - 0.05),
                )
            )
        return paths
    if kind == 1:
        return [oval(x, (top + low) / 2, out, (low - top) / 2, -0.27, 0.54)]
    return [oval(0, -fat, x * 0.85, dice.u(0.25, 0.45), 0.5, 0.5)]


def _lid(dice: Dice, wide: float, top: float) -> list[Path]:
    half, cap = wide * dice.u(0.35, 0.9), dice.u(0.05, 0.2)
    kind = dice.style(4, 3, 1.5, 1)
    knob = top
    if kind == 0:
        paths = [oval(0, top + 0.04, half, cap, 0.5, 0.5)]
        knob = top + 0.04 - cap
    elif kind == 1:
        paths = [curve((-half, top + 0.06), (0, top + dice.u(0.04, 0.14)), (half, top + 0.06))]
    elif kind == 2:
        paths = [oval(0, top, half, dice.u(0.04, 0.09))]
        knob = top - 0.05
    else:
        paths = []
    if dice.yes(0.8):
        r = dice.u(0.03, 0.09)
        paths.append(oval(0, knob - r * 0.8, r) if dice.yes(0.8) else box(-r, knob - r, r, knob))
    return paths


FIGURES: dict[str, Figure] = {
    "coffee cup": coffee_cup,
    "teapot": teapot,
}
