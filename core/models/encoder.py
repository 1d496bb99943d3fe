"""The two encoders: pictures in, embeddings and attention maps out.

Shape suffixes: B batch, D embedding, C channels, H and W a map's (or picture's) height and width.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from core.models.attention import NoAttention, SoftAttention
from core.models.backbones import Backbone, create_network, cut_network, unused_parameters
from core.models.heads import HEADS, POOLINGS, fill_vgg_head, make_head, make_pool, pooled_features
from core.models.weights import load_network_weights

INPUT_NORMS = ("backbone", "none")


@dataclass(frozen=True, kw_only=True)
class EncoderConfig:
    """What the two encoders are made of."""

    backbone: str = "plain-24-48-96-160"
    """A timm model name, or one of our own small networks: `plain-24-48-96-160` (any widths), or
    `resnet10-16-32-64-96` (four widths)."""
    weights: str = "none"
    """`none` (random), `pretrained` (downloaded by timm), or a local .safetensors or .pth file.
    Read at the first build only: a saved run carries its own weights."""
    image_size: int = 64
    """Height and width of the pictures, in pixels."""
    embedding_dim: int = 256
    """D, the length of an embedding."""
    pooling: str = "avg"
    """`avg`, `gem`, or `grid`: a coarse grid of averages, which keeps where things are. The `vgg`
    head has its own pooling and ignores this."""
    grid: int = 3
    """Side of the `grid` pooling."""
    head: str = "linear"
    """`linear`, `mlp` (one hidden layer), `none` (the pooled features are the embedding), or
    `vgg` (VGG's classifier MLP on a 7x7 map, the workshop's)."""
    head_hidden: int = 0
    """Width of the head's hidden layers; 0 = 4096 for `vgg`, twice embedding_dim for `mlp`."""
    head_dropout: float = 0.0
    """Share of the pooled numbers dropped in training, before the head (not used by `vgg`)."""
    attention: bool = True
    """Soft attention `f + f·a`; without it the attention returned is uniform."""
    attention_hidden: int = 0
    """Channels inside the attention network; 0 = a sixteenth of the map's, at least 16."""
    attention_rectified: bool = True
    """A ReLU between the attention's two convolutions (the workshop has none)."""
    normalise: bool = True
    """Embeddings of length 1 (L2)."""
    shared: bool = False
    """One trunk for both domains. Attention and head stay one per domain (they are small, and
    sketches and photos need different places looked at), but start alike. In training, both domains
    go through the shared trunk as one batch, so that its batch-norm statistics are those used
    later."""
    input_norm: str = "backbone"
    """`backbone`: the mean and std that the backbone was trained with; `none`: pictures in
    [0, 1] as they are (the workshop's)."""

    def __post_init__(self) -> None:
        if self.image_size < 32:
            raise ValueError(f"image_size is {self.image_size}; it must be at least 32 pixels")
        if self.embedding_dim < 1:
            raise ValueError(f"embedding_dim is {self.embedding_dim}; it must be at least 1")
        if self.grid < 1:
            raise ValueError(f"grid is {self.grid}; it must be at least 1")
        if not 0 <= self.head_dropout < 1:
            raise ValueError(f"head_dropout is {self.head_dropout}; it must be in [0, 1)")
        for field in ("head_hidden", "attention_hidden"):
            if getattr(self, field) < 0:
                raise ValueError(f"{field} is {getattr(self, field)}; it must be 0 or more")
        _check_choice("pooling", self.pooling, POOLINGS)
        _check_choice("head", self.head, HEADS)
        _check_choice("input_norm", self.input_norm, INPUT_NORMS)


class EncoderOutput(NamedTuple):
    """What an encoder returns, in float32."""

    embedding_BD: torch.Tensor
    """Embeddings (B, D), of length 1 where `normalise` is set."""
    attention_BHW: torch.Tensor
    """Attention (B, H, W), non-negative, summing to 1 over each map."""


