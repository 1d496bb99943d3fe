"""Category-level retrieval metrics, from one pass over the similarities.

Shapes: Q queries, N gallery items, D embedding size, C classes, B queries of one block,
M relevant items (padded), K first items.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.metrics.cores import spread
from core.metrics.formulas import metrics_at_ranks
from core.metrics.inputs import Array, as_embeddings, block_rows, check_ks, check_labels, part_rows
from core.metrics.ranks import Relevant, first_items, ranks_of
from core.metrics.similarity import Distance, Gallery, full_precision

DEFAULT_KS = (1, 5, 10, 100, 200)


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
    at a time (memory grows with chunk x N for each core, never with Q x N; chosen to fit the
    device by default); `device` is the queries' own by default. Formulas: `metrics_at_ranks`.

    Raises ValueError when a K or `confusion_k` is above N (`usable_ks` picks those that fit), when
    shapes or labels don't match, when a value is not finite, or when every query is skipped.

    >>> eye = torch.eye(3)
    >>> labels = torch.tensor([0, 1, 0])
    >>> found = retrieval_metrics(
    ...     eye[:2], eye, labels[:2], labels, class_count=2, ks=[1], confusion_k=1)
    >>> found.values["p_at_1"], round(found.values["map_all"], 3), found.confusion.tolist()
    (1.0, 0.917, [[1, 0], [0, 1]])
    """
    queries_QD = as_embeddings(queries, "queries", device)
    gallery_ND = as_embeddings(gallery, "gallery items", queries_QD.device)
    if queries_QD.shape[1] != gallery_ND.shape[1]:
        raise ValueError(
            f"queries have {queries_QD.shape[1]} dimensions, gallery items {gallery_ND.shape[1]}"
        )
    with full_precision(queries_QD.device):
        ready = Gallery.of(gallery_ND, distance)
        one_pass = _Pass(
            score=lambda rows: ready.scores(ready.place(queries_QD[rows])),
            query_labels_Q=check_labels(query_labels, len(queries_QD), class_count, "query_labels"),
            labels_N=check_labels(gallery_labels, len(gallery_ND), class_count, "gallery_labels"),
            class_count=class_count,
            ks=ks,
            confusion_k=confusion_k,
            device=queries_QD.device,
        )
        return one_pass.run(chunk)


def metrics_from_scores(
    scores: Array,
    query_labels: Array,
    gallery_labels: Array,
    *,
    class_count: int,
    ks: Sequence[int] = DEFAULT_KS,
    chunk: int | None = None,
    confusion_k: int = 10,
) -> RetrievalMetrics:
    """`retrieval_metrics` for similarities (Q, N) that exist already, higher is better.

    For small tables and for similarities that are no cosine or Euclidean distance.

    >>> found = metrics_from_scores(
    ...     torch.tensor([[0.1, 0.1]]), torch.tensor([1]), torch.tensor([0, 1]), class_count=2,
    ...     ks=[1], confusion_k=1)
    >>> found.values["map_all"]  # a tie: the lower gallery index goes first
    0.5
    """
    scores_QN = as_embeddings(scores, "scores", None)
    count, size = scores_QN.shape
    one_pass = _Pass(
        score=lambda rows: scores_QN[rows],
        query_labels_Q=check_labels(query_labels, count, class_count, "query_labels"),
        labels_N=check_labels(gallery_labels, size, class_count, "gallery_labels"),
        class_count=class_count,
        ks=ks,
        confusion_k=confusion_k,
        device=scores_QN.device,
    )
    return one_pass.run(chunk)


