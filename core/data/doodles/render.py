"""Pictures of the built-in set's things, rendered like product photos: lit, shadowed, developed.

Every picture depends on its word and seed alone: its generator is seeded by a digest of the two.
"""

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.data.doodles.scenes import STAGES
from core.data.doodles.solids.catalogue import MAKERS
from core.data.doodles.solids.edges import antialiased
from core.data.doodles.solids.fields import Array
from core.data.doodles.solids.framing import Shot, aim
from core.data.doodles.solids.outlines import Grid
from core.data.doodles.solids.paints import Dice

LEAST_SIZE = 16
HALO_CELLS = 16


def photograph(word: str, seeds: Sequence[int], size: int) -> NDArray[np.uint8]:
    """Render photos of a thing, one a seed; equal seeds give equal pixels, whatever the batch.

    Returns uint8 RGB (len(seeds), size, size, 3). An unknown word, a negative seed or a size below
    16 is a ValueError.
    """
    if word not in MAKERS:
        raise ValueError(f"no thing is called {word!r}; the built-in set has {', '.join(MAKERS)}")
    if size < LEAST_SIZE:
        raise ValueError(f"size {size} is too small: a photo has at least {LEAST_SIZE} pixels")
    photos = np.empty((len(seeds), size, size, 3), np.uint8)
    for i, seed in enumerate(seeds):
        if seed < 0:
            raise ValueError(f"seed {seed} is negative: seeds start at 0")
        photos[i] = _photo(word, int(seed), size)
    return photos


def _photo(word: str, seed: int, size: int) -> NDArray[np.uint8]:
    dice = Dice(np.random.default_rng([zlib.crc32(word.encode()), seed]))
    shot, stage_dice = compose(word, dice)
    view = antialiased(shot, size)
    return _develop(_haloed(view.rgb, view.which, shot, size), stage_dice, size)


def compose(word: str, dice: Dice) -> tuple[Shot, Dice]:
    """The thing on its stage before the camera, and the dice for what is left to choose."""
    subject = MAKERS[word](dice)
    stage = STAGES[dice.pick(subject.stages)](dice)
    return aim(subject, stage, dice), dice


def _haloed(rgb: Array, which: NDArray[np.int16], shot: Shot, size: int) -> Array:
    """The picture with a soft halo around the parts that shine."""
    glow = np.array([part.material.glow for part in shot.subject.parts], np.float32)
    strong = np.where(which >= 0, (glow * (glow >= 0.5))[np.maximum(which, 0)], 0)
    if not strong.any():
        return rgb
    cell = (np.arange(size) * HALO_CELLS) // size
    into = (cell[:, None] * HALO_CELLS + cell).ravel()
    place = (np.arange(size, dtype=np.float32) + 0.5) * (HALO_CELLS / size) - 0.5
    column, row = np.meshgrid(place, place)
    for channel in range(3):
        total = np.bincount(into, rgb[channel] * strong, HALO_CELLS * HALO_CELLS)
        soft = (total / (size / HALO_CELLS) ** 2).reshape(HALO_CELLS, HALO_CELLS)
        for _ in range(4):
            soft = np.pad(soft, 1, mode="edge")
            soft = (soft[:-2] + 2 * soft[1:-1] + soft[2:]) / 4
            soft = (soft[:, :-2] + 2 * soft[:, 1:-1] + soft[:, 2:]) / 4
        halo = Grid(soft.astype(np.float32))(column.ravel(), row.ravel())
        rgb[channel] += 0.3 * halo
    return rgb


def _develop(rgb: Array, dice: Dice, size: int) -> NDArray[np.uint8]:
    """Expose, balance, roll off the highlights, add vignette and noise, and quantise."""
    balance = dice.generator.uniform(0.94, 1.06, (3, 1)).astype(np.float32)
    rgb = rgb * (balance * dice.span(0.9, 1.25))
    axis = np.linspace(-1, 1, size, dtype=np.float32) ** 2
    corner = (axis[:, None] + axis[None]).ravel()
    rgb = rgb * (1 - dice.span(0.0, 0.14) * corner)
    rgb = np.where(rgb < 0.7, rgb, 1 - 0.3 * np.exp((0.7 - rgb) / 0.3))
    grey = np.sqrt(np.maximum(rgb, 0)).T.reshape(size, size, 3)
    noise = dice.generator.standard_normal(grey.shape, dtype=np.float32)
    grey = grey + noise * dice.span(0.002, 0.014)
    return (np.clip(grey, 0, 1) * 255 + 0.5).astype(np.uint8)
