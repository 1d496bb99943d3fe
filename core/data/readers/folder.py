"""A person's own data: the workshop's layout, or a folder of photos alone."""

from __future__ import annotations

from pathlib import Path

from core.data.readers.listing import (
    Found,
    ImageFile,
    class_folders,
    first_folder,
    images_by_class,
    items_of,
    walk_images,
)
from core.data.readers.options import refuse_unknown

PHOTO_FOLDERS = ("images", "photos", "image", "photo")
SKETCH_FOLDERS = ("sketches", "sketch")
_UNNAMED = "photo"


def read_folder(root: Path, source: str, options: dict[str, str]) -> Found:
    """Items of `<root>/{images,sketches}/<class>/*`, or of a folder that holds photos alone.

    Without those two folders every image below `root` is a photo: its class is the first folder
    below `root`, or the one class `photo` for images that lie directly in it.
    Errors: ValueError when no image is found.
    """
    refuse_unknown(source, options, ())
    found = Found()
    photos, sketches = first_folder(root, PHOTO_FOLDERS), first_folder(root, SKETCH_FOLDERS)
    if photos is None and sketches is None:
        found.items += items_of(_photos_alone(root, found), source, "photo")
    if photos is not None:
        found.items += items_of(images_by_class(photos, found), source, "photo")
    if sketches is not None:
        found.items += items_of(images_by_class(sketches, found), source, "sketch")
    if not found.items:
        raise ValueError(
            f"no image in {root}: looked for images/CLASS/* and sketches/CLASS/*, or photos "
            "anywhere below it (.jpg .jpeg .png .webp .bmp, either case)"
        )
    return found


def _photos_alone(root: Path, found: Found) -> list[ImageFile]:
    nested = list(images_by_class(root, found, class_folders(root, found)))
    inside = Found()
    loose = [
        ImageFile(path, "", _UNNAMED, inner, suffix)
        for path, inner, suffix in walk_images(str(root), inside)
        if "/" not in inner
    ]
    # The walk over everything meets each problem below a class folder a second time.
    told = {problem.path for problem in found.problems}
    found.problems += [problem for problem in inside.problems if problem.path not in told]
    return nested + loose
