"""QuickDraw-Extended (Dey et al. 2019) and raw Quick, Draw! files, strokes kept as vectors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from core.data.items import Item, normalise_name, printable
from core.data.readers.listing import Found, first_folder, images_by_class, items_of
from core.data.readers.options import choice, refuse_unknown, whole_number

SKETCH_FOLDERS = ("QuickDraw_sketches_final", "QuickDraw_sketches_ready", "sketches")
PHOTO_FOLDERS = ("QuickDraw_images_final", "QuickDraw_images_ready", "images", "photos")
_BITMAP = "full_numpy_bitmap_"
_KEY = re.compile(rb'"key_id"\s*:\s*"?(\d+)')
_UNRECOGNISED = re.compile(rb'"recognized"\s*:\s*false')
# Below one raw drawing, and far above the longest: a file of another kind has no line ends.
_LONGEST_LINE = 8 * 2**20
_OPTIONS = ("limit", "unrecognised")


def read_quickdraw(root: Path, source: str, options: dict[str, str]) -> Found:
    """Items of QuickDraw-Extended's folders, and of `<word>.ndjson` and `.npy` bitmaps in `root`.

    Options: `limit=N` drawings a word at most (0 = all, the default), and `unrecognised=keep` for
    drawings that the game did not recognise, which are otherwise left out and told.
    Errors: ValueError when nothing of the kind is found.
    """
    refuse_unknown(source, options, _OPTIONS)
    limit = whole_number(source, options, "limit", 0, 0) or None
    keep = choice(source, options, "unrecognised", "drop", ("keep", "drop")) == "keep"
    found = Found()
    base = first_folder(root, ("QuickDraw",)) or root
    photos, sketches = first_folder(base, PHOTO_FOLDERS), first_folder(base, SKETCH_FOLDERS)
    if photos is not None:
        found.items += items_of(images_by_class(photos, found), source, "photo")
    if sketches is not None:
        found.items += items_of(images_by_class(sketches, found), source, "sketch")
    words = set()
    for path in _files(base, ".ndjson"):
        words.add(normalise_name(path.stem))
        found.items += islice(_drawings(path, source, keep, found), limit)
    for path in _files(base, ".npy"):
        label = normalise_name(path.stem.removeprefix(_BITMAP))
        if label in words:
            found.tell(path, "duplicate", "bitmaps of a word whose strokes are here")
        else:
            found.items += islice(_bitmaps(path, label, source, found), limit)
    if not found.items:
        raise ValueError(
            f"nothing of Quick, Draw! in {root}: looked for QuickDraw_sketches_final/CLASS/ and "
            "QuickDraw_images_final/CLASS/, sketches/CLASS/ and images/CLASS/, WORD.ndjson, "
            f"{_BITMAP}WORD.npy"
        )
    return found


def _files(folder: Path, suffix: str) -> list[Path]:
    files = (path for path in folder.iterdir() if path.suffix.lower() == suffix and path.is_file())
    return sorted(files, key=lambda path: printable(path.name))


def _drawings(path: Path, source: str, keep: bool, found: Found) -> Iterator[Item]:
    label, start, seen, dropped = normalise_name(path.stem), 0, set(), 0
    try:
        with path.open("rb") as file:
            while line := file.readline(_LONGEST_LINE):
                offset, start = start, start + len(line)
                if not line.strip():
                    continue
                if not keep and _UNRECOGNISED.search(line):
                    dropped += 1
                    continue
                key = _KEY.search(line)
                # A line without a key is named by its place; decoding tells whether it is broken.
                name = key.group(1).decode() if key else f"at{offset}"
                if name in seen:
                    found.tell(f"{path}@{offset}", "duplicate", f"key_id {name} was met before")
                    continue
                seen.add(name)
                unique = f"{source}/sketch/{label}/{name}"
                yield Item(unique, "sketch", label, unique, source, str(path), offset)
    except OSError as error:
        found.tell(path, "unreadable", f"can't be read: {error.strerror}")
    finally:
        if not start:
            found.tell(path, "empty", "no drawing in the file")
        if dropped:
            found.tell(path, "unrecognised", f"{dropped} drawings the game did not recognise")


def _bitmaps(path: Path, label: str, source: str, found: Found) -> Iterator[Item]:
    try:
        rows = open_bitmaps(path)
    except (OSError, ValueError) as error:
        found.tell(path, "damaged", str(error))
        return
    for row in range(len(rows)):
        name = f"{source}/sketch/{label}/bitmap_{row:06d}"
        yield Item(name, "sketch", label, name, source, str(path), row)


def open_bitmaps(path: Path) -> np.ndarray:
    """Memory-mapped (N, 784) uint8 of a .npy file; ValueError when it is anything else."""
    try:
        rows = np.load(path, mmap_mode="r", allow_pickle=False)
    except (EOFError, SyntaxError, TypeError) as error:
        raise ValueError(f"not a NumPy array: {error}") from error
    if not isinstance(rows, np.ndarray) or rows.ndim != 2 or rows.shape[1] != 784:
        raise ValueError(f"{path.name} is no array of N x 784 pixels")
    if rows.dtype != np.uint8:
        raise ValueError(f"{path.name} holds {rows.dtype}, not uint8")
    return rows


def read_drawing(path: str, offset: int) -> list[np.ndarray]:
    """Strokes of the drawing at a byte offset: (n, 2) float32 arrays in the file's own units.

    Errors: ValueError when the line is not a drawing.
    """
    with open(path, "rb") as file:
        file.seek(offset)
        line = file.readline(_LONGEST_LINE)
    try:
        drawing = json.loads(line)["drawing"]
        strokes = [
            np.stack([np.asarray(axis, dtype=np.float32) for axis in stroke[:2]], axis=1)
            for stroke in drawing
            if len(stroke[0])
        ]
    except (ValueError, KeyError, TypeError, IndexError, ArithmeticError, RecursionError) as error:
        raise ValueError(f"line at byte {offset} is no drawing: {error}") from error
    if any(s.ndim != 2 or s.shape[1] != 2 or not np.isfinite(s).all() for s in strokes):
        raise ValueError(f"line at byte {offset} is no drawing: strokes are pairs of x and y lists")
    return strokes
