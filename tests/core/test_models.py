import dataclasses
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.models import weights
from core.models.attention import NoAttention, SoftAttention
from core.models.backbones import create_network, import_timm, unused_parameters
from core.models.encoder import EncoderConfig, TwoEncoders, build_encoders
from core.models.heads import GeneralisedMeanPool
from core.models.presets import PRESETS, preset
from core.models.residual import ResidualNetwork

SHARED = Path(os.environ.get("SKETCHY_SHARED", Path(__file__).parents[3] / "shared"))
FAST = "test_resnet"  # timm's own miniature networks
SMALL: dict[str, dict[str, Any]] = {  # what makes the heavy presets fit a test
    "workshop": {"backbone": "vgg11_bn", "image_size": 64, "head_hidden": 16},
    "small": {"image_size": 64},
    "base": {"backbone": "test_convnext", "image_size": 64},
    "clip": {"backbone": "test_vit", "image_size": 64},
}


def pictures(count: int, size: int, channels: int = 3, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(count, channels, size, size, generator=generator)


def fast(**settings: Any) -> EncoderConfig:
    defaults: dict[str, Any] = {"backbone": FAST, "image_size": 64, "embedding_dim": 8}
    return EncoderConfig(**(defaults | settings))


def one_step(encoders: TwoEncoders) -> None:
    size = encoders.config.image_size
    optimizer = torch.optim.SGD(encoders.parameters(), lr=0.01)
    sketches, photos = encoders.train()(pictures(2, size, 1), pictures(4, size))
    loss = (sketches.embedding_BD.mean(0) - photos.embedding_BD[:2].sum(0)).square().sum()
    loss.backward()
    without = [name for name, p in encoders.named_parameters() if p.grad is None]
    assert without == []  # DistributedDataParallel would wait for them for ever
    optimizer.step()


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_trains_a_step_and_comes_back_identical(name: str, tmp_path: Path) -> None:
    config = dataclasses.replace(preset(name), weights="none", **SMALL.get(name, {}))
    torch.manual_seed(0)
    encoders = build_encoders(config)
    before = {key: value.clone() for key, value in encoders.state_dict().items()}
    one_step(encoders)
    changed = [key for key, value in encoders.state_dict().items() if not before[key].equal(value)]
    assert any("backbone" in key for key in changed)
    assert any("attention" in key for key in changed)

    save_file(encoders.state_dict(), tmp_path / "weights.safetensors")
    # The file that the first build started from need not exist any more.
    again = build_encoders(dataclasses.replace(config, weights="gone.pth"), load_weights=False)
    again.load_state_dict(load_file(tmp_path / "weights.safetensors"), strict=True)
    size = config.image_size
    with torch.no_grad():
        for domain, channels in (("photo", 3), ("sketch", 1)):
            first, second = (getattr(e.eval(), domain) for e in (encoders, again))
            x = pictures(3, size, channels, seed=1)
            assert torch.equal(first(x).embedding_BD, second(x).embedding_BD)
            assert torch.equal(first(x).attention_BHW, second(x).attention_BHW)
            assert first(x).embedding_BD.shape == (3, config.embedding_dim)


@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_builds_at_its_own_size(name: str) -> None:
    config = dataclasses.replace(preset(name), weights="none")
    encoders = build_encoders(config).eval()
    with torch.no_grad():
        embedding, attention = encoders.photo(pictures(1, config.image_size))
    assert embedding.shape == (1, config.embedding_dim)
    assert torch.allclose(attention.sum(), torch.tensor(1.0))


BACKBONES = [
    "test_resnet",
    "test_efficientnet",
    "test_convnext",  # its old head holds a norm that must go
    "test_vit",  # tokens with a class token
    "vit_tiny_patch16_224",  # its position embeddings depend on the size
    "mobilenetv4_conv_small_050",  # convolution behind the pooling
    pytest.param("swin_tiny_patch4_window7_224", marks=pytest.mark.slow),  # channels last
    pytest.param("resnet50_clip", marks=pytest.mark.slow),  # attention pooling
    "vgg11",  # a classifier inside the network
    "plain-8-12-16-24",
    "resnet10-8-12-16-24",
]


@pytest.mark.parametrize("backbone", BACKBONES)
def test_backbones_of_every_kind(backbone: str) -> None:
    encoders = build_encoders(fast(backbone=backbone))
    one_step(encoders)
    output = encoders.eval().photo(pictures(2, 64))
    assert output.embedding_BD.shape == (2, 8)
    assert output.attention_BHW.ndim == 3
    assert torch.allclose(output.attention_BHW.sum((1, 2)), torch.ones(2))
    assert (output.attention_BHW >= 0).all()


def test_tokens_become_a_map_in_reading_order() -> None:
    encoders = build_encoders(fast(backbone="test_vit"))
    trunk = encoders.photo.trunk.eval()
    image = encoders.photo.prepare(pictures(1, 64))
    with torch.no_grad():
        tokens = trunk.network.forward_features(image)
        features = trunk(image)
    assert features.shape[2:] == (4, 4)
    # row 1, column 2 of the map is patch 4 + 2, behind the class token
    assert torch.equal(features[0, :, 1, 2], tokens[0, 1 + 6])


def test_one_and_three_channels_floats_and_bytes_agree() -> None:
    encoders = build_encoders(fast()).eval()
    gray = torch.randint(0, 256, (2, 1, 64, 64), dtype=torch.uint8)
    with torch.no_grad():
        expected = encoders.sketch(gray.expand(-1, 3, -1, -1).float() / 255).embedding_BD
        for images in (gray, gray.float() / 255, gray.expand(-1, 3, -1, -1)):
            got = encoders.sketch(images).embedding_BD
            assert torch.allclose(got, expected, atol=1e-5)
        as_channels_last = gray.expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last)
        got = encoders.sketch(as_channels_last).embedding_BD
    assert torch.allclose(got, expected, atol=1e-5)


