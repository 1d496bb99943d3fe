"""Studies as they are now, and how much each of their settings matters."""

import threading
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from core.studies import STUDY_FILE, TRIALS_FILE, Importance, Study, Verdict, survey_studies
from core.studies.aside import importance_aside
from dashboard import study_charts
from dashboard.cached.making import made, ready
from dashboard.cached.stamps import Stamp, stamp
from dashboard.jobs import Job
from dashboard.plots import Book


@dataclass(frozen=True)
class StudyView:
    """What the page asks of a study, read once."""

    study: Study
    trials: pd.DataFrame
    """A row per trial, repeats included."""
    tries: pd.DataFrame
    """The search's own trials, in the order in which they were proposed, with `order`, their place
    in it."""
    book: Book
    """What figures tell of each of them."""
    repeats: pd.DataFrame
    """Mean and spread over seeds of what was repeated."""
    verdict: Verdict
    """Whether the best trial beats the recipe's default."""
    best: str | None
    """The trial that the study recommends; None while none has a value."""
    saved: dict[str, float]
    """What early stopping saved."""


def all_studies(root: Path) -> tuple[list[StudyView], dict[str, str]]:
    """Every readable study under the root, newest first; why the others are not, by name."""
    found, broken = survey_studies(root)
    views = []
    for study in found:
        try:
            views.append(study_view(study.path))
        except (ValueError, OSError) as error:
            broken[study.name] = str(error)
    return views, broken


def study_stamp(path: Path) -> Stamp:
    """Changes whenever the search has written something."""
    return stamp(path / STUDY_FILE, path / TRIALS_FILE)


def study_view(path: Path) -> StudyView:
    """A study as it is now. ValueError where it can't be read."""
    return _study_view(str(path), study_stamp(path))


def importance(view: StudyView, trials: tuple[str, ...], *, start: bool) -> Importance | Job | None:
    """How much each setting matters among the named trials, or the job that finds out.

    None where it isn't known and `start` is not set.
    """
    key = ("importance", str(view.study.path), _worth(view, trials))
    if not start and key not in ready():
        return None
    return made(key, "Weighing the settings", lambda tell: _weighed(view, trials), wait=0)


def _weighed(view: StudyView, trials: tuple[str, ...]) -> Importance:
    with _one_at_a_time():
        return importance_aside(view.study, trials)


def _worth(view: StudyView, trials: tuple[str, ...]) -> int:
    """A key of what importance depends on: the trials' settings and values, nothing else."""
    columns = ["trial", *view.study.space, "best_value"]
    rows = view.tries.loc[view.tries["trial"].isin(trials), columns]
    # By text: no NaN is the same as another.
    return hash(repr([rows[name].tolist() for name in columns]))


@st.cache_resource(max_entries=64, show_spinner=False)
def _study_view(path: str, stamp: Stamp) -> StudyView:
    study = Study(Path(path))
    tries = study.first_tries()
    tries = tries.assign(order=range(len(tries)))
    return StudyView(
        study=study,
        trials=study.trials(),
        tries=tries,
        book=Book.of(
            study.name, tries, study_charts.hovers(tries, list(study.space), study.objective)
        ),
        repeats=study.repeats(),
        verdict=study.verdict(),
        best=study.best(),
        saved=study.saved(),
    )


@st.cache_resource(show_spinner=False)
def _one_at_a_time() -> threading.Lock:
    """A filter that is pulled about starts one child process, not one for each step."""
    return threading.Lock()
