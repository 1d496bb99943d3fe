"""Named recipes: functions that return a whole configuration. `train --recipe NAME` takes one.

A recipe can also be a file, as `sketchy study --promote` writes it: YAML with the recipe it starts
from (`base`) and the settings that differ (`set`).
"""

from collections.abc import Callable
from pathlib import Path

import yaml

from core.data.augment import AugmentConfig
from core.losses import LossConfig
from core.models import presets
from core.settings import flatten, with_settings
from trainer.config import Config, DataConfig, TrainConfig


def tiny() -> Config:
    """For two CPU cores and the built-in set: a small network from scratch, in a minute or so.

    Muon and soft classes bring it as far in 396 steps as AdamW and sharp classes did in 1,120.
    The number of steps is fixed, so that a folder of a few pictures is learned from too.
    """
    return Config(
        data=DataConfig(pack_size=96, classes_per_batch=32, per_class=2, steps_per_epoch=66),
        model=presets.tiny(),
        loss=LossConfig(w_d=0.01, w_c=1.0, class_scale=5.0, margin=0.2, negatives="semihard"),
        # So short a time is spent on fitting the drawings, which vary a lot by themselves.
        augment=AugmentConfig(
            sketch_rotation=6.0,
            sketch_scale=0.08,
            sketch_shear=0.06,
            sketch_shift=0.05,
            thickness=0.4,
            erase=0.0,
        ),
        train=TrainConfig(
            epochs=6,
            optimizer="muon",
            lr=0.02,
            weight_decay=0.02,
            ema=0.98,
            keep="all",
            half_weights=True,
        ),
    )


def small() -> Config:
    """For a CPU or one small GPU: EfficientNet-Lite0 from ImageNet, one for both domains.

    The classification term gives every sketch a direction from the first step. The shared trunk,
    its untouched first stages and few epochs keep what ImageNet taught of classes that are not
    trained on. It learns from pictures of 112 px and is asked about those of 144.
    """
    return Config(
        data=DataConfig(classes_per_batch=16, per_class=4),
        model=presets.small(),
        loss=LossConfig(
            w_d=0.1, w_t=5.0, w_c=1.0, class_scale=10.0, margin=0.2, negatives="semihard"
        ),
        augment=AugmentConfig(grey=0.6),
        train=TrainConfig(
            epochs=4,
            image_size=112,
            lr=1e-3,
            backbone_lr_scale=0.3,
            warmup=0.2,
            batch_norm="frozen",
            frozen_stages=4,
            keep="best+last",
        ),
    )


def base() -> Config:
    """For GPUs: ConvNeXt-T from ImageNet at 224 px, bf16."""
    return Config(
        data=DataConfig(classes_per_batch=64, per_class=4),
        model=presets.base(),
        loss=LossConfig(w_d=0.1, margin=0.2, negatives="semihard"),
        train=TrainConfig(epochs=30, lr=5e-4, backbone_lr_scale=0.2, keep="best+last"),
    )


def clip() -> Config:
    """For GPUs: the image tower of CLIP ViT-B/32, shared by both domains, fine-tuned gently."""
    return Config(
        data=DataConfig(classes_per_batch=64, per_class=4),
        model=presets.clip(),
        loss=LossConfig(w_d=0.1, margin=0.2, negatives="semihard"),
        train=TrainConfig(epochs=15, lr=2e-4, backbone_lr_scale=0.05, keep="best+last"),
    )


def workshop() -> Config:
    """The workshop's: VGG16-BN, random triplets, margin 1, SGD 1e-4, batch 10, no augmentation."""
    return Config(
        data=DataConfig(sampling="triplets", classes_per_batch=10, per_class=1, framing="whole"),
        model=presets.workshop(),
        loss=LossConfig(
            w_d=1.0, margin=1.0, negatives="random", lambda_schedule="linear", scale_schedule=False
        ),
        augment=AugmentConfig(enabled=False),
        train=TrainConfig(
            epochs=30,
            optimizer="sgd",
            lr=1e-4,
            weight_decay=0.0,
            schedule="constant",
            warmup=0.0,
            clip=0.0,
            keep="best+last",
        ),
    )


RECIPES: dict[str, Callable[[], Config]] = {
    recipe.__name__: recipe for recipe in (tiny, small, base, clip, workshop)
}


def read_recipe(name: str) -> Config:
    """The configuration of a named recipe or of a recipe file; ValueError says which exist."""
    if name in RECIPES:
        return RECIPES[name]()
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        raise ValueError(
            f"unknown recipe {name!r}: allowed are {', '.join(RECIPES)}, or a .yaml file"
        )
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"recipe file {name} can't be read: {error}") from error
    if not isinstance(content, dict) or set(content) - {"base", "set", "from"}:
        raise ValueError(f"recipe file {name} needs the keys base and set, and no others but from")
    base_name = str(content.get("base", ""))
    if base_name not in RECIPES:
        raise ValueError(
            f"recipe file {name} starts from {base_name!r}: allowed are {', '.join(RECIPES)}"
        )
    settings = content.get("set")
    if not isinstance(settings, dict | None):
        raise ValueError(
            f"recipe file {name} has set: {settings!r}: names with values are needed, such as "
            "train.epochs: 8"
        )
    # A group of settings sets those that it names and leaves the others as the base has them.
    return with_settings(RECIPES[base_name](), flatten(settings or {}))
