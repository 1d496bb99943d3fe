"""Long work in the background: started once per process, watched by any page, free to be left."""

import logging
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

import streamlit as st

Report = Callable[[int, int], None]
"""Called by the work with the steps done and the steps in all."""


@dataclass
class Job:
    """One piece of work."""

    title: str
    """What it does, in words for the screen."""
    done: int = 0
    """Steps done."""
    total: int = 0
    """Steps in all; 0 before the work has said so."""
    result: object = None
    """What the work returned, once it has ended well."""
    error: str = ""
    """What went wrong; empty while all is well."""
    finished: bool = False
    """True when the work has ended, well or not."""
    thread: threading.Thread | None = field(default=None, repr=False)

    @property
    def share(self) -> float:
        """How much is done, from 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0


def job(key: Hashable, title: str, work: Callable[[Report], object]) -> Job:
    """The job of that key: started by the first who asks, shared by everybody who asks later.

    The work keeps what it made itself (a file beside the run). A job that ended is forgotten once
    its end was told, so that asking again starts it again.
    """
    jobs, lock = _registry()
    with lock:
        found = jobs.get(key)
        if found is None:
            found = jobs[key] = Job(title)
            found.thread = threading.Thread(target=_run, args=(found, work), daemon=True)
            found.thread.start()
        elif found.finished:
            del jobs[key]
    return found


def _run(job: Job, work: Callable[[Report], object]) -> None:
    def report(done: int, total: int) -> None:
        job.done, job.total = done, total

    try:
        job.result = work(report)
    except Exception as error:  # told on the screen of whoever watches, whatever it is
        told = str(error).splitlines() or [type(error).__name__]
        job.error = told[0]
        if not isinstance(error, ValueError):
            logging.getLogger("sketchy").exception("%s failed", job.title)
    finally:
        job.finished = True


@st.cache_resource(show_spinner=False)
def _registry() -> tuple[dict[Hashable, Job], threading.Lock]:
    return {}, threading.Lock()
