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


def ranking_keys(scores: Tensor, index: Tensor) -> Tensor:
    """Integers whose ascending order is the ranking; scores and gallery indices broadcast.

    The upper 32 bits hold the score's place in descending order, the lower 32 the index, so that
    no two items of a query are equal and whoever sorts them breaks ties by index. Scores are fp32
    and finite.

    >>> keys = ranking_keys(torch.tensor([0.5, 0.9, 0.5]), torch.arange(3))
    >>> (keys.sort().values & INDEX_MASK).tolist()
    [1, 0, 2]
    """
    # Adding zero turns -0.0 into 0.0, which compares equal but has other bits.
    bits = (scores + 0.0).view(torch.int32)
    # Positive floats grow with their bits, negative ones against them. Descending order needs all
    # bits of the positive ones flipped, and the sign of the negative ones.
    flip = (bits >> 31).bitwise_and_(0x7FFFFFFF).bitwise_not_()
    keys = bits.bitwise_xor_(flip).to(torch.int64)
    return keys.bitwise_left_shift_(INDEX_BITS).bitwise_or_(index)


def first_items(scores_BN: Tensor, k: int) -> Tensor:
    """Gallery indices (B, k) of the first k, in any order.

    >>> first_items(torch.tensor([[0.5, 0.9, 0.5]]), 2).sort().values.tolist()
    [[0, 1]]
    """
    size = scores_BN.shape[1]
    best = scores_BN.topk(min(k + 1, size), dim=1)
    items_Bk = best.indices[:, :k]
    if k < size:
        # Torch picks any of those that tie for the last places: there, the keys decide.
        tied = (best.values[:, k - 1] == best.values[:, k]).nonzero().view(-1)
        if len(tied):
            keys = ranking_keys(scores_BN[tied], torch.arange(size, device=scores_BN.device))
            items_Bk[tied] = keys.topk(k, dim=1, largest=False).values & INDEX_MASK
    return items_Bk


def ranks_of(scores_BN: Tensor, relevant: Relevant) -> Tensor:
    """Ranks (B, M) of the relevant items, from 0, ascending, N where padded.

    >>> scores = torch.tensor([[0.1, 0.9, 0.4, 0.4]])
    >>> relevant = Relevant(
    ...     index_BM=torch.tensor([[0, 3]]), mask_BM=torch.tensor([[True, True]]),
    ...     labels_B=torch.tensor([1]), labels_N=torch.tensor([1, 0, 0, 1]))
    >>> ranks_of(scores, relevant).tolist()
    [[2, 3]]
    """
    rows, size = scores_BN.shape
    cells_BN, cell_count = _cells(scores_BN, relevant)
    flat = cells_BN.view(-1)
    shared = torch.zeros(rows * cell_count, dtype=torch.bool, device=flat.device)
    shared[cells_BN.gather(1, relevant.index_BM)[relevant.mask_BM].long()] = True
    counts = torch.bincount(flat, minlength=rows * cell_count).masked_fill_(shared, 0)
    ahead = counts.view(rows, cell_count).cumsum(dim=1).view(-1)

    close = _positions(shared.index_select(0, flat))
    sorted_BA = _sorted_rows(scores_BN, close)
    index_BA = (sorted_BA & INDEX_MASK).clamp_(max=size - 1)
    class_BA = relevant.labels_N.index_select(0, index_BA.view(-1)).view_as(index_BA)
    found_BA = (class_BA == relevant.labels_B[:, None]).logical_and_(sorted_BA != LAST)
    found = _positions(found_BA.view(-1))
    # Row by row and within it by rank: the order in which a mask is filled.
    row, place = found // index_BA.shape[1], found % index_BA.shape[1]
    cell = flat.take(index_BA.take(found).add_(row, alpha=size))
    ranks_BM = torch.full_like(relevant.index_BM, size)
    return ranks_BM.masked_scatter_(relevant.mask_BM, ahead.index_select(0, cell).add_(place))


def _cells(scores_BN: Tensor, relevant: Relevant) -> tuple[Tensor, int]:
    """Cell (B, N) of each item, numbered through all rows, better scores lower; cells to a row."""
    rows, size = scores_BN.shape
    cells = min(CELLS_PER_RELEVANT * relevant.index_BM.shape[1], 2 * size)
    own_BM = scores_BN.gather(1, relevant.index_BM)
    best_B1 = own_BM.masked_fill(~relevant.mask_BM, -torch.inf).amax(dim=1, keepdim=True)
    worst_B1 = own_BM.masked_fill(~relevant.mask_BM, torch.inf).amin(dim=1, keepdim=True)
    # Widths within these bounds keep the scale finite and above zero: 0 · inf would have no place.
    width_B1 = ((best_B1 - worst_B1) / cells).clamp_(1e-30, 1e36)
    # One cell before the best (-1) and one behind the worst take in all others: only counted.
    place_BN = (best_B1 - scores_BN).mul_(1 / width_B1).clamp_(-1, cells + 1)
    first_B = torch.arange(rows, dtype=torch.int32, device=scores_BN.device) * (cells + 3) + 1
    return place_BN.to(torch.int32).add_(first_B[:, None]), cells + 3


def _sorted_rows(scores_BN: Tensor, chosen: Tensor) -> Tensor:
    """Keys of the chosen items (flat positions, ascending), sorted in each row: (B, A), padded."""
    rows, size = scores_BN.shape
    bounds = torch.arange(rows + 1, device=chosen.device) * size
    counts_B = torch.searchsorted(chosen, bounds).diff()
    index = chosen - bounds[:-1].repeat_interleave(counts_B)
    keys = ranking_keys(scores_BN.view(-1).index_select(0, chosen), index)
    used_BA = torch.arange(int(counts_B.max()), device=chosen.device) < counts_B[:, None]
    keys_BA = keys.new_full(used_BA.shape, LAST).masked_scatter_(used_BA, keys)
    if keys_BA.device.type == "cpu":
        keys_BA.numpy().sort(axis=1)  # values alone; torch would carry their positions along
        return keys_BA
    return keys_BA.sort(dim=1).values


def _positions(mask: Tensor) -> Tensor:
    """Where a flat mask is True, ascending."""
    if mask.device.type == "cpu":
        return torch.from_numpy(np.flatnonzero(mask.numpy()))  # six times as fast as torch's
    return mask.nonzero().view(-1)
