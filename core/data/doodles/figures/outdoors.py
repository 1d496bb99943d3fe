"""Figures of what is built outside: house, snowman."""

from core.data.doodles.figures.pen import (
    Dice,
    Figure,
    Path,
    box,
    curve,
    dot,
    line,
    loop,
    oval,
    spread,
)


def house(dice: Dice) -> list[Path]:
    """Walls and a roof with door, windows and chimney; sometimes with a side wall."""
    tall, roof, peak = dice.u(0.45, 0.95), dice.u(0.2, 0.65), (dice.u(-0.08, 0.08), 0.0)
    over = dice.u(0.0, 0.14) if dice.yes(0.6) else 0.0
    peak = (peak[0], -roof)
    style = dice.style(5, 2, 1.5, 0.8)
    eaves = (-0.5 - over, 0.0), (0.5 + over, 0.0)
    if style == 0:
        tent = loop(eaves[0], peak, eaves[1]) if over > 0.03 else line(eaves[0], peak, eaves[1])
        paths = [box(-0.5, 0, 0.5, tall), tent]
    elif style == 1:
        paths = [loop((-0.5, tall), (-0.5, 0), peak, (0.5, 0), (0.5, tall))]
        if dice.yes(0.3):
            paths.append(line((-0.5, 0), (0.5, 0)))
    elif style == 2:
        x, depth = -dice.u(0.0, 0.2), dice.u(0.4, 0.8)
        top = ((x - 0.5) / 2, -roof)
        paths = [
            loop((-0.5, tall), (-0.5, 0), top, (x, 0), (x, tall)),
            line(top, (top[0] + depth, -roof), (x + depth, 0), (x, 0)),
            line((x + depth, 0), (x + depth, tall), (x, tall)),
        ]
    else:
        inset = dice.u(0.1, 0.25)
        flat = (-0.5 + inset, -roof * 0.8), (0.5 - inset, -roof * 0.8)
        paths = [box(-0.5, 0, 0.5, tall), loop(eaves[0], *flat, eaves[1])]
    return paths + _openings(dice, tall) + _chimney(dice, roof)


def _openings(dice: Dice, tall: float) -> list[Path]:
    """Door and windows."""
    paths: list[Path] = []
    if dice.yes(0.75):
        x, w = dice.u(-0.25, 0.25) if dice.yes(0.6) else 0.0, dice.u(0.06, 0.16)
        top = tall * (1 - dice.u(0.3, 0.7))
        if dice.yes(0.85):
            paths.append(line((x - w, tall), (x - w, top), (x + w, top), (x + w, tall)))
        else:
            arch = (x - w, top + w), (x, top), (x + w, top + w)
            paths.append(curve((x - w, tall), *arch, (x + w, tall)))
        if dice.yes(0.35):
            paths.append(dot(x + w * 0.6, (tall + top) / 2, 0.01))
    if dice.yes(0.6):
        for x in (-0.3, 0.3) if dice.yes(0.6) else (dice.one((-0.28, 0.28)),):
            y, s = tall * dice.u(0.25, 0.4), dice.u(0.06, 0.13)
            paths.append(box(x - s, y - s, x + s, y + s) if dice.yes(0.9) else oval(x, y, s))
            if dice.yes(0.6):
                paths += [line((x - s, y), (x + s, y)), line((x, y - s), (x, y + s))]
    return paths


def _chimney(dice: Dice, roof: float) -> list[Path]:
    if not dice.yes(0.28):
        return []
    x, w, top = dice.u(0.2, 0.32), dice.u(0.04, 0.08), -roof * dice.u(0.8, 1.1)
    y = -roof * (1 - 2 * x)
    paths = [line((x - w, y - 0.03), (x - w, top), (x + w, top), (x + w, y + 0.08))]
    if dice.yes(0.35):
        smoke = (x + 0.08, top - 0.08), (x - 0.03, top - 0.16), (x + 0.08, top - 0.26)
        paths.append(curve((x, top - 0.02), *smoke))
    return paths


def snowman(dice: Dice) -> list[Path]:
    """Two or three balls with face, hat, arms and buttons."""
    radii = [dice.u(0.13, 0.26)]
    for _ in range(2 if dice.yes(0.55) else 1):
        radii.append(radii[-1] * dice.u(0.95, 1.6))
    y, lap = 0.0, dice.u(0.8, 1.04)
    middles, paths = [], []
    for k, r in enumerate(radii):
        y += 0.0 if k == 0 else (radii[k - 1] + r) * lap
        middles.append(y)
        paths.append(oval(dice.u(-0.06, 0.06), y, r * dice.u(0.9, 1.35), r))
    if dice.yes(0.4):
        paths.reverse()
    if dice.yes(0.8):
        paths += _snow_face(dice, radii[0])
    belly, r = middles[1], radii[1]
    if dice.yes(0.45):
        for side in (-1, 1):
            far, up = dice.u(0.15, 0.55), dice.u(-0.15, 0.35)
            tip = (side * (r + far), belly - up)
            paths.append(line((side * r * 0.9, belly - 0.05), tip))
            if dice.yes(0.4):
                paths += [
                    line(tip, (tip[0] + side * a, tip[1] + b))
                    for a, b in ((0.06, -0.1), (0.1, 0.02))
                ]
    if dice.yes(0.4):
        for height in spread(dice.n(2, 4), belly - r, belly + r):
            paths.append(dot(0, height, 0.014) if dice.yes(0.6) else oval(0, height, 0.028))
    return paths


def _snow_face(dice: Dice, r: float) -> list[Path]:
    """Eyes, carrot, mouth, hat and scarf of a head at the origin."""
    paths: list[Path] = []
    if dice.yes(0.65):
        eye = dot if dice.yes(0.6) else oval
        paths += [eye(side * r * 0.35, -r * 0.2, 0.018) for side in (-1, 1)]
    if dice.yes(0.5):
        far = dice.u(0.5, 2.2) * r
        carrot = line((0, 0), (far, r * 0.25), (0, r * 0.25))
        paths.append(carrot if dice.yes(0.65) else line((0, 0), (far, dice.u(-0.1, 0.08))))
    if dice.yes(0.4):
        paths.append(curve((-r * 0.4, r * 0.35), (0, r * 0.6), (r * 0.4, r * 0.35)))
    if dice.yes(0.35):
        w, tall, top = r * dice.u(0.5, 0.85), dice.u(0.12, 0.3), -r * 0.85
        paths.append(line((-w * 1.6, top), (w * 1.6, top)))
        paths.append(line((-w, top), (-w, top - tall), (w, top - tall), (w, top)))
    if dice.yes(0.12):
        paths.append(curve((-r * 0.8, r * 0.9), (0, r * 1.1), (r * 0.8, r * 0.9)))
    return paths


FIGURES: dict[str, Figure] = {
    "house": house,
    "snowman": snowman,
}
