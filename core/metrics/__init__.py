"""Retrieval metrics: embeddings and labels in, numbers out; never models.

`retrieval_metrics` scores by category, `instance_accuracy` by the very item. The definitions and
why there are two `map_at_K` are in docs/metrics.md.
"""

from core.metrics.formulas import metrics_at_ranks
from core.metrics.inputs import usable_ks
from core.metrics.instance import instance_accuracy
from core.metrics.retrieval import (
    DEFAULT_KS,
    RetrievalMetrics,
    metrics_from_scores,
    retrieval_metrics,
)
from core.metrics.similarity import Distance

__all__ = [
    "DEFAULT_KS",
    "Distance",
    "RetrievalMetrics",
    "instance_accuracy",
    "metrics_at_ranks",
    "metrics_from_scores",
    "retrieval_metrics",
    "usable_ks",
]
