"""Figures of things to eat."""

import math

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
    spikes,
    spread,
    turned,
    upside_down,
)


def apple(dice: Dice) -> list[Path]:
    """A round fruit dented at the stem, with leaf, bite or a dent below."""
    w, h, dent = dice.u(0.42, 0.58), dice.u(0.42, 0.55), dice.u(0.0, 0.16)
    foot = dice.u(-0.02, 0.1)
    belly = dice.u(-0.15, 0.1)
    top = -h
    style = dice.style(6, 2, 1)
    if style == 1:
        paths = [oval(0, 0, w, h * dice.u(0.9, 1.05))]
    else:
        right: list[Point] = [(w * 0.5, top - 0.02), (w, belly - 0.1), (w * 0.8, 0.3)]
        left: list[Point] = [(-w * 0.75, 0.32), (-w, belly - 0.08), (-w * 0.5, top - 0.02)]
        bottom: list[Point] = [(w * 0.35, h), (0, h - foot), (-w * 0.35, h)]
        paths = [blob((0, top + dent), *right, *bottom, *left)]
    if style == 2 or dice.yes(0.08):
        y = dice.u(-0.2, 0.1)
        bite = curve(
            (w, y - 0.18),
            (w * 0.75, y - 0.14),
            (w * 0.72, y - 0.02),
            (w * 0.6, y + 0.03),
            (w * 0.75, y + 0.1),
            (w * 0.7, y + 0.2),
            (w * 0.95, y + 0.22),
        )
        paths.append(bite)
    base = top + (dent if style != 1 else 0.0)
    lean, tall = dice.u(-0.12, 0.18), dice.u(0.12, 0.32)
    stem = dice.style(4, 2, 1, 1)
    if stem == 0:
        paths.append(curve((0, base + 0.02), (lean * 0.3, base - tall / 2), (lean, base - tall)))
    elif stem == 1:
        paths.append(
            line(
                (-0.03, base), (lean - 0.03, base - tall), (lean + 0.05, base - tall), (0.04, base)
            )
        )
    elif stem == 2:
        paths.append(
            blob(
                (0, base),
                (lean - 0.07, base - tall * 0.6),
                (lean + 0.04, base - tall),
                (lean + 0.08, base - tall * 0.5),
            )
        )
    if stem == 3 or dice.yes(0.5):
        y, far, up = base - tall * dice.u(0.1, 0.7), dice.u(0.2, 0.38), dice.u(0.0, 0.2)
        paths.append(
            blob(
                (0.01, y), (far * 0.5, y - up - 0.08), (far, y - up), (far * 0.5, y + 0.05 - up / 3)
            )
        )
    if dice.yes(0.1):
        paths.append(curve((-w * 0.7, -0.2), (-w * 0.75, 0), (-w * 0.65, 0.2)))
    return paths


def banana(dice: Dice) -> list[Path]:
    """A bent fruit, one or a bunch, lying any way."""

    def one(bend: float, fat: float, tip: float) -> list[Path]:
        half = dice.u(0.6, 1.1)
        inner = [polar(0, -bend, bend, 0.25 + half / 6.3 * k) for k in (-1, -0.5, 0, 0.5, 1)]
        outer = []
        for k in (-1.0, -0.6, -0.2, 0.2, 0.6, 1.0):
            r = bend + fat * (1 - abs(k) ** dice.u(2, 4)) + 0.02
            outer.append(polar(0, -bend, r, 0.25 + half * 1.02 / 6.3 * k))
        paths = []
        if tip > 0:
            (x, y), (x2, y2) = inner[-1], outer[-1]
            d = tip * bend
            paths.append(
                join(
                    curve(*outer, (x2 - d * 0.6, y2 - d), (x - d * 0.3, y - d * 1.2)),
                    curve(*inner[::-1]),
                )
            )
        elif dice.yes(0.5):
            paths += [curve(*inner), curve(inner[0], *outer, inner[-1])]
        else:
            paths.append(join(curve(*inner), curve(inner[-1], *outer[::-1], inner[0])))
        for share in spread(dice.one((0, 0, 0, 1, 2)), 0, 1):
            ridge = [
                polar(0, -bend, bend + fat * share * (1 - k * k), 0.25 + half / 6.3 * k)
                for k in (-0.95, -0.5, 0, 0.5, 0.95)
            ]
            paths.append(curve(*ridge))
        if dice.yes(0.15):
            paths.append(scribble(oval(*outer[0], 0.04), dice, 0.3)[0])
        return paths

    bend, fat = dice.u(0.45, 1.0), dice.u(0.16, 0.36)
    tip = dice.u(0.05, 0.2) if dice.yes(0.55) else 0.0
    if dice.yes(0.1):
        x, y = polar(0, -bend, bend, 0.42)
        paths = [p for k in range(dice.n(2, 3)) for p in turned(one(bend, fat, tip), k * 0.4, x, y)]
    else:
        paths = one(bend, fat, tip)
    return turned(paths, dice.one((0.0, 0.0, 0.7, -0.7, 1.4, -1.4, 2.2, 3.1)) + dice.u(-0.35, 0.35))


