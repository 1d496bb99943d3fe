"""A narrow ResNet-10 for training from scratch on a CPU, in timm's manner but without timm.

Importing timm takes seconds; whoever only asks a small network should not wait for it.
"""

import re
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

_NAME = re.compile(r"resnet10((?:-[1-9]\d*){4})")
_STEM = (6, 8, 16)
"""Widths of the stem's convolutions: timm's for a tiered stem of width 8."""
_STRIDES = (1, 2, 2, 1)


def residual_widths(name: str) -> tuple[int, int, int, int] | None:
    """The widths in a name such as `resnet10-16-32-64-96`; None for another name."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    first, second, third, fourth = (int(width) for width in match.group(1).split("-")[1:])
    return first, second, third, fourth


class ResidualNetwork(nn.Module):
    """ResNet-10 with a stem of three convolutions and averages in its shortcuts; stride 16 in all.

    That is ResNet-D (He et al., 2019, "Bag of tricks for image classification"), one block a
    stage. The last stage keeps the resolution of the one before and is dilated instead, so that
    64 pixels leave a 4x4 map. Parameters, their names and the arithmetic are those of timm's
    `resnet10t` with these widths, a stem of width 8 and an output stride of 16. Speaks the part of
    timm's interface that `Backbone` uses.
    """

    def __init__(self, widths: tuple[int, int, int, int]) -> None:
        super().__init__()
        self.num_features = widths[-1]
        self.pretrained_cfg: dict[str, Any] = {"mean": (0.5,) * 3, "std": (0.5,) * 3}
        self.conv1 = nn.Sequential(
            *_block(3, _STEM[0], stride=2),
            *_block(_STEM[0], _STEM[1]),
            _convolution(_STEM[1], _STEM[2]),
        )
        self.bn1 = nn.BatchNorm2d(_STEM[2])
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        depth = _STEM[2]
        for stage, (width, stride) in enumerate(zip(widths, _STRIDES, strict=True), 1):
            block = ResidualBlock(depth, width, stride, dilation=2 if stage == 4 else 1)
            self.add_module(f"layer{stage}", nn.Sequential(block))
            depth = width
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward_features(self, images_B3HW: torch.Tensor) -> torch.Tensor:
        """Feature map (B, C, H/16, W/16) of normalised images."""
        features = self.maxpool(F.relu(self.bn1(self.conv1(images_B3HW)), inplace=True))
        for stage in range(1, len(_STRIDES) + 1):
            features = self.get_submodule(f"layer{stage}")(features)
        return features


class ResidualBlock(nn.Module):
    """Two convolutions beside a shortcut; the block starts as its shortcut alone."""

    def __init__(self, depth: int, width: int, stride: int, *, dilation: int) -> None:
        super().__init__()
        self.conv1 = _convolution(depth, width, stride=stride)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = _convolution(width, width, dilation=dilation)
        self.bn2 = nn.BatchNorm2d(width)
        nn.init.zeros_(self.bn2.weight)
        self.downsample = _shortcut(depth, width, stride, dilated=dilation > 1)

    def forward(self, features_BCHW: torch.Tensor) -> torch.Tensor:
        """Features (B, width, H/stride, W/stride)."""
        inner = F.relu(self.bn1(self.conv1(features_BCHW)), inplace=True)
        inner = self.bn2(self.conv2(inner))
        return F.relu(inner + self.downsample(features_BCHW), inplace=True)


def _convolution(depth: int, width: int, *, stride: int = 1, dilation: int = 1) -> nn.Conv2d:
    return nn.Conv2d(
        depth, width, 3, stride=stride, padding=dilation, dilation=dilation, bias=False
    )


def _shortcut(depth: int, width: int, stride: int, *, dilated: bool) -> nn.Module:
    """What brings a block's input to the shape of its output."""
    if stride == 1 and depth == width:
        return nn.Identity()
    average: nn.Module = nn.Identity()
    if stride > 1:
        # As the convolution beside it does, an odd map's last row and column count as well.
        average = nn.AvgPool2d(2, ceil_mode=True, count_include_pad=False)
    if dilated:
        # Averages of two places at stride 1, for which the map grows by one of zeros.
        average = nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), nn.AvgPool2d(2, stride=1))
    projection = nn.Conv2d(depth, width, 1, bias=False)
    return nn.Sequential(average, projection, nn.BatchNorm2d(width))


def _block(depth: int, width: int, *, stride: int = 1) -> list[nn.Module]:
    return [
        _convolution(depth, width, stride=stride),
        nn.BatchNorm2d(width),
        nn.ReLU(inplace=True),
    ]
