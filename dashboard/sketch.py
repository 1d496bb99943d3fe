"""A person's sketch: pen strokes, perhaps over a picture, as a value that fits into a link."""

import base64
import binascii
import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from core.data.strokes import Gray, frame_ink
from core.query import prepare_sketch

Stroke = tuple[int, tuple[tuple[int, int], ...]]
"""Width and points of one pull of the pen or the eraser, all on the grid."""

GRID = 1000
"""Strokes are whole numbers from 0 to this, x right, y down."""
BASE = 192
"""Side of the picture under the strokes, in pixels; one bit each, so that it fits into a link."""
_CANVAS = 512
_LARGEST = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Sketch:
    """What is on the canvas; equal sketches are equal values."""

    strokes: tuple[Stroke, ...] = ()
    """Ink; what the eraser took is already cut out."""
    probe: str = ""
    """Id of the set's sketch that lies under the strokes, one of the run's probe."""
    bits: bytes = b""
    """An uploaded picture under the strokes: BASE×BASE bits, a set bit is ink."""
    erased: tuple[Stroke, ...] = ()
    """Pulls of the eraser over the picture underneath."""
    base: npt.NDArray[np.uint8] | None = field(default=None, compare=False, repr=False)
    """The probe's picture (S, S), filled in by the page once the run is known."""

    @property
    def empty(self) -> bool:
        """Nothing drawn and nothing underneath."""
        return not (self.strokes or self.probe or self.bits)

    @property
    def untouched(self) -> bool:
        """A picture of the set as it is: its class is known."""
        return bool(self.probe) and not self.strokes and not self.erased

    @cached_property
    def under(self) -> Gray | None:
        """The picture under the strokes, grey (BASE, BASE), None where there is none."""
        if self.bits:
            return _unpacked(self.bits)
        if self.base is None:
            return None
        # Framed already, and small: smooth shades look better than lines found anew.
        image = Image.fromarray(self.base.squeeze())
        return np.asarray(image.resize((BASE, BASE), Image.Resampling.BICUBIC))

    def prepared(self, size: int) -> Gray:
        """The sketch as the encoder takes it: (size, size). ValueError if nothing is drawn."""
        if self.untouched and self.base is not None and self.base.shape == (size, size):
            return self.base
        if not self.probe and not self.bits:
            return prepare_sketch([np.array(p, np.float32) for _, p in self.strokes], size)
        return prepare_sketch(self._composed(), size)

    def _composed(self) -> Gray:
        """The canvas as it is seen: the picture, what was erased from it, the strokes."""
        under = self.under
        if under is None:
            raise ValueError("the drawing is empty")
        side = (_CANVAS, _CANVAS)
        image = Image.fromarray(under).resize(side, Image.Resampling.BICUBIC)
        draw = ImageDraw.Draw(image)
        for strokes, shade in ((self.erased, 255), (self.strokes, 0)):
            for stroke in strokes:
                _pulled(draw, stroke, shade)
        return np.asarray(image)

    def over(self, base: npt.NDArray[np.uint8]) -> "Sketch":
        """The same sketch with its probe's picture filled in."""
        return replace(self, base=base)

    def freed(self) -> "Sketch":
        """The same sketch for a run that does not know its probe: a picture of unknown class."""
        if self.base is None or self.under is None:
            return replace(self, probe="")
        return replace(self, probe="", bits=_packed(self.under), base=None)

    @classmethod
    def of_picture(cls, grey: Gray) -> "Sketch":
        """A sketch that is a picture (H, W) of any paper; ValueError if it holds no ink."""
        return cls(bits=_packed(frame_ink(grey, BASE)))

    @classmethod
    def from_canvas(cls, value: Any, under: "Sketch | None") -> "Sketch":
        """What the canvas sent, over what lay under it; ValueError for anything malformed."""
        try:
            strokes, erased = (_strokes(value[name]) for name in ("strokes", "erased"))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ValueError("the canvas sent a drawing that can't be read") from error
        below = under if under is not None and value.get("based") else cls()
        return replace(below, strokes=strokes, erased=erased)

    def to_text(self) -> str:
        """A short text for a link."""
        parts = []
        for letter, content in (
            ("p", self.probe.encode()),
            ("b", self.bits),
            ("s", _packed_strokes(self.strokes)),
            ("e", _packed_strokes(self.erased)),
        ):
            if content:
                packed = base64.urlsafe_b64encode(zlib.compress(content, 9)).decode()
                parts.append(letter + packed.rstrip("="))
        return "~".join(parts)

    @classmethod
    def from_text(cls, text: str) -> "Sketch | None":
        """The sketch that `to_text` wrote; None for anything else, since links get mangled."""
        values: dict[str, Any] = {}
        try:
            for part in text.split("~"):
                letter, rest = part[:1], part[1:]
                name, read = _PARTS[letter]
                values[name] = read(_unzipped(rest))
        except (KeyError, ValueError, binascii.Error, zlib.error):
            return None
        bits = values.get("bits", b"")
        if bits and len(bits) != BASE * BASE // 8:
            return None
        made = cls(**values)
        return None if made.empty else made


