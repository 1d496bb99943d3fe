"""The workshop's checkpoints, against an independent restatement of its network."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.models.encoder import build_encoders
from core.models.workshop import read_workshop_checkpoint

State = dict[str, torch.Tensor]
VGG16 = (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0)
ATTENTION_HIDDEN, MAP_HIDDEN, DIM = 12, 10, 7


def workshop_state(seed: int) -> State:
    """Random weights under the workshop's names; VGG16-BN at its full size, a narrow MLP."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int, std: float) -> torch.Tensor:
        return torch.randn(*shape, generator=generator) * std

    state: State = {}
    position, depth = 0, 3
    for width in VGG16:
        if width == 0:
            position += 1
            continue
        conv, norm = f"cnn_features.{position}", f"cnn_features.{position + 1}"
        state[f"{conv}.weight"] = normal(width, depth, 3, 3, std=(2 / (9 * depth)) ** 0.5)
        state[f"{conv}.bias"] = normal(width, std=0.1)
        state[f"{norm}.weight"] = 1 + normal(width, std=0.1)
        state[f"{norm}.bias"] = normal(width, std=0.1)
        state[f"{norm}.running_mean"] = normal(width, std=0.1)
        state[f"{norm}.running_var"] = 1 + normal(width, std=0.1) ** 2
        state[f"{norm}.num_batches_tracked"] = torch.tensor(3)
        position, depth = position + 3, width
    for layer, (out, into) in enumerate([(ATTENTION_HIDDEN, 512), (1, ATTENTION_HIDDEN)]):
        state[f"attn.net.{layer}.weight"] = normal(out, into, 1, 1, std=into**-0.5)
        state[f"attn.net.{layer}.bias"] = normal(out, std=0.1)
    sizes = {0: (MAP_HIDDEN, 512 * 49), 3: (MAP_HIDDEN, MAP_HIDDEN), 6: (DIM, MAP_HIDDEN)}
    for place, (out, into) in sizes.items():
        state[f"map.{place}.weight"] = normal(out, into, std=into**-0.5)
        state[f"map.{place}.bias"] = normal(out, std=0.1)
    return state


def workshop_forward(
    state: State, images: torch.Tensor, *, attention: bool = True
) -> tuple[torch.Tensor, torch.Tensor]:
    """The workshop's formula in evaluation mode: features, x + x·softmax(conv(conv(x))), MLP."""
    x, position = images, 0
    for width in VGG16:
        if width == 0:
            x = F.max_pool2d(x, 2)
            position += 1
            continue
        conv, norm = f"cnn_features.{position}", f"cnn_features.{position + 1}"
        x = F.conv2d(x, state[f"{conv}.weight"], state[f"{conv}.bias"], padding=1)
        moments = (state[f"{norm}.running_mean"], state[f"{norm}.running_var"])
        x = F.relu(F.batch_norm(x, *moments, state[f"{norm}.weight"], state[f"{norm}.bias"]))
        position += 3
    scores = x
    for layer in (0, 1):
        name = f"attn.net.{layer}"
        scores = F.conv2d(scores, state[f"{name}.weight"], state[f"{name}.bias"])
    exponents = torch.exp(scores - scores.amax(dim=(2, 3), keepdim=True))
    weights = exponents / exponents.sum(dim=(2, 3), keepdim=True)
    if attention:
        x = x + x * weights
    x = x.reshape(len(x), -1)
    for layer in (0, 3, 6):
        x = F.linear(x, state[f"map.{layer}.weight"], state[f"map.{layer}.bias"])
        x = F.relu(x) if layer != 6 else x
    return x, weights[:, 0]


def content(**changes: Any) -> dict[str, Any]:
    discriminator = {"domain_loss_mu.map.0.weight": torch.zeros(2, DIM)}
    return {
        "epoch": 17,
        "im_state": workshop_state(1),
        "sk_state": workshop_state(2),
        "criterion": discriminator,
        "best_map": np.float64(0.4375),  # a numpy number, as numpy.mean gave it
        **changes,
    }


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("workshop") / "checkpoint.pth"
    torch.save(content(), path)
    return path


