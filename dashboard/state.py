"""What a person has chosen: runs, epoch, sketch and each page's settings, in session and URL.

Everything lives in Streamlit's session state, never in a module: one person's choices are not
another's. The first script run of a session takes the link's parameters in; every later one writes
them out, so that the address bar always opens the same view.

The parameters `run` (several for several), `epoch` and `sketch` are shared by all pages; every
other name belongs to the page that bound it.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.sketch import Sketch

SHARED = ("run", "epoch", "sketch")
LONGEST_LINK = 12_000
"""Characters of a sketch in a link; servers refuse much longer addresses."""


def runs_root() -> Path:
    """Where the runs live: `SKETCHY_RUNS`, or `runs` in the working directory."""
    return Path(os.environ.get("SKETCHY_RUNS", "runs")).absolute()


def start(page: str) -> None:
    """Take the link's parameters in, on the first script run of a session."""
    store = _store()
    store["page"], store["bound"] = page, {}
    if store.get("started"):
        return
    store["started"] = True
    for name in st.query_params:
        values = st.query_params.get_all(name)
        store["settings"][name if name in SHARED else f"{page}.{name}"] = values
    if text := _first(store["settings"].pop("sketch", [])):
        store["sketch"] = Sketch.from_text(text)


def write_link() -> None:
    """Put the view into the address bar: what differs from the defaults, nothing else."""
    store = _store()
    link: dict[str, list[str]] = {}
    for name in ("run", "epoch"):
        if values := store["settings"].get(name):
            link[name] = values
    for name, default in store["bound"].items():
        value = st.session_state.get(name, default)
        store["settings"][name] = _texts(value)
        if value != default:
            link[name.partition(".")[2]] = _texts(value)
    sketch: Sketch | None = store.get("sketch")
    if sketch is not None and len(text := sketch.to_text()) <= LONGEST_LINK:
        link["sketch"] = [text]
    if {name: st.query_params.get_all(name) for name in st.query_params} != link:
        st.query_params.from_dict(link)


def bind(name: str, default: Any, options: Sequence[Any] | None = None) -> str:
    """The key for a widget of this page, its value seeded from the link or the last visit.

    Args:
        name: the setting's name, as it stands in the link.
        default: its value where nothing was chosen; tells the type (bool, int, float, str, or a
            list of str for several choices; None for a str or nothing).
        options: the values allowed; anything else that a link says is dropped.
    """
    store = _store()
    key = f"{store['page']}.{name}"
    store["bound"][key] = default
    if key not in st.session_state:
        texts = store["settings"].get(key)
        st.session_state[key] = default if texts is None else _value(texts, default, options)
    elif options is not None and not _allowed(st.session_state[key], default, options):
        # The options changed under the widget, for example with another run.
        st.session_state[key] = default
    # At once: whoever leaves the page before it is drawn to its end finds the setting again.
    store["settings"][key] = _texts(st.session_state[key])
    return key


def nameless() -> bool:
    """Whether the page keeps its checkpoints' names to itself: a blind vote on Compare."""
    return _store()["page"] == "compare" and bool(st.session_state[bind("blind", False)])


def chosen_runs() -> list[str]:
    """Names of the runs chosen, the current one first; empty before any choice."""
    return list(_store()["settings"].get("run", []))


def choose_runs(names: Sequence[str]) -> None:
    """Choose one or several runs; the first is the current one, at its best epoch."""
    settings = _store()["settings"]
    if settings.get("run", [])[:1] != list(names)[:1]:
        settings.pop("epoch", None)
    settings["run"] = list(names)


def chosen_epoch() -> int | None:
    """The epoch chosen, None for the run's best."""
    text = _first(_store()["settings"].get("epoch", []))
    return int(text) if text and text.isdigit() else None


def choose_epoch(epoch: int | None) -> None:
    """Choose an epoch of the current run; None means its best one."""
    settings = _store()["settings"]
    settings.pop("epoch", None)
    if epoch is not None:
        settings["epoch"] = [str(epoch)]


def sketch() -> Sketch | None:
    """The person's sketch; it goes along from page to page."""
    found: Sketch | None = _store().get("sketch")
    return found


def keep_sketch(sketch: Sketch | None) -> None:
    """Keep the person's sketch; an empty one is none."""
    _store()["sketch"] = None if sketch is None or sketch.empty else sketch


def _store() -> dict[str, Any]:
    if "view" not in st.session_state:
        st.session_state["view"] = {"settings": {}, "bound": {}, "page": ""}
    store: dict[str, Any] = st.session_state["view"]
    return store


def _first(values: Sequence[str]) -> str | None:
    return values[0] if values else None


def _texts(value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        return [str(part) for part in value]
    return [] if value is None else [str(value)]


def _value(texts: list[str], default: Any, options: Sequence[Any] | None) -> Any:
    """The value that a link's texts mean, or the default where they mean none allowed."""
    if isinstance(default, list):
        return [text for text in texts if options is None or text in options]
    if not texts:
        return default
    try:
        value = _typed(texts[0], default)
    except ValueError:
        return default
    return value if _allowed(value, default, options) else default


def _typed(text: str, default: Any) -> Any:
    if isinstance(default, bool):
        return text == "True"
    return text if default is None else type(default)(text)


def _allowed(value: Any, default: Any, options: Sequence[Any] | None) -> bool:
    if options is None or value is None or value == default:
        return True
    return all(part in options for part in value) if isinstance(value, list) else value in options
