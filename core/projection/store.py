"""Maps kept beside the run: `projections/<settings>/NNNN.npy`, with a JSON file about each.

A map belongs to the embeddings it was made of: each JSON file names them by content, so that an
epoch that was trained anew, or a run that was copied, never shows another's map.
"""

import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from core.projection.methods import Coords, Projection
from core.runs import Run, layout

PROJECTIONS = "projections"


class KeptMaps:
    """The maps of one run by one set of settings.

    In a run directory that can't be written they are kept in the user's cache folder instead
    (`XDG_CACHE_HOME`, else `~/.cache`).
    """

    def __init__(self, run: Run, settings: Projection) -> None:
        self.folder = _root(run) / settings.key
        self.settings = settings

    def read(self, epoch: int, source: str) -> Coords | None:
        """The map of an epoch (P, dims), None where there is none of the embeddings `source`."""
        if self.about(epoch).get("source") != source:
            return None
        try:
            coords = np.load(self._path(epoch), allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None  # half copied, say: it is made anew
        return coords if coords.ndim == 2 and coords.shape[1] == self.settings.dims else None

    def about(self, epoch: int) -> dict[str, Any]:
        """What is kept about an epoch's map; empty where nothing is.

        `source`, and either `trustworthiness` (or None) and `started_from`, or `problem`.
        """
        try:
            told = layout.read_json(self._about(epoch))
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}

    def write(self, epoch: int, coords: Coords | None, **about: Any) -> None:
        """Keep a map, or only what is to be said: written aside and renamed, the map first."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if coords is not None:
            path = self._path(epoch)
            aside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
            try:
                with open(aside, "wb") as file:
                    np.save(file, coords.astype(np.float32))
                os.replace(aside, path)
            finally:
                aside.unlink(missing_ok=True)
        # Last: without it the map does not count.
        layout.write_json(self._about(epoch), about, durable=False)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Only one process and thread at a time makes these maps; the others wait."""
        self.folder.mkdir(parents=True, exist_ok=True)
        # The lock file stays: removing it would let a third process lock a file that is gone.
        with open(self.folder / ".lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _path(self, epoch: int) -> Path:
        return self.folder / f"{epoch:04d}.npy"

    def _about(self, epoch: int) -> Path:
        return self.folder / f"{epoch:04d}.json"


def source_of(embeddings: np.ndarray) -> str:
    """Sixteen hex digits that name embeddings by content."""
    digest = hashlib.blake2b(str(embeddings.shape).encode(), digest_size=8)
    digest.update(np.ascontiguousarray(embeddings, np.float32).tobytes())
    return digest.hexdigest()


def _root(run: Run) -> Path:
    beside = run.path / PROJECTIONS
    if os.access(beside if beside.exists() else run.path, os.W_OK):
        return beside
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    name = hashlib.blake2b(str(run.path.absolute()).encode(), digest_size=8).hexdigest()
    return home / "sketchy" / PROJECTIONS / name
