"""Failures are judged as an evaluation judges, against slow and obvious references."""

from pathlib import Path
from typing import cast

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from core.failures import Failures, FailureSettings, Queries, failures_of
from core.gallery import Gallery
from core.pictures import PictureStore

CLASSES = ("ant", "bee", "cat", "dog")
PHOTOS = 40


def asked(searched: str = "all", first: int = 5) -> tuple[Failures, Queries, np.ndarray, Gallery]:
    """Twelve drawings of ants, bees and dogs over photos of ants, bees and cats."""
    random = np.random.default_rng(3)
    photos = random.normal(size=(PHOTOS, 6)).astype(np.float32)
    labels = np.array([CLASSES[place % 3] for place in range(PHOTOS)])
    gallery = Gallery(
        path=Path(),
        key="",
        spec="",
        ids=np.array([f"photo {place}" for place in range(PHOTOS)]),
        labels=labels,
        splits=np.array(["test" if place % 4 else "train" for place in range(PHOTOS)]),
        paths=np.array([""] * PHOTOS),
        pictures=cast(PictureStore, None),
    )
    queries = Queries(
        ids=np.array([f"sketch {place}" for place in range(12)]),
        labels=np.array([0, 1, 3] * 4),
        embeddings=random.normal(size=(12, 6)).astype(np.float32),
    )
    settings = FailureSettings(searched=searched, first=first)  # type: ignore[arg-type]
    return failures_of(queries, gallery, photos, CLASSES, settings), queries, photos, gallery


@pytest.mark.parametrize("searched", ["all", "held out"])
def test_every_number_is_that_of_a_plain_loop(searched: str) -> None:
    found, queries, photos, gallery = asked(searched)
    rows = [r for r in range(PHOTOS) if searched == "all" or gallery.splits[r] == "test"]
    confusion = np.zeros((4, 4), int)
    for query, point in enumerate(queries.embeddings):
        norms = np.linalg.norm(photos[rows], axis=1) * np.linalg.norm(point)
        scores = photos[rows] @ point / norms
        best = [rows[place] for place in np.argsort(-scores, kind="stable")[:5]]
        assert found.found[query].tolist() == best
        label = queries.labels[query]
        if CLASSES[label] == "dog":
            assert np.isnan(found.ap[query])
            continue
        relevant = gallery.labels[rows] == CLASSES[label]
        assert found.ap[query] == pytest.approx(average_precision_score(relevant, scores))
        for photo in best:
            confusion[label, CLASSES.index(gallery.labels[photo])] += 1
    assert found.confusion.tolist() == confusion.tolist()
    assert found.searched == len(rows)
    assert found.class_ap[0] == pytest.approx(found.ap[queries.labels == 0].mean())


def test_the_worst_come_first_and_none_that_could_not_be_right() -> None:
    found, queries, _, _ = asked()
    rows = found.worst(100)
    assert sorted(rows.tolist()) == np.flatnonzero(queries.labels != 3).tolist()
    assert (np.diff(found.ap[rows]) >= 0).all()
    bees = found.worst(2, "bee")
    assert (queries.labels[bees] == 1).all()
    assert found.ap[bees[0]] == found.ap[queries.labels == 1].min()


def test_a_mistake_leads_to_the_drawings_behind_it() -> None:
    found, _, _, _ = asked()
    drawn, taken = found.mistaken(1)[0]
    a, b = CLASSES.index(drawn), CLASSES.index(taken)
    pairs = found.pairs(drawn, taken)
    assert sum(len(places) for _, places in pairs) == found.confusion[a, b] > 0
    assert all((found.found_labels[row, places] == b).all() for row, places in pairs)
    assert all(one[0] != one[1] for one in found.mistaken(100))
    assert found.shares()[a].sum() == pytest.approx(1)
    assert np.isnan(found.shares()[3]).all()


def test_nothing_to_search_is_told() -> None:
    with pytest.raises(ValueError, match="searched is 'some', allowed: held out, all"):
        asked("some")
    _, queries, photos, gallery = asked()
    strangers = ("ape", "bat", "cow", "doe")
    with pytest.raises(ValueError, match="12 sketches, 0 photos of known classes"):
        failures_of(queries, gallery, photos, strangers, FailureSettings())
