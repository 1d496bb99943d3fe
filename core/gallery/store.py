"""Write and read the items and pictures of a gallery."""

import hashlib
import os
import re
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.pictures import PictureStore, encode_picture
from core.runs import Run, layout

GALLERY_FORMAT = 1
THUMBNAIL = 128
"""Least side of a stored picture, in pixels, where its source has that many."""
QUALITY = 93
"""JPEG quality: the pictures are looked at, and embedded again where the data is not at hand."""
_COLUMNS = ("ids", "labels", "splits", "paths")
_CHUNK = 64

Progress = Callable[[int, int], None]
"""Called with the photos done and the photos in all."""


@dataclass(frozen=True, kw_only=True)
class Gallery:
    """The photos of one gallery; row i is the same photo in every column and in `pictures`."""

    path: Path
    """Its folder."""
    key: str
    """The folder's name."""
    spec: str
    """The data spec it was made from."""
    ids: npt.NDArray[np.str_]
    """(N,) item ids."""
    labels: npt.NDArray[np.str_]
    """(N,) class names; empty where the class is not known."""
    splits: npt.NDArray[np.str_]
    """(N,) train, valid or test; empty where the run has not split this data."""
    paths: npt.NDArray[np.str_]
    """(N,) files the photos came from; empty for the built-in set."""
    pictures: PictureStore
    """The photos as JPEG."""

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes that have photos here, in order of name."""
        return tuple(str(name) for name in np.unique(self.labels) if name)


def gallery_key(data: Mapping[str, Any]) -> str:
    """The folder name of a gallery, readable and unique, from `spec` and `fingerprint`.

    The same photos under another split or fingerprint are another gallery.
    """
    spec = str(data.get("spec", ""))
    told = "\n".join(str(data.get(part, "")) for part in ("spec", "protocol", "fingerprint"))
    kind = re.sub(r"[^a-z0-9]+", "-", re.sub(r":[^+]*/", ":", spec).lower()).strip("-")[:40]
    return f"{kind or 'photos'}-{hashlib.blake2b(told.encode(), digest_size=4).hexdigest()}"


def list_galleries(run: Run) -> list[Gallery]:
    """Every readable gallery of the run, its own first, then by name."""
    folder = run.path / layout.GALLERY
    keys = [path.parent.name for path in folder.glob("[!.]*/items.npz")]
    own = gallery_key(run.info.get("data", {}))
    galleries = []
    for key in sorted(keys, key=lambda key: (key != own, key)):
        try:
            galleries.append(read_gallery(folder / key))
        except ValueError:
            continue
    return galleries


def gallery_folder(run: Run, key: str | None = None) -> Path:
    """Where the run's own gallery, or the one named `key`, lies or would lie."""
    name = gallery_key(run.info.get("data", {})) if key is None else key
    return run.path / layout.GALLERY / layout.check_name(name)


def open_gallery(run: Run, key: str | None = None) -> Gallery | None:
    """The run's own gallery, or the one named `key`; None where there is none.

    Raises:
        ValueError: it is there and damaged; the message names the file.
    """
    folder = gallery_folder(run, key)
    return read_gallery(folder) if (folder / "items.npz").is_file() else None


def read_gallery(folder: Path) -> Gallery:
    """Read what `build_gallery` wrote; ValueError names the file that is missing or damaged."""
    path = folder / "items.npz"
    try:
        with np.load(path, allow_pickle=False) as file:
            columns = {name: file[name] for name in _COLUMNS}
            spec, version = str(file["spec"]), int(file["format"])
        pictures = PictureStore(folder, "pictures")
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"gallery {path} can't be read: {error}") from error
    if version > GALLERY_FORMAT:
        raise ValueError(f"gallery {path} has format {version}: update sketchy")
    lengths = {len(column) for column in columns.values()} | {len(pictures)}
    if len(lengths) != 1:
        raise ValueError(f"gallery {path} is damaged: its columns and pictures differ in length")
    return Gallery(path=folder, key=folder.name, spec=spec, pictures=pictures, **columns)


def build_gallery(
    run: Run,
    items: Iterable[tuple[str, str, str, str]],
    pictures: Iterable[npt.NDArray[np.uint8]],
    *,
    data: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Gallery:
    """Write a gallery into the run directory, aside and then renamed; one that is there is kept.

    Args:
        run: the run it belongs to.
        items: (id, class name, split, path) of each photo.
        pictures: the photos in the same order, uint8 (S, S, 3), ideally at least as large as the
            model's input and as `THUMBNAIL`: that is what people see. Larger ones are reduced.
        data: `spec`, `protocol` and `fingerprint` of what the photos are; the run's own if None.
        progress: called after every few photos.

    Raises:
        ValueError: no photos, two with one id, or another number of pictures than of items.
    """
    data = run.info.get("data", {}) if data is None else data
    folder = run.path / layout.GALLERY / gallery_key(data)
    if (folder / "items.npz").is_file():
        return read_gallery(folder)
    rows = [tuple(str(value) for value in item) for item in items]
    if not rows:
        raise ValueError(f"a gallery of {data.get('spec', '')!r} would be empty: it has no photos")
    if len({row[0] for row in rows}) != len(rows):
        raise ValueError("two photos of a gallery have the same id")
    aside = folder.with_name(f".{folder.name}.{os.getpid()}.{threading.get_ident()}")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        largest = max(THUMBNAIL, int(run.config.get("model", {}).get("image_size", 0)))
        _write_pictures(aside, pictures, len(rows), largest, progress)
        columns: dict[str, Any] = {
            name: np.array([row[place] for row in rows], np.str_)
            for place, name in enumerate(_COLUMNS)
        }
        spec = str(data.get("spec", ""))
        np.savez(aside / "items.npz", format=GALLERY_FORMAT, spec=spec, **columns)
        _put_in_place(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return read_gallery(folder)


def _put_in_place(aside: Path, folder: Path) -> None:
    try:
        aside.rename(folder)
    except OSError:
        # Another process was first; what it wrote is the same gallery.
        if not (folder / "items.npz").is_file():
            raise


def _write_pictures(
    folder: Path,
    pictures: Iterable[npt.NDArray[np.uint8]],
    count: int,
    largest: int,
    progress: Progress | None,
) -> None:
    def encode(picture: npt.NDArray[np.uint8]) -> bytes:
        small = resized(picture, largest) if max(picture.shape[:2]) > largest else picture
        return encode_picture(np.asarray(small), quality=QUALITY)

    offsets, source = [0], iter(pictures)
    with ThreadPoolExecutor(2) as pool, open(folder / "pictures.bin", "wb") as file:
        # In chunks: a pool takes the whole of an iterable at once, and a gallery may be large.
        while chunk := list(islice(source, _CHUNK)):
            for encoded in pool.map(encode, chunk):
                offsets.append(offsets[-1] + file.write(encoded))
            if progress is not None:
                progress(len(offsets) - 1, count)
    if len(offsets) - 1 != count:
        raise ValueError(f"{len(offsets) - 1} pictures were given for {count} photos")
    np.save(folder / "pictures.npy", np.asarray(offsets, dtype=np.int64))


def resized(picture: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.uint8]:
    """A colour picture as (size, size, 3); one of that size already is returned as it is."""
    if picture.ndim == 2:
        picture = np.repeat(picture[..., None], 3, axis=2)
    if picture.shape[:2] == (size, size):
        return picture
    image = Image.fromarray(picture)
    return np.asarray(image.resize((size, size), Image.Resampling.LANCZOS, reducing_gap=None))
