"""Photos of the built-in set: what a seed fixes, what they show, and what is refused."""

import zlib

import numpy as np
import pytest

from core.data.doodles.render import compose, photograph
from core.data.doodles.solids.catalogue import MAKERS
from core.data.doodles.solids.edges import antialiased
from core.data.doodles.solids.fields import block, chain, ellipsoid, shift
from core.data.doodles.solids.outlines import Flat, Grid, circle
from core.data.doodles.solids.paints import Dice
from core.data.doodles.solids.shading import View
from core.data.doodles.solids.tracing import FAR, first_hit
from core.data.doodles.words import WORDS

SIZE = 32


def view_of(word: str, seed: int) -> View:
    dice = Dice(np.random.default_rng([zlib.crc32(word.encode()), seed]))
    return antialiased(compose(word, dice)[0], SIZE)


def test_every_word_of_the_set_can_be_photographed() -> None:
    assert set(MAKERS) == set(WORDS)


def test_photos_are_rgb_bytes() -> None:
    photos = photograph("apple", [0, 1, 2], SIZE)
    assert photos.shape == (3, SIZE, SIZE, 3)
    assert photos.dtype == np.uint8
    assert photograph("apple", [], SIZE).shape == (0, SIZE, SIZE, 3)


@pytest.mark.parametrize("word", ["bicycle", "wine glass", "sun", "t-shirt"])
def test_a_photo_depends_on_its_word_and_seed_alone(word: str) -> None:
    batch = photograph(word, [7, 3, 11], SIZE)
    again = photograph(word, [11], SIZE)
    assert np.array_equal(batch[2], again[0])
    assert np.array_equal(batch[[1]], photograph(word, [3], SIZE))
    assert not np.array_equal(batch[0], batch[1])


@pytest.mark.parametrize("word", sorted(MAKERS))
def test_a_thing_covers_a_sensible_share_of_its_photo(word: str) -> None:
    shares, reaches = [], []
    for seed in range(3):
        view = view_of(word, seed)
        assert np.isfinite(view.rgb).all()
        thing = (view.which >= 0).reshape(SIZE, SIZE)
        rows, columns = np.flatnonzero(thing.any(axis=1)), np.flatnonzero(thing.any(axis=0))
        shares.append(thing.mean())
        reaches.append(max(np.ptp(rows), np.ptp(columns)) / SIZE)
    assert 0.05 < np.mean(shares) < 0.8
    assert min(reaches) > 0.4


@pytest.mark.parametrize("word", sorted(MAKERS))
def test_photos_of_a_word_differ_from_seed_to_seed(word: str) -> None:
    photos = photograph(word, range(4), SIZE).astype(np.float32)
    for i in range(4):
        assert photos[i].std() > 12, "a thing stands out from what is behind it"
        for j in range(i):
            assert np.abs(photos[i] - photos[j]).mean() > 8


def test_a_larger_photo_shows_the_same_scene() -> None:
    small = photograph("car", [2], SIZE)[0].astype(np.float32)
    large = photograph("car", [2], 3 * SIZE)[0].astype(np.float32)
    shrunk = large.reshape(SIZE, 3, SIZE, 3, 3).mean(axis=(1, 3))
    assert np.abs(shrunk - small).mean() < 12


def test_refusals_name_the_value() -> None:
    with pytest.raises(ValueError, match=r"'unicorn'.*airplane"):
        photograph("unicorn", [0], SIZE)
    with pytest.raises(ValueError, match=r"size 8 .*16"):
        photograph("apple", [0], 8)
    with pytest.raises(ValueError, match="-1 is negative"):
        photograph("apple", [0, -1], SIZE)


def test_a_chain_is_as_far_as_its_nearest_capsule() -> None:
    path = [(0.0, 0.0, 0.0), (0.5, 0.1, 0.0), (0.6, 0.9, -0.4)]
    radii = [0.1, 0.05, 0.02]
    points = np.random.default_rng(0).uniform(-1.5, 1.5, (3, 200)).astype(np.float32)
    expected = []
    for p in points.T.astype(float):
        gaps = []
        for k in range(2):
            a, b = np.array(path[k]), np.array(path[k + 1])
            h = np.clip((p - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1)
            width = radii[k] + h * (radii[k + 1] - radii[k])
            gaps.append(np.linalg.norm(p - a - h * (b - a)) - width)
        expected.append(min(gaps))
    assert chain(path, radii).field(points) == pytest.approx(np.array(expected), abs=1e-4)


def test_a_table_is_read_between_its_entries() -> None:
    table = np.random.default_rng(1).random((5, 7)).astype(np.float32)
    read = Grid(table)
    column, row = np.array([[2.0, 2.5, 2.25, -3.0], [1.0, 1.0, 1.75, 9.0]], np.float32)
    low = 0.75 * table[1, 2] + 0.25 * table[1, 3]
    high = 0.75 * table[2, 2] + 0.25 * table[2, 3]
    wanted = [table[1, 2], (table[1, 2] + table[1, 3]) / 2, 0.25 * low + 0.75 * high, table[4, 0]]
    assert read(column, row) == pytest.approx(np.array(wanted), abs=5e-3)


def test_a_baked_circle_is_signed_and_true_to_its_radius() -> None:
    flat = Flat(circle(0.5, 0.1, -0.2, n=96))
    x, y = np.array([[0.1, 0.6, 0.1, 1.4], [-0.2, -0.2, 0.1, -0.2]], np.float32)
    found = flat(x, y)
    assert found[:3] == pytest.approx([-0.5, 0.0, -0.2], abs=0.02)
    assert 0.7 < found[3] <= 0.8, "outside its table a distance may be too short, never too long"


def test_rays_stop_at_the_first_surface_and_miss_the_rest() -> None:
    solid = shift(block(0.5, 0.5, 0.5), z=-3)
    x = np.linspace(-1, 1, 41, dtype=np.float32)
    rays = np.stack([x, np.zeros_like(x), np.full_like(x, -3.0)])
    rays /= np.linalg.norm(rays, axis=0)
    t = first_hit(solid, np.zeros((3, 1), np.float32), rays, np.full(41, FAR, np.float32), 1e-3)
    straight = np.abs(x) * 2.5 / 3 < 0.45
    assert t[straight] * -rays[2, straight] == pytest.approx(2.5, abs=0.01)
    assert (t[np.abs(x) > 0.65] == FAR).all()


def test_an_ellipsoid_is_zero_on_its_surface() -> None:
    solid = ellipsoid(0.3, 0.5, 0.8)
    on = np.array([[0.3, 0, 0], [0, 0.5, 0], [0, 0, -0.8]], np.float32).T
    assert solid.field(on) == pytest.approx(np.zeros(3), abs=1e-5)
    assert (solid.field(on * np.float32(0.5)) < 0).all()
    assert (solid.field(on * np.float32(1.5)) > 0).all()
