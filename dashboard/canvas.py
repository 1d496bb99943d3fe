"""The canvas that a person draws on: our own small component, and its seam to Python."""

import base64
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard import state
from dashboard.sketch import Sketch, png

HERE = Path(__file__).parent
INJECTED = "injected drawing"
"""Session key under which a test puts what the canvas would send."""


def canvas(hint: str = "Draw one thing here") -> Sketch | None:
    """Show the canvas and return what is on it; the person's sketch is kept in the session.

    What is drawn on it and what a page puts there (`state.keep_sketch` and `replace`) are one
    sketch, the same on every page that shows a canvas.
    """
    memory = st.session_state.setdefault("canvas", {"version": 0, "sent": None, "shown": None})
    key = "drawing canvas"
    if key not in st.session_state or memory["shown"] != state.sketch():
        # A canvas that is new on this page, or a sketch that came from elsewhere: load it.
        memory["version"] += 1
        memory["sent"] = _payload(state.sketch(), memory["version"])
        memory["shown"] = state.sketch()
    result = _component()(
        key=key,
        data={**memory["sent"], "hint": hint},
        default={"drawing": None},
        on_drawing_change=_changed,
    )
    value = st.session_state.pop(INJECTED, None) or result.drawing
    _take(value, memory)
    return state.sketch()


def replace(sketch: Sketch | None) -> None:
    """Put another sketch on the canvas."""
    state.keep_sketch(sketch)


def inject(sketch: Sketch) -> None:
    """What a test calls in the canvas's place: as if the pen had just been lifted."""
    strokes = [[width, [list(point) for point in path]] for width, path in sketch.strokes]
    st.session_state[INJECTED] = {"strokes": strokes, "erased": [], "based": False, "turn": -1}


def _take(value: Any, memory: dict[str, Any]) -> None:
    """Keep what the canvas says, unless it was drawn before another sketch was put there."""
    if not isinstance(value, dict) or value.get("version", memory["version"]) != memory["version"]:
        return
    under = memory.get("under")
    drawn = Sketch.from_canvas(value, under)
    state.keep_sketch(drawn)
    memory["shown"] = state.sketch()


def _changed() -> None:
    """The value is read where the canvas is shown; a change only has to run the page again."""


def _payload(sketch: Sketch | None, version: int) -> dict[str, Any]:
    memory = st.session_state["canvas"]
    memory["under"] = sketch
    under = sketch.under if sketch is not None else None
    strokes = sketch.strokes if sketch is not None else ()
    erased = sketch.erased if sketch is not None else ()
    picture = None
    if under is not None:
        picture = "data:image/png;base64," + base64.b64encode(png(under)).decode()
    return {"version": version, "strokes": strokes, "erased": erased, "under": picture}


@cache
def _component() -> Callable[..., Any]:
    html, css, js = ((HERE / f"canvas.{kind}").read_text("utf-8") for kind in ("html", "css", "js"))
    made: Callable[..., Any] = st.components.v2.component(
        "sketchy_canvas", html=html, css=css, js=js
    )
    return made
