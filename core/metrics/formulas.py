"""The formulas, from the ranks of a query's relevant items.

Shapes: B queries, M relevant items (padded).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def metrics_at_ranks(ranks_BM: Tensor, relevant_B: Tensor, ks: Sequence[int]) -> dict[str, Tensor]:
    """Each metric per query, (B,) float64, from the ranks of its relevant items.

    `ranks_BM`: ranks from 0 in ascending order, rows padded with any value above all of `ks`;
    `relevant_B`: R, at least 1. With n_K = hits in the first K:

    - AP, `map_all` = (1/R) Σ_{k: rel_k} P@k; scikit-learn's average precision where nothing ties
    - `map_at_K[hits]` = (1/n_K) Σ_{k≤K: rel_k} P@k, 0 where n_K = 0 (sem-pcyc, ClipPrompt)
    - `map_at_K[minRK]` = (1/min(R,K)) Σ_{k≤K: rel_k} P@k (SAKE, TCN, ZSE-SBIR)
    - `p_at_K` = n_K/K, also where R < K; `r_at_K` = n_K/R; `acc_at_K` = 1 where n_K > 0

    >>> found = metrics_at_ranks(torch.tensor([[0, 2, 5]]), torch.tensor([3]), ks=[4])
    >>> {name: round(value.item(), 3) for name, value in found.items()}
    ... # doctest: +NORMALIZE_WHITESPACE
    {'map_all': 0.722, 'map_at_4[hits]': 0.833, 'map_at_4[minRK]': 0.556, 'p_at_4': 0.5,
     'r_at_4': 0.667, 'acc_at_4': 1.0}
    """
    order_M = torch.arange(1, ranks_BM.shape[1] + 1, device=ranks_BM.device, dtype=torch.float64)
    padding_BM = order_M > relevant_B[:, None]
    precision_BM = (order_M / (ranks_BM + 1)).masked_fill_(padding_BM, 0.0)
    found = {"map_all": precision_BM.sum(dim=1) / relevant_B}
    for k in ks:
        # Ranks ascend, and the first K hold at most K relevant items: the rest can't matter.
        inside_BM = ranks_BM[:, :k] < k
        hits_B = inside_BM.sum(dim=1)
        total_B = (precision_BM[:, :k] * inside_BM).sum(dim=1)
        found[f"map_at_{k}[hits]"] = total_B / hits_B.clamp(min=1)
        found[f"map_at_{k}[minRK]"] = total_B / relevant_B.clamp(max=k)
        found[f"p_at_{k}"] = hits_B.double() / k
        found[f"r_at_{k}"] = hits_B / relevant_B.double()
        found[f"acc_at_{k}"] = (hits_B > 0).double()
    return found
