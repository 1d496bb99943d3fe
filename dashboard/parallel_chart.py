"""Parallel coordinates: every trial is a line through its settings to its value."""

import math
from collections.abc import Mapping
from html import escape
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.studies import Dimension, short_name
from dashboard.study_charts import ACCENT, GREY, MARKS, powers, shade

HEIGHT = 350
SHADES = 6
"""Steps of colour from the worst value to the best."""
TICKS = 5
Trace = dict[str, Any]


def parallel(
    trials: pd.DataFrame,
    space: Mapping[str, Dimension],
    objective: str,
    chosen: str | None,
    *,
    dark: bool,
) -> go.Figure:
    """An axis for each setting in its own scale, the value last: the better, the stronger the line.

    A trial that was stopped is dashed; one without a value ends at the last setting.
    """
    scores = trials["best_value"].to_numpy(float)
    known = scores[~np.isnan(scores)]
    low, high = (known.min(), known.max()) if len(known) else (0.0, 1.0)
    rated = (scores - low) / (high - low) if high > low else np.where(np.isnan(scores), scores, 1.0)
    heights = np.stack(
        [[dimension.share(value) for value in trials[name]] for name, dimension in space.items()]
        + [rated.tolist()]
    ).T
    heights = np.clip(heights, -0.04, 1.04)
    traces = [*_lines(trials, heights, rated, dark), *_ends(trials, heights, rated)]
    if chosen is not None and (mine := (trials["trial"] == chosen).to_numpy()).any():
        traces.append(_chosen(heights[mine][0]))
    values = zip(np.linspace(0, 1, TICKS), np.linspace(low, high, TICKS), strict=True)
    axes = [(short_name(name), _ticks(dimension)) for name, dimension in space.items()]
    axes.append((objective, [(share, f"{value:.3f}") for share, value in values]))
    traces.append(_tick_texts(axes))
    # Made in one go: plotly checks everything again for each part that is added to a figure.
    return go.Figure(data=traces, layout=_layout([title for title, _ in axes]))


def _chosen(heights: np.ndarray) -> Trace:
    return {
        "type": "scatter",
        "x": list(range(len(heights))),
        "y": heights.tolist(),
        "mode": "lines+markers",
        "line": {"color": ACCENT, "width": 3},
        "marker": {"size": 7},
        "hoverinfo": "skip",
    }


def _tick_texts(axes: list[tuple[str, list[tuple[float, str]]]]) -> Trace:
    """All ticks as one trace of texts: plotly has one pair of axes for a figure.

    The style sheet draws paper around them, where lines run through.
    """
    ticks = [
        (place, height, text) for place, (_, ticks) in enumerate(axes) for height, text in ticks
    ]
    # The last axis has its marks on its line.
    last = len(axes) - 1
    return {
        "type": "scatter",
        "x": [place + (0.03 if place == last else -0.02) for place, _, _ in ticks],
        "y": [height for _, height, _ in ticks],
        "text": [escape(text) for _, _, text in ticks],
        "textposition": [f"middle {'right' if place == last else 'left'}" for place, _, _ in ticks],
        "textfont": {"size": 10.5},
        "mode": "text",
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _layout(titles: list[str]) -> dict[str, Any]:
    hidden = {"visible": False, "fixedrange": True, "automargin": False}
    places = range(len(titles))
    line = {"type": "line", "y0": 0, "y1": 1, "line": {"color": GREY, "width": 1}, "layer": "below"}
    title = {"showarrow": False, "y": 1, "font": {"size": 12}}
    return {
        "height": HEIGHT,
        "margin": {"l": 40, "r": 44, "t": 50, "b": 8, "autoexpand": False},
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": False,
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": "#9a9ea9", "activecolor": ACCENT},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {**hidden, "range": [-0.12, len(titles) - 0.88]},
        "yaxis": {**hidden, "range": [-0.07, 1.07]},
        "shapes": [{**line, "x0": place, "x1": place} for place in places],
        # Names stand in two rows, so that neighbours have room on a phone.
        "annotations": [
            {**title, "x": place, "yshift": 20 + 15 * (place % 2), "text": f"<b>{escape(text)}</b>"}
            for place, text in zip(places, titles, strict=True)
        ],
    }


def _lines(trials: pd.DataFrame, heights: np.ndarray, rated: np.ndarray, dark: bool) -> list[Trace]:
    """One trace for each shade and dash, the best drawn last; a gap parts two trials."""
    steps = np.nan_to_num(np.ceil(rated * SHADES), nan=0).astype(int)
    stopped = (trials["state"] == "stopped").to_numpy()
    traces = []
    for step, dashed in product(range(SHADES + 1), (True, False)):
        mine = (steps == step) & (stopped == dashed)
        if not mine.any():
            continue
        count = int(mine.sum())
        y = np.concatenate([heights[mine], np.full((count, 1), np.nan)], axis=1).ravel()
        line = {
            "color": _colour(step, dark),
            "width": 1 + 1.2 * step / SHADES,
            "dash": "dot" if dashed else "solid",
        }
        traces.append(
            {
                "type": "scatter",
                "x": [*range(heights.shape[1]), None] * count,
                "y": [None if math.isnan(value) else value for value in y.tolist()],
                "mode": "lines",
                "line": line,
                "hoverinfo": "skip",
            }
        )
    return traces


def _ends(trials: pd.DataFrame, heights: np.ndarray, rated: np.ndarray) -> list[Trace]:
    """A mark at each line's end, to be pointed at and clicked; a cross where there is no value."""
    last = heights.shape[1] - 1
    kinds = [(~np.isnan(rated), last, "complete"), (np.isnan(rated), last - 1, "failed")]
    return [
        {
            "type": "scatter",
            "x": [place] * int(mine.sum()),
            "y": heights[mine, place].tolist(),
            "customdata": trials["trial"][mine].tolist(),
            "text": trials["hover"][mine].tolist(),
            "mode": "markers",
            "marker": {**MARKS[look], "size": 6, "opacity": 0.7},
            "selected": {"marker": {"opacity": 1}},
            "hovertemplate": "%{text}<extra></extra>",
        }
        for mine, place, look in kinds
        if mine.any()
    ]


def _colour(step: int, dark: bool) -> str:
    if step == 0:
        return "rgba(209, 73, 91, 0.4)"
    return shade(0.08 + 0.92 * (step / SHADES) ** 3, dark)


def _ticks(dimension: Dimension) -> list[tuple[float, str]]:
    """(height, text) of an axis's ticks."""
    if dimension.kind == "choice":
        return [(dimension.share(value), str(value)) for value in dimension.values]
    if dimension.kind == "log":
        return [(dimension.share(value), text) for value, text in powers(dimension)]
    return [(dimension.share(value), f"{value:.3g}") for value in dimension.points(TICKS)]
