"""Colours, textures and materials of the solids, and the dice that vary them.

Colours are sRGB triples in 0..1; textures are functions from points (3, N) to colours (3, N).
"""

import colorsys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from core.data.doodles.solids.fields import Array
from core.data.doodles.solids.fields import Vec as Vec

Texture = Callable[[Array], Array]
Paint = Vec | Texture
T = TypeVar("T")


class Dice:
    """Random choices of one picture, all from one seeded generator."""

    def __init__(self, generator: np.random.Generator) -> None:
        self.generator = generator

    def span(self, low: float, high: float) -> float:
        """A number between low and high."""
        return float(self.generator.uniform(low, high))

    def count(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return int(self.generator.integers(low, high + 1))

    def chance(self, share: float) -> bool:
        """True in that share of the pictures."""
        return bool(self.generator.random() < share)

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[int(self.generator.integers(len(options)))]

    def hue(
        self,
        hue: tuple[float, float] = (0.0, 1.0),
        strength: tuple[float, float] = (0.5, 0.9),
        value: tuple[float, float] = (0.5, 0.95),
    ) -> Vec:
        """A colour from ranges of hue (turns, may pass 1), saturation and value."""
        return colorsys.hsv_to_rgb(self.span(*hue) % 1.0, self.span(*strength), self.span(*value))

    def near(self, colour: Vec, by: float = 0.06) -> Vec:
        """A colour a little off the given one."""
        r, g, b = np.clip(np.array(colour) + self.generator.uniform(-by, by, 3), 0, 1).tolist()
        return (r, g, b)


def shade(colour: Vec, factor: float) -> Vec:
    """The colour darker (below 1) or lighter (above 1)."""
    return (min(colour[0] * factor, 1.0), min(colour[1] * factor, 1.0), min(colour[2] * factor, 1))


def mix(a: Vec, b: Vec, share: float) -> Vec:
    """The colour that lies `share` of the way from a to b."""
    return (
        a[0] + (b[0] - a[0]) * share,
        a[1] + (b[1] - a[1]) * share,
        a[2] + (b[2] - a[2]) * share,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """How a surface answers light."""

    paint: Paint
    """Its colour, or a texture."""
    gloss: float = 0.15
    """Strength of highlights and of reflections at grazing angles, 0 to 1."""
    shine: float = 30.0
    """Sharpness of the highlight (Blinn-Phong exponent)."""
    metal: float = 0.0
    """Share of the light that is mirrored in its own colour, 0 to 1."""
    glow: float = 0.0
    """Light it gives off, in multiples of its colour."""
    clear: float = 0.0
    """Share of the light let through where it is seen face on; 0 is opaque."""


def colours_at(paint: Paint, p: Array) -> Array:
    """The linear-light colours (3, N) of a paint at points (3, N)."""
    if callable(paint):
        return np.square(np.clip(paint(p), 0, 1))
    return np.broadcast_to(np.square(np.array(paint, np.float32))[:, None], p.shape)


def two_tone(a: Vec, b: Vec, share: Callable[[Array], Array]) -> Texture:
    """A texture between a and b; `share` gives 0 (a) to 1 (b) at points (3, N)."""
    first = np.array(a, np.float32)[:, None]
    change = np.array(b, np.float32)[:, None] - first
    return lambda p: first + change * np.clip(share(p), 0, 1)


def waves(dice: Dice, frequency: float, terms: int = 5) -> Callable[[Array], Array]:
    """A smooth random function of space in about -1..1: a few plane waves in random directions."""
    g = dice.generator
    directions = g.normal(size=(terms, 3))
    directions *= (
        frequency
        * g.uniform(0.6, 1.6, (terms, 1))
        / np.linalg.norm(directions, axis=1, keepdims=True)
    )
    matrix = directions.astype(np.float32)
    phase = g.uniform(0, 6.283, (terms, 1)).astype(np.float32)
    scale = np.float32(1.3 / terms**0.5)
    return lambda p: np.sin(matrix @ p + phase).sum(axis=0) * scale


def mottled(dice: Dice, a: Vec, b: Vec, frequency: float = 6.0) -> Texture:
    """Soft blotches of b on a."""
    noise = waves(dice, frequency)
    return two_tone(a, b, lambda p: 0.5 + 0.5 * noise(p))


def speckled(dice: Dice, a: Vec, b: Vec, frequency: float = 40.0, share: float = 0.5) -> Texture:
    """Small specks of b on a, covering about a `share` of it."""
    noise = waves(dice, frequency, 6)
    edge = 1.0 - 2.0 * share
    return two_tone(a, b, lambda p: (noise(p) - edge) * 4)


def striped(a: Vec, b: Vec, axis: int, period: float, share: float = 0.5) -> Texture:
    """Bands of a and b along an axis, b over a `share` of the period."""

    def bands(p: Array) -> Array:
        phase = np.abs((p[axis] / period) % 1.0 - 0.5) * 2
        return (phase - (1 - share)) * 8 + 0.5

    return two_tone(a, b, bands)


def grained(dice: Dice, a: Vec, b: Vec, axis: int = 1, frequency: float = 14.0) -> Texture:
    """Wood: streaks of b on a that run along the axis."""
    noise = waves(dice, 1.0, 6)
    squeeze = np.full((3, 1), frequency, np.float32)
    squeeze[axis] = frequency * 0.08
    return two_tone(a, b, lambda p: 0.5 + 0.6 * noise(p * squeeze))


def fading(a: Vec, b: Vec, axis: int, low: float, high: float) -> Texture:
    """A gradient from a at `low` to b at `high` along the axis."""
    return two_tone(a, b, lambda p: (p[axis] - low) / (high - low))


def metal(colour: Vec, polish: float = 0.6) -> Material:
    """A metal of that colour."""
    return Material(paint=colour, gloss=0.8, shine=60, metal=polish)


def matte(paint: Paint) -> Material:
    """A surface with next to no highlight: cloth, paper, fur."""
    return Material(paint=paint, gloss=0.03, shine=8)


def plastic(paint: Paint) -> Material:
    """A smooth surface with a clear highlight: plastic, lacquer, glaze."""
    return Material(paint=paint, gloss=0.5, shine=70)


def glass(tint: Vec = (0.9, 0.95, 0.97), clear: float = 0.85) -> Material:
    """Clear glass with a slight tint."""
    return Material(paint=tint, gloss=1.0, shine=120, clear=clear)


def confetti(base: Paint, centres: Array, colours: Sequence[Vec], radius: float) -> Texture:
    """The base with round dots at centres (3, K), one colour a dot."""
    dots = np.asarray(colours, np.float32).T
    square = (centres * centres).sum(axis=0)[:, None]
    flat = np.zeros((3, 1), np.float32) if callable(base) else np.array(base, np.float32)[:, None]

    def texture(p: Array) -> Array:
        under: Array = base(p) if callable(base) else np.broadcast_to(flat, p.shape)
        gap = square - 2 * (centres.T @ p)
        which = gap.argmin(axis=0)
        gap = gap[which, np.arange(p.shape[1])] + (p * p).sum(axis=0)
        share = np.clip((radius - np.sqrt(np.maximum(gap, 0))) * (4 / radius), 0, 1)
        return under + (dots[:, which] - under) * share

    return texture


def masked(base: Paint, over: Paint, share: Callable[[Array], Array]) -> Texture:
    """The paint `over` on top of `base` where `share` is 1."""

    def texture(p: Array) -> Array:
        under = base(p) if callable(base) else np.array(base, np.float32)[:, None]
        top = over(p) if callable(over) else np.array(over, np.float32)[:, None]
        return under + (top - under) * np.clip(share(p), 0, 1)

    return texture
