"""Which trials of a study are looked at: one filter, for every figure and the table."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from core.studies.layout import STATES
from core.studies.space import Dimension

Ends = tuple[float | None, float | None]
"""The least and the greatest value let through, both included; None leaves an end open."""


@dataclass(frozen=True, kw_only=True)
class TrialFilter:
    """What a trial must be to be shown; without anything set, every trial is."""

    states: tuple[str, ...] = ()
    """States let through; empty lets all through."""
    value: Ends = (None, None)
    """Of `best_value`. A trial without a value is let through only where both ends are open."""
    ranges: Mapping[str, Ends] = field(default_factory=dict)
    """Dotted setting with a range -> the values let through."""
    choices: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """Dotted setting with a choice -> the values let through; empty lets all through."""

    @property
    def active(self) -> bool:
        """Whether it can leave a trial out."""
        return bool(
            self.states
            or _bounded(self.value)
            or any(map(_bounded, self.ranges.values()))
            or any(self.choices.values())
        )

    def rows(self, trials: pd.DataFrame) -> pd.Series:
        """A bool for each row of `trials`, whose columns are those of `trials.csv`."""
        kept = pd.Series(True, trials.index)
        if self.states:
            kept &= trials["state"].isin(self.states)
        kept &= _inside(trials["best_value"], self.value)
        for name, ends in self.ranges.items():
            kept &= _inside(trials[name], ends)
        for name, values in self.choices.items():
            if values:
                kept &= trials[name].isin(values)
        return kept

    def texts(self) -> list[str]:
        """The settings' part as texts for a link: `loss.w_d:0.01..1`, `loss.negatives:hard|random`.

        The states and the value's ends have links of their own: see `ends_text`.
        """
        told = [f"{name}:{ends_text(ends)}" for name, ends in self.ranges.items() if _bounded(ends)]
        told += [
            f"{name}:{'|'.join(map(str, values))}"
            for name, values in self.choices.items()
            if values
        ]
        return told


def ends_text(ends: Ends) -> str | None:
    """`0.01..1`, `..1` or `0.01..`; None where both ends are open."""
    low, high = ("" if end is None else f"{end:.12g}" for end in ends)
    return f"{low}..{high}" if _bounded(ends) else None


def read_filter(
    space: Mapping[str, Dimension],
    *,
    states: Sequence[str] = (),
    value: str | None = None,
    settings: Sequence[str] = (),
) -> TrialFilter:
    """The filter that a link's texts mean.

    A link may come from another study or another time: what does not fit this space is left out.
    """
    ranges: dict[str, Ends] = {}
    choices: dict[str, tuple[Any, ...]] = {}
    for text in settings:
        name, _, told = text.partition(":")
        dimension = space.get(name)
        if dimension is None:
            continue
        if dimension.kind == "choice":
            wanted = told.split("|")
            choices[name] = tuple(value for value in dimension.values if str(value) in wanted)
        else:
            ranges[name] = _ends(told)
    return TrialFilter(
        states=tuple(state for state in STATES if state in states),
        value=_ends(value or ""),
        ranges={name: ends for name, ends in ranges.items() if _bounded(ends)},
        choices={name: values for name, values in choices.items() if values},
    )


def _ends(text: str) -> Ends:
    low, dots, high = text.partition("..")
    return (_number(low), _number(high)) if dots else (None, None)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _bounded(ends: Ends) -> bool:
    return ends[0] is not None or ends[1] is not None


def _inside(values: pd.Series, ends: Ends) -> pd.Series:
    if not _bounded(ends):
        return pd.Series(True, values.index)
    low = -np.inf if ends[0] is None else ends[0]
    high = np.inf if ends[1] is None else ends[1]
    return values.between(low, high)
