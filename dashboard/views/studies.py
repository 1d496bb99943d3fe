"""Studies: the trials of a search, what they say about the settings, and whether it is certain."""

import pandas as pd
import streamlit as st

from dashboard import cached, faults, pieces, plots, state
from dashboard.cached import StudyView
from dashboard.views import studies_figures, studies_filter, studies_table
from dashboard.views.studies_figures import Shown
from dashboard.views.studies_trial import chosen_trial

EVERY = 3
"""Seconds between looks at a search that is running."""


def page() -> None:
    """The page."""
    pieces.header(
        "Studies",
        "A search over the settings: every mark is one training run. Higher is better; look for "
        "where the good ones gather, and whether the best is more than luck.",
    )
    found, broken = cached.all_studies(state.runs_root())
    for name, reason in broken.items():
        pieces.trouble(f"study {name} can't be read: {reason}")
    if not found:
        _no_studies()
        return
    _study(found)


def _no_studies() -> None:
    pieces.empty(
        "No studies yet",
        f"Nothing was searched in {state.runs_root()}. This tries the weights of the losses and "
        "the margin on the built-in drawings; its trials appear here while it runs.",
        "sketchy tune --recipe tiny --data builtin --study weights --trials 20 --seeds 3",
    )


def _study(found: list[StudyView]) -> None:
    """All of a study.

    No fragment: what looks at files by itself is one, and Streamlit 1.67 leaves old elements on a
    page where one fragment runs right after another.
    """
    names = [view.study.name for view in found]
    key = state.bind("study", names[0], names)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if len(names) > 1:
            st.selectbox("Study", names, key=key, label_visibility="collapsed", width=240)
        view = found[names.index(st.session_state[key] or names[0])]
        _about(view)
    _live(view)
    with st.container(key="card_verdict"):
        _verdict(view)
    if view.trials.empty:
        pieces.empty("No trial has begun yet", "The first one appears here as soon as it starts.")
        return
    _body(view)


def _body(view: StudyView) -> None:
    kept = studies_filter.filter_bar(view)
    tries = view.tries[kept.rows(view.tries)]
    trial = studies_table.trial_key(view)
    rows = view.trials[kept.rows(view.trials)]
    shown = Shown(view, tries, rows, st.session_state[trial] or view.best)
    chosen_trial(view, shown.chosen, recommended=not st.session_state[trial])
    if tries.empty:
        pieces.empty("No trial matches", "Widen or clear the filter above.")
        return
    plots.tell(view.book)
    left, right = st.columns([0.62, 0.38], gap="medium")
    with left, st.container(key="card_history"):
        studies_figures.history(shown)
    with right, st.container(key="card_importance"):
        studies_figures.importance(shown)
    with st.container(key="card_parallel"):
        studies_figures.parallel(shown)
    studies_figures.planes(shown)
    with st.container(key="card_trials"):
        studies_table.table(view, shown.rows, shown.chosen)


def _about(view: StudyView) -> None:
    info, trials = view.study.info, view.tries
    ended = int(trials["state"].isin(("complete", "stopped", "failed")).sum())
    parts = [
        f"{view.study.name} {view.study.state}",
        f"{ended} of {info.get('trials', len(trials))} trials ended",
        f"recipe {info.get('recipe', 'unknown')}",
        f"{info['epochs']} epochs each",
    ]
    pieces.label(" · ".join(parts))


@st.fragment(run_every=EVERY)
@faults.told("the watch over a study")
def _watch(view: StudyView, seen: object) -> None:
    now = cached.study_stamp(view.study.path), view.study.state
    if now != seen:
        st.rerun()


def _live(view: StudyView) -> None:
    """While a search runs, look at its files; what they hold is read again only if they changed."""
    if view.study.state == "running":
        _watch(view, (cached.study_stamp(view.study.path), "running"))


def _verdict(view: StudyView) -> None:
    titles = {
        "better": "A trial beats the recipe’s default",
        "default holds": "The recipe’s default holds",
        "no claim": "No claim yet",
    }
    scored = view.tries.dropna(subset=["best_value"])
    facts = [("trials", f"{len(view.tries)}", _counts(view.tries))]
    if len(scored):
        best = scored.iloc[int(scored["best_value"].argmax())]
        about = f"{view.study.objective}, trial {best['trial']}, one seed"
        facts.append(("best value", f"{best['best_value']:.4f}", about))
    facts.append(_saved(view))
    pieces.verdict(titles[view.verdict.outcome], pieces.sentence(view.verdict.text), facts)


def _saved(view: StudyView) -> tuple[str, str, str]:
    saved = view.saved
    share = 1 - saved["share"] if saved["epochs_full"] else 0.0
    told = f"{saved['epochs_run']:,} of {saved['epochs_full']:,} epochs run by ended trials"
    if view.study.info.get("scheduler", {}).get("name") == "none":
        return "early stopping", "off", told
    return "saved by early stopping", f"{share:.0%}", told


def _counts(trials: pd.DataFrame) -> str:
    return ", ".join(f"{count} {name}" for name, count in trials["state"].value_counts().items())
