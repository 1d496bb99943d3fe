"""Exact ranks by descending score, ties broken by ascending gallery index.

Shapes: B queries of one block, N gallery items, M relevant items (padded).
"""

from __future__ import annotations

import torch
from torch import Tensor

INDEX_BITS = 32
INDEX_MASK = (1 << INDEX_BITS) - 1
LAST = torch.iinfo(torch.int64).max
"""A key behind every real one: the padding of ragged rows."""


def ranking_keys(scores_BN: Tensor) -> Tensor:
    """Integers (B, N) whose ascending order is the ranking: no two of a row are equal.

    The upper 32 bits hold the score's place in descending order, the lower 32 the gallery index,
    so whoever sorts or counts them breaks ties by index. Scores are fp32, finite, and overwritten.

    >>> keys = ranking_keys(torch.tensor([[0.5, 0.9, 0.5]]))
    >>> (keys.sort(dim=1).values & INDEX_MASK).tolist()
    [[1, 0, 2]]
    """
    # Adding zero turns -0.0 into 0.0, which compares equal but has other bits.
    bits_BN = scores_BN.add_(0.0).view(torch.int32)
    # Positive floats grow with their bits, negative ones against them. Descending order needs the
    # positive ones flipped: xor with all ones but the sign for those, with the sign for the others.
    flip_BN = (bits_BN >> 31).bitwise_and_(0x7FFFFFFF).bitwise_not_()
    keys_BN = bits_BN.bitwise_xor_(flip_BN).to(torch.int64)
    index_N = torch.arange(scores_BN.shape[1], device=scores_BN.device)
    return keys_BN.bitwise_left_shift_(INDEX_BITS).bitwise_or_(index_N)


def ranks_of(keys_BN: Tensor, relevant_BM: Tensor, mask_BM: Tensor) -> Tensor:
    """Ranks (B, M) of the relevant items, from 0, ascending, N where masked.

    `relevant_BM` are gallery indices, `mask_BM` says which of them count. Nothing but the relevant
    items is sorted: each gallery item is counted into the gap between relevant ones it falls in.

    >>> keys = ranking_keys(torch.tensor([[0.1, 0.9, 0.4, 0.4]]))
    >>> ranks_of(keys, torch.tensor([[0, 3]]), torch.tensor([[True, True]])).tolist()
    [[2, 3]]
    """
    rows, size = keys_BN.shape
    gaps = relevant_BM.shape[1] + 1
    wanted_BM = keys_BN.gather(1, relevant_BM).masked_fill_(~mask_BM, LAST).sort(dim=1).values
    # Keys are unique, so the item itself is the only one in its gap that is not ahead of it.
    gap_BN = torch.searchsorted(wanted_BM, keys_BN)
    gap_BN += torch.arange(0, rows * gaps, gaps, device=keys_BN.device)[:, None]
    counts = torch.bincount(gap_BN.view(-1), minlength=rows * gaps).view(rows, gaps)
    return (counts[:, :-1].cumsum(dim=1) - 1).masked_fill_(wanted_BM == LAST, size)


def nearest(keys_BN: Tensor, k: int) -> Tensor:
    """Gallery indices (B, k) of the first k, best first."""
    return keys_BN.topk(k, dim=1, largest=False, sorted=True).values & INDEX_MASK
