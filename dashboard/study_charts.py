"""Figures about the trials of a study. Data in, figure out; every mark is a trial.

`trials` are rows as a study gives them, with the columns `order`, the place in which a trial was
proposed, from 0.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.studies import Dimension, Field, short_name
from dashboard.plots import Axis, Bar, Figure, Line, Marks, Panel, Scale, Surface, scale_over
from dashboard.setting_axis import places, ticks

FOOT = 0.035
"""Where trials without a value lie."""
LEVELS = 12
"""Levels of the landscape, about."""


def history(trials: pd.DataFrame, objective: str, chosen: str | None) -> Figure:
    """Each trial's best value in the order of the search, and the best of all so far."""
    scale = _value_scale(trials)
    order = scale_over([0, *trials["order"]], foot=0.02, head=0.98)
    scored = trials.dropna(subset=["best_value"]).sort_values("order")
    best = scored["best_value"].cummax()
    line = Line(
        x=order.places(scored["order"].tolist()).tolist(),
        y=scale.places(best.tolist()).tolist(),
        ink="accent",
        width=2.2,
        steps=True,
        told=[f"best so far {value:.4f}" for value in best],
    )
    x = order.places(trials["order"].tolist())
    panel = Panel(
        x=Axis(title="trial", ticks=order.ticks(8, whole=True)),
        y=Axis(title=objective, ticks=_value_ticks(trials, scale, 6), grid=True),
        lines=[line],
        marks=Marks(x=x.tolist(), y=_heights(trials, scale)),
    )
    return _figure("History", [panel], trials, chosen, height=300, margin=(62, 12, 12, 46))


def landscape(
    trials: pd.DataFrame,
    space: Mapping[str, Dimension],
    x: str,
    y: str,
    field: Field | None,
    chosen: str | None,
) -> Figure:
    """Two settings against each other: the trials, over what lies between them."""
    at_x, at_y = (places(trials[name], space[name]).tolist() for name in (x, y))
    panel = Panel(
        x=Axis(title=short_name(x), ticks=ticks(space[x])),
        y=Axis(title=short_name(y), ticks=ticks(space[y])),
        surface=None if field is None else _surface(field, space[x], space[y]),
        marks=Marks(x=at_x, y=at_y),
    )
    height = 330 + 70 * min(3, max(0, len(space) - 3))
    title = "Two settings together"
    return _figure(title, [panel], trials, chosen, height=height, margin=(70, 58, 8, 50))


def slices(trials: pd.DataFrame, space: Mapping[str, Dimension], chosen: str | None) -> Figure:
    """The trials' values against each setting by itself: small panels in rows of two."""
    scale = _value_scale(trials)
    heights, y = _heights(trials, scale), Axis(ticks=_value_ticks(trials, scale, 5), grid=True)
    panels = [
        Panel(
            x=Axis(title=short_name(name), ticks=ticks(dimension)),
            y=y,
            marks=Marks(x=places(trials[name], dimension).tolist(), y=heights),
        )
        for name, dimension in space.items()
    ]
    title, height = "One setting at a time", 200 * -(-len(space) // 2)
    margin = (42, 12, 10, 52)
    return _figure(title, panels, trials, chosen, height=height, margin=margin, columns=2)


def importance(values: Mapping[str, float]) -> Figure:
    """The share of the results' variance that each setting explains, the greatest on top."""
    names = [short_name(name) for name in values]
    rows = [1 - (place + 0.5) / len(names) for place in range(len(names))]
    most = max(values.values(), default=0) or 1
    bars = [
        Bar(y=y, length=share / most, text=f"{share:.1%}", value=share, strong=place == 0)
        for place, (y, share) in enumerate(zip(rows, values.values(), strict=True))
    ]
    panel = Panel(y=Axis(ticks=list(zip(rows, names, strict=True))), bars=bars)
    longest = max(map(len, names), default=0)
    height = 30 + 42 * max(2, len(names))
    margin = (min(190, 16 + 7 * longest), 52, 4, 4)
    return Figure(title="What matters", panels=[panel], height=height, margin=margin)


def hovers(trials: pd.DataFrame, space: Sequence[str], objective: str) -> list[str]:
    """What is told of each trial where the pointer rests on it, in lines."""
    told = []
    for row in trials.to_dict("records"):
        lines = [f"{row['trial']} {row['state']}"]
        if row["best_value"] == row["best_value"]:
            lines.append(f"{objective} {row['best_value']:.4f} in epoch {int(row['best_epoch'])}")
        if row["reason"]:
            lines.append(str(row["reason"])[:90])
        lines += [f"{short_name(name)} {value_text(row[name])}" for name in space]
        told.append("\n".join(line.replace("\n", " ") for line in lines))
    return told


def value_text(value: object) -> str:
    """A setting's value, short."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _figure(
    title: str, panels: Sequence[Panel], trials: pd.DataFrame, chosen: str | None, **told: Any
) -> Figure:
    return Figure(
        title=title,
        panels=panels,
        trials=trials["trial"].tolist(),
        looks=trials["state"].tolist(),
        chosen=chosen,
        **told,
    )


def _value_scale(trials: pd.DataFrame) -> Scale:
    """From values to heights; what has no value needs room at the foot."""
    missing = bool(trials["best_value"].isna().any())
    return scale_over(trials["best_value"].to_numpy(float), foot=0.11 if missing else 0.05)


def _heights(trials: pd.DataFrame, scale: Scale) -> list[float]:
    heights: list[float] = np.nan_to_num(
        scale.places(trials["best_value"].to_numpy(float)), nan=FOOT
    ).tolist()
    return heights


def _value_ticks(trials: pd.DataFrame, scale: Scale, most: int) -> list[tuple[float, str]]:
    """None where there is no value to be read off."""
    return scale.ticks(most) if trials["best_value"].notna().any() else []


def _surface(field: Field, x: Dimension, y: Dimension) -> Surface:
    known: npt.NDArray[np.float64] = field.values_YX[~np.isnan(field.values_YX)]
    scale = scale_over(known, foot=0.0, head=1.0)
    inner = [value for value, _ in scale.numbers(LEVELS)]
    low, high = float(known.min()), float(known.max())
    levels = [low, *(level for level in inner if low < level < high), high]
    return Surface(
        x=places(field.x, x).tolist(),
        y=places(field.y, y).tolist(),
        values_YX=field.values_YX,
        levels=levels if low < high else [scale.low, scale.high],
        ticks=scale.numbers(6),
    )
