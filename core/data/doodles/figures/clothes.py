"""Figures of what people wear."""

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
    scribble,
    spikes,
    spread,
    turned,
)


def crown(dice: Dice) -> list[Path]:
    """A band with points, jewels or balls on them."""
    count, tall, base = dice.n(3, 6), dice.u(0.25, 0.6), dice.u(0.15, 0.4)
    flare = dice.u(-0.03, 0.12)
    points = spikes((-0.5 - flare, 0), (0.5 + flare, 0), count, tall * dice.u(0.5, 1.0), dice)
    if dice.yes(0.6):
        edge: list[Point] = [(-0.5 - flare, -tall)]
        for i, k in enumerate(spread(2 * count - 3, -0.5 - flare, 0.5 + flare)):
            edge.append((k, -tall * dice.u(0.85, 1.2) if i % 2 else -tall * dice.u(0.0, 0.4)))
        points = [*edge, (0.5 + flare, -tall)]
    sag = dice.u(-0.02, 0.1)
    paths: list[Path] = []
    bottom = curve((0.5, base), (0, base + sag), (-0.5, base))
    paths.append(join(line(*points), bottom, line(points[0])))
    if dice.yes(0.35):
        y = base - dice.u(0.08, 0.2)
        paths.append(curve((-0.5, y), (0, y + sag), (0.5, y)))
    elif dice.yes(0.25):
        paths.append(oval(0, base, 0.5, dice.u(0.05, 0.12)))
    tips = [p for p in points if p[1] < -0.4 * tall]
    if dice.yes(0.3):
        r = dice.u(0.02, 0.05)
        paths += [oval(x, y - r, r) for x, y in tips]
    if dice.yes(0.35):
        for x in spread(dice.n(1, 5), -0.45, 0.45):
            y, r = base * 0.5 + dice.u(-0.02, 0.02), dice.u(0.03, 0.06)
            paths.append(
                oval(x, y, r)
                if dice.yes(0.6)
                else loop((x, y - r), (x + r, y), (x, y + r), (x - r, y))
            )
    if dice.yes(0.05):
        paths.append(oval(0, base + 0.5, 0.45))
    return paths


def eyeglasses(dice: Dice) -> list[Path]:
    """Two lenses, a bridge, and temples bent away or seen from the front."""
    r, gap = dice.u(0.15, 0.26), dice.u(0.04, 0.2)
    tall = r * dice.u(0.65, 1.1)
    x = gap / 2 + r
    shape = dice.style(6, 2, 1.5)
    paths: list[Path] = []
    for side in (-1, 1):
        if shape == 0:
            paths.append(oval(side * x, 0, r, tall))
        elif shape == 1:
            paths.append(box(side * x - r, -tall * 0.8, side * x + r, tall * 0.8))
        else:
            paths.append(
                blob(
                    (side * (x - r), -tall * 0.7),
                    (side * (x + r), -tall * 0.8),
                    (side * (x + r * 0.8), tall * 0.5),
                    (side * x, tall),
                    (side * (x - r * 0.8), tall * 0.3),
                )
            )
        if dice.yes(0.08):
            paths += scribble(paths[-1], dice, 0.12)
        elif dice.yes(0.08):
            paths.append(line((side * x - r * 0.3, -tall * 0.3), (side * x, -tall * 0.6)))
    rise = dice.u(-0.02, 0.12)
    y = -tall * dice.u(-0.1, 0.4)
    paths.insert(1, curve((-gap / 2, y), (0, y - rise), (gap / 2, y)))
    ends = dice.style(3, 3, 3, 2)
    far = x + r
    for side in (-1, 1):
        if ends == 0:
            reach, up = dice.u(0.06, 0.3), dice.u(0.0, 0.3)
            paths.append(
                curve(
                    (side * far, -0.02),
                    (side * (far + reach * 0.6), -up),
                    (side * (far + reach), -up * 0.8),
                    (side * (far + reach * 1.1), dice.u(-0.05, 0.15)),
                )
            )
        elif ends == 1:
            reach, up = dice.u(0.05, 0.25), dice.u(-0.1, 0.4)
            paths.append(line((side * far, -tall * 0.3), (side * (far + reach), -up)))
        elif ends == 2:
            reach, up = dice.u(0.2, 0.5), dice.u(0.1, 0.4)
            shift = dice.u(0.1, 0.5) if side < 0 else dice.u(-0.3, 0.3)
            paths.append(
                line(
                    (side * far, -0.03),
                    (side * far + shift, -up),
                    (side * far + shift + 0.1, -up + 0.12),
                )
            )
    if dice.yes(0.05):
        paths += [dot(-x, 0, 0.012), dot(x, 0, 0.012)]
    return paths


