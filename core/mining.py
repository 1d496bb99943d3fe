"""Triplet mining on a cross-modal batch: which photo is whose negative.

Shape suffixes: B sketches (anchors), M photos, N = B·M candidate triplets.
"""

from typing import NamedTuple

import torch

NEGATIVES = ("random", "semihard", "hard")


class Triplets(NamedTuple):
    """Index triplets: one for every pair of a sketch and a photo, flagged where it counts.

    All B·M pairs are listed, so that the shapes do not depend on the labels (on a GPU, picking
    the valid ones would make the host wait).
    """

    anchor_N: torch.Tensor
    """Row of the sketch, int64."""
    positive_N: torch.Tensor
    """Column of the photo of its class, int64 (of another class where not valid)."""
    negative_N: torch.Tensor
    """Column of the negative photo, int64 (arbitrary where not valid)."""
    valid_N: torch.Tensor
    """True where the photo has the sketch's class and a negative exists."""


def mine(
    distances_BM: torch.Tensor,
    sketch_labels_B: torch.Tensor,
    photo_labels_M: torch.Tensor,
    negatives: str = "random",
    generator: torch.Generator | None = None,
) -> Triplets:
    """One negative for every positive pair of the (global) batch.

    `random`: any photo of another class, all equally likely (the workshop's choice).
    `semihard`: the nearest negative that is farther than the positive; the farthest negative
    where none is (Schroff et al. 2015). `hard`: the nearest negative (Hermans et al. 2017).
    Ties go to the lowest index. A sketch without positives, or without negatives (a batch of one
    class), has no valid triplet; that is not an error.

    `generator` makes `random` reproducible; with several processes pass one seeded alike on each.
    Raises ValueError for an unknown strategy and for labels that do not fit the distances.
    """
    _check(distances_BM, sketch_labels_B, photo_labels_M, negatives)
    same_BM = sketch_labels_B[:, None] == photo_labels_M[None, :]
    with torch.no_grad():
        if negatives == "random":
            negative_BM = _random(same_BM, generator)
        elif negatives == "semihard":
            negative_BM = _semihard(distances_BM.detach(), same_BM)
        else:
            negative_BM = _hard(distances_BM.detach(), same_BM)
    sketches, photos = same_BM.shape
    rows = torch.arange(sketches, device=same_BM.device)
    columns = torch.arange(photos, device=same_BM.device)
    valid_BM = same_BM & ~same_BM.all(dim=1, keepdim=True)
    return Triplets(
        anchor_N=rows.repeat_interleave(photos),
        positive_N=columns.repeat(sketches),
        negative_N=negative_BM.flatten(),
        valid_N=valid_BM.flatten(),
    )


def _check(
    distances_BM: torch.Tensor,
    sketch_labels_B: torch.Tensor,
    photo_labels_M: torch.Tensor,
    negatives: str,
) -> None:
    if negatives not in NEGATIVES:
        raise ValueError(f"negatives is {negatives!r}; allowed: {', '.join(NEGATIVES)}")
    expected = (*sketch_labels_B.shape, *photo_labels_M.shape)
    if tuple(distances_BM.shape) != expected or len(expected) != 2:
        raise ValueError(
            f"distances of shape {tuple(distances_BM.shape)} do not fit labels of shapes "
            f"{tuple(sketch_labels_B.shape)} and {tuple(photo_labels_M.shape)}"
        )


def _random(same_BM: torch.Tensor, generator: torch.Generator | None) -> torch.Tensor:
    # Negatives first, in their order; then a uniform draw among the first `count` of each row.
    order_BM = same_BM.to(torch.uint8).argsort(dim=1, stable=True)
    count_B1 = (~same_BM).sum(dim=1, keepdim=True)
    source = generator.device if generator is not None else same_BM.device
    draw_BM = torch.rand(same_BM.shape, generator=generator, device=source).to(same_BM.device)
    # float32 draws below 1 can still round up to `count`
    place_BM = torch.minimum((draw_BM * count_B1).long(), (count_B1 - 1).clamp_min(0))
    return order_BM.gather(1, place_BM)


def _hard(distances_BM: torch.Tensor, same_BM: torch.Tensor) -> torch.Tensor:
    nearest_B1 = distances_BM.masked_fill(same_BM, torch.inf).argmin(dim=1, keepdim=True)
    return nearest_B1.expand_as(same_BM)


def _semihard(distances_BM: torch.Tensor, same_BM: torch.Tensor) -> torch.Tensor:
    # Sorting each row's negatives once finds "the first beyond d(a, p)" for all positives by
    # bisection: B·M·log M instead of B·M·M.
    masked_BM = distances_BM.masked_fill(same_BM, torch.inf)
    sorted_BM, order_BM = masked_BM.sort(dim=1, stable=True)
    count_B1 = (~same_BM).sum(dim=1, keepdim=True)
    first_BM = torch.searchsorted(sorted_BM, distances_BM.contiguous(), right=True)
    place_BM = torch.minimum(first_BM, (count_B1 - 1).clamp_min(0))
    return order_BM.gather(1, place_BM)
