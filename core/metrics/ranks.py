"""Exact ranks by descending score, ties broken by ascending gallery index.

Shapes: B queries of one block, N gallery items, M relevant items (padded).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor

INDEX_BITS = 32
INDEX_MASK = (1 << INDEX_BITS) - 1
LAST = torch.iinfo(torch.int64).max
"""A key behind every real one: the padding of ragged rows."""


def ranking_keys(scores_BN: Tensor, out: Tensor | None = None) -> Tensor:
    """Integers (B, N) whose ascending order is the ranking: no two of a row are equal.

    The upper 32 bits hold the score's place in descending order, the lower 32 the gallery index,
    so any sort, stable or not, breaks ties by index. Scores are fp32 and finite.

    >>> keys = ranking_keys(torch.tensor([[0.5, 0.9, 0.5]]))
    >>> (keys.sort(dim=1).values & INDEX_MASK).tolist()
    [[1, 0, 2]]
    """
    # Adding zero turns -0.0 into 0.0, which compares equal but has other bits.
    bits_BN = (scores_BN + 0.0).view(torch.int32)
    # Negative floats grow downwards in their bits: flip them, then all of it for descending order.
    bits_BN.bitwise_xor_((bits_BN >> 31).bitwise_and_(0x7FFFFFFF)).bitwise_not_()
    keys_BN = bits_BN.to(torch.int64) if out is None else out.copy_(bits_BN)
    index_N = torch.arange(scores_BN.shape[1], device=scores_BN.device)
    return keys_BN.bitwise_left_shift_(INDEX_BITS).bitwise_or_(index_N)


def sort_rows(keys_BN: Tensor) -> Tensor:
    """Sort each row in place, ascending, and return the same tensor."""
    if keys_BN.device.type != "cpu":
        return keys_BN.copy_(keys_BN.sort(dim=1).values)
    # numpy sorts values alone, vectorised, and lets other threads run; torch would also carry the
    # positions, which the keys already hold.
    rows = keys_BN.numpy()
    threads = min(torch.get_num_threads(), len(rows))
    if threads < 2:
        rows.sort(axis=1)
        return keys_BN
    with ThreadPoolExecutor(threads) as pool:
        step = -(-len(rows) // threads)
        parts = [rows[at : at + step] for at in range(0, len(rows), step)]
        list(pool.map(lambda part: part.sort(axis=1), parts))
    return keys_BN


def ranks_of(keys_BN: Tensor, relevant_BM: Tensor, mask_BM: Tensor) -> tuple[Tensor, Tensor]:
    """Ranks (B, M) of the relevant items, from 0, ascending, N where masked; and the sorted keys.

    `relevant_BM` are gallery indices, `mask_BM` says which of them count. `keys_BN` is sorted in
    place.
    """
    wanted_BM = keys_BN.gather(1, relevant_BM).masked_fill_(~mask_BM, LAST).sort(dim=1).values
    sorted_BN = sort_rows(keys_BN)
    return torch.searchsorted(sorted_BN, wanted_BM), sorted_BN
