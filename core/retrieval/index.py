"""An index that compares a query with every item: exact, on a CPU or an accelerator.

Shapes: Q queries, N gallery items, D dimensions, B queries of one block, n items of one block.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from core.metrics.inputs import Array
from core.metrics.similarity import Distance, check_distance, full_precision
from core.retrieval.exact import QUERY_ROWS, rescored, search_cpu, search_device
from core.retrieval.hits import Hits, checked_queries, unit_rows
from core.retrieval.storage import read_index, write_index

STEP = 16384
"""Items read at a time when the whole gallery is gone through once."""


class Index:
    """Exact nearest neighbours over embeddings (N, D), float16 or float32.

    On a CPU the embeddings are used where they lie: an array, a tensor, a memory-mapped file. On
    another device they are copied there once. They need not be normalised. `ids` names the items
    (N,); without, `ids` is None. `device` is the embeddings' own by default.
    """

    def __init__(
        self,
        embeddings: Array,
        ids: Sequence[str] | None = None,
        *,
        distance: Distance = "cosine",
        device: torch.device | str | None = None,
    ) -> None:
        check_distance(distance)
        own = embeddings.device if isinstance(embeddings, Tensor) else torch.device("cpu")
        self.device = own if device is None else torch.device(device)
        self.distance: Distance = distance
        if embeddings.ndim != 2 or 0 in embeddings.shape:
            raise ValueError(f"embeddings have shape {tuple(embeddings.shape)}, needed is (N, D)")
        if str(embeddings.dtype).removeprefix("torch.") not in ("float16", "float32"):
            raise ValueError(f"embeddings are {embeddings.dtype}, allowed: float16, float32")
        self.size, self.dimensions = (int(length) for length in embeddings.shape)
        if ids is not None and len(ids) != self.size:
            raise ValueError(f"there are {len(ids)} ids for {self.size} embeddings")
        self.ids = ids
        self._rows = _as_array(embeddings) if self.device.type == "cpu" else None
        self._table = None if self.device.type == "cpu" else _as_tensor(embeddings, self.device)

    def __len__(self) -> int:
        return self.size

    def search(self, queries: Array, k: int) -> Hits:
        """The k best items for each query (Q, D), exact, ties by ascending index.

        Raises ValueError when k is above the number of items, naming both, or the queries don't
        fit. Queries are taken in blocks, so memory doesn't grow with Q x N.
        """
        queries_QD = checked_queries(queries, k, self.size, self.dimensions)
        blocks = [
            self._search_block(queries_QD[at : at + QUERY_ROWS], k)
            for at in range(0, len(queries_QD), QUERY_ROWS)
        ]
        indices, scores = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
        return Hits(indices=indices, scores=scores)

    def save(self, folder: Path | str) -> None:
        """Write the index into a new folder, as plain files that `open` maps into memory."""
        rows = self._rows if self._table is None else self._table.cpu().numpy()
        assert rows is not None
        write_index(Path(folder), rows, self.ids, self.distance)

    @classmethod
    def open(cls, folder: Path | str, *, device: torch.device | str | None = None) -> Index:
        """Open a saved index; the embeddings stay in their file until they are needed."""
        stored = read_index(Path(folder))
        return cls(stored.embeddings, stored.ids, distance=stored.distance, device=device)

    def vectors(self, indices: np.ndarray) -> np.ndarray:
        """Embeddings of some items, float32, in the shape of `indices` plus (D,)."""
        if self._rows is not None:
            return np.asarray(self._rows[indices], dtype=np.float32)
        assert self._table is not None
        return self._table[torch.as_tensor(indices, device=self.device)].float().cpu().numpy()

    def _search_block(self, queries_BD: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Indices and scores (B, k) of one block of queries."""
        if self.distance == "cosine":
            queries_BD = unit_rows(queries_BD)
        placed_BD = queries_BD if self._origin is None else queries_BD - self._origin
        if self._rows is not None:
            indices, _ = search_cpu(placed_BD, self.size, k, self._scores)
        else:
            found, _ = search_device(
                torch.from_numpy(placed_BD).to(self.device), self.size, k, self._device_scores
            )
            indices = found.cpu().numpy()
        return rescored(queries_BD, indices, self.vectors, self.distance)

    def _scores(self, placed: np.ndarray, start: int, stop: int, out: np.ndarray) -> np.ndarray:
        """Scores (B, n) of the items start…stop, in the order of cosine or negative distance."""
        assert self._rows is not None
        rows = self._rows[start:stop].astype(np.float32, copy=False)
        if self._origin is not None:
            rows = rows - self._origin
        np.matmul(placed, rows.T, out=out)
        if self.distance == "cosine":
            return out if self._unit else np.multiply(out, self._weights[start:stop], out=out)
        return np.subtract(out, self._weights[start:stop], out=out)

    def _device_scores(self, placed: Tensor, start: int, stop: int) -> Tensor:
        """The same on an accelerator."""
        assert self._table is not None
        rows = self._table[start:stop].float()
        if self._origin is not None:
            rows = rows - torch.from_numpy(self._origin).to(self.device)
        weights = torch.from_numpy(self._weights[start:stop]).to(self.device)
        with full_precision(self.device):
            products = placed @ rows.T
        return products * weights if self.distance == "cosine" else products - weights

    @cached_property
    def _origin(self) -> np.ndarray | None:
        """Where to see the items from, (D,), None for zero.

        Distances by way of products lose digits when all items lie far from zero and close
        together, as those of an untrained or collapsed network do. Seen from the first they don't.
        """
        if self.distance == "cosine":
            return None
        some = self.vectors(np.arange(min(self.size, STEP)))
        spread = some - some[0]
        far = np.einsum("nd,nd->", some, some) > 4 * np.einsum("nd,nd->", spread, spread)
        return some[0] if far else None

    @cached_property
    def _unit(self) -> bool:
        """Whether all items have length 1, as far as float32 can tell."""
        return bool(np.abs(self._weights - 1).max() < 5e-7)

    @cached_property
    def _weights(self) -> np.ndarray:
        """(N,) what turns a product into a score: a factor (cosine) or a penalty (euclidean).

        From one walk through all items, on the first search.
        """
        squares = np.empty(self.size, dtype=np.float32)
        for at in range(0, self.size, STEP):
            rows = self.vectors(np.arange(at, min(self.size, at + STEP)))
            if self._origin is not None:
                rows -= self._origin
            squares[at : at + STEP] = np.einsum("nd,nd->n", rows, rows)
        if not np.isfinite(squares).all():
            wrong = int(np.flatnonzero(~np.isfinite(squares))[0])
            raise ValueError(f"embedding {wrong} is not finite, or too large to be squared")
        if self.distance == "cosine":
            return 1 / np.maximum(np.sqrt(squares), np.float32(1e-12))
        return squares / 2


def _as_array(embeddings: Array) -> np.ndarray:
    return embeddings.detach().numpy() if isinstance(embeddings, Tensor) else embeddings


def _as_tensor(embeddings: Array, device: torch.device) -> Tensor:
    if isinstance(embeddings, np.ndarray):
        with warnings.catch_warnings():
            # A read-only map: torch warns of writes, and nothing here writes.
            warnings.filterwarnings("ignore", "The given NumPy array is not writ", UserWarning)
            embeddings = torch.from_numpy(embeddings)
    return embeddings.detach().to(device)
