"""Figures of what stands on a table."""

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
    scribble,
    spread,
    turned,
)


def coffee_cup(dice: Dice) -> list[Path]:
    """A mug with a handle, or a cup on a saucer; steam; sometimes a cup to go."""
    w, tall, taper = dice.u(0.28, 0.5), dice.u(0.5, 0.9), dice.u(-0.02, 0.14)
    if dice.yes(0.07):
        lid = w + 0.04
        return [
            loop((-w, 0), (w, 0), (w * 0.7, 1.0), (-w * 0.7, 1.0)),
            box(-lid, -0.1, lid, 0),
            line((-w * 0.93, 0.3), (w * 0.93, 0.3)),
            line((-w * 0.83, 0.65), (w * 0.83, 0.65)),
        ]
    low = w - taper
    deep = dice.u(0.04, 0.13)
    paths: list[Path] = []
    style = dice.style(3, 4, 2)
    if style == 0:
        paths.append(loop((-w, 0), (w, 0), (low, tall), (-low, tall)))
    elif style == 1:
        paths.append(oval(0, 0, w, deep))
        bottom = [(-low * 0.5, tall + deep * 0.7), (low * 0.5, tall + deep * 0.7)]
        paths.append(
            join(
                line((-w, 0), (-low, tall)),
                curve((-low, tall), *bottom, (low, tall)),
                line((low, tall), (w, 0)),
            )
        )
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
    if dice.yes(0.94):
        y1, y2, far = tall * dice.u(0.08, 0.3), tall * dice.u(0.55, 0.85), dice.u(0.14, 0.32)
        x1, x2 = w - taper * y1 / tall, w - taper * y2 / tall
        if style == 2:
            x1, x2, y2 = w * 0.97, w * 0.8, tall * 0.7
        mid = (y1 + y2) / 2
        handle = dice.style(4, 2, 1)
        if handle == 0:
            paths.append(
                curve(
                    (x1, y1), (x1 + far * 0.8, y1), (x1 + far, mid), (x2 + far * 0.6, y2), (x2, y2)
                )
            )
        elif handle == 1:
            paths.append(oval((x1 + x2) / 2, mid, far, (y2 - y1) / 2, -0.27, 0.54))
        else:
            paths.append(line((x1, y1), (x1 + far, y1), (x2 + far, y2), (x2, y2)))
        if dice.yes(0.5):
            g = min(0.07, far * 0.4)
            paths.append(
                curve(
                    (x1, y1 + g),
                    (x1 + far - g * 1.4, y1 + g),
                    (x1 + far - g, mid),
                    (x2 + far * 0.5 - g, y2 - g),
                    (x2, y2 - g),
                )
            )
    if dice.yes(0.4):
        for x in spread(dice.n(1, 4), -w, w):
            rise, y = dice.u(0.18, 0.4), -deep - dice.u(0.03, 0.12)
            paths.append(
                curve(
                    (x, y), (x + 0.05, y - rise * 0.33), (x - 0.05, y - rise * 0.66), (x, y - rise)
                )
            )
    if dice.yes(0.22):
        y, far = tall + deep * 0.5, w * dice.u(1.2, 1.7)
        paths.append(
            oval(0, y, far, dice.u(0.04, 0.1))
            if dice.yes(0.6)
            else curve((-far, y), (-far * 0.6, y + 0.08), (far * 0.6, y + 0.08), (far, y))
        )
    if dice.yes(0.15):
        y = dice.u(0.05, 0.25) * tall
        paths.append(line((-w * 0.97, y), (w * 0.97, y)))
    return paths


