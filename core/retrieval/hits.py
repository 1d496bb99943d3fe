"""What a search returns, and what every search checks first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.metrics.inputs import Array, as_embeddings


@dataclass(frozen=True)
class Hits:
    """The first k gallery items of each query, best first, ties by ascending index."""

    indices: np.ndarray
    """(Q, k) int64: positions in the gallery."""
    scores: np.ndarray
    """(Q, k) float32: cosine similarity, or negative Euclidean distance; higher is better."""


def checked_queries(queries: Array, k: int, size: int, dimensions: int) -> np.ndarray:
    """Queries (Q, D) as fp32, once k and their dimensions are known to fit the index."""
    if not 1 <= k <= size:
        raise ValueError(f"k is {k}, allowed is 1 to {size}, the number of items in the index")
    queries_QD = as_embeddings(queries, "queries", "cpu").numpy()
    if queries_QD.shape[1] != dimensions:
        raise ValueError(
            f"queries have {queries_QD.shape[1]} dimensions, the index has {dimensions}"
        )
    return queries_QD


def unit_rows(rows: np.ndarray) -> np.ndarray:
    """Rows scaled to length 1; a row of zeros stays zero."""
    lengths = np.sqrt(np.einsum("nd,nd->n", rows, rows))[:, None]
    return rows / np.maximum(lengths, np.float32(1e-12))
