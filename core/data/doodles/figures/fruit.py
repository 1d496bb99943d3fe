"""Figures of what grows: apple, banana, carrot, mushroom."""

from core.data.doodles.figures.pen import (
    Dice,
    Figure,
    Path,
    Point,
    blob,
    bumps,
    curve,
    join,
    line,
    loop,
    oval,
    polar,
    spikes,
    spread,
    turned,
)


def apple(dice: Dice) -> list[Path]:
    """A round fruit dented at the stem, with leaf, bite or a dent below."""
    w, h, dent = dice.u(0.42, 0.58), dice.u(0.42, 0.55), dice.u(0.0, 0.18)
    foot, belly, style = dice.u(-0.02, 0.1), dice.u(-0.15, 0.1), dice.style(6, 2, 1)
    if style == 1:
        dent = 0.0
        paths = [oval(0, 0, w, h * dice.u(0.9, 1.05))]
    else:
        right: list[Point] = [(w * 0.5, -h - 0.02), (w, belly - 0.1), (w * 0.8, 0.3), (w * 0.35, h)]
        left: list[Point] = [(-w * 0.35, h), (-w * 0.75, 0.32), (-w, belly - 0.08)]
        paths = [blob((0, dent - h), *right, (0, h - foot), *left, (-w * 0.5, -h - 0.02))]
    if style == 2 or dice.yes(0.06):
        y = dice.u(-0.2, 0.1)
        bite = (w * 0.75, y - 0.14), (w * 0.72, y - 0.02), (w * 0.6, y + 0.03), (w * 0.75, y + 0.1)
        paths.append(curve((w, y - 0.18), *bite, (w * 0.7, y + 0.2), (w * 0.95, y + 0.22)))
    if dice.yes(0.1):
        paths.append(curve((-w * 0.7, -0.2), (-w * 0.75, 0), (-w * 0.65, 0.2)))
    return paths + _stalk(dice, dent - h)


def _stalk(dice: Dice, base: float) -> list[Path]:
    """Stem and leaf of an apple."""
    lean, tall = dice.u(-0.12, 0.18), dice.u(0.1, 0.34)
    paths: list[Path] = []
    kind = dice.style(4, 2, 1, 1)
    top = base - tall
    if kind == 0:
        paths.append(curve((0, base + 0.02), (lean * 0.3, base - tall / 2), (lean, top)))
    elif kind == 1:
        paths.append(line((-0.03, base), (lean - 0.03, top), (lean + 0.05, top), (0.04, base)))
    elif kind == 2:
        side = (
            (lean - 0.07, base - tall * 0.6),
            (lean + 0.04, top),
            (lean + 0.08, base - tall * 0.5),
        )
        paths.append(blob((0, base), *side))
    if kind == 3 or dice.yes(0.5):
        y, far, up = base - tall * dice.u(0.1, 0.7), dice.u(0.18, 0.4), dice.u(0.0, 0.25)
        leaf = (far * 0.5, y - up - 0.08), (far, y - up), (far * 0.5, y + 0.05 - up / 3)
        paths.append(blob((0.01, y), *leaf))
    return paths


def banana(dice: Dice) -> list[Path]:
    """A bent fruit, one or a bunch, lying any way."""
    bend, fat = dice.u(0.45, 1.1), dice.u(0.14, 0.38)
    tip = dice.u(0.05, 0.22) if dice.yes(0.5) else 0.0
    if dice.yes(0.1):
        x, y = polar(0, -bend, bend, 0.42)
        paths: list[Path] = []
        for k in range(dice.n(2, 3)):
            paths += turned(_one_banana(dice, bend, fat, tip), k * 0.45, x, y)
    else:
        paths = _one_banana(dice, bend, fat, tip)
    lie = dice.one((0.0, 0.0, 0.7, -0.7, 1.4, -1.4, 2.2, 3.1))
    return turned(paths, lie + dice.u(-0.35, 0.35))


def _one_banana(dice: Dice, bend: float, fat: float, tip: float) -> list[Path]:
    half, blunt = dice.u(0.08, 0.18), dice.u(1.6, 4)
    shift = dice.u(-0.3, 0.3)
    steps = (-1.0, -0.6, -0.2, 0.2, 0.6, 1.0)
    inner = [polar(0, -bend, bend, 0.25 + half * k) for k in steps]
    outer = []
    for k in steps:
        swell = max(0.0, 1 - abs(k) ** blunt) * (1 + shift * k) + 0.03
        outer.append(polar(0, -bend, bend + fat * swell, 0.25 + half * k))
    paths: list[Path] = []
    if tip > 0:
        (x, y), (x2, y2), d = inner[-1], outer[-1], tip * bend
        stem = (x2 - d * 0.6, y2 - d), (x - d * 0.3, y - d * 1.2)
        paths.append(join(curve(*outer, *stem), curve(*inner[::-1])))
    elif dice.yes(0.5):
        paths += [curve(*inner), curve(inner[0], *outer, inner[-1])]
    else:
        paths.append(join(curve(*inner), curve(inner[-1], *outer[::-1], inner[0])))
    for share in spread(dice.one((0, 0, 0, 1, 2)), 0, 1):
        ridge = [polar(0, -bend, bend + fat * share * (1 - k * k), 0.25 + half * k) for k in steps]
        paths.append(curve(*ridge))
    return paths


