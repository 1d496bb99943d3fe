"""The trial of a study that is looked at, and the ways to the other pages."""

import streamlit as st

from core.runs import run_path
from core.studies import DEFAULT_TRIAL, short_name
from dashboard import pieces, state, study_charts
from dashboard.cached import StudyView

PAGES = {
    "replay": ":material/movie:",
    "embeddings": ":material/scatter_plot:",
    "curves": ":material/show_chart:",
    "compare": ":material/compare:",
}
"""Pages that open a trial, with their icons."""


def chosen_trial(view: StudyView, name: str | None, *, recommended: bool) -> None:
    """What the trial is and did; buttons open its run elsewhere."""
    rows = view.trials[view.trials["trial"] == name]
    if rows.empty:
        return
    row = rows.iloc[0]
    told = [str(row["state"])]
    if row["best_value"] == row["best_value"]:
        value = f"{view.study.objective} {row['best_value']:.4f}"
        told.append(f"{value} in epoch {int(row['best_epoch'])} of {int(row['epochs'])}")
    if row["reason"]:
        told.append(str(row["reason"]))
    settings = [
        (short_name(setting), study_charts.value_text(row[setting])) for setting in view.study.space
    ]
    with st.container(key="card_trial"):
        title = f"Trial {name}" + (" · the default" if name == DEFAULT_TRIAL else "")
        pieces.trial(title, "recommended" if recommended else "", told, str(row["state"]), settings)
        _ways(view, str(name))


def _ways(view: StudyView, name: str) -> None:
    from dashboard.router import GROUPS, page_of  # the router imports the pages

    titles = dict(entry for entries in GROUPS.values() for entry in entries)
    run = f"{view.study.path.name}/{name}"
    path = run_path(state.runs_root(), run)
    ready = (path / "run.json").is_file() and _epochs(view, name) > 0
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for module, icon in PAGES.items():
            if module in titles and st.button(
                titles[module],
                icon=icon,
                key=f"studies open {module}",
                disabled=not ready,
                help=None if ready else "This trial has finished no epoch, or its run is gone.",
            ):
                others = [f"{view.study.path.name}/{DEFAULT_TRIAL}"] if module == "compare" else []
                state.choose_runs([run, *(other for other in others if other != run)])
                st.switch_page(page_of(module))


def _epochs(view: StudyView, name: str) -> int:
    return int(view.trials.loc[view.trials["trial"] == name, "epochs"].iloc[0])