class _Pass:
    """One pass over blocks of queries. `score` gives fresh scores (B, N) for query indices (B,)."""

    def __init__(
        self,
        *,
        score: Callable[[Tensor], Tensor],
        query_labels_Q: Tensor,
        labels_N: Tensor,
        class_count: int,
        ks: Sequence[int],
        confusion_k: int,
        device: torch.device,
    ) -> None:
        check_ks(ks, len(labels_N))
        check_ks([confusion_k], len(labels_N), "confusion_k")
        self.score, self.ks, self.confusion_k = score, ks, confusion_k
        self.class_count, self.device = class_count, device
        sizes_C = torch.bincount(labels_N, minlength=class_count)
        self.query_labels_Q = query_labels_Q
        self.relevant_Q = sizes_C[query_labels_Q]
        self.labels_N = labels_N.to(device)
        # Gallery indices class by class: a query's relevant items are a slice of it.
        self.by_class_N = labels_N.argsort(stable=True).to(device)
        self.start_C = (sizes_C.cumsum(0) - sizes_C).to(device)

    def run(self, chunk: int | None) -> RetrievalMetrics:
        """Score all queries that have something to find."""
        scored = (self.relevant_Q > 0).nonzero().flatten()
        if len(scored) == 0:
            raise ValueError(
                f"none of the {len(self.relevant_Q)} queries has an item of its class in the "
                f"gallery of {len(self.labels_N)}: nothing can be scored"
            )
        # Queries with like numbers of relevant items side by side: little padding in a block.
        scored = scored[self.relevant_Q[scored].argsort(stable=True)]
        blocks = scored.split(block_rows(chunk, len(self.labels_N), self.device))
        confusion = torch.zeros(self.class_count**2, dtype=torch.int64)
        found: dict[str, list[Tensor]] = {}
        for metrics, counts in spread(self.block, blocks, self.device):
            confusion += counts
            for name, value_B in metrics.items():
                found.setdefault(name, []).append(value_B)
        per_query = {name: torch.cat(parts).numpy() for name, parts in found.items()}
        return self.summary(scored.numpy(), per_query, confusion.numpy())

    def block(self, rows_B: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """Each metric per query (B,) and the confusion counts (C·C,) of the queries `rows_B`."""
        scores_BN = self.score(rows_B.to(self.device))
        step = part_rows(len(self.labels_N), self.device)
        slices = zip(rows_B.split(step), scores_BN.split(step), strict=True)
        parts = [self.part(rows, scores) for rows, scores in slices]
        metrics = {name: torch.cat([m[name] for m, _ in parts]).cpu() for name in parts[0][0]}
        return metrics, torch.stack([counts for _, counts in parts]).sum(dim=0).cpu()

    def part(self, rows_B: Tensor, scores_BN: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """The same for rows few enough for their ranking to stay in a core's cache."""
        labels_B = self.query_labels_Q[rows_B].to(self.device)
        relevant_B = self.relevant_Q[rows_B].to(self.device)
        at_M = torch.arange(int(self.relevant_Q[rows_B].max()), device=self.device)
        place_BM = (self.start_C[labels_B][:, None] + at_M).clamp_(max=len(self.labels_N) - 1)
        relevant = Relevant(
            index_BM=self.by_class_N[place_BM],
            mask_BM=at_M < relevant_B[:, None],
            labels_B=labels_B,
            labels_N=self.labels_N,
        )
        first_BK = self.labels_N[first_items(scores_BN, self.confusion_k)]
        metrics = metrics_at_ranks(ranks_of(scores_BN, relevant), relevant_B, self.ks)
        cells = (labels_B[:, None] * self.class_count + first_BK).flatten()
        return metrics, torch.bincount(cells, minlength=self.class_count**2)

    def summary(
        self, scored: np.ndarray, per_query: dict[str, np.ndarray], confusion: np.ndarray
    ) -> RetrievalMetrics:
        """Average over queries, and over classes."""
        count, classes = len(self.query_labels_Q), self.class_count
        labels = self.query_labels_Q.numpy()[scored]
        values = {name: float(value.mean()) for name, value in per_query.items()}
        per_class = {
            name: _class_means(value, labels, classes) for name, value in per_query.items()
        }
        macro = {_macro_name(name): float(np.nanmean(mean)) for name, mean in per_class.items()}
        per_query_ap = np.full(count, np.nan)
        per_query_ap[scored] = per_query["map_all"]
        return RetrievalMetrics(
            values=values | macro,
            queries=len(scored),
            queries_skipped=count - len(scored),
            gallery=len(self.labels_N),
            per_class_ap=per_class["map_all"],
            per_query_ap=per_query_ap,
            confusion=confusion.reshape(classes, classes),
        )


def _class_means(values: np.ndarray, labels: np.ndarray, class_count: int) -> np.ndarray:
    """Mean value (C,) of each class, nan where it has none."""
    counts = np.bincount(labels, minlength=class_count)
    sums = np.bincount(labels, weights=values, minlength=class_count)
    return np.divide(sums, counts, out=np.full(class_count, np.nan), where=counts > 0)


def _macro_name(name: str) -> str:
    return f"{name[:-1]},macro]" if name.endswith("]") else f"{name}[macro]"
