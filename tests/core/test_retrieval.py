"""Search against a full sort in float64, on disk and in memory, exact and approximate."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import core.retrieval.exact as exact
from core.metrics.similarity import Distance
from core.retrieval import ApproximateIndex, Hits, Index


def reference(queries: np.ndarray, gallery: np.ndarray, distance: str) -> np.ndarray:
    q, g = queries.astype(np.float64), gallery.astype(np.float64)
    if distance == "cosine":
        q, g = (x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12) for x in (q, g))
        return q @ g.T
    return -np.linalg.norm(q[:, None] - g, axis=-1)


def check(hits: Hits, scores: np.ndarray, k: int) -> None:
    """The k best scores, in order, and each item with its own score; equal scores by index."""
    assert hits.indices.shape == hits.scores.shape == (len(scores), k)
    assert (hits.indices.dtype, hits.scores.dtype) == (np.int64, np.float32)
    best = -np.sort(-scores, axis=1)[:, :k]
    np.testing.assert_allclose(hits.scores, best, atol=1e-5)
    np.testing.assert_allclose(np.take_along_axis(scores, hits.indices, 1), hits.scores, atol=1e-5)
    steps = np.diff(hits.scores, axis=1)
    assert (steps <= 0).all()
    assert (np.diff(hits.indices, axis=1)[steps == 0] > 0).all()
    assert all(len(set(row)) == k for row in hits.indices.tolist())


@settings(max_examples=300, deadline=None)
@given(
    st.integers(1, 5), st.integers(1, 40), st.integers(1, 4), st.integers(0, 2**32 - 1),
    st.sampled_from(["cosine", "euclidean"]), st.sampled_from([np.float16, np.float32]), st.data(),
)  # fmt: skip
def test_search_is_a_full_sort(
    queries: int, size: int, dimensions: int, seed: int, distance: Distance, dtype: type,
    data: st.DataObject,
) -> None:  # fmt: skip
    random = np.random.default_rng(seed)
    gallery: np.ndarray = random.integers(-2, 3, (size, dimensions)).astype(dtype)
    asked = random.integers(-2, 3, (queries, dimensions)).astype(np.float32)
    k = data.draw(st.integers(1, size))
    hits = Index(gallery, distance=distance).search(asked, k)
    scores = reference(asked, gallery, distance)
    check(hits, scores, k)
    if distance == "euclidean":  # integers: ties are exact, so the items are determined
        order = np.argsort(-np.round(scores, 6), axis=1, kind="stable")[:, :k]
        np.testing.assert_array_equal(hits.indices, order)


@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
@pytest.mark.parametrize("order", ["random", "best last", "constant"])
@pytest.mark.parametrize("rows", [1, 30])
def test_blocks_and_thinning_lose_nothing(
    distance: Distance, order: str, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exact, "FIRST_ITEMS", 8)
    monkeypatch.setattr(exact, "BLOCK_ITEMS", 32 * rows)
    monkeypatch.setattr(exact, "PENDING_PER_QUERY", 20)
    random = np.random.default_rng(0)
    gallery = random.standard_normal((500, 6)).astype(np.float32)
    queries = random.standard_normal((rows, 6)).astype(np.float32)
    if order == "best last":  # every block beats all before it
        gallery = gallery[np.argsort(reference(queries[:1], gallery, distance)[0])]
    if order == "constant":
        gallery[:] = gallery[0]
    hits = Index(gallery, distance=distance).search(queries, 25)
    check(hits, reference(queries, gallery, distance), 25)
    if order == "constant":
        np.testing.assert_array_equal(hits.indices, np.tile(np.arange(25), (rows, 1)))


def test_queries_of_several_blocks_come_back_in_their_order() -> None:
    random = np.random.default_rng(1)
    gallery = random.standard_normal((3000, 4)).astype(np.float32)
    hits = Index(gallery).search(gallery, 1)
    np.testing.assert_array_equal(hits.indices[:, 0], np.arange(3000))


def test_the_accelerators_way_finds_the_same() -> None:
    random = np.random.default_rng(2)
    gallery = random.integers(-3, 4, (700, 5)).astype(np.float32)
    queries = random.integers(-3, 4, (9, 5)).astype(np.float32)
    found, scores = exact.search_device(
        torch.from_numpy(queries), 700, 60,
        lambda q, start, stop: q @ torch.from_numpy(gallery[start:stop]).T,
    )  # fmt: skip
    expected, expected_scores = exact.search_cpu(
        queries, 700, 60,
        lambda q, start, stop, out: np.matmul(q, gallery[start:stop].T, out=out),
    )  # fmt: skip
    np.testing.assert_array_equal(found.numpy(), expected)
    np.testing.assert_array_equal(scores.numpy(), expected_scores)
    order = np.argsort(-(queries @ gallery.T), axis=1, kind="stable")[:, :60]
    np.testing.assert_array_equal(expected, order)


def test_far_away_items_close_together_are_told_apart() -> None:
    random = np.random.default_rng(3)
    gallery = (1000 + random.standard_normal((2000, 16)) / 100).astype(np.float32)
    hits = Index(gallery, distance="euclidean").search(gallery[:50], 5)
    check(hits, reference(gallery[:50], gallery, "euclidean"), 5)
    np.testing.assert_array_equal(hits.scores[:, 0], 0.0)


def test_k_above_the_index_is_an_error_that_names_both() -> None:
    with pytest.raises(ValueError, match="k is 5, allowed is 1 to 4"):
        Index(np.ones((4, 2), np.float32)).search(np.ones((1, 2), np.float32), 5)


@pytest.mark.parametrize(
    ("embeddings", "message"),
    [
        (np.ones(4, np.float32), r"embeddings have shape \(4,\)"),
        (np.ones((0, 4), np.float32), r"embeddings have shape \(0, 4\)"),
        (np.ones((4, 2)), "embeddings are float64, allowed: float16, float32"),
    ],
)
def test_wrong_embeddings_are_named(embeddings: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Index(embeddings)


def test_other_wrong_input_is_named() -> None:
    good = np.ones((4, 2), np.float32)
    with pytest.raises(ValueError, match="3 ids for 4 embeddings"):
        Index(good, ["a", "b", "c"])
    with pytest.raises(ValueError, match="queries have 3 dimensions, the index has 2"):
        Index(good).search(np.ones((1, 3), np.float32), 1)
    with pytest.raises(ValueError, match="distance is 'dot'"):
        Index(good, distance="dot")  # type: ignore[arg-type]
    broken = good.copy()
    broken[2, 1] = np.nan
    with pytest.raises(ValueError, match="embedding 2 is not finite"):
        Index(broken).search(good[:1], 1)


# Where the embeddings lie.


def test_embeddings_in_memory_are_not_copied() -> None:
    array, tensor = np.ones((5, 2), np.float32), torch.ones((5, 2), dtype=torch.float16)
    for index, own in ((Index(array), array), (Index(tensor), tensor.numpy())):
        assert index._rows is not None
        assert np.shares_memory(index._rows, own)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_a_saved_index_opens_as_a_map_and_finds_the_same(tmp_path: Path, dtype: type) -> None:
    random = np.random.default_rng(4)
    gallery: np.ndarray = random.standard_normal((300, 8)).astype(dtype)
    queries = random.standard_normal((7, 8)).astype(np.float32)
    ids = [f"photo/{n}.jpg" for n in range(300)]
    index = Index(gallery, ids, distance="euclidean")
    index.save(tmp_path / "index")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        opened = Index.open(tmp_path / "index")
        hits = opened.search(queries, 9)
    assert isinstance(opened._rows, np.memmap)
    assert opened._rows.dtype == dtype
    assert (opened.ids, opened.distance, len(opened)) == (ids, "euclidean", 300)
    before = index.search(queries, 9)
    np.testing.assert_array_equal(hits.indices, before.indices)
    np.testing.assert_array_equal(hits.scores, before.scores)


def test_an_index_is_neither_overwritten_nor_opened_by_halves(tmp_path: Path) -> None:
    index = Index(np.ones((4, 2), np.float32))
    index.save(tmp_path)
    assert Index.open(tmp_path).ids is None
    with pytest.raises(ValueError, match="holds an index already"):
        index.save(tmp_path)
    (tmp_path / "index.json").unlink()
    with pytest.raises(ValueError, match=r"index\.json is missing"):
        Index.open(tmp_path)


def test_a_strangers_index_runs_no_code(tmp_path: Path) -> None:
    Index(np.ones((4, 2), np.float32), list("abcd")).save(tmp_path)
    np.save(tmp_path / "embeddings.npy", np.array([{"a": 1}] * 4), allow_pickle=True)
    with pytest.raises(ValueError, match=r"embeddings\.npy is not readable as an array"):
        Index.open(tmp_path)
    for text, message in (("{", "not readable as JSON"), ("[]", "not of format 1")):
        (tmp_path / "index.json").write_text(text)
        with pytest.raises(ValueError, match=message):
            Index.open(tmp_path)


def test_ids_that_are_no_names_are_refused(tmp_path: Path) -> None:
    Index(np.ones((2, 2), np.float32), ["a", "b"]).save(tmp_path)
    (tmp_path / "ids.json").write_text(json.dumps([1, 2]))
    with pytest.raises(ValueError, match="is not a list of names"):
        Index.open(tmp_path)


# The approximate index.


def clustered(size: int) -> np.ndarray:
    random = np.random.default_rng(5)
    centres = 2 * random.standard_normal((40, 16))
    points = centres[random.integers(0, 40, size)] + random.standard_normal((size, 16))
    return points.astype(np.float32)


@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
def test_the_approximate_index_finds_most_and_with_full_effort_all(distance: Distance) -> None:
    pytest.importorskip("faiss")
    points = clustered(5000)
    gallery, queries = points[100:], points[:100]
    truth = Index(gallery, distance=distance).search(queries, 20)
    index = ApproximateIndex(gallery, distance=distance, effort=8)
    hits = index.search(queries, 20)
    found = [len(np.intersect1d(a, b)) for a, b in zip(hits.indices, truth.indices, strict=True)]
    assert np.mean(found) / 20 >= 0.9
    everything = ApproximateIndex(gallery, distance=distance, effort=10_000).search(queries, 20)
    np.testing.assert_array_equal(everything.indices, truth.indices)
    np.testing.assert_allclose(everything.scores, truth.scores, atol=1e-6)


def test_the_approximate_index_fills_k_from_more_cells() -> None:
    pytest.importorskip("faiss")
    points = clustered(700)
    hits = ApproximateIndex(points, effort=1).search(points[:3], 700)
    assert (np.sort(hits.indices, axis=1) == np.arange(700)).all()
    with pytest.raises(ValueError, match="k is 701, allowed is 1 to 700"):
        ApproximateIndex(points).search(points[:3], 701)


def test_an_approximate_index_opens_as_it_was_saved(tmp_path: Path) -> None:
    pytest.importorskip("faiss")
    points = clustered(1000)
    index = ApproximateIndex(points, [str(n) for n in range(1000)], distance="euclidean", effort=2)
    index.save(tmp_path)
    opened = ApproximateIndex.open(tmp_path, effort=2)
    before, after = index.search(points[:50], 10), opened.search(points[:50], 10)
    np.testing.assert_array_equal(before.indices, after.indices)
    assert (opened.ids, opened.distance, len(opened)) == (index.ids, "euclidean", 1000)
    np.save(tmp_path / "cells.npy", np.full(1000, 99, dtype=np.int64))
    with pytest.raises(ValueError, match=r"cells\.npy does not fit"):
        ApproximateIndex.open(tmp_path)


def test_without_faiss_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'sketchy\[faiss\]'"):
        ApproximateIndex(np.ones((4, 2), np.float32))
