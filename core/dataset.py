"""The data of a run as samples to look at: from the run directory alone, or all of it from a pack.

A run keeps its photos (the gallery) and some of its held-out sketches (the probe). Where the pack
that it was trained on still lies in the cache, it is found by its fingerprint, without reading the
data set, and every sketch can be shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.gallery import Gallery
from core.pictures import encode_picture
from core.replay import Probe
from core.runs import Run

if TYPE_CHECKING:
    from core.data.items import Domain
    from core.data.packs import Pack

SPLITS = ("train", "valid", "test")
SIDES = np.array([*SPLITS, "train"])
"""Names of a split's numbers; what is held aside of seen classes counts as in the run's gallery."""
Names = npt.NDArray[np.str_]
Rows = npt.NDArray[np.int64]
Fetch = Callable[[Rows], npt.NDArray[np.uint8]]


@dataclass(frozen=True, kw_only=True)
class Samples:
    """Photos, or sketches; row i is the same item in every column."""

    ids: Names
    """(N,) item ids."""
    labels: Names
    """(N,) class names; empty where the class is not known."""
    splits: Names
    """(N,) train, valid or test; empty where it is not known."""
    encoded: Callable[[int], bytes]
    """Row -> its picture, JPEG or PNG."""
    fetch: Fetch | None = None
    """Rows -> their pictures as the encoders take them, uint8 (n, S, S, C); a pack's only."""

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def rows(self) -> dict[str, int]:
        """Id -> row."""
        return {str(name): row for row, name in enumerate(self.ids)}

    def counts(self) -> dict[tuple[str, str], int]:
        """Items by class and split; only what is there."""
        pairs, counts = np.unique(np.stack([self.labels, self.splits]), axis=1, return_counts=True)
        return {(str(p[0]), str(p[1])): int(n) for p, n in zip(pairs.T, counts, strict=True)}

    def choose(self, k: int, *, seed: int, label: str | None = None, split: str = "") -> Rows:
        """Up to k distinct rows by chance, of one class and one split where they are given."""
        wanted = np.ones(len(self), bool)
        if label is not None:
            wanted &= self.labels == label
        if split:
            wanted &= self.splits == split
        rows = np.flatnonzero(wanted)
        return np.random.default_rng(seed).permutation(rows)[:k]


@dataclass(frozen=True, kw_only=True)
class RunData:
    """What can be shown of a run's data."""

    photos: Samples
    sketches: Samples
    targets: Rows
    """(sketches,) row of the photo that a sketch traces, -1 where there is none or none known."""
    complete: bool
    """Whether these are all sketches of the data set, or only those that the run keeps."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes with a photo or a sketch here, in order of name."""
        both = np.union1d(self.photos.labels, self.sketches.labels)
        return tuple(str(name) for name in both if name)


def kept_data(run: Run, gallery: Gallery | None, probe: Probe | None) -> RunData:
    """What the run directory alone can show; the probe's photos where there is no gallery.

    Which photo a sketch traces is told by Sketchy's names, for its sketches alone.
    """
    from core.data.readers.sketchy import traced_photo

    names = np.array([*run.class_names, ""], np.str_)
    sketches = _of_probe(probe, names, photos=False)
    if gallery is None:
        photos = _of_probe(probe, names, photos=True)
    else:
        photos = Samples(
            ids=gallery.ids,
            labels=gallery.labels,
            splits=gallery.splits,
            encoded=gallery.pictures.encoded,
        )
    traced = [photos.rows.get(traced_photo(str(name)), -1) for name in sketches.ids]
    targets = np.array(traced, np.int64)
    return RunData(photos=photos, sketches=sketches, targets=targets, complete=False)


def whole_data(run: Run, pack: "Pack") -> RunData:
    """Every photo and sketch of the run's pack, split as the run has split them.

    Raises:
        ValueError: the run's protocol is a file that is gone, or names classes that are not there.
    """
    from core.data.splits import split_collection

    data = run.info["data"]
    splits = split_collection(pack.collection, data["protocol"], seed=data["seed"])
    return RunData(
        photos=_of_pack(pack, "photo", SIDES[splits.photo_sides]),
        sketches=_of_pack(pack, "sketch", SIDES[splits.sketch_sides]),
        targets=splits.targets,
        complete=True,
    )


def kept_pack(run: Run) -> "Pack | None":
    """The pack that the run was trained on, where it still lies in the cache; opened in a moment.

    It is found by the fingerprint that the run noted; the data set itself is not read.
    """
    from core.data.packkeys import cache_root
    from core.data.packs import open_pack

    digest = str(run.info.get("data", {}).get("fingerprint", ""))
    # What a stranger's run says becomes part of a pattern: nothing but digits may get in.
    if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        return None
    try:
        size = pack_size(run)
    except ValueError:
        return None
    for folder in sorted((cache_root() / "packs").glob(f"*-{size}-{digest[:20]}")):
        try:
            pack = open_pack(folder)
        except (OSError, ValueError):
            continue  # a pack is only a cache: without it the run still shows what it keeps
        if pack.digest == digest and pack.class_names == run.class_names:
            return pack
    return None


def pack_size(run: Run) -> int:
    """Side in pixels of the pictures that the run was trained on; ValueError if it does not say."""
    data = run.info.get("data", {})
    size = data.get("pack_size", data.get("image_size"))
    if not isinstance(size, int):
        raise ValueError(f"run {run.name} does not say data.pack_size in its run.json")
    return size


def at_hand(run: Run) -> bool:
    """Whether the folders that the run's data was read from are there, so that it can be packed."""
    from core.data.readers import absolute_spec

    try:
        absolute_spec(str(run.info.get("data", {}).get("spec", "")))
    except (OSError, ValueError):
        return False
    return True


def pack_again(run: Run, *, progress: bool = False, processes: int | None = 1) -> "Pack":
    """Read the run's data set and pack it as it was for training: minutes for a large one.

    processes: at most this many; one for each core where None.

    Raises:
        ValueError: the data can't be read, or is no longer what the run was trained on.
    """
    from core.data.packs import open_or_build_pack

    data = run.info["data"]
    pack = open_or_build_pack(
        str(data["spec"]), pack_size(run), data["framing"], progress=progress, processes=processes
    )
    if pack.digest != data["fingerprint"]:
        raise ValueError(
            f"the data of {run.name} ({data['spec']}) has changed since it was trained: what the "
            "run keeps of it can be looked at, and no more"
        )
    return pack


def _of_probe(probe: Probe | None, names: Names, *, photos: bool) -> Samples:
    if probe is None or probe.pictures is None:
        empty = np.array([], np.str_)
        return Samples(ids=empty, labels=empty, splits=empty, encoded=_nothing)
    rows = np.flatnonzero(probe.is_photo if photos else ~probe.is_photo)
    store = probe.pictures
    return Samples(
        ids=probe.ids[rows],
        labels=names[probe.labels[rows]],
        splits=probe.splits[rows],
        encoded=lambda row: store.encoded(int(rows[row])),
    )


def _of_pack(pack: "Pack", domain: "Domain", splits: Names) -> Samples:
    index = pack.photo_index if domain == "photo" else pack.sketch_index
    labels = pack.photo_labels if domain == "photo" else pack.sketch_labels
    return Samples(
        ids=np.array(index.column("id").to_pylist(), np.str_),
        labels=np.array(pack.class_names, np.str_)[labels],
        splits=splits,
        encoded=lambda row: encode_picture(pack.gather(domain, [row])[0]),
        fetch=partial(pack.gather, domain),
    )


def _nothing(row: int) -> bytes:
    raise IndexError(f"there is no sample {row}: the run keeps none")
