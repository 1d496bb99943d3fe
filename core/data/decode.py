"""From an item to pixels: every kind of image a stranger's folder may hold, at one size."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from core.data.items import Item
from core.data.readers.builtin import word_of
from core.data.readers.quickdraw import open_bitmaps, read_drawing
from core.data.strokes import fit_strokes, frame_ink, rasterise

Framing = Literal["ink", "whole"]
FRAMINGS: tuple[Framing, ...] = ("ink", "whole")
Pixels = npt.NDArray[np.uint8]

_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
_MAX_PIXELS = 178_956_970  # what Pillow itself refuses as a decompression bomb
_WHITE = (255, 255, 255, 255)


class BrokenItem(ValueError):
    """An item that gives no picture. `kind` is `damaged`, `empty` or `unreadable`."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind

    def __reduce__(self) -> tuple[type[BrokenItem], tuple[str, str]]:
        return BrokenItem, (self.kind, str(self))


def decode(item: Item, size: int, framing: Framing = "ink") -> Pixels:
    """Picture of an item: uint8 (size, size, 3) of a photo, (size, size, 1) of a sketch.

    Photos: turned as EXIF says, over white where transparent, the largest centred square resized
    (nothing is squashed). Sketches, black ink on white: `ink` crops to the ink with a margin and
    evens the pen's width, as a drawing canvas does for a person's drawing; `whole` keeps the
    sheet, its longer side fitted, padded with white.
    Errors: BrokenItem when the file can't be read or decoded, or holds one single colour.
    """
    if framing not in FRAMINGS:
        raise ValueError(f"framing is '{framing}': allowed are {', '.join(FRAMINGS)}")
    if item.domain == "photo":
        return _photo(item, size)
    strokes = strokes_of(item)
    if strokes is not None:
        if not strokes:
            raise BrokenItem("empty", "a drawing without strokes")
        return rasterise(fit_strokes(list(strokes)), size)[..., None]
    grey = _grey(item)
    if framing == "ink":
        try:
            return frame_ink(grey, size)[..., None]
        except ValueError as error:
            raise BrokenItem("empty", str(error)) from error
    return _whole_sheet(grey, size)[..., None]


def decode_many(
    items: Sequence[Item], size: int, framing: Framing = "ink"
) -> list[Pixels | BrokenItem]:
    """Pictures of items in their order, what is wrong with an item in its place.

    Photos of the built-in set that follow each other are rendered together, which is faster.
    """
    out: list[Pixels | BrokenItem] = []
    start = 0
    while start < len(items):
        run = _rendered_run(items, start)
        if run > 1:
            out.extend(_rendered(items[start : start + run], size))
        else:
            run = 1
            try:
                out.append(decode(items[start], size, framing))
            except BrokenItem as error:
                out.append(error)
        start += run
    return out


def strokes_of(item: Item) -> list[npt.NDArray[np.float32]] | None:
    """Strokes, (n, 2) float32 arrays of x and y, of a sketch that has them; None otherwise.

    The built-in set's lie in the unit square, those of an .ndjson in the file's own units.
    Errors: BrokenItem when the line of the .ndjson is no drawing.
    """
    if item.domain != "sketch" or item.row < 0:
        return None
    if not item.path:
        from core.data.doodles.sketches import draw  # only where the built-in set is read

        return list(draw(word_of(item.label), item.row))
    if not item.path.lower().endswith(".ndjson"):
        return None
    try:
        return read_drawing(item.path, item.row)
    except OSError as error:
        raise BrokenItem("unreadable", f"can't be read: {error.strerror}") from error
    except ValueError as error:
        raise BrokenItem("damaged", str(error)) from error


def check(item: Item) -> BrokenItem | None:
    """What is wrong with an item, if anything, without framing it: faster than `decode`."""
    try:
        if not item.path:
            return None
        strokes = strokes_of(item)
        if strokes is not None:
            return None if strokes else BrokenItem("empty", "a drawing without strokes")
        if item.row >= 0:
            _grey(item)
        else:
            _refuse_plain(_open(item.path, 64))
    except BrokenItem as error:
        return error
    return None


