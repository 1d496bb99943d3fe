"""The table of a study's trials, and what a click on one does."""

from typing import Any

import pandas as pd
import streamlit as st

from core.studies import short_name
from dashboard import pieces, plots, state
from dashboard.cached import StudyView

ROWS = 12
"""Rows of the table that are seen at once."""


def trial_key(view: StudyView) -> str:
    """The key of the trial that is looked at; nothing there means the best one."""
    return state.bind("trial", None, view.trials["trial"].tolist())


def clicked(key: str) -> None:
    """Look at the trial that was chosen on the figure of that key."""
    if (name := plots.told(key)) is not None:
        _choose(name)


def table(view: StudyView, rows: pd.DataFrame, chosen: str | None) -> None:
    """The trials that the filter leaves, repeats included, the best first."""
    rows = rows.sort_values("best_value", ascending=False, kind="stable", ignore_index=True)
    shown = _shown(view, rows)
    with st.container(horizontal=True, vertical_alignment="center"):
        pieces.title("Trials")
        st.download_button(
            "CSV",
            lambda: rows.to_csv(index=False).encode(),
            "trials.csv",
            "text/csv",
            type="tertiary",
            icon=":material/download:",
            on_click="ignore",
        )
    pieces.label("Tick a row to look at a trial above. Repeats with other seeds name their trial.")
    names = rows["trial"].tolist()
    row = names.index(chosen) if chosen in names else None
    memory = st.session_state.setdefault("studies ticked", {"turn": 0})
    if (memory.get("trial"), memory.get("row")) != (chosen, row):
        # Chosen elsewhere, or in another row now: another table, in which the right row is ticked.
        memory.update(trial=chosen, row=row, turn=memory["turn"] + 1)
    turn = memory["turn"]
    st.dataframe(
        shown,
        hide_index=True,
        width="stretch",
        height=38 + 35 * min(ROWS, max(1, len(shown))),
        placeholder="–",
        key=f"studies table {turn}",
        on_select=lambda: _ticked(turn, names, memory),
        selection_mode="single-row",
        selection_default={"selection": {"rows": [] if row is None else [row]}},
        column_config=_columns(view),
    )


def _ticked(turn: int, names: list[str], memory: dict[str, Any]) -> None:
    ticked = st.session_state[f"studies table {turn}"].selection.rows
    # A table also tells the row that it was given at first, perhaps when another is in its place.
    if turn == memory["turn"] and ticked and names[ticked[0]] != memory["trial"]:
        memory.update(trial=names[ticked[0]], row=ticked[0])
        _choose(memory["trial"])


def _choose(name: str) -> None:
    st.session_state["studies.trial"] = name


def _shown(view: StudyView, rows: pd.DataFrame) -> pd.DataFrame:
    columns = {
        "trial": rows["trial"],
        "state": rows["state"],
        "value": rows["best_value"],
        "epoch": rows["best_epoch"],
        "epochs": rows["epochs"],
        **{name: rows[name] for name in view.study.space},
        "reason": rows["reason"].replace("", None),
        "repeat": rows["group"].where(rows["group"] != rows["trial"]),
        "seed": rows["seed"],
        "minutes": rows["seconds"] / 60,
    }
    return pd.DataFrame(columns)


def _columns(view: StudyView) -> dict[str, Any]:
    config = st.column_config
    settings = {
        name: config.TextColumn(short_name(name))
        if dimension.kind == "choice"
        else config.NumberColumn(short_name(name), format="%.4g")
        for name, dimension in view.study.space.items()
    }
    return {
        "trial": config.TextColumn("Trial", pinned=True),
        "state": config.TextColumn("State"),
        "value": config.NumberColumn(view.study.objective, format="%.4f"),
        "epoch": config.NumberColumn("In epoch", format="%d"),
        "epochs": config.ProgressColumn(
            "Epochs", format="%d", min_value=0, max_value=int(view.study.info["epochs"])
        ),
        **settings,
        "seed": config.NumberColumn("Seed", format="%d"),
        "minutes": config.NumberColumn("Minutes", format="%.1f"),
        "reason": config.TextColumn("Reason", width="medium"),
        "repeat": config.TextColumn("Repeats"),
    }
