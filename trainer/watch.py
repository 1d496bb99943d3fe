"""The live view of a training run in the terminal, read from the run directory.

The training process writes, this thread reads: the same view works for a worker on this machine
and for one on a cluster, as long as both see the run directory.
"""

import threading
import time
from pathlib import Path
from types import TracebackType

import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from core.runs import Run
from core.runs.layout import EPOCHS

POLL_SECONDS = 0.5
COLUMNS = (
    TextColumn("[bold]{task.description}"),
    BarColumn(bar_width=24),
    TextColumn("{task.fields[terms]}"),
    TimeRemainingColumn(),
)


class Watch:
    """Shows epochs, terms, speed, time left and the best epoch while a run trains.

    In a terminal: a progress bar with the current terms. Piped: one line an epoch.
    """

    def __init__(self, path: Path, console: Console | None = None) -> None:
        self._run = Run(path)
        self._console = console or Console(stderr=True)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="watch", daemon=True)
        self._told = len(self._run.epochs())
        self._changed = 0

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _follow(self) -> None:
        if self._console.is_terminal:
            self._show_progress()
        else:
            while not self._ended.wait(POLL_SECONDS):
                self._tell_epochs()
        self._tell_epochs()

    def _show_progress(self) -> None:
        planned = int(self._run.info["epochs_planned"])
        with Progress(*COLUMNS, console=self._console, transient=True, expand=True) as bar:
            task = bar.add_task("starting", total=planned, completed=self._told, terms="")
            while True:
                status = self._run.status
                if status.get("step"):
                    done = status["epoch"] - 1 + status["step"] / status["steps"]
                    title = f"epoch {status['epoch']}/{planned}"
                    bar.update(task, completed=done, description=title, terms=_terms(status))
                self._tell_epochs()
                if self._ended.wait(POLL_SECONDS):
                    break

    def _tell_epochs(self) -> None:
        if not self._has_changed():
            return
        frame = self._run.metrics()
        for _, row in frame.iloc[self._told :].iterrows():
            line = epoch_line(row, frame, self._run.objective)
            self._console.print(line, highlight=False, soft_wrap=True)
        self._told = len(frame)

    def _has_changed(self) -> bool:
        """Whether the epochs' folder has changed: all of them are not read twice a second."""
        changed = (self._run.path / EPOCHS).stat().st_mtime_ns
        before, self._changed = self._changed, changed
        return changed != before


def epoch_line(row: pd.Series, frame: pd.DataFrame, objective: str) -> str:
    """One epoch in one line: terms, the objective, the best so far, and speed."""
    so_far = frame[frame["epoch"] <= row["epoch"]]
    best = so_far.loc[so_far[objective].idxmax()]
    seconds = row["seconds"] + row["evaluation_seconds"]
    return (
        f"epoch {int(row['epoch']):3d}  {time.strftime('%H:%M:%S')}  "
        f"loss {row['loss_total']:.4f} (triplet {row['loss_triplet']:.4f}, "
        f"domain {row['loss_domain']:.4f})  {objective} {row[objective]:.4f} "
        f"(best {best[objective]:.4f} in {int(best['epoch'])})  "
        f"{row['images_per_s']:.0f} images/s  {seconds:.1f} s"
    )


def _terms(status: dict) -> str:
    best = status.get("best")
    shown = f"  best {best:.3f}" if best is not None else ""
    return (
        f"step {status['step']}/{status['steps']}  loss {status['loss_total']:.3f}  "
        f"{status['images_per_s']:.0f} images/s{shown}"
    )
