"""Fine-grained accuracy: does the very photo that was drawn come back?"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from core.metrics.retrieval import (
    BLOCK_BYTES,
    BLOCK_BYTES_ELSEWHERE,
    check_ks,
)
from core.metrics.similarity import Array, Distance, Gallery, as_embeddings, full_precision


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
    >>> instance_accuracy(eye, eye, torch.tensor([0, 1, 0]), ks=[1], within=torch.tensor([0, 0, 1]))
    {'acc_at_1[instance]': 0.6666666666666666, 'acc_at_1[instance_in_class]': 1.0}
    """
    queries_QD = as_embeddings(queries, "queries", device)
    on = queries_QD.device
    gallery_ND = as_embeddings(gallery, "gallery items", on)
    size = len(gallery_ND)
    check_ks(ks, size)
    target_Q = torch.as_tensor(target_index).to(on, torch.int64)
    if target_Q.shape != (len(queries_QD),):
        raise ValueError(
            f"target_index has shape {tuple(target_Q.shape)}, needed ({len(queries_QD)},)"
        )
    if int(target_Q.min()) < 0 or int(target_Q.max()) >= size:
        raise ValueError(
            f"target_index ranges from {int(target_Q.min())} to {int(target_Q.max())}, "
            f"allowed is 0 to {size - 1}"
        )
    labels_N = None if within is None else torch.as_tensor(within).to(on)
    if labels_N is not None and labels_N.shape != (size,):
        raise ValueError(f"within has shape {tuple(labels_N.shape)}, needed ({size},)")
    chunk = chunk or max(1, BLOCK_BYTES.get(on.type, BLOCK_BYTES_ELSEWHERE) // (8 * size))
    index_N = torch.arange(size, device=on)
    everywhere, in_class = [], []
    with full_precision(on):
        ready = Gallery.of(gallery_ND, distance)
        for at in range(0, len(queries_QD), chunk):
            scores_BN = ready.scores(ready.place(queries_QD[at : at + chunk]))
            target_B1 = target_Q[at : at + chunk, None]
            own_B1 = scores_BN.gather(1, target_B1)
            ahead_BN = (scores_BN > own_B1) | ((scores_BN == own_B1) & (index_N < target_B1))
            everywhere.append(ahead_BN.sum(dim=1))
            if labels_N is not None:
                in_class.append((ahead_BN & (labels_N == labels_N[target_B1])).sum(dim=1))
    found = {f"acc_at_{k}[instance]": _share(everywhere, k) for k in ks}
    if in_class:
        found |= {f"acc_at_{k}[instance_in_class]": _share(in_class, k) for k in ks}
    return found


def _share(ranks: list[torch.Tensor], k: int) -> float:
    return float((torch.cat(ranks) < k).double().mean())
