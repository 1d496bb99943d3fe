"""Studies: folders of trials that one search has made, read without Ray and without pickles.

A study is a folder `RUNS/STUDY` with `study.json` (what was asked for, and how far it is),
`trials.csv` (a row per trial) and one run directory per trial. The search writes it, the dashboard
and the command line read it, only through this package.
"""

from core.studies.importance import Importance, importance
from core.studies.layout import SHORT_NAMES, STATES, STUDY_FILE, TRIALS_FILE, short_name
from core.studies.reader import Study, list_studies
from core.studies.space import Dimension, parse_dimension
from core.studies.verdict import Verdict, judge

__all__ = [
    "SHORT_NAMES",
    "STATES",
    "STUDY_FILE",
    "TRIALS_FILE",
    "Dimension",
    "Importance",
    "Study",
    "Verdict",
    "importance",
    "judge",
    "list_studies",
    "parse_dimension",
    "short_name",
]
