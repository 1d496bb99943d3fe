"""Read a study folder: JSON and CSV only, whether the search is running, ended or was killed."""

import socket
import time
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.runs.layout import read_json
from core.runs.processes import is_alive
from core.studies import verdict
from core.studies.importance import Importance, importance
from core.studies.layout import (
    FORMAT_VERSION,
    LEADING,
    PULSE_FILE,
    STUDY_FILE,
    TRAILING,
    TRIALS_FILE,
)
from core.studies.space import Dimension, parse_dimension

# A running search on another host writes every few seconds; the clocks of two hosts may differ.
STALE_SECONDS = 6 * 3600
DEFAULT_TRIAL = "000"
"""The trial that runs the recipe's own settings."""
NEEDED = ("objective", "state", "space", "epochs")
"""What `study.json` must say to be read at all."""


class Study:
    """One search on disk.

    Args:
        path: the study's folder, with `study.json` in it.

    Raises:
        ValueError: no study there, a newer format or a damaged file; the message names it.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        file = self.path / STUDY_FILE
        if not file.is_file():
            raise ValueError(f"no study at {self.path}: it has no {STUDY_FILE}")
        self.info: dict[str, Any] = read_json(file)
        version = self.info.get("format") if isinstance(self.info, dict) else None
        if not isinstance(version, int) or version > FORMAT_VERSION:
            raise ValueError(
                f"{file} has study format {version}, this version reads up to {FORMAT_VERSION}"
            )
        missing = [name for name in NEEDED if name not in self.info]
        if missing or not isinstance(self.info["space"], dict):
            raise ValueError(f"{file} is damaged: no {', '.join(missing) or 'space'}")

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def objective(self) -> str:
        """The metric that the search maximises."""
        return str(self.info["objective"])

    @property
    def state(self) -> str:
        """running, interrupted (its process has ended), stopped (by a person) or complete."""
        state = str(self.info["state"])
        if state == "running" and not driver_alive(self.info, self.path):
            return "interrupted"
        return state

    @cached_property
    def space(self) -> dict[str, Dimension]:
        """Dotted setting -> what was searched."""
        return {name: parse_dimension(name, text) for name, text in self.info["space"].items()}

    def trials(self) -> pd.DataFrame:
        """A row per trial, as in `trials.csv`: trial, group, seed, settings, state, epochs, ….

        `trial` and `group` are texts; a trial whose name is not its group's repeats that group
        with another seed. `best_value` is NaN where no epoch was scored.
        """
        file = self.path / TRIALS_FILE
        if not file.is_file():
            return pd.DataFrame(columns=[*LEADING, *self.space, *TRAILING])
        texts = ("trial", "group", "state", "node", "reason")
        choices = {n: dimension for n, dimension in self.space.items() if dimension.values}
        try:
            frame = pd.read_csv(file, dtype=dict.fromkeys((*texts, *choices), str))
        except (ValueError, pd.errors.ParserError, UnicodeDecodeError) as error:
            raise ValueError(f"{file} is damaged: {error}") from error
        missing = {*LEADING, *self.space, *TRAILING} - set(frame.columns)
        if missing:
            raise ValueError(f"{file} is damaged: no column {', '.join(sorted(missing))}")
        numbers = {"seed", "epochs", "best_value", "best_epoch", "seconds", *self.space}
        for name in sorted(numbers - set(choices)):
            # Of a table without rows, pandas knows no types.
            if len(frame) and not pd.api.types.is_numeric_dtype(frame[name]):
                raise ValueError(f"{file} is damaged: column {name} holds what is no number")
        for name, dimension in choices.items():
            typed = {str(value): value for value in dimension.values}
            values = [typed.get(text, text) for text in frame[name]]
            frame[name] = pd.Series(values, frame.index, dtype=object)
        return frame.fillna(dict.fromkeys(texts, ""))

    def first_tries(self) -> pd.DataFrame:
        """The search's own trials, without the repeats with other seeds."""
        frame = self.trials()
        return frame[frame["trial"] == frame["group"]].reset_index(drop=True)

    def repeats(self) -> pd.DataFrame:
        """`group`, `seeds`, `mean`, `std` of what was repeated; the best mean first."""
        return verdict.repeats(self.trials())

    def verdict(self) -> verdict.Verdict:
        """Whether the best trial beats the recipe's default, claimed only with seeds' spread."""
        return verdict.judge(self.trials(), DEFAULT_TRIAL, self.objective)

    def best(self) -> str | None:
        """The trial whose settings the study recommends; None while no trial has a value.

        With repeats the best mean over seeds, else the best single value.
        """
        repeated = self.repeats()
        if len(repeated):
            return str(repeated["group"].iloc[0])
        scored = self.first_tries().dropna(subset=["best_value"])
        return (
            str(scored["trial"].iloc[int(scored["best_value"].argmax())]) if len(scored) else None
        )

    def settings(self, trial: str) -> dict[str, Any]:
        """The searched settings of a trial; ValueError names the trials that there are."""
        frame = self.trials()
        row = frame[frame["trial"] == trial]
        if row.empty:
            there = ", ".join(frame["trial"]) or "none yet"
            raise ValueError(f"no trial {trial!r} in study {self.name}: there are {there}")
        return {name: _plain(row[name].iloc[0]) for name in self.space}

    def importance(self) -> Importance:
        """How much each setting matters, from the search's own trials."""
        return importance(self.first_tries(), self.space)

    def saved(self) -> dict[str, float]:
        """What early stopping saved: `epochs_run`, `epochs_full` and their ratio `share`.

        Counted over ended trials that did not fail; `epochs_full` is what they would have run
        without a scheduler.
        """
        ended = self.first_tries()
        ended = ended[ended["state"].isin(("complete", "stopped"))]
        full = len(ended) * int(self.info["epochs"])
        run = int(ended["epochs"].sum())
        return {"epochs_run": run, "epochs_full": full, "share": run / full if full else np.nan}

    def table(self, rows: str, columns: str, bins: int = 4) -> pd.DataFrame:
        """The best value in each cell of two settings' ranges; NaN where no trial was.

        Args:
            rows: dotted setting of the rows, e.g. `loss.w_d`.
            columns: dotted setting of the columns.
            bins: cells a range is cut into (evenly in its own scale); a choice keeps its values.
        """
        frame = self.first_tries().dropna(subset=["best_value"])
        for name in (rows, columns):
            if name not in self.space:
                raise ValueError(f"{name} was not searched: searched are {', '.join(self.space)}")
        labelled = pd.DataFrame(
            {
                rows: _binned(frame[rows], self.space[rows], bins),
                columns: _binned(frame[columns], self.space[columns], bins),
                "best_value": frame["best_value"],
            }
        )
        best = labelled.groupby([rows, columns], observed=False)["best_value"].max()
        return best.unstack(columns)


