"""Figures of clothes: pants, sock, t-shirt."""

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
    turned,
)


def pants(dice: Dice) -> list[Path]:
    """A waist and two legs, long or short."""
    w, tall, crotch = dice.u(0.18, 0.36), 1.0, dice.u(0.15, 0.5)
    if dice.yes(0.2):
        tall, crotch = dice.u(0.45, 0.7), dice.u(0.18, 0.4)
    low, inner, mid = w + dice.u(-0.03, 0.25), dice.u(0.01, 0.14), dice.u(-0.03, 0.03)
    style = dice.style(5, 2.5, 2, 1, 1)
    outer: list[Point] = [(-w, 0), (w, 0), (low, tall), (inner, tall)]
    back: list[Point] = [(-inner, tall), (-low, tall)]
    if style == 0:
        paths = [loop(*outer, (mid, crotch), *back)]
    elif style == 1:
        t = dice.u(0.02, 0.12)
        paths = [loop(*outer, (mid + t, crotch), (mid - t, crotch), *back)]
    elif style == 2:
        t = inner * 0.7
        arch = curve(
            outer[3], (mid + t, crotch + 0.1), (mid, crotch), (mid - t, crotch + 0.1), back[0]
        )
        paths = [join(line(*outer), arch, line(*back, (-w, 0)))]
    elif style == 3:
        legs = line((-w, 0), (-low, tall), (-inner, tall), (mid, crotch), *outer[:1:-1], (w, 0))
        paths = [legs, curve((-w, 0), (0, dice.u(0, 0.06)), (w, 0))]
    else:
        side: list[Point] = [(w, 0), (low, tall * 0.6), (low * 0.9, tall), (inner * 1.5, tall)]
        half = curve(*side, (inner, tall * 0.8), (mid, crotch))
        paths = [join(half, (half * (-1, 1))[::-1]), curve((-w, 0), (0, -0.02), (w, 0))]
    return paths + _trimmings(dice, w, low, inner, crotch, tall)


def _trimmings(
    dice: Dice, w: float, low: float, inner: float, crotch: float, tall: float
) -> list[Path]:
    """Belt, fly, pockets and hems."""
    paths: list[Path] = []
    if dice.yes(0.35):
        y = dice.u(0.05, 0.12)
        paths.append(line((-w, y), (w, y)))
        if dice.yes(0.3):
            paths += [line((x, 0), (x, y)) for x in spread(dice.n(2, 4), -w, w)]
    if dice.yes(0.22):
        paths.append(line((0, 0.05), (0, crotch)))
    if dice.yes(0.18):
        for side in (-1, 1):
            pocket = (side * w * 0.5, 0.18), (side * w, 0.2)
            paths.append(curve((side * w * 0.4, 0.05), *pocket))
    if dice.yes(0.1):
        y = tall - 0.07
        paths += [line((side * low, y), (side * inner, y)) for side in (-1, 1)]
    return paths


def sock(dice: Dice) -> list[Path]:
    """A leg and a foot, with cuff, toe and heel marked or not."""
    w, top, foot = dice.u(0.12, 0.26), -dice.u(0.3, 0.8), dice.u(0.15, 0.5)
    sole, ankle, style = dice.u(0.15, 0.3), dice.u(0.8, 1.1), dice.style(4, 3, 1.5)
    toe = w + foot
    if style == 0:
        instep = (
            (w * ankle, 0),
            (w + foot * 0.5, 0.03),
            (toe, sole * 0.35),
            (toe - 0.02, sole * 0.9),
        )
        heel = (w + foot * 0.4, sole), (-w * 0.6, sole), (-w * 1.05, sole * 0.4), (-w * ankle, 0)
        paths = [join(line((w, top), instep[0]), curve(*instep, *heel), line(heel[-1], (-w, top)))]
    elif style == 1:
        drop = dice.u(0.1, 0.45)
        end = drop + sole
        front = (
            (w * ankle, -0.12),
            (w + foot * 0.5, drop * 0.5),
            (toe, drop + 0.02),
            (toe * 0.95, end),
        )
        under = (w * 0.8, end - 0.04), (-w * 0.7, 0.12), (-w, -0.15)
        paths = [curve((w, top), *front, *under, (-w, top))]
    else:
        paths = [line((w, top), (w, 0), (toe, 0), (toe, sole), (-w, sole), (-w, top))]
    if dice.yes(0.88):
        paths.append(line((-w, top), (w, top)) if dice.yes(0.75) else oval(0, top, w, 0.05))
    if dice.yes(0.35):
        t = dice.u(0.07, 0.16)
        band = box(-w * 1.15, top - 0.02, w * 1.15, top + t)
        paths.append(line((-w, top + t), (w, top + t)) if dice.yes(0.5) else band)
        if dice.yes(0.3):
            paths += [line((x, top), (x, top + t)) for x in spread(dice.n(3, 6), -w, w)]
    if style == 0 and dice.yes(0.35):
        x = w + foot * 0.6
        paths.append(curve((x, 0.04), (x - foot * 0.15, sole * 0.5), (x, sole)))
    if style == 0 and dice.yes(0.3):
        paths.append(curve((-w, 0), (-w * 0.1, sole * 0.3), (-w * 0.2, sole)))
    if dice.yes(0.12):
        paths += [line((-w, y), (w, y)) for y in spread(dice.n(2, 5), top + 0.1, 0)]
    return turned(paths, dice.u(-0.35, 0.35))


def t_shirt(dice: Dice) -> list[Path]:
    """A body with two short sleeves and a neck."""
    w, tall, sleeve = dice.u(0.18, 0.32), dice.u(0.55, 0.95), dice.u(0.12, 0.36)
    neck, drop, cuff = dice.u(0.07, 0.16), dice.u(0.04, 0.38), dice.u(0.08, 0.22)
    shoulder, pit, hem = dice.u(0.0, 0.08), dice.u(0.16, 0.36), w + dice.u(-0.04, 0.06)
    x = w + sleeve
    right: list[Point] = [(neck, 0), (w, shoulder), (x, drop), (x - cuff * 0.5, drop + cuff)]
    right += [(w, pit), (hem, tall)]
    if dice.yes(0.25):
        right.pop(1)
    left = [(-a, b) for a, b in reversed(right)]
    if dice.yes(0.6):
        paths = [line(*right, *left)]
    else:
        paths = [line(*right), line(*reversed(left)), line(right[-1], left[0])]
    kind, deep = dice.style(5, 2, 1), dice.u(0.03, 0.16)
    if kind == 0:
        dip: list[Point] = [(-neck * 0.5, deep * 0.85), (0, deep), (neck * 0.5, deep * 0.85)]
        paths.append(curve((-neck, 0), *dip, (neck, 0)))
    elif kind == 1:
        paths.append(line((-neck, 0), (0, deep * 1.4), (neck, 0)))
    else:
        paths.append(line((-neck, 0), (neck, 0)))
    if dice.yes(0.15):
        paths.append(curve((-neck, 0), (0, -0.04), (neck, 0)))
    if dice.yes(0.15):
        paths += [line((side * w, shoulder), (side * w, pit)) for side in (-1, 1)]
    if dice.yes(0.1):
        pocket = box(w * 0.15, tall * 0.3, w * 0.75, tall * 0.5)
        paths.append(pocket if dice.yes(0.5) else oval(0, tall * 0.5, w * 0.4))
    if dice.yes(0.07):
        paths += [line((-w, y), (w, y)) for y in spread(dice.n(2, 5), pit, tall)]
    return paths


FIGURES: dict[str, Figure] = {"pants": pants, "sock": sock, "t-shirt": t_shirt}
