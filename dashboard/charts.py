"""Figures: functions from data to a plotly figure, knowing nothing of pages."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.curves import metric_groups

__all__ = ["PALETTE", "SHOWN", "curves", "metric_groups", "saving", "smoothed"]
DASHES = ("solid", "dot", "dash", "dashdot", "longdash", "longdashdot")
PALETTE = (
    "#E4572E", "#1B998B", "#5B6AE0", "#E9A23B", "#D1495B",
    "#3A86B7", "#8A6FB0", "#7A7F55", "#B5651D", "#7B8290",
)  # fmt: skip
"""Colours of series, readable on light and dark paper."""
SHOWN = 4
"""Series of a figure that are drawn at once; the legend switches the others on."""


def smoothed(values: Sequence[float], weight: float) -> np.ndarray:
    """An exponential moving average, its start corrected (Kingma and Ba, 2015); gaps stay gaps.

    weight: share of what was before, in [0, 1); 0 changes nothing.
    """
    out = np.full(len(values), np.nan)
    mean, mass = 0.0, 0.0
    for place, value in enumerate(np.asarray(values, dtype=float)):
        if np.isnan(value):
            continue
        mean = weight * mean + (1 - weight) * value
        mass = weight * mass + (1 - weight)
        out[place] = mean / mass
    return out


def curves(
    runs: Mapping[str, pd.DataFrame],
    columns: Sequence[str],
    *,
    smoothing: float = 0.0,
    log: bool = False,
) -> go.Figure:
    """Columns of one or several runs by epoch.

    One run: a colour for each column. Several: a colour for each run, a dash for each column.
    Smoothed lines lie over the values as they were logged.
    """
    figure = go.Figure()
    present = [c for c in columns if any(_has(frame, c) for frame in runs.values())]
    for at, (name, frame) in enumerate(runs.items()):
        for place, column in enumerate(present):
            if not _has(frame, column):
                continue
            colour = PALETTE[(at if len(runs) > 1 else place) % len(PALETTE)]
            line = {"color": colour, "width": 2.2}
            if len(runs) > 1:
                line["dash"] = DASHES[place % len(DASHES)]
            title = f"{name} · {column}" if len(runs) > 1 else column
            visible = True if place < SHOWN else "legendonly"
            if smoothing:
                _raw(figure, frame, column, title, colour, visible)
            values = smoothed(frame[column].tolist(), smoothing) if smoothing else frame[column]
            figure.add_trace(_series(frame["epoch"], values, title, line, visible))
    last = max((int(frame["epoch"].max()) for frame in runs.values() if len(frame)), default=1)
    figure.update_xaxes(dtick=max(1, -(-last // 8)))
    return _dressed(figure, log)


def _series(
    epochs: pd.Series, values: object, title: str, line: dict[str, object], visible: bool | str
) -> go.Scatter:
    return go.Scatter(
        x=epochs,
        y=values,
        name=title,
        legendgroup=title,
        # A single epoch has no line to be seen.
        mode="lines+markers" if len(epochs) < 3 else "lines",
        line=line,
        visible=visible,
        hovertemplate="%{y:.4g}",
    )


def _raw(
    figure: go.Figure,
    frame: pd.DataFrame,
    column: str,
    title: str,
    colour: str,
    visible: bool | str,
) -> None:
    figure.add_trace(
        go.Scatter(
            x=frame["epoch"],
            y=frame[column],
            legendgroup=title,
            showlegend=False,
            visible=visible,
            mode="lines",
            line={"color": colour, "width": 1},
            opacity=0.25,
            hoverinfo="skip",
        )
    )


def _dressed(figure: go.Figure, log: bool) -> go.Figure:
    figure.update_layout(
        height=300,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        hovermode="x unified",
        legend={"orientation": "h", "y": -0.22, "x": 0, "font": {"size": 12}},
        showlegend=True,
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": "#9a9ea9", "activecolor": PALETTE[0]},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    figure.update_xaxes(title=None, showgrid=False, zeroline=False, tickformat="d")
    figure.update_yaxes(type="log" if log else "linear", zeroline=False, nticks=6)
    return figure


def _has(frame: pd.DataFrame, column: str) -> bool:
    return column in frame and pd.api.types.is_numeric_dtype(frame[column])


def saving(title: str) -> dict[str, object]:
    """Plotly's settings for a figure that can be saved as PNG and carries no other buttons."""
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage", "resetScale2d"]],
        "toImageButtonOptions": {"filename": title.lower().replace(" ", "-"), "scale": 2},
    }
