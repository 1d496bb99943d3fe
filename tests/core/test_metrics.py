"""Every metric against a slow reference written here, scikit-learn and ranx."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

import core.metrics.inputs as inputs
from core.metrics import (
    RetrievalMetrics,
    instance_accuracy,
    metrics_from_scores,
    retrieval_metrics,
    usable_ks,
)
from core.metrics.cores import spread
from core.metrics.ranks import first_items
from core.metrics.similarity import Gallery

Case = tuple[np.ndarray, np.ndarray, np.ndarray, int]
"""Scores (Q, N), query labels, gallery labels, number of classes."""

many = settings(max_examples=300, deadline=None)
# Few values, so that ties are everywhere; both zeros; values that no even spacing tells apart.
tied = st.sampled_from([-1.0, -0.5, -0.0, 0.0, 0.25, 0.5, 0.75])
any_float = st.floats(width=32, allow_nan=False, allow_infinity=False)


@st.composite
def cases(draw: st.DrawFn, values: st.SearchStrategy[float] = tied | any_float) -> Case:
    classes = draw(st.integers(1, 4))
    queries, size = draw(st.integers(1, 5)), draw(st.integers(1, 14))
    label = st.integers(0, classes - 1)
    query_labels = np.array(draw(st.lists(label, min_size=queries, max_size=queries)))
    labels = np.array(draw(st.lists(label, min_size=size, max_size=size)))
    query_labels[0] = labels[0]  # at least one query can be scored
    flat = draw(st.lists(values, min_size=queries * size, max_size=queries * size))
    return np.array(flat, dtype=np.float32).reshape(queries, size), query_labels, labels, classes


def ranking(scores: np.ndarray) -> list[int]:
    return sorted(range(len(scores)), key=lambda item: (-float(scores[item]), item))


def one_query(scores: np.ndarray, relevant: list[bool], ks: list[int]) -> dict[str, float]:
    """The definitions, word by word."""
    hits = [relevant[item] for item in ranking(scores)]
    r = sum(hits)
    precision = [sum(hits[: k + 1]) / (k + 1) for k in range(len(hits))]
    found = {"map_all": sum(p for p, hit in zip(precision, hits, strict=True) if hit) / r}
    for k in ks:
        total = sum(p for p, hit in zip(precision[:k], hits[:k], strict=True) if hit)
        n = sum(hits[:k])
        found[f"map_at_{k}[hits]"] = total / n if n else 0.0
        found[f"map_at_{k}[minRK]"] = total / min(r, k)
        found[f"p_at_{k}"] = n / k
        found[f"r_at_{k}"] = n / r
        found[f"acc_at_{k}"] = float(n > 0)
    return found


def check_against_reference(
    found: RetrievalMetrics, case: Case, ks: list[int], confusion_k: int
) -> None:
    scores, query_labels, labels, classes = case
    confusion = np.zeros((classes, classes), dtype=np.int64)
    rows: list[dict[str, float]] = []
    of: list[int] = []
    for query, label in enumerate(query_labels):
        if label not in labels:
            assert math.isnan(found.per_query_ap[query])
            continue
        rows.append(one_query(scores[query], [bool(x == label) for x in labels], ks))
        of.append(int(label))
        assert found.per_query_ap[query] == pytest.approx(rows[-1]["map_all"], abs=1e-12)
        for item in ranking(scores[query])[:confusion_k]:
            confusion[label, labels[item]] += 1
    assert (found.queries, found.queries_skipped) == (len(rows), len(query_labels) - len(rows))
    assert found.gallery == len(labels)
    np.testing.assert_array_equal(found.confusion, confusion)
    expected: dict[str, float] = {}
    for name in rows[0]:
        expected[name] = float(np.mean([row[name] for row in rows]))
        per_class = [
            np.mean([row[name] for row, c in zip(rows, of, strict=True) if c == label])
            for label in sorted(set(of))
        ]
        macro = name[:-1] + ",macro]" if name.endswith("]") else name + "[macro]"
        expected[macro] = float(np.mean(per_class))
        if name == "map_all":
            for label in range(classes):
                if label in of:
                    place = sorted(set(of)).index(label)
                    assert found.per_class_ap[label] == pytest.approx(per_class[place], abs=1e-12)
                else:
                    assert math.isnan(found.per_class_ap[label])
    assert found.values == pytest.approx(expected, abs=1e-12)


@many
@given(cases(), st.data())
def test_all_metrics_match_the_definitions_on_any_scores(case: Case, data: st.DataObject) -> None:
    scores, query_labels, labels, classes = case
    size = len(labels)
    ks = data.draw(st.lists(st.integers(1, size), min_size=1, max_size=3, unique=True))
    confusion_k = data.draw(st.integers(1, size))
    chunk = data.draw(st.integers(1, 6) | st.none())
    found = metrics_from_scores(
        scores, query_labels, labels, class_count=classes, ks=ks, confusion_k=confusion_k,
        chunk=chunk,
    )  # fmt: skip
    check_against_reference(found, case, ks, confusion_k)


@many
@given(cases(st.integers(-3, 3).map(float)), st.data())
def test_euclidean_metrics_of_embeddings_match_with_exact_ties(
    case: Case, data: st.DataObject
) -> None:
    gallery, query_labels, labels, classes = case[0].T.copy(), *case[1:]
    shape = (len(query_labels), gallery.shape[1])
    count = shape[0] * shape[1]
    flat = data.draw(st.lists(st.integers(-3, 3), min_size=count, max_size=count))
    queries = np.array(flat, dtype=np.float32).reshape(shape)
    scores = -np.square(queries[:, None] - gallery).sum(-1)  # integers: exact, and full of ties
    found = retrieval_metrics(
        queries, gallery, query_labels, labels, class_count=classes, ks=[1], confusion_k=1,
        distance="euclidean",
    )  # fmt: skip
    check_against_reference(found, (scores, query_labels, labels, classes), [1], 1)


def random_case(seed: int, queries: int, size: int, classes: int, dimensions: int = 24) -> tuple[
    np.ndarray, np.ndarray, np.ndarray, np.ndarray
]:  # fmt: skip
    """Embeddings that lean towards their class, and labels."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((classes, dimensions))
    query_labels, labels = random.integers(0, classes, queries), random.integers(0, classes, size)
    noise = 2 * random.standard_normal((queries + size, dimensions))
    points = (centres[np.concatenate([query_labels, labels])] + noise).astype(np.float32)
    return points[:queries], points[queries:], query_labels, labels


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
def test_map_all_is_scikit_learns_average_precision(seed: int, distance: str) -> None:
    queries, gallery, query_labels, labels = random_case(seed, 30, 200 + 37 * seed, 1 + seed)
    found = retrieval_metrics(
        queries, gallery, query_labels, labels, class_count=1 + seed,
        distance="cosine" if distance == "cosine" else "euclidean",
    )  # fmt: skip
    q, g = queries.astype(np.float64), gallery.astype(np.float64)
    if distance == "cosine":
        q, g = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (q, g))
    scores = -np.linalg.norm(q[:, None] - g, axis=-1)
    # In fp32 two items closer than 1e-7 may change places.
    for ap, score, label in zip(found.per_query_ap, scores, query_labels, strict=True):
        assert ap == pytest.approx(average_precision_score(labels == label, score), abs=1e-3)