def _rendered_run(items: Sequence[Item], start: int) -> int:
    first = items[start]
    end = start
    while end < len(items) and not items[end].path and items[end].domain == "photo":
        if items[end].label != first.label:
            break
        end += 1
    return end - start


def _rendered(items: Sequence[Item], size: int) -> list[Pixels]:
    from core.data.doodles.render import photograph  # only where pictures are really rendered

    pictures = photograph(word_of(items[0].label), [item.row for item in items], size)
    return list(pictures)


def _photo(item: Item, size: int) -> Pixels:
    if not item.path:
        return _rendered([item], size)[0]
    image = _open(item.path, size)
    _refuse_plain(image)
    image = _on_white(image).convert("RGB")
    side = min(image.size)
    left, top = (image.width - side) / 2, (image.height - side) / 2
    # Cropping within the resize keeps a 20,000 x 20 strip from growing to gigabytes.
    square = image.resize(
        (size, size), Image.Resampling.BILINEAR, box=(left, top, left + side, top + side)
    )
    return np.asarray(square)


def _grey(item: Item) -> Pixels:
    if item.row >= 0:
        try:
            row = _bitmaps(item.path)[item.row]
        except (OSError, ValueError, IndexError) as error:
            raise BrokenItem("damaged", str(error)) from error
        if not row.any():
            raise BrokenItem("empty", "a bitmap without ink")
        return (255 - row).reshape(28, 28)
    image = _open(item.path, 0)
    _refuse_plain(image)
    return np.asarray(_on_white(image).convert("L"))


@lru_cache(maxsize=4)
def _bitmaps(path: str) -> npt.NDArray[np.uint8]:
    return open_bitmaps(Path(path))


def _whole_sheet(grey: Pixels, size: int) -> Pixels:
    sheet = Image.fromarray(grey)
    scale = size / max(sheet.size)
    shape = (max(1, round(sheet.width * scale)), max(1, round(sheet.height * scale)))
    out = Image.new("L", (size, size), 255)
    out.paste(
        sheet.resize(shape, Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC),
        ((size - shape[0]) // 2, (size - shape[1]) // 2),
    )
    return np.asarray(out)


def _open(path: str, size: int) -> Image.Image:
    """Decoded image, turned upright; a JPEG is decoded no finer than `size` needs (0 = full)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=_FORMATS) as image:
                if image.width * image.height > _MAX_PIXELS:
                    raise BrokenItem("damaged", f"{image.width} x {image.height} is too large")
                if size:
                    image.draft("RGB", (size, size))
                image.load()
                return _eight_bit(ImageOps.exif_transpose(image))
    except BrokenItem:
        raise
    except FileNotFoundError as error:
        raise BrokenItem("unreadable", "the file is gone") from error
    except PermissionError as error:
        raise BrokenItem("unreadable", f"can't be read: {error.strerror}") from error
    except Exception as error:  # a stranger's file can make a decoder raise anything
        if Path(path).is_file() and Path(path).stat().st_size == 0:
            raise BrokenItem("empty", "the file has no bytes") from error
        reason = str(error).replace(path, Path(path).name) or type(error).__name__
        raise BrokenItem("damaged", reason.splitlines()[0]) from error


def _eight_bit(image: Image.Image) -> Image.Image:
    """16-bit and float grey scaled to 8 bits: Pillow's own conversion cuts them off at 255."""
    if not image.mode.startswith(("I", "F")):
        return image
    values = np.asarray(image).astype(np.float64)
    top = 65535.0 if values.max() > 255 or image.mode.startswith("I;16") else 255.0
    return Image.fromarray((np.clip(values / top, 0, 1) * 255).round().astype(np.uint8))


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image
    solid = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", solid.size, _WHITE), solid).convert("RGB")


def _refuse_plain(image: Image.Image) -> None:
    """BrokenItem for a picture of one single colour: nothing can be seen or learnt in it."""
    extrema = _on_white(image).convert("RGB").getextrema()
    if all(low == high for low, high in extrema):  # type: ignore[misc]
        raise BrokenItem("empty", f"one single colour, {image.width} x {image.height}")
