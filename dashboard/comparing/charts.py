"""Figures of the Compare page: data in, figure out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

GAIN = "#1B998B"
LOSS = "#D1495B"
QUIET = "rgba(138, 138, 138, 0.25)"
ROW = 24
"""Height of a class's bar with its room, in pixels."""


def class_changes(changes: Sequence[tuple[str, float]], chosen: str | None = None) -> go.Figure:
    """Change in mean AP of each class, as bars to the right and left, in the order given.

    A bar can be clicked: its `y` is the class. The one chosen stands out.
    """
    names = [name for name, _ in changes]
    values = np.array([value for _, value in changes], float)
    widest = float(np.abs(values).max(initial=0.05))
    bar = go.Bar(
        x=values,
        y=names,
        orientation="h",
        marker={
            "color": np.where(values >= 0, GAIN, LOSS),
            "opacity": [1.0 if chosen in (None, name) else 0.35 for name in names],
            "line": {"width": 0},
        },
        text=[f"{value:+.2f}" for value in values],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: AP %{x:+.3f}<extra></extra>",
        **_unfaded(),
    )
    figure = go.Figure(bar)
    figure.update_xaxes(
        range=[-1.28 * widest, 1.28 * widest],
        showgrid=False,
        zeroline=True,
        zerolinecolor=QUIET,
        showticklabels=False,
        title=None,
        fixedrange=True,
    )
    figure.update_yaxes(
        type="category", autorange="reversed", title=None, dtick=1, ticks="", fixedrange=True
    )
    figure.update_layout(bargap=0.45, height=50 + ROW * max(3, len(names)))
    return _dressed(figure)


def query_changes(changes: npt.NDArray[np.floating], names: Sequence[str]) -> go.Figure:
    """Change in AP of every drawing, the largest gain first: how many gain, and how much.

    A bar can be clicked: its `customdata` is the drawing's id.
    """
    values = np.asarray(changes, float)
    figure = go.Figure(
        go.Bar(
            x=np.arange(1, len(values) + 1),
            y=values,
            customdata=[[name] for name in names],
            marker={"color": np.where(values >= 0, GAIN, LOSS), "line": {"width": 0}},
            hovertemplate="%{customdata[0]}: AP %{y:+.3f}<extra></extra>",
            **_unfaded(),
        )
    )
    top = float(np.abs(values).max(initial=0.05))
    figure.update_layout(bargap=0.0 if len(values) > 60 else 0.2, height=150)
    figure.update_xaxes(showticklabels=False, showgrid=False, title=None, fixedrange=True)
    figure.update_yaxes(
        range=[-1.1 * top, 1.1 * top], nticks=4, gridcolor=QUIET, title=None, fixedrange=True,
        zeroline=True, zerolinecolor=QUIET,
    )  # fmt: skip
    return _dressed(figure)


def _unfaded() -> dict[str, Any]:
    """A click chooses; it must not leave all others faded."""
    return {"selected": {"marker": {}}, "unselected": {"marker": {}}}


def _dressed(figure: go.Figure) -> go.Figure:
    figure.update_layout(
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        showlegend=False,
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": "#9a9ea9", "activecolor": GAIN},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        dragmode=False,
    )
    return figure
