"""The search in the terminal: a line per ended trial, a live table of the running ones."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from core.studies import short_name
from trainer.search.record import Record, Trial


class Screen:
    """Tells a person how a search goes: on a terminal live, in a pipe a line per ended trial."""

    def __init__(self, record: Record, console: Console | None = None) -> None:
        self._record = record
        self._console = console or Console(stderr=True)
        self._started = time.monotonic()
        self._ended_here = 0
        self._total = 0

    @contextmanager
    def following(self, total: int) -> Iterator[None]:
        """Show a phase of the search that ends with `total` trials in the study."""
        self._total = total
        if not self._console.is_terminal:
            yield
            return
        with Live(
            console=self._console,
            get_renderable=self._picture,
            refresh_per_second=2,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        ):
            yield

    def say(self, line: str) -> None:
        """Print a line of its own."""
        say(self._console, line)

    def trial_ended(self, trial: Trial) -> None:
        """Print the line of a trial that has ended."""
        self._ended_here += 1
        self.say(trial_line(trial, self._record.info["objective"]) + f"  [{self._progress()}]")

    def _progress(self) -> str:
        ended = sum(trial.ended for trial in self._record.trials.values())
        left = self._total - ended
        if left <= 0 or not self._ended_here:
            return f"{ended}/{self._total}"
        pace = (time.monotonic() - self._started) / self._ended_here
        return f"{ended}/{self._total}, about {duration(left * pace)} left"

    def _picture(self) -> RenderableType:
        table = Table(box=None, padding=(0, 2, 0, 0))
        objective = self._record.info["objective"]
        names = list(self._record.info["space"])
        for title in ("trial", *map(short_name, names), "epoch", objective):
            table.add_column(title, justify="right")
        for trial in [*self._record.trials.values()]:
            if trial.state == "running":
                best = "" if trial.best_value is None else f"{trial.best_value:.4f}"
                values = [number(trial.settings[name]) for name in names]
                epochs = f"{trial.epochs}/{self._record.info['epochs']}"
                table.add_row(trial.name, *values, epochs, best)
        return Group(table, Text(self._progress(), style="dim"))


def say(console: Console, line: str) -> None:
    """Print a line as it is."""
    console.print(line, highlight=False, markup=False, soft_wrap=True)


def trial_line(trial: Trial, objective: str) -> str:
    """One trial in one line: how it ended, its value, its settings, what it took."""
    value = "no value"
    if trial.best_value is not None:
        value = f"{objective} {trial.best_value:.4f} in epoch {trial.best_epoch}"
    settings = " ".join(f"{short_name(k)} {number(v)}" for k, v in trial.settings.items())
    reason = f"  ({trial.reason})" if trial.reason else ""
    return (
        f"trial {trial.name} {trial.state}  {value}  {settings}  "
        f"{trial.epochs} epochs  {trial.seconds:.0f} s{reason}"
    )


def number(value: object) -> str:
    """A setting's value, short."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def duration(seconds: float) -> str:
    """Seconds in the unit people would use."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
