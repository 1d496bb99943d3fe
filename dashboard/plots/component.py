"""The seam to Python: a figure to show, and the trial that a person chose on it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.plots.figure import Figure

HERE = Path(__file__).parent
SCRIPTS = (
    "colours", "boxes", "surface", "marks", "paint", "near", "book", "saving", "pointer", "plots"
)  # fmt: skip
EVENT = "chosen"


@dataclass(frozen=True)
class Book:
    """All about the trials of some figures, which the browser is told once."""

    name: str
    """By which figures ask for it."""
    columns: dict[str, list[Any]]
    """A table's columns, a row per trial with its name in `trial`; what CSV saves."""
    told: list[str]
    """What the pointer is told of each trial, in lines; the first is its title."""

    @classmethod
    def of(cls, name: str, table: pd.DataFrame, told: list[str]) -> "Book":
        """A book of a table, in which NaN becomes an empty cell."""
        plain = table.astype(object).where(table.notna(), None)
        return cls(name, {str(column): plain[column].tolist() for column in plain}, told)


def tell(book: Book) -> None:
    """Tell the browser of a book, before the figures that ask for it."""
    data = {"book": book.name, "columns": book.columns, "told": book.told}
    _component()(key=f"plots book {book.name}", data=data)


def plot(
    figure: Figure,
    *,
    key: str,
    caption: str,
    note: str = "",
    book: Book | None = None,
    columns: Sequence[str] = (),
    chosen: Callable[[], None] | None = None,
) -> None:
    """Show a figure under its title and a caption, with a note below; it is saved as PNG or CSV.

    All of it is one element, and what is known of its trials is told in a book: a filter that moves
    then sends little more than which trials there are and where they stand.

    Args:
        figure: what is drawn.
        key: the element's own.
        caption: how to read it.
        note: what stands under it.
        book: the book that has the figure's trials; without one, CSV saves the figure's bars.
        columns: those of the book's table that CSV saves.
        chosen: called when a person chose a trial, which `told(key)` names, before the script
            runs again; without it nothing can be chosen.
    """
    words = {"caption": caption, "note": note, "saved": columns, "book_of": book and book.name}
    _component()(
        key=key,
        data={**figure.payload(), **words, "clicks": chosen is not None},
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
