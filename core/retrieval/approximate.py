"""An index for galleries past what exact search serves in time: FAISS, an optional extra.

Shapes: Q queries, N gallery items, D dimensions, L cells, k hits.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import numpy as np

from core.metrics.inputs import Array, as_embeddings
from core.metrics.similarity import Distance, check_distance
from core.retrieval.exact import QUERY_ROWS, rescored
from core.retrieval.hits import Hits, checked_queries, unit_rows
from core.retrieval.storage import read_array, read_index, write_index

CENTRES, CELLS = "centres.npy", "cells.npy"
ITEMS_PER_CELL = 64
"""Fewer items to a cell than about 40 and the centres can't be learnt."""


def _faiss() -> ModuleType:
    try:
        import faiss
    except ImportError:
        raise ModuleNotFoundError(
            "approximate search needs FAISS: pip install 'sketchy[faiss]'"
        ) from None
    module: ModuleType = faiss
    return module


class ApproximateIndex:
    """Nearest neighbours from the cells around the query (FAISS IVF), with the face of `Index`.

    The items are grouped around L centres (k-means, fixed seed); a search visits the items of the
    `effort` nearest cells: more finds more of the true neighbours and takes longer, L finds all.
    L is 4·sqrt(N), less for small N. Holds a float32 copy of the embeddings. Scores are exact.

    Raises ModuleNotFoundError, naming the extra, where FAISS is not installed.
    """

    def __init__(
        self,
        embeddings: Array,
        ids: Sequence[str] | None = None,
        *,
        distance: Distance = "cosine",
        effort: int = 32,
    ) -> None:
        check_distance(distance)
        faiss = _faiss()
        rows_ND = _placed(as_embeddings(embeddings, "embeddings", "cpu").numpy(), distance)
        size, dimensions = rows_ND.shape
        count = max(1, min(size // ITEMS_PER_CELL, int(4 * size**0.5)))
        means = faiss.Kmeans(dimensions, count, spherical=distance == "cosine", seed=0)
        means.train(rows_ND)
        _, cells_N1 = means.index.search(rows_ND, 1)
        self._build(rows_ND, means.centroids, cells_N1[:, 0], ids, distance, effort)

    def _build(
        self,
        rows_ND: np.ndarray,
        centres_LD: np.ndarray,
        cells_N: np.ndarray,
        ids: Sequence[str] | None,
        distance: Distance,
        effort: int,
    ) -> None:
        faiss = _faiss()
        size, dimensions = rows_ND.shape
        if ids is not None and len(ids) != size:
            raise ValueError(f"there are {len(ids)} ids for {size} embeddings")
        if effort < 1:
            raise ValueError(f"effort is {effort}, at least 1 is needed")
        self.size, self.dimensions, self.ids = size, dimensions, ids
        self.distance: Distance = distance
        self.effort = effort
        self.centres_LD, self.cells_N = centres_LD, cells_N
        kind = faiss.IndexFlatIP if distance == "cosine" else faiss.IndexFlatL2
        coarse = kind(dimensions)
        coarse.add(centres_LD)
        metric = faiss.METRIC_INNER_PRODUCT if distance == "cosine" else faiss.METRIC_L2
        self._index = faiss.IndexIVFFlat(coarse, dimensions, len(centres_LD), metric)
        pointer = faiss.swig_ptr
        self._index.add_core(size, pointer(rows_ND), None, pointer(cells_N))
        self._index.make_direct_map()

    def __len__(self) -> int:
        return self.size

    def search(self, queries: Array, k: int) -> Hits:
        """About the k best items for each query (Q, D), best first, ties by ascending index.

        Raises ValueError when k is above the number of items, naming both, or the queries don't
        fit. Where the cells visited hold fewer than k items, more are visited.
        """
        queries_QD = checked_queries(queries, k, self.size, self.dimensions)
        blocks = [
            self._search_block(queries_QD[at : at + QUERY_ROWS], k)
            for at in range(0, len(queries_QD), QUERY_ROWS)
        ]
        indices, scores = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
        return Hits(indices=indices, scores=scores)

    def _search_block(self, queries_BD: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        faiss = _faiss()
        queries_BD = _placed(queries_BD, self.distance)
        indices = np.full((len(queries_BD), k), -1, dtype=np.int64)
        cells = min(self.effort, len(self.centres_LD))
        while len(short := np.flatnonzero(indices[:, -1] < 0)):
            wanted = faiss.SearchParametersIVF(nprobe=cells)
            _, indices[short] = self._index.search(queries_BD[short], k, params=wanted)
            cells = min(2 * cells, len(self.centres_LD))
        return rescored(queries_BD, indices, self.vectors, self.distance)

    def vectors(self, indices: np.ndarray) -> np.ndarray:
        """Embeddings of some items, float32 (unit length for cosine), `indices` plus (D,)."""
        rows: np.ndarray = self._index.reconstruct_batch(indices.ravel())
        return rows.reshape(*indices.shape, self.dimensions)

    def save(self, folder: Path | str) -> None:
        """Write the index into a new folder: plain arrays, nothing in FAISS's own format.

        FAISS's reader does not guard against a hostile file; numpy's, without pickle, does.
        """
        folder = Path(folder)
        rows_ND = self._index.reconstruct_n(0, self.size)
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / CENTRES, self.centres_LD, allow_pickle=False)
        np.save(folder / CELLS, self.cells_N, allow_pickle=False)
        write_index(folder, rows_ND, self.ids, self.distance)

    @classmethod
    def open(cls, folder: Path | str, *, effort: int = 32) -> ApproximateIndex:
        """Open a saved index: nothing is learnt anew, the items are only put into their cells."""
        folder = Path(folder)
        stored = read_index(folder)
        centres_LD, cells_N = read_array(folder / CENTRES), read_array(folder / CELLS)
        size, dimensions = stored.embeddings.shape
        if centres_LD.dtype != np.float32 or centres_LD.shape[1:] != (dimensions,):
            raise ValueError(f"{folder / CENTRES} does not fit the embeddings beside it")
        in_range = len(cells_N) > 0 and 0 <= cells_N.min() <= cells_N.max() < len(centres_LD)
        if cells_N.dtype != np.int64 or cells_N.shape != (size,) or not in_range:
            raise ValueError(f"{folder / CELLS} does not fit the embeddings beside it")
        index = cls.__new__(cls)
        rows_ND = np.ascontiguousarray(stored.embeddings, dtype=np.float32)
        index._build(rows_ND, centres_LD, cells_N, stored.ids, stored.distance, effort)
        return index


def _placed(rows: np.ndarray, distance: Distance) -> np.ndarray:
    return unit_rows(rows) if distance == "cosine" else np.ascontiguousarray(rows)
