"""A small plain convolutional network for training from scratch on a CPU, in timm's manner.

A few convolutions at a low stride, which leave an 8x8 map at 64 pixels.
"""

import re
from typing import Any

import torch
from torch import nn

_NAME = re.compile(r"plain((?:-[1-9]\d*)+)")
STRIDE = 8
_POOLED_AFTER = (1, 2)  # which blocks halve the map, besides the first one's stride


def widths_of(name: str) -> tuple[int, ...] | None:
    """The widths in a name such as `plain-24-48-96-160`; None for another name.

    Raises ValueError for fewer than three widths.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    widths = tuple(int(width) for width in match.group(1).split("-")[1:])
    if len(widths) < 3:
        raise ValueError(f"backbone {name!r} has {len(widths)} widths; it needs at least 3")
    return widths


class PlainNetwork(nn.Module):
    """Convolution, batch norm, ReLU, once for each width; stride 8 in all.

    The first block is 5x5 at stride 2, the others 3x3; a max-pool follows the second and the
    third. Speaks the part of timm's interface that `Backbone` uses.
    """

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.num_features = widths[-1]
        self.pretrained_cfg: dict[str, Any] = {"mean": (0.5,) * 3, "std": (0.5,) * 3}
        blocks: list[nn.Module] = []
        depth = 3
        for i, width in enumerate(widths):
            blocks += _block(depth, width, first=i == 0)
            if i in _POOLED_AFTER:
                blocks.append(nn.MaxPool2d(2))
            depth = width
        self.blocks = nn.Sequential(*blocks)

    def forward_features(self, images_B3HW: torch.Tensor) -> torch.Tensor:
        """Feature map (B, C, H/8, W/8) of normalised images."""
        features: torch.Tensor = self.blocks(images_B3HW)
        return features


def _block(depth: int, width: int, *, first: bool) -> list[nn.Module]:
    size, stride = (5, 2) if first else (3, 1)
    convolution = nn.Conv2d(depth, width, size, stride=stride, padding=size // 2, bias=False)
    return [convolution, nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
