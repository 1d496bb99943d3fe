"""Exact ranks by descending score, ties broken by ascending gallery index.

Average precision needs the ranks of a query's relevant items, not the order of all others, so
nothing is sorted but the few items that can't be told apart otherwise:

1. Each row's scores are laid over many narrow cells, by a formula that never decreases. An item in
   a lower cell is ahead of one in a higher cell, whatever their exact scores.
2. Items in cells without a relevant item are only counted.
3. Items that share a cell with a relevant one (a tenth, say) are sorted by exact keys.

With constant scores all share one cell and are sorted: slower, and still exact.

Shapes: B queries of one block, N gallery items, M relevant items (padded), A items in the cells of
relevant ones (padded), G cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

INDEX_BITS = 32
INDEX_MASK = (1 << INDEX_BITS) - 1
LAST = torch.iinfo(torch.int64).max
"""A key behind every real one: the padding of ragged rows."""
CELLS_PER_RELEVANT = 16
"""More cells: fewer items to sort, more cells to add up. 8 to 32 made no difference above 10 %."""


@dataclass(frozen=True, kw_only=True)
class Relevant:
    """The relevant items of a block of queries."""

    index_BM: Tensor
    """Gallery indices, any valid ones where padded."""
    mask_BM: Tensor
    """False where padded; at least one of each row is True."""
    labels_B: Tensor
    """Class of each query: a gallery item is relevant exactly where its class is the same."""
    labels_N: Tensor
    """Class of each gallery item."""


def ranking_keys(scores_BN: Tensor) -> Tensor:
    """Integers (B, N) whose ascending order is the ranking: no two of a row are equal.

    The upper 32 bits hold the score's place in descending order, the lower 32 the gallery index,
    so whoever sorts them breaks ties by index. Scores are fp32 and finite; their bits are reused.

    >>> keys = ranking_keys(torch.tensor([[0.5, 0.9, 0.5]]))
    >>> (keys.sort(dim=1).values & INDEX_MASK).tolist()
    [[1, 0, 2]]
    """
    # Adding zero turns -0.0 into 0.0, which compares equal but has other bits.
    bits_BN = (scores_BN + 0.0).view(torch.int32)
    # Positive floats grow with their bits, negative ones against them. Descending order needs all
    # bits of the positive ones flipped, and the sign of the negative ones.
    flip_BN = (bits_BN >> 31).bitwise_and_(0x7FFFFFFF).bitwise_not_()
    keys_BN = bits_BN.bitwise_xor_(flip_BN).to(torch.int64)
    index_N = torch.arange(scores_BN.shape[1], device=scores_BN.device)
    return keys_BN.bitwise_left_shift_(INDEX_BITS).bitwise_or_(index_N)


def nearest(keys_BN: Tensor, k: int) -> Tensor:
    """Gallery indices (B, k) of the first k, best first."""
    return keys_BN.topk(k, dim=1, largest=False, sorted=True).values & INDEX_MASK


def ranks_of(scores_BN: Tensor, keys_BN: Tensor, relevant: Relevant) -> Tensor:
    """Ranks (B, M) of the relevant items, from 0, ascending, N where padded.

    >>> scores = torch.tensor([[0.1, 0.9, 0.4, 0.4]])
    >>> relevant = Relevant(
    ...     index_BM=torch.tensor([[0, 3]]), mask_BM=torch.tensor([[True, True]]),
    ...     labels_B=torch.tensor([1]), labels_N=torch.tensor([1, 0, 0, 1]))
    >>> ranks_of(scores, ranking_keys(scores), relevant).tolist()
    [[2, 3]]
    """
    rows, size = scores_BN.shape
    cells_BN, cell_count = _cells(scores_BN, relevant)
    flat = cells_BN.view(-1)
    shared = torch.zeros(rows * cell_count, dtype=torch.bool, device=flat.device)
    shared[cells_BN.gather(1, relevant.index_BM)[relevant.mask_BM]] = True
    counts = torch.bincount(flat, minlength=rows * cell_count).masked_fill_(shared, 0)
    ahead = counts.view(rows, cell_count).cumsum(dim=1).view(-1)

    close = _positions(shared.index_select(0, flat))
    sorted_BA = _sorted_rows(keys_BN, close)
    index_BA = (sorted_BA & INDEX_MASK).clamp_(max=size - 1)
    class_BA = relevant.labels_N.index_select(0, index_BA.view(-1)).view_as(index_BA)
    found_BA = (class_BA == relevant.labels_B[:, None]).logical_and_(sorted_BA != LAST)
    found = _positions(found_BA.view(-1))
    # Row by row and within it by rank: the order in which a mask is filled.
    row, place = found // index_BA.shape[1], found % index_BA.shape[1]
    cell = flat.take(index_BA.take(found).add_(row, alpha=size))
    ranks_BM = torch.full_like(relevant.index_BM, size)
    ranks_BM[relevant.mask_BM] = ahead.take(cell).add_(place)
    return ranks_BM


def _cells(scores_BN: Tensor, relevant: Relevant) -> tuple[Tensor, int]:
    """Cell (B, N) of each item, numbered through all rows, better scores lower; cells to a row."""
    cells = CELLS_PER_RELEVANT * relevant.index_BM.shape[1]
    own_BM = scores_BN.gather(1, relevant.index_BM)
    best_B1 = own_BM.masked_fill(~relevant.mask_BM, -torch.inf).amax(dim=1, keepdim=True)
    worst_B1 = own_BM.masked_fill(~relevant.mask_BM, torch.inf).amin(dim=1, keepdim=True)
    # One cell before the best and one behind the worst take in all others: they are only counted.
    # Widths within these bounds keep the scale finite and above zero: 0 · inf would have no place.
    width_B1 = ((best_B1 - worst_B1) / cells).clamp_(1e-30, 1e36)
    place_BN = (best_B1 - scores_BN).mul_(1 / width_B1).add_(1).clamp_(0, cells + 2)
    first_B1 = torch.arange(0, len(scores_BN), device=scores_BN.device)[:, None] * (cells + 3)
    return place_BN.to(torch.int64).add_(first_B1), cells + 3


def _sorted_rows(keys_BN: Tensor, chosen: Tensor) -> Tensor:
    """The chosen keys (flat positions, ascending), each row sorted and padded with LAST: (B, A)."""
    rows, size = keys_BN.shape
    bounds = torch.arange(rows + 1, device=chosen.device) * size
    counts_B = torch.searchsorted(chosen, bounds).diff()
    used_BA = torch.arange(int(counts_B.max()), device=chosen.device) < counts_B[:, None]
    keys_BA = keys_BN.new_full(used_BA.shape, LAST)
    keys_BA.masked_scatter_(used_BA, keys_BN.view(-1).index_select(0, chosen))
    if keys_BA.device.type == "cpu":
        keys_BA.numpy().sort(axis=1)  # values alone; torch would carry their positions along
        return keys_BA
    return keys_BA.sort(dim=1).values


def _positions(mask: Tensor) -> Tensor:
    """Where a flat mask is True, ascending."""
    if mask.device.type == "cpu":
        return torch.from_numpy(np.flatnonzero(mask.numpy()))  # six times as fast as torch's
    return mask.nonzero().view(-1)