def test_the_imported_encoders_compute_the_workshops_formula(checkpoint: Path) -> None:
    imported = read_workshop_checkpoint(checkpoint)
    assert imported.epoch == 17
    assert imported.best_map == 0.4375
    assert imported.encoders_config.backbone == "vgg16_bn"
    assert imported.encoders_config.embedding_dim == DIM
    images = torch.rand(2, 3, 224, 224, generator=torch.Generator().manual_seed(4))
    for encoder, seed in ((imported.encoders.photo, 1), (imported.encoders.sketch, 2)):
        with torch.no_grad():
            embedding, attention = encoder(images)
        expected, expected_attention = workshop_forward(workshop_state(seed), images)
        assert torch.allclose(embedding, expected, atol=1e-4)
        assert torch.allclose(attention, expected_attention, atol=1e-5)
        assert expected.std() > 0.05  # otherwise equality would say little
    with torch.no_grad():
        assert not torch.allclose(
            imported.encoders.photo(images).embedding_BD,
            imported.encoders.sketch(images).embedding_BD,
            atol=1e-2,
        )


def test_its_configuration_rebuilds_it(checkpoint: Path) -> None:
    imported = read_workshop_checkpoint(checkpoint)
    rebuilt = build_encoders(imported.encoders_config, load_weights=False)
    rebuilt.load_state_dict(imported.encoders.state_dict(), strict=True)


def test_without_attention(checkpoint: Path) -> None:
    imported = read_workshop_checkpoint(checkpoint, attention=False)
    images = torch.rand(1, 3, 224, 224, generator=torch.Generator().manual_seed(4))
    with torch.no_grad():
        embedding, attention = imported.encoders.photo(images)
    expected, _ = workshop_forward(workshop_state(1), images, attention=False)
    assert torch.allclose(embedding, expected, atol=1e-4)
    assert torch.allclose(attention, torch.full((1, 7, 7), 1 / 49))


def test_states_left_by_data_parallel(tmp_path: Path) -> None:
    states = {
        name: {f"module.{key}": value for key, value in workshop_state(1).items()}
        for name in ("im_state", "sk_state")
    }
    torch.save(content(**states, best_map=0.5), tmp_path / "checkpoint.pth")
    assert read_workshop_checkpoint(tmp_path / "checkpoint.pth").best_map == 0.5


def small(**changes: Any) -> dict[str, Any]:
    return {"epoch": 1, "im_state": {}, "sk_state": {}, "best_map": 0.1, **changes}


def drop(state: State, *names: str) -> State:
    return {key: value for key, value in state.items() if key not in names}


@pytest.mark.parametrize(
    ("saved", "message"),
    [
        ([1, 2], "is no workshop checkpoint"),
        ({"epoch": 1, "im_state": {}}, "it lacks sk_state, best_map"),
        (small(im_state=3), "im_state is not a state"),
        (small(), "holds no VGG features"),
        (small(im_state={"layer4.weight": torch.ones(1)}), "'layer4.weight', which no workshop"),
    ],
)
def test_refuses_other_files(saved: Any, message: str, tmp_path: Path) -> None:
    torch.save(saved, tmp_path / "checkpoint.pth")
    with pytest.raises(ValueError, match=message):
        read_workshop_checkpoint(tmp_path / "checkpoint.pth")


def test_refuses_a_missing_tensor_a_missing_file_and_noise(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pth"
    with pytest.raises(ValueError, match="does not exist"):
        read_workshop_checkpoint(path)
    torch.save(content(sk_state=drop(workshop_state(2), "map.3.bias")), path)
    with pytest.raises(ValueError, match=r"sk_state does not fit vgg16_bn.*head\.3\.bias"):
        read_workshop_checkpoint(path)
    path.write_bytes(b"\x00" * 300)
    with pytest.raises(ValueError, match="cannot be read as a checkpoint"):
        read_workshop_checkpoint(path)


class Hostile:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.target,)


def test_a_hostile_checkpoint_runs_nothing(tmp_path: Path) -> None:
    target = tmp_path / "touched"
    torch.save(small(best_map=Hostile(target)), tmp_path / "checkpoint.pth")
    with pytest.raises(ValueError, match="cannot be read as a checkpoint"):
        read_workshop_checkpoint(tmp_path / "checkpoint.pth")
    assert not target.exists()
