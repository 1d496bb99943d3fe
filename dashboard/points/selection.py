"""A selection of points as a short text for a link."""

import base64
import binascii
import zlib

import numpy as np


def text_of(rows: list[int], count: int) -> str:
    """Rows as a short text for a link: a bit each, packed."""
    if not rows:
        return ""
    bits = np.zeros(count, bool)
    bits[rows] = True
    packed = zlib.compress(np.packbits(bits).tobytes(), 9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def rows_of(text: str, count: int) -> tuple[int, ...]:
    """The rows that `text_of` wrote; none for anything else, since links get mangled."""
    size = (count + 7) // 8
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        # A link may come from anyone: what it unpacks to is bounded.
        content = zlib.decompressobj().decompress(packed, size + 1)
    except (ValueError, binascii.Error, zlib.error):
        return ()
    if len(content) != size:
        return ()
    bits = np.unpackbits(np.frombuffer(content, np.uint8), count=count)
    return tuple(int(row) for row in np.flatnonzero(bits))
