"""Category-level retrieval metrics, from one pass over the similarities.

Shapes: Q queries, N gallery items, C classes, B queries of one block, M relevant items (padded).
For a query with R relevant items, the ranking goes by descending similarity, ties by ascending
gallery index; rel_k is 1 where the item at rank k is relevant; P@k is the share of relevant items
among the first k.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.metrics.ranks import INDEX_MASK, ranking_keys, ranks_of
from core.metrics.similarity import (
    Array,
    Distance,
    Gallery,
    as_embeddings,
    check_distance,
    full_precision,
)

DEFAULT_KS = (1, 5, 10, 100, 200)
BLOCK_BYTES = {"cpu": 16 << 20}
"""Size of one block of ranking keys by device type: on a CPU it should stay in the cache."""
BLOCK_BYTES_ELSEWHERE = 256 << 20


@dataclass(frozen=True, kw_only=True)
class RetrievalMetrics:
    """What one evaluation found."""

    values: dict[str, float]
    """Metric by name: `map_all`, and for each K `map_at_K[hits]`, `map_at_K[minRK]`, `p_at_K`,
    `r_at_K`, `acc_at_K`; each also averaged per class first, as `map_all[macro]`,
    `map_at_K[hits,macro]`, … All lie in 0…1."""
    queries: int
    """Queries that were scored."""
    queries_skipped: int
    """Queries left out because the gallery holds nothing of their class."""
    gallery: int
    """Items in the gallery."""
    per_class_ap: np.ndarray
    """(C,) mean AP of each class's queries, nan where a class has none."""
    per_query_ap: np.ndarray
    """(Q,) AP of each query in the order given, nan where skipped."""
    confusion: np.ndarray
    """(C, C) int64: row = class of the query, column = class of an item among its first
    `confusion_k`; skipped queries are not in it."""


def usable_ks(ks: Sequence[int], gallery_size: int) -> tuple[int, ...]:
    """Those ks that a gallery of this size can answer: a caller's explicit choice to drop others.

    >>> usable_ks((1, 5, 10, 100, 200), gallery_size=60)
    (1, 5, 10)
    """
    return tuple(k for k in ks if k <= gallery_size)


def check_ks(ks: Sequence[int], gallery_size: int, name: str = "K") -> None:
    """Refuse a K below 1 or above the gallery's size."""
    for k in ks:
        if k < 1:
            raise ValueError(f"{name} is {k}, at least 1 is needed")
        if k > gallery_size:
            raise ValueError(f"{name} is {k}, but the gallery holds only {gallery_size} items")


def check_labels(labels: Array, count: int, class_count: int, name: str) -> Tensor:
    """Labels (count,) as int64 on the CPU, each in 0…class_count-1."""
    found = torch.as_tensor(labels).detach().cpu()
    if found.is_floating_point() or found.shape != (count,):
        raise ValueError(
            f"{name} have shape {tuple(found.shape)} and type {found.dtype}, "
            f"needed are {count} integers, one for each embedding"
        )
    found = found.to(torch.int64)
    if int(found.min()) < 0 or int(found.max()) >= class_count:
        raise ValueError(
            f"{name} range from {int(found.min())} to {int(found.max())}, "
            f"allowed is 0 to {class_count - 1} (class_count {class_count})"
        )
    return found


