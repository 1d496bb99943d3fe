"""A run's data as samples to look at, and where its answers to them go wrong."""

from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core import dataset
from core.dataset import RunData
from core.failures import Failures, FailureSettings, find_failures
from core.gallery import Gallery
from core.runs import Run, layout
from dashboard.cached.answers import gallery
from dashboard.cached.making import made, ready
from dashboard.cached.runs import probe
from dashboard.cached.stamps import Stamp, stamp
from dashboard.jobs import Job, Report, job

if TYPE_CHECKING:
    from core.data.packs import Pack


def kept_data(run: Run, key: str | None = None) -> RunData:
    """What the run directory alone shows of its data, or the photos of another of its galleries."""
    found = gallery(run, key)
    files = [found.path / "items.npz"] if found else []
    stamps = stamp(run.path / layout.PROBE / "probe.npz", *files)
    return _kept_data(str(run.path), key, stamps)


def whole_data(run: Run) -> RunData | Job | None:
    """All of the run's data set, or the job that opens it; None where no pack of it is kept."""
    if _pack(run) is None:
        return None
    return made(whole_key(run), "Opening the data set", lambda tell: whole(run))


def packed(run: Run) -> bool:
    """Whether the run's data set lies packed on this machine."""
    return _pack(run) is not None


def packing(run: Run) -> Job:
    """The job that reads and packs the run's data set anew; nothing is kept of it but the pack."""
    return job(
        ("packing", str(run.path)), "Reading the data set", lambda tell: dataset.pack_again(run)
    )


def failures(run: Run, epoch: int, gallery: Gallery, settings: FailureSettings) -> Failures | Job:
    """Where an epoch goes wrong, or the job that finds out."""
    folder = layout.epoch_folder(run.path, epoch)
    files = (folder / layout.WEIGHTS_FILE, folder / layout.REPLAY_FILE, gallery.path / "items.npz")
    key = ("failures", str(run.path), epoch, gallery.key, settings, stamp(*files), whole_key(run))

    def find(tell: Report) -> Failures:
        every = whole(run) if settings.asked == "all" else None
        return find_failures(run, epoch, gallery, settings, whole=every, progress=tell)

    return made(key, "Asking every sketch", find)


def whole_key(run: Run) -> Hashable:
    """What names the run's whole data set among what is kept."""
    data = run.info.get("data", {})
    return "whole", str(run.path), tuple(str(data.get(p)) for p in ("fingerprint", "protocol"))


def whole(run: Run) -> RunData:
    """All of the run's data set, opened now if need be: for jobs. ValueError without its pack."""
    key, kept = whole_key(run), ready()
    if key not in kept:
        pack = _pack(run)
        if pack is None:
            raise ValueError(f"the data set of run {run.name} is not prepared on this machine")
        kept[key] = dataset.whole_data(run, pack)
    found: RunData = kept[key]
    return found


def _pack(run: Run) -> "Pack | None":
    from core.data.packkeys import cache_root

    return _kept_pack(str(run.path), stamp(cache_root() / "packs", run.path / layout.RUN_FILE))


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
