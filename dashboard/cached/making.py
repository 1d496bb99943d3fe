"""Results of work in the background: made once by a job, kept for all sessions."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import streamlit as st

from dashboard.jobs import Job, Report, job

MADE = 24
"""Results that are kept."""
SOON = 0.3
"""Seconds that a page waits for a job before it shows a progress bar."""
Made = TypeVar("Made")


def made(
    key: Hashable, title: str, make: Callable[[Report], Made], *, wait: float = SOON
) -> "Made | Job":
    """What `make` made in the background, or the job at it after `wait` seconds."""
    kept = ready()

    def work(tell: Report) -> None:
        result = make(tell)
        while len(kept) >= MADE:
            kept.pop(next(iter(kept)), None)
        kept[key] = result

    if key not in kept:
        started = job(key, title, work)
        if started.thread is not None:
            started.thread.join(wait)
        if key not in kept:
            return started
    found: Made = kept[key]
    return found


@st.cache_resource(show_spinner=False)
def ready() -> dict[Hashable, Any]:
    """What jobs have made, oldest first."""
    return {}
