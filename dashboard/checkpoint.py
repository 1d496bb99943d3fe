"""The run and the epoch that all pages show, and their card in the sidebar."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.replay import Probe
from core.runs import RunSummary, run_path
from dashboard import cached, pieces, state
from dashboard.cached import RunView


@dataclass(frozen=True)
class Checkpoint:
    """One run at one epoch."""

    view: RunView
    """The run."""
    epoch: int
    """An epoch of it that kept its weights."""


@dataclass(frozen=True)
class Shown:
    """One run at an epoch of its film or map, which may have kept no weights."""

    view: RunView
    """The run."""
    probe: Probe
    """What it shows at every epoch."""
    epoch: int
    """The epoch chosen, the best by default."""

    @classmethod
    def now(cls, path: Path) -> "Shown":
        """A run with a finished epoch as it is when asked: while it trains, others follow."""
        view = cached.run_view(path)
        return cls(view, cached.probe(view.run), _shown_epoch(view))

    def choose(self, epoch: int) -> bool:
        """Choose an epoch; returns whether it is another than the one chosen now."""
        if epoch == _shown_epoch(self.view):
            return False
        state.choose_epoch(None if epoch == _best(self.view) else epoch)
        return True


def usable(found: Sequence[RunSummary]) -> list[RunSummary]:
    """Runs with at least one epoch to look at, newest first."""
    return [run for run in found if run.state != "broken" and run.epochs]


def current_run() -> RunView | None:
    """The run chosen, or the newest that has something to show; None where there is none.

    Raises:
        ValueError: the run chosen, by a link say, is not there or can't be read.
    """
    root, chosen = state.runs_root(), state.chosen_runs()
    if chosen:
        return cached.run_view(run_path(root, chosen[0]))
    found = usable(cached.summaries(root))
    return cached.run_view(found[0].path) if found else None


def current() -> Checkpoint | None:
    """The run and the epoch chosen, its best one by default; None while no epoch has weights."""
    view = current_run()
    if view is None or view.best_epoch is None:
        return None
    epoch = state.chosen_epoch()
    if epoch not in view.epochs:
        state.choose_epoch(None)
    # A film and a map are shown of every epoch: one without weights stays chosen for them.
    return Checkpoint(view, epoch if epoch in view.weight_epochs and epoch else view.best_epoch)


def _shown_epoch(view: RunView) -> int:
    epoch = state.chosen_epoch()
    return epoch if epoch in view.epochs and epoch else _best(view)


def _best(view: RunView) -> int:
    return view.best_epoch or view.epochs[-1]


def need() -> Checkpoint | None:
    """As `current`; where there is nothing to show, says so and what to do next."""
    found = current()
    if found is not None:
        return found
    if current_run() is None:
        no_runs()
    else:
        pieces.empty(
            "No epoch is finished yet",
            "This run has just started. It can be looked at as soon as its first epoch is done.",
        )
    return None


def no_runs() -> None:
    """The empty state of a folder without runs."""
    pieces.empty(
        "No runs yet",
        f"Nothing was trained in {state.runs_root()}. The first command trains a small network "
        "on the built-in drawings in a few minutes; the second trains on data of your own.",
        "sketchy demo\nsketchy train --recipe tiny --data folder:PATH --run first",
    )


def sidebar() -> None:
    """The checkpoint's card, with a way to change it; nameless while people vote blindly."""
    if state.nameless():
        with st.container(key="card_checkpoint"):
            pieces.checkpoint("not told yet", ["names follow your vote"])
        return
    found = usable(cached.summaries(state.runs_root()))
    try:
        point = current()
    except ValueError as error:
        pieces.trouble(str(error))
        _change(found, None)
        return
    if point is None:
        return
    with st.container(key="card_checkpoint"):
        pieces.checkpoint(point.view.run.name, _told(point))
        _change(found, point)


def _told(point: Checkpoint) -> list[str]:
    run, metrics = point.view.run, point.view.metrics
    best = " · best" if point.epoch == point.view.best_epoch else ""
    lines = [f"epoch {point.epoch} of {len(point.view.epochs)}{best}"]
    chosen = state.chosen_epoch()
    if chosen not in (None, point.epoch):
        lines.append(f"epoch {chosen} kept no weights")
    row = metrics[metrics["epoch"] == point.epoch]
    data = data_name(str(run.info.get("data", {}).get("spec", "")))
    if run.objective in row and len(row) and row[run.objective].notna().all():
        value = float(row[run.objective].iloc[0])
        lines.append(f"{metric_name(run.objective)} {value:.3f} · {data}")
    else:
        lines.append(data)
    return lines


def data_name(spec: str) -> str:
    """A data spec as people say it: the folder's name for a folder, without options."""
    parts = (part.partition("?")[0].rstrip("/") for part in spec.split("+"))
    return " + ".join(part.replace(":", "/").rpartition("/")[2] for part in parts)


def metric_name(column: str) -> str:
    """A metric's column as people say it."""
    return {"map_all": "mAP"}.get(column, column.replace("map_", "mAP ").replace("_", " "))


def _change(found: list[RunSummary], point: Checkpoint | None) -> None:
    names = [run.name for run in found]
    if not names:
        return
    with st.popover("Change", width="stretch"):
        current = point.view.run.name if point else None
        st.selectbox(
            "Run",
            names,
            index=names.index(current) if current in names else None,
            key=f"sidebar.run.{current}",
            on_change=_run_changed,
            args=(f"sidebar.run.{current}",),
        )
        if point is not None and len(point.view.weight_epochs) > 1:
            key = f"sidebar.epoch.{current}.{point.epoch}"
            st.select_slider(
                "Epoch",
                point.view.weight_epochs,
                value=point.epoch,
                key=key,
                on_change=_epoch_changed,
                args=(key, point.view.best_epoch),
            )


def _run_changed(key: str) -> None:
    name = st.session_state.get(key)
    if name:
        state.choose_runs([name, *(other for other in state.chosen_runs()[1:] if other != name)])


def _epoch_changed(key: str, best: int | None) -> None:
    epoch = int(st.session_state[key])
    state.choose_epoch(None if epoch == best else epoch)
