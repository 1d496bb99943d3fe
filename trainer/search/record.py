"""What a search writes down: `study.json` and `trials.csv`, by its one driver, whole at any moment.

The run directories are the truth: `open_record` rebuilds every trial from its run, the csv file
only names them and keeps what a run can't know.
"""

import csv
import io
import math
import os
import socket
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.runs import Run, RunWriter
from core.runs.layout import write_json, write_text
from core.studies import STUDY_FILE, TRIALS_FILE, Study
from core.studies.layout import LEADING, TRAILING

DIVERGED = "diverged"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One row of trials.csv."""

    name: str
    """The run's name in the study's folder: 000, 001, …; repeats are 003-s1, 003-s2, …."""
    group: str
    """The trial whose settings it has: its own name, or the trial that it repeats."""
    seed: int
    """`train.seed`."""
    settings: Mapping[str, Any]
    """Dotted searched setting -> value."""
    state: str = "queued"
    """queued, running, complete, stopped or failed."""
    epochs: int = 0
    """Complete epochs."""
    best_value: float | None = None
    """The best value of the objective so far."""
    best_epoch: int | None = None
    """The epoch of that value."""
    seconds: float = 0.0
    """What the training loop itself took, validation included."""
    node: str = ""
    """The machine it ran on last."""
    reason: str = ""
    """Why it stopped or failed."""

    @property
    def ended(self) -> bool:
        """Whether it will not run again."""
        return self.state in ("complete", "stopped", "failed")

    @property
    def diverged(self) -> bool:
        """Whether its loss stopped being a number."""
        return self.state == "failed" and self.reason.startswith(DIVERGED)


@dataclass
class Record:
    """A study's two files and what is in them; only the driver of the search has one."""

    path: Path
    """The study's folder."""
    info: dict[str, Any]
    """What study.json says."""
    trials: dict[str, Trial] = field(default_factory=dict)
    """By name, in the order in which they were proposed."""

    def save_info(self, **changes: Any) -> None:
        """Change and write study.json."""
        self.info |= changes
        write_json(self.path / STUDY_FILE, self.info)

    def put(self, trial: Trial) -> None:
        """Add or replace a trial and write trials.csv."""
        self.trials[trial.name] = trial
        self.save_trials()

    def change(self, name: str, **changes: Any) -> Trial:
        """Change some columns of a trial and write trials.csv."""
        self.put(replace(self.trials[name], **changes))
        return self.trials[name]

    def save_trials(self) -> None:
        """Write trials.csv aside and rename it: readers see all of it, or the one before."""
        names = list(self.info["space"])
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow([*LEADING, *names, *TRAILING])
        for trial in self.trials.values():
            trailing = [getattr(trial, column) for column in TRAILING]
            row = [trial.name, trial.group, trial.seed]
            row += [trial.settings[name] for name in names] + trailing
            writer.writerow(["" if value is None else value for value in row])
        write_text(self.path / TRIALS_FILE, buffer.getvalue(), durable=False)

    def take_over(self) -> None:
        """Say that this process runs the search now; trials of an earlier one see it and end."""
        driver = {"pid": os.getpid(), "host": socket.gethostname(), "token": uuid.uuid4().hex}
        self.save_info(state="running", reason="", driver=driver)


def open_record(path: Path) -> Record:
    """An existing study, each trial as its run directory has it.

    Trials that had not ended are queued again; what their runs hold counts, wherever the driver
    was when it was killed.
    """
    study = Study(path)
    record = Record(path, study.info)
    for row in study.trials().to_dict("records"):
        trial = Trial(
            name=row["trial"],
            group=row["group"],
            seed=int(row["seed"]),
            settings={name: row[name] for name in study.space},
            state=row["state"],
            node=row["node"],
            reason=row["reason"],
            seconds=float(row["seconds"]),
        )
        record.trials[trial.name] = refreshed(trial, path / trial.name)
    record.save_trials()
    return record


def refreshed(trial: Trial, path: Path) -> Trial:
    """The trial with epochs, values, seconds and end as its run directory tells them."""
    if not (path / "run.json").is_file():
        return trial if trial.ended else replace(trial, state="queued")
    run = Run(path)
    frame = run.metrics()
    if len(frame) and run.objective in frame:
        finite = frame[frame[run.objective].map(math.isfinite)]
        spent = float(frame["seconds"].sum() + frame["evaluation_seconds"].sum())
        trial = replace(trial, epochs=len(frame), seconds=round(max(trial.seconds, spent), 3))
        if len(finite):
            best = int(finite[run.objective].argmax())
            value, epoch = finite[run.objective].iloc[best], finite["epoch"].iloc[best]
            trial = replace(trial, best_value=float(value), best_epoch=int(epoch))
    if trial.ended:
        return trial
    status = run.status
    if status["state"] in ("complete", "failed"):
        return replace(trial, state=status["state"], reason=status.get("reason", ""))
    return replace(trial, state="queued")


def mark_run(path: Path, state: str, reason: str) -> None:
    """Write the end of a trial into its run's own status, where a run was begun."""
    if (path / "run.json").is_file():
        RunWriter(path).set_status(state, reason)
