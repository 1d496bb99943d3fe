"""Curves: how every number of one or several runs went, epoch by epoch."""

import pandas as pd
import streamlit as st

from core.runs import run_path
from dashboard import cached, charts, checkpoint, pieces, state

RUNS = "curves runs"
SMOOTHINGS = (0.0, 0.3, 0.6, 0.8, 0.9)


def page() -> None:
    """The page."""
    pieces.header(
        "Curves",
        "What training did, epoch by epoch: losses should fall, precision should rise. "
        "Choose several runs to lay them over one another.",
    )
    current = checkpoint.current_run()
    if current is None:
        checkpoint.no_runs()
        return
    runs, smoothing, log = _settings(current.run.name)
    frames = _frames(runs)
    if not frames:
        pieces.empty("No epoch is finished yet", "The first point appears with the first epoch.")
        return
    columns = list(dict.fromkeys(str(column) for frame in frames.values() for column in frame))
    figures = st.columns(2, gap="medium")
    for place, (title, group) in enumerate(charts.metric_groups(columns).items()):
        with figures[place % 2], st.container(key=f"card_{title.replace(' ', '_')}"):
            _figure(title, group, frames, smoothing, log)


def _settings(current: str) -> tuple[list[str], float, bool]:
    names = [run.name for run in checkpoint.usable(cached.summaries(state.runs_root()))]
    # Chosen here, on Home or by a link: one choice, which the widget only shows.
    st.session_state[RUNS] = [n for n in state.chosen_runs() or [current] if n in names]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        runs = st.multiselect(
            "Runs",
            names,
            key=RUNS,
            placeholder="Choose runs",
            on_change=lambda: state.choose_runs(st.session_state[RUNS]),
        )
        smoothing = st.select_slider(
            "Smoothing", SMOOTHINGS, key=state.bind("smoothing", 0.0, SMOOTHINGS), width=220
        )
        log = st.toggle("Log axis", key=state.bind("log", False))
    return runs, smoothing, log


def _frames(names: list[str]) -> dict[str, pd.DataFrame]:
    frames = {}
    for name in names:
        metrics = cached.run_view(run_path(state.runs_root(), name)).metrics
        if len(metrics):
            frames[name] = metrics
    return frames


def _figure(
    title: str,
    columns: list[str],
    frames: dict[str, pd.DataFrame],
    smoothing: float,
    log: bool,
) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        pieces.title(title)
        table = pd.concat(
            frame[["epoch", *[c for c in columns if c in frame]]].assign(run=name)
            for name, frame in frames.items()
        )
        st.download_button(
            "CSV",
            table.to_csv(index=False),
            f"{title.lower().replace(' ', '-')}.csv",
            "text/csv",
            key=f"csv_{title}",
            type="tertiary",
            icon=":material/download:",
        )
    st.plotly_chart(
        charts.curves(frames, columns, smoothing=smoothing, log=log),
        width="stretch",
        key=f"figure_{title}",
        config=charts.saving(title),
    )