def metrics_at_ranks(ranks_BM: Tensor, relevant_B: Tensor, ks: Sequence[int]) -> dict[str, Tensor]:
    """Each metric per query, (B,) float64, from the ranks of its relevant items.

    `ranks_BM`: ranks from 0 in ascending order, rows padded with any value above all of `ks`;
    `relevant_B`: R, at least 1. With n_K = hits in the first K:

    - AP, `map_all` = (1/R) Σ_{k: rel_k} P@k; scikit-learn's average precision where nothing ties
    - `map_at_K[hits]` = (1/n_K) Σ_{k≤K: rel_k} P@k, 0 where n_K = 0 (sem-pcyc, ClipPrompt)
    - `map_at_K[minRK]` = (1/min(R,K)) Σ_{k≤K: rel_k} P@k (SAKE, TCN, ZSE-SBIR)
    - `p_at_K` = n_K/K, also where R < K; `r_at_K` = n_K/R; `acc_at_K` = 1 where n_K > 0

    >>> found = metrics_at_ranks(torch.tensor([[0, 2, 5]]), torch.tensor([3]), ks=[4])
    >>> {name: round(value.item(), 3) for name, value in found.items()}
    ... # doctest: +NORMALIZE_WHITESPACE
    {'map_all': 0.722, 'map_at_4[hits]': 0.833, 'map_at_4[minRK]': 0.556, 'p_at_4': 0.5,
     'r_at_4': 0.667, 'acc_at_4': 1.0}
    """
    order_M = torch.arange(1, ranks_BM.shape[1] + 1, device=ranks_BM.device, dtype=torch.float64)
    padding_BM = order_M > relevant_B[:, None]
    precision_BM = (order_M / (ranks_BM + 1)).masked_fill_(padding_BM, 0.0)
    found = {"map_all": precision_BM.sum(dim=1) / relevant_B}
    for k in ks:
        # Ranks ascend, and the first K hold at most K relevant items: the rest can't matter.
        inside_BM = ranks_BM[:, :k] < k
        hits_B = inside_BM.sum(dim=1)
        total_B = (precision_BM[:, :k] * inside_BM).sum(dim=1)
        found[f"map_at_{k}[hits]"] = total_B / hits_B.clamp(min=1)
        found[f"map_at_{k}[minRK]"] = total_B / relevant_B.clamp(max=k)
        found[f"p_at_{k}"] = hits_B.double() / k
        found[f"r_at_{k}"] = hits_B / relevant_B.double()
        found[f"acc_at_{k}"] = (hits_B > 0).double()
    return found


def _macro_name(name: str) -> str:
    return f"{name[:-1]},macro]" if name.endswith("]") else f"{name}[macro]"


class _Pass:
    """One pass over blocks of queries: what it needs to know and what it has found so far."""

    def __init__(
        self, query_labels_Q: Tensor, gallery_labels_N: Tensor, class_count: int, device: str
    ) -> None:
        sizes_C = torch.bincount(gallery_labels_N, minlength=class_count)
        self.relevant_Q = sizes_C[query_labels_Q]
        scored = (self.relevant_Q > 0).nonzero().flatten()
        if len(scored) == 0:
            raise ValueError(
                f"none of the {len(query_labels_Q)} queries has an item of its class in the "
                f"gallery of {len(gallery_labels_N)}: nothing can be scored"
            )
        # Queries with like numbers of relevant items side by side: little padding in a block.
        self.scored = scored[self.relevant_Q[scored].argsort(stable=True)]
        self.query_labels_Q = query_labels_Q
        self.labels_N = gallery_labels_N.to(device)
        self.by_class_N = gallery_labels_N.argsort(stable=True).to(device)
        self.start_C = (sizes_C.cumsum(0) - sizes_C).to(device)
        self.class_count = class_count
        self.confusion = torch.zeros(class_count * class_count, dtype=torch.int64, device=device)
        self.found: list[dict[str, Tensor]] = []

    def add(self, keys_BN: Tensor, rows: Tensor, ks: Sequence[int], confusion_k: int) -> None:
        """Take in one block: the ranking keys of the queries `rows`."""
        device = keys_BN.device
        labels_B = self.query_labels_Q[rows].to(device)
        relevant_B = self.relevant_Q[rows].to(device)
        at_M = torch.arange(int(self.relevant_Q[rows].max()), device=device)
        mask_BM = at_M < relevant_B[:, None]
        place_BM = (self.start_C[labels_B][:, None] + at_M).clamp_(max=len(self.by_class_N) - 1)
        ranks_BM, sorted_BN = ranks_of(keys_BN, self.by_class_N[place_BM], mask_BM)
        found = metrics_at_ranks(ranks_BM, relevant_B, ks)
        self.found.append({name: value.cpu() for name, value in found.items()})
        nearest_BK = self.labels_N[sorted_BN[:, :confusion_k] & INDEX_MASK]
        cell_BK = labels_B[:, None] * self.class_count + nearest_BK
        self.confusion += torch.bincount(cell_BK.flatten(), minlength=len(self.confusion))

    def result(self) -> RetrievalMetrics:
        """Average what was found."""
        labels = self.query_labels_Q[self.scored].numpy()
        counts_C = np.bincount(labels, minlength=self.class_count)
        present_C = counts_C > 0
        values: dict[str, float] = {}
        macro: dict[str, float] = {}
        for name in self.found[0]:
            per_query = torch.cat([block[name] for block in self.found]).numpy()
            values[name] = float(per_query.mean())
            sums_C = np.bincount(labels, weights=per_query, minlength=self.class_count)
            mean_C = np.full(self.class_count, np.nan)
            mean_C[present_C] = sums_C[present_C] / counts_C[present_C]
            macro[_macro_name(name)] = float(mean_C[present_C].mean())
            if name == "map_all":
                per_class_ap = mean_C
                per_query_ap = np.full(len(self.query_labels_Q), np.nan)
                per_query_ap[self.scored.numpy()] = per_query
        return RetrievalMetrics(
            values=values | macro,
            queries=len(self.scored),
            queries_skipped=len(self.query_labels_Q) - len(self.scored),
            gallery=len(self.labels_N),
            per_class_ap=per_class_ap,
            per_query_ap=per_query_ap,
            confusion=self.confusion.cpu().numpy().reshape(self.class_count, self.class_count),
        )


