"""Stages of a backbone that stay as they are."""

import pytest
import torch

from core.models.backbones import freeze_stages
from core.models.encoder import EncoderConfig, TwoEncoders, build_encoders
from core.settings import override
from trainer.objective import Objective
from trainer.optimizer import build_optimizer
from trainer.recipes import read_recipe

SIZE = 64
CONFIG = EncoderConfig(backbone="test_efficientnet", image_size=SIZE, embedding_dim=8)


def trunk_gradients(encoders: TwoEncoders) -> dict[str, bool]:
    """Parameter of the photo trunk -> whether a step would move it, in the order of the pass."""
    encoders.photo(torch.rand(2, 3, SIZE, SIZE)).embedding_BD.sum().backward()
    named = encoders.photo.trunk.network.named_parameters()
    return {name: parameter.grad is not None for name, parameter in named}


def test_the_first_stages_get_no_gradient_and_the_others_do() -> None:
    encoders = build_encoders(CONFIG)
    freeze_stages(encoders.photo.trunk, 2)
    moved = trunk_gradients(encoders)
    still = [name for name, moves in moved.items() if not moves]
    assert still
    assert all(name.startswith(("conv_stem", "bn1", "blocks.0.")) for name in still)
    assert all(moves for name, moves in moved.items() if name.startswith("blocks.1."))
    assert all(p.requires_grad for p in encoders.sketch.parameters())


def test_none_are_frozen_unless_asked() -> None:
    encoders = build_encoders(CONFIG)
    freeze_stages(encoders.photo.trunk, 0)
    assert all(trunk_gradients(encoders).values())


@pytest.mark.parametrize(
    ("backbone", "count", "there"), [("test_efficientnet", 99, 6), ("plain-8-16-24", 1, 0)]
)
def test_more_stages_than_there_are(backbone: str, count: int, there: int) -> None:
    encoders = build_encoders(EncoderConfig(backbone=backbone, image_size=SIZE, embedding_dim=8))
    with pytest.raises(ValueError, match=f"frozen_stages is {count}: .* has {there} stages"):
        freeze_stages(encoders.photo.trunk, count)


@pytest.mark.parametrize("shared", [True, False])
def test_a_step_leaves_frozen_stages_of_both_domains_alone(shared: bool) -> None:
    assignments = ["model.backbone=test_efficientnet", f"model.shared={str(shared).lower()}"]
    more = ["model.weights=none", "model.image_size=64", "train.frozen_stages=1", "loss.w_c=1"]
    config = override(read_recipe("small"), [*assignments, *more])
    torch.manual_seed(0)
    objective = Objective(config, ("cat", "dog")).train()
    before = {name: value.clone() for name, value in objective.named_parameters()}
    optimizer = build_optimizer(objective, config.train)
    labels = torch.tensor([0, 1])
    terms = objective(
        torch.rand(2, 1, SIZE, SIZE), torch.rand(2, 3, SIZE, SIZE), labels, labels, 0.5
    )
    terms.total.backward()
    optimizer.step()
    stems = {name for name in before if ".conv_stem." in name or ".network.bn1." in name}
    assert len(stems) == 3 * (1 if shared else 2)
    changed = {
        name for name, value in objective.named_parameters() if not before[name].equal(value)
    }
    assert not stems & changed
    assert any(".blocks." in name for name in changed)
