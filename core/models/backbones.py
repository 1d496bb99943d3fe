"""Backbones from timm, by name, as modules that map a batch to a feature map.

Shape suffixes: B batch, C channels, H and W the map's height and width, N tokens.
"""

import difflib
import importlib
import math
from collections.abc import Callable
from functools import partial
from threading import Lock
from types import ModuleType
from typing import Any

import torch
from torch import nn

from core.models.plain import PlainNetwork, widths_of
from core.models.residual import ResidualNetwork, residual_widths

_TORCHVISION_OPS = {
    "nms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}
_MENDING = Lock()
"""Two threads that load networks at once would each meet the half that the other has mended."""


def mend_torchvision() -> None:
    """Make torchvision importable where its compiled operators do not fit this torch.

    A torchvision built for another torch fails to import with `operator torchvision::nms does
    not exist`. Declaring the missing schema is enough for everything that timm and transformers
    use (the operators themselves stay unusable). Any other error is raised as it is.
    """
    with _MENDING:
        for name, schema in _TORCHVISION_OPS.items():
            try:
                importlib.import_module("torchvision")
                return
            except RuntimeError as error:
                if f"operator torchvision::{name} does not exist" not in str(error):
                    raise
                torch.library.define(f"torchvision::{name}", schema)


def import_timm() -> ModuleType:
    """Import timm (which imports torchvision, mended first where it has to be)."""
    mend_torchvision()
    return importlib.import_module("timm")


class Backbone(nn.Module):
    """A timm network cut after its feature extractor.

    `forward` maps normalised images (B, 3, H', W') to a feature map (B, C, H, W): the last map
    of a convolutional network, or the patch tokens of a transformer laid out as a map (class and
    register tokens are dropped). Parameters that play no part in that map are removed, so that
    every parameter has a gradient (DistributedDataParallel requires it).
    """

    def __init__(self, network: Any, name: str) -> None:
        super().__init__()
        self.network = network
        self.name = name
        self.channels: int = int(network.num_features)
        self.mean: tuple[float, ...] = tuple(network.pretrained_cfg["mean"])
        self.std: tuple[float, ...] = tuple(network.pretrained_cfg["std"])
        self._channels_last = getattr(network, "output_fmt", "NCHW") == "NHWC"
        self._prefix_tokens = int(getattr(network, "num_prefix_tokens", 0) or 0)

    def forward(self, images_B3HW: torch.Tensor) -> torch.Tensor:
        """Feature map (B, C, H, W) of normalised images."""
        features: torch.Tensor = self.network.forward_features(images_B3HW)
        if features.ndim == 3:
            return self._tokens_as_map(features)
        return features.permute(0, 3, 1, 2) if self._channels_last else features

    def _tokens_as_map(self, tokens_BNC: torch.Tensor) -> torch.Tensor:
        patches_BNC = tokens_BNC[:, self._prefix_tokens :]
        batch, count, channels = patches_BNC.shape
        side = math.isqrt(count)
        if side * side != count:
            raise ValueError(f"backbone {self.name!r} gives {count} tokens, which is not a square")
        return patches_BNC.transpose(1, 2).reshape(batch, channels, side, side)


def freeze_stages(backbone: Backbone, count: int) -> None:
    """Stop the training of a network's first `count` stages: no gradient flows into them.

    Stages are timm's coarse groups in the order in which a picture passes them: the stem, then the
    stages. What they have learnt of edges and textures serves drawings too, and on a CPU they cost
    most of a step. Raises ValueError where the network has fewer, or none that are named.
    """
    if not count:
        return
    stages = _stages(backbone.network)
    if count > len(stages):
        raise ValueError(
            f"setting train.frozen_stages is {count}: backbone {backbone.name!r} has "
            f"{len(stages)} stages to freeze"
        )
    for name in (name for stage in stages[:count] for name in stage):
        backbone.network.get_parameter(name).requires_grad_(False)


def _stages(network: Any) -> list[list[str]]:
    """Names of the parameters of each stage, in the order of the forward pass."""
    if not hasattr(network, "group_matcher"):
        return []
    models = importlib.import_module("timm.models")
    groups = models.group_parameters(network, network.group_matcher(coarse=True))
    return [groups[place] for place in sorted(groups)]


def timm_arguments(name: str, image_size: int) -> dict[str, Any]:
    """What timm's `create_model` needs for a backbone at an image size (pixels).

    Raises ValueError for a name that timm does not know, with the closest ones.
    """
    timm = import_timm()
    if not timm.is_model(name):
        close = difflib.get_close_matches(name.split(".")[0], timm.list_models(), n=4)
        hint = f"; close names: {', '.join(close)}" if close else ""
        raise ValueError(f"backbone {name!r} is not a timm model{hint}")
    arguments: dict[str, Any] = {"num_classes": 0}
    if _takes_image_size(timm, name):
        arguments["img_size"] = image_size
    return arguments


def create_network(name: str, image_size: int, *, device: str = "cpu") -> Any:
    """A network with random weights, still with parts that are to be cut away.

    A timm name, or one of our own (see `own_network`).
    """
    own = own_network(name)
    if own is not None:
        with torch.device(device):
            return own()
    timm = import_timm()
    arguments = timm_arguments(name, image_size)
    if name.startswith("vgg"):
        # Its classifier's 120 million parameters are cut away anyhow: make them few.
        arguments["mlp_ratio"] = 1 / 512
    with torch.device(device):
        return timm.create_model(name, pretrained=False, **arguments)


def own_network(name: str) -> Callable[[], nn.Module] | None:
    """What makes the network of a name that is not timm's; None for timm's.

    `plain-24-48-96-160` (any three or more widths) is a `PlainNetwork`, `resnet10-16-32-64-96`
    (four widths) a narrow ResNet-10.
    """
    if (widths := widths_of(name)) is not None:
        return partial(PlainNetwork, widths)
    if (narrow := residual_widths(name)) is not None:
        return partial(ResidualNetwork, narrow)
    return None


def unused_parameters(name: str, image_size: int) -> set[str]:
    """Names of the parameters that `forward_features` does not read.

    Found on the meta device (no memory, no arithmetic) by walking the autograd graph. Our own
    networks have none.
    """
    if own_network(name) is not None:
        return set()
    network = create_network(name, image_size, device="meta")
    try:
        images = torch.empty(2, 3, image_size, image_size, device="meta")
        features = network.forward_features(images)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"backbone {name!r} cannot take {image_size}-pixel images: {reason}"
        ) from error
    used: set[int] = set()
    seen: set[Any] = set()
    waiting = [features.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            used.add(id(node.variable))
        waiting.extend(parent for parent, _ in node.next_functions)
    return {key for key, parameter in network.named_parameters() if id(parameter) not in used}


def cut_network(network: Any, unused: set[str], name: str) -> Backbone:
    """Take the unused parameters (and the modules that hold only such) out of a network."""
    for key in sorted(unused):
        *parents, leaf = key.split(".")
        module = network.get_submodule(".".join(parents))
        delattr(module, leaf)
    backbone = Backbone(network, name)
    _replace_empty_modules(network, {key.split(".")[0] for key in unused})
    return backbone


def _replace_empty_modules(network: nn.Module, names: set[str]) -> None:
    # A top-level part that lost all its parameters (the old head) is replaced whole, so that its
    # batch-norm buffers do not linger in the state dict.
    for name in names:
        part = getattr(network, name, None)
        if isinstance(part, nn.Module) and next(part.parameters(), None) is None:
            setattr(network, name, nn.Identity())


def takes_other_sizes(name: str) -> bool:
    """Whether a network learns from pictures of other sizes than it was made for.

    Convolutional ones do; transformers with position embeddings don't.
    """
    return own_network(name) is not None or not _takes_image_size(import_timm(), name)


def _takes_image_size(timm: ModuleType, timm_name: str) -> bool:
    # Transformers with position embeddings must be told their input size; convolutional
    # networks refuse the argument.
    try:
        with torch.device("meta"):
            timm.create_model(timm_name, pretrained=False, num_classes=0, img_size=224)
    except TypeError:
        return False
    return True