def _one_pass(
    score: Callable[[Tensor], Tensor],
    query_labels: Tensor,
    gallery_labels: Tensor,
    class_count: int,
    ks: Sequence[int],
    confusion_k: int,
    chunk: int | None,
    device: torch.device,
) -> RetrievalMetrics:
    """Score blocks of queries (`score` takes their indices) and gather the metrics."""
    gallery_size = len(gallery_labels)
    check_ks(ks, gallery_size)
    check_ks([confusion_k], gallery_size, "confusion_k")
    if chunk is None:
        bytes_allowed = BLOCK_BYTES.get(device.type, BLOCK_BYTES_ELSEWHERE)
        chunk = max(1, bytes_allowed // (8 * gallery_size))
    if chunk < 1:
        raise ValueError(f"chunk is {chunk} queries, at least 1 is needed")
    found = _Pass(query_labels, gallery_labels, class_count, str(device))
    buffer = torch.empty((chunk, gallery_size), dtype=torch.int64, device=device)
    for at in range(0, len(found.scored), chunk):
        rows = found.scored[at : at + chunk]
        keys_BN = ranking_keys(score(rows), out=buffer[: len(rows)])
        found.add(keys_BN, rows, ks, confusion_k)
    return found.result()


def retrieval_metrics(
    queries: Array,
    gallery: Array,
    query_labels: Array,
    gallery_labels: Array,
    *,
    class_count: int,
    ks: Sequence[int] = DEFAULT_KS,
    distance: Distance = "cosine",
    chunk: int | None = None,
    device: torch.device | str | None = None,
    confusion_k: int = 10,
) -> RetrievalMetrics:
    """All category-level metrics of queries (Q, D) against a gallery (N, D), exact, in one pass.

    Labels are integers (Q,) and (N,) in 0…class_count-1. `chunk` is the number of queries scored
    at a time (memory grows with chunk x N, never with Q x N; chosen to fit the device by default);
    `device` is the queries' own by default. Formulas: `metrics_at_ranks`.

    Raises ValueError when a K or `confusion_k` is above N (`usable_ks` picks those that fit), when
    shapes or labels don't match, when a value is not finite, or when every query is skipped.

    >>> eye = torch.eye(3)
    >>> labels = torch.tensor([0, 1, 0])
    >>> found = retrieval_metrics(eye[:2], eye, labels[:2], labels, class_count=2, ks=[1],
    ...                           confusion_k=1)
    >>> found.values["p_at_1"], found.values["map_all"], found.confusion.tolist()
    (1.0, 0.9166666666666666, [[1, 0], [0, 1]])
    """
    check_distance(distance)
    queries_QD = as_embeddings(queries, "queries", device)
    gallery_ND = as_embeddings(gallery, "gallery items", queries_QD.device)
    if queries_QD.shape[1] != gallery_ND.shape[1]:
        raise ValueError(
            f"queries have {queries_QD.shape[1]} dimensions, gallery items {gallery_ND.shape[1]}"
        )
    query_labels_Q = check_labels(query_labels, len(queries_QD), class_count, "query_labels")
    labels_N = check_labels(gallery_labels, len(gallery_ND), class_count, "gallery_labels")
    with full_precision(queries_QD.device):
        ready = Gallery.of(gallery_ND, distance)
        placed_QD = ready.place(queries_QD)

        def score(rows: Tensor) -> Tensor:
            return ready.scores(placed_QD[rows.to(placed_QD.device)])

        return _one_pass(
            score, query_labels_Q, labels_N, class_count, ks, confusion_k, chunk, placed_QD.device
        )
