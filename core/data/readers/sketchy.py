"""Sketchy (Sangkloy et al. 2016) and its extended photos (Liu et al. 2017)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from core.data.items import Item
from core.data.readers.listing import (
    Found,
    ImageFile,
    class_folders,
    first_folder,
    images_by_class,
    items_of,
)
from core.data.readers.options import refuse_unknown

_EXTENDED = ("EXTEND_image_sketchy", "EXTEND_image_sketchy_ready", "extended_photo")
_LOOKED = (
    "[256x256/]photo/tx_*/CLASS/*.jpg, [256x256/]sketch/tx_*/CLASS/*.png "
    "and EXTEND_image_sketchy/ or extended_photo/"
)


def read_sketchy(root: Path, source: str, options: dict[str, str]) -> Found:
    """Items of a tree in Sketchy's official layout, or one with `_ready` behind its folder names.

    A sketch `n02121620_1039-4.png` traces the photo `n02121620_1039` of its class and shares its
    group. Of several renditions (`tx_…` folders) the unaltered one, tx_000000000000, is read. An
    extended photo that repeats an original's name is that original and is told as `duplicate`.
    Errors: ValueError when neither photos nor sketches are found.
    """
    refuse_unknown(source, options, ())
    found = Found()
    base = first_folder(root, ("Sketchy",)) or root
    inner = first_folder(base, ("256x256",)) or base
    photos = _rendition(first_folder(inner, ("photo", "photo_ready")), found)
    sketches = _rendition(first_folder(inner, ("sketch", "sketch_ready")), found)
    extended = next(
        (path for place in (root, base, inner) if (path := first_folder(place, _EXTENDED))), None
    )
    originals = items_of(_listed(photos, found), source, "photo")
    found.items += originals
    found.items += _extras(_listed(extended, found), originals, source, found)
    found.items += _traced(items_of(_listed(sketches, found), source, "sketch"))
    if not found.items:
        raise ValueError(f"nothing of Sketchy in {root}: looked for {_LOOKED}")
    return found


def traced_photo(sketch_id: str) -> str:
    """Id of the photo that a sketch of Sketchy traces, there or not; empty for any other sketch.

    >>> traced_photo("sketchy#2/sketch/cat/n02121620_1039-4")
    'sketchy#2/photo/cat/n02121620_1039'
    >>> traced_photo("folder/sketch/cat/my-cat")
    ''
    """
    if sketch_id.partition("/")[0].partition("#")[0] != "sketchy":
        return ""
    # A class such as `jack-o-lantern` is normalised, so a '-' can only be the file's own.
    return sketch_id.rpartition("-")[0].replace("/sketch/", "/photo/", 1)


def _listed(folder: Path | None, found: Found) -> Iterable[ImageFile]:
    return () if folder is None else images_by_class(folder, found)


def _rendition(folder: Path | None, found: Found) -> Path | None:
    if folder is None:
        return None
    renditions = [name for name in class_folders(folder, found) if name.startswith("tx_")]
    if not renditions:
        return folder
    for name in renditions[1:]:
        found.tell(folder / name, "duplicate", f"rendition not read: {renditions[0]} is")
    return folder / renditions[0]


def _extras(
    files: Iterable[ImageFile], originals: list[Item], source: str, found: Found
) -> list[Item]:
    taken = {item.id for item in originals}
    fresh = []
    for file in files:
        if f"{source}/photo/{file.label}/{file.inner}" in taken:
            found.tell(file.path, "duplicate", "the extended copy of an original photo")
        else:
            fresh.append(file)
    return items_of(fresh, source, "photo")


def _traced(sketches: list[Item]) -> list[Item]:
    """Sketches in the group of the photo they trace; without it they still stay together."""
    return [replace(sketch, group=traced_photo(sketch.id) or sketch.id) for sketch in sketches]
