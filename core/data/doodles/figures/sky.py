"""Figures of the sky: star, sun."""

from core.data.doodles.figures.pen import (
    Dice,
    Figure,
    Path,
    curve,
    dot,
    line,
    loop,
    oval,
    polar,
    scribble,
    turned,
)


def star(dice: Dice) -> list[Path]:
    """An outline of five points, the crossed pentagram, or two triangles."""
    turn, style = -0.25 + dice.u(-0.03, 0.03), dice.style(5, 4, 0.6)
    if style == 0:
        count, inner = 5 if dice.yes(0.92) else dice.one((4, 6, 7)), dice.u(0.16, 0.3)
        ring = []
        for k in range(count):
            tip, valley = 0.5 * dice.u(0.8, 1.15), inner * dice.u(0.8, 1.2)
            ring.append(polar(0, 0, tip, turn + (k + dice.u(-0.1, 0.1)) / count))
            ring.append(polar(0, 0, valley, turn + (k + 0.5) / count))
        return [loop(*ring)]
    if style == 1:
        tips = []
        for k in range(5):
            at = turn + (2 * k + dice.u(-0.14, 0.14)) / 5
            tips.append(polar(0, 0, 0.5 * dice.u(0.85, 1.1), at))
        return [loop(*tips)]
    corners = [[polar(0, 0, 0.5, turn + k / 3 + flip) for k in range(3)] for flip in (0.0, 0.5)]
    return [loop(*triangle) for triangle in corners]


def sun(dice: Dice) -> list[Path]:
    """A disc with rays of one kind; sometimes in a corner."""
    r, gap, long = dice.u(0.17, 0.3), dice.u(0.0, 0.1), dice.u(0.06, 0.28)
    paths: list[Path] = [oval(0, 0, r, r * dice.u(0.8, 1.15))]
    count, turn, kind = dice.n(4, 14), dice.roll(), dice.style(8, 1.2, 0.8)
    share, uneven = 1.0, dice.u(0.0, 0.35)
    if dice.yes(0.06):
        r, count, share, turn = r * 1.5, dice.n(3, 7), 0.3, 0.0
        paths = [oval(0, 0, r, None, -0.02, 0.3)]
    for k in range(count):
        a = turn + share * (k + dice.u(-uneven, uneven)) / count
        near, far = r + gap, r + gap + long * dice.u(0.6, 1.4)
        if kind == 0:
            paths.append(line(polar(0, 0, near, a), polar(0, 0, far, a + dice.u(-0.02, 0.02))))
        elif kind == 1:
            feet = [polar(0, 0, r + gap * 0.3, a + d * share / count) for d in (-0.35, 0.35)]
            paths.append(line(feet[0], polar(0, 0, far, a), feet[1]))
        else:
            middle = polar(0, 0, (near + far) / 2, a + 0.02)
            paths.append(curve(polar(0, 0, near, a), middle, polar(0, 0, far, a - 0.01)))
    if dice.yes(0.1):
        paths += [dot(side * r * 0.35, -r * 0.2, 0.014) for side in (-1, 1)]
        paths.append(curve((-r * 0.4, r * 0.25), (0, r * 0.5), (r * 0.4, r * 0.25)))
    if dice.yes(0.04):
        paths += scribble(oval(0, 0, r), dice, 0.1)
    return turned(paths, dice.u(-0.2, 0.2))


FIGURES: dict[str, Figure] = {"star": star, "sun": sun}
