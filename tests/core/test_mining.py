import collections

import numpy as np
import pytest
import torch

from core.mining import NEGATIVES, Triplets, mine


def valid_triplets(triplets: Triplets) -> list[tuple[int, int, int]]:
    kept = [part[triplets.valid_N].tolist() for part in triplets[:3]]
    return list(zip(*kept, strict=True))


def brute_force(
    distances: np.ndarray, sketch_labels: np.ndarray, photo_labels: np.ndarray, how: str
) -> list[tuple[int, int, int]]:
    """The definitions, one triplet at a time."""
    found = []
    for a, label in enumerate(sketch_labels):
        negatives = [m for m, other in enumerate(photo_labels) if other != label]
        if not negatives:
            continue
        for p in np.flatnonzero(photo_labels == label):
            beyond = [n for n in negatives if distances[a, n] > distances[a, p]]
            if how == "hard":
                n = min(negatives, key=lambda n: (distances[a, n], n))
            elif beyond:
                n = min(beyond, key=lambda n: (distances[a, n], n))
            else:
                # ties of the farthest go to the last in sorted order
                n = max(negatives, key=lambda n: (distances[a, n], n))
            found.append((a, int(p), n))
    return found


@pytest.mark.parametrize("how", ["hard", "semihard"])
@pytest.mark.parametrize("seed", range(30))
def test_hard_and_semihard_against_brute_force(how: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    sketches, photos, classes = rng.integers(1, 9), rng.integers(1, 15), rng.integers(1, 5)
    distances = rng.random((sketches, photos)).round(1)  # rounding makes ties
    sketch_labels = rng.integers(0, classes, sketches)
    photo_labels = rng.integers(0, classes, photos)
    triplets = mine(
        torch.from_numpy(distances),
        torch.from_numpy(sketch_labels),
        torch.from_numpy(photo_labels),
        how,
    )
    assert valid_triplets(triplets) == brute_force(distances, sketch_labels, photo_labels, how)


def test_random_is_uniform_over_the_negatives_and_only_them() -> None:
    sketch_labels = torch.tensor([0, 1])
    photo_labels = torch.tensor([0, 1, 0, 2, 1, 2])
    generator = torch.Generator().manual_seed(3)
    drawn: dict[int, collections.Counter[int]] = collections.defaultdict(collections.Counter)
    for _ in range(1500):
        triplets = mine(torch.zeros(2, 6), sketch_labels, photo_labels, "random", generator)
        for anchor, positive, negative in valid_triplets(triplets):
            assert photo_labels[positive] == sketch_labels[anchor]
            drawn[anchor][negative] += 1
    assert set(drawn[0]) == {1, 3, 4, 5}
    assert set(drawn[1]) == {0, 2, 3, 5}
    for counts in drawn.values():
        assert all(abs(count - 750) < 120 for count in counts.values())  # 5 standard deviations


def test_random_repeats_with_its_generator() -> None:
    labels = torch.arange(8) % 3
    seeds = (5, 5, 6)
    first, again, other = (
        mine(
            torch.zeros(8, 8), labels, labels, "random", torch.Generator().manual_seed(seed)
        ).negative_N
        for seed in seeds
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("how", NEGATIVES)
@pytest.mark.parametrize(
    ("sketch_labels", "photo_labels"),
    [([0], [0]), ([0], [1]), ([2, 2, 2], [2, 2]), ([0, 1], [2, 3, 4])],
)
def test_batches_without_triplets_have_none_valid(
    how: str, sketch_labels: list[int], photo_labels: list[int]
) -> None:
    distances = torch.rand(len(sketch_labels), len(photo_labels))
    triplets = mine(distances, torch.tensor(sketch_labels), torch.tensor(photo_labels), how)
    assert not triplets.valid_N.any()
    assert triplets.negative_N.min() >= 0
    assert triplets.negative_N.max() < len(photo_labels)


def test_one_class_missing_its_negatives_leaves_the_others_alone() -> None:
    photo_labels = torch.tensor([0, 0, 1])
    triplets = mine(torch.rand(3, 3), torch.tensor([0, 1, 7]), photo_labels, "hard")
    assert {anchor for anchor, _, _ in valid_triplets(triplets)} == {0, 1}


def test_refuses() -> None:
    labels = torch.zeros(2, dtype=torch.int64)
    with pytest.raises(ValueError, match="'easy'; allowed: random, semihard, hard"):
        mine(torch.zeros(2, 2), labels, labels, "easy")
    with pytest.raises(ValueError, match=r"distances of shape \(2, 3\)"):
        mine(torch.zeros(2, 3), labels, labels, "hard")
