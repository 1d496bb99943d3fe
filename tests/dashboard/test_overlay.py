"""Attention over a picture: warm at its peak, honest where it looks nowhere."""

import io

import numpy as np
from PIL import Image

from dashboard.overlay import heat, highest, overlaid


def test_warmth_lies_at_the_peak() -> None:
    attention = np.zeros((4, 4))
    attention[0, 3] = 1
    picture = np.full((32, 32), 255, np.uint8)
    pixels = np.asarray(Image.open(io.BytesIO(overlaid(picture, attention, size=64)))).astype(int)
    assert pixels.shape == (64, 64, 3)
    blue = pixels[..., 2]
    assert blue[8, 56] < 150
    assert blue[56, 8] > 245


def test_an_even_map_stays_pale() -> None:
    even = heat(np.full((7, 7), 1 / 49), 70)
    np.testing.assert_allclose(even, 1 / 3, atol=1e-3)
    peaked = np.full((7, 7), 0.5 / 48)
    peaked[3, 3] = 0.5
    assert heat(peaked, 70).max() > 0.95


def test_several_maps_lie_on_one_scale() -> None:
    weak, strong = np.full((2, 2), 0.25), np.zeros((4, 4))
    strong[1, 2] = 1
    peak = highest([weak, strong])
    assert peak == 16
    np.testing.assert_allclose(heat(weak, 40, peak), 1 / 16, atol=1e-6)
    assert heat(strong, 40, peak).max() > 0.95
    assert highest([weak]) == highest([]) == 3
