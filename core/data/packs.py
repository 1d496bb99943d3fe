"""Packs: every image decoded once, at one size, in memory-mapped files with an index beside."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa  # type: ignore[import-untyped]

from core.data.decode import Framing
from core.data.index import items_in, labels_of, read_index
from core.data.items import Collection, Domain, Item, Problem, read_collection
from core.data.packkeys import FORMAT, pack_folder
from core.data.workers import STEMS

CHANNELS: dict[Domain, int] = {"photo": 3, "sketch": 1}
HEAD = "pack.json"
PROBLEMS = "problems.jsonl"
Pixels = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pack:
    """An opened pack. Opening reads the heads of its files only; pixels are read when asked for.

    Row i of `photos` is item i of `collection.photos`, and likewise for sketches. A pack can be
    sent to another process: it is opened anew there.
    """

    folder: Path
    size: int
    framing: str
    spec: str
    digest: str
    class_names: tuple[str, ...]
    photos: Pixels
    """(N, S, S, 3) uint8, memory-mapped."""
    sketches: Pixels
    """(M, S, S, 1) uint8, black ink on white, memory-mapped."""
    photo_index: pa.Table
    sketch_index: pa.Table

    def __reduce__(self) -> tuple[Any, tuple[Path]]:
        return open_pack, (self.folder,)

    @cached_property
    def photo_labels(self) -> Labels:
        """(N,) places in class_names."""
        return labels_of(self.photo_index)

    @cached_property
    def sketch_labels(self) -> Labels:
        """(M,) places in class_names."""
        return labels_of(self.sketch_index)

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What was found in the source and not used."""
        lines = (self.folder / PROBLEMS).read_text("utf-8").splitlines()
        return tuple(Problem(**json.loads(line)) for line in lines)

    @cached_property
    def collection(self) -> Collection:
        """The packed items, made on demand; those that could not be decoded are in `lost`."""
        lost: list[Item] = []
        for domain in CHANNELS:
            table = read_index(self.folder / f"lost_{STEMS[domain]}.arrow")
            lost.extend(items_in(table, domain, self.class_names))
        photos = items_in(self.photo_index, "photo", self.class_names)
        sketches = items_in(self.sketch_index, "sketch", self.class_names)
        items = tuple(sorted([*photos, *sketches], key=lambda item: item.id))
        return Collection(items, self.class_names, self.problems, self.spec, tuple(lost))

    def gather(self, domain: Domain, rows: Sequence[int] | Labels) -> Pixels:
        """(n, S, S, C) uint8 copies of rows, in their order.

        Reads with `pread`, not through the map: it is faster at random and the resident memory of
        a run does not grow with the part of the pack that was seen.
        """
        source = self.photos if domain == "photo" else self.sketches
        out = np.empty((len(rows), *source.shape[1:]), dtype=np.uint8)
        length = int(np.prod(source.shape[1:]))
        start = self._starts[domain]
        handle = self._files[domain]
        for place, row in enumerate(np.asarray(rows, dtype=np.int64).tolist()):
            if not 0 <= row < len(source):
                raise IndexError(f"row {row} of {len(source)} {STEMS[domain]}")
            got = os.preadv(handle, [out[place].reshape(-1).data], start + row * length)
            if got != length:
                raise OSError(f"{self.folder / STEMS[domain]}.npy ends inside row {row}")
        return out

    @cached_property
    def _files(self) -> dict[Domain, int]:
        return {
            domain: os.open(self.folder / f"{STEMS[domain]}.npy", os.O_RDONLY)
            for domain in CHANNELS
        }

    @cached_property
    def _starts(self) -> dict[Domain, int]:
        return {"photo": _offset(self.photos), "sketch": _offset(self.sketches)}

    def __del__(self) -> None:
        for handle in self.__dict__.get("_files", {}).values():
            os.close(handle)


def open_pack(folder: str | Path) -> Pack:
    """Open a pack's folder.

    Errors: ValueError when it is not a complete pack of this format; OSError when it can't be
    read.
    """
    folder = Path(folder)
    try:
        head = json.loads((folder / HEAD).read_text("utf-8"))
        if head["format"] != FORMAT:
            raise ValueError(f"{folder} has format {head['format']}, this version reads {FORMAT}")
        names = tuple(str(name) for name in head["class_names"])
        size, counts = int(head["size"]), head["counts"]
        arrays = {
            domain: _open_pixels(folder, domain, (int(counts[domain]), size, size, channels))
            for domain, channels in CHANNELS.items()
        }
    except FileNotFoundError as error:
        raise ValueError(f"{folder} is no pack: it lacks {Path(error.filename).name}") from error
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"{folder} is no pack: {HEAD} lacks {error}") from error
    return Pack(
        folder=folder,
        size=size,
        framing=str(head["framing"]),
        spec=str(head["spec"]),
        digest=str(head["digest"]),
        class_names=names,
        photos=arrays["photo"],
        sketches=arrays["sketch"],
        photo_index=_open_index(folder, "photo", len(arrays["photo"]), len(names)),
        sketch_index=_open_index(folder, "sketch", len(arrays["sketch"]), len(names)),
    )


def open_or_build_pack(
    data: str | Collection,
    size: int = 224,
    framing: Framing = "ink",
    *,
    progress: bool = True,
    processes: int | None = None,
    cache: Path | None = None,
) -> Pack:
    """The pack of a spec or a collection at `size` pixels a side: opened, or built and opened.

    cache: folder of packs; the environment's SKETCHY_CACHE or ~/.cache/sketchy where None.
    processes: at most this many; one for each core where None.
    Errors: ValueError for a spec that can't be read or a collection of which nothing decodes.
    """
    from core.data.packing import build_pack  # building needs processes and a screen

    collection = read_collection(data) if isinstance(data, str) else data
    folder = pack_folder(collection, size, framing, cache)
    if not folder.is_dir():
        build_pack(collection, size, framing, folder, progress=progress, processes=processes)
    return open_pack(folder)


def _open_pixels(folder: Path, domain: Domain, shape: tuple[int, ...]) -> Pixels:
    path = folder / f"{STEMS[domain]}.npy"
    if shape[0] == 0:  # an empty file can't be mapped
        return np.empty(shape, dtype=np.uint8)
    pixels = np.load(path, mmap_mode="r", allow_pickle=False)
    if pixels.dtype != np.uint8 or pixels.shape != shape:
        raise ValueError(f"{path} holds {pixels.dtype} {pixels.shape}, {HEAD} says {shape}")
    return pixels


def _open_index(folder: Path, domain: Domain, rows: int, classes: int) -> pa.Table:
    table = read_index(folder / f"{STEMS[domain]}.arrow")
    if len(table) != rows:
        raise ValueError(f"{folder}: {len(table)} rows in the index of {rows} {STEMS[domain]}")
    labels = labels_of(table)
    if rows and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(f"{folder}: the index of {STEMS[domain]} has labels beyond the classes")
    return table


def _offset(pixels: Pixels) -> int:
    return int(getattr(pixels, "offset", 0))