def teapot(dice: Dice) -> list[Path]:
    """A round pot with spout, handle, lid and knob."""
    fat = dice.u(0.28, 0.42)
    body = dice.style(5, 2, 2)
    wide, top, foot = 0.42, -fat, fat
    paths: list[Path] = []
    if body == 0:
        paths.append(oval(0, 0, wide, fat))
    elif body == 1:
        wide = dice.u(0.3, 0.4)
        paths.append(
            curve(
                (-wide * 0.6, -fat),
                (-wide, 0.1),
                (-wide * 0.6, fat),
                (wide * 0.6, fat),
                (wide, 0.1),
                (wide * 0.6, -fat),
            )
        )
        paths.append(line((-wide * 0.6, -fat), (wide * 0.6, -fat)))
    else:
        wide = dice.u(0.28, 0.38)
        paths.append(loop((-wide * 0.75, -fat), (wide * 0.75, -fat), (wide, fat), (-wide, fat)))
    y, far, rise = dice.u(-0.02, 0.18), dice.u(0.18, 0.36), dice.u(0.15, 0.4)
    x = wide * 0.9
    lip = dice.u(0.03, 0.12)
    spout: list[Point] = [(-x, y - 0.12), (-x - far * 0.5, y - 0.1), (-x - far, y - rise)]
    under: list[Point] = [
        (-x - far - lip, y - rise + 0.04),
        (-x - far * 0.6, y + 0.05),
        (-x, y + 0.14),
    ]
    if dice.yes(0.7):
        paths.append(join(curve(*spout), curve(*under)))
    else:
        paths.append(
            line(
                (-x, y - 0.12),
                (-x - far, y - rise),
                (-x - far - lip, y - rise + 0.06),
                (-x, y + 0.12),
            )
        )
    grip = dice.style(6, 1.5)
    if grip == 0:
        out, a, b = dice.u(0.15, 0.3), -dice.u(0.1, 0.22), dice.u(0.08, 0.22)
        paths.append(
            curve((x, a), (x + out, a - 0.03), (x + out * 1.1, 0.0), (x + out * 0.6, b), (x, b))
        )
        if dice.yes(0.4):
            paths.append(
                curve((x, a + 0.06), (x + out * 0.8, a + 0.04), (x + out * 0.8, 0), (x, b - 0.05))
            )
    else:
        paths.append(oval(0, top, wide * 0.8, dice.u(0.25, 0.45), 0.5, 0.5))
    lid = dice.style(4, 3, 1)
    half = wide * dice.u(0.4, 0.7)
    if lid == 0:
        cap = dice.u(0.05, 0.15)
        paths.append(oval(0, top + 0.04, half, cap, 0.5, 0.5))
        knob = top + 0.04 - cap
    elif lid == 1:
        paths.append(curve((-half, top + 0.06), (0, top + dice.u(0.04, 0.14)), (half, top + 0.06)))
        knob = top
    else:
        paths.append(oval(0, top, half, 0.05))
        knob = top - 0.05
    if dice.yes(0.85):
        r = dice.u(0.03, 0.07)
        paths.append(oval(0, knob - r * 0.8, r))
    if dice.yes(0.3):
        paths.append(
            line(
                (-wide * 0.5, foot * 0.95),
                (-wide * 0.5, foot + 0.07),
                (wide * 0.5, foot + 0.07),
                (wide * 0.5, foot * 0.95),
            )
        )
    if dice.yes(0.15):
        tip = -x - far - lip
        paths += [
            curve(
                (tip - k, y - rise - 0.06),
                (tip - k - 0.04, y - rise - 0.15),
                (tip - k, y - rise - 0.25),
            )
            for k in (0.0, 0.08)
        ]
    return paths


def wine_glass(dice: Dice) -> list[Path]:
    """A bowl on a stem and a foot."""
    w, deep, stem = dice.u(0.18, 0.36), dice.u(0.3, 0.55), dice.u(0.25, 0.55)
    lip = w * dice.u(0.65, 1.1)
    style = dice.style(5, 2, 1.5)
    if style == 0:
        bowl = curve(
            (-lip, 0),
            (-w, deep * 0.45),
            (-w * 0.6, deep * 0.9),
            (0, deep),
            (w * 0.6, deep * 0.9),
            (w, deep * 0.45),
            (lip, 0),
        )
    elif style == 1:
        bowl = line((-w, 0), (0, deep), (w, 0))
    else:
        bowl = line((-w, 0), (-w * 0.8, deep), (w * 0.8, deep), (w, 0))
        lip = w
    if style == 1:
        lip = w
    paths = [bowl]
    rim = dice.style(3, 3, 2)
    if rim == 0:
        paths.append(line((-lip, 0), (lip, 0)))
    elif rim == 1:
        paths.append(oval(0, 0, lip, dice.u(0.03, 0.09)))
    y, foot = deep + stem, dice.u(0.12, 0.32)
    if dice.yes(0.65):
        paths.append(line((0, deep), (0, y)))
    else:
        s = dice.u(0.02, 0.05)
        paths += [line((-s, deep), (-s, y)), line((s, deep), (s, y))]
    base = dice.style(4, 4, 2, 1)
    if base == 0:
        paths.append(line((-foot, y), (foot, y)))
    elif base == 1:
        paths.append(oval(0, y + 0.03, foot, dice.u(0.03, 0.07)))
    elif base == 2:
        paths.append(loop((0, y - 0.06), (foot, y + 0.03), (-foot, y + 0.03)))
    else:
        paths.append(box(-foot, y, foot, y + 0.06))
    if dice.yes(0.45):
        level = deep * dice.u(0.15, 0.55)
        half = (
            (lip + (w - lip) * min(1, level / (0.45 * deep)))
            if style == 0
            else w * (1 - level / deep * (style == 1))
        )
        paths.append(curve((-half, level), (0, level + dice.u(0, 0.05)), (half, level)))
        if dice.yes(0.15):
            paths += scribble(
                oval(0, (level + deep) / 2, half * 0.8, (deep - level) / 2), dice, 0.12
            )
    return paths


