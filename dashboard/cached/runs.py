"""Runs as they are now, their probes, and what each epoch made of them."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from core.gallery import weights_key
from core.projection.store import PROJECTIONS
from core.replay import Probe, Replay
from core.runs import Run, RunSummary, layout, list_runs
from core.runs.listing import summarise
from dashboard import state
from dashboard.cached.stamps import Stamp, stamp

WATCHED = (layout.RUN_FILE, layout.STATUS_FILE, layout.METRICS_FILE, layout.EPOCHS)
"""What changes in a run's folder as it trains."""


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


def summaries(root: Path) -> tuple[RunSummary, ...]:
    """Every run under the root; at most two seconds old."""
    return _summaries(str(root))


def run_view(path: Path) -> RunView:
    """A run as it is now. ValueError where it can't be read."""
    now = stamp(*(path / name for name in WATCHED))
    return _run_view(str(path), str(state.runs_root()), now)


def probe(run: Run) -> Probe:
    """The run's fixed samples."""
    return _probe(str(run.path), stamp(run.path / layout.PROBE / "probe.npz"))


def replay(run: Run, epoch: int) -> Replay:
    """What an epoch made of the probe."""
    path = layout.epoch_folder(run.path, epoch) / layout.REPLAY_FILE
    return _replay(str(run.path), epoch, stamp(path))


def weights(view: RunView) -> str:
    """A name of all the weights that a run has kept, by content."""
    return _weights(str(view.run.path), view.weight_epochs, stamp(view.run.path / layout.EPOCHS))


# One tuple for all: to unpickle hundreds of summaries twice would be a part of every script run.
@st.cache_resource(ttl=2, show_spinner=False)
def _summaries(root: str) -> tuple[RunSummary, ...]:
    return tuple(list_runs(Path(root), _summary))


def _summary(path: Path, root: Path) -> RunSummary:
    """What a run is, read again only when its files have changed: a study holds hundreds."""
    watched = (*WATCHED, layout.GALLERY, PROJECTIONS)
    now, known = stamp(*(f"{path}/{name}" for name in watched)), _known_summaries()
    key = str(root), str(path)
    then, found = known.get(key, (None, None))
    # That a running one has been killed is told by no file.
    if found is None or then != now or found.state == "running":
        found = summarise(path, root)
        known[key] = now, found
    return found


@st.cache_resource(show_spinner=False)
def _known_summaries() -> dict[tuple[str, str], tuple[Stamp, RunSummary]]:
    return {}


@st.cache_resource(max_entries=64, show_spinner=False)
def _run_view(path: str, root: str, stamp: Stamp) -> RunView:
    run = Run(Path(path), Path(root))
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


@st.cache_data(max_entries=64, show_spinner=False)
def _weights(path: str, epochs: tuple[int, ...], stamp: Stamp) -> str:
    run = Run(Path(path))
    told = "".join(weights_key(run, epoch) for epoch in epochs)
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()
