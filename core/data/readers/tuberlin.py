"""TU-Berlin sketches (Eitz et al. 2012) and photos (Zhang et al. 2016), misspelt names mended."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from core.data.classlists import shipped_list
from core.data.readers.listing import Found, ImageFile, first_folder, images_by_class, items_of
from core.data.readers.options import refuse_unknown

SKETCH_FOLDERS = ("png", "png_ready", "sketches")
PHOTO_FOLDERS = ("ImageResized", "ImageResized_ready", "images", "photos")
# Photo folders squeeze a class's words together; these nine are not even that.
_MISSPELT = {
    "chandeler": "chandelier",
    "diamod": "diamond",
    "griaffe": "giraffe",
    "mouse": "mouse (animal)",
    "pipe": "pipe (for smoking)",
    "spacesshuttle": "space shuttle",
    "spidar": "spider",
    "tromobone": "trombone",
    "wristwatching": "wrist watch",
}


def read_tuberlin(root: Path, source: str, options: dict[str, str]) -> Found:
    """Items of `png/` + `ImageResized/`, their `_ready` copies, or `sketches/` + `images/`.

    Photo folders are brought to the sketches' names (`griaffe` is giraffe, `hotairballoon` is hot
    air balloon); a folder that is none of the 250 classes keeps its own name.
    Errors: ValueError when neither photos nor sketches are found.
    """
    refuse_unknown(source, options, ())
    found = Found()
    base = first_folder(root, ("TU-Berlin", "TUBerlin")) or root
    sketches, photos = first_folder(base, SKETCH_FOLDERS), first_folder(base, PHOTO_FOLDERS)
    if photos is not None:
        found.items += items_of(_renamed(photos, found), source, "photo")
    if sketches is not None:
        found.items += items_of(_renamed(sketches, found), source, "sketch")
    if not found.items:
        raise ValueError(
            f"nothing of TU-Berlin in {root}: looked for png/CLASS/*.png and "
            "ImageResized/CLASS/*.JPEG, or sketches/CLASS/ and images/CLASS/"
        )
    return found


def official_name(label: str) -> str:
    """TU-Berlin's own (normalised) name for a class, however its folder squeezes or misspells it.

    >>> official_name("griaffe"), official_name("carsedan"), official_name("zebra")
    ('giraffe', 'car (sedan)', 'zebra')
    """
    squeezed = _squeeze(label)
    return _MISSPELT.get(squeezed) or _by_squeezed().get(squeezed, label)


def _renamed(folder: Path, found: Found) -> list[ImageFile]:
    files = images_by_class(folder, found)
    return [replace(file, label=official_name(file.label)) for file in files]


def _squeeze(label: str) -> str:
    return "".join(letter for letter in label if letter.isalnum())


@cache
def _by_squeezed() -> dict[str, str]:
    return {_squeeze(name): name for name in shipped_list("tuberlin250")}
