"""Figures of what is worn or carried: crown, eyeglasses, umbrella."""

from core.data.doodles.figures.pen import (
    Dice,
    Figure,
    Path,
    Point,
    blob,
    box,
    bumps,
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
    count, tall, base = dice.n(3, 7), dice.u(0.2, 0.6), dice.u(0.03, 0.4)
    edge = 0.5 + dice.u(-0.03, 0.14)
    if dice.yes(0.6):
        points: list[Point] = [(-edge, -tall)]
        for i, x in enumerate(spread(2 * count - 3, -edge, edge)):
            points.append((x, -tall * (dice.u(0.8, 1.2) if i % 2 else dice.u(0.0, 0.45))))
        points.append((edge, -tall))
    else:
        points = spikes((-edge, 0), (edge, 0), count, tall * dice.u(0.5, 1.0), dice)
    sag = dice.u(-0.02, 0.12)
    bottom = curve((0.5, base), (0, base + sag), (-0.5, base))
    top = curve(*points) if dice.yes(0.12) else line(*points)
    paths = [join(top, bottom, line(points[0]))] if dice.yes(0.7) else [top, bottom]
    if len(paths) == 2:
        paths += [line((-0.5, base), points[0]), line((0.5, base), points[-1])]
    if dice.yes(0.3):
        y = base - dice.u(0.08, 0.2)
        paths.append(curve((-0.5, y), (0, y + sag), (0.5, y)))
    elif dice.yes(0.25):
        paths.append(oval(0, base, 0.5, dice.u(0.05, 0.12)))
    if dice.yes(0.25):
        r = dice.u(0.02, 0.05)
        paths += [oval(x, y - r, r) for x, y in points if y < -0.4 * tall]
    if dice.yes(0.3):
        for x in spread(dice.n(1, 5), -0.45, 0.45):
            y, r = base * 0.5 + dice.u(-0.02, 0.02), dice.u(0.03, 0.06)
            diamond = loop((x, y - r), (x + r, y), (x, y + r), (x - r, y))
            paths.append(oval(x, y, r) if dice.yes(0.6) else diamond)
    return paths


def eyeglasses(dice: Dice) -> list[Path]:
    """Two lenses, a bridge, and temples bent away or seen from the front."""
    r, gap = dice.u(0.13, 0.26), dice.u(0.03, 0.2) if dice.yes(0.75) else dice.u(0.2, 0.4)
    tall, x, shape = r * dice.u(0.6, 1.15), gap / 2 + r, dice.style(6, 2, 1.5)
    paths: list[Path] = []
    for side in (-1, 1):
        if shape == 0:
            paths.append(oval(side * x, 0, r, tall))
        elif shape == 1:
            paths.append(box(side * x - r, -tall * 0.8, side * x + r, tall * 0.8))
        else:
            brow = (side * (x - r), -tall * 0.7), (side * (x + r), -tall * 0.8)
            cheek = (side * x, tall), (side * (x - r * 0.8), tall * 0.3)
            paths.append(blob(*brow, (side * (x + r * 0.8), tall * 0.5), *cheek))
        if dice.yes(0.06):
            paths += scribble(paths[-1], dice, 0.12)
        elif dice.yes(0.08):
            paths.append(line((side * x - r * 0.3, -tall * 0.3), (side * x, -tall * 0.6)))
    rise, y = dice.u(-0.02, 0.12), -tall * dice.u(-0.1, 0.4)
    if dice.yes(0.96):
        paths.insert(1, curve((-gap / 2, y), (0, y - rise), (gap / 2, y)))
    if dice.yes(0.05):
        paths += [dot(-x, 0, 0.012), dot(x, 0, 0.012)]
    return paths + _temples(dice, x + r, tall)


def _temples(dice: Dice, far: float, tall: float) -> list[Path]:
    kind = dice.style(3, 3, 3, 2, 2)
    paths: list[Path] = []
    reach, up = dice.u(0.05, 0.35), dice.u(-0.05, 0.4)
    for side in (-1, 1):
        k = reach * dice.u(0.7, 1.3)
        if kind == 0:
            end = (side * (far + k * 1.1), dice.u(-0.05, 0.3))
            bend = (side * (far + k * 0.6), -up), (side * (far + k), -up * 0.8)
            paths.append(curve((side * far, -0.02), *bend, end))
        elif kind == 1:
            paths.append(line((side * far, -tall * 0.3), (side * (far + k), -up)))
        elif kind == 2:
            shift = dice.u(0.1, 0.5) if side < 0 else dice.u(-0.3, 0.3)
            x = side * far + shift
            paths.append(line((side * far, -0.03), (x, -abs(up) - 0.1), (x + 0.1, -abs(up) + 0.02)))
        elif kind == 3:
            hook = (side * (far + k), -0.02), (side * (far + k), dice.u(0.08, 0.35))
            paths.append(line((side * far, -0.02), *hook))
        if dice.yes(0.06):
            break
    return paths


def umbrella(dice: Dice) -> list[Path]:
    """A canopy, plain or scalloped, on a shaft with a hook."""
    high, edge, count = dice.u(0.2, 0.5), dice.style(4, 4, 1.5, 1), dice.n(2, 6)
    canopy = oval(0, 0, 0.5, high, 0.5, 0.5)
    if dice.yes(0.12):
        canopy = line((-0.5, 0), (0, -high), (0.5, 0))
    if edge == 0:
        paths = [join(canopy, line((0.5, 0), (-0.5, 0)))]
    elif edge == 1:
        deep = 0.4 if dice.yes(0.2) else dice.u(-0.7, -0.2)
        paths = [join(canopy, bumps((0.5, 0), (-0.5, 0), count, -deep))]
    elif edge == 2:
        paths = [canopy, curve((-0.5, 0), (0, dice.u(-0.1, 0.12)), (0.5, 0))]
    else:
        paths = [canopy, line(*spikes((0.5, 0), (-0.5, 0), count, -dice.u(0.05, 0.15), dice))]
    if dice.yes(0.35):
        for k in spread(count - 1 if edge == 1 else dice.n(1, 4), -0.5, 0.5):
            paths.append(curve((0, -high), (k * 0.8, -high * 0.55), (k, -0.03)))
    paths += _shaft(dice, dice.one((-0.02, -0.02, -high)))
    if dice.yes(0.35):
        paths.append(line((0, -high), (0, -high - dice.u(0.04, 0.14))))
    if dice.yes(0.08):
        for _ in range(dice.n(3, 8)):
            x, y = dice.u(-0.7, 0.7), dice.u(-high - 0.35, -high - 0.05)
            paths.append(line((x, y), (x - 0.02, y + 0.08)))
    return turned(paths, dice.u(-0.7, 0.7) if dice.yes(0.2) else 0.0)


def _shaft(dice: Dice, top: float) -> list[Path]:
    low, hook, deep = dice.u(0.3, 0.75), dice.u(0.04, 0.15), dice.u(0.05, 0.14)
    kind = dice.style(6, 1.8, 1.5)
    if kind == 0:
        bend = oval(hook, low, hook, deep, 0.5, -0.5)
        up = line((2 * hook, low - dice.u(0, 0.08)))
        return [join(line((0, top), (0, low)), bend, up)]
    if kind == 1:
        return [line((0, top), (0, low))]
    t = dice.u(0.02, 0.05)
    outer = oval(hook, low, hook + t, deep + t, 0.5, -0.5)
    inner = oval(hook, low, max(hook - t, 0.02), deep * 0.5, 0.5, -0.5)
    return [join(line((-t, 0), (-t, low)), outer), join(line((t, 0), (t, low)), inner)]


FIGURES: dict[str, Figure] = {"crown": crown, "eyeglasses": eyeglasses, "umbrella": umbrella}