def pants(dice: Dice) -> list[Path]:
    """A waist and two legs, long or short."""
    w, tall, crotch = dice.u(0.2, 0.34), 1.0, dice.u(0.2, 0.45)
    if dice.yes(0.15):
        tall, crotch = dice.u(0.5, 0.7), dice.u(0.25, 0.4)
    flare, inner = dice.u(0.0, 0.2), dice.u(0.02, 0.12)
    mid = dice.u(-0.02, 0.02)
    low = w + flare
    outline: list[Point] = [
        (-w, 0),
        (w, 0),
        (low, tall),
        (inner, tall),
        (mid, crotch),
        (-inner, tall),
        (-low, tall),
    ]
    style = dice.style(5, 2, 2, 1)
    paths: list[Path] = []
    if style == 0:
        paths.append(loop(*outline))
    elif style == 1:
        t = dice.u(0.02, 0.1)
        paths.append(
            loop(
                (-w, 0),
                (w, 0),
                (low, tall),
                (inner, tall),
                (mid + t, crotch),
                (mid - t, crotch),
                (-inner, tall),
                (-low, tall),
            )
        )
    elif style == 2:
        paths.append(
            join(
                line(*outline[:4]),
                curve(
                    outline[3],
                    (mid + inner * 0.7, crotch + 0.1),
                    (mid, crotch),
                    (mid - inner * 0.7, crotch + 0.1),
                    outline[5],
                ),
                line(*outline[5:], (-w, 0)),
            )
        )
    else:
        paths += [
            line(
                (-w, 0),
                (-low, tall),
                (-inner, tall),
                (mid, crotch),
                (inner, tall),
                (low, tall),
                (w, 0),
            ),
            curve((-w, 0), (0, dice.u(0, 0.06)), (w, 0)),
        ]
    if dice.yes(0.4):
        y = dice.u(0.05, 0.12)
        paths.append(line((-w, y), (w, y)))
        if dice.yes(0.3):
            paths += [line((x, 0), (x, y)) for x in spread(dice.n(2, 4), -w, w)]
    if dice.yes(0.25):
        paths.append(line((0, 0.05), (mid, crotch)))
    if dice.yes(0.2):
        for side in (-1, 1):
            paths.append(curve((side * w * 0.4, 0.05), (side * w * 0.5, 0.18), (side * w, 0.2)))
    if dice.yes(0.12):
        y = tall - 0.07
        paths += [line((side * low, y), (side * inner, y)) for side in (-1, 1)]
    return paths