def png(grey: npt.NDArray[np.uint8]) -> bytes:
    """A grey or colour picture as PNG."""
    buffer = io.BytesIO()
    Image.fromarray(grey).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


def _strokes(values: Any) -> tuple[Stroke, ...]:
    """Strokes from pairs of a width and points; ValueError or TypeError for anything else."""
    strokes = []
    for width, value in values:
        points = np.asarray(value, dtype=np.float64).reshape(-1, 2)
        if not np.isfinite(points).all():
            raise ValueError("a point is not finite")
        whole = np.clip(np.rint(points), 0, GRID).astype(int)
        if len(whole):
            path = tuple((int(x), int(y)) for x, y in whole)
            strokes.append((min(max(int(width), 1), 200), path))
    return tuple(strokes)


def _packed_strokes(strokes: tuple[Stroke, ...]) -> bytes:
    """Points as differences: small numbers, which compress well."""
    numbers: list[int] = []
    for width, path in strokes:
        steps = np.diff(np.array(((0, 0), *path)), axis=0)
        numbers.extend((width, len(path), *(int(step) for step in steps.ravel())))
    return np.array(numbers, "<i2").tobytes()


def _unpacked_strokes(content: bytes) -> tuple[Stroke, ...]:
    numbers = np.frombuffer(content, "<i2").astype(int)
    strokes, at = [], 0
    while at < len(numbers):
        width, count = (int(number) for number in numbers[at : at + 2])
        stop = at + 2 + 2 * count
        if stop > len(numbers) or count < 1:
            raise ValueError("a stroke is cut short")
        strokes.append((width, numbers[at + 2 : stop].reshape(-1, 2).cumsum(axis=0)))
        at = stop
    return _strokes(strokes)


def _unzipped(text: str) -> bytes:
    packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    # A link may come from anyone: what it unpacks to is bounded.
    return zlib.decompressobj().decompress(packed, _LARGEST)


def _packed(grey: Gray) -> bytes:
    return np.packbits(grey < 128).tobytes()


def _unpacked(bits: bytes) -> Gray:
    ink = np.unpackbits(np.frombuffer(bits, np.uint8)).reshape(BASE, BASE)
    return np.where(ink == 1, np.uint8(0), np.uint8(255))


def _pulled(draw: ImageDraw.ImageDraw, stroke: Stroke, shade: int) -> None:
    """A round pen pulled along a path."""
    width = max(1.0, stroke[0] * _CANVAS / GRID)
    points = [(x * _CANVAS / GRID, y * _CANVAS / GRID) for x, y in stroke[1]]
    draw.line(points, fill=shade, width=round(width), joint="curve")
    for x, y in (points[0], points[-1]):
        radius = width / 2
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=shade)


_PARTS: dict[str, tuple[str, Callable[[bytes], Any]]] = {
    "p": ("probe", bytes.decode),
    "b": ("bits", bytes),
    "s": ("strokes", _unpacked_strokes),
    "e": ("erased", _unpacked_strokes),
}
"""Letter of a link's part -> the field it fills and how its content is read."""
