"""What a search varies: the default space, what people ask for, and whether it fits a recipe."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from core.settings import flatten, to_dict, with_settings
from core.studies import SHORT_NAMES, Dimension, parse_dimension
from trainer.config import Config

DEFAULT_SPACE = {"loss.w_d": "log:1e-3:10", "loss.w_t": "log:0.1:10"}
"""The loss weights; the margin's range depends on the embeddings."""
NORMALISED_MARGIN, UNNORMALISED_MARGIN = "uniform:0.05:0.5", "uniform:0.3:2"
# On the unit sphere no two embeddings are further than 2 apart, and a margin past 1 asks for more
# than the photos of one class leave room for; without it distances are tens, and 0.5 is nothing.
NORMALISED_LIMIT, UNNORMALISED_LEAST = 1.0, 0.5
MARGIN, NORMALISE, DISTANCE = "loss.margin", "model.normalise", "loss.distance"
FIXED = {
    "train.epochs": "every trial plans the same epochs, else early stopping compares nothing",
    "train.seed": "other seeds are what --seeds repeats the best trials with",
    "train.objective": "trials are compared by one metric",
    "data.protocol": "trials are compared on one split",
    "data.seed": "trials are compared on one split",
}


def read_space(
    entries: Iterable[str], config: Config, pinned: Iterable[str] = ()
) -> dict[str, Dimension]:
    """The space of a search: the default one, changed by `--space` entries.

    Args:
        entries: `NAME=KIND` adds to the default space or replaces its range; a file (YAML,
            `NAME: KIND`) replaces the default space as a whole.
        config: the recipe with its overrides; decides the margin's default range.
        pinned: settings that were set by hand: they leave the default space.

    Raises:
        ValueError: an unknown setting or kind, a range that the configuration can't take, or a
            margin range that belongs to the other kind of embeddings.
    """
    texts = {name: text for name, text in default_space(config).items() if name not in pinned}
    for entry in entries:
        name, equals, text = entry.partition("=")
        if equals:
            texts[full_name(name)] = text
        else:
            texts = read_space_file(Path(entry))
    space = {name: parse_dimension(name, text) for name, text in texts.items()}
    check_space(space, config, pinned)
    return space


def default_space(config: Config) -> dict[str, str]:
    """w_d, w_t and the margin, with the ranges that the literature uses."""
    margin = NORMALISED_MARGIN if on_sphere(config) else UNNORMALISED_MARGIN
    return {**DEFAULT_SPACE, MARGIN: margin}


def read_space_file(path: Path) -> dict[str, str]:
    """A YAML file of `NAME: KIND` lines; ValueError says what is wrong with it."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"space {path} is neither NAME=KIND nor a readable file: {error}") from (
            error
        )
    if not isinstance(content, dict) or not content:
        raise ValueError(f"space file {path} needs lines such as `w_d: log:1e-3:10`")
    return {full_name(str(name)): str(text) for name, text in content.items()}


def full_name(name: str) -> str:
    """`w_d` as `loss.w_d`; a dotted name as it is."""
    return SHORT_NAMES.get(name.strip(), name.strip())


def on_sphere(config: Config) -> bool:
    """Whether distances are those of embeddings of length 1 (cosine distances always are)."""
    return config.model.normalise or config.loss.distance == "cosine"


def check_space(space: Mapping[str, Dimension], config: Config, pinned: Iterable[str] = ()) -> None:
    """Refuse a space that the configuration can't take; ValueError names the setting."""
    if not space:
        raise ValueError("the space is empty: nothing is left to search")
    pinned = set(pinned)
    for name, dimension in space.items():
        if name in FIXED:
            raise ValueError(f"space {name} can't be searched: {FIXED[name]}")
        if name in pinned:
            raise ValueError(f"setting {name} is both set and searched: drop --set or --space")
        for value in dimension.ends:
            with_settings(config, {name: value})
    if MARGIN in space:
        _check_margin(space, config)


def _check_margin(space: Mapping[str, Dimension], config: Config) -> None:
    variants = [config]
    for name in (NORMALISE, DISTANCE):
        if name in space:
            ends = space[name].ends
            variants = [with_settings(base, {name: end}) for base in variants for end in ends]
    kinds = {on_sphere(variant) for variant in variants}
    if len(kinds) > 1:
        raise ValueError(
            f"space {MARGIN} can't be searched together with {NORMALISE} or {DISTANCE}: "
            f"{NORMALISED_MARGIN} is for normalised embeddings, {UNNORMALISED_MARGIN} for "
            "unnormalised; search them in two studies"
        )
    top = max(space[MARGIN].ends)
    if kinds == {True} and top > NORMALISED_LIMIT:
        raise ValueError(
            f"space {MARGIN}={space[MARGIN]} is for unnormalised embeddings and these are "
            f"normalised: {NORMALISED_MARGIN} is usual, at most {NORMALISED_LIMIT:g} is allowed"
        )
    if kinds == {False} and top <= UNNORMALISED_LEAST:
        raise ValueError(
            f"space {MARGIN}={space[MARGIN]} is for normalised embeddings and these are not "
            f"({NORMALISE} is false): {UNNORMALISED_MARGIN} is usual, its high end must be above "
            f"{UNNORMALISED_LEAST:g}"
        )


def settings_of(config: Config, names: Iterable[str]) -> dict[str, Any]:
    """The values that a configuration has for some dotted settings."""
    flat = flatten(to_dict(config))
    return {name: flat[name] for name in names}
