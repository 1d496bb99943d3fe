"""Many small encoded pictures in one file, read without loading the file.

A store is two files: `<name>.bin`, the encoded pictures one after another, and `<name>.npy`, their
byte offsets (n + 1 int64). Browsers take the bytes as they are; numpy takes them decoded.
"""

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image


def encode_picture(pixels: np.ndarray, quality: int = 88) -> bytes:
    """Encode uint8 pixels: (H, W, 3) as JPEG, (H, W) or (H, W, 1) as lossless PNG."""
    grey = pixels.ndim == 2 or pixels.shape[2] == 1
    image = Image.fromarray(pixels.reshape(pixels.shape[:2]) if grey else pixels)
    buffer = io.BytesIO()
    if grey:
        image.save(buffer, "PNG", compress_level=6)
    else:
        image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def sheet(
    rows: Iterable[Iterable[np.ndarray | bytes]], side: int = 96, gap: int = 6
) -> Image.Image:
    """Pictures side by side, row under row, on white: an image for people.

    rows: pictures as uint8 (H, W, 3), (H, W) or (H, W, 1), or encoded; each is scaled to `side` x
    `side` pixels, with `gap` pixels between two. Raises ValueError for no picture at all.
    """
    images = [[_opened(picture).resize((side, side)) for picture in row] for row in rows]
    columns = max(map(len, images), default=0)
    if not columns:
        raise ValueError("a sheet needs at least one picture")
    step = side + gap
    paper = Image.new("RGB", (columns * step - gap, len(images) * step - gap), "white")
    for down, row in enumerate(images):
        for right, image in enumerate(row):
            paper.paste(image, (right * step, down * step))
    return paper


def _opened(picture: np.ndarray | bytes) -> Image.Image:
    if isinstance(picture, bytes):
        return Image.open(io.BytesIO(picture)).convert("RGB")
    grey = picture.ndim == 2 or picture.shape[2] == 1
    flat = picture.reshape(picture.shape[:2]) if grey else picture
    return Image.fromarray(np.ascontiguousarray(flat)).convert("RGB")


def write_pictures(folder: Path, name: str, pictures: Iterable[np.ndarray]) -> None:
    """Write the pictures, (H, W, 3) photos or (H, W[, 1]) sketches, as one store in `folder`."""
    offsets = [0]
    with open(folder / f"{name}.bin", "wb") as file:
        for pixels in pictures:
            offsets.append(offsets[-1] + file.write(encode_picture(pixels)))
    np.save(folder / f"{name}.npy", np.asarray(offsets, dtype=np.int64))


class PictureStore:
    """Read access to a store written by `write_pictures`; memory-mapped, safe to share."""

    def __init__(self, folder: Path, name: str) -> None:
        self._offsets = np.load(folder / f"{name}.npy", allow_pickle=False)
        path = folder / f"{name}.bin"
        if self._offsets[-1] != path.stat().st_size:
            raise ValueError(
                f"{path} has {path.stat().st_size} bytes, its index says {self._offsets[-1]}"
            )
        # An empty file can't be mapped; a store without pictures is still a valid one.
        empty = self._offsets[-1] == 0
        self._bytes = np.zeros(0, np.uint8) if empty else np.memmap(path, np.uint8, mode="r")

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def encoded(self, index: int) -> bytes:
        """The encoded picture: JPEG or PNG bytes."""
        start, stop = self._offsets[index], self._offsets[index + 1]
        return self._bytes[start:stop].tobytes()

    def pixels(self, index: int) -> np.ndarray:
        """The decoded picture, uint8 (H, W, 3) or (H, W)."""
        return np.asarray(Image.open(io.BytesIO(self.encoded(index))))

    @staticmethod
    def media_type(encoded: bytes) -> str:
        """`image/png` or `image/jpeg`, told from the first bytes."""
        return "image/png" if encoded.startswith(b"\x89PNG") else "image/jpeg"