@many
@given(st.integers(1, 40), st.data())
def test_map_all_is_scikit_learns_on_any_order(size: int, data: st.DataObject) -> None:
    scores = np.array(data.draw(st.permutations(range(size))), dtype=np.float32) - size // 2
    labels = np.array(data.draw(st.lists(st.integers(0, 1), min_size=size, max_size=size)))
    label = labels[data.draw(st.integers(0, size - 1))]
    found = metrics_from_scores(
        scores[None], np.array([label]), labels, class_count=2, ks=[1], confusion_k=1
    )
    expected = average_precision_score(labels == label, scores)
    assert found.values["map_all"] == pytest.approx(expected, abs=1e-12)


RANX = """
import json, sys
import ranx
qrels, run, names = json.load(sys.stdin)
found = ranx.evaluate(ranx.Qrels(qrels), ranx.Run(run), names, return_mean=False)
json.dump({name: [float(value) for value in found[name]] for name in names}, sys.stdout)
"""


def by_ranx(qrels: dict[str, Any], run: dict[str, Any], names: list[str]) -> dict[str, np.ndarray]:
    """Each metric of each query by ranx, interpreted: compiling it takes a minute."""
    done = subprocess.run(
        [sys.executable, "-c", RANX],
        input=json.dumps([qrels, run, names]),
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return {name: np.array(values) for name, values in json.loads(done.stdout).items()}


@pytest.mark.slow
def test_the_metrics_at_k_are_those_of_ranx_in_300_queries() -> None:
    random = np.random.default_rng(0)
    queries, size, ks = 300, 60, [1, 5, 20, 60]
    scores = random.permuted(np.tile(np.arange(size), (queries, 1)), axis=1).astype(np.float32)
    labels = random.integers(0, 5, size)
    query_labels = random.integers(0, 5, queries)
    found = metrics_from_scores(scores, query_labels, labels, class_count=5, ks=ks)
    items = [f"{item:03}" for item in range(size)]
    qrels, run = {}, {}
    for query, label in enumerate(query_labels):
        qrels[f"{query:03}"] = {items[i]: 1 for i in np.flatnonzero(labels == label)}
        run[f"{query:03}"] = {items[i]: float(scores[query, i]) for i in range(size)}
    names = [f"{m}@{k}" for k in ks for m in ("map", "precision", "recall", "hit_rate")] + ["map"]
    theirs = by_ranx(qrels, run, names)
    r = np.bincount(labels, minlength=5)[query_labels]
    assert found.values["map_all"] == pytest.approx(theirs["map"].mean())
    for k in ks:
        # ranx divides map@k by R, the definition here by min(R, K).
        ap = theirs[f"map@{k}"] * r / np.minimum(r, k)
        assert found.values[f"map_at_{k}[minRK]"] == pytest.approx(ap.mean())
        assert found.values[f"p_at_{k}"] == pytest.approx(theirs[f"precision@{k}"].mean())
        assert found.values[f"r_at_{k}"] == pytest.approx(theirs[f"recall@{k}"].mean())
        assert found.values[f"acc_at_{k}"] == pytest.approx(theirs[f"hit_rate@{k}"].mean())


# The traps, by name.


def score(scores: list[list[float]], query_labels: list[int], labels: list[int], k: int,
          ) -> RetrievalMetrics:  # fmt: skip
    return metrics_from_scores(
        torch.tensor(scores), torch.tensor(query_labels), torch.tensor(labels),
        class_count=max(labels + query_labels) + 1, ks=[k], confusion_k=1,
    )  # fmt: skip


def test_constant_scores_rank_by_gallery_index() -> None:
    found = score([[0.3] * 4], [1], [0, 1, 0, 1], 2)
    assert found.values["map_all"] == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert found.confusion.tolist() == [[0, 0], [1, 0]]


def test_k_above_the_gallery_is_an_error_that_names_both() -> None:
    with pytest.raises(ValueError, match=r"K is 5.*only 4 items"):
        score([[0.1] * 4], [0], [0, 0, 0, 0], 5)
    with pytest.raises(ValueError, match=r"confusion_k is 10.*only 4 items"):
        metrics_from_scores(
            np.zeros((1, 4)), np.array([0]), np.zeros(4, dtype=int), class_count=1, ks=[1]
        )
    assert usable_ks([1, 4, 5], 4) == (1, 4)


def test_a_query_without_relevant_items_is_left_out_and_counted() -> None:
    found = score([[0.9, 0.1], [0.9, 0.1]], [2, 1], [0, 1], 1)
    assert (found.queries, found.queries_skipped) == (1, 1)
    assert found.values["map_all"] == 0.5
    assert np.isnan(found.per_query_ap).tolist() == [True, False]
    assert found.confusion.sum() == 1


def test_nothing_to_score_is_an_error() -> None:
    with pytest.raises(ValueError, match="none of the 1 queries"):
        score([[0.9, 0.1]], [2], [0, 1], 1)


def test_fewer_relevant_items_than_k_still_divide_precision_by_k() -> None:
    found = score([[0.9, 0.8, 0.7, 0.6]], [1], [1, 0, 0, 0], 4).values
    assert (found["p_at_4"], found["r_at_4"], found["map_at_4[minRK]"]) == (0.25, 1.0, 1.0)


def test_the_two_ap_at_k_differ_as_published_tables_do() -> None:
    found = score([[4, 3, 2, 1]], [1], [1, 0, 1, 1], 2).values
    assert (found["map_at_2[hits]"], found["map_at_2[minRK]"]) == (1.0, 0.5)


def test_duplicates_in_the_gallery_keep_their_order() -> None:
    item = np.array([1.0, 2.0, 2.0], dtype=np.float32)
    gallery = np.stack([item, item, -item, item])
    found = retrieval_metrics(
        item[None], gallery, np.array([1]), np.array([0, 1, 0, 1]), class_count=2, ks=[1],
        confusion_k=2,
    )  # fmt: skip
    assert found.values["map_all"] == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert found.confusion.tolist() == [[0, 0], [1, 1]]


def test_negative_scores_count_like_any_others() -> None:
    up = score([[0.9, 0.2, 0.5]], [1], [0, 1, 1], 2).values
    assert score([[-0.1, -0.8, -0.5]], [1], [0, 1, 1], 2).values == up


def test_one_class_only_is_perfect() -> None:
    found = score([[0.1, 0.9, 0.9]], [0], [0, 0, 0], 3)
    assert set(found.values.values()) == {1.0}


@many
@given(st.lists(tied, min_size=1, max_size=12), st.data())
def test_the_first_items_are_chosen_by_index_where_they_tie(
    scores: list[float], data: st.DataObject
) -> None:
    k = data.draw(st.integers(1, len(scores)))
    found = first_items(torch.tensor([scores, scores[::-1]]), k)
    for row, values in zip(found.tolist(), (scores, scores[::-1]), strict=True):
        assert sorted(row) == sorted(ranking(np.array(values))[:k])


# What must not matter.


@pytest.mark.parametrize("chunk", [1, 7, 64, 1000])
@pytest.mark.parametrize("part_scores", [1, 1500, 9600])
def test_blocks_do_not_change_the_result(
    chunk: int, part_scores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(3)
    scores = random.integers(0, 50, (101, 300)).astype(np.float32)
    labels, query_labels = random.integers(0, 7, 300), random.integers(0, 9, 101)
    whole = metrics_from_scores(scores, query_labels, labels, class_count=9)
    monkeypatch.setattr(inputs, "PART_SCORES", part_scores)
    found = metrics_from_scores(scores, query_labels, labels, class_count=9, chunk=chunk)
    assert found.values == pytest.approx(whole.values, abs=1e-15)
    np.testing.assert_allclose(found.per_query_ap, whole.per_query_ap, rtol=1e-14)
    np.testing.assert_array_equal(found.confusion, whole.confusion)


def test_scores_never_exist_for_more_queries_than_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    original = Gallery.scores

    def counted(self: Gallery, placed: torch.Tensor) -> torch.Tensor:
        seen.append(len(placed))
        return original(self, placed)

    monkeypatch.setattr(Gallery, "scores", counted)
    queries, gallery, query_labels, labels = random_case(0, 50, 200, 3)
    retrieval_metrics(queries, gallery, query_labels, labels, class_count=3, chunk=8)
    assert max(seen) == 8
    assert sum(seen) == 50


def test_the_same_input_gives_the_same_figures_and_leaves_settings_alone() -> None:
    threads, precision = torch.get_num_threads(), torch.get_float32_matmul_precision()
    queries, gallery, query_labels, labels = random_case(1, 300, 500, 5)
    torch.set_float32_matmul_precision("medium")
    try:
        first = retrieval_metrics(queries, gallery, query_labels, labels, class_count=5, chunk=16)
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_float32_matmul_precision(precision)
    again = retrieval_metrics(queries, gallery, query_labels, labels, class_count=5, chunk=16)
    assert first.values == again.values
    assert torch.get_num_threads() == threads
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(torch.get_num_threads).result() == threads


def test_two_at_once_leave_numpys_threads_as_they_were() -> None:
    def threads() -> list[int]:
        return [info["num_threads"] for info in blas.info()]

    blas = ThreadpoolController().select(user_api="blas")
    before, cpu = threads(), torch.device("cpu")
    torch_threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        first, second = spread(abs, [1, -2, 3], cpu), spread(abs, [4, -5], cpu)
        with ThreadPoolExecutor(1) as other:
            got = [next(first), other.submit(next, second).result()]
            assert threads() == [1] * len(before)
            got += first
            assert threads() == [1] * len(before)  # the second is still at it
            got += other.submit(list, second).result()
    finally:
        torch.set_num_threads(torch_threads)
    assert got == [1, 4, 2, 3, 5]
    assert threads() == before


def test_tensors_arrays_half_precision_and_memory_maps_are_taken(tmp_path: object) -> None:
    queries, gallery, query_labels, labels = random_case(2, 20, 300, 4)
    file = f"{tmp_path}/gallery.npy"
    np.save(file, gallery.astype(np.float16))
    mapped = np.load(file, mmap_mode="r")
    from_map = retrieval_metrics(queries, mapped, query_labels, labels, class_count=4)
    from_tensors = retrieval_metrics(
        torch.from_numpy(queries), torch.from_numpy(gallery).half(), torch.from_numpy(query_labels),
        torch.from_numpy(labels), class_count=4,
    )  # fmt: skip
    assert from_map.values == from_tensors.values


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"queries": np.zeros((2, 5), np.float32)}, "queries have 5 dimensions, gallery items 3"),
        ({"queries": np.zeros(3, np.float32)}, r"queries have shape \(3,\)"),
        ({"gallery": np.full((4, 3), np.nan, np.float32)}, "gallery items hold values that are"),
        ({"query_labels": np.array([0, 2])}, "query_labels range from 0 to 2, allowed is 0 to 1"),
        ({"gallery_labels": np.array([0, 1])}, "gallery_labels have shape"),
        ({"gallery_labels": np.zeros(4)}, "gallery_labels have shape .* needed are 4 integers"),
        ({"distance": "manhattan"}, "distance is 'manhattan', allowed: cosine, euclidean"),
        ({"chunk": 0}, "chunk is 0 queries"),
        ({"ks": [0]}, "K is 0"),
    ],
)
def test_wrong_input_is_named(change: dict[str, object], message: str) -> None:
    right: dict[str, object] = {
        "queries": np.ones((2, 3), np.float32), "gallery": np.ones((4, 3), np.float32),
        "query_labels": np.array([0, 1]), "gallery_labels": np.array([0, 1, 0, 1]),
        "class_count": 2, "ks": [1], "confusion_k": 1,
    }  # fmt: skip
    retrieval_metrics(**right)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=message):
        retrieval_metrics(**right | change)  # type: ignore[arg-type]


