"""Many small encoded pictures in one file, read without loading the file.

A store is two files: `<name>.bin`, the encoded pictures one after another, and `<name>.npy`, their
byte offsets (n + 1 int64). Browsers take the bytes as they are; numpy takes them decoded.
"""

import io
import zipfile
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
    """Read access to a store written by `write_pictures`; memory-mapped, safe to share.

    Raises:
        ValueError: a file of the store is missing or damaged; the message names it.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._offsets = _read_offsets(folder / f"{name}.npy")
        self._bytes = _mapped(folder / f"{name}.bin", int(self._offsets[-1]))

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


def _read_offsets(path: Path) -> np.ndarray:
    """Byte offsets (n + 1,); ValueError names the file that holds none."""
    try:
        offsets = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} can't be read: {error}") from error
    if not isinstance(offsets, np.ndarray) or offsets.ndim != 1 or not len(offsets):
        raise ValueError(f"{path} can't be read: it holds no byte offsets")
    return offsets


def _mapped(path: Path, size: int) -> np.ndarray:
    """The bytes of a file that must have `size` of them; ValueError names it."""
    try:
        found = path.stat().st_size
        if found != size:
            raise ValueError(f"{path} has {found} bytes, its index says {size}")
        # An empty file can't be mapped; a store without pictures is still a valid one.
        return np.memmap(path, np.uint8, mode="r") if size else np.zeros(0, np.uint8)
    except OSError as error:
        raise ValueError(f"{path} can't be read: {error.strerror}") from error
