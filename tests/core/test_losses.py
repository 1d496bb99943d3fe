"""Losses against formulas written out here, one sample at a time, in float64."""

import math
from typing import Any

import pytest
import torch

from core.loss_terms import distance_matrix, margin_loss, paired_distance
from core.losses import (
    LossConfig,
    LossTerms,
    TotalLoss,
    collapse_warning,
    domain_loss,
    reverse_gradient,
    semantic_loss,
    triplet_loss,
)

DOUBLE = torch.float64


def rows(count: int, dim: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, dim, dtype=DOUBLE, generator=torch.Generator().manual_seed(seed))


def euclidean(a: list[float], b: list[float]) -> float:
    return math.sqrt(sum((x - y) ** 2 for x, y in zip(a, b, strict=True)))


def cosine(a: list[float], b: list[float]) -> float:
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    return 1 - dot / math.sqrt(sum(x * x for x in a)) / math.sqrt(sum(x * x for x in b))


def cross_entropy(logit: float, target: int) -> float:
    probability = 1 / (1 + math.exp(-logit))
    return -math.log(probability if target == 1 else 1 - probability)


@pytest.mark.parametrize(("name", "distance"), [("euclidean", euclidean), ("cosine", cosine)])
def test_triplet_loss(name: str, distance: Any) -> None:
    a, p, n = rows(12, 5, 1), rows(12, 5, 2), rows(12, 5, 3)
    terms = [
        max(0.0, 0.1 + distance(x, y) - distance(x, z))
        for x, y, z in zip(a.tolist(), p.tolist(), n.tolist(), strict=True)
    ]
    assert 0 < sum(term > 0 for term in terms) < 12
    expected = sum(terms) / 12
    assert triplet_loss(a, p, n, 0.1, name).item() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("name", "distance"), [("euclidean", euclidean), ("cosine", cosine)])
def test_distances(name: str, distance: Any) -> None:
    a, b = rows(4, 6, 1), rows(3, 6, 2)
    matrix = distance_matrix(a, b, name)
    for i in range(4):
        for j in range(3):
            assert matrix[i, j].item() == pytest.approx(distance(a[i].tolist(), b[j].tolist()))
    assert torch.allclose(paired_distance(a[:3], b, name), matrix.diagonal())
    with pytest.raises(ValueError, match="'manhattan'; allowed: euclidean, cosine"):
        distance_matrix(a, b, "manhattan")
    with pytest.raises(ValueError, match="'manhattan'; allowed: euclidean, cosine"):
        paired_distance(a, a, "manhattan")


def test_equal_embeddings_have_a_finite_gradient() -> None:
    for name in ("euclidean", "cosine"):
        same = torch.ones(3, 4, requires_grad=True)
        loss = triplet_loss(same, same * 1.0, same * 1.0, 0.2, name)
        assert loss.item() == pytest.approx(0.2)  # collapse: exactly the margin
        distance_matrix(same, same * 1.0, name).sum().backward()
        loss.backward()
        assert same.grad is not None
        assert torch.isfinite(same.grad).all()


def test_domain_loss_weighs_a_sketch_as_one_of_three() -> None:
    # N triplets, photos = positives then negatives, as in the definition
    sketches, photos = rows(4, 1, 1).flatten(), rows(8, 1, 2).flatten()
    total = 0.0
    for i in range(4):
        total += cross_entropy(sketches[i].item(), 0)
        total += cross_entropy(photos[i].item(), 1) + cross_entropy(photos[4 + i].item(), 1)
    assert domain_loss(sketches, photos).item() == pytest.approx(total / (3 * 4), abs=1e-12)


def test_domain_loss_of_extreme_logits_is_finite() -> None:
    loss = domain_loss(torch.tensor([1e4]), torch.tensor([-1e4]))
    assert loss.item() == pytest.approx(1e4)


def test_semantic_loss() -> None:
    a, b = rows(5, 3, 1), rows(5, 3, 2)
    expected = sum(cosine(x, y) for x, y in zip(a.tolist(), b.tolist(), strict=True)) / 5
    assert semantic_loss(a, b).item() == pytest.approx(expected, abs=1e-12)


def test_reversal_is_identity_forward_and_minus_lambda_backward() -> None:
    x = rows(3, 2).requires_grad_()
    y = reverse_gradient(x, 0.7)
    assert torch.equal(y, x)
    weights = rows(3, 2, 5)
    (y * weights).sum().backward()
    assert x.grad is not None
    assert torch.allclose(x.grad, -0.7 * weights)


@pytest.mark.parametrize("name", ["euclidean", "cosine"])
def test_gradcheck_of_the_terms(name: str) -> None:
    a, p, n = (rows(4, 3, seed).requires_grad_() for seed in (1, 2, 3))
    assert torch.autograd.gradcheck(lambda x, y, z: triplet_loss(x, y, z, 0.5, name), (a, p, n))
    assert torch.autograd.gradcheck(lambda x, y: distance_matrix(x, y, name), (a, p))
    assert torch.autograd.gradcheck(semantic_loss, (a, p))
    assert torch.autograd.gradcheck(lambda s, t: domain_loss(s[:, 0], t[:, 0]), (a, p))


