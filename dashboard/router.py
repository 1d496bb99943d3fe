"""The router: every page is one file in `views` and one line here."""

import importlib
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from dashboard import checkpoint, faults, pieces, state
from dashboard.wordmark import wordmark

ICON = Path(__file__).parent / "icon.svg"
GROUPS: dict[str, tuple[tuple[str, str], ...]] = {
    "Explore": (
        ("home", "Home"),
        ("dataset", "Dataset"),
        ("draw", "Draw"),
    ),
    "Understand": (
        ("embeddings", "Embeddings"),
        ("replay", "Replay"),
        ("curves", "Curves"),
        ("failures", "Failures"),
    ),
    "Decide": (
        ("compare", "Compare"),
        ("studies", "Studies"),
    ),
}
"""Group -> its pages: the file in `views`, which is also its address, and the title."""


def main() -> None:
    """Draw the page that the address names."""
    st.set_page_config(
        page_title="sketchy", page_icon=str(ICON), layout="wide", initial_sidebar_state=236
    )
    st.logo(wordmark(dark=st.context.theme.type == "dark"), size="large")
    groups = {group: [_page(*entry) for entry in entries] for group, entries in GROUPS.items()}
    chosen = st.navigation(groups, expanded=True)
    state.start(chosen.url_path or "home")
    pieces.style()
    with st.sidebar:
        checkpoint.sidebar()
    with faults.told(f"page {chosen.title}"):
        chosen.run()
    state.write_link()


def page_of(module: str) -> st.Page:
    """The page of a file in `views`, for a button that leads there."""
    titles = dict(entry for entries in GROUPS.values() for entry in entries)
    return _page(module, titles[module])


def _page(module: str, title: str) -> st.Page:
    return st.Page(_shown(module), title=title, url_path=module, default=module == "home")


def _shown(module: str) -> Callable[[], None]:
    def show() -> None:
        # Imported when it is opened: the first page does not wait for what the others need.
        importlib.import_module(f"dashboard.views.{module}").page()

    return show