def carrot(dice: Dice) -> list[Path]:
    """A long cone with leaves on the wide end."""
    w, tall = dice.u(0.14, 0.36), 1.0
    style = dice.style(3, 3, 2)
    if style == 0:
        paths = [loop((-w, 0), (w, 0), (dice.u(-0.05, 0.05), tall))]
    elif style == 1:
        paths = [
            blob(
                (-w * 0.9, 0.03),
                (0, -0.05),
                (w * 0.9, 0.03),
                (w * 0.85, 0.25),
                (w * 0.45, 0.65),
                (0, tall),
                (-w * 0.45, 0.65),
                (-w * 0.85, 0.25),
            )
        ]
    else:
        paths = [
            curve(
                (-w * 0.2, -0.02),
                (-w, 0.08),
                (-w * 0.6, 0.5),
                (0, tall),
                (w * 0.6, 0.5),
                (w, 0.08),
                (w * 0.2, -0.02),
            )
        ]
    leaf = dice.style(4, 2, 2, 2)
    far = dice.u(0.2, 0.5)
    if leaf == 0:
        for k in spread(dice.n(2, 6), -1, 1):
            k += dice.u(-0.1, 0.1)
            paths.append(
                curve(
                    (k * w * 0.4, 0),
                    (k * 0.2, -far * 0.6),
                    (k * dice.u(0.25, 0.5), -far * dice.u(0.7, 1.1)),
                )
            )
    elif leaf == 1:
        paths.append(line(*spikes((-w * 0.8, 0), (w * 0.8, 0), dice.n(3, 5), far * 0.8 / w, dice)))
    elif leaf == 2:
        for k in spread(dice.n(1, 4), -1, 1):
            x, y = k * dice.u(0.2, 0.4), -far
            paths.append(blob((0, 0), (x - 0.08, y * 0.6), (x, y), (x + 0.08, y * 0.6)))
    else:
        top = -far
        paths.append(
            join(
                curve((-w * 0.5, 0), (-w * 1.2, top * 0.6), (-w * 0.4, top)),
                bumps((-w * 0.4, top), (w * 0.5, top), dice.n(2, 3), 0.6),
                curve((w * 0.5, top), (w * 1.2, top * 0.5), (w * 0.4, 0)),
            )
        )
    if dice.yes(0.6):
        for y in spread(dice.n(2, 7), 0.05, 0.85):
            half = w * (1 - y) * 0.95
            side = dice.one((-1, 1))
            reach = dice.u(0.3, 1.9)
            paths.append(
                line((side * half, y), (side * half * (1 - reach), y + dice.u(-0.03, 0.05)))
            )
    angle = dice.one((0.0, 0.0, 0.0, 0.5, -0.6, 0.8, 1.57, 2.4)) + dice.u(-0.25, 0.25)
    return turned(paths, angle)


