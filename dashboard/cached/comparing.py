"""What several checkpoints share, and what they make of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.comparison import (
    Comparison,
    Contender,
    Ground,
    Seeds,
    SharedPoints,
    compare,
    find_ground,
    over_seeds,
    shared_points,
)
from core.dataset import RunData, Samples
from core.gallery import Gallery, gallery_folder
from core.runs import Run, layout
from dashboard.cached.answers import gallery
from dashboard.cached.data import kept_data, whole, whole_data, whole_key
from dashboard.cached.making import made
from dashboard.cached.runs import WATCHED, probe, run_view
from dashboard.cached.stamps import Stamp, stamp
from dashboard.jobs import Job, Report
from dashboard.thumbnails import thumbnail_files

if TYPE_CHECKING:
    from dashboard.checkpoint import Checkpoint

Runs = tuple[tuple[str, Stamp], ...]


def ground(runs: Sequence[Run], searched: str, *, every: bool) -> Ground | Job:
    """What the runs share; or the job that opens the data of one of them.

    every: ask every held-out drawing of their data sets, not only those that the runs keep.
    """
    sides: list[RunData] = []
    for run in runs:
        data = whole_data(run) if every else kept_data(run)
        if isinstance(data, Job):
            return data
        if data is None:
            raise ValueError(f"the data set of run {run.name} is not prepared on this machine")
        sides.append(data)
    photos = [kept_data(run).photos for run in runs]
    return _ground(photos, [data.sketches for data in sides], _named(runs), searched, every)


def comparison(
    points: "Sequence[Checkpoint]", shared: Ground, searched: str, *, every: bool
) -> Comparison | Job:
    """How the checkpoints rate on their ground, or the job that finds out."""
    runs = [point.view.run for point in points]
    at = tuple((point.epoch, _weights(point.view.run, point.epoch)) for point in points)
    key = ("comparison", _named(runs), at, searched, every, tuple(whole_key(run) for run in runs))

    def find(tell: Report) -> Comparison:
        contenders = [
            Contender(
                run=point.view.run,
                epoch=point.epoch,
                gallery=own_gallery(point.view.run),
                whole=whole(point.view.run) if every else None,
            )
            for point in points
        ]
        return compare(contenders, shared, progress=tell)

    return made(key, "Asking all checkpoints the same", find)


def seeds(run: Run, epoch: int, others: Sequence[Path]) -> Seeds | None:
    """The spread of a checkpoint's metrics over seeds, among complete runs in these folders."""
    folders = tuple(sorted(str(path) for path in others))
    watched = [run.path, *(Path(path) for path in folders)]
    now = tuple(stamp(*(path / name for name in WATCHED)) for path in watched)
    return _seeds(str(run.path), epoch, folders, now)


def points_in_common(runs: Sequence[Run]) -> SharedPoints:
    """Photos and drawings that lie in the probes of all runs."""
    return _points_in_common(_named(runs))


def shared_thumbnails(runs: Sequence[Run]) -> tuple[bytes, ...]:
    """Pictures of the points in common, small, in files of `THUMBNAILS` each."""
    return _shared_thumbnails(_named(runs))


def own_gallery(run: Run) -> Gallery:
    """The run's own photos; ValueError where it keeps none."""
    found = gallery(run)
    if found is None:
        raise ValueError(f"run {run.name} keeps no photos to search")
    return found


def _named(runs: Sequence[Run]) -> Runs:
    """What names runs and what they keep of their data."""
    named = []
    for run in runs:
        photos = gallery_folder(run) / "items.npz"
        named.append((str(run.path), stamp(run.path / layout.PROBE / "probe.npz", photos)))
    return tuple(named)


def _weights(run: Run, epoch: int) -> Stamp:
    folder = layout.epoch_folder(run.path, epoch)
    return stamp(folder / layout.WEIGHTS_FILE, folder / layout.REPLAY_FILE)


@st.cache_resource(max_entries=16, show_spinner=False)
def _ground(
    _photos: Sequence[Samples], _drawings: Sequence[Samples], runs: Runs, searched: str, every: bool
) -> Ground:
    return find_ground(_photos, _drawings, searched)


@st.cache_resource(max_entries=64, show_spinner=False)
def _seeds(
    path: str, epoch: int, folders: tuple[str, ...], stamps: tuple[Stamp, ...]
) -> Seeds | None:
    # Not through `run_view`: of hundreds of trials only those few that are alike are read whole.
    return over_seeds(Run(Path(path)), epoch, [Run(Path(folder)) for folder in folders])


@st.cache_resource(max_entries=16, show_spinner=False)
def _points_in_common(runs: Runs) -> SharedPoints:
    found = [run_view(Path(path)).run for path, _ in runs]
    return shared_points([probe(run) for run in found], [run.class_names for run in found])


@st.cache_resource(max_entries=8, show_spinner=False)
def _shared_thumbnails(runs: Runs) -> tuple[bytes, ...]:
    rows = _points_in_common(runs).shared.rows[0].tolist()
    pictures = probe(run_view(Path(runs[0][0])).run).pictures
    return () if pictures is None else thumbnail_files(pictures, rows)