@pytest.mark.parametrize("shape", [(3, 64, 64), (2, 4, 64, 64), (2, 3, 32, 64), (2, 3, 32, 32)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    encoders = build_encoders(fast()).eval()
    with pytest.raises(ValueError, match=r"expected \(B, 1 or 3, 64, 64\)"):
        encoders.photo(torch.zeros(shape))


def test_square_pictures_of_any_size_are_learned_from() -> None:
    photo = build_encoders(fast()).photo.train()
    assert photo(torch.zeros(2, 3, 32, 32)).embedding_BD.shape[0] == 2
    with pytest.raises(ValueError, match=r"expected \(B, 1 or 3, 64, 64\)"):
        photo(torch.zeros(2, 3, 32, 64))


def test_normalisation_is_the_backbones_and_inside() -> None:
    photo = build_encoders(fast(backbone="test_resnet")).photo
    timm = import_timm()
    expected = timm.data.resolve_model_data_config(photo.trunk.network)
    prepared = photo.prepare(torch.full((1, 3, 64, 64), 0.3))
    for channel in range(3):
        value = (0.3 - expected["mean"][channel]) / expected["std"][channel]
        assert prepared[0, channel, 0, 0].item() == pytest.approx(value, abs=1e-6)
    raw = build_encoders(fast(input_norm="none")).photo
    assert torch.equal(raw.prepare(pictures(1, 64)), pictures(1, 64))


def test_attention_is_the_formula() -> None:
    attention = SoftAttention(6, hidden=4)
    features = torch.randn(2, 6, 3, 5)
    attended, weights = attention(features)
    scores = attention.score(torch.relu(attention.squeeze(features)))[:, 0]
    expected = torch.exp(scores) / torch.exp(scores).sum(dim=(1, 2), keepdim=True)
    assert torch.allclose(weights, expected, atol=1e-6)
    assert torch.allclose(attended, features + features * weights[:, None], atol=1e-6)


def test_flat_and_extreme_features_keep_attention_a_distribution() -> None:
    attention = SoftAttention(4)
    for features in (torch.zeros(1, 4, 7, 7), torch.full((1, 4, 7, 7), 1e6)):
        _, weights = attention(features)
        assert torch.allclose(weights, torch.full((1, 7, 7), 1 / 49))
    spike = torch.zeros(1, 4, 7, 7)
    spike[..., 3, 3] = 1e7
    assert torch.isfinite(attention(spike)[1]).all()
    _, uniform = NoAttention()(spike)
    assert torch.allclose(uniform, torch.full((1, 7, 7), 1 / 49))


def test_without_attention_the_features_pass_unchanged() -> None:
    encoders = build_encoders(fast(attention=False, head="none", embedding_dim=96))
    encoders.eval()
    with torch.no_grad():
        features = encoders.photo.trunk(encoders.photo.prepare(pictures(2, 64)))
        output = encoders.photo(pictures(2, 64))
    pooled = features.mean((2, 3))
    expected = pooled / pooled.norm(dim=1, keepdim=True)
    assert torch.allclose(output.embedding_BD, expected, atol=1e-6)
    assert torch.allclose(output.attention_BHW, torch.full((2, 2, 2), 0.25))


def test_generalised_mean_pool() -> None:
    pool = GeneralisedMeanPool()
    features = torch.rand(2, 3, 4, 4) + 0.1
    expected = (features**3).mean((2, 3)) ** (1 / 3)
    assert torch.allclose(pool(features), expected)
    pool.exponent.data.fill_(1.0)
    assert torch.allclose(pool(features), features.mean((2, 3)))
    assert torch.isfinite(pool(torch.full((1, 3, 2, 2), -5.0))).all()


@pytest.mark.parametrize(("normalise", "length"), [(True, 1.0), (False, None)])
def test_embedding_lengths(normalise: bool, length: float | None) -> None:
    encoders = build_encoders(fast(normalise=normalise, head="mlp", pooling="gem")).eval()
    lengths = encoders.photo(pictures(4, 64)).embedding_BD.norm(dim=1)
    assert torch.allclose(lengths, torch.ones(4), atol=1e-6) == (length == 1.0)


def test_separate_encoders_share_nothing() -> None:
    encoders = build_encoders(fast())
    photo = {id(p) for p in encoders.photo.parameters()}
    sketch = {id(p) for p in encoders.sketch.parameters()}
    assert photo
    assert not photo & sketch


def test_a_shared_trunk_is_there_once() -> None:
    encoders = build_encoders(fast(shared=True))
    assert encoders.photo.trunk is encoders.sketch.trunk
    keys = list(encoders.state_dict())
    assert not any(key.startswith("sketch.backbone") for key in keys)
    assert any(key.startswith("sketch.head") for key in keys)
    # one batch through the trunk: its statistics are those of both domains together
    encoders.train()
    sketches, photos = pictures(3, 64, 1), pictures(5, 64)
    norm = next(m for m in encoders.modules() if isinstance(m, torch.nn.BatchNorm2d))
    seen: list[int] = []
    norm.register_forward_hook(lambda _, inputs, __: seen.append(len(inputs[0])))
    first, second = encoders(sketches, photos)
    assert seen == [8]
    assert (len(first.embedding_BD), len(second.embedding_BD)) == (3, 5)
    # and alone, in evaluation, the same pictures give the same embeddings
    encoders.eval()
    with torch.no_grad():
        together = encoders(sketches, photos)
        alone = encoders.sketch(sketches), encoders.photo(photos)
    for a, b in zip(together, alone, strict=True):
        assert torch.allclose(a.embedding_BD, b.embedding_BD, atol=1e-6)


def test_with_a_shared_trunk_both_domains_start_alike_and_part_in_training() -> None:
    encoders = build_encoders(fast(shared=True)).eval()
    images = pictures(4, 64)
    assert encoders.sketch(images).embedding_BD.equal(encoders.photo(images).embedding_BD)
    one_step(encoders)
    heads = [encoder.head.state_dict() for encoder in (encoders.sketch, encoders.photo)]
    assert not heads[0]["weight"].equal(heads[1]["weight"])


@pytest.mark.parametrize(
    ("backbone", "file", "size"),
    [
        ("tf_efficientnet_lite0", "tf_efficientnet_lite0.safetensors", 64),
        ("vgg16", "vgg16_features_fp16.safetensors", 32),
    ],
)
def test_local_weights(backbone: str, file: str, size: int) -> None:
    path = SHARED / "weights" / file
    if not path.is_file():
        pytest.skip(f"{file} is not at hand")
    config = EncoderConfig(backbone=backbone, weights=str(path), image_size=size)
    encoders = build_encoders(config)
    stored = load_file(path)
    loaded = encoders.photo.trunk.network.state_dict()
    assert len(loaded) > 20
    for key, value in loaded.items():
        assert torch.equal(value, stored[key].to(value.dtype)), key
    if backbone == "tf_efficientnet_lite0":
        assert encoders.photo.mean.flatten().tolist() == [0.5, 0.5, 0.5]
    assert encoders.eval().photo(pictures(1, size)).embedding_BD.isfinite().all()


def saved_network(backbone: str, path: Path, **changes: torch.Tensor | None) -> dict[str, Any]:
    state = create_network(backbone, 64).state_dict() | changes
    kept = {key: value for key, value in state.items() if value is not None}
    torch.save({"state_dict": {f"module.{k}": v for k, v in kept.items()}}, path)
    return kept


def test_a_pth_with_wrapper_and_classifier_loads(tmp_path: Path) -> None:
    path = tmp_path / "net.pth"
    classifier = {"fc.weight": torch.ones(1000, 96), "fc.bias": torch.ones(1000)}
    state = saved_network(FAST, path, **classifier)
    encoders = build_encoders(fast(weights=str(path)))
    for encoder in (encoders.photo, encoders.sketch):
        for key, value in encoder.trunk.network.state_dict().items():
            assert torch.equal(value, state[key])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"conv1.0.weight": None, "bn1.weight": None}, r"2 missing tensors: conv1\.0\.weight"),
        ({"stem.weight": torch.ones(2)}, r"1 unknown tensors: stem\.weight"),
        ({"bn1.weight": torch.ones(2)}, r"1 misshapen tensors: bn1\.weight \(2,\) for"),
    ],
)
def test_weights_that_do_not_fit(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = tmp_path / "net.pth"
    saved_network(FAST, path, **changes)
    with pytest.raises(ValueError, match=message):
        build_encoders(fast(weights=str(path)))


class Hostile:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.target,)