def list_studies(root: Path) -> list[Study]:
    """Every readable study under the runs root, newest first."""
    return survey_studies(root)[0]


def survey_studies(root: Path) -> tuple[list[Study], dict[str, str]]:
    """Every readable study under the runs root, newest first; why the others are not, by name."""
    found, broken = [], {}
    for file in sorted(root.glob(f"*/{STUDY_FILE}")):
        try:
            found.append(Study(file.parent))
        except (ValueError, OSError) as error:
            broken[file.parent.name] = str(error)
    found.sort(key=lambda study: str(study.info.get("created", "")), reverse=True)
    return found, broken


def driver_alive(info: dict[str, Any], path: Path) -> bool:
    """Whether the search's process still is; on another host, whether it wrote lately."""
    driver = info.get("driver") or {}
    written = max(_written(path / name) for name in (TRIALS_FILE, PULSE_FILE))
    if driver.get("host") != socket.gethostname():
        return time.time() - written < STALE_SECONDS
    return is_alive(driver.get("pid"), max(written, _written(path / STUDY_FILE)))


def _written(file: Path) -> float:
    """When a file was written last, by the clock of its disk; 0 where there is none."""
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def _binned(values: pd.Series, dimension: Dimension, bins: int) -> pd.Series:
    if dimension.kind == "choice":
        texts = [str(value) for value in dimension.values]
        return pd.Series(pd.Categorical(values.astype(str), texts, ordered=True), values.index)
    spread = np.geomspace if dimension.kind == "log" else np.linspace
    edges = spread(dimension.low, dimension.high, bins + 1)
    labels = [f"{low:.3g}…{high:.3g}" for low, high in pairwise(edges)]
    # The recipe's default may lie outside the range: it belongs to the nearest cell.
    inside = values.clip(edges[0], edges[-1])
    cells = np.clip(np.searchsorted(edges, inside, side="right") - 1, 0, bins - 1)
    named = [labels[cell] for cell in cells.tolist()]
    return pd.Series(pd.Categorical(named, labels, ordered=True), values.index)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
