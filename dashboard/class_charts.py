"""Figures about classes: how many items, how well found, taken for what. Data in, figure out."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

RIGHT = "#1B998B"
WRONG = "#E4572E"
SPLIT_COLOURS = {"train": "#B9B3A5", "valid": "#E9A23B", "test": "#5B6AE0", "": "#B9B3A5"}
KIND_COLOURS = {"photos": RIGHT, "sketches": WRONG}
QUIET = "rgba(138, 138, 138, 0.25)"
MOST_PAIRED = 30
"""Classes that have room for two bars side by side; of more, sketches are circles over the bars."""
MOST_TICKS = 60
"""Classes whose names fit under the bars; of more, some are left out."""


def balance(series: Mapping[str, Mapping[str, int]], *, stacked: bool = False) -> go.Figure:
    """Items of each class: a bar for each series, side by side or stacked; the largest class first.

    series: a series' name (`photos`, `sketches`, or a split) -> class -> items.
    """
    totals: dict[str, int] = {}
    for counts in series.values():
        for name, count in counts.items():
            totals[name] = totals.get(name, 0) + count
    order = sorted(totals, key=lambda name: (-totals[name], name))
    figure = go.Figure()
    for title, counts in series.items():
        colour = (KIND_COLOURS | SPLIT_COLOURS)[title]
        drawn = title == "sketches"
        thin = drawn and len(order) > MOST_PAIRED
        figure.add_trace(
            (_circles if thin else _bars)(
                x=order,
                y=[counts.get(name, 0) for name in order],
                name=title or "split not known",
                marker=_mark(colour, open_=drawn, thin=thin),
                hovertemplate="%{y:,} %{fullData.name}<extra>%{x}</extra>",
                **_unfaded(),
            )
        )
    figure.update_layout(barmode="stack" if stacked else "group", bargap=0.25, bargroupgap=0.05)
    figure.update_xaxes(range=[-0.6, len(order) - 0.4])
    figure.update_yaxes(title=None, tickformat="~s")
    return _dressed(figure, len(order), legend=True)


def class_bars(classes: Sequence[str], values: Sequence[float], chosen: str | None) -> go.Figure:
    """Average precision of each class, the worst first; the one chosen stands out.

    Classes without a value (nan) are left out.
    """
    known = [(value, name) for name, value in zip(classes, values, strict=True) if value == value]
    known.sort()
    names = [name for _, name in known]
    colours = [WRONG if name == chosen else "#8A8F9C" for name in names]
    figure = go.Figure(
        go.Bar(
            x=names,
            y=[value for value, _ in known],
            marker={"color": colours, "line": {"width": 0}},
            hovertemplate="AP %{y:.3f}<extra>%{x}</extra>",
            **_unfaded(),
        )
    )
    figure.update_layout(bargap=0.25)
    top = max((value for value, _ in known), default=1.0)
    figure.update_yaxes(range=[0, min(1.0, max(0.1, 1.15 * top))], title=None, nticks=5)
    return _dressed(figure, len(names), legend=False)


def confusion(
    shares: npt.NDArray[np.float64],
    classes: Sequence[str],
    chosen: tuple[str, str] | None,
) -> go.Figure:
    """Shares (C, C) of what was found, a row for each class drawn; right is green, wrong is red.

    A cell with something in it can be clicked: its point carries both names as `customdata`.
    """
    count = len(classes)
    diagonal = np.eye(count, dtype=bool)
    figure = go.Figure()
    wrong = np.where(diagonal | ~(shares > 0), np.nan, shares)
    right = np.where(diagonal & (shares > 0), shares, np.nan)
    most = float(np.nanmax(wrong)) if np.isfinite(wrong).any() else 1.0
    for values, colour, top in ((wrong, "228, 87, 46", most), (right, "27, 153, 139", 1.0)):
        figure.add_heatmap(
            x=list(classes),
            y=list(classes),
            z=values,
            zmin=0,
            zmax=top,
            colorscale=[[0, f"rgba({colour}, 0.06)"], [1, f"rgba({colour}, 1)"]],
            showscale=False,
            hoverinfo="skip",
            xgap=1,
            ygap=1,
        )
    figure.add_trace(_clickable(shares, classes))
    if chosen is not None:
        y, x = classes.index(chosen[0]), classes.index(chosen[1])
        figure.add_shape(
            type="rect", x0=x - 0.5, x1=x + 0.5, y0=y - 0.5, y1=y + 0.5,
            line={"color": "#8A8F9C", "width": 2.5},
        )  # fmt: skip
    _dressed(figure, count, legend=False)
    size = 9 if count > 30 else 11
    edge = [-0.5, count - 0.5]
    order = {"type": "category", "categoryarray": list(classes), "showgrid": False}
    # Where the page is narrow, some names above are left out; every row keeps its own.
    figure.update_xaxes(**order, side="top", range=edge, tickangle=-90, tickfont={"size": size})
    figure.update_yaxes(**order, range=edge[::-1], dtick=1, tickfont={"size": size})
    figure.update_layout(
        height=int(np.clip(140 + 26 * count, 320, 760)), hovermode="closest", hoverdistance=60
    )
    return figure


def _clickable(shares: npt.NDArray[np.float64], classes: Sequence[str]) -> go.Scatter:
    # A heat map sends no clicks to the page, so invisible marks lie over its cells.
    rows, columns = np.nonzero(np.nan_to_num(shares) > 0)
    cells = list(zip(rows.tolist(), columns.tolist(), strict=True))
    return go.Scatter(
        x=[classes[column] for _, column in cells],
        y=[classes[row] for row, _ in cells],
        customdata=[[classes[a], classes[b]] for a, b in cells],
        text=[f"{shares[a, b]:.0%}" for a, b in cells],
        mode="markers",
        marker={"symbol": "square", "size": 14, "opacity": 0.01},
        selected={"marker": {"opacity": 0.01}},
        unselected={"marker": {"opacity": 0.01}},
        hovertemplate="%{customdata[0]} drawn, %{customdata[1]} found: %{text}<extra></extra>",
        showlegend=False,
    )


def _bars(**given: Any) -> go.Bar:
    return go.Bar(**given)


def _circles(**given: Any) -> go.Scatter:
    return go.Scatter(mode="markers", **given)


def _mark(colour: str, *, open_: bool, thin: bool) -> dict[str, object]:
    """Photos are filled marks, sketches open ones."""
    if thin:
        return {"symbol": "circle-open", "color": colour, "size": 6, "line": {"width": 1.4}}
    if open_:
        return {"color": "rgba(228, 87, 46, 0.15)", "line": {"color": colour, "width": 1.2}}
    return {"color": colour, "line": {"width": 0}}


def _unfaded() -> dict[str, Any]:
    """A click chooses a class; it must not leave all others faded."""
    plain = {"marker": {"opacity": 1}}
    return {"selected": plain, "unselected": plain}


def _dressed(figure: go.Figure, classes: int, *, legend: bool) -> go.Figure:
    figure.update_layout(
        height=320,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        showlegend=legend,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": "#9a9ea9", "activecolor": WRONG},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        dragmode=False,
    )
    size = 11 if classes <= MOST_TICKS else 9
    figure.update_xaxes(title=None, showgrid=False, zeroline=False, tickfont={"size": size})
    figure.update_yaxes(zeroline=False, gridcolor=QUIET)
    return figure
