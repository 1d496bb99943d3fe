"""Small pictures for the browser, many to a file."""

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from PIL import Image

from core.pictures import PictureStore
from dashboard.media import packed

THUMBNAILS = 128
"""Pictures in a file: fetched when the first of them is looked at."""
SIDE = 128
"""Largest side of a thumbnail, in pixels."""


def thumbnail_files(pictures: PictureStore, rows: Sequence[int] | None = None) -> tuple[bytes, ...]:
    """All pictures, or those of some rows in their order, in files of `THUMBNAILS` each.

    Pictures larger than `SIDE` are reduced to it.
    """
    wanted = range(len(pictures)) if rows is None else rows
    files = []
    for start in range(0, len(wanted), THUMBNAILS):
        some = wanted[start : start + THUMBNAILS]
        files.append(packed([_thumbnail(pictures.encoded(row)) for row in some]))
    return tuple(files)


def _thumbnail(encoded: bytes) -> bytes:
    image = Image.open(BytesIO(encoded))
    if max(image.size) <= SIDE:
        return encoded
    sketch = image.mode == "L"
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    buffer = BytesIO()
    if sketch:
        # Sixteen greys are enough for lines, and a third of the size.
        steps = np.asarray(image, np.uint16)
        reduced = (((steps + 8) // 17).clip(0, 15) * 17).astype(np.uint8)
        Image.fromarray(reduced).save(buffer, "PNG", optimize=True)
    else:
        image.save(buffer, "JPEG", quality=82)
    return buffer.getvalue()
