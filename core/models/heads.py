"""From a feature map to an embedding: pooling, and the head behind it.

Shape suffixes: B batch, C channels, H and W the map's height and width.
"""

import torch
from torch import nn

POOLINGS = ("avg", "gem", "grid")
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


def make_pool(pooling: str, head: str, grid: int, dropout: float) -> nn.Module:
    """The pooling of a map (B, C, H, W) to (B, C), or of `grid` to (B, C·grid²), then dropout.

    The `vgg` head always takes a 7x7 grid, and has dropout of its own.
    """
    if head == "vgg":
        return _grid_pool(VGG_GRID)
    if pooling == "grid":
        pool: nn.Module = _grid_pool(grid)
    else:
        pool = GeneralisedMeanPool() if pooling == "gem" else AveragePool()
    return nn.Sequential(pool, nn.Dropout(dropout)) if dropout else pool


def pooled_features(pooling: str, head: str, grid: int, channels: int) -> int:
    """How many numbers the pooling leaves of a `channels`-deep map."""
    if head == "vgg":
        return channels * VGG_GRID**2
    return channels * grid**2 if pooling == "grid" else channels


def make_head(head: str, features: int, hidden: int, dim: int) -> nn.Module:
    """The layers from `features` pooled numbers to `dim`.

    `hidden` is the width of the inner layers, 0 = 4096 for `vgg` and 2·dim for `mlp`. Raises
    ValueError for `none` where features and dim differ.
    """
    if head == "vgg":
        return _vgg_head(features, hidden or VGG_HIDDEN, dim)
    if head == "linear":
        return nn.Linear(features, dim)
    if head == "mlp":
        hidden = hidden or 2 * dim
        return nn.Sequential(nn.Linear(features, hidden), nn.ReLU(), nn.Linear(hidden, dim))
    if features != dim:
        raise ValueError(f"head 'none' needs embedding_dim {features} (what is pooled), not {dim}")
    return nn.Identity()


def _grid_pool(side: int) -> nn.Module:
    return nn.Sequential(nn.AdaptiveAvgPool2d(side), nn.Flatten())


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
