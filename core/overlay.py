"""Attention as warmth laid over a picture."""

import io
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from PIL import Image

WARM = np.array([[247, 196, 137], [240, 130, 74], [214, 52, 33]], np.float32)
"""The colours from some attention to the most."""
LEAST_PEAK = 3.0
"""A map whose peak is below this many times the even share is shown pale: it looks nowhere."""


def overlaid(
    picture: npt.NDArray[np.uint8],
    attention: npt.NDArray[np.floating],
    *,
    size: int = 256,
    opacity: float = 0.75,
    peak: float | None = None,
) -> bytes:
    """The picture, (H, W) or (H, W, 3), with the map (h, w) over it, as JPEG of `size` pixels.

    The map is enlarged smoothly. Its strength is relative to its own peak, but never to less than
    `LEAST_PEAK` times an even map, so that an even map does not look like a discovery. `peak` puts
    several pictures on one scale: the `highest` of their maps.
    """
    image = Image.fromarray(picture).convert("RGB").resize((size, size), Image.Resampling.LANCZOS)
    strength = heat(attention, size, peak)[..., None]
    colour = _warmth(strength[..., 0])
    # Warmth multiplies paper and photo alike: lines and shadows stay readable through it.
    base = np.asarray(image, np.float32)
    mixed = base * (1 - opacity * strength) + opacity * strength * (0.35 * base + 0.65 * colour)
    ink = 1 - base.mean(axis=2, keepdims=True) / 255
    mixed = mixed * (1 - 0.6 * ink) + base * 0.6 * ink
    buffer = io.BytesIO()
    Image.fromarray(mixed.clip(0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def highest(maps: Iterable[npt.NDArray[np.floating]]) -> float:
    """The top of a scale that all these maps fit on, in even shares: `LEAST_PEAK` or more."""
    return max([LEAST_PEAK, *(float(found.max()) * found.size for found in maps)])


def heat(
    attention: npt.NDArray[np.floating], size: int, peak: float | None = None
) -> npt.NDArray[np.float32]:
    """A map (h, w) that sums to 1 as strengths from 0 to 1, enlarged smoothly to (size, size)."""
    share = np.asarray(attention, np.float32) * attention.size
    strength = share / (highest([attention]) if peak is None else peak)
    image = Image.fromarray(strength).resize((size, size), Image.Resampling.BICUBIC)
    return np.asarray(image, np.float32).clip(0, 1)


def _warmth(strength: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    place = strength * (len(WARM) - 1)
    low = np.minimum(place.astype(int), len(WARM) - 2)
    part = (place - low)[..., None]
    return WARM[low] * (1 - part) + WARM[low + 1] * part