def mushroom(dice: Dice) -> list[Path]:
    """A cap on a stalk."""
    w, cap, tall = dice.u(0.4, 0.65), dice.u(0.25, 0.55), dice.u(0.3, 0.7)
    s, flare = dice.u(0.08, 0.24), dice.u(0.7, 1.6)
    style = dice.style(4, 3, 2, 1)
    stalk = curve(
        (-s, 0),
        (-s * 0.9, tall * 0.5),
        (-s * flare, tall),
        (s * flare, tall),
        (s * 0.9, tall * 0.5),
        (s, 0),
    )
    if dice.yes(0.4):
        stalk = line((-s, 0), (-s * flare, tall), (s * flare, tall), (s, 0))
    if dice.yes(0.2):
        stalk = line((-s, 0), (-s * flare, tall))
        paths = [stalk, line((s, 0), (s * flare, tall))]
    else:
        paths = [stalk]
    if style == 0:
        under = bumps((w, 0), (-w, 0), 1, dice.u(-0.25, 0.25))
        paths.insert(0, join(oval(0, 0, w, cap, 0.5, 0.5), under))
    elif style == 1:
        paths.insert(
            0,
            blob(
                (-w, -0.02),
                (-w * 0.7, -cap * 0.75),
                (0, -cap),
                (w * 0.7, -cap * 0.75),
                (w, -0.02),
                (w * 0.5, 0.08),
                (0, 0.03),
                (-w * 0.5, 0.08),
            ),
        )
    elif style == 2:
        roll = dice.u(0.04, 0.12)
        edge = [
            (-s, 0.0),
            (-w, roll),
            (-w, -cap * 0.3),
            (-w * 0.5, -cap),
            (w * 0.5, -cap),
            (w, -cap * 0.3),
            (w, roll),
            (s, 0.0),
        ]
        paths.insert(0, curve(*edge))
    else:
        paths.insert(0, oval(0, -cap * 0.5, w, cap * 0.6))
    if dice.yes(0.35):
        for _ in range(dice.n(2, 5)):
            x = dice.u(-0.6, 0.6) * w
            y = -cap * dice.u(0.2, 0.7) * (1 - 0.6 * abs(x) / w)
            paths.append(oval(x, y, dice.u(0.03, 0.09), dice.u(0.03, 0.07)))
    if dice.yes(0.12):
        paths += [line((k * s, 0.0), (k * w * 0.8, -0.03)) for k in spread(dice.n(3, 6), -1, 1)]
    if dice.yes(0.12):
        paths.append(curve((-w, tall), (-s, tall + 0.03), (w, tall)))
    return paths


def pizza(dice: Dice) -> list[Path]:
    """A slice with its crust, or the whole pie with cuts, and toppings."""
    paths: list[Path] = []
    if dice.yes(0.68):
        w, tall, arch = dice.u(0.3, 0.6), 1.0, dice.u(0.05, 0.22)
        crust = curve(
            (-w, 0), (-w * 0.5, -arch * 0.75), (0, -arch), (w * 0.5, -arch * 0.75), (w, 0)
        )
        tip = line((w, 0), (dice.u(-0.08, 0.08), tall), (-w, 0))
        paths = [join(crust, tip)] if dice.yes(0.5) else [crust, tip]
        if dice.yes(0.7):
            y = dice.u(0.06, 0.18)
            paths.append(curve((-w * (1 - y), y), (0, y - arch * dice.u(0.2, 1)), (w * (1 - y), y)))
        elif dice.yes(0.4):
            paths.append(bumps((-w, 0), (w, 0), dice.n(4, 6), 0.5))
        for _ in range(dice.n(1, 6)):
            y = dice.u(0.12, 0.7)
            x = dice.u(-0.75, 0.75) * w * (1 - y)
            paths.append(_topping(x, y, dice))
        paths = turned(
            paths, dice.one((0.0, 0.0, 0.0, 0.9, 1.5, -1.2, 2.0, 3.1)) + dice.u(-0.3, 0.3)
        )
    else:
        paths = [oval(0, 0, 0.5, dice.u(0.42, 0.5))]
        if dice.yes(0.45):
            paths.append(oval(0, 0, dice.u(0.4, 0.46)))
        cuts = dice.n(2, 4) if dice.yes(0.75) else 0
        turn = dice.roll()
        for k in range(cuts):
            a = turn + 0.5 * k / cuts
            paths.append(line(polar(0, 0, 0.47, a), polar(0, 0, 0.47, a + 0.5)))
        if cuts and dice.yes(0.15):
            paths.append(line((0, 0), polar(0, 0, 0.55, turn + 0.1)))
        for _ in range(dice.n(3, 10) if dice.yes(0.75) or not cuts else 0):
            x, y = polar(0, 0, 0.38 * math.sqrt(dice.roll()), dice.roll())
            paths.append(_topping(x, y, dice))
    return paths


def _topping(x: float, y: float, dice: Dice) -> Path:
    kind = dice.style(5, 1, 1)
    if kind == 0:
        return oval(x, y, dice.u(0.03, 0.09))
    if kind == 1:
        return dot(x, y)
    return line((x, y), (x + dice.u(-0.08, 0.08), y + dice.u(-0.05, 0.05)))


