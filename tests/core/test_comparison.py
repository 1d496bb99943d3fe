"""Comparisons are what a slow and plain reference says, on what the checkpoints really share."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from core.comparison import (
    Comparison,
    differences,
    find_ground,
    jaccard,
    over_seeds,
    rank_biased_overlap,
    rate,
    shared_points,
    side_by_side,
)
from core.dataset import Samples
from core.replay import Probe
from core.runs import Run, RunWriter
from tests.core.test_runs import write_epoch
from tests.core.test_studies import repeated, row, write_study

CLASSES = ("ant", "bee", "cat")


def slow_jaccard(one: list[int], other: list[int]) -> float:
    return len(set(one) & set(other)) / len(set(one) | set(other))


def slow_rbo(one: list[int], other: list[int], p: float) -> float:
    """The sum of Webber, Moffat and Zobel's equation 30, term by term."""
    k, total, agreed = len(one), 0.0, 0.0
    for depth in range(1, k + 1):
        agreed = len(set(one[:depth]) & set(other[:depth])) / depth
        total += agreed * p**depth
    return agreed * p**k + (1 - p) / p * total


def rankings(count: int, k: int, items: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.stack([random.permutation(items)[:k] for _ in range(count)])


@pytest.mark.parametrize(("k", "items"), [(1, 3), (5, 7), (10, 12), (10, 200), (20, 20)])
@pytest.mark.parametrize("p", [0.5, 0.9, 0.98])
def test_overlaps_are_those_of_plain_loops(k: int, items: int, p: float) -> None:
    one, other = rankings(30, k, items, 1), rankings(30, k, items, 2)
    pairs = list(zip(one.tolist(), other.tolist(), strict=True))
    assert jaccard(one, other).tolist() == pytest.approx([slow_jaccard(a, b) for a, b in pairs])
    slow = [slow_rbo(a, b, p) for a, b in pairs]
    assert rank_biased_overlap(one, other, p).tolist() == pytest.approx(slow)
    assert rank_biased_overlap(other, one, p).tolist() == pytest.approx(slow)


def test_the_same_ranking_agrees_fully_and_early_places_count_more() -> None:
    one = np.array([[1, 2, 3, 4]])
    assert rank_biased_overlap(one, one).item() == pytest.approx(1)
    assert rank_biased_overlap(one, one + 10).item() == 0
    late, early = np.array([[1, 2, 4, 3]]), np.array([[2, 1, 3, 4]])
    assert rank_biased_overlap(one, late) > rank_biased_overlap(one, early)
    assert jaccard(one, late).item() == jaccard(one, early).item() == 1


def test_rankings_that_can_not_be_compared_are_told() -> None:
    with pytest.raises(ValueError, match=r"shapes \(1, 2\) and \(1, 3\)"):
        jaccard(np.zeros((1, 2), int), np.zeros((1, 3), int))
    with pytest.raises(ValueError, match="p is 1"):
        rank_biased_overlap(np.zeros((1, 2), int), np.zeros((1, 2), int), 1.0)


def samples(ids: str, labels: str, splits: str = "") -> Samples:
    """Items named by letters: their ids, the first letters of their classes and splits."""
    classes = {name[0]: name for name in CLASSES} | {"-": ""}
    sides = {"t": "test", "v": "valid", "r": "train"}
    return Samples(
        ids=np.array(list(ids)),
        labels=np.array([classes[letter] for letter in labels]),
        splits=np.array([sides[letter] for letter in splits or "t" * len(ids)]),
        encoded=lambda row: b"",
    )


def test_only_what_all_share_is_compared() -> None:
    photos = [
        samples("pqrstu", "aabbc-", "tttrtt"),
        samples("uzstrqp", "bbbabba"),
    ]
    drawings = [samples("xyz", "abc"), samples("yx", "ba")]
    ground = find_ground(photos, drawings)
    # q, an ant to one and a bee to the other, is none that they share; s was learned by one.
    assert ground.photos.ids.tolist() == ["p", "r", "u"]
    assert ground.photos.labels.tolist() == ["ant", "bee", "bee"]
    assert ground.photos.rows.tolist() == [[0, 2, 5], [6, 4, 0]]
    assert ground.drawings.rows.tolist() == [[0, 1], [1, 0]]
    assert ground.photos.had == (5, 7)
    assert ground.classes == ("ant", "bee")
    told = ground.told(["A", "B"])
    assert "2 held-out drawings over 3 held-out photos, of 2 classes" in told
    assert "A has 3 and 5 of them; B has 2 and 7 of them" in told
    assert len(find_ground(photos, drawings, "all").photos) == 4
    with pytest.raises(ValueError, match="searched is 'some', allowed: held out, all"):
        find_ground(photos, drawings, "some")


def test_the_same_data_and_data_without_anything_in_common_are_told() -> None:
    same = [samples("pq", "ab")] * 3
    told = find_ground(same, same).told(["A", "B", "C"])
    assert told == "All are asked the same: 2 held-out drawings over 2 held-out photos."
    none = find_ground([samples("pq", "ab"), samples("rs", "ab")], same[:2])
    assert (len(none.photos), none.photos.rows.shape) == (0, (2, 0))
    assert none.told(["A", "B"]).startswith("A and B share no held-out photos")
    no_drawing = find_ground(same[:2], [samples("p", "a"), samples("q", "b")], "all")
    assert "2 photos, but no held-out drawing" in no_drawing.told(["A", "B"])


def rated() -> tuple[Comparison, list[np.ndarray], list[np.ndarray]]:
    """Two checkpoints of different widths and distances over 30 photos; a cat has none."""
    random = np.random.default_rng(5)
    names = "".join(chr(ord("A") + place) for place in range(30))
    photos = samples(names, "ab" * 14 + "--")
    drawings = samples("0123456789", "abcab" * 2)
    ground = find_ground([photos, photos], [drawings, drawings])
    asked = [random.normal(size=(10, width)).astype(np.float32) for width in (4, 7)]
    searched = [random.normal(size=(30, width)).astype(np.float32) for width in (4, 7)]
    return rate(asked, searched, ["cosine", "euclidean"], ground), asked, searched


def test_every_rating_is_that_of_a_plain_loop() -> None:
    found, asked, searched = rated()
    ground = found.ground
    for at, distance in enumerate(("cosine", "euclidean")):
        for query, point in enumerate(asked[at]):
            if distance == "cosine":
                norms = np.linalg.norm(searched[at], axis=1) * np.linalg.norm(point)
                scores = searched[at] @ point / norms
            else:
                scores = -np.linalg.norm(searched[at] - point, axis=1)
            best = np.argsort(-scores, kind="stable")[:10]
            assert found.found[at, query].tolist() == best.tolist()
            label = ground.drawings.labels[query]
            if label == "cat":
                assert np.isnan(found.ap[at, query])
                continue
            relevant = ground.photos.labels == label
            expected = average_precision_score(relevant, scores)
            assert found.ap[at, query] == pytest.approx(expected, abs=1e-6)
        ants = ground.drawings.labels == "ant"
        assert found.class_ap[at, 0] == pytest.approx(found.ap[at, ants].mean())
        assert found.mean_ap[at] == pytest.approx(np.nanmean(found.ap[at]))


def test_changes_are_sorted_from_gain_to_loss() -> None:
    found, _, _ = rated()
    order = found.order(1)
    assert sorted(order.tolist()) == [0, 1, 3, 4, 5, 6, 8, 9]
    change = found.change(1)[order]
    assert (np.diff(change) <= 0).all()
    assert change[0] == pytest.approx((found.ap[1] - found.ap[0])[order[0]])
    assert found.order(0, since=1).tolist() == order[::-1].tolist()
    classes = found.class_change(1)
    assert [name for name, _ in classes] in (["ant", "bee"], ["bee", "ant"])
    assert classes[0][1] >= classes[1][1]
    agreed = np.mean([slow_jaccard(*pair) for pair in zip(*found.found.tolist(), strict=True)])
    assert found.agreement(0, 1)[0] == pytest.approx(agreed)
    assert found.agreement(1, 1) == pytest.approx((1, 1))


def make_run(path: Path, seed: int, score: float, **config: Any) -> Run:
    """A complete run of two epochs, the second one better."""
    settings = {"loss": {"w_d": 0.1, "margin": 0.2}, "train": {"seed": seed, "epochs": 2}}
    writer = RunWriter.create(
        path,
        config={**settings, **config},
        recipe="tiny",
        data={"spec": config.get("spec", "builtin"), "fingerprint": "ab" * 32, "seed": 0},
        class_names=CLASSES,
        seed=seed,
        epochs_planned=2,
        study=path.parent.name if (path.parent / "study.json").exists() else "",
    )
    for epoch in (1, 2):
        write_epoch(writer, epoch, score * epoch / 2)
    writer.set_status("complete")
    return Run(path)


def test_only_settings_that_differ_are_named(tmp_path: Path) -> None:
    one = make_run(tmp_path / "one", 0, 0.4)
    two = make_run(tmp_path / "two", 1, 0.4, loss={"w_d": 0.08, "margin": 0.2, "soft": True})
    found = differences([one, two, one])
    assert found.differing == {
        "loss.w_d": ("0.1", "0.08", "0.1"),
        "train.seed": ("0", "1", "0"),
        "loss.soft": ("–", "true", "–"),
    }
    # data.spec, data.fingerprint, loss.margin and train.epochs.
    assert found.equal == 4
    assert differences([one, one]).differing == {}
    other = make_run(tmp_path / "other", 0, 0.4, spec="folder:x")
    assert "data.spec" in differences([one, other]).differing


def test_seeds_are_runs_that_differ_in_nothing_else(tmp_path: Path) -> None:
    scores = {0: 0.4, 1: 0.5, 2: 0.9}
    runs = [make_run(tmp_path / f"s{seed}", seed, score) for seed, score in scores.items()]
    copy = make_run(tmp_path / "copy", 0, 0.1)
    other = make_run(tmp_path / "other", 3, 0.1, loss={"w_d": 1.0, "margin": 0.2})
    unfinished = make_run(tmp_path / "unfinished", 4, 0.1)
    RunWriter(unfinished.path).set_status("stopped")
    found = over_seeds(runs[0], 2, [copy, *runs, other, unfinished])
    assert found is not None
    assert found.runs == ("s0", "s1", "s2")
    assert found.at_best
    values = list(scores.values())
    spread = np.mean(values), np.std(values, ddof=1)
    assert found.mean_std("map_all") == pytest.approx(spread)
    assert found.mean_std("loss_total") is None
    assert found.mean_std("no such metric") is None
    first = over_seeds(runs[0], 1, runs)
    assert first is not None
    assert first.mean_std("map_all") == pytest.approx((spread[0] / 2, spread[1] / 2))
    assert over_seeds(other, 2, [*runs, other]) is None


def test_a_trial_that_was_chosen_is_left_out_of_its_own_mean(tmp_path: Path) -> None:
    rows = [row("000", 0.1), row("001", 0.9), *repeated("001", [0.5, 0.7])]
    study = write_study(tmp_path / "study", rows).path
    trials = {"001": (0, 0.9), "001-s1": (1, 0.5), "001-s2": (2, 0.7)}
    runs = [make_run(study / name, *what) for name, what in trials.items()]
    found = over_seeds(runs[0], 2, runs)
    assert found is not None
    assert found.runs == ("study/001-s1", "study/001-s2")
    assert found.mean_std("map_all") == pytest.approx((0.6, np.std([0.5, 0.7], ddof=1)))


def make_probe(ids: str, labels: list[int]) -> Probe:
    count = len(ids)
    return Probe(
        ids=np.array(list(ids)),
        labels=np.array(labels),
        is_photo=np.array([letter.isupper() for letter in ids]),
        splits=np.array(["test"] * count),
        focus_sketches=np.arange(0),
        focus_photos=np.arange(0),
    )


def test_maps_of_the_shared_points_lie_over_one_another() -> None:
    probes = [make_probe("abcXYZ", [0, 1, 2, 0, 1, 2]), make_probe("XbqaZY", [1, 2, 0, 1, 0, 2])]
    names = [CLASSES, ("zebra", "ant", "bee")]
    points = shared_points(probes, names)
    # c is drawn by one alone, and Z is another class to the other.
    assert points.shared.ids.tolist() == ["a", "b", "X", "Y"]
    assert points.is_photo.tolist() == [False, False, True, True]
    one = np.random.default_rng(0).normal(size=(6, 2)).astype(np.float32)
    turn = np.array([[0, -3.0], [3.0, 0]])
    other = np.zeros((6, 2), np.float32)
    other[points.shared.rows[1]] = one[points.shared.rows[0]] @ turn + [5, -2]
    laid = side_by_side([one, other], points)
    assert laid[0].tolist() == one[[0, 1, 3, 4]].tolist()
    assert np.allclose(laid[1], laid[0], atol=1e-5)
