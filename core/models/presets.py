"""Named encoder configurations, as functions."""

import difflib
from collections.abc import Callable

from core.models.encoder import EncoderConfig


def workshop() -> EncoderConfig:
    """The 2021 workshop's encoders, after Dey et al. 2019.

    VGG16-BN with its classifier MLP, one network per domain, 256-d, unnormalised, pictures in
    [0, 1] as they are. It was trained by SGD with random negatives and margin 1.
    """
    return EncoderConfig(
        backbone="vgg16_bn",
        weights="pretrained",
        image_size=224,
        head="vgg",
        attention_hidden=380,
        attention_rectified=False,
        normalise=False,
        input_norm="none",
    )


def tiny() -> EncoderConfig:
    """Trains from scratch on two CPU cores in a minute or so, on 56-pixel pictures.

    They leave a 4x4 map, as 64 pixels would, at a quarter less work.
    """
    return EncoderConfig(
        backbone="resnet10-16-32-64-96",
        image_size=56,
        pooling="grid",
        grid=2,
        head_dropout=0.1,
    )


def small() -> EncoderConfig:
    """EfficientNet-Lite0 at 144 pixels, shared by both domains: a laptop's preset.

    Wide embeddings keep more of what ImageNet taught of classes that are not trained on.
    """
    return EncoderConfig(
        backbone="tf_efficientnet_lite0",
        weights="pretrained",
        image_size=144,
        embedding_dim=512,
        shared=True,
    )


def base() -> EncoderConfig:
    """ConvNeXt-T at 224 pixels with GeM pooling: for one GPU."""
    return EncoderConfig(
        backbone="convnext_tiny", weights="pretrained", image_size=224, pooling="gem"
    )


def clip() -> EncoderConfig:
    """The image tower of CLIP ViT-B/32, shared by both domains: for one GPU.

    CLIP has seen drawings as well as photos, so that one trunk serves both.
    """
    return EncoderConfig(
        backbone="vit_base_patch32_clip_224.openai",
        weights="pretrained",
        image_size=224,
        shared=True,
    )


PRESETS: dict[str, Callable[[], EncoderConfig]] = {
    "workshop": workshop,
    "tiny": tiny,
    "small": small,
    "base": base,
    "clip": clip,
}


def preset(name: str) -> EncoderConfig:
    """The preset of a name; ValueError lists the names."""
    if name not in PRESETS:
        close = difflib.get_close_matches(name, PRESETS, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise ValueError(f"preset {name!r} is unknown; allowed: {', '.join(PRESETS)}{hint}")
    return PRESETS[name]()