def carrot(dice: Dice) -> list[Path]:
    """A long cone with leaves on the wide end."""
    w = dice.u(0.13, 0.38)
    style = dice.style(3, 3, 2)
    if style == 0:
        paths = [loop((-w, 0), (w, 0), (dice.u(-0.05, 0.05), 1))]
    elif style == 1:
        end = dice.u(0.3, 0.6)
        half: list[Point] = [(w * 0.9, 0.03), (w * 0.85, 0.25), (w * end, 0.65)]
        paths = [blob((0, -0.05), *half, (0, 1), *((-x, y) for x, y in half[::-1]))]
    else:
        half = [(w * 0.2, -0.02), (w, 0.08), (w * 0.6, 0.5)]
        paths = [curve(*((-x, y) for x, y in half), (0, 1), *half[::-1])]
    paths += _leaves(dice, w)
    if dice.yes(0.55):
        for y in spread(dice.n(2, 7), 0.05, 0.85):
            half_width, side, reach = w * (1 - y) * 0.95, dice.one((-1, 1)), dice.u(0.3, 1.9)
            start = side * half_width
            paths.append(
                line((start, y), (start - side * half_width * reach, y + dice.u(-0.03, 0.05)))
            )
    lie = dice.one((0.0, 0.0, 0.0, 0.5, -0.6, 0.8, 1.57, 2.4))
    return turned(paths, lie + dice.u(-0.25, 0.25))


def _leaves(dice: Dice, w: float) -> list[Path]:
    far, kind = dice.u(0.15, 0.5), dice.style(4, 2, 2, 1.5)
    if kind == 0:
        paths = []
        for k in spread(dice.n(2, 6), -1, 1):
            k += dice.u(-0.1, 0.1)
            tip = (k * dice.u(0.2, 0.6), -far * dice.u(0.6, 1.1))
            paths.append(curve((k * w * 0.4, 0), (k * 0.2, -far * 0.6), tip))
        return paths
    if kind == 1:
        return [line(*spikes((-w * 0.8, 0), (w * 0.8, 0), dice.n(3, 5), far * 0.5 / w, dice))]
    if kind == 2:
        paths = []
        for k in spread(dice.n(1, 4), -1, 1):
            x, y = k * dice.u(0.2, 0.4), -far * dice.u(0.6, 1)
            paths.append(blob((0, 0), (x - 0.08, y * 0.6), (x, y), (x + 0.08, y * 0.6)))
        return paths
    left = curve((-w * 0.5, 0), (-w * 1.2, -far * 0.6), (-w * 0.4, -far))
    top = bumps((-w * 0.4, -far), (w * 0.5, -far), dice.n(2, 3), 0.6)
    return [join(left, top, curve((w * 0.5, -far), (w * 1.2, -far * 0.5), (w * 0.4, 0)))]


def mushroom(dice: Dice) -> list[Path]:
    """A cap on a stalk."""
    w, cap, tall = dice.u(0.36, 0.65), dice.u(0.22, 0.6), dice.u(0.25, 0.75)
    s, flare = dice.u(0.07, 0.24), dice.u(0.7, 1.6)
    style = dice.style(4, 3, 2, 1)
    if style == 0:
        under = bumps((w, 0), (-w, 0), 1, dice.u(-0.25, 0.25))
        paths = [join(oval(0, 0, w, cap, 0.5, 0.5), under)]
    elif style == 1:
        half: list[Point] = [(w * 0.7, -cap * 0.75), (w, -0.02), (w * 0.5, 0.08)]
        paths = [blob((0, -cap), *half, (0, 0.03), *((-x, y) for x, y in half[::-1]))]
    elif style == 2:
        roll = dice.u(0.04, 0.12)
        half = [(s, 0.0), (w, roll), (w, -cap * 0.3), (w * 0.5, -cap)]
        paths = [curve(*((-x, y) for x, y in half), *half[::-1])]
    else:
        paths = [oval(0, -cap * 0.5, w, cap * 0.6)]
    foot = s * flare
    kind = dice.style(4, 3, 2)
    if kind == 0:
        side = (s * 0.9, tall * 0.5), (foot, tall)
        paths.append(curve((-s, 0), (-s * 0.9, tall * 0.5), (-foot, tall), *side[::-1], (s, 0)))
    elif kind == 1:
        paths.append(line((-s, 0), (-foot, tall), (foot, tall), (s, 0)))
    else:
        paths += [line((k * s, 0), (k * foot, tall)) for k in (-1, 1)]
    return paths + _specks(dice, w, cap, s, tall)


def _specks(dice: Dice, w: float, cap: float, s: float, tall: float) -> list[Path]:
    """Dots on the cap, gills under it, grass at the foot."""
    paths: list[Path] = []
    if dice.yes(0.3):
        for _ in range(dice.n(2, 5)):
            x = dice.u(-0.6, 0.6) * w
            y = -cap * dice.u(0.2, 0.7) * (1 - 0.6 * abs(x) / w)
            paths.append(oval(x, y, dice.u(0.03, 0.09), dice.u(0.03, 0.07)))
    if dice.yes(0.1):
        paths += [line((k * s, 0.0), (k * w * 0.8, -0.03)) for k in spread(dice.n(3, 6), -1, 1)]
    if dice.yes(0.1):
        paths.append(curve((-w, tall), (-s, tall + 0.03), (w, tall)))
    return paths


FIGURES: dict[str, Figure] = {
    "apple": apple,
    "banana": banana,
    "carrot": carrot,
    "mushroom": mushroom,
}
