"""The run directory: the one contract between training and looking.

`trainer` writes it, `dashboard` reads it, both only through this package. The format is described
in `docs/run-format.md`; `FORMAT_VERSION` grows when an older reader could misread a newer run.
"""

from core.runs.layout import FORMAT_VERSION, clear_stop, request_stop, run_path, stop_requested
from core.runs.listing import RunSummary, list_runs, remove_run
from core.runs.reader import Run
from core.runs.writer import RunWriter

__all__ = [
    "FORMAT_VERSION",
    "Run",
    "RunSummary",
    "RunWriter",
    "clear_stop",
    "list_runs",
    "remove_run",
    "request_stop",
    "run_path",
    "stop_requested",
]
