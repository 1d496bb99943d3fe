"""Similarities between embeddings: higher is better, always fp32, never TF32 or autocast.

Shapes: Q queries, N gallery items, D embedding size, B queries of one block.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, cast, get_args

import torch
from torch import Tensor
from torch.nn.functional import normalize

Distance = Literal["cosine", "euclidean"]


def check_distance(distance: str) -> Distance:
    """The distance, once it is known to be one of those allowed."""
    if distance not in get_args(Distance):
        raise ValueError(f"distance is {distance!r}, allowed: {', '.join(get_args(Distance))}")
    return cast(Distance, distance)


@contextmanager
def full_precision(device: torch.device) -> Iterator[None]:
    """Switch TF32, reduced-precision matmuls and autocast off, and put them back afterwards.

    Figures must not depend on what the training code set for speed.
    """
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        with torch.autocast(device.type, enabled=False), torch.no_grad():
            yield
    finally:
        torch.set_float32_matmul_precision(before)


@dataclass(frozen=True, kw_only=True)
class Gallery:
    """A gallery made ready for scoring many blocks of queries."""

    points_ND: Tensor
    """Normalised rows (cosine), or rows moved by `origin_D` (euclidean)."""
    penalty_N: Tensor | None
    """Half the squared norm of each row (euclidean), None for cosine."""
    origin_D: Tensor | None
    """The point that all embeddings are seen from (euclidean), None for cosine."""

    @classmethod
    def of(cls, embeddings_ND: Tensor, distance: Distance) -> Gallery:
        """Prepare fp32 embeddings (N, D)."""
        check_distance(distance)
        if distance == "cosine":
            return cls(points_ND=normalize(embeddings_ND, dim=1), penalty_N=None, origin_D=None)
        # |q-g|^2 by way of a product loses digits when all points lie far from zero and close
        # together. Seen from one of the points they don't; and unlike the mean, a point keeps
        # integer-valued embeddings exact, so that equal distances stay equal.
        origin_D = embeddings_ND[0].clone()
        points_ND = embeddings_ND - origin_D
        penalty_N = points_ND.square().sum(dim=1) / 2
        return cls(points_ND=points_ND, penalty_N=penalty_N, origin_D=origin_D)

    def place(self, queries_BD: Tensor) -> Tensor:
        """Bring queries (B, D) into the space of `points_ND`."""
        return normalize(queries_BD, dim=1) if self.origin_D is None else queries_BD - self.origin_D

    def scores(self, placed_BD: Tensor) -> Tensor:
        """Scores (B, N) that rank the gallery for each placed query, best highest.

        Cosine: the cosine similarity. Euclidean: q·g - |g|²/2, which orders the gallery as the
        negative distance does (it differs from -d²/2 by a constant of the query).
        """
        if placed_BD.device.type == "cpu":
            # Numpy's BLAS was 1.7 times as fast as torch's here, to a core.
            scores_BN = torch.from_numpy(placed_BD.numpy() @ self.points_ND.numpy().T)
        else:
            scores_BN = placed_BD @ self.points_ND.T
        return scores_BN if self.penalty_N is None else scores_BN.sub_(self.penalty_N)
