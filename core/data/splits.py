"""Who is trained on and who is asked about: protocols, as pure functions of names and a seed."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from core.data.classlists import ZERO_SHOT, own_list, shipped_list
from core.data.items import Collection, Item

SPLITS = ("train", "valid", "test")
PROTOCOLS = ("seen", *ZERO_SHOT)
Generalised = Literal["", "gallery20", "sempcyc20"]
Rows = npt.NDArray[np.int64]
Sides = npt.NDArray[np.int8]

TRAIN, VALID, TEST, ASIDE = range(4)
_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Splits:
    """The side of every item of a collection. Index arrays count within photos and sketches.

    Errors: ValueError at construction when a photo's group lies on two sides, or an item of an
    unseen class on the training or validation side; it names the items.
    """

    collection: Collection
    """What is split; row i of its photos is row i of a pack's photos."""
    protocol: str
    """`seen`, the name of a published list, or the path of a person's own."""
    seed: int
    """Seed of the hash that shuffles groups."""
    generalised: Generalised
    """How the test side of a zero-shot protocol is widened by seen classes, if at all."""
    unseen: frozenset[str]
    """Classes that must not be trained on; empty for `seen`."""
    absent: tuple[str, ...]
    """Classes of the protocol's list that the collection does not have."""
    photo_sides: Sides
    """(photos,) 0 train, 1 valid, 2 test, 3 held aside for a generalised gallery."""
    sketch_sides: Sides
    """(sketches,) likewise."""

    def __post_init__(self) -> None:
        check_leaks(self)

    def photos(self, split: str) -> Rows:
        """Rows of the photos of `train`, `valid` or `test`, ascending."""
        return np.flatnonzero(self.photo_sides == _side(split))

    def sketches(self, split: str) -> Rows:
        """Rows of the sketches of `train`, `valid` or `test`, ascending."""
        return np.flatnonzero(self.sketch_sides == _side(split))

    def gallery(self, split: str) -> Rows:
        """Photos that are searched in a split: its own and, generalised, the seen ones aside."""
        if split == "test" and self.generalised:
            return np.flatnonzero(self.photo_sides >= TEST)
        return self.photos(split)

    def queries(self, split: str) -> Rows:
        """Sketches that are asked in a split; sempcyc20 adds the seen ones aside."""
        if split == "test" and self.generalised == "sempcyc20":
            return np.flatnonzero(self.sketch_sides >= TEST)
        return self.sketches(split)

    @cached_property
    def photo_labels(self) -> npt.NDArray[np.int32]:
        """(photos,) places in the collection's class_names."""
        return _labels(self.collection, self.collection.photos)

    @cached_property
    def sketch_labels(self) -> npt.NDArray[np.int32]:
        """(sketches,) places in the collection's class_names."""
        return _labels(self.collection, self.collection.sketches)

    @cached_property
    def targets(self) -> Rows:
        """(sketches,) row of the photo that each sketch traces, -1 without one (fine-grained)."""
        row = {photo.group: place for place, photo in enumerate(self.collection.photos)}
        groups = (sketch.group for sketch in self.collection.sketches)
        return np.array([row.get(group, -1) for group in groups], dtype=np.int64)

    def class_names(self, split: str) -> tuple[str, ...]:
        """Names of the classes that have a photo or a sketch in a split, sorted."""
        here = np.union1d(
            self.photo_labels[self.photos(split)], self.sketch_labels[self.sketches(split)]
        )
        return tuple(self.collection.class_names[place] for place in here)

    @cached_property
    def digest(self) -> str:
        """Hexadecimal digest of every item's id and side: equal splits have equal digests."""
        sha = hashlib.sha256()
        for items, sides in (
            (self.collection.photos, self.photo_sides),
            (self.collection.sketches, self.sketch_sides),
        ):
            sha.update(
                "".join(f"{i.id}\0{s}\n" for i, s in zip(items, sides, strict=True)).encode()
            )
        return sha.hexdigest()


def split_collection(
    collection: Collection, protocol: str, *, seed: int = 0, generalised: Generalised = ""
) -> Splits:
    """Split `collection` by `protocol`: a pure function of its items' names and `seed`.

    `seen`: 80/10/10 of the groups of every class, within one group of the exact share, counted
    apart for photos that have sketches, photos that have none, and sketches alone; all sketches of
    a photo lie on its side. A zero-shot list (`sketchy25`, `sketchy21`, `tuberlin30`,
    `quickdraw30`, or the path of a text file of class names): test = all items of those classes,
    and a tenth of the groups of every other class is for validation.
    `generalised` holds seen groups out of training: `gallery20` adds a fifth of the seen classes'
    photos to the test gallery; `sempcyc20` adds seen items to gallery and queries alike, a fifth
    of the test side in number (Dutta & Akata 2019).
    Errors: ValueError for an unknown protocol, one that fits no class of the collection, or
    `generalised` with `seen`.
    """
    listed = unseen_names(collection, protocol)
    if generalised not in get_args(Generalised):
        allowed = ", ".join(repr(name) for name in get_args(Generalised))
        raise ValueError(f"generalised is '{generalised}': allowed are {allowed}")
    if generalised and not listed:
        raise ValueError(f"generalised '{generalised}' needs a zero-shot protocol, not 'seen'")
    unseen = frozenset(listed) & set(collection.class_names)
    side = _group_sides(collection, unseen, seed, zero_shot=bool(listed))
    if generalised:
        _hold_aside(side, collection, unseen, seed, generalised)
    return Splits(
        collection=collection,
        protocol=protocol,
        seed=seed,
        generalised=generalised,
        unseen=unseen,
        absent=tuple(sorted(set(listed) - unseen)),
        photo_sides=np.array([side[item.group] for item in collection.photos], dtype=np.int8),
        sketch_sides=np.array([side[item.group] for item in collection.sketches], dtype=np.int8),
    )


