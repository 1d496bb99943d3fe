"""Everything that is kept between script runs, in one place.

Keys hold every input: the run's path, a stamp of the files that can change (modification time and
size), the epoch, the settings. What is cached is read only and shared by all sessions.
"""

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
import streamlit as st

from core import dataset
from core.dataset import RunData
from core.failures import Failures, FailureSettings, find_failures
from core.gallery import Gallery, open_gallery, weights_key
from core.journey import Step
from core.projection import EpochMaps, KeptMaps, Projection, kept_maps, nearest_photo_right
from core.query import Searcher
from core.replay import Probe, Replay
from core.runs import Run, RunSummary, layout, list_runs
from dashboard.jobs import Job, Report, job
from dashboard.thumbnails import thumbnail_files

if TYPE_CHECKING:
    from core.data.packs import Pack

JOURNEYS = 32
"""Sketches whose way through training is kept."""
SEARCHERS = 6
"""Checkpoints kept ready to answer: encoders and the gallery's embeddings."""
MADE = 24
"""Results of other work in the background that are kept."""
SOON = 0.3
"""Seconds that a page waits for a job before it shows a progress bar."""
Stamp = tuple[tuple[int, int], ...]
Made = TypeVar("Made")


@dataclass(frozen=True)
class RunView:
    """What most pages ask of a run, read once."""

    run: Run
    epochs: tuple[int, ...]
    """Complete epochs."""
    weight_epochs: tuple[int, ...]
    """Epochs that kept their weights."""
    best_epoch: int | None
    """The best of those; None while there is none."""
    metrics: pd.DataFrame
    """One row per epoch."""


def summaries(root: Path) -> list[RunSummary]:
    """Every run under the root; at most two seconds old."""
    return _summaries(str(root))


def run_view(path: Path) -> RunView:
    """A run as it is now. ValueError where it can't be read."""
    watched = (layout.RUN_FILE, layout.STATUS_FILE, layout.METRICS_FILE, layout.EPOCHS)
    return _run_view(str(path), _stamp(*(path / name for name in watched)))


def probe(run: Run) -> Probe:
    """The run's fixed samples."""
    return _probe(str(run.path), _stamp(run.path / layout.PROBE / "probe.npz"))


def replay(run: Run, epoch: int) -> Replay:
    """What an epoch made of the probe."""
    path = layout.epoch_folder(run.path, epoch) / layout.REPLAY_FILE
    return _replay(str(run.path), epoch, _stamp(path))


def gallery(run: Run, key: str | None = None) -> Gallery | None:
    """A gallery of the run, its own where no key is given; None where there is none."""
    found = open_gallery(run, key)
    if found is None:
        return None
    return _gallery(str(run.path), found.key, _stamp(found.path / "items.npz"))


def searcher(run: Run, epoch: int, gallery: Gallery) -> Searcher | Job:
    """The encoders over the gallery, ready to answer; or the job that is loading them.

    The first look at a gallery embeds all its photos, which are then kept beside the run.
    """
    weights = layout.epoch_folder(run.path, epoch) / layout.WEIGHTS_FILE
    key = ("searcher", str(run.path), epoch, gallery.key)
    stamp = _stamp(weights, gallery.path / "items.npz")
    ready = _searchers()
    found = ready.get((*key, stamp))
    if found is not None:
        return found

    def load(tell: Report) -> None:
        while len(ready) >= SEARCHERS:
            ready.pop(next(iter(ready)), None)
        ready[*key, stamp] = Searcher(run, epoch, gallery, progress=tell)

    return job((*key, stamp), f"Waking the network for {len(gallery):,} photos", load)


def photo_attention(run: Run, epoch: int, ready: Searcher, rows: tuple[int, ...]) -> np.ndarray:
    """Where the photo encoder looks in photos of the searcher's gallery, (rows, h, w)."""
    weights = layout.epoch_folder(run.path, epoch) / layout.WEIGHTS_FILE
    key = ready.gallery.key
    return _photo_attention(ready, str(run.path), epoch, key, rows, _stamp(weights))


def maps(run: Run, settings: Projection) -> EpochMaps:
    """The probe's maps that are kept beside the run now."""
    folder = KeptMaps(run, settings).folder
    return _maps(str(run.path), settings, _stamp(folder, run.path / layout.EPOCHS))


def correct(run: Run, epoch: int) -> np.ndarray:
    """For each point of the probe whether the nearest photo is of its class, (P,)."""
    path = layout.epoch_folder(run.path, epoch) / layout.REPLAY_FILE
    return _correct(str(run.path), epoch, _stamp(path))


def thumbnails(run: Run) -> tuple[bytes, ...]:
    """The probe's pictures, small, in files of `THUMBNAILS` each."""
    return _thumbnails(str(run.path), _stamp(run.path / layout.PROBE / "probe.npz"))


def weights(view: RunView) -> str:
    """A name of all the weights that a run has kept, by content."""
    return _weights(str(view.run.path), view.weight_epochs, _stamp(view.run.path / layout.EPOCHS))


def journey(key: Hashable) -> "dict[int, Step]":
    """A sketch through training as far as it was made, by epoch; filled by a job."""
    kept = _journeys()
    if key not in kept:
        while len(kept) >= JOURNEYS:
            kept.pop(next(iter(kept)), None)
        kept[key] = {}
    return kept[key]


def kept_data(run: Run, key: str | None = None) -> RunData:
    """What the run directory alone shows of its data, or the photos of another of its galleries."""
    found = gallery(run, key)
    stamps = _stamp(run.path / layout.PROBE / "probe.npz", *([found.path] if found else []))
    return _kept_data(str(run.path), key, stamps)


