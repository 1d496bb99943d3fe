"""Parallel coordinates: every trial is a line through its settings to its value."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.studies import Dimension, short_name
from dashboard.plots import Axis, Figure, Marks, Panel, Ruler, Threads
from dashboard.setting_axis import INSET, places, ticks

HEIGHT = 350
SHADES = 6
"""Steps of colour from the worst value to the best."""
TICKS = 5
Floats = npt.NDArray[np.float64]


def parallel(
    trials: pd.DataFrame, space: Mapping[str, Dimension], objective: str, chosen: str | None
) -> Figure:
    """An axis for each setting in its own scale, the value last: the better, the stronger the line.

    A trial that was stopped is dotted; one without a value ends at the last setting.
    """
    scores = trials["best_value"].to_numpy(float)
    known = scores[~np.isnan(scores)]
    low, high = (known.min(), known.max()) if len(known) else (0.0, 1.0)
    rated = (scores - low) / (high - low) if high > low else np.where(np.isnan(scores), scores, 1.0)
    heights_NA = np.stack(
        [places(trials[name], dimension) for name, dimension in space.items()]
        + [INSET + (1 - 2 * INSET) * rated],
        axis=1,
    )
    at_A = np.linspace(0, 1, len(space) + 1)
    shares = np.linspace(0, 1, TICKS)
    values = zip(INSET + (1 - 2 * INSET) * shares, low + shares * (high - low), strict=True)
    axes = [(short_name(name), ticks(dimension)) for name, dimension in space.items()]
    axes.append((objective, [(float(place), f"{value:.3f}") for place, value in values]))
    panel = Panel(
        x=Axis(),
        rulers=[
            Ruler(x=float(x), title=title, ticks=told, ends=(INSET, 1 - INSET))
            for x, (title, told) in zip(at_A, axes, strict=True)
        ],
        threads=_threads(trials, at_A, heights_NA, rated),
        marks=_ends(at_A, heights_NA),
    )
    return Figure(
        title="All settings at once",
        panels=[panel],
        height=HEIGHT,
        margin=(40, 48, 46, 2),
        trials=trials["trial"].tolist(),
        looks=np.where(np.isnan(rated), "failed", "complete").tolist(),
        chosen=chosen,
    )


def _threads(trials: pd.DataFrame, at_A: Floats, heights_NA: Floats, rated: Floats) -> Threads:
    """A line for each trial, the best drawn last; step 0 is for those without a value."""
    shares = np.nan_to_num(np.maximum(1, np.ceil(rated * SHADES)), nan=0) / SHADES
    return Threads(
        x=at_A.tolist(),
        y_NA=heights_NA,
        inks=["good" if share else "bad" for share in shares],
        strengths=np.where(shares > 0, 0.08 + 0.92 * shares**3, 0.4).tolist(),
        widths=(1 + 1.2 * shares).tolist(),
        dotted=(trials["state"] == "stopped").tolist(),
        order=np.argsort(np.nan_to_num(rated, nan=-1), kind="stable").tolist(),
    )


def _ends(at_A: Floats, heights_NA: Floats) -> Marks:
    """A mark at each line's end; at the last setting where there is no value."""
    missing = np.isnan(heights_NA[:, -1])
    x = np.where(missing, at_A[-2], at_A[-1])
    y = np.where(missing, heights_NA[:, -2], heights_NA[:, -1])
    return Marks(x=x.tolist(), y=y.tolist(), small=True)
