"""Muon: orthogonal steps for the backbone, AdamW's for the rest."""

import copy

import pytest
import torch
from torch import nn

from core.settings import override
from trainer.config import Config
from trainer.muon import MuonAdamW, orthogonalised
from trainer.optimizer import build_optimizer


def slow_polynomial(matrix: torch.Tensor) -> torch.Tensor:
    """Newton-Schulz on the singular values, where it is a polynomial of numbers."""
    left, values, right = torch.linalg.svd(matrix.double(), full_matrices=False)
    values = values / values.square().sum().sqrt()
    for _ in range(5):
        values = 3.4445 * values - 4.7750 * values**3 + 2.0315 * values**5
    return left @ torch.diag(values) @ right


@pytest.mark.parametrize("shape", [(16, 72), (6, 27), (27, 6), (12, 12), (1, 9)])
def test_singular_values_come_close_to_one(shape: tuple[int, int]) -> None:
    matrices = torch.randn(3, *shape, generator=torch.Generator().manual_seed(0))
    matrices *= torch.tensor([1e-4, 1.0, 1e4]).view(3, 1, 1)
    got = orthogonalised(matrices)
    for mine, matrix in zip(got, matrices, strict=True):
        assert torch.allclose(mine.double(), slow_polynomial(matrix), atol=1e-4)
    spread = torch.linalg.svdvals(got)
    assert spread.max() < 1.3
    assert spread.median() > 0.6


def test_no_gradient_is_no_step() -> None:
    assert torch.equal(orthogonalised(torch.zeros(1, 4, 9)), torch.zeros(1, 4, 9))


def test_a_convolution_moves_as_the_matrix_of_its_filters() -> None:
    generator = torch.Generator().manual_seed(1)
    weights = [torch.randn(8, 3, 3, 3, generator=generator) for _ in range(2)]
    gradients = [torch.randn(8, 3, 3, 3, generator=generator) for _ in range(3)]
    parameters = [nn.Parameter(w.clone()) for w in weights]
    group = {"params": parameters, "weight_decay": 0.1, "orthogonal": True}
    optimizer = MuonAdamW([group], lr=0.01)
    expected, momentum = [w.double() for w in weights], torch.zeros(8, 3, 3, 3).double()
    for gradient in gradients:
        for parameter in parameters:
            parameter.grad = gradient.clone()
        optimizer.step()
        momentum = 0.95 * momentum + 0.05 * gradient
        ahead = 0.05 * gradient + 0.95 * momentum
        step = slow_polynomial(ahead.flatten(1)).view(8, 3, 3, 3)
        expected = [w * (1 - 0.01 * 0.1) - 0.01 * 0.2 * 27**0.5 * step for w in expected]
    for parameter, wanted in zip(parameters, expected, strict=True):
        assert torch.allclose(parameter.double(), wanted, atol=1e-5)


class Two(nn.Module):
    """A backbone and a head."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
        self.head = nn.Linear(4, 5)


def test_only_the_backbones_matrices_leave_adamw() -> None:
    torch.manual_seed(0)
    one = Two()
    other = copy.deepcopy(one)
    for model, name in ((one, "adamw"), (other, "muon")):
        config = override(Config(), [f"train.optimizer={name}"]).train
        optimizer = build_optimizer(model, config)
        for seed in range(3):
            for place, parameter in enumerate(model.parameters()):
                generator = torch.Generator().manual_seed(100 * seed + place)
                parameter.grad = torch.randn(parameter.shape, generator=generator)
            optimizer.step()
    left = {
        name
        for (name, mine), theirs in zip(one.named_parameters(), other.parameters(), strict=True)
        if not torch.allclose(mine, theirs)
    }
    assert left == {"backbone.0.weight"}


def test_gradients_that_overflowed_move_nothing() -> None:
    torch.manual_seed(0)
    model = Two()
    before = copy.deepcopy(model.state_dict())
    optimizer = build_optimizer(model, override(Config(), ["train.optimizer=muon"]).train)
    scaler = torch.amp.GradScaler("cpu")
    scaler.scale(torch.stack([p.sum() for p in model.parameters()]).sum()).backward()
    model.head.weight.grad = torch.full_like(model.head.weight, torch.inf)
    scaler.unscale_(optimizer)
    scaler.step(optimizer)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
