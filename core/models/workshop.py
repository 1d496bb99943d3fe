"""Reads the checkpoints of the AMLD 2021 workshop.

A checkpoint holds `epoch`, `im_state`, `sk_state`, `criterion` and `best_map`; each state is a
VGG's features (`cnn_features.*`), two 1x1 convolutions (`attn.net.0`, `attn.net.1`) and VGG's
classifier MLP (`map.0`, `map.3`, `map.6`).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.models.encoder import Encoder, EncoderConfig, TwoEncoders, build_encoders
from core.models.heads import VGG_GRID
from core.tensor_files import read_tensors

State = dict[str, torch.Tensor]

WORKSHOP_IMAGE_SIZE = 224
"""Not in the checkpoint; the workshop resized every picture to this."""
_KEYS = ("epoch", "im_state", "sk_state", "best_map")
_VGG_BY_CONVOLUTIONS = {8: "vgg11", 10: "vgg13", 13: "vgg16", 16: "vgg19"}
_RENAMED = {
    "cnn_features.": "backbone.network.features.",
    "attn.net.0.": "attention.squeeze.",
    "attn.net.1.": "attention.score.",
    "map.": "head.",
}


@dataclass(frozen=True, kw_only=True)
class WorkshopCheckpoint:
    """A workshop checkpoint, rebuilt."""

    encoders_config: EncoderConfig
    """The configuration that the weights imply."""
    encoders: TwoEncoders
    """Both encoders with the checkpoint's weights, in evaluation mode."""
    epoch: int
    """Epochs trained."""
    best_map: float
    """Validation mAP of that epoch, in [0, 1], as the workshop measured it."""


def read_workshop_checkpoint(path: Path | str, *, attention: bool = True) -> WorkshopCheckpoint:
    """Rebuild the encoders of a workshop `checkpoint.pth`; nothing in the file is executed.

    The checkpoint does not say whether it was trained with attention (its weights are always in
    it): `attention=False` is for runs that switched it off. Raises ValueError for a file that is
    missing, is no such checkpoint, or holds other shapes than a VGG encoder's.
    """
    path = Path(path)
    content = _read(path)
    missing = [key for key in _KEYS if key not in content]
    if missing:
        raise ValueError(f"{str(path)!r} is no workshop checkpoint: it lacks {', '.join(missing)}")
    photo, sketch = (_renamed(content[key], key, path) for key in ("im_state", "sk_state"))
    config = _config_of(photo, attention, path)
    if _config_of(sketch, attention, path) != config:
        raise ValueError(f"{str(path)!r}: im_state and sk_state hold different networks")
    encoders = build_encoders(config, load_weights=False)
    _fill(encoders.photo, photo, "im_state", path)
    _fill(encoders.sketch, sketch, "sk_state", path)
    return WorkshopCheckpoint(
        encoders_config=config,
        encoders=encoders.eval(),
        epoch=int(content["epoch"]),
        best_map=float(content["best_map"]),
    )


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise ValueError(f"checkpoint {str(path)!r} does not exist")
    try:
        with torch.serialization.safe_globals(_numpy_numbers()):
            content = read_tensors(path)
    except ValueError as error:
        raise ValueError(f"{str(path)!r} cannot be read as a checkpoint of tensors") from error
    if not isinstance(content, dict):
        raise ValueError(f"{str(path)!r} is no workshop checkpoint")
    return content


def _numpy_numbers() -> list[Any]:
    # The workshop's best_map is a numpy number. These rebuild numbers and nothing else; numpy 1
    # knew the first by the second name.
    scalar = np.float64(0).__reduce__()[0]
    kinds = [type(np.dtype(kind)) for kind in (np.float64, np.float32, np.int64)]
    return [scalar, (scalar, "numpy.core.multiarray.scalar"), np.dtype, *kinds]


def _renamed(state: Any, name: str, path: Path) -> State:
    if not isinstance(state, dict):
        raise ValueError(f"{str(path)!r}: {name} is not a state of named tensors")
    renamed: State = {}
    for original, value in state.items():
        key = str(original).removeprefix("module.")  # left by DataParallel
        prefix = next((prefix for prefix in _RENAMED if key.startswith(prefix)), None)
        if prefix is None or not isinstance(value, torch.Tensor):
            raise ValueError(f"{str(path)!r}: {name} holds {key!r}, which no workshop encoder has")
        renamed[_RENAMED[prefix] + key.removeprefix(prefix)] = value
    return renamed


def _config_of(state: State, attention: bool, path: Path) -> EncoderConfig:
    features = {key: v for key, v in state.items() if key.startswith("backbone.")}
    convolutions = [v for v in features.values() if v.ndim == 4]
    vgg = _VGG_BY_CONVOLUTIONS.get(len(convolutions))
    layers = [state.get(f"head.{layer}.weight") for layer in (0, 3, 6)]
    if vgg is None or any(layer is None or layer.ndim != 2 for layer in layers):
        raise ValueError(f"{str(path)!r} holds no VGG features with a classifier of three layers")
    first, _, last = (layer for layer in layers if layer is not None)
    channels = convolutions[-1].shape[0]
    if first.shape[1] != channels * VGG_GRID**2:
        raise ValueError(f"{str(path)!r}: map.0 takes {first.shape[1]} numbers, not {channels}x7x7")
    squeeze = state.get("attention.squeeze.weight")
    return EncoderConfig(
        backbone=f"{vgg}_bn" if any("running_mean" in key for key in features) else vgg,
        image_size=WORKSHOP_IMAGE_SIZE,
        embedding_dim=last.shape[0],
        head="vgg",
        head_hidden=first.shape[0],
        attention=attention and squeeze is not None,
        attention_hidden=0 if squeeze is None else squeeze.shape[0],
        attention_rectified=False,
        normalise=False,
        input_norm="none",
    )


def _fill(encoder: Encoder, state: State, name: str, path: Path) -> None:
    if not encoder.config.attention:
        state = {key: v for key, v in state.items() if not key.startswith("attention.")}
    try:
        encoder.load_state_dict(state, strict=True)
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        backbone = encoder.config.backbone
        raise ValueError(f"{str(path)!r}: {name} does not fit {backbone}: {reason}") from error