def sock(dice: Dice) -> list[Path]:
    """A leg and a foot, with cuff, toe and heel marked or not."""
    w, leg, foot, fat = dice.u(0.13, 0.24), dice.u(0.4, 0.75), dice.u(0.2, 0.5), dice.u(0.15, 0.28)
    top, sole = -leg, fat
    style = dice.style(4, 3, 1.5)
    ankle = dice.u(0.8, 1.1)
    paths: list[Path] = []
    if style == 0:
        paths.append(
            join(
                line((w, top), (w * ankle, 0)),
                curve(
                    (w * ankle, 0),
                    (w + foot * 0.5, 0.03),
                    (w + foot, sole * 0.35),
                    (w + foot * 0.95, sole * 0.9),
                    (w + foot * 0.4, sole),
                    (-w * 0.6, sole),
                    (-w * 1.05, sole * 0.4),
                    (-w * ankle, 0),
                ),
                line((-w * ankle, 0), (-w, top)),
            )
        )
    elif style == 1:
        drop = dice.u(0.1, 0.4)
        paths.append(
            curve(
                (w, top),
                (w * ankle, -0.12),
                (w + foot * 0.5, drop * 0.5),
                (w + foot, drop + 0.02),
                (w + foot * 0.9, drop + fat),
                (w * 0.8, drop + fat * 0.8),
                (-w * 0.7, 0.12),
                (-w, -0.15),
                (-w, top),
            )
        )
    else:
        paths.append(line((w, top), (w, 0), (w + foot, 0), (w + foot, sole), (-w, sole), (-w, top)))
    if dice.yes(0.9):
        paths.append(line((-w, top), (w, top)) if dice.yes(0.75) else oval(0, top, w, 0.05))
    if dice.yes(0.4):
        t = dice.u(0.07, 0.16)
        if dice.yes(0.5):
            paths.append(line((-w, top + t), (w, top + t)))
        else:
            paths.append(box(-w * 1.15, top - 0.02, w * 1.15, top + t))
        if dice.yes(0.3):
            paths += [line((x, top), (x, top + t)) for x in spread(dice.n(3, 6), -w, w)]
    if style == 0 and dice.yes(0.35):
        paths.append(
            curve((w + foot * 0.6, 0.04), (w + foot * 0.45, sole * 0.5), (w + foot * 0.6, sole))
        )
    if style == 0 and dice.yes(0.3):
        paths.append(curve((-w, 0), (-w * 0.1, sole * 0.3), (-w * 0.2, sole)))
    if dice.yes(0.15):
        paths += [line((-w, y), (w, y)) for y in spread(dice.n(2, 5), top + 0.1, 0)]
    return turned(paths, dice.u(-0.35, 0.35))


def t_shirt(dice: Dice) -> list[Path]:
    """A body with two short sleeves and a neck."""
    w, tall, sleeve = dice.u(0.2, 0.32), dice.u(0.6, 0.95), dice.u(0.14, 0.34)
    neck, deep = dice.u(0.07, 0.15), dice.u(0.03, 0.15)
    drop, cuff = dice.u(0.08, 0.35), dice.u(0.1, 0.22)
    shoulder, pit = dice.u(0.0, 0.08), dice.u(0.18, 0.34)
    flare = dice.u(-0.04, 0.05)
    x = w + sleeve
    right: list[Point] = [
        (neck, 0),
        (w, shoulder),
        (x, drop),
        (x - cuff * 0.5, drop + cuff),
        (w, pit),
        (w + flare, tall),
    ]
    if dice.yes(0.25):
        right.pop(1)
    left = [(-a, b) for a, b in reversed(right)]
    paths: list[Path] = []
    if dice.yes(0.6):
        paths.append(line(*right, *left))
    else:
        paths += [line(*right), line(*reversed(left)), line(right[-1], left[0])]
    kind = dice.style(5, 2, 1)
    if kind == 0:
        paths.append(
            curve(
                (-neck, 0),
                (-neck * 0.5, deep * 0.85),
                (0, deep),
                (neck * 0.5, deep * 0.85),
                (neck, 0),
            )
        )
    elif kind == 1:
        paths.append(line((-neck, 0), (0, deep * 1.4), (neck, 0)))
    else:
        paths.append(line((-neck, 0), (neck, 0)))
    if dice.yes(0.15):
        paths.append(curve((-neck, 0), (0, -0.04), (neck, 0)))
    if dice.yes(0.18):
        paths += [line((side * w, shoulder), (side * w, pit)) for side in (-1, 1)]
    if dice.yes(0.12):
        paths.append(
            box(w * 0.15, tall * 0.3, w * 0.75, tall * 0.5)
            if dice.yes(0.5)
            else oval(0, tall * 0.5, w * 0.4)
        )
    if dice.yes(0.08):
        paths += [line((-w, y), (w, y)) for y in spread(dice.n(2, 5), pit, tall)]
    return paths


FIGURES: dict[str, Figure] = {
    "crown": crown,
    "eyeglasses": eyeglasses,
    "pants": pants,
    "sock": sock,
    "t-shirt": t_shirt,
}
