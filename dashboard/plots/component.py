"""The seam to Python: a figure to show, and the trial that a person chose on it."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.plots.figure import Figure

HERE = Path(__file__).parent
SCRIPTS = ("colours", "boxes", "surface", "marks", "paint", "near", "pointer", "plots")
EVENT = "chosen"


def plot(figure: Figure, *, key: str, chosen: Callable[[], None] | None = None) -> None:
    """Show a figure.

    `chosen` is called when a person chose a trial on it, which `told(key)` names, before the
    script runs again; without it nothing can be chosen.
    """
    _component()(
        key=key,
        data={**figure.payload(), "clicks": chosen is not None},
        height=figure.height,
        **({f"on_{EVENT}_change": chosen} if chosen else {}),
    )


def told(key: str) -> str | None:
    """The trial that was chosen on the figure of that key just now; None for no text."""
    value = (st.session_state.get(key) or {}).get(EVENT)
    return value if isinstance(value, str) else None


@cache
def _component() -> Callable[..., Any]:
    made: Callable[..., Any] = st.components.v2.component(
        "sketchy_plots",
        html=(HERE / "plots.html").read_text("utf-8"),
        css=(HERE / "plots.css").read_text("utf-8"),
        js="\n".join((HERE / f"{name}.js").read_text("utf-8") for name in SCRIPTS),
        # A shadow root for each of five figures would only cost: all their classes are their own.
        isolate_styles=False,
    )
    return made
