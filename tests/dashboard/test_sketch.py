"""A sketch fits into a link and comes back the same; what is asked is what is seen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.sketch import BASE, GRID, Sketch
from tests.made_run import SIZE, shape

points = st.tuples(st.integers(0, GRID), st.integers(0, GRID))
strokes = st.lists(
    st.tuples(st.integers(1, 200), st.lists(points, min_size=1, max_size=30).map(tuple)),
    max_size=6,
).map(tuple)
BAR = (14, ((100, 500), (900, 500)))
POST = (14, ((500, 100), (500, 900)))


@given(strokes=strokes, erased=strokes, probe=st.text(max_size=20))
def test_a_sketch_survives_a_link(strokes: tuple, erased: tuple, probe: str) -> None:
    sketch = Sketch(strokes=strokes, erased=erased, probe=probe)
    found = Sketch.from_text(sketch.to_text())
    assert found == (None if sketch.empty else sketch)


@given(text=st.text(alphabet="pbse~AZaz09-_=%é", max_size=60))
def test_a_mangled_link_is_no_sketch(text: str) -> None:
    found = Sketch.from_text(text)
    assert found is None or Sketch.from_text(found.to_text()) == found


def test_a_drawing_of_many_strokes_still_fits_into_a_link() -> None:
    random = np.random.default_rng(0)
    walks = np.clip(random.normal(0, 12, (40, 40, 2)).cumsum(axis=1) + 500, 0, GRID).astype(int)
    drawn = tuple((14, tuple((int(x), int(y)) for x, y in walk)) for walk in walks)
    assert len(Sketch(strokes=drawn).to_text()) < 6000


def test_a_picture_survives_a_link() -> None:
    sketch = Sketch.of_picture(shape("circle", 3, photo=False, size=300))
    assert sketch.under is not None
    assert sketch.under.shape == (BASE, BASE)
    found = Sketch.from_text(sketch.to_text())
    assert found == sketch
    assert len(sketch.to_text()) < 2500


def test_the_eraser_takes_the_picture_underneath_away() -> None:
    sketch = Sketch.of_picture(shape("square", 3, photo=False, size=300))
    before = sketch.prepared(SIZE)
    upper = tuple((60, ((0, y), (GRID, y))) for y in range(0, 500, 20))
    rubbed = Sketch(bits=sketch.bits, erased=upper)
    assert (before < 128).any()
    # Half a square, framed anew, is as wide as before and half as high.
    rows = np.nonzero((rubbed.prepared(SIZE) < 128).any(axis=1))[0]
    assert np.ptp(rows) < 0.7 * SIZE
    everything = tuple((80, ((0, y), (GRID, y))) for y in range(0, GRID + 1, 20))
    with pytest.raises(ValueError, match="empty"):
        Sketch(bits=sketch.bits, erased=everything).prepared(SIZE)


def test_strokes_over_a_picture_are_asked_together() -> None:
    sketch = Sketch.of_picture(shape("circle", 3, photo=False, size=300))
    both = Sketch(bits=sketch.bits, strokes=(BAR,))
    assert (both.prepared(SIZE) < 128).sum() > (sketch.prepared(SIZE) < 128).sum()


def test_a_sketch_of_the_set_is_asked_as_it_is() -> None:
    picture = shape("triangle", 5, photo=False)
    sketch = Sketch(probe="shapes/sketch/triangle/5").over(picture)
    assert sketch.untouched
    np.testing.assert_array_equal(sketch.prepared(SIZE), picture)
    assert not Sketch(probe="x", strokes=(BAR,)).untouched


def test_a_sketch_of_another_run_becomes_a_picture() -> None:
    sketch = Sketch(probe="there").over(shape("triangle", 5, photo=False, size=96))
    freed = sketch.freed()
    assert freed.probe == ""
    assert freed.bits
    assert not freed.untouched
    assert Sketch(probe="gone").freed().empty


def test_the_canvas_s_value_is_read_and_checked() -> None:
    value = {"strokes": [[14, [[0, 0], [2000, -5]]]], "erased": [], "based": False}
    assert Sketch.from_canvas(value, None).strokes == ((14, ((0, 0), (GRID, 0))),)
    cleared = {"strokes": [], "erased": [], "based": False}
    assert Sketch.from_canvas(cleared, Sketch(probe="x")).empty
    kept = Sketch.from_canvas({**cleared, "based": True}, Sketch(probe="x"))
    assert kept == Sketch(probe="x")
    for wrong in ({}, {"strokes": 3, "erased": []}, {"strokes": [[1, [[None, 2]]]], "erased": []}):
        with pytest.raises(ValueError, match="can't be read"):
            Sketch.from_canvas(wrong, None)
