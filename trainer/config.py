"""The whole configuration of a run, as `run.json` keeps it."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from core.data.augment import AugmentConfig
from core.data.classlists import ZERO_SHOT
from core.losses import LossConfig
from core.models.encoder import EncoderConfig
from core.runs.writer import parse_retention
from core.schedules import lambda_d

WORDS = ("", "seen", *ZERO_SHOT, "none", "pretrained")
"""What settings that may name a file take besides."""


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """Which items are learned from and which are held out."""

    protocol: str = "seen"
    """seen, sketchy25, sketchy21, tuberlin30, quickdraw30, or the path of a list of classes."""
    seed: int = 0
    """Seed of the split; part of the split's name in every report."""
    framing: Literal["ink", "whole"] = "ink"
    """Sketches cut to their ink (size and place don't matter), or left as they are."""
    pack_size: int = 0
    """Side in pixels at which pictures are packed; 0 = the model's image_size. Larger packs give
    sharper crops and thumbnails."""
    sampling: Literal["pk", "triplets"] = "pk"
    """P classes × K items of each domain, or the workshop's uniform triplets."""
    classes_per_batch: int = 32
    """P: classes in the global batch. Uniform triplets: P × K triplets a batch."""
    per_class: int = 4
    """K: sketches and photos of each class in the global batch."""
    steps_per_epoch: int | None = None
    """Steps in an epoch; None shows every training sketch about once."""

    def __post_init__(self) -> None:
        for name in ("classes_per_batch", "per_class"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"setting data.{name} is {getattr(self, name)}: 1 or more is needed"
                )
        if self.pack_size < 0:
            raise ValueError(f"setting data.pack_size is {self.pack_size}: 0 or more is needed")
        if self.steps_per_epoch is not None and self.steps_per_epoch < 1:
            raise ValueError(
                f"setting data.steps_per_epoch is {self.steps_per_epoch}: 1 or more is needed"
            )


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How the weights move."""

    epochs: int = 20
    """Epochs in the whole run; every schedule is laid over them."""
    image_size: int = 0
    """Side in pixels of training pictures, at least 32; 0 = the model's. A convolutional encoder
    can learn from smaller pictures than it is asked about: random crops show things larger than
    whole photos do (FixRes, Touvron et al., 2019), and steps are faster."""
    optimizer: Literal["adamw", "muon", "sgd"] = "adamw"
    """AdamW; Muon for the backbone's convolutions and matrices and AdamW for the rest, which
    learns faster from random weights; or SGD with momentum 0.9."""
    lr: float = 1e-3
    """Peak learning rate of attention, head and discriminator."""
    backbone_lr_scale: float = 1.0
    """The backbone's learning rate as a share of `lr`; below 1 for pre-trained weights."""
    weight_decay: float = 0.01
    """Decoupled weight decay; none on biases, norms and other vectors."""
    schedule: Literal["cosine", "steps", "constant"] = "cosine"
    """Learning rate after the warm-up: down to 0 as a cosine, ×0.1 at 60 % and 85 %, or kept."""
    warmup: float = 0.05
    """Share of all steps in which the learning rate rises from 0."""
    clip: float = 5.0
    """Largest gradient norm; 0 turns clipping off."""
    accumulate: int = 1
    """Batches whose gradients are averaged before a step; the loss mines in each alone."""
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    """Autocast: auto is bf16 on a GPU that has it and fp32 on a CPU, where bf16 is slower."""
    batch_norm: Literal["batch", "frozen", "sync"] = "batch"
    """Statistics of each worker's batch, the pre-trained ones kept, or shared by all GPUs."""
    frozen_stages: int = 0
    """Stages of a pre-trained backbone that stay as they are, from the stem on: faster steps."""
    channels_last: bool = True
    """Lay images out as NHWC in memory, which convolutions on CPUs and recent GPUs prefer."""
    compile: bool = False
    """Compile the encoders with torch.compile: minutes at the start, faster steps on a GPU."""
    ema: float = 0.0
    """Decay of a running mean of the weights that is evaluated and kept; 0 turns it off."""
    patience: int = 0
    """Stop after this many epochs without a better objective; 0 never stops early."""
    objective: str = "map_all"
    """The validation metric by which epochs are judged, higher is better."""
    keep: str = "all"
    """Epochs that keep weights: all, every N, or best+last."""
    half_weights: bool = False
    """Keep epochs' weights in fp16: half the disk, embeddings differ in the third decimal."""
    seed: int = 0
    """Seed of weights, batches and augmentation."""

    def __post_init__(self) -> None:
        parse_retention(self.keep)
        limits = {
            "epochs": self.epochs >= 1,
            "image_size": self.image_size == 0 or self.image_size >= 32,
            "lr": self.lr > 0,
            "backbone_lr_scale": self.backbone_lr_scale >= 0,
            "weight_decay": self.weight_decay >= 0,
            "warmup": 0 <= self.warmup < 1,
            "clip": self.clip >= 0,
            "accumulate": self.accumulate >= 1,
            "frozen_stages": self.frozen_stages >= 0,
            "ema": 0 <= self.ema < 1,
            "patience": self.patience >= 0,
            "seed": self.seed >= 0,
        }
        for name, fine in limits.items():
            if not fine:
                raise ValueError(f"setting train.{name} is {getattr(self, name)}: out of range")


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that decides what a run learns, except the data itself."""

    data: DataConfig = field(default_factory=DataConfig)
    """Items and batches."""
    model: EncoderConfig = field(default_factory=EncoderConfig)
    """The two encoders."""
    loss: LossConfig = field(default_factory=LossConfig)
    """L_tot and its parts."""
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    """What is done to pictures while training."""
    train: TrainConfig = field(default_factory=TrainConfig)
    """Optimiser, schedule and what is kept."""

    @property
    def pack_size(self) -> int:
        """Side in pixels of the packed pictures."""
        return self.data.pack_size or self.model.image_size


def with_absolute_paths(config: Config) -> Config:
    """The same files named from the root: a worker runs in a folder of its own."""

    def absolute(name: str) -> str:
        # A file called as one of the words doesn't take its place.
        is_file = name not in WORDS and Path(name).is_file()
        return str(Path(name).absolute()) if is_file else name

    data, model, loss = config.data, config.model, config.loss
    return replace(
        config,
        data=replace(data, protocol=absolute(data.protocol)),
        model=replace(model, weights=absolute(model.weights)),
        loss=replace(loss, word_vectors=absolute(loss.word_vectors)),
    )


def domain_strength(config: Config, epoch: int) -> float:
    """λ_d in epoch `epoch` (from 1): the schedule counts the epochs done before it."""
    return lambda_d(
        epoch - 1,
        config.train.epochs,
        config.loss.lambda_schedule,
        scaled=config.loss.scale_schedule,
        maximum=config.loss.lambda_max,
    )
