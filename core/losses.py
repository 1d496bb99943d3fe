"""The total loss: triplet, domain (with gradient reversal) and semantic, weighted and summed.

The terms are pure functions in `core.loss_terms` (the public ones can be had from here too);
`TotalLoss` owns the discriminator and the projection and only sums.
Shape suffixes: N triplets, B sketches, M photos, D embedding, V word vector.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import nn

from core.loss_terms import (
    DISTANCES,
    PHOTO_SHARE,
    SKETCH_SHARE,
    classification_loss,
    collapse_warning,
    distance_matrix,
    domain_loss,
    embedding_std,
    margin_loss,
    reverse_gradient,
    semantic_loss,
    triplet_loss,
)
from core.mining import NEGATIVES, mine
from core.schedules import LAMBDA_SCHEDULES

__all__ = [
    "LossConfig",
    "LossTerms",
    "TotalLoss",
    "classification_loss",
    "collapse_warning",
    "domain_loss",
    "reverse_gradient",
    "semantic_loss",
    "triplet_loss",
]


@dataclass(frozen=True, kw_only=True)
class LossConfig:
    """The total loss `w_d·L_d + w_t·L_t + w_s·L_s + w_c·L_c` and its schedule."""

    w_d: float = 0.1
    """Weight of the domain loss L_d; 0 builds no discriminator. Searched in 1e-3…10."""
    w_t: float = 1.0
    """Weight of the triplet loss L_t."""
    w_s: float = 0.0
    """Weight of the semantic loss L_s; above 0 it needs word vectors."""
    w_c: float = 0.0
    """Weight of the classification loss L_c. From random weights, triplets alone learn slowly;
    prototypes that both domains share give every sketch a direction from the first step."""
    word_vectors: str = ""
    """Words file (.npz) for L_s; empty computes the vectors with the extra `words`."""
    class_scale: float = 16.0
    """Scale of the cosines in L_c: the inverse of the softmax's temperature."""
    margin: float = 0.2
    """Margin of the triplet loss: 0.05…0.5 on normalised embeddings, 0.3…2 on unnormalised."""
    negatives: str = "semihard"
    """How negatives are chosen in the global batch: `random`, `semihard` or `hard`."""
    distance: str = "euclidean"
    """`euclidean` or `cosine` (1 - cos)."""
    lambda_schedule: str = "linear"
    """How λ_d grows over the epochs: `linear`, `ganin` or `constant`."""
    lambda_max: float = 1.0
    """λ_d at its end."""
    scale_schedule: bool = True
    """Stretch the `linear` schedule to the run's length instead of the workshop's epochs 5…25."""
    discriminator_hidden: int = 128
    """Width of the discriminator's hidden layer."""

    def __post_init__(self) -> None:
        for field in ("w_d", "w_t", "w_s", "w_c", "class_scale", "margin", "lambda_max"):
            value = getattr(self, field)
            if not 0 <= value < float("inf"):
                raise ValueError(f"{field} is {value}; it must be 0 or more, and finite")
        if self.discriminator_hidden < 1:
            raise ValueError(f"discriminator_hidden is {self.discriminator_hidden}; at least 1")
        for field, allowed in (
            ("negatives", NEGATIVES),
            ("distance", DISTANCES),
            ("lambda_schedule", LAMBDA_SCHEDULES),
        ):
            if getattr(self, field) not in allowed:
                value = getattr(self, field)
                raise ValueError(f"{field} is {value!r}; allowed: {', '.join(allowed)}")


class LossTerms(NamedTuple):
    """The total (the only one with a gradient), its terms, and signs of health; all 0-d tensors."""

    total: torch.Tensor
    """w_d·L_d + w_t·L_t + w_s·L_s + w_c·L_c."""
    triplet: torch.Tensor
    """L_t, unweighted; 0 where the batch holds no triplet."""
    domain: torch.Tensor
    """L_d, unweighted; 0 where w_d is 0."""
    semantic: torch.Tensor
    """L_s, unweighted; 0 where w_s is 0."""
    classification: torch.Tensor
    """L_c, unweighted; 0 where w_c is 0."""
    discriminator_accuracy: torch.Tensor
    """Mean of its accuracies on sketches and on photos: 0.5 = the domains cannot be told apart.
    NaN where w_d is 0 (there is no discriminator)."""
    active_triplets: torch.Tensor
    """Share of the valid triplets that violate the margin, in [0, 1]; 0 where there are none."""
    embedding_std: torch.Tensor
    """Standard deviation over the batch, averaged over dimensions; of the two domains, the
    smaller. 0 = that domain has collapsed to a point."""