def whole_data(run: Run) -> "RunData | Job | None":
    """All of the run's data set, or the job that opens it; None where no pack of it is kept."""
    if _pack(run) is None:
        return None
    return _made(_whole_key(run), "Opening the data set", lambda tell: _whole(run))


def packing(run: Run) -> Job:
    """The job that reads and packs the run's data set anew; nothing is kept of it but the pack."""
    return job(
        ("packing", str(run.path)), "Reading the data set", lambda tell: dataset.pack_again(run)
    )


def failures(run: Run, epoch: int, gallery: Gallery, settings: FailureSettings) -> "Failures | Job":
    """Where an epoch goes wrong, or the job that finds out."""
    folder = layout.epoch_folder(run.path, epoch)
    files = (folder / layout.WEIGHTS_FILE, folder / layout.REPLAY_FILE, gallery.path / "items.npz")
    key = ("failures", str(run.path), epoch, gallery.key, settings, _stamp(*files), _whole_key(run))

    def find(tell: Report) -> Failures:
        whole = _whole(run) if settings.asked == "all" else None
        return find_failures(run, epoch, gallery, settings, whole=whole, progress=tell)

    return _made(key, "Asking every sketch", find)


def _made(key: Hashable, title: str, make: Callable[[Report], Made]) -> "Made | Job":
    """What `make` made in the background, or the job at it."""
    ready = _ready()

    def work(tell: Report) -> None:
        made = make(tell)
        while len(ready) >= MADE:
            ready.pop(next(iter(ready)), None)
        ready[key] = made

    if key not in ready:
        started = job(key, title, work)
        if started.thread is not None:
            started.thread.join(SOON)
        if key not in ready:
            return started
    found: Made = ready[key]
    return found


def _whole_key(run: Run) -> Hashable:
    data = run.info.get("data", {})
    return "whole", str(run.path), tuple(str(data.get(p)) for p in ("fingerprint", "protocol"))


def _whole(run: Run) -> RunData:
    key, ready = _whole_key(run), _ready()
    if key not in ready:
        pack = _pack(run)
        if pack is None:
            raise ValueError(f"the data set of run {run.name} is not prepared on this machine")
        ready[key] = dataset.whole_data(run, pack)
    found: RunData = ready[key]
    return found


def _stamp(*paths: Path) -> Stamp:
    """Modification time and size of files, zeros for one that is missing."""
    stamps = []
    for path in paths:
        try:
            status = path.stat()
            stamps.append((status.st_mtime_ns, status.st_size))
        except FileNotFoundError:
            stamps.append((0, 0))
    return tuple(stamps)


@st.cache_data(ttl=2, show_spinner=False)
def _summaries(root: str) -> list[RunSummary]:
    return list_runs(Path(root))


@st.cache_resource(max_entries=64, show_spinner=False)
def _run_view(path: str, stamp: Stamp) -> RunView:
    run = Run(Path(path))
    kept = run.weight_epochs()
    return RunView(
        run=run,
        epochs=tuple(run.epochs()),
        weight_epochs=tuple(kept),
        best_epoch=run.best_epoch() if kept else None,
        metrics=run.metrics(),
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def _probe(path: str, stamp: Stamp) -> Probe:
    return Run(Path(path)).probe()


@st.cache_resource(max_entries=64, show_spinner=False)
def _replay(path: str, epoch: int, stamp: Stamp) -> Replay:
    return Run(Path(path)).replay(epoch)


@st.cache_resource(max_entries=8, show_spinner=False)
def _gallery(path: str, key: str, stamp: Stamp) -> Gallery:
    found = open_gallery(Run(Path(path)), key)
    assert found is not None
    return found


@st.cache_resource(show_spinner=False)
def _searchers() -> dict[Hashable, Searcher]:
    """Those loaded, oldest first; filled by jobs, which Streamlit's own caches can't be."""
    return {}


@st.cache_data(max_entries=256, show_spinner=False)
def _photo_attention(
    _ready: Searcher, path: str, epoch: int, key: str, rows: tuple[int, ...], stamp: Stamp
) -> np.ndarray:
    return _ready.photo_attention(rows)


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


@st.cache_data(max_entries=64, show_spinner=False)
def _weights(path: str, epochs: tuple[int, ...], stamp: Stamp) -> str:
    run = Run(Path(path))
    told = "".join(weights_key(run, epoch) for epoch in epochs)
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


@st.cache_resource(show_spinner=False)
def _journeys() -> "dict[Hashable, dict[int, Step]]":
    return {}


def _pack(run: Run) -> "Pack | None":
    from core.data.packkeys import cache_root

    return _kept_pack(str(run.path), _stamp(cache_root() / "packs", run.path / layout.RUN_FILE))


@st.cache_resource(max_entries=16, show_spinner=False)
def _kept_pack(path: str, stamp: Stamp) -> "Pack | None":
    return dataset.kept_pack(Run(Path(path)))


@st.cache_resource(max_entries=16, show_spinner=False)
def _kept_data(path: str, key: str | None, stamp: Stamp) -> RunData:
    run = Run(Path(path))
    try:
        found = probe(run) if key is None else None
    except ValueError:
        found = None  # an old or copied run may lack its probe: the photos are still there
    return dataset.kept_data(run, gallery(run, key), found)


@st.cache_resource(show_spinner=False)
def _ready() -> dict[Hashable, Any]:
    """What jobs have made, oldest first."""
    return {}
