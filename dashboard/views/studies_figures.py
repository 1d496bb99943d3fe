"""The figures of a study: what its trials say, each with a caption and a way to save it."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core.studies import Dimension, interpolate, short_name
from core.studies.field import METHOD
from core.studies.importance import MIN_TRIALS
from dashboard import cached, faults, parallel_chart, pieces, plots, state, study_charts
from dashboard.cached import StudyView
from dashboard.jobs import Job
from dashboard.plots import Figure
from dashboard.views import studies_table

PAIR = ("loss.w_d", "loss.w_t")
"""The two settings of the landscape at first, where both were searched."""


@dataclass(frozen=True)
class Shown:
    """A study, and what the filter leaves of it."""

    view: StudyView
    tries: pd.DataFrame
    """The search's own trials that are shown, with `order`."""
    rows: pd.DataFrame
    """The same with the repeats."""
    chosen: str | None
    """The trial that is looked at."""

    @property
    def space(self) -> dict[str, Dimension]:
        """What was searched."""
        return self.view.study.space

    @property
    def objective(self) -> str:
        """The metric that the search maximises."""
        return self.view.study.objective


def history(shown: Shown) -> None:
    """How the search went."""
    _figure(
        shown,
        study_charts.history(shown.tries, shown.objective, shown.chosen),
        "history",
        shown.tries.columns.tolist(),
        "Trials in the order of the search, and the best so far as a line. Dots ran to their end, "
        "open rings were stopped early, crosses failed.",
    )


def importance(shown: Shown) -> None:
    """What matters, where it is known; else the work on it, which no moving filter starts."""
    names = tuple(shown.tries["trial"])
    found = cached.importance(shown.view, names, start=False)
    if found is None or isinstance(found, Job):
        pieces.title("What matters")
        if shown.tries["best_value"].notna().sum() < MIN_TRIALS:
            pieces.label(f"At least {MIN_TRIALS} trials with a value are needed to tell.")
            return
        _weigh(shown.view, names)
        return
    if found.reason:
        pieces.title("What matters")
        pieces.label(pieces.sentence(found.reason))
        return
    plots.plot(
        study_charts.importance(found.values),
        key="studies figure importance",
        caption=f"Share of the differences each setting explains, over {found.trials} trials.",
        note=f"By {found.method}.",
    )


@st.fragment(run_every=1.0)
@faults.told("the weighing of settings")
def _weigh(view: StudyView, names: tuple[str, ...]) -> None:
    memory = st.session_state.setdefault("studies weighing", {})
    if memory.get("names") != names:
        # The filter may still be moving: the work starts at the next look, if this stays.
        memory.clear()
        memory["names"] = names
    elif "error" not in memory:
        found = cached.importance(view, names, start=True)
        if not isinstance(found, Job):
            st.rerun()
        if found.error:
            memory["error"] = found.error
    if "error" in memory:
        pieces.trouble(memory["error"])
    else:
        pieces.label("Weighing the settings: this takes some seconds, and can be left meanwhile.")
        st.html('<div class="sk-waiting"></div>')


def parallel(shown: Shown) -> None:
    """All settings of every trial."""
    _figure(
        shown,
        parallel_chart.parallel(shown.tries, shown.space, shown.objective, shown.chosen),
        "parallel",
        ["trial", *shown.space, "best_value"],
        "Each line is a trial, from its settings to its value on the right: the stronger, the "
        "better. Dotted lines were stopped early; red ones have no value.",
    )


def planes(shown: Shown) -> None:
    """The landscape of two settings, and a slice for each."""
    names = list(shown.space)
    left, right = st.columns([0.5, 0.5], gap="medium")
    if len(names) > 1:
        with left, st.container(key="card_landscape"):
            _landscape(shown, names)
    with right, st.container(key="card_slices"):
        _figure(
            shown,
            study_charts.slices(shown.tries, shown.space, shown.chosen),
            "slices",
            ["trial", *names, "best_value"],
            "A clear slope or a hill means that the setting matters by itself.",
        )


def _landscape(shown: Shown, names: list[str]) -> None:
    first = [*(name for name in PAIR if set(PAIR) <= set(names)), *names][:2]
    top = st.container()
    one, other = st.columns(2, gap="small", wrap=False)
    x = _setting(one, "Across", "x", first[0], names)
    rest = [name for name in names if name != x]
    y = _setting(other, "Upwards", "y", first[1] if first[1] != x else rest[0], rest)
    field = interpolate(shown.tries, shown.space, x, y)
    with top:
        _figure(
            shown,
            study_charts.landscape(shown.tries, shown.space, x, y, field, shown.chosen),
            "landscape",
            ["trial", x, y, "best_value"],
            "Each mark is a trial; the greener the ground, the better those around it did."
            if field
            else "Each mark is a trial.",
            f"The ground: {METHOD}."
            if field
            else "No ground: too few trials, or a choice, whose values have no distances.",
        )


def _setting(column: Any, title: str, name: str, default: str, names: list[str]) -> str:
    key = state.bind(name, default, names)
    with column:
        chosen = st.selectbox(title, names, key=key, format_func=short_name)
    return chosen or default


def _figure(
    shown: Shown, figure: Figure, name: str, columns: list[str], caption: str, note: str = ""
) -> None:
    """A figure of trials, on which one can be chosen."""
    key = f"studies figure {name}"
    plots.plot(
        figure,
        key=key,
        caption=caption,
        note=note,
        book=shown.view.book,
        columns=columns,
        chosen=partial(studies_table.clicked, key),
    )
