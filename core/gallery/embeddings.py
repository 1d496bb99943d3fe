"""A gallery's embeddings by the photo encoder of an epoch, computed once and memory-mapped."""

import fcntl
import hashlib
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.gallery.store import Gallery, Progress, resized
from core.runs import Run, layout

if TYPE_CHECKING:
    from core.models.encoder import TwoEncoders

Pixels = Sequence[npt.NDArray[np.uint8]] | npt.NDArray[np.uint8]
"""Photos by index, uint8 (S, S, 3)."""
_CHUNK = 64


def embeddings_path(run: Run, gallery: Gallery, epoch: int) -> Path:
    """The file that holds the gallery's embeddings by the photo encoder of `epoch`."""
    return gallery.path / f"embeddings-{epoch:04d}-{weights_key(run, epoch)}.npy"


def weights_key(run: Run, epoch: int) -> str:
    """Eight hex digits that name an epoch's weights by content, so that a copied run keeps its own.

    Sixty-four blocks spread over the file are hashed: training moves every parameter, and reading
    half a gigabyte before every query would be felt.
    """
    path = layout.epoch_folder(run.path, epoch) / layout.WEIGHTS_FILE
    if not path.is_file():
        kept = ", ".join(str(kept) for kept in run.weight_epochs()) or "none"
        raise ValueError(f"run {run.name} has no weights of epoch {epoch}: kept are {kept}")
    size, block = path.stat().st_size, 16384
    digest = hashlib.blake2b(str(size).encode(), digest_size=4)
    with open(path, "rb") as file:
        for start in np.linspace(0, max(0, size - block), 64, dtype=np.int64):
            file.seek(int(start))
            digest.update(file.read(block))
    return digest.hexdigest()


def gallery_embeddings(
    run: Run,
    gallery: Gallery,
    epoch: int,
    *,
    encoders: "TwoEncoders | None" = None,
    pixels: Pixels | None = None,
    progress: Progress | None = None,
) -> npt.NDArray[np.float16]:
    """The gallery's embeddings at an epoch, float16 (N, D), memory-mapped; computed on first use.

    Two processes that ask at once compute once: the second waits for the first. In a folder that
    can't be written the result is returned and not kept.

    Args:
        run: the run.
        gallery: one of its galleries.
        epoch: an epoch that kept its weights.
        encoders: the encoders of that epoch where they are loaded already.
        pixels: the photos as the model was trained on them (the pack's). Without them the stored
            JPEG pictures are embedded, which moves an embedding by very little but not by nothing.
        progress: called after every batch.
    """
    path = embeddings_path(run, gallery, epoch)
    if (kept := _kept_embeddings(path, len(gallery))) is not None:
        return kept
    encoders = encoders if encoders is not None else run.encoders(epoch)
    size = image_size(run)
    if not os.access(gallery.path, os.W_OK):
        return _embedded(encoders, gallery, pixels, size, progress)
    with _locked(path):
        if (kept := _kept_embeddings(path, len(gallery))) is not None:
            return kept
        aside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
        try:
            with open(aside, "wb") as file:
                np.save(file, _embedded(encoders, gallery, pixels, size, progress))
            os.replace(aside, path)
        finally:
            aside.unlink(missing_ok=True)
    return np.load(path, mmap_mode="r", allow_pickle=False)


def image_size(run: Run) -> int:
    """Side of the pictures that the run's encoders take, in pixels."""
    try:
        return int(run.config["model"]["image_size"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"run {run.name} does not say model.image_size in its run.json") from error


def photo_batch(pictures: Iterable[npt.NDArray[np.uint8]], size: int) -> npt.NDArray[np.uint8]:
    """Pictures of any size as one batch for the photo encoder, uint8 (B, 3, size, size)."""
    batch = [resized(picture, size).transpose(2, 0, 1) for picture in pictures]
    return np.ascontiguousarray(np.stack(batch))


def _embedded(
    encoders: "TwoEncoders",
    gallery: Gallery,
    pixels: Pixels | None,
    size: int,
    progress: Progress | None,
) -> npt.NDArray[np.float16]:
    import torch

    if pixels is not None and len(pixels) != len(gallery):
        raise ValueError(f"{len(pixels)} photos were given for a gallery of {len(gallery)}")
    source = pixels
    total = len(gallery)

    def embedded(start: int) -> npt.NDArray[np.float16]:
        rows = range(start, min(start + _CHUNK, total))
        pictures = [
            gallery.pictures.pixels(row) if source is None else np.asarray(source[row])
            for row in rows
        ]
        with torch.inference_mode():
            output = encoders.photo(torch.from_numpy(photo_batch(pictures, size)))
        return output.embedding_BD.float().cpu().numpy().astype(np.float16)

    # Where torch was told to use one thread, whole batches go to several workers instead.
    workers = max(1, (os.cpu_count() or 1) // torch.get_num_threads())
    parts = []
    with ThreadPoolExecutor(workers) as pool:
        for part in pool.map(embedded, range(0, total, _CHUNK)):
            parts.append(part)
            if progress is not None:
                progress(sum(map(len, parts)), total)
    return np.concatenate(parts)


def _kept_embeddings(path: Path, count: int) -> npt.NDArray[np.float16] | None:
    if not path.is_file():
        return None
    try:
        kept = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ValueError(
            f"{path} can't be read: {error}; delete it to have it made anew"
        ) from error
    if kept.ndim != 2 or len(kept) != count:
        raise ValueError(f"{path} has shape {kept.shape}, its gallery has {count} photos")
    return kept


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    # The lock file stays: removing it would let a third process lock a file that is gone.
    with open(path.parent / ".lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
