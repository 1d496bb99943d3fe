"""Replay: what every epoch makes of the same few samples, kept as small arrays.

The probe is chosen once per run: up to about a thousand held-out photos and sketches. All of them
are embedded after each epoch; the first few of each domain (`focus`) also keep their attention
maps, as the encoder computes them (7×7 or so), not as pictures.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.pictures import PictureStore, write_pictures

PICTURES = "pictures"


@dataclass(frozen=True, kw_only=True)
class Probe:
    """The fixed samples, sketches first, then photos."""

    ids: np.ndarray
    """(P,) item ids, unicode."""
    labels: np.ndarray
    """(P,) int64 class indices."""
    is_photo: np.ndarray
    """(P,) bool: True for a photo, False for a sketch."""
    splits: np.ndarray
    """(P,) split names, unicode: train, valid or test."""
    focus_sketches: np.ndarray
    """(F,) int64 positions of the sketches whose attention is kept."""
    focus_photos: np.ndarray
    """(G,) int64 positions of the photos whose attention is kept."""
    pictures: PictureStore | None = None
    """The samples as pictures, in the same order; None before they are written."""


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What one epoch makes of the probe."""

    embeddings: np.ndarray
    """(P, D) float16 or float32, in the probe's order."""
    sketch_attention: np.ndarray
    """(F, h, w) float16, each map sums to 1; made by the sketch encoder."""
    photo_attention: np.ndarray
    """(G, h, w) float16, each map sums to 1; made by the photo encoder."""
    retrieved: np.ndarray
    """(F, k) int64: for each focus sketch the positions in the probe of its nearest photos."""
    scores: np.ndarray
    """(F, k) float32 similarities of the retrieved photos, best first."""


_PROBE_ARRAYS = ("ids", "labels", "is_photo", "splits", "focus_sketches", "focus_photos")
_REPLAY_ARRAYS = ("embeddings", "sketch_attention", "photo_attention", "retrieved", "scores")


def write_probe(folder: Path, probe: Probe, pictures: list[np.ndarray]) -> None:
    """Write the probe's arrays and its pictures into `folder`."""
    np.savez(folder / "probe.npz", **{name: getattr(probe, name) for name in _PROBE_ARRAYS})
    write_pictures(folder, PICTURES, pictures)


def read_probe(folder: Path) -> Probe:
    """Read what `write_probe` wrote; ValueError names the file that is missing or damaged."""
    arrays = _read_arrays(folder / "probe.npz", _PROBE_ARRAYS)
    return Probe(**arrays, pictures=PictureStore(folder, PICTURES))


def write_replay(path: Path, replay: Replay) -> None:
    """Write one epoch's replay file."""
    np.savez(path, **{name: getattr(replay, name) for name in _REPLAY_ARRAYS})


def read_replay(path: Path) -> Replay:
    """Read what `write_replay` wrote; ValueError names the file that is missing or damaged."""
    return Replay(**_read_arrays(path, _REPLAY_ARRAYS))


def _read_arrays(path: Path, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in names}
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} can't be read: {error}") from error
