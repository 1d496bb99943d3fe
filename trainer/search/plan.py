"""What a person asked a search for, and how `study.json` keeps it."""

import math
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import core
from core.settings import from_dict, to_dict
from core.studies import Dimension, Study, parse_dimension
from core.studies.layout import FORMAT_VERSION
from trainer.config import Config
from trainer.room import check_gpus
from trainer.search.sampling import SAMPLERS, grid

SCHEDULERS = ("asha", "none")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A search, before any of it has run."""

    recipe: str
    """Name or file that the configuration comes from; for people and for `--promote`."""
    spec: str
    """The data, with absolute paths."""
    config: Config
    """The recipe with its overrides; trial 0 runs it as it is."""
    space: Mapping[str, Dimension]
    """Dotted setting -> what is tried."""
    trials: int = 20
    """Trials, the one with the recipe's own settings included; repeats come on top."""
    sampler: str = "optuna"
    """optuna, random or grid."""
    scheduler: str = "asha"
    """asha stops bad trials early, none lets all run to their end."""
    grace: int | None = None
    """Epochs that ASHA lets every trial run; None: a sixth of them, but at least 1."""
    reduction: int = 3
    """Of the trials that reach a rung ASHA lets one in this many go on."""
    seeds: int = 1
    """2 or more: the best trials and the default are repeated with so many seeds each."""
    concurrent: int | None = None
    """Trials at once; None: as many as the cluster holds."""
    gpus_per_trial: float = 0
    """GPUs of a trial, over all its workers; 0 trains on CPUs."""
    workers_per_trial: int = 1
    """Training processes of a trial; above 1 they are Ray Train's."""

    def __post_init__(self) -> None:
        for name, allowed in (("sampler", SAMPLERS), ("scheduler", SCHEDULERS)):
            if getattr(self, name) not in allowed:
                given = getattr(self, name)
                raise ValueError(f"--{name} is {given!r}: allowed are {', '.join(allowed)}")
        for name, least in (
            ("trials", 2),
            ("seeds", 1),
            ("reduction", 2),
            ("workers_per_trial", 1),
        ):
            if getattr(self, name) < least:
                option = name.replace("_", "-")
                raise ValueError(f"--{option} is {getattr(self, name)}: {least} or more is needed")
        if not 1 <= self.grace_period <= self.epochs:
            raise ValueError(f"--grace is {self.grace}: 1 to {self.epochs} (the epochs) is allowed")
        if self.gpus_per_trial < 0 or (self.concurrent is not None and self.concurrent < 1):
            raise ValueError("--gpus-per-trial must be 0 or more and --concurrent 1 or more")
        check_gpus(self.workers_per_trial, self.gpus_per_trial / self.workers_per_trial)
        if self.sampler == "grid":
            grid(self.space, self.trials - 1)

    @property
    def epochs(self) -> int:
        """The epochs that every trial plans."""
        return self.config.train.epochs

    @property
    def grace_period(self) -> int:
        """Epochs before ASHA stops anything.

        A sixth by default, as long as λ_d's schedule is 0: settings other than w_d have shown
        what they are worth by then, and w_d is judged at the rungs that follow.
        """
        return math.ceil(self.epochs / 6) if self.grace is None else self.grace

    def to_info(self) -> dict[str, Any]:
        """The plan as `study.json` keeps it, with the versions that it runs under."""
        asha = {
            "name": "asha",
            "time_unit": "epoch",
            "grace_period": self.grace_period,
            "reduction_factor": self.reduction,
            "max_epochs": self.epochs,
        }
        packages = ("torch", "ray", "optuna")
        return {
            "format": FORMAT_VERSION,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "recipe": self.recipe,
            "data": {"spec": self.spec, "protocol": self.config.data.protocol},
            "objective": self.config.train.objective,
            "epochs": self.epochs,
            "space": {name: str(dimension) for name, dimension in self.space.items()},
            "trials": self.trials,
            "sampler": self.sampler,
            "scheduler": asha if self.scheduler == "asha" else {"name": "none"},
            "seed": self.config.train.seed,
            "seeds": self.seeds,
            "concurrent": self.concurrent,
            "gpus_per_trial": self.gpus_per_trial,
            "workers_per_trial": self.workers_per_trial,
            "versions": {
                "sketchy": core.__version__,
                "python": platform.python_version(),
                **{name: version(name) for name in packages},
            },
            "config": to_dict(self.config),
        }


def plan_of(path: Path) -> Plan:
    """The plan that an existing study was started with; ValueError if it can't be read."""
    info = Study(path).info
    scheduler = info["scheduler"]
    return Plan(
        recipe=info["recipe"],
        spec=info["data"]["spec"],
        config=from_dict(Config, info["config"]),
        space={name: parse_dimension(name, text) for name, text in info["space"].items()},
        trials=info["trials"],
        sampler=info["sampler"],
        scheduler=scheduler["name"],
        grace=scheduler.get("grace_period"),
        reduction=scheduler.get("reduction_factor", 3),
        seeds=info["seeds"],
        concurrent=info["concurrent"],
        gpus_per_trial=info["gpus_per_trial"],
        workers_per_trial=info["workers_per_trial"],
    )
