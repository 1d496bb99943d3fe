"""Studies: folders of trials that one search has made, read without Ray and without pickles.

A study is a folder `RUNS/STUDY` with `study.json` (what was asked for, and how far it is),
`trials.csv` (a row per trial) and one run directory per trial. The search writes it, the dashboard
and the command line read it, only through this package.
"""

from core.studies.field import Field, interpolate
from core.studies.filtering import TrialFilter, ends_text, read_filter
from core.studies.importance import Importance, importance
from core.studies.layout import SHORT_NAMES, STATES, STUDY_FILE, TRIALS_FILE, short_name
from core.studies.reader import DEFAULT_TRIAL, Study, list_studies, survey_studies
from core.studies.space import Dimension, parse_dimension
from core.studies.verdict import Verdict, judge

__all__ = [
    "DEFAULT_TRIAL",
    "SHORT_NAMES",
    "STATES",
    "STUDY_FILE",
    "TRIALS_FILE",
    "Dimension",
    "Field",
    "Importance",
    "Study",
    "TrialFilter",
    "Verdict",
    "ends_text",
    "importance",
    "interpolate",
    "judge",
    "list_studies",
    "parse_dimension",
    "read_filter",
    "short_name",
    "survey_studies",
]
