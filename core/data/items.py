"""What a data set is made of: items, the trouble met on the way, and the collection of both."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

Domain = Literal["photo", "sketch"]


@dataclass(frozen=True, slots=True)
class Item:
    """One photo or one sketch, named so that the name does not depend on where its root lies."""

    id: str
    """Unique and made of names only, e.g. `sketchy/photo/cat/n02121620_1039`."""
    domain: Domain
    """`photo` or `sketch`."""
    label: str
    """Normalised class name (see `normalise_name`)."""
    group: str
    """Unit of splitting: the photo's id; a sketch carries the id of the photo it traces."""
    source: str
    """Part of the spec that it came from: `sketchy`, `tuberlin`, …; a second one is `folder#2`."""
    path: str
    """File it is read from (absolute); empty for the built-in set."""
    row: int = -1
    """Byte offset in an .ndjson, row in a .npy, seed in the built-in set; -1 = the whole file."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was found and not used, and why."""

    path: str
    """File or folder (or the item's id where no file stands behind it), printable."""
    kind: str
    """`damaged`, `empty`, `unreadable`, `ignored`, `duplicate`, `loop` or `unrecognised`."""
    reason: str
    """One line for people."""


@dataclass(frozen=True)
class Collection:
    """All items of a spec.

    `items` is sorted by id. `lost` holds items that are known by name but cannot be decoded: they
    take part in splitting, so that mending a file moves no other item to another side.
    """

    items: tuple[Item, ...]
    class_names: tuple[str, ...]
    problems: tuple[Problem, ...]
    spec: str
    lost: tuple[Item, ...] = ()

    @cached_property
    def photos(self) -> tuple[Item, ...]:
        """Photos in order of id: row i of a pack's photos is photos[i]."""
        return tuple(item for item in self.items if item.domain == "photo")

    @cached_property
    def sketches(self) -> tuple[Item, ...]:
        """Sketches in order of id: row i of a pack's sketches is sketches[i]."""
        return tuple(item for item in self.items if item.domain == "sketch")

    @cached_property
    def label_ids(self) -> dict[str, int]:
        """Class name -> its place in class_names."""
        return {name: place for place, name in enumerate(self.class_names)}


def normalise_name(name: str) -> str:
    """Class name as it is compared: lower case; `-`, `_` and runs of space are one space.

    A letter and its accent are one character (Unicode's NFC), as most systems write them: macOS
    takes them apart in the names of folders.

    >>> normalise_name("Hot-air_Balloon")
    'hot air balloon'
    """
    # Composed last: a capital that has no composed form may have one in lower case.
    lower = unicodedata.normalize("NFC", printable(name).lower())
    return " ".join(lower.replace("-", " ").replace("_", " ").split())


def printable(name: str) -> str:
    r"""`name` with bytes that are not UTF-8 written as `\xNN`: it can be stored and shown."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def make_collection(items: Iterable[Item], problems: Iterable[Problem], spec: str) -> Collection:
    """Collection with items in order of id and the shared vocabulary of their labels.

    Errors: ValueError when two items carry the same id.
    """
    ordered = tuple(sorted(items, key=lambda item: item.id))
    for one, other in pairwise(ordered):
        if one.id == other.id:
            raise ValueError(f"two items are named '{one.id}': {one.path} and {other.path}")
    names = tuple(sorted({item.label for item in ordered}))
    told = tuple(sorted(problems, key=lambda problem: (problem.path, problem.kind)))
    return Collection(items=ordered, class_names=names, problems=told, spec=spec)


def read_collection(spec: str) -> Collection:
    """Items of `spec`: `builtin`, `sketchy:PATH`, `tuberlin:PATH`, `quickdraw:PATH`, `folder:PATH`.

    Several are joined with `+`; options follow a `?`, e.g. `builtin?photos=64&sketches=256`.
    Errors: ValueError naming what was given, what is allowed and what was looked for.
    """
    from core.data.readers import read_spec  # readers make Items: imported late to end the circle

    return read_spec(spec)
