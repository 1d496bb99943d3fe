"""Metrics over seeds: runs that differ in nothing but what chance they were given."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from core.comparison.differences import SEED, settings_key, settings_of
from core.runs import Run
from core.studies import STUDY_FILE, Study


@dataclass(frozen=True, kw_only=True)
class Seeds:
    """A metric's spread over seeds."""

    runs: tuple[str, ...]
    """Names of the runs counted, one for each seed."""
    at_best: bool
    """Whether each counts at its own best epoch, or all at one and the same."""
    values: pd.DataFrame
    """A row for each run, a column for each metric."""

    def mean_std(self, metric: str) -> tuple[float, float] | None:
        """Mean and sample standard deviation; None where fewer than two runs have the metric."""
        if metric not in self.values:
            return None
        known = pd.to_numeric(self.values[metric], errors="coerce").dropna()
        return (float(known.mean()), float(known.std(ddof=1))) if len(known) > 1 else None


def over_seeds(run: Run, epoch: int, others: Iterable[Run]) -> Seeds | None:
    """The spread of a checkpoint's metrics over seeds; None where fewer than two seeds were run.

    Only complete runs count, one for each seed, and the run itself among them. A trial that its
    study repeated with other seeds is left out of its own mean: it was chosen for its value, which
    is therefore too good on average (as `core.studies` counts them).

    Args:
        run: the checkpoint's run.
        epoch: its epoch. Where that is the run's best, each run counts at its own best epoch,
            otherwise all at this one.
        others: runs to look through; the run itself may be among them.
    """
    key = settings_key(run)
    alike = [other for other in others if other.path != run.path and settings_key(other) == key]
    finished = [one for one in (run, *alike) if one.status["state"] == "complete"]
    at_best = bool(run.weight_epochs()) and epoch == run.best_epoch()
    named: dict[object, str] = {}
    rows = []
    for one in finished:
        seed = settings_of(one).get(SEED, one.info.get("seed"))
        row = _row(one, None if at_best else epoch)
        if seed in named or row is None or _chosen_by_value(one):
            continue
        named[seed] = one.name
        rows.append(row)
    if len(rows) < 2:
        return None
    return Seeds(runs=tuple(named.values()), at_best=at_best, values=pd.DataFrame(rows))


def _row(run: Run, epoch: int | None) -> dict[str, float] | None:
    """The metrics of one epoch, or of the best by the run's objective, with or without weights."""
    frame = run.metrics()
    if epoch is None:
        scored = frame.dropna(subset=[run.objective]) if run.objective in frame else frame[:0]
        if scored.empty:
            return None
        return dict(scored.iloc[int(scored[run.objective].argmax())])
    found = frame[frame["epoch"] == epoch]
    return dict(found.iloc[0]) if len(found) else None


def _chosen_by_value(run: Run) -> bool:
    """Whether the run is a trial that its study has repeated, at least once to the end."""
    if not run.info.get("study") or not (run.path.parent / STUDY_FILE).is_file():
        return False
    trials = Study(run.path.parent).trials()
    again = trials[(trials["group"] == run.path.name) & (trials["trial"] != run.path.name)]
    return bool((again["state"] == "complete").any())
