"""What a report shows of one run, read from its directory; what is not there is said, with why."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from core.dataset import RunData, kept_data
from core.failures import Failures, FailureSettings, find_failures
from core.gallery import Gallery, open_gallery
from core.replay import Probe, Replay
from core.runs import Run

EPOCHS_SHOWN = 8
"""Epochs whose attention is shown, spread over training; the best is always among them."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Material:
    """One run, at its best epoch."""

    run: Run
    epoch: int
    """The epoch reported: the best that kept its weights, or the best of all where none did."""
    metrics: pd.DataFrame
    """One row per complete epoch."""
    probe: Probe | None = None
    """The run's fixed samples."""
    replays: dict[int, Replay] = field(default_factory=dict)
    """Epoch -> what it made of them, of the epochs shown; the one reported is among them."""
    gallery: Gallery | None = None
    """The run's own photos."""
    data: RunData | None = None
    """The same and the drawings kept, as samples."""
    failures: Failures | None = None
    """Every kept drawing asked over the held-out photos."""
    missing: tuple[str, ...] = ()
    """What could not be read, a sentence each."""

    @property
    def name(self) -> str:
        """The run's name."""
        return self.run.name

    @property
    def row(self) -> dict[str, Any]:
        """The metrics of the epoch reported."""
        found = self.metrics[self.metrics["epoch"] == self.epoch]
        return {str(name): value for name, value in found.iloc[0].items()}


def gather(run: Run, *, progress: Progress | None = None) -> Material:
    """Read a run and ask it its drawings; the photos are embedded now if they never were.

    Raises:
        ValueError: the run has no complete epoch.
    """
    metrics = run.metrics()
    if metrics.empty:
        raise ValueError(f"run {run.name} has no finished epoch to report")
    kept = run.weight_epochs()
    epoch = run.best_epoch() if kept else _best(metrics, run.objective)
    missing: list[str] = [f"Left out: {problem}." for problem in run.problems()]
    probe = _tried(missing, "its fixed samples", run.probe)
    replays = {}
    for shown in _spread(run.epochs(), epoch) if probe else []:
        replay = _tried(missing, f"what epoch {shown} made of them", partial(run.replay, shown))
        if replay is not None:
            replays[shown] = replay
    gallery = _tried(missing, "its photos", lambda: open_gallery(run))
    failures = None
    if gallery is None:
        missing.append("The run keeps no photos to search: they are written when training ends.")
    elif not kept:
        missing.append("The run kept no weights: nothing can be asked any more.")
    elif epoch in replays:
        failures = _tried(
            missing,
            "answers",
            lambda: find_failures(run, epoch, gallery, _settings(gallery), progress=progress),
        )
    return Material(
        run=run,
        epoch=epoch,
        metrics=metrics,
        probe=probe,
        replays=replays,
        gallery=gallery,
        data=kept_data(run, gallery, probe),
        failures=failures,
        missing=tuple(dict.fromkeys(missing)),
    )


def _settings(gallery: Gallery) -> FailureSettings:
    """Held-out photos are searched, as an evaluation does, where the run has held any out."""
    return FailureSettings(searched="held out" if (gallery.splits == "test").any() else "all")


def _best(metrics: pd.DataFrame, objective: str) -> int:
    if objective in metrics and metrics[objective].notna().any():
        return int(metrics["epoch"].iloc[int(metrics[objective].argmax())])
    return int(metrics["epoch"].iloc[-1])


def _spread(epochs: list[int], best: int) -> list[int]:
    """Some of the epochs: the first, the last, the best, and others evenly between them."""
    places = np.linspace(0, len(epochs) - 1, min(EPOCHS_SHOWN, len(epochs))).round().astype(int)
    chosen = {epochs[place] for place in places}
    if best not in chosen:
        inner = sorted(chosen)[1:-1] or sorted(chosen)
        chosen.discard(min(inner, key=lambda epoch: abs(epoch - best)))
    return sorted(chosen | {best})


def _tried(missing: list[str], what: str, read: Callable[[], Any]) -> Any:
    """What `read` reads, or None and a sentence that says why not."""
    try:
        return read()
    except (ValueError, OSError) as error:
        missing.append(f"The run does not show {what}: {error}.")
        return None