def unseen_names(collection: Collection, protocol: str) -> tuple[str, ...]:
    """Normalised names of a protocol's unseen classes; () for `seen`."""
    if protocol == "seen":
        return ()
    if protocol in ZERO_SHOT:
        listed = shipped_list(protocol)
    elif Path(protocol).is_file():
        listed = own_list(Path(protocol))
        strangers = sorted(set(listed) - set(collection.class_names))
        if strangers:  # a misspelt name would leave its class in training
            raise ValueError(f"{protocol} names classes that the data lack: {', '.join(strangers)}")
    else:
        allowed = ", ".join(PROTOCOLS)
        raise ValueError(f"unknown protocol '{protocol}': allowed are {allowed}, or a text file")
    here = set(listed) & set(collection.class_names)
    if not here:
        raise ValueError(f"protocol '{protocol}' fits no class of {collection.spec}")
    if len(here) == len(collection.class_names):
        raise ValueError(f"protocol '{protocol}' leaves no class of {collection.spec} to train on")
    return listed


def check_leaks(splits: Splits) -> None:
    """ValueError naming the items when a group lies on two sides or an unseen class is trained."""
    first: dict[str, tuple[int, Item]] = {}
    leaks: list[str] = []
    for items, sides in (
        (splits.collection.photos, splits.photo_sides),
        (splits.collection.sketches, splits.sketch_sides),
    ):
        if len(items) != len(sides):
            raise ValueError(f"{len(sides)} sides for {len(items)} items")
        for item, side in zip(items, sides.tolist(), strict=True):
            known, other = first.setdefault(item.group, (side, item))
            if known != side:
                leaks.append(f"{item.id} and {other.id} are one photo on two sides")
            if item.label in splits.unseen and side != TEST:
                leaks.append(f"{item.id} is of an unseen class and not on the test side")
    if leaks:
        more = f" and {len(leaks) - _SHOWN} more" if len(leaks) > _SHOWN else ""
        raise ValueError(f"{splits.protocol} leaks: {'; '.join(leaks[:_SHOWN])}{more}")


def hash_of(seed: int, name: str) -> int:
    """64-bit hash of a name under a seed, the same on every machine."""
    digest = hashlib.blake2b(f"{seed}\0{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def _side(split: str) -> int:
    if split not in SPLITS:
        raise ValueError(f"unknown split '{split}': allowed are {', '.join(SPLITS)}")
    return SPLITS.index(split)


def _labels(collection: Collection, items: Iterable[Item]) -> npt.NDArray[np.int32]:
    ids = collection.label_ids
    return np.array([ids[item.label] for item in items], dtype=np.int32)


def _group_sides(
    collection: Collection, unseen: frozenset[str], seed: int, *, zero_shot: bool
) -> dict[str, int]:
    side: dict[str, int] = {}
    for (label, kind), groups in _strata(collection).items():
        if label in unseen:
            side.update(dict.fromkeys(groups, TEST))
            continue
        start = hash_of(seed, f"start\0{label}\0{kind}")
        valid, test = _held_out(len(groups), start, with_test=not zero_shot)
        for place, group in enumerate(sorted(groups, key=lambda name: (hash_of(seed, name), name))):
            side[group] = VALID if place < valid else TEST if place < valid + test else TRAIN
    return side


def _strata(collection: Collection) -> dict[tuple[str, str], set[str]]:
    """Groups by (class, whether they hold a photo, sketches, or both)."""
    holds: dict[str, set[str]] = defaultdict(set)
    label: dict[str, str] = {}
    # Items that can't be decoded count as well: mending one must not move the others.
    for item in (*collection.items, *collection.lost):
        holds[item.group].add(item.domain)
        label.setdefault(item.group, item.label)
    strata: dict[tuple[str, str], set[str]] = defaultdict(set)
    for group, domains in holds.items():
        strata[label[group], "+".join(sorted(domains))].add(group)
    return strata


def _held_out(groups: int, start: int, *, with_test: bool) -> tuple[int, int]:
    """(valid, test) of a stratum: a systematic sample of a tenth each, in whole numbers.

    Of five to nine groups one goes to each, so that no class misses a side. Below five that would
    be more than one off the exact share: the sample's start decides who gets one.
    """
    offset = start % 10
    if with_test and 5 <= groups < 10:
        return 1, 1
    if groups < 2:
        return 0, 0
    valid = (groups + offset) // 10
    return valid, (2 * groups + offset) // 10 - valid if with_test else 0


def _hold_aside(
    side: dict[str, int],
    collection: Collection,
    unseen: frozenset[str],
    seed: int,
    generalised: Generalised,
) -> None:
    """Move seen groups from training to ASIDE, in the order of a hash of their own."""
    photos = [item for item in collection.photos if item.label not in unseen]
    quota = {"photo": len(photos) // 5, "sketch": 0}
    if generalised == "sempcyc20":
        quota["photo"] = (len(collection.photos) - len(photos)) // 5
        asked = sum(item.label in unseen for item in collection.sketches)
        quota["sketch"] = asked // 5
    members: dict[str, list[Item]] = defaultdict(list)
    for item in collection.items:
        if side[item.group] == TRAIN:
            members[item.group].append(item)
    taken = {"photo": 0, "sketch": 0}
    for group in sorted(members, key=lambda name: (hash_of(seed, f"aside\0{name}"), name)):
        here = {item.domain for item in members[group]}
        # A photo's group brings its sketches along; groups of one kind stop at their own quota.
        kind = "photo" if "photo" in here else "sketch"
        if taken[kind] < quota[kind]:
            side[group] = ASIDE
            for item in members[group]:
                taken[item.domain] += 1
