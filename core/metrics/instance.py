"""Fine-grained accuracy: does the very photo that was drawn come back?

Shapes: Q queries, N gallery items, D embedding size, B queries of one block.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core.metrics.cores import spread
from core.metrics.inputs import Array, as_embeddings, block_rows, check_ks, check_labels
from core.metrics.similarity import Distance, Gallery, full_precision


def instance_accuracy(
    queries: Array,
    gallery: Array,
    target_index: Array,
    *,
    ks: Sequence[int] = (1, 5, 10),
    within: Array | None = None,
    distance: Distance = "cosine",
    chunk: int | None = None,
    device: torch.device | str | None = None,
) -> dict[str, float]:
    """Share of queries (Q, D) whose own item is among the first K of the gallery (N, D).

    `target_index` (Q,) is the gallery index of each query's item. `within` are the gallery's
    labels (N,): with them the accuracy among the items of the target's class is reported too.
    Keys: `acc_at_K[instance]` over the whole gallery, `acc_at_K[instance_in_class]` within the
    class (1 by definition where the class holds at most K items). Ties go to the lower index.

    Raises ValueError when a K is above N, or a target is not in 0…N-1.

    >>> eye = torch.eye(3)
    >>> found = instance_accuracy(
    ...     eye, eye, torch.tensor([0, 1, 0]), ks=[1], within=torch.tensor([0, 0, 1]))
    >>> {name: round(value, 3) for name, value in found.items()}
    {'acc_at_1[instance]': 0.667, 'acc_at_1[instance_in_class]': 1.0}
    """
    queries_QD = as_embeddings(queries, "queries", device)
    on = queries_QD.device
    gallery_ND = as_embeddings(gallery, "gallery items", on)
    size = len(gallery_ND)
    check_ks(ks, size)
    target_Q = check_labels(target_index, len(queries_QD), size, "target_index").to(on)
    labels_N = None if within is None else torch.as_tensor(within).to(on)
    if labels_N is not None and labels_N.shape != (size,):
        raise ValueError(f"within has shape {tuple(labels_N.shape)}, needed is ({size},)")
    index_N = torch.arange(size, device=on)
    with full_precision(on):
        ready = Gallery.of(gallery_ND, distance)

        def ranks(rows_B: Tensor) -> Tensor:
            scores_BN = ready.scores(ready.place(queries_QD[rows_B]))
            target_B1 = target_Q[rows_B, None]
            own_B1 = scores_BN.gather(1, target_B1)
            ahead_BN = (scores_BN > own_B1) | ((scores_BN == own_B1) & (index_N < target_B1))
            rank_B = ahead_BN.sum(dim=1)
            if labels_N is None:
                return rank_B[None].cpu()
            in_class_B = (ahead_BN & (labels_N == labels_N[target_B1])).sum(dim=1)
            return torch.stack([rank_B, in_class_B]).cpu()

        blocks = torch.arange(len(queries_QD), device=on).split(block_rows(chunk, size, on))
        found = torch.cat(list(spread(ranks, blocks, on)), dim=1)
    names = ("instance", "instance_in_class")[: len(found)]
    return {
        f"acc_at_{k}[{name}]": float((rank_Q < k).double().mean())
        for name, rank_Q in zip(names, found, strict=True)
        for k in ks
    }
