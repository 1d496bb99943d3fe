"""Small pieces that every page is made of. All text from outside is escaped here."""

import base64
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import streamlit as st

from core.pictures import PictureStore
from dashboard.jobs import Job

STYLE = Path(__file__).parent / "style.css"
_MARKED = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~:$&])")


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One picture of a grid."""

    picture: bytes
    """JPEG or PNG."""
    label: str = ""
    """Shown under it, to the left."""
    note: str = ""
    """Shown under it, to the right: a score, say."""
    right: bool | None = None
    """Whether it is a right answer; None where that can't be known."""
    title: str = ""
    """Shown when the pointer rests on it."""
    mark: str = ""
    """Shown in its corner: a letter or two."""


def header(title: str, caption: str) -> None:
    """A page's title and its one caption: what is seen and how to read it."""
    st.html(f'<div class="sk-header"><h1>{escape(title)}</h1><p>{escape(caption)}</p></div>')


def label(text: str) -> None:
    """A quiet line above a part of a page."""
    st.html(f'<div class="sk-label">{escape(text)}</div>')


def title(text: str) -> None:
    """The title of a part of a page; in a row it takes the room that is left."""
    st.html(f'<div class="sk-title">{escape(text)}</div>', width="stretch")


def sentence(text: str) -> str:
    """A remark of the core as a sentence on a page."""
    return f"{text[:1].upper()}{text[1:]}."


def plain(text: str) -> str:
    """Text for a label that Streamlit reads as Markdown: nothing in it is markup."""
    return _MARKED.sub(r"\\\1", text)


def trouble(text: str) -> None:
    """What went wrong, in one plain sentence; never a traceback, never markup from outside."""
    st.html(f'<div class="sk-trouble" role="alert">{escape(text)}</div>')


def empty(title: str, text: str, command: str = "") -> None:
    """An empty state that says what to do next, with a command to copy where there is one."""
    with st.container(key=f"card_empty_{abs(hash(title)) % 10**8}"):
        st.html(f'<div class="sk-empty"><h3>{escape(title)}</h3><p>{escape(text)}</p></div>')
        for line in command.splitlines():
            st.code(line, language="bash")


def grid(tiles: Sequence[Tile], blanks: int = 0) -> None:
    """Pictures in rows as wide as the page allows; `blanks` empty places keep the layout still."""
    figures = [_figure(tile) for tile in tiles]
    blank = '<figure class="blank"><div></div><figcaption><b>&nbsp;</b></figcaption></figure>'
    st.html(f'<div class="sk-grid">{"".join(figures)}{blank * blanks}</div>')


def picture(content: bytes | None, alt: str) -> None:
    """One square picture on white paper, or an empty one of the same size."""
    inside = '<div class="blank"></div>' if content is None else _image(content, alt)
    st.html(f'<div class="sk-picture">{inside}</div>')


def votes(labels: Sequence[str], note: str = "", shown: int = 4) -> None:
    """How many of the pictures found are of each class, as bars, the most first."""
    counts = Counter(name or "no class" for name in labels).most_common(shown)
    rows = []
    for place, (name, count) in enumerate(counts):
        share = 100 * count / len(labels)
        rows.append(
            f'<span class="name">{escape(name)}</span>'
            f'<div class="bar {"first" if place == 0 else ""}" style="width:{share:.0f}%"></div>'
            f'<span class="count">{count} of {len(labels)}</span>'
        )
    told = f'<div class="sk-note">{escape(note)}</div>' if note else ""
    st.html(f'<div class="sk-votes">{"".join(rows)}</div>{told}')


def examples(rows: Sequence[tuple[Tile, Sequence[Tile]]], *, captions: bool = False) -> None:
    """Sketches, each with the photos it found; with their labels where `captions` is set."""
    parts = []
    for asked, found in rows:
        tiles = "".join(_figure(tile) if captions else _small(tile) for tile in found)
        first = _figure(asked) if captions else _small(asked, "ask")
        parts.append(f'<div class="sk-example">{first}<span class="arrow">→</span>{tiles}</div>')
    st.html(f'<div class="sk-examples">{"".join(parts)}</div>')


def checkpoint(name: str, lines: Sequence[str]) -> None:
    """The run and epoch that the pages show."""
    told = "".join(f"<div>{escape(line)}</div>" for line in lines)
    st.html(
        '<div class="sk-checkpoint"><span class="sk-quiet">checkpoint</span>'
        f"<b>{escape(name)}</b>{told}</div>"
    )


def verdict(title: str, text: str, facts: Sequence[tuple[str, str, str]]) -> None:
    """A finding in words, with the few figures behind it: (what, figure, note) each."""
    told = "".join(
        f"<div><span>{escape(what)}</span><b>{escape(figure)}</b><em>{escape(note)}</em></div>"
        for what, figure, note in facts
    )
    st.html(
        f'<div class="sk-verdict"><div><h3>{escape(title)}</h3><p>{escape(text)}</p></div>'
        f'<div class="facts">{told}</div></div>'
    )


def trial(
    title: str, mark: str, told: Sequence[str], kind: str, settings: Sequence[tuple[str, str]]
) -> None:
    """One trial in a line or two: what it is, what became of it, its settings."""
    badge = f"<i>{escape(mark)}</i>" if mark else ""
    pairs = "".join(
        f"<span>{escape(name)} <b>{escape(value)}</b></span>" for name, value in settings
    )
    st.html(
        f'<div class="sk-trial {escape(kind)}"><h3>{escape(title)}{badge}</h3>'
        f'<p>{escape(" · ".join(told))}</p><div class="settings">{pairs}</div></div>'
    )


def watch(job: Job) -> None:
    """A job's progress, until it ends; then the page runs again with its result."""

    @st.fragment(run_every=0.5)
    def _watch() -> None:
        if job.error:
            trouble(f"{job.title}: {job.error}")
        elif job.finished:
            st.rerun()
        else:
            told = f"{job.done:,} of {job.total:,}" if job.total else "starting"
            title = plain(job.title)
            st.progress(job.share, f"{title} · {told}. You can leave this page meanwhile.")

    _watch()


def style() -> None:
    """The few rules that the theme can't express; once per page."""
    st.html(STYLE)


def _figure(tile: Tile) -> str:
    mark = {True: "right", False: "wrong", None: ""}[tile.right]
    told = f"<b>{escape(tile.label) or '&nbsp;'}</b><span>{escape(tile.note)}</span>"
    corner = f"<i>{escape(tile.mark)}</i>" if tile.mark else ""
    return (
        f'<figure class="{mark}" title="{escape(tile.title)}">'
        f"{_image(tile.picture, tile.label)}{corner}<figcaption>{told}</figcaption></figure>"
    )


def _small(tile: Tile, role: str = "") -> str:
    mark = {True: "right", False: "wrong", None: ""}[tile.right]
    title = escape(tile.title or tile.label)
    return f'<div class="sk-tile {mark} {role}" title="{title}">{_image(tile.picture, title)}</div>'


def _image(content: bytes, alt: str) -> str:
    kind = PictureStore.media_type(content)
    data = base64.b64encode(content).decode()
    return f'<img src="data:{kind};base64,{data}" alt="{escape(alt)}">'
