"""Soft attention over a feature map.

Shape suffixes: B batch, C channels, H and W the map's height and width.
"""

import torch
from torch import nn

ATTENTION_SHRINK = 16
"""Hidden channels of the attention network: one for so many channels of the map (16 at least)."""


class SoftAttention(nn.Module):
    """Soft spatial attention `f + f·a` (Song et al. 2017; Dey et al. 2019).

    Two 1x1 convolutions give a score per place; a softmax over the H·W places makes the map a:
    non-negative, summing to 1, and never a division by zero. `hidden` is the number of channels
    between the convolutions; `rectified` puts a ReLU there (the workshop has none).
    """

    def __init__(self, channels: int, hidden: int = 0, *, rectified: bool = True) -> None:
        super().__init__()
        hidden = hidden or max(16, channels // ATTENTION_SHRINK)
        self.squeeze = nn.Conv2d(channels, hidden, kernel_size=1)
        self.activation = nn.ReLU() if rectified else nn.Identity()
        self.score = nn.Conv2d(hidden, 1, kernel_size=1)

    def forward(self, features_BCHW: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The attended features (B, C, H, W) and the attention (B, H, W), in float32."""
        scores_B1HW = self.score(self.activation(self.squeeze(features_BCHW)))
        batch, _, height, width = scores_B1HW.shape
        # float32 so that the map sums to 1 under bf16 autocast too
        attention_BP = scores_B1HW.float().flatten(1).softmax(dim=1)
        attention_BHW = attention_BP.view(batch, height, width)
        weights_B1HW = attention_BHW.unsqueeze(1).to(features_BCHW.dtype)
        # f + f·a in one pass over the map
        return torch.addcmul(features_BCHW, features_BCHW, weights_B1HW), attention_BHW


class NoAttention(nn.Module):
    """The features unchanged, with the uniform map that stands for "looks everywhere alike"."""

    def forward(self, features_BCHW: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The same features (B, C, H, W) and a constant map 1/(H·W) of shape (B, H, W)."""
        batch, _, height, width = features_BCHW.shape
        share = 1.0 / (height * width)
        uniform = torch.full((batch, height, width), share, device=features_BCHW.device)
        return features_BCHW, uniform
