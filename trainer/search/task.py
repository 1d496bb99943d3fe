"""What every trial of a study is given, and how it may end."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.runs.layout import read_json
from core.studies import STUDY_FILE
from trainer.config import Config
from trainer.loop import train
from trainer.search.record import DIVERGED

Loop = Callable[..., None]
RESTARTS = 2
"""How often a trial is started again after its process was killed, from its last epoch."""


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What all trials of a study have in common; picklable."""

    study: Path
    """The study's folder, absolute."""
    token: str
    """The driver's; a trial ends when study.json names another."""
    spec: str
    """The data."""
    config: Config
    """The recipe's configuration."""
    recipe: str
    """Its name."""
    cpus: int = 1
    """Threads of a trial, over all its workers."""
    gpus: float = 0
    """GPUs of a trial, over all its workers."""
    workers: int = 1
    """Training processes of a trial."""
    loop: Loop = train
    """The training loop; tests put a faulty one here."""

    @property
    def each(self) -> dict[str, float]:
        """What each worker of a trial takes, by Ray's names of resources."""
        share = {"CPU": float(max(1, self.cpus // self.workers))}
        return share | ({"GPU": self.gpus / self.workers} if self.gpus else {})


class Diverged(Exception):
    """The loss or the objective is no longer a number."""


class Superseded(Exception):
    """Another driver has taken over the study: this process must leave the run alone."""


def check_finite(row: dict[str, Any], objective: str) -> None:
    """Raise Diverged if the epoch's loss or its objective is not a number."""
    for name in ("loss_total", objective):
        if not math.isfinite(row[name]):
            raise Diverged(f"{DIVERGED}: {name} is {row[name]} in epoch {row['epoch']}")


def token_of(study: Path) -> str:
    """The driver that study.json names; empty while the file can't be read."""
    try:
        return str(read_json(study / STUDY_FILE)["driver"]["token"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