def test_far_away_embeddings_close_together_keep_their_order() -> None:
    # 1000 ± 0.01: |q|² - 2qg + |g|² has no correct digit left here.
    random = np.random.default_rng(0)
    offsets = random.standard_normal((400, 8)) / 100
    points = (1000 + offsets).astype(np.float32)
    labels = random.integers(0, 3, 380)
    query_labels = random.integers(0, 3, 20)
    found = retrieval_metrics(
        points[:20], points[20:], query_labels, labels, class_count=3, distance="euclidean"
    )
    exact = points.astype(np.float64)
    scores = -np.square(exact[:20, None] - exact[20:]).sum(-1)
    for ap, row, label in zip(found.per_query_ap, scores, query_labels, strict=True):
        assert ap == pytest.approx(average_precision_score(labels == label, row), abs=1e-3)


# Fine-grained accuracy.


@many
@given(cases(st.integers(-3, 3).map(float)), st.data())
@example((np.zeros((2, 3), np.float32), np.array([0, 0]), np.array([0, 0, 0]), 1), None)
def test_instance_accuracy_matches_a_full_ranking(case: Case, data: st.DataObject | None) -> None:
    gallery, labels = case[0].T.copy(), case[2]
    size = len(gallery)
    targets = data.draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=5)) if data else [2]
    queries = np.array([gallery[t] + (i % 3) - 1 for i, t in enumerate(targets)], dtype=np.float32)
    scores = -np.square(queries[:, None] - gallery).sum(-1)
    found = instance_accuracy(
        queries, gallery, np.array(targets), ks=[1, size], within=labels, distance="euclidean",
        chunk=2,
    )  # fmt: skip
    for k in (1, size):
        hits, own = [], []
        for row, target in zip(scores, targets, strict=True):
            order = ranking(row)
            hits.append(target in order[:k])
            own.append(target in [i for i in order if labels[i] == labels[target]][:k])
        assert found[f"acc_at_{k}[instance]"] == pytest.approx(np.mean(hits))
        assert found[f"acc_at_{k}[instance_in_class]"] == pytest.approx(np.mean(own))


def test_instance_accuracy_names_what_is_wrong() -> None:
    eye = np.eye(3, dtype=np.float32)
    with pytest.raises(ValueError, match=r"K is 5.*only 3 items"):
        instance_accuracy(eye, eye, np.arange(3), ks=[5])
    with pytest.raises(ValueError, match="target_index range from 1 to 3, allowed is 0 to 2"):
        instance_accuracy(eye, eye, np.arange(1, 4), ks=[1])
