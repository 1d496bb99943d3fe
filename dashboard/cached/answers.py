"""Galleries, the jobs that make them, and checkpoints kept ready to answer over them."""

from collections.abc import Hashable
from pathlib import Path

import numpy as np
import streamlit as st

from core.gallery import Gallery, gallery_folder, list_galleries, open_gallery
from core.query import Searcher
from core.runs import Run, layout
from dashboard.cached.stamps import Stamp, stamp
from dashboard.jobs import Job, Report, job

SEARCHERS = 6
"""Checkpoints kept ready to answer: encoders and the gallery's embeddings."""


def gallery(run: Run, key: str | None = None) -> Gallery | None:
    """A gallery of the run, its own where no key is given; None where there is none."""
    items = gallery_folder(run, key) / "items.npz"
    return _gallery(str(run.path), items.parent.name, stamp(items))


def galleries(run: Run) -> list[Gallery]:
    """Every readable gallery of the run, its own first."""
    return [found for each in _keys(run) if (found := gallery(run, each)) is not None]


def keeping(run: Run, spec: str = "") -> Job:
    """The job that keeps photos with the run: its own, or those of another data spec or folder."""

    def keep(tell: Report) -> Gallery:
        from core.gallery.making import keep_other_photos, keep_own_photos  # they need all of data

        if not spec:
            return keep_own_photos(run, progress=tell)
        return keep_other_photos(run, spec, run.best_epoch(), progress=tell)

    return job(("keeping", str(run.path), spec), f"Keeping the photos of {spec or run.name}", keep)


def searcher(run: Run, epoch: int, gallery: Gallery) -> Searcher | Job:
    """The encoders over the gallery, ready to answer; or the job that is loading them.

    The first look at a gallery embeds all its photos, which are then kept beside the run.
    """
    weights = layout.epoch_folder(run.path, epoch) / layout.WEIGHTS_FILE
    key = ("searcher", str(run.path), epoch, gallery.key)
    now = stamp(weights, gallery.path / "items.npz")
    ready = _searchers()
    found = ready.get((*key, now))
    if found is not None:
        return found

    def load(tell: Report) -> None:
        while len(ready) >= SEARCHERS:
            ready.pop(next(iter(ready)), None)
        ready[*key, now] = Searcher(run, epoch, gallery, progress=tell)

    return job((*key, now), f"Waking the network for {len(gallery):,} photos", load)


def photo_attention(run: Run, epoch: int, ready: Searcher, rows: tuple[int, ...]) -> np.ndarray:
    """Where the photo encoder looks in photos of the searcher's gallery, (rows, h, w)."""
    weights = layout.epoch_folder(run.path, epoch) / layout.WEIGHTS_FILE
    key = ready.gallery.key
    return _photo_attention(ready, str(run.path), epoch, key, rows, stamp(weights))


def _keys(run: Run) -> list[str]:
    folder = run.path / layout.GALLERY
    return _kept_keys(str(run.path), stamp(folder, run.path / layout.RUN_FILE))


@st.cache_data(max_entries=64, show_spinner=False)
def _kept_keys(path: str, stamp: Stamp) -> list[str]:
    return [found.key for found in list_galleries(Run(Path(path)))]


@st.cache_resource(max_entries=8, show_spinner=False)
def _gallery(path: str, key: str, stamp: Stamp) -> Gallery | None:
    return open_gallery(Run(Path(path)), key)


@st.cache_resource(show_spinner=False)
def _searchers() -> dict[Hashable, Searcher]:
    """Those loaded, oldest first; filled by jobs, which Streamlit's own caches can't be."""
    return {}


@st.cache_data(max_entries=256, show_spinner=False)
def _photo_attention(
    _ready: Searcher, path: str, epoch: int, key: str, rows: tuple[int, ...], stamp: Stamp
) -> np.ndarray:
    return _ready.photo_attention(rows)