def total_loss(**settings: Any) -> TotalLoss:
    torch.manual_seed(0)
    words = rows(4, 6, 9) if settings.get("w_s") else None
    return TotalLoss(LossConfig(**settings), 5, words).to(DOUBLE)


def batch() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    return rows(4, 5, 1), rows(8, 5, 2), torch.tensor([0, 1, 2, 3]), torch.arange(8) % 4


@pytest.mark.parametrize("negatives", ["semihard", "hard"])
@pytest.mark.parametrize("distance", ["euclidean", "cosine"])
def test_gradcheck_of_the_total(negatives: str, distance: str) -> None:
    # With lambda -1 the reversal is the identity, so the total is an ordinary function.
    loss = total_loss(negatives=negatives, distance=distance, w_d=0.7, w_s=0.3, margin=0.6)
    sketches, photos, sketch_labels, photo_labels = batch()

    def total(s: torch.Tensor, p: torch.Tensor) -> torch.Tensor:
        return loss(s, p, sketch_labels, photo_labels, lambda_d=-1.0).total

    assert torch.autograd.gradcheck(total, (sketches.requires_grad_(), photos.requires_grad_()))


def test_total_sums_the_weighted_terms() -> None:
    loss = total_loss(w_d=0.7, w_t=1.3, w_s=0.3, negatives="hard", margin=0.6)
    sketches, photos, sketch_labels, photo_labels = batch()
    terms = loss(sketches, photos, sketch_labels, photo_labels, lambda_d=0.5)
    hinges = []
    for i in range(4):
        label = int(sketch_labels[i])
        gaps = [euclidean(sketches[i].tolist(), photos[m].tolist()) for m in range(8)]
        nearest = min(gaps[m] for m in range(8) if int(photo_labels[m]) != label)
        own = [gaps[m] for m in range(8) if int(photo_labels[m]) == label]
        hinges += [max(0.0, 0.6 + gap - nearest) for gap in own]
    assert terms.triplet.item() == pytest.approx(sum(hinges) / 8)
    assert terms.active_triplets.item() == pytest.approx(sum(h > 0 for h in hinges) / 8)

    assert loss.discriminator is not None
    assert loss.projection is not None
    logits = [loss.discriminator(part).flatten() for part in (sketches, photos)]
    assert terms.domain.item() == pytest.approx(domain_loss(*logits).item())
    right = [(logits[0] < 0).double().mean().item(), (logits[1] > 0).double().mean().item()]
    assert terms.discriminator_accuracy.item() == pytest.approx(sum(right) / 2)

    words = loss.word_vectors_CV
    of_sketches = semantic_loss(loss.projection(sketches), words[sketch_labels])
    of_photos = semantic_loss(loss.projection(photos), words[photo_labels])
    assert terms.semantic.item() == pytest.approx((of_sketches + 2 * of_photos).item() / 3)

    expected = 0.7 * terms.domain + 1.3 * terms.triplet + 0.3 * terms.semantic
    assert terms.total.item() == pytest.approx(expected.item())
    assert terms.total.requires_grad
    assert not any(term.requires_grad for term in terms[1:])
    assert all(term.ndim == 0 for term in terms)


def test_lambda_turns_the_encoders_gradient_and_not_the_discriminators() -> None:
    gradients: dict[float, tuple[torch.Tensor, torch.Tensor]] = {}
    for strength in (0.0, 1.0, -1.0, 0.5):
        loss = total_loss(w_t=0.0, w_d=1.0)
        sketches, photos, *labels = batch()
        sketches.requires_grad_()
        loss(sketches, photos, *labels, lambda_d=strength).total.backward()
        assert loss.discriminator is not None
        weight = next(loss.discriminator.parameters())
        assert sketches.grad is not None
        assert weight.grad is not None
        gradients[strength] = (sketches.grad, weight.grad)
    plain = gradients[-1.0][0]  # of the loss itself
    assert plain.abs().max() > 0
    assert torch.allclose(gradients[1.0][0], -plain)
    assert torch.allclose(gradients[0.5][0], -0.5 * plain)
    assert torch.equal(gradients[0.0][0], torch.zeros_like(plain))
    for _, of_discriminator in gradients.values():
        assert torch.allclose(of_discriminator, gradients[1.0][1])


def test_random_negatives_repeat_with_the_generator() -> None:
    loss = total_loss(negatives="random", w_d=0.0)
    values = {
        seed: loss(
            *batch(), lambda_d=0.0, generator=torch.Generator().manual_seed(seed)
        ).total.item()
        for seed in range(4)
    }
    again = loss(*batch(), lambda_d=0.0, generator=torch.Generator().manual_seed(2))
    assert again.total.item() == values[2]
    assert len(set(values.values())) > 1


