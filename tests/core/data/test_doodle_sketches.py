"""Sketches of the built-in set: repeatable, in range, never twice the same."""

import subprocess
import sys

import numpy as np
import pytest

from core.data.doodles.figures import FIGURES
from core.data.doodles.figures.pen import Dice, bumps, curve, oval, scribble, spikes
from core.data.doodles.sketches import draw, draw_many
from core.data.doodles.words import WORDS
from core.data.strokes import fit_strokes, rasterise

SEEDS = range(40)


def test_every_word_has_a_figure_in_the_order_of_the_words() -> None:
    assert tuple(FIGURES) == WORDS


@pytest.mark.parametrize("word", WORDS)
def test_sketches_are_fitted_strokes_with_enough_ink(word: str) -> None:
    for strokes in draw_many(word, SEEDS):
        assert strokes
        for stroke in strokes:
            assert stroke.dtype == np.float32
            assert stroke.ndim == 2
            assert stroke.shape[1] == 2
            assert len(stroke) >= 2
        points = np.concatenate(strokes)
        assert np.isfinite(points).all()
        assert points.min() >= 0.06 - 1e-4
        assert points.max() <= 0.94 + 1e-4
        for stroke, again in zip(strokes, fit_strokes(strokes), strict=True):
            np.testing.assert_allclose(stroke, again, atol=1e-5)
        ink = 1 - rasterise(strokes, 64) / 255
        assert 0.01 < ink.mean() < 0.45


@pytest.mark.parametrize("word", WORDS)
def test_no_two_seeds_draw_the_same(word: str) -> None:
    pictures = np.stack([rasterise(strokes, 32) for strokes in draw_many(word, SEEDS)])
    flat = (255 - pictures.reshape(len(pictures), -1)).astype(np.float64)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    alike = flat @ flat.T
    np.fill_diagonal(alike, 0)
    assert alike.max() < 0.97
    assert np.median(alike) < 0.75
    parts = {len(strokes) for strokes in draw_many(word, SEEDS)}
    assert len(parts) >= 2


def test_the_same_seed_draws_the_same() -> None:
    for word in WORDS[::7]:
        for one, two in zip(draw_many(word, [4, 9]), [draw(word, 4), draw(word, 9)], strict=True):
            assert len(one) == len(two)
            for a, b in zip(one, two, strict=True):
                np.testing.assert_array_equal(a, b)


def test_words_do_not_share_their_dice() -> None:
    rolls = {}
    for word in WORDS:
        (first, *_rest) = draw(word, 0)
        rolls[word] = first.tobytes()
    assert len(set(rolls.values())) == len(WORDS)


def test_another_process_draws_the_same() -> None:
    program = (
        "import hashlib, numpy as np\n"
        "from core.data.doodles.sketches import draw\n"
        "print(hashlib.sha256(np.concatenate(draw('t-shirt', 11)).tobytes()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def test_unknown_words_and_negative_seeds_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot draw 'unicorn'; it knows airplane, "):
        draw("unicorn", 0)
    with pytest.raises(ValueError, match="seed is -1"):
        draw("cat", -1)


def test_an_oval_closes_and_keeps_its_axes() -> None:
    path = oval(1.0, 2.0, 3.0, 0.5)
    np.testing.assert_allclose(path[0], path[-1], atol=1e-9)
    np.testing.assert_allclose(((path - [1, 2]) / [3, 0.5] ** np.array(1)) ** 2 @ [1, 1], 1.0)


def test_a_curve_passes_through_its_points() -> None:
    points = [(0.0, 0.0), (1.0, 2.0), (3.0, 1.0), (4.0, 4.0)]
    path = curve(*points)
    for point in points:
        assert np.abs(path - point).sum(axis=1).min() < 1e-9


def test_bumps_and_spikes_run_from_end_to_end() -> None:
    dice = Dice(np.random.default_rng(0))
    row = bumps((0, 0), (3, 0), 3, 0.5)
    np.testing.assert_allclose(row[[0, -1]], [[0, 0], [3, 0]], atol=1e-9)
    assert row[:, 1].min() < -0.3
    corners = spikes((0, 0), (1, 0), 4, 0.5, dice)
    assert len(corners) == 9
    assert all(y == 0 for _, y in corners[::2])
    assert all(-0.6 <= y <= -0.4 for _, y in corners[1::2])


def test_a_scribble_stays_within_its_outline() -> None:
    dice = Dice(np.random.default_rng(3))
    for _ in range(20):
        (zigzag,) = scribble(oval(0, 0, 1.0), dice)
        assert len(zigzag) > 5
        assert (np.hypot(zigzag[:, 0], zigzag[:, 1]) <= 1.0 + 1e-6).all()


def test_dice_are_fair_enough_and_stay_in_range() -> None:
    dice = Dice(np.random.default_rng(0))
    assert {dice.n(2, 4) for _ in range(200)} == {2, 3, 4}
    assert all(-1 <= dice.u(-1, 2) < 2 for _ in range(200))
    styles = np.bincount([dice.style(3, 1) for _ in range(2000)]) / 2000
    np.testing.assert_allclose(styles, [0.75, 0.25], atol=0.04)
