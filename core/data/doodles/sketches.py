"""Sketches of the built-in set: a word and a seed make a drawing, the same on every machine."""

import zlib
from collections.abc import Iterable

import numpy as np

from core.data.doodles.figures import FIGURES
from core.data.doodles.figures.pen import Dice
from core.data.doodles.hand import by_hand
from core.data.strokes import Strokes


def draw(word: str, seed: int) -> Strokes:
    """Draw a word as a person might in ten seconds; the seed chooses the person.

    Returns strokes in the unit square, fitted as `fit_strokes` does. Raises ValueError for a word
    that is not in `words.WORDS` or a negative seed.
    """
    if word not in FIGURES:
        raise ValueError(f"the built-in set cannot draw {word!r}; it knows {', '.join(FIGURES)}")
    if seed < 0:
        raise ValueError(f"seed is {seed}; it must be 0 or more")
    dice = Dice(np.random.default_rng([zlib.crc32(word.encode()), seed]))
    return by_hand(FIGURES[word](dice), dice)


def draw_many(word: str, seeds: Iterable[int]) -> list[Strokes]:
    """Draw a word once for each seed, as `draw` does."""
    return [draw(word, seed) for seed in seeds]
