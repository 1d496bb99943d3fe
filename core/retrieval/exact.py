"""Exact search, block by block, keeping only what can still be among the first k.

On a CPU numpy does the work: here its BLAS multiplied 1.5 times faster than torch's and used both
cores for a single query, where torch used one (12 against 27 ms over 200,000 x 256), and taking
turns between two libraries' threads costs more than either. Elsewhere torch does it.

Shapes: B queries of one block, D dimensions, n gallery items of one block, k hits.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from core.metrics.ranks import INDEX_BITS, INDEX_MASK, LAST, ranking_keys
from core.metrics.similarity import Distance

QUERY_ROWS = 1024
BLOCK_ITEMS = 4 << 20
"""Scores of one block; 16 MB."""
FIRST_ITEMS = 1024
"""Gallery items of the first slice, which all become candidates."""
PENDING_PER_QUERY = 4096
"""Candidates to hold before they are thinned out, whatever the order of the gallery."""
RESCORED_VALUES = 4 << 20
"""Values of the embeddings found that are scored again at a time; 16 MB."""


def keys_of(scores: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Integers in the order of descending score, then ascending index; see `ranking_keys`."""
    bits = (scores + np.float32(0)).view(np.int32)
    flipped = np.where(bits >= 0, ~bits, bits ^ np.int32(-(2**31)))
    return (flipped.astype(np.int64) << INDEX_BITS) | index


def scores_of(keys: np.ndarray) -> np.ndarray:
    """The scores inside keys, -inf for the padding."""
    flipped = (keys >> INDEX_BITS).astype(np.int32)
    bits = np.where(flipped < 0, ~flipped, flipped ^ np.int32(-(2**31)))
    return np.where(keys == LAST, np.float32(-np.inf), bits.view(np.float32))


class Best:
    """The best k keys of each of B queries so far, and candidates that may yet replace some."""

    def __init__(self, rows: int, k: int) -> None:
        self.keys = np.full((rows, k), LAST)
        self.bar = np.full((rows, 1), -np.inf, dtype=np.float32)
        """Only a score above it can enter: what comes later loses ties by its index."""
        self.pending: list[tuple[np.ndarray, np.ndarray]] = []
        self.waiting = 0

    def offer(self, scores_Bn: np.ndarray, start: int) -> None:
        """Note those items of the block starting at gallery index `start` that may enter."""
        flat = np.flatnonzero(scores_Bn > self.bar)
        if len(flat):
            row, column = np.divmod(flat, scores_Bn.shape[1])
            self.pending.append((row, keys_of(scores_Bn[row, column], column + start)))
            self.waiting += len(flat)

    def thin(self) -> None:
        """Keep the best k of all candidates and raise the bar."""
        if not self.pending:
            return
        row = np.concatenate([row for row, _ in self.pending])
        keys = np.concatenate([keys for _, keys in self.pending])
        self.pending, self.waiting = [], 0
        rows, k = self.keys.shape
        # Rows fit 16 bits, and for those a stable sort is a fast radix sort.
        order = np.argsort(row.astype(np.uint16), kind="stable")
        row, keys = row[order], keys[order]
        counts = np.bincount(row, minlength=rows)
        place = np.arange(len(row)) - (np.cumsum(counts) - counts)[row]
        table = np.full((rows, k + int(counts.max())), LAST)
        table[:, :k] = self.keys
        table[row, k + place] = keys
        table.partition(k - 1, axis=1)
        self.keys = table[:, :k].copy()
        self.bar = scores_of(self.keys.max(axis=1, keepdims=True))

    def result(self) -> tuple[np.ndarray, np.ndarray]:
        """Indices and scores (B, k), best first."""
        self.thin()
        self.keys.sort(axis=1)
        return self.keys & INDEX_MASK, scores_of(self.keys)


def search_cpu(
    queries_BD: np.ndarray, size: int, k: int, score: Callable[..., np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Indices and scores (B, k); `score(queries, start, stop, out)` fills a block (B, n)."""
    rows = len(queries_BD)
    wide = min(size, max(k, BLOCK_ITEMS // rows))
    buffer = np.empty(rows * wide, dtype=np.float32)
    best = Best(rows, k)
    thinned = 0
    for start in range(0, size, wide):
        stop = min(size, start + wide)
        out = buffer[: rows * (stop - start)].reshape(rows, stop - start)
        scores_Bn = score(queries_BD, start, stop, out)
        at = start
        while at < stop:
            # All of the first slice are candidates. Slices double while the bar is still low.
            end = min(stop, at + max(FIRST_ITEMS, at))
            best.offer(scores_Bn[:, at - start : end - start], at)
            at = end
            if at >= 2 * thinned or best.waiting > rows * PENDING_PER_QUERY:
                best.thin()
                thinned = at
    return best.result()


def search_device(
    queries_BD: Tensor, size: int, k: int, score: Callable[[Tensor, int, int], Tensor]
) -> tuple[Tensor, Tensor]:
    """The same with torch on any device; `score(queries, start, stop)` gives a block (B, n)."""
    wide = max(k, 16 * BLOCK_ITEMS // len(queries_BD))
    best_Bk = torch.empty((len(queries_BD), 0), dtype=torch.int64, device=queries_BD.device)
    for start in range(0, size, wide):
        scores_Bn = score(queries_BD, start, min(size, start + wide))
        index_n = torch.arange(start, start + scores_Bn.shape[1], device=scores_Bn.device)
        candidates = torch.cat([best_Bk, ranking_keys(scores_Bn, index_n)], dim=1)
        best_Bk = candidates.topk(min(k, candidates.shape[1]), dim=1, largest=False).values
    best_Bk = best_Bk.sort(dim=1).values
    flipped = (best_Bk >> INDEX_BITS).to(torch.int32)
    bits = torch.where(flipped < 0, ~flipped, flipped ^ -(2**31))
    return best_Bk & INDEX_MASK, bits.view(torch.float32)


def rescored(
    queries_BD: np.ndarray,
    indices_Bk: np.ndarray,
    vectors: Callable[[np.ndarray], np.ndarray],
    distance: Distance,
) -> tuple[np.ndarray, np.ndarray]:
    """The items found with their final scores, in their final order; both (B, k).

    The products of equal vectors can differ in their last bit, by where they lay in a block, and a
    distance made from products has lost digits. Here a score depends on the pair alone.
    `vectors` gives the embeddings of indices; queries are of length 1 for the cosine.
    """
    step = max(1, RESCORED_VALUES // (indices_Bk.shape[1] * queries_BD.shape[1]))
    keys = np.empty_like(indices_Bk)
    for at in range(0, len(indices_Bk), step):
        query, index = queries_BD[at : at + step], indices_Bk[at : at + step]
        found = vectors(index)
        if distance == "cosine":
            lengths = np.sqrt(np.einsum("bkd,bkd->bk", found, found))
            scores = np.einsum("bd,bkd->bk", query, found) / np.maximum(lengths, np.float32(1e-12))
        else:
            apart = found - query[:, None]
            scores = -np.sqrt(np.einsum("bkd,bkd->bk", apart, apart))
        keys[at : at + step] = keys_of(scores, index)
    keys.sort(axis=1)
    return keys & INDEX_MASK, scores_of(keys)
