"""What the driver does while Ray Tune runs: hands out settings, and writes down what comes back."""

from collections.abc import Callable, Container
from dataclasses import replace
from pathlib import Path
from typing import Any

from ray.tune import Callback
from ray.tune.search import Searcher

from trainer.search.record import Record, Trial, mark_run, refreshed
from trainer.search.screen import Screen
from trainer.search.task import RESTARTS


class _Unpickled:
    """Tune keeps a pickle of what it is given, to restore from; ours is never read and is empty."""

    def __getstate__(self) -> dict[str, Any]:
        return {}


class Proposals(_Unpickled, Searcher):
    """Gives Tune one trial after the other: those waiting, then new ones until there are enough.

    Each is in trials.csv before Tune knows of it, so that none can be lost.

    Args:
        record: the study.
        waiting: trials to run first (begun before, or fixed in advance).
        another: makes the next trial; None when there are enough.
    """

    def __init__(
        self, record: Record, waiting: list[Trial], another: Callable[[], Trial | None]
    ) -> None:
        super().__init__()
        self._record, self._waiting, self._another = record, list(waiting), another

    def suggest(self, trial_id: str) -> Any:
        """The next trial's configuration; Tune's word for the end when there is none."""
        trial = self._waiting.pop(0) if self._waiting else self._another()
        if trial is None:
            return Searcher.FINISHED
        self._record.put(trial)
        return {"trial": trial.name, "seed": trial.seed, "settings": dict(trial.settings)}

    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        """Nothing: the next proposal reads the record."""

    def set_search_properties(self, *_: Any, **__: Any) -> bool:
        """Accept Tune's metric: the record knows it already."""
        return True

    def save(self, checkpoint_path: str) -> None:
        """Nothing: the study's own files are what a search goes on from."""

    def restore(self, checkpoint_path: str) -> None:
        """Nothing, as `save`."""

    def save_to_dir(self, *_: Any, **__: Any) -> None:
        """Nothing, as `save`."""


class Recorder(_Unpickled, Callback):
    """Keeps trials.csv at what Tune hears from the trials.

    Args:
        record: the study.
        screen: told of each trial that has ended.
        asked: names of trials that the scheduler asked to end.
    """

    def __init__(self, record: Record, screen: Screen, asked: Container[str] = ()) -> None:
        self._record, self._screen, self._asked = record, screen, asked

    def on_trial_start(self, iteration: int, trials: list[Any], trial: Any, **_: Any) -> None:
        """The trial's process has begun."""
        self._record.change(name_of(trial), state="running")

    def on_trial_result(
        self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **_: Any
    ) -> None:
        """An epoch is done, or the trial says how it ended."""
        row = self._record.trials[name_of(trial)]
        if row.ended or "trial" not in result:
            return
        changes: dict[str, Any] = {"node": result["node"], "seconds": result["seconds"]}
        if "epoch" in result:
            changes["epochs"] = max(row.epochs, result["epoch"])
            if row.best_value is None or result["score"] > row.best_value:
                changes |= {"best_value": result["score"], "best_epoch": result["epoch"]}
        if "ended" in result:
            if result["ended"] == "stopped" and row.name in self._asked:
                self._end(row, "stopped", stopped_early(row))
                return
            changes |= {"state": result["ended"], "reason": result["reason"]}
        row = self._record.change(row.name, **changes)
        if row.ended:
            self._screen.trial_ended(row)

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **_: Any) -> None:
        """Tune is done with the trial; one that told no end was stopped by the scheduler."""
        row = self._record.trials[name_of(trial)]
        if not row.ended:
            self._end(row, "stopped", stopped_early(row))

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **_: Any) -> None:
        """The trial's process died more often than it is started again."""
        row = self._record.trials[name_of(trial)]
        if not row.ended:
            self._end(row, "failed", why_it_died(last_error(trial)))

    def _end(self, row: Trial, state: str, reason: str) -> None:
        path = self._record.path / row.name
        found = refreshed(row, path)
        # A process that was killed may have written an epoch that it could not report; over a
        # network, what it did report may not be seen here yet.
        row = found if found.epochs >= row.epochs else row
        row = replace(row, state=state, reason=reason)
        self._record.put(row)
        mark_run(path, state, reason)
        self._screen.trial_ended(row)


def stopped_early(row: Trial) -> str:
    """The reason of a trial that the scheduler ended."""
    return f"stopped early by ASHA at epoch {row.epochs}"


def name_of(trial: Any) -> str:
    """Our name of a Tune trial."""
    return str(trial.config["trial"])


def last_error(trial: Any) -> str:
    """What Tune noted of the trial's last failure, in this process's own folder."""
    file = Path(trial.error_file or "")
    text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    return text.rpartition("Failure #")[2]


def why_it_died(error: str) -> str:
    """One line for a trial whose process was killed or never began, from what Ray says of it."""
    times = f"its process was killed {RESTARTS + 1} times"
    if "running low on memory" in error or "OutOfMemoryError" in error:
        return f"out of memory: {times} by Ray's memory monitor"
    if "node" in error.lower() and "has died" in error and "worker process has died" not in error:
        return f"its machine was lost {RESTARTS + 1} times"
    if "worker process has died" in error or "Worker exit type" in error:
        return f"{times}, as the system does when memory runs out"
    lines = [line.strip() for line in error.splitlines() if line.strip()]
    return f"its process could not be run: {lines[-1][:300] if lines else 'Ray gives no reason'}"
