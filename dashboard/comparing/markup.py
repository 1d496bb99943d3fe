"""Small pieces of the Compare page. All text from outside is escaped here."""

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path

import pandas as pd
import streamlit as st

STYLE = Path(__file__).parent / "comparing.css"


def style() -> None:
    """The page's own rules."""
    st.html(STYLE)


def headed(title: str, told: str = "") -> None:
    """The head of a card: its title, and a quiet word to the right."""
    st.html(f'<div class="skc-head"><b>{escape(title)}</b><span>{escape(told)}</span></div>')


def note(text: str) -> None:
    """A quiet line below a part of a card; in a row it takes the room that is left."""
    st.html(f'<div class="sk-note">{escape(text)}</div>', width="stretch")


def figures(shown: Sequence[tuple[str, bytes, str]]) -> None:
    """Pictures in rows of two, each a (title, JPEG, what it shows)."""
    parts = [
        f"<figure><figcaption>{escape(title)}</figcaption>"
        f'<img src="data:image/jpeg;base64,{base64.b64encode(content).decode()}" '
        f'alt="{escape(told)}"></figure>'
        for title, content, told in shown
    ]
    st.html(f'<div class="skc-figures">{"".join(parts)}</div>')


def table(head: Sequence[str], rows: Sequence[Sequence[str]], best: Sequence[int] = ()) -> None:
    """A small table, the first column the names of its rows.

    best: for each row the column that stands out, counted from 0 with the names; -1 for none.
    """
    parts = [f"<tr>{''.join(f'<th>{escape(cell)}</th>' for cell in head)}</tr>"]
    for at, row in enumerate(rows):
        strong = best[at] if at < len(best) else -1
        cells = (
            f"<td{' class=best' if place == strong else ''}>{escape(cell)}</td>"
            for place, cell in enumerate(row)
        )
        parts.append(f"<tr>{''.join(cells)}</tr>")
    st.html(f'<div class="skc-table"><table>{"".join(parts)}</table></div>')


def save_table(name: str, frame: pd.DataFrame) -> None:
    """A button that saves a table as CSV."""
    _save("CSV", frame.to_csv(index=False), f"{name}.csv", "text/csv")


def save_picture(name: str, content: bytes) -> None:
    """A button that saves a picture as PNG."""
    _save("PNG", content, f"{name}.png", "image/png")


def _save(kind: str, content: str | bytes, name: str, media: str) -> None:
    st.download_button(
        kind,
        content,
        name,
        media,
        key=f"save_{name}",
        type="tertiary",
        icon=":material/download:",
        on_click="ignore",
    )