class TotalLoss(nn.Module):
    """L_tot = w_d·L_d + w_t·L_t + w_s·L_s + w_c·L_c on a global cross-modal batch.

    Owns the discriminator (an MLP behind the gradient reversal), the projection to word vectors
    and the class prototypes; their parameters belong into the optimizer. `word_vectors_CV` holds
    a vector per class id; it is needed where w_s > 0, and `class_count` where w_c > 0 (ValueError
    otherwise).
    """

    word_vectors_CV: torch.Tensor

    def __init__(
        self,
        config: LossConfig,
        embedding_dim: int,
        word_vectors_CV: torch.Tensor | None = None,
        class_count: int = 0,
    ) -> None:
        super().__init__()
        self.config = config
        self.discriminator: nn.Module | None = None
        self.projection: nn.Module | None = None
        if config.w_d > 0:
            self.discriminator = nn.Sequential(
                nn.Linear(embedding_dim, config.discriminator_hidden),
                nn.ReLU(),
                nn.Linear(config.discriminator_hidden, 1),
            )
        if config.w_s > 0:
            if word_vectors_CV is None:
                raise ValueError(f"w_s is {config.w_s}, but there are no word vectors")
            self.projection = nn.Linear(embedding_dim, word_vectors_CV.shape[1])
            self.register_buffer("word_vectors_CV", word_vectors_CV.float(), persistent=False)
        self.prototypes_CD: nn.Parameter | None = None
        if config.w_c > 0:
            if class_count < 1:
                raise ValueError(f"w_c is {config.w_c}, but the number of classes is not known")
            self.prototypes_CD = nn.Parameter(torch.randn(class_count, embedding_dim))

    def forward(
        self,
        sketch_emb_BD: torch.Tensor,
        photo_emb_MD: torch.Tensor,
        sketch_labels_B: torch.Tensor,
        photo_labels_M: torch.Tensor,
        *,
        lambda_d: float,
        generator: torch.Generator | None = None,
    ) -> LossTerms:
        """The terms on the embeddings of B sketches and M photos (of all processes, gathered).

        Labels are class ids, int64. `lambda_d` comes from `core.schedules`. Nothing here waits
        for the device; everything is computed in at least float32, under autocast too.
        """
        device = sketch_emb_BD.device.type
        with torch.autocast(device, enabled=False):
            sketches_BD, photos_MD = _at_least_float32(sketch_emb_BD, photo_emb_MD)
            triplet, active = self._triplet(
                sketches_BD, photos_MD, sketch_labels_B, photo_labels_M, generator
            )
            domain, accuracy = self._domain(sketches_BD, photos_MD, lambda_d)
            semantic = self._semantic(sketches_BD, photos_MD, sketch_labels_B, photo_labels_M)
            classification = self._classification(
                sketches_BD, photos_MD, sketch_labels_B, photo_labels_M
            )
            weights = self.config
            total = weights.w_d * domain + weights.w_t * triplet + weights.w_s * semantic
            total = total + weights.w_c * classification
            return LossTerms(
                total=total,
                triplet=triplet.detach(),
                domain=domain.detach(),
                semantic=semantic.detach(),
                classification=classification.detach(),
                discriminator_accuracy=accuracy,
                active_triplets=active,
                embedding_std=embedding_std(sketches_BD, photos_MD),
            )

    def _triplet(
        self,
        sketches_BD: torch.Tensor,
        photos_MD: torch.Tensor,
        sketch_labels_B: torch.Tensor,
        photo_labels_M: torch.Tensor,
        generator: torch.Generator | None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        config = self.config
        distances_BM = distance_matrix(sketches_BD, photos_MD, config.distance)
        triplets = mine(distances_BM, sketch_labels_B, photo_labels_M, config.negatives, generator)
        negatives_BM = triplets.negative_N.view_as(distances_BM)
        to_negative_N = distances_BM.gather(1, negatives_BM).flatten()
        # Entries that are not positive pairs ride along and are masked: fixed shapes.
        return margin_loss(distances_BM.flatten(), to_negative_N, triplets.valid_N, config.margin)

    def _domain(
        self, sketches_BD: torch.Tensor, photos_MD: torch.Tensor, lambda_d: float
    ) -> tuple[torch.Tensor, torch.Tensor]:
        if self.discriminator is None:
            return sketches_BD.new_zeros(()), sketches_BD.new_full((), float("nan"))
        logits_B = self.discriminator(reverse_gradient(sketches_BD, lambda_d)).flatten()
        logits_M = self.discriminator(reverse_gradient(photos_MD, lambda_d)).flatten()
        right = (logits_B.detach() < 0).float().mean() + (logits_M.detach() > 0).float().mean()
        return domain_loss(logits_B, logits_M), right / 2

    def _semantic(
        self,
        sketches_BD: torch.Tensor,
        photos_MD: torch.Tensor,
        sketch_labels_B: torch.Tensor,
        photo_labels_M: torch.Tensor,
    ) -> torch.Tensor:
        if self.projection is None:
            return sketches_BD.new_zeros(())
        words = self.word_vectors_CV
        of_sketches = semantic_loss(self.projection(sketches_BD), words[sketch_labels_B])
        of_photos = semantic_loss(self.projection(photos_MD), words[photo_labels_M])
        return SKETCH_SHARE * of_sketches + PHOTO_SHARE * of_photos

    def _classification(
        self,
        sketches_BD: torch.Tensor,
        photos_MD: torch.Tensor,
        sketch_labels_B: torch.Tensor,
        photo_labels_M: torch.Tensor,
    ) -> torch.Tensor:
        if self.prototypes_CD is None:
            return sketches_BD.new_zeros(())
        # The domains count alike, whatever their numbers of items.
        pairs = (sketches_BD, sketch_labels_B), (photos_MD, photo_labels_M)
        of_domains = [
            classification_loss(emb, labels, self.prototypes_CD, self.config.class_scale)
            for emb, labels in pairs
        ]
        return (of_domains[0] + of_domains[1]) / 2


def _at_least_float32(*tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return tuple(t if t.dtype == torch.float64 else t.float() for t in tensors)
