"""The terms of the loss as pure functions, and the signs of its health.

Shape suffixes: N triplets, B sketches, M photos, D embedding, V word vector.
"""

from typing import Any

import torch
import torch.nn.functional as F

DISTANCES = ("euclidean", "cosine")
SKETCH_SHARE, PHOTO_SHARE = 1 / 3, 2 / 3
"""Weights of the two domains: a triplet has one sketch and two photos."""


class _ReverseGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, tensor: torch.Tensor, strength: float) -> torch.Tensor:
        ctx.strength = strength
        return tensor.view_as(tensor)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:
        return -ctx.strength * gradient, None


def reverse_gradient(tensor: torch.Tensor, strength: float) -> torch.Tensor:
    """Identity forward, gradient times -strength backward (R_λd; Ganin and Lempitsky 2015)."""
    reversed_tensor: torch.Tensor = _ReverseGradient.apply(tensor, strength)
    return reversed_tensor


def paired_distance(
    first_ND: torch.Tensor, second_ND: torch.Tensor, distance: str = "euclidean"
) -> torch.Tensor:
    """Distance (N,) between rows: Euclidean, or 1 - cosine."""
    if distance == "euclidean":
        return torch.linalg.vector_norm(first_ND - second_ND, dim=1)
    if distance == "cosine":
        return 1.0 - F.cosine_similarity(first_ND, second_ND, dim=1)
    raise ValueError(f"distance is {distance!r}; allowed: {', '.join(DISTANCES)}")


def distance_matrix(
    first_BD: torch.Tensor, second_MD: torch.Tensor, distance: str = "euclidean"
) -> torch.Tensor:
    """Distances (B, M) between all rows: Euclidean, or 1 - cosine.

    Euclidean distances are summed from differences, not from dot products: those lose the small
    distances to rounding. Where two rows are equal the gradient is 0.
    """
    if distance == "euclidean":
        return torch.cdist(first_BD, second_MD, compute_mode="donot_use_mm_for_euclid_dist")
    if distance == "cosine":
        return 1.0 - F.normalize(first_BD, dim=1) @ F.normalize(second_MD, dim=1).T
    raise ValueError(f"distance is {distance!r}; allowed: {', '.join(DISTANCES)}")


def triplet_loss(
    anchor_ND: torch.Tensor,
    positive_ND: torch.Tensor,
    negative_ND: torch.Tensor,
    margin: float,
    distance: str = "euclidean",
) -> torch.Tensor:
    """L_t = mean(max(0, margin + d(a, p) - d(a, n))) over N triplets; 0 for N = 0."""
    to_positive_N = paired_distance(anchor_ND, positive_ND, distance)
    to_negative_N = paired_distance(anchor_ND, negative_ND, distance)
    valid_N = torch.ones_like(to_positive_N, dtype=torch.bool)
    return margin_loss(to_positive_N, to_negative_N, valid_N, margin)[0]


def margin_loss(
    to_positive_N: torch.Tensor, to_negative_N: torch.Tensor, valid_N: torch.Tensor, margin: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """The triplet loss from distances, and the share of active triplets.

    Averaged over the valid triplets; both are 0 (with a gradient of 0) where none is valid.
    """
    violation_N = (margin + to_positive_N - to_negative_N).clamp_min(0.0) * valid_N
    count = valid_N.sum().clamp_min(1)
    return violation_N.sum() / count, (violation_N.detach() > 0).sum() / count


def domain_loss(sketch_logits_B: torch.Tensor, photo_logits_M: torch.Tensor) -> torch.Tensor:
    """L_d: binary cross-entropy of the discriminator's logits, target 0 = sketch, 1 = photo.

    (1/3N) Σ [l_0(a) + l_1(p) + l_1(n)] over triplets, where every photo of the batch stands for
    the positives and negatives alike: a third of the sketches' mean, two thirds of the photos'.
    From logits, since sigmoid then cross-entropy overflows.
    """
    zeros, ones = torch.zeros_like(sketch_logits_B), torch.ones_like(photo_logits_M)
    of_sketches = F.binary_cross_entropy_with_logits(sketch_logits_B, zeros)
    of_photos = F.binary_cross_entropy_with_logits(photo_logits_M, ones)
    return SKETCH_SHARE * of_sketches + PHOTO_SHARE * of_photos


def semantic_loss(projected_NV: torch.Tensor, word_vectors_NV: torch.Tensor) -> torch.Tensor:
    """L_s: mean cosine distance of projected embeddings to word vectors (Dey et al. 2019)."""
    return (1.0 - F.cosine_similarity(projected_NV, word_vectors_NV, dim=1)).mean()


def classification_loss(
    emb_ND: torch.Tensor, labels_N: torch.Tensor, prototypes_CD: torch.Tensor, scale: float
) -> torch.Tensor:
    """L_c: cross-entropy of `scale` × the cosines to one learned prototype a class.

    Sketches and photos share the prototypes, which pulls both domains to one place (normalised
    softmax; Zhai and Wu 2019, "Classification is a strong baseline for deep metric learning").
    """
    cosines_NC = F.normalize(emb_ND, dim=1) @ F.normalize(prototypes_CD, dim=1).T
    return F.cross_entropy(scale * cosines_NC, labels_N)


def embedding_std(sketches_BD: torch.Tensor, photos_MD: torch.Tensor) -> torch.Tensor:
    """Spread of the embeddings, 0-d and detached; 0 for a batch of one.

    Per domain the mean over dimensions of the batch's standard deviation; of the two domains
    the smaller.
    """
    spreads = [emb.detach().std(dim=0, correction=0).mean() for emb in (sketches_BD, photos_MD)]
    return torch.minimum(*spreads)


def collapse_warning(
    *, triplet: float, active_triplets: float, embedding_std: float, margin: float
) -> str | None:
    """A sentence where an epoch's mean loss terms look like collapse, else None.

    Collapse = all embeddings (nearly) equal: the triplet loss then sits at the margin with every
    triplet active, or the spread is too small for any distance to reach the margin.
    """
    if margin <= 0:
        return None
    if active_triplets > 0.99 and abs(triplet - margin) < 0.01 * margin:
        return (
            f"collapse: the triplet loss sits at the margin ({triplet:.4f} of {margin:g}) with "
            f"{active_triplets:.0%} of the triplets active; embeddings hardly differ "
            f"(standard deviation {embedding_std:.2g})"
        )
    if embedding_std < 0.001 * margin:
        return (
            f"collapse: the embeddings' standard deviation is {embedding_std:.2g}, far below the "
            f"margin {margin:g}"
        )
    return None