def test_weights_files_that_are_refused(tmp_path: Path) -> None:
    target = tmp_path / "touched"
    torch.save({"conv1.weight": Hostile(target)}, tmp_path / "hostile.pth")
    torch.save({"epoch": 3}, tmp_path / "number.pth")
    (tmp_path / "noise.safetensors").write_bytes(b"noise" * 9)
    for name, message in [
        ("gone.pth", "does not exist"),
        ("net.onnx", "must end in one of"),
        ("hostile.pth", "does not hold tensors only"),
        ("number.pth", "does not hold named tensors"),
        ("noise.safetensors", "is not safetensors"),
    ]:
        with pytest.raises(ValueError, match=message):
            weights.read_state(tmp_path / name)
    assert not target.exists()


def test_a_failed_download_says_what_to_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    timm = import_timm()

    create = timm.create_model
    network = create_network(FAST, 64)

    def no_network(*arguments: Any, pretrained: bool = False, **settings: Any) -> Any:
        if pretrained:
            raise OSError("no route to host\nsecond line")
        return create(*arguments, **settings)

    monkeypatch.setattr(timm, "create_model", no_network)
    with pytest.raises(ValueError, match="pass weights=FILE") as caught:
        weights.load_network_weights(network, FAST, "pretrained", 64, set())
    assert "no route to host" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_pretrained_vgg_lends_its_classifier_to_the_head(tmp_path: Path) -> None:
    state = create_network("vgg11", 64, device="meta").state_dict()
    torch.manual_seed(3)
    kept = {k: torch.randn(v.shape) * 0.01 for k, v in state.items() if "features" in k}
    kept["classifier.0.bias"] = torch.full((16,), 0.5)
    kept["classifier.0.weight"] = torch.full((16, 512 * 49), 0.25)
    torch.save(kept, tmp_path / "vgg.pth")
    config = fast(backbone="vgg11", weights=str(tmp_path / "vgg.pth"), head="vgg", head_hidden=16)
    for encoder in (build_encoders(config).photo, build_encoders(config).sketch):
        assert encoder.head.get_parameter("0.weight").unique().tolist() == [0.25]
        assert encoder.head.get_parameter("0.bias").unique().tolist() == [0.5]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"pooling": "max"}, "pooling is 'max'; allowed: avg, gem, grid"),
        ({"head": "big"}, "head is 'big'; allowed: linear, mlp, none, vgg"),
        ({"input_norm": "imagenet"}, "input_norm is 'imagenet'; allowed: backbone, none"),
        ({"image_size": 16}, "image_size is 16"),
        ({"embedding_dim": 0}, "embedding_dim is 0"),
        ({"grid": 0}, "grid is 0"),
        ({"head_dropout": 1.0}, r"head_dropout is 1\.0"),
        ({"attention_hidden": -1}, "attention_hidden is -1"),
    ],
)
def test_config_refuses(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        EncoderConfig(**settings)


def test_build_refuses() -> None:
    with pytest.raises(
        ValueError, match=r"'resnet51' is not a timm model; close names: .*resnet50"
    ):
        build_encoders(fast(backbone="resnet51"))
    with pytest.raises(ValueError, match="needs embedding_dim 96"):
        build_encoders(fast(head="none"))
    with pytest.raises(ValueError, match="'test_vit' cannot take 70-pixel images"):
        build_encoders(fast(backbone="test_vit", image_size=70))
    with pytest.raises(ValueError, match=r"preset 'tini' is unknown.*did you mean 'tiny'"):
        preset("tini")


def test_the_plain_network() -> None:
    config = fast(backbone="plain-4-6-8-10", pooling="grid", grid=2, head_dropout=0.5)
    photo = build_encoders(config).photo
    assert photo.trunk.channels == 10
    features = photo.trunk(photo.prepare(pictures(2, 64)))
    assert features.shape == (2, 10, 8, 8)
    # a grid of averages, row by row, for each channel
    pooled = photo.eval().pool(features)
    assert pooled.shape == (2, 40)
    assert torch.allclose(pooled[0, 1], features[0, 0, :4, 4:].mean())
    torch.manual_seed(0)
    first, second = (photo.train()(pictures(2, 64)).embedding_BD for _ in range(2))
    assert not torch.allclose(first, second)  # dropout
    with pytest.raises(ValueError, match="has 2 widths; it needs at least 3"):
        build_encoders(fast(backbone="plain-8-16"))
    with pytest.raises(ValueError, match="has no pretrained weights: pass weights='none'"):
        build_encoders(fast(backbone="plain-8-16-16", weights="pretrained"))
    with pytest.raises(ValueError, match="'plain-8-x' is not a timm model"):
        build_encoders(fast(backbone="plain-8-x"))


@pytest.mark.parametrize("widths", [(16, 32, 64, 96), (8, 8, 16, 16), (24, 16, 16, 24)])
def test_the_residual_network_is_timms(widths: tuple[int, int, int, int]) -> None:
    timm = import_timm()
    theirs = timm.create_model(
        "resnet10t", num_classes=0, channels=widths, stem_width=8, output_stride=16
    )
    for module in theirs.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
    ours = ResidualNetwork(widths)
    ours.load_state_dict(theirs.state_dict())
    for size in (64, 56, 50, 48):
        images = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(size))
        for mode in (True, False):
            expected = theirs.train(mode).forward_features(images)
            got = ours.train(mode).forward_features(images)
            assert got.shape == (2, widths[-1], *(math.ceil(size / 16),) * 2)
            assert torch.allclose(got, expected, atol=1e-5)


def test_our_own_networks_do_not_wait_for_timm() -> None:
    code = (
        "import sys; from core.models.encoder import build_encoders;"
        "from core.models.presets import tiny; build_encoders(tiny());"
        "print([name for name in ('timm', 'torchvision') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_unused_parameters_are_named() -> None:
    assert unused_parameters("test_convnext", 64) == {"head.norm.weight", "head.norm.bias"}
    assert unused_parameters(FAST, 64) == set()


def test_importing_the_models_imports_neither_timm_nor_torchvision() -> None:
    code = (
        "import sys, core.models.encoder, core.models.presets, core.models.workshop\n"
        "assert not {'timm', 'torchvision'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