def candle(dice: Dice) -> list[Path]:
    """A stick of wax with wick and flame, on a plate or a holder."""
    w, tall = dice.u(0.07, 0.25), dice.u(0.6, 1.0)
    paths: list[Path] = []
    flat = dice.style(5, 2, 1)
    if flat == 0:
        paths.append(box(-w, 0, w, tall))
    elif flat == 1:
        deep = w * dice.u(0.15, 0.4)
        paths += [oval(0, 0, w, deep), line((-w, 0), (-w, tall), (w, tall), (w, 0))]
    else:
        paths.append(
            curve(
                (-w, tall),
                (-w, 0.05),
                (-w * 0.3, dice.u(-0.03, 0.06)),
                (w * 0.4, 0.0),
                (w, 0.06),
                (w, tall),
            )
        )
        paths.append(line((-w, tall), (w, tall)))
    wick = dice.u(0.03, 0.15)
    if dice.yes(0.75):
        paths.append(line((0, 0), (dice.u(-0.02, 0.02), -wick)))
    fw, ft = dice.u(0.05, 0.12), dice.u(0.15, 0.32)
    y = -wick * dice.u(0.5, 1.0)
    lean = dice.u(-0.04, 0.04)
    flame = dice.style(6, 2, 1)
    if flame == 0:
        drop = join(
            curve((lean, y - ft), (fw, y - ft * 0.35), (0, y)),
            curve((0, y), (-fw, y - ft * 0.35), (lean, y - ft)),
        )
        paths.append(drop)
        if dice.yes(0.25):
            paths.append(turned([drop * 0.5], 0)[0] + (0, y * 0.5))
    elif flame == 1:
        paths.append(oval(0, y - ft * 0.5, fw, ft * 0.5))
    else:
        paths.append(
            curve(
                (0, y),
                (-fw, y - ft * 0.4),
                (-fw * 0.4, y - ft * 0.6),
                (0, y - ft),
                (fw * 0.5, y - ft * 0.6),
                (fw, y - ft * 0.4),
                (0, y),
            )
        )
    if dice.yes(0.12):
        for k in spread(dice.n(3, 6), -0.5, 0.0):
            a, b = (
                oval(0, y - ft / 2, ft * 0.8, None, k, 0.01)[0],
                oval(0, y - ft / 2, ft * 1.1, None, k, 0.01)[0],
            )
            paths.append(line((float(a[0]), float(a[1])), (float(b[0]), float(b[1]))))
    stand = dice.style(5, 3, 2, 1)
    if stand == 1:
        far = w + dice.u(0.1, 0.3)
        paths.append(
            oval(0, tall, far, dice.u(0.04, 0.1))
            if dice.yes(0.6)
            else box(-far, tall, far, tall + 0.08)
        )
    elif stand == 2:
        far = w + dice.u(0.1, 0.25)
        paths.append(
            curve(
                (-far, tall - 0.06),
                (-far * 0.7, tall + 0.08),
                (far * 0.7, tall + 0.08),
                (far, tall - 0.06),
            )
        )
        if dice.yes(0.6):
            paths.append(oval(far + 0.08, tall, 0.08))
    if dice.yes(0.25):
        x = dice.u(-0.7, 0.3) * w
        paths.append(curve((x, 0), (x + 0.01, 0.18), (x + w * 0.3, 0.2), (x + w * 0.35, 0)))
    if dice.yes(0.05):
        paths += [line((-w, k), (w, k - 0.1)) for k in spread(4, 0.1, tall)]
    return paths


FIGURES: dict[str, Figure] = {
    "candle": candle,
    "coffee cup": coffee_cup,
    "teapot": teapot,
    "wine glass": wine_glass,
}