class Encoder(nn.Module):
    """One domain's encoder: backbone -> attention -> pooling -> head.

    Takes pictures (B, 3, S, S) or (B, 1, S, S), float in [0, 1] or uint8 in [0, 255]; the
    backbone's normalisation happens inside.
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, config: EncoderConfig, backbone: Backbone, *, owns_backbone: bool) -> None:
        super().__init__()
        self.config = config
        # A trunk owned by the other encoder is held in a tuple: its parameters then appear once
        # in the state dict and in the optimizer.
        self._borrowed: tuple[Backbone, ...] = () if owns_backbone else (backbone,)
        if owns_backbone:
            self.backbone = backbone
        mean, std = backbone.mean, backbone.std
        if config.input_norm == "none":
            mean, std = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1), persistent=False)
        channels = backbone.channels
        self.attention: nn.Module = (
            SoftAttention(channels, config.attention_hidden, rectified=config.attention_rectified)
            if config.attention
            else NoAttention()
        )
        self.pool = make_pool(config.pooling, config.head, config.grid, config.head_dropout)
        features = pooled_features(config.pooling, config.head, config.grid, channels)
        self.head = make_head(config.head, features, config.head_hidden, config.embedding_dim)

    @property
    def trunk(self) -> Backbone:
        """The backbone, owned or borrowed."""
        return self._borrowed[0] if self._borrowed else self.backbone

    def forward(self, images: torch.Tensor) -> EncoderOutput:
        """Embeddings (B, D) and attention (B, H, W) of a batch of pictures."""
        return self.finish(self.trunk(self.prepare(images)))

    def prepare(self, images: torch.Tensor) -> torch.Tensor:
        """Normalised float pictures (B, 3, S, S) from (B, 1 or 3, S, S) in [0, 1] or uint8.

        S is `image_size`; an encoder in training mode takes any, where its backbone does.
        """
        shape = tuple(images.shape)
        size = shape[-1] if self.training else self.config.image_size
        if len(shape) != 4 or shape[1] not in (1, 3) or shape[2:] != (size, size):
            raise ValueError(f"images have shape {shape}; expected (B, 1 or 3, {size}, {size})")
        pixels = images.float().div(255.0) if images.dtype == torch.uint8 else images
        # (B, 1, S, S) broadcasts against (1, 3, 1, 1): a sketch's one channel becomes three here
        return (pixels - self.mean) / self.std

    def finish(self, features_BCHW: torch.Tensor) -> EncoderOutput:
        """Attention, pooling and head on a feature map (B, C, H, W)."""
        attended_BCHW, attention_BHW = self.attention(features_BCHW)
        embedding_BD = self.head(self.pool(attended_BCHW)).float()
        if self.config.normalise:
            embedding_BD = F.normalize(embedding_BD, dim=1)
        return EncoderOutput(embedding_BD, attention_BHW)


class TwoEncoders(nn.Module):
    """The image encoder Φ (`photo`) and the sketch encoder Ψ (`sketch`)."""

    def __init__(self, config: EncoderConfig, make_backbone: Callable[[], Backbone]) -> None:
        super().__init__()
        self.config = config
        trunk = make_backbone()
        self.photo = Encoder(config, trunk, owns_backbone=True)
        self.sketch = Encoder(
            config,
            trunk if config.shared else make_backbone(),
            owns_backbone=not config.shared,
        )
        if config.shared:
            # Alike features then start as alike embeddings, of classes never trained on too: two
            # heads of their own random numbers would have to be aligned class by class.
            self.sketch.attention.load_state_dict(self.photo.attention.state_dict())
            self.sketch.head.load_state_dict(self.photo.head.state_dict())

    def forward(
        self, sketches: torch.Tensor, photos: torch.Tensor
    ) -> tuple[EncoderOutput, EncoderOutput]:
        """Outputs of the sketches and of the photos, in this order; batch sizes may differ."""
        if not self.config.shared:
            return self.sketch(sketches), self.photo(photos)
        prepared = torch.cat([self.sketch.prepare(sketches), self.photo.prepare(photos)])
        features = self.photo.trunk(prepared)
        count = sketches.shape[0]
        return self.sketch.finish(features[:count]), self.photo.finish(features[count:])


def build_encoders(config: EncoderConfig, *, load_weights: bool = True) -> TwoEncoders:
    """Both encoders, with the initial weights that the configuration names.

    `load_weights=False` leaves random weights: for a saved run, whose own weights are then
    loaded with `load_state_dict` (the file named in the configuration need not exist any more).
    Raises ValueError for an unknown backbone, a size that it cannot take, and weights that
    cannot be had or do not fit.
    """
    unused = unused_parameters(config.backbone, config.image_size)
    leftovers: list[dict[str, torch.Tensor]] = []

    def make_backbone() -> Backbone:
        network = create_network(config.backbone, config.image_size)
        if load_weights and config.weights != "none":
            leftovers.append(
                load_network_weights(
                    network, config.backbone, config.weights, config.image_size, unused
                )
            )
        return cut_network(network, unused, config.backbone)

    encoders = TwoEncoders(config, make_backbone)
    if config.head == "vgg" and leftovers:
        for encoder in (encoders.photo, encoders.sketch):
            fill_vgg_head(encoder.head, leftovers[0])
    return encoders


def _check_choice(field: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"{field} is {value!r}; allowed: {', '.join(allowed)}")
