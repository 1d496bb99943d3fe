"""From a feature map to an embedding: pooling, and the head behind it.

Shape suffixes: B batch, C channels, H and W the map's height and width.
"""

import torch
from torch import nn

POOLINGS = ("avg", "gem")
HEADS = ("linear", "mlp", "none", "vgg")
VGG_HIDDEN = 4096
VGG_GRID = 7
_VGG_LAYERS = {"0": ("pre_logits.fc1", "classifier.0"), "3": ("pre_logits.fc2", "classifier.3")}


class AveragePool(nn.Module):
    """Mean over the places of a map: (B, C, H, W) -> (B, C)."""

    def forward(self, features_BCHW: torch.Tensor) -> torch.Tensor:
        """Pooled features (B, C)."""
        return features_BCHW.mean(dim=(2, 3))


class GeneralisedMeanPool(nn.Module):
    """Generalised mean with a learnt exponent (GeM, Radenović et al. 2018): (B, C, H, W) -> (B, C).

    `(mean f^p)^(1/p)`, p starting at 3, on features clamped to at least `floor`.
    """

    def __init__(self, exponent: float = 3.0, floor: float = 1e-6) -> None:
        super().__init__()
        self.exponent = nn.Parameter(torch.tensor(float(exponent)))
        self.floor = floor

    def forward(self, features_BCHW: torch.Tensor) -> torch.Tensor:
        """Pooled features (B, C), computed in float32."""
        powered = features_BCHW.float().clamp_min(self.floor).pow(self.exponent)
        return powered.mean(dim=(2, 3)).pow(1.0 / self.exponent)


def make_pool(pooling: str, head: str) -> nn.Module:
    """The pooling of a map (B, C, H, W); the `vgg` head takes a flattened 7x7 map instead."""
    if head == "vgg":
        return nn.Sequential(nn.AdaptiveAvgPool2d(VGG_GRID), nn.Flatten())
    return GeneralisedMeanPool() if pooling == "gem" else AveragePool()


def make_head(head: str, channels: int, hidden: int, dim: int) -> nn.Module:
    """The layers from pooled features of a `channels`-deep map to `dim` numbers.

    `hidden` is the width of the inner layers, 0 = 4096 for `vgg` and 2·dim for `mlp`. Raises
    ValueError for `none` where channels and dim differ.
    """
    if head == "vgg":
        return _vgg_head(channels * VGG_GRID**2, hidden or VGG_HIDDEN, dim)
    if head == "linear":
        return nn.Linear(channels, dim)
    if head == "mlp":
        hidden = hidden or 2 * dim
        return nn.Sequential(nn.Linear(channels, hidden), nn.ReLU(), nn.Linear(hidden, dim))
    if channels != dim:
        raise ValueError(f"head 'none' needs embedding_dim {channels} (the map's depth), not {dim}")
    return nn.Identity()


def _vgg_head(features: int, hidden: int, dim: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(features, hidden),
        nn.ReLU(),
        nn.Dropout(),
        nn.Linear(hidden, hidden),
        nn.ReLU(),
        nn.Dropout(),
        nn.Linear(hidden, dim),
    )


def fill_vgg_head(head: nn.Module, leftover: dict[str, torch.Tensor]) -> None:
    """Copy a pretrained VGG classifier's two hidden layers into a `vgg` head; the last is new.

    `leftover` holds them as timm's convolutions (`pre_logits.fc1`) or torchvision's linear
    layers (`classifier.0`), or not at all. A head of another width keeps its random layers.
    """
    with torch.no_grad():
        for layer, sources in _VGG_LAYERS.items():
            for key in (f"{source}.{kind}" for source in sources for kind in ("weight", "bias")):
                target = head.get_parameter(f"{layer}.{key.rpartition('.')[2]}")
                value = leftover.get(key)
                if value is not None and value.numel() == target.numel():
                    target.copy_(value.reshape(target.shape))