def donut(dice: Dice) -> list[Path]:
    """A ring, with icing and sprinkles."""
    flat = dice.u(0.8, 1.05)
    hole = dice.u(0.12, 0.3)
    low = dice.u(-0.08, 0.08)
    if dice.yes(0.15):
        flat, low = dice.u(0.5, 0.75), dice.u(-0.12, 0)
    paths = [oval(0, 0, 0.5, 0.5 * flat), oval(dice.u(-0.04, 0.04), low, hole, hole * flat)]
    if dice.yes(0.15):
        paths[1] = join(
            oval(0, low, hole, hole * flat * 0.8, 0.0, 0.5),
        )
        paths.append(oval(0, low + hole * 0.15, hole * 0.8, hole * flat * 0.6, 0.52, 0.46))
    if dice.yes(0.35):
        r, waves, deep = dice.u(0.37, 0.45), dice.n(5, 10), dice.u(0.01, 0.05)
        turn = dice.roll()
        ring = [polar(0, 0, r + deep * (-1) ** k, turn + k / waves / 2) for k in range(2 * waves)]
        paths.append(blob(*((x, y * flat) for x, y in ring)))
    if dice.yes(0.5):
        for _ in range(dice.n(3, 14)):
            x, y = polar(0, 0, dice.u(hole + 0.05, 0.42), dice.roll())
            y = low * 0.5 + y * flat
            if dice.yes(0.25):
                paths.append(dot(x, y))
            else:
                a = dice.roll()
                paths.append(line((x, y), polar(x, y, dice.u(0.03, 0.07), a)))
    return paths


def ice_cream(dice: Dice) -> list[Path]:
    """Scoops on a cone; sometimes a bar on a stick or a cup."""
    style = dice.style(10, 0.8, 0.6)
    if style == 1:
        w, tall = dice.u(0.22, 0.35), dice.u(0.7, 0.9)
        bar = join(
            line((-w, tall), (-w, w)), oval(0, w, w, w, 0.5, 0.5), line((w, tall), (-w, tall))
        )
        return [bar, line((-0.05, tall), (-0.05, tall + 0.3), (0.05, tall + 0.3), (0.05, tall))]
    w, tall = dice.u(0.2, 0.42), dice.u(0.55, 1.0)
    if style == 2:
        paths = [line((-w, 0), (-w * 0.7, tall * 0.6), (w * 0.7, tall * 0.6), (w, 0), (-w, 0))]
    else:
        cone = line((-w, 0), (dice.u(-0.06, 0.06), tall), (w, 0))
        if dice.yes(0.12):
            cone = line((-w, 0), (-w * 0.3, tall), (w * 0.3, tall), (w, 0))
        paths = [cone]
        if dice.yes(0.65):
            paths.append(curve((-w, 0), (0, dice.u(-0.04, 0.06)), (w, 0)))
        if dice.yes(0.4):
            count = dice.n(2, 4)
            for k in spread(count, 0, 1):
                paths.append(line((-w + 2 * w * k, 0), (w * k, tall * (1 - k))))
                paths.append(line((w - 2 * w * k, 0), (-w * k, tall * (1 - k))))
    scoop = w * dice.u(1.0, 1.3)
    kind = dice.style(4, 2, 2, 1, 1)
    if kind == 0:
        paths.insert(0, oval(0, 0.02, scoop, dice.u(0.8, 1.3) * scoop, 0.5, 0.5))
    elif kind == 1:
        drip = bumps((scoop, 0), (-scoop, 0), dice.n(3, 5), -dice.u(0.3, 0.8))
        paths.insert(0, join(oval(0, 0, scoop, dice.u(0.8, 1.4) * scoop, 0.5, 0.5), drip))
    elif kind == 2:
        y = -scoop * 0.6
        for k in range(dice.n(2, 3)):
            paths.append(oval(dice.u(-0.05, 0.05), y, scoop * (1 - 0.12 * k), scoop * 0.7))
            y -= scoop * dice.u(0.8, 1.1)
    elif kind == 3:
        for x, y in ((-0.5, -0.5), (0.5, -0.5), (0.0, -1.2))[: dice.n(2, 3)]:
            paths.append(oval(x * w * 1.2, y * w, w * dice.u(0.55, 0.7)))
    else:
        swirl: list[Point] = [(-scoop, 0)]
        levels = dice.n(2, 4)
        for k in range(levels):
            half, y = scoop * (1 - k / levels), -0.22 * k
            swirl += (
                [(-half, y - 0.1), (half, y - 0.16)]
                if k % 2
                else [(half, y - 0.02), (half, y - 0.14)]
            )
            swirl.append((-half * 0.9, y - 0.2))
        paths.append(curve(*swirl, (0, -0.22 * levels - 0.08)))
    if dice.yes(0.15):
        paths.append(oval(0, -scoop * 1.3, 0.07))
    return upside_down(paths) if dice.yes(0.01) else paths


FIGURES: dict[str, Figure] = {
    "apple": apple,
    "banana": banana,
    "carrot": carrot,
    "donut": donut,
    "ice cream": ice_cream,
    "mushroom": mushroom,
    "pizza": pizza,
}
