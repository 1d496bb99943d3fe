"""Which batches a configuration asks for, and what becomes of it on data with few classes."""

import dataclasses

from core.data.batches import PKBatches, TripletBatches
from core.data.packs import Pack
from core.data.splits import Splits
from core.evaluate import metric_names
from trainer.config import Config


def build_batches(
    pack: Pack, splits: Splits, config: Config, *, rank: int = 0, world: int = 1
) -> PKBatches | TripletBatches:
    """The batches of one process; ValueError if data, batch and number of processes don't fit."""
    data, seed = config.data, config.train.seed
    if data.sampling == "triplets":
        return TripletBatches(
            pack,
            splits,
            batch_size=data.classes_per_batch * data.per_class,
            seed=seed,
            rank=rank,
            world=world,
            steps_per_epoch=data.steps_per_epoch,
        )
    return PKBatches(
        pack,
        splits,
        classes_per_batch=data.classes_per_batch,
        per_class=data.per_class,
        seed=seed,
        rank=rank,
        world=world,
        steps_per_epoch=data.steps_per_epoch,
    )


def fit_to_classes(config: Config, pack: Pack, splits: Splits) -> tuple[Config, str]:
    """The configuration with no more classes in a batch than the data has, and what was changed.

    Recipes are written for many classes; a person's own folder may have five. The second value
    is empty if nothing had to change.

    Raises:
        ValueError: the data has fewer than two classes to train on.
    """
    single = dataclasses.replace(config.data, classes_per_batch=1)
    there = build_batches(pack, splits, dataclasses.replace(config, data=single)).class_count
    asked = config.data.classes_per_batch
    if config.data.sampling == "triplets" or asked <= there:
        return config, ""
    data = dataclasses.replace(config.data, classes_per_batch=there)
    message = (
        f"data.classes_per_batch is {there} instead of {asked}: the data has {there} classes "
        "to train on"
    )
    return dataclasses.replace(config, data=data), message


def check_validation(config: Config, splits: Splits) -> None:
    """ValueError if nothing is held out to judge epochs by, or not by the objective asked for."""
    sketches, photos = len(splits.queries("valid")), len(splits.gallery("valid"))
    if not sketches or not photos:
        raise ValueError(
            f"nothing to validate on: {sketches} sketches and {photos} photos are held out under "
            f"protocol {config.data.protocol}"
        )
    asked, names = config.train.objective, metric_names(photos)
    if asked not in names:
        raise ValueError(
            f"setting train.objective is {asked!r}: on this data allowed are {', '.join(names)}"
        )


def check_shares(config: Config, workers: int) -> None:
    """ValueError if a batch can't be shared equally by the workers; says which numbers can."""
    batch = config.data.classes_per_batch * config.data.per_class
    if batch % workers:
        fitting = [str(number) for number in range(1, batch + 1) if batch % number == 0]
        raise ValueError(
            f"a batch of {batch} sketches (data.classes_per_batch × data.per_class) can't be "
            f"shared equally by {workers} workers: {', '.join(fitting)} can"
        )