def finite(terms: LossTerms) -> bool:
    return all(bool(torch.isfinite(term)) for term in terms)


@pytest.mark.parametrize("negatives", ["random", "semihard", "hard"])
@pytest.mark.parametrize("distance", ["euclidean", "cosine"])
@pytest.mark.parametrize(("sketches", "photos"), [(1, 1), (1, 2), (3, 6)])
def test_one_class_gives_no_triplets_and_never_nan(
    negatives: str, distance: str, sketches: int, photos: int
) -> None:
    loss = total_loss(negatives=negatives, distance=distance, w_s=0.2)
    parts = (rows(sketches, 5, 1).requires_grad_(), rows(photos, 5, 2).requires_grad_())
    labels = (torch.ones(sketches, dtype=torch.int64), torch.ones(photos, dtype=torch.int64))
    terms = loss(*parts, *labels, lambda_d=1.0)
    assert finite(terms)
    assert terms.triplet.item() == 0.0
    assert terms.active_triplets.item() == 0.0
    terms.total.backward()
    for part in parts:
        assert part.grad is not None
        assert torch.isfinite(part.grad).all()


def test_without_domain_loss_there_is_no_discriminator() -> None:
    loss = total_loss(w_d=0.0)
    assert list(loss.parameters()) == []
    terms = loss(*batch(), lambda_d=1.0)
    assert terms.domain.item() == 0.0
    assert math.isnan(terms.discriminator_accuracy.item())
    assert finite(terms._replace(discriminator_accuracy=terms.total))


def test_embedding_std_is_the_smaller_domains() -> None:
    sketches, photos, *labels = batch()
    loss = total_loss()
    spread = loss(sketches, photos, *labels, lambda_d=0.0).embedding_std.item()
    by_hand = [part.std(dim=0, correction=0).mean().item() for part in (sketches, photos)]
    assert spread == pytest.approx(min(by_hand))
    flat = torch.ones_like(photos)
    assert loss(sketches, flat, *labels, lambda_d=0.0).embedding_std.item() == 0.0


def test_half_precision_embeddings_are_computed_in_float32() -> None:
    torch.manual_seed(0)
    loss = TotalLoss(LossConfig(), 5)
    sketches, photos, *labels = batch()
    halves = (sketches.bfloat16(), photos.bfloat16())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        terms = loss(*halves, *labels, lambda_d=0.0)
    expected = loss(*(half.float() for half in halves), *labels, lambda_d=0.0)
    assert terms.total.dtype == torch.float32
    assert terms.total.item() == expected.total.item()


def test_margin_loss_leaves_invalid_entries_out() -> None:
    to_positive, to_negative = torch.tensor([1.0, 9.0, 1.0]), torch.tensor([2.0, 0.0, 1.1])
    valid = torch.tensor([True, False, True])
    loss, active = margin_loss(to_positive, to_negative, valid, 0.5)
    assert loss.item() == pytest.approx((0.0 + 0.4) / 2)
    assert active.item() == 0.5


def test_collapse_warning() -> None:
    healthy = {"triplet": 0.12, "active_triplets": 0.6, "embedding_std": 0.06, "margin": 0.2}
    assert collapse_warning(**healthy) is None
    at_margin = {**healthy, "triplet": 0.1999, "active_triplets": 1.0}
    assert "sits at the margin" in str(collapse_warning(**at_margin))
    assert "standard deviation" in str(collapse_warning(**{**healthy, "embedding_std": 1e-5}))
    # at the margin by chance, with few triplets active: no collapse
    assert collapse_warning(**{**healthy, "triplet": 0.2}) is None
    assert collapse_warning(**{**at_margin, "margin": 0.0}) is None


def test_a_collapsed_encoder_is_warned_of() -> None:
    _, _, *labels = batch()
    terms = TotalLoss(LossConfig(margin=0.3), 5)(
        torch.ones(4, 5), torch.ones(8, 5), *labels, lambda_d=0.0
    )
    signals = {name: float(getattr(terms, name)) for name in ("triplet", "active_triplets")}
    spread = float(terms.embedding_std)
    assert collapse_warning(**signals, embedding_std=spread, margin=0.3) is not None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"margin": -0.1}, "margin is -0.1"),
        ({"w_d": float("nan")}, "w_d is nan"),
        ({"w_t": float("inf")}, "w_t is inf"),
        ({"negatives": "easy"}, "negatives is 'easy'; allowed: random, semihard, hard"),
        ({"distance": "l1"}, "distance is 'l1'; allowed: euclidean, cosine"),
        ({"lambda_schedule": "step"}, "allowed: linear, ganin, constant"),
        ({"discriminator_hidden": 0}, "discriminator_hidden is 0"),
    ],
)
def test_config_refuses(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LossConfig(**settings)


def test_semantic_weight_needs_word_vectors() -> None:
    with pytest.raises(ValueError, match=r"w_s is 0\.5, but there are no word vectors"):
        TotalLoss(LossConfig(w_s=0.5), 8)
