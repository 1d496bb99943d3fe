"""Maps and pictures of a run's probe, and sketches on their way through training."""

from collections.abc import Hashable
from pathlib import Path

import numpy as np
import streamlit as st

from core.journey import Step
from core.projection import EpochMaps, KeptMaps, Projection, kept_maps, nearest_photo_right
from core.runs import Run, layout
from dashboard.cached.runs import probe, replay
from dashboard.cached.stamps import Stamp, stamp
from dashboard.thumbnails import thumbnail_files

JOURNEYS = 32
"""Sketches whose way through training is kept."""


def maps(run: Run, settings: Projection) -> EpochMaps:
    """The probe's maps that are kept beside the run now."""
    folder = KeptMaps(run, settings).folder
    return _maps(str(run.path), settings, stamp(folder, run.path / layout.EPOCHS))


def correct(run: Run, epoch: int) -> np.ndarray:
    """For each point of the probe whether the nearest photo is of its class, (P,)."""
    path = layout.epoch_folder(run.path, epoch) / layout.REPLAY_FILE
    return _correct(str(run.path), epoch, stamp(path))


def thumbnails(run: Run) -> tuple[bytes, ...]:
    """The probe's pictures, small, in files of `THUMBNAILS` each."""
    return _thumbnails(str(run.path), stamp(run.path / layout.PROBE / "probe.npz"))


def journey(key: Hashable) -> dict[int, Step]:
    """A sketch through training as far as it was made, by epoch; filled by a job."""
    kept = _journeys()
    if key not in kept:
        while len(kept) >= JOURNEYS:
            kept.pop(next(iter(kept)), None)
        kept[key] = {}
    return kept[key]


@st.cache_resource(max_entries=16, show_spinner=False)
def _maps(path: str, settings: Projection, stamp: Stamp) -> EpochMaps:
    return kept_maps(Run(Path(path)), settings)


@st.cache_data(max_entries=512, show_spinner=False)
def _correct(path: str, epoch: int, stamp: Stamp) -> np.ndarray:
    run = Run(Path(path))
    found, shown = probe(run), replay(run, epoch)
    return nearest_photo_right(shown.embeddings, found.labels, found.is_photo)


@st.cache_resource(max_entries=8, show_spinner=False)
def _thumbnails(path: str, stamp: Stamp) -> tuple[bytes, ...]:
    pictures = probe(Run(Path(path))).pictures
    return () if pictures is None else thumbnail_files(pictures)


@st.cache_resource(show_spinner=False)
def _journeys() -> dict[Hashable, dict[int, Step]]:
    return {}
