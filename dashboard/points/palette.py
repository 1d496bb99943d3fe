"""Colours of many classes: as many as are needed, neighbours in the list unlike each other."""

import math

from dashboard.charts import PALETTE

Pair = tuple[str, str]
"""A colour for light paper and one for dark."""

RIGHT: Pair = ("#1B998B", "#3DBFAF")
WRONG: Pair = ("#D1495B", "#E76F7F")
PHOTO: Pair = ("#3A86B7", "#68B1DC")
SKETCH: Pair = ("#E4572E", "#F0714B")

_GOLDEN = 0.381966
_STEPS = ((0.58, 0.155), (0.7, 0.125), (0.46, 0.12))
"""Lightness and chroma in turn, so that close hues still differ."""


def palette(count: int) -> list[Pair]:
    """`count` colours, each for light and for dark paper; the same index is always the same.

    Up to ten are the charts' own. More go around the circle of hues by the golden angle in OKLCH
    (Ottosson, 2020), in three shades in turn, which never repeats and has no order by accident.
    """
    if count <= len(PALETTE):
        return [(colour, _lighter(colour)) for colour in PALETTE[:count]]
    pairs = []
    for place in range(count):
        hue = 2 * math.pi * ((0.09 + place * _GOLDEN) % 1)
        lightness, chroma = _STEPS[place % len(_STEPS)]
        pairs.append((_hex(lightness, chroma, hue), _hex(lightness + 0.14, chroma * 0.9, hue)))
    return pairs


def _hex(lightness: float, chroma: float, hue: float) -> str:
    """OKLCH as sRGB; what lies outside is brought in by less chroma."""
    while True:
        channels = _srgb(lightness, chroma * math.cos(hue), chroma * math.sin(hue))
        if chroma < 1e-3 or all(-1e-4 <= value <= 1.0001 for value in channels):
            return "#" + "".join(f"{round(255 * min(1, max(0, v))):02X}" for v in channels)
        chroma *= 0.94


def _srgb(lightness: float, a: float, b: float) -> tuple[float, float, float]:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    red, green, blue = (_gamma(value) for value in linear)
    return red, green, blue


def _gamma(value: float) -> float:
    if value <= 0.0031308:
        return 12.92 * value
    return float(1.055 * value ** (1 / 2.4) - 0.055)


def _lighter(colour: str) -> str:
    """The same colour for dark paper: a quarter of the way to white."""
    channels = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(value + 0.22 * (255 - value)):02X}" for value in channels)
