"""L_c against its formula, written out in float64."""

import pytest
import torch
import torch.nn.functional as F

from core.losses import LossConfig, TotalLoss, classification_loss


def reference(
    emb: torch.Tensor, labels: torch.Tensor, prototypes: torch.Tensor, scale: float
) -> float:
    total = 0.0
    for row, label in zip(emb, labels.tolist(), strict=True):
        cosines = [float(row @ p / (row.norm() * p.norm())) * scale for p in prototypes]
        exponentials = torch.tensor(cosines, dtype=torch.float64).exp()
        total -= float(torch.log(exponentials[label] / exponentials.sum()))
    return total / len(labels)


def test_the_formula() -> None:
    generator = torch.Generator().manual_seed(0)
    emb = torch.randn(5, 4, generator=generator, dtype=torch.float64)
    prototypes = torch.randn(3, 4, generator=generator, dtype=torch.float64)
    labels = torch.tensor([0, 2, 1, 1, 0])
    value = classification_loss(emb, labels, prototypes, 7.0)
    assert float(value) == pytest.approx(reference(emb, labels, prototypes, 7.0), abs=1e-12)


def test_gradients() -> None:
    emb = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    prototypes = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
    labels = torch.tensor([0, 1, 1, 0])
    assert torch.autograd.gradcheck(
        lambda e, p: classification_loss(e, labels, p, 5.0), (emb, prototypes)
    )


def test_both_domains_count_alike_in_the_total() -> None:
    loss = TotalLoss(LossConfig(w_d=0, w_t=0, w_c=2.0), 4, class_count=3)
    sketches, photos = F.normalize(torch.randn(2, 4), dim=1), F.normalize(torch.randn(6, 4), dim=1)
    labels = torch.tensor([0, 1]), torch.tensor([0, 1, 2, 0, 1, 2])
    terms = loss(sketches, photos, *labels, lambda_d=0.0)
    assert loss.prototypes_CD is not None
    parts = [
        classification_loss(emb, y, loss.prototypes_CD, 16.0)
        for emb, y in zip((sketches, photos), labels, strict=True)
    ]
    assert float(terms.total) == pytest.approx(float(parts[0] + parts[1]), rel=1e-6)
    assert float(terms.classification) == pytest.approx(float(terms.total) / 2, rel=1e-6)


def test_without_the_number_of_classes_it_is_refused() -> None:
    with pytest.raises(ValueError, match="number of classes"):
        TotalLoss(LossConfig(w_c=1.0), 4)
