"""Strokes, their pictures, and rasters framed as if they were strokes."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.doodles.sketches import draw
from core.data.strokes import Strokes, fit_strokes, frame_ink, rasterise

SQUARE: Strokes = [np.array([[0, 0], [8, 0], [8, 8], [0, 8], [0, 0]], dtype=np.float32)]
coordinates = st.floats(-1e4, 1e4, width=32)
drawings = st.lists(
    st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=6), min_size=1, max_size=4
)


def ink_of(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    return 1 - picture.astype(np.float64) / 255


def overlap(a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8]) -> float:
    """Shared ink over all ink, each picture given a pixel of leeway."""

    def grown(ink: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        padded = np.pad(ink, 1)
        rows = padded[:-2] | padded[1:-1] | padded[2:]
        return rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:]

    one, two = ink_of(a) > 0.5, ink_of(b) > 0.5
    found = (one & grown(two)).sum() + (two & grown(one)).sum()
    return float(found / (one.sum() + two.sum()))


@given(drawings)
@settings(max_examples=60, deadline=None)
def test_fitted_strokes_fill_the_square_but_for_the_margin(points: list[list[tuple]]) -> None:
    fitted = fit_strokes([np.array(stroke, dtype=np.float32) for stroke in points], margin=0.1)
    every = np.concatenate(fitted)
    low, high = every.min(axis=0), every.max(axis=0)
    assert (low >= 0.1 - 1e-3).all()
    assert (high <= 0.9 + 1e-3).all()
    np.testing.assert_allclose((low + high) / 2, 0.5, atol=2e-3)
    given_points = np.concatenate([np.array(stroke, dtype=np.float32) for stroke in points])
    if np.ptp(given_points, axis=0).max() > 1e-2:
        assert np.ptp(every, axis=0).max() == pytest.approx(0.8, abs=2e-3)


def test_fitting_keeps_the_aspect_and_lets_a_dot_lie_in_the_middle() -> None:
    (wide,) = fit_strokes([np.array([[0, 0], [40, 10]], dtype=np.float32)], margin=0.0)
    np.testing.assert_allclose(wide, [[0, 0.375], [1, 0.625]], atol=1e-6)
    (dot,) = fit_strokes([np.array([[7, 7]], dtype=np.float32)])
    np.testing.assert_allclose(dot, [[0.5, 0.5]])
    assert fit_strokes([np.zeros((0, 2), dtype=np.float32)]) == []


def test_what_cannot_be_fitted_is_named() -> None:
    with pytest.raises(ValueError, match=r"margin is 0\.5"):
        fit_strokes(SQUARE, margin=0.5)
    with pytest.raises(ValueError, match="not a finite number"):
        fit_strokes([np.array([[0, np.nan]], dtype=np.float32)])


def distance_reference(strokes: Strokes, size: int, pen: float) -> npt.NDArray[np.float64]:
    """Share of each pixel, on an 8 x 8 grid, that lies within half a pen of any segment."""
    grid = (np.arange(size * 8) + 0.5) / (size * 8)
    x, y = np.meshgrid(grid, grid)
    near = np.full(x.shape, np.inf)
    for stroke in strokes:
        for (x0, y0), (x1, y1) in pairwise(stroke):
            length = (x1 - x0) ** 2 + (y1 - y0) ** 2
            t = np.clip(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length, 0, 1)
            near = np.minimum(near, np.hypot(x - x0 - t * (x1 - x0), y - y0 - t * (y1 - y0)))
    inked = (near <= pen / 2).astype(np.float64)
    return inked.reshape(size, 8, size, 8).mean(axis=(1, 3))


@pytest.mark.parametrize("pen", [0.02, 0.05, 0.12])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_picture_is_what_the_distance_to_the_strokes_says(pen: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    strokes = [rng.uniform(0.15, 0.85, (4, 2)).astype(np.float32) for _ in range(2)]
    drawn = ink_of(rasterise(strokes, 64, pen=pen))
    wanted = distance_reference(strokes, 64, pen)
    assert np.abs(drawn - wanted).mean() < 0.02
    assert drawn.sum() == pytest.approx(wanted.sum(), rel=0.15)
    y, x = np.indices(drawn.shape)
    for axis in (x, y):
        centre = (drawn * axis).sum() / drawn.sum()
        assert centre == pytest.approx((wanted * axis).sum() / wanted.sum(), abs=0.25)


def test_no_strokes_are_a_white_picture_and_a_dot_is_ink() -> None:
    for nothing in ([], [np.zeros((0, 2), dtype=np.float32)]):
        picture = rasterise(nothing, 32)
        assert picture.shape == (32, 32)
        assert picture.dtype == np.uint8
        assert (picture == 255).all()
    dot = rasterise([np.array([[0.5, 0.5]], dtype=np.float32)], 32, pen=0.1)
    assert ink_of(dot).sum() == pytest.approx(np.pi * 1.6**2, rel=0.25)


def test_a_sketch_keeps_its_weight_at_every_size() -> None:
    strokes = draw("house", 3)
    shares = [ink_of(rasterise(strokes, size)).mean() for size in (48, 96, 224)]
    assert max(shares) / min(shares) < 1.15


@pytest.mark.parametrize(("size", "pen"), [(0, 0.02), (64, 0.0), (64, 1.5)])
def test_a_picture_that_cannot_be_drawn_is_refused(size: int, pen: float) -> None:
    with pytest.raises(ValueError, match="must be"):
        rasterise(SQUARE, size, pen=pen)


WORDS_TO_FRAME = ("bicycle", "house", "star", "cat", "cactus")


@pytest.mark.parametrize("word", WORDS_TO_FRAME)
@pytest.mark.parametrize(("side", "pen"), [(200, 0.02), (1000, 0.002), (400, 0.03), (120, 0.01)])
def test_a_raster_is_framed_as_its_strokes_are(word: str, side: int, pen: float) -> None:
    strokes = draw(word, 5)
    wanted = rasterise(strokes, 64)
    framed = frame_ink(rasterise(strokes, side, pen=pen), 64)
    assert framed.shape == (64, 64)
    assert framed.dtype == np.uint8
    assert overlap(framed, wanted) > 0.9
    assert ink_of(framed).sum() == pytest.approx(ink_of(wanted).sum(), rel=0.3)


@pytest.mark.parametrize("word", WORDS_TO_FRAME)
def test_place_and_size_on_the_canvas_do_not_matter(word: str) -> None:
    strokes = draw(word, 8)
    wanted = frame_ink(rasterise(strokes, 300), 64)
    for side, top, left in ((120, 10, 500), (240, 300, 20), (90, 505, 505)):
        canvas = np.full((600, 700), 255, dtype=np.uint8)
        canvas[top : top + side, left : left + side] = rasterise(strokes, side, pen=4 / side)
        assert overlap(frame_ink(canvas, 64), wanted) > 0.85


@pytest.mark.parametrize("word", WORDS_TO_FRAME)
def test_paper_does_not_matter(word: str) -> None:
    drawing = rasterise(draw(word, 2), 300)
    wanted = frame_ink(drawing, 64)
    np.testing.assert_array_equal(frame_ink(255 - drawing, 64), wanted)
    cream = (60 + 0.7 * drawing).astype(np.uint8)
    assert overlap(frame_ink(cream, 64), wanted) > 0.98
    lamp = np.linspace(0.55, 1.0, 300)[None, :] * np.linspace(0.8, 1.0, 300)[:, None]
    grain = np.random.default_rng(0).normal(0, 4, drawing.shape)
    photo = np.clip((50 + 0.75 * drawing) * lamp + grain, 0, 255).astype(np.uint8)
    assert overlap(frame_ink(photo, 64), wanted) > 0.9


def test_pencil_is_ink_and_a_speck_is_not() -> None:
    drawing = rasterise(draw("cat", 1), 300)
    wanted = frame_ink(drawing, 64)
    pencil = (150 + 80 * (drawing / 255)).astype(np.uint8)
    assert overlap(frame_ink(pencil, 64), wanted) > 0.95
    canvas = np.full((500, 500), 255, dtype=np.uint8)
    canvas[100:400, 100:400] = drawing
    canvas[3, 490] = 0
    assert overlap(frame_ink(canvas, 64), wanted) > 0.9


def test_a_filled_shape_stays_filled() -> None:
    canvas = np.full((200, 200), 255, dtype=np.uint8)
    canvas[60:140, 60:140] = 0
    framed = frame_ink(canvas, 50)
    assert ink_of(framed)[8:42, 8:42].mean() > 0.98
    assert ink_of(framed)[:2].sum() == 0


@pytest.mark.parametrize("shade", [0, 128, 240, 255])
def test_blank_paper_is_refused(shade: int) -> None:
    paper = np.full((120, 90), shade, dtype=np.uint8)
    with pytest.raises(ValueError, match="the drawing is empty"):
        frame_ink(paper, 64)
    grain = np.random.default_rng(1).normal(0, 3, paper.shape)
    with pytest.raises(ValueError, match="the drawing is empty"):
        frame_ink(np.clip(paper + grain, 0, 255).astype(np.uint8), 64)


def test_colour_pictures_and_odd_settings_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(H, W\)"):
        frame_ink(np.zeros((8, 8, 3), dtype=np.uint8), 64)
    with pytest.raises(ValueError, match="threshold is 1"):
        frame_ink(np.zeros((8, 8), dtype=np.uint8), 64, threshold=1)
    with pytest.raises(ValueError, match="margin is"):
        frame_ink(np.zeros((8, 8), dtype=np.uint8), 64, margin=0.6)
