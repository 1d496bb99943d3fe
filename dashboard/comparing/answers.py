"""The same drawing, answered by every checkpoint."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from core.comparison import FIRST, Comparison
from core.query import Answer, Searcher
from dashboard import cached, drawing, faults, mine, pieces, state
from dashboard.canvas import canvas
from dashboard.comparing.agreement import agreement
from dashboard.comparing.choice import title
from dashboard.comparing.looks import looks
from dashboard.comparing.markup import headed, note, save_table
from dashboard.comparing.meeting import Meeting
from dashboard.jobs import Job
from dashboard.overlay import highest, overlaid
from dashboard.pieces import Tile

COUNTS = (5, 10, 20)
VOTED = 3
"""Classes named in a vote."""


@st.fragment
@faults.told("the answers side by side")
def answers(meeting: Meeting, rated: Comparison | None) -> None:
    """Canvas and answers; only these run again when the pen is lifted.

    rated: how the checkpoints rate on all drawings, once that is known.
    """
    drawing.fit(meeting.probes)
    left, right = st.columns([0.28, 0.72], gap="medium")
    with left, st.container(key="card_compare_canvas"):
        pieces.label("Your drawing")
        canvas()
        drawing.sources(_known(meeting))
    with right:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            k, attention = _settings()
            found = [_asked(meeting, place, k) for place in range(len(meeting.points))]
            if any(answer is not None for _, answer in found):
                save_table("answers", _table(meeting, found, k))
        _cards(meeting, found, k, attention)
        done = [answer for _, answer in found if answer is not None]
        if not done and not any(isinstance(ready, Job) for ready, _ in found):
            note("Nothing yet: draw, upload a picture, be surprised, or click a drawing below.")
        if len(done) == len(meeting.points):
            one, other = st.columns(2, gap="small")
            with one, st.container(key="card_compare_looks", height="stretch"):
                looks(meeting, done)
            ids = [_ids(meeting, at, answer) for at, answer in enumerate(done)]
            with other, st.container(key="card_compare_agreement", height="stretch"):
                agreement(meeting, ids, rated)
    state.write_link()


def _known(meeting: Meeting) -> list[str]:
    """Drawings that every run keeps, whose class is therefore known."""
    ids = [drawing.drawings(probe) for probe in meeting.probes]
    others = [set(names) for names in ids[1:]]
    return [name for name in ids[0] if all(name in names for names in others)]


def _settings() -> tuple[int, bool]:
    pieces.title("Closest photos")
    k = st.segmented_control(
        "Photos shown",
        COUNTS,
        key=state.bind("k", COUNTS[0], COUNTS),
        label_visibility="collapsed",
        required=True,
    )
    attention = st.toggle("attention", key=state.bind("attention", False))
    return k or COUNTS[0], attention


def _asked(meeting: Meeting, place: int, k: int) -> tuple[Searcher | Job, Answer | None]:
    """A checkpoint ready to answer, and its answer to the drawing, where there are both.

    As many photos as agreement is measured by are asked for, even where fewer are shown.
    """
    point, gallery = meeting.points[place], meeting.galleries[place]
    ready = cached.searcher(point.view.run, point.epoch, gallery)
    sketch = mine.prepared(point.view.run, meeting.probes[place])
    if isinstance(ready, Job) or sketch is None:
        return ready, None
    return ready, ready.search(sketch, max(k, FIRST), among=meeting.rows(place))


def _cards(
    meeting: Meeting,
    found: Sequence[tuple[Searcher | Job, Answer | None]],
    k: int,
    attention: bool,
) -> None:
    maps = _maps(meeting, found, k) if attention else []
    peak = highest(maps[place][at] for place in range(len(maps)) for at in range(len(maps[place])))
    label = drawing.label(meeting.probes, meeting.runs)
    for start in range(0, len(meeting.points), 2):
        columns = st.columns(2, gap="small")
        for place in range(start, min(start + 2, len(meeting.points))):
            ready, answer = found[place]
            letter = meeting.letters[place]
            with (
                columns[place - start],
                st.container(key=f"card_answer_{letter}", height="stretch"),
            ):
                _head(letter, answer, k, label)
                if isinstance(ready, Job):
                    pieces.watch(ready)
                tiles = _tiles(meeting, found, place, k, label)
                if maps:
                    tiles = _warm(meeting, place, tiles, answer, maps[place], peak)
                pieces.grid(tiles, blanks=k - len(tiles) if not tiles else 0)
                note(meeting.told(place))
                if answer is not None:
                    pieces.votes([r.label for r in answer.results[:k]], shown=VOTED)


def _head(letter: str, answer: Answer | None, k: int, label: str | None) -> None:
    told = ""
    if answer is not None and label is not None:
        shown = answer.results[:k]
        right = sum(result.label == label for result in shown)
        told = f"{right} of {len(shown)} right"
    headed(letter, told)


def _tiles(
    meeting: Meeting,
    found: Sequence[tuple[Searcher | Job, Answer | None]],
    place: int,
    k: int,
    label: str | None,
) -> list[Tile]:
    answer = found[place][1]
    if answer is None:
        return []
    gallery = meeting.galleries[place]
    others = {
        letter: _ids(meeting, at, found[at][1])[:k]
        for at, letter in enumerate(meeting.letters)
        if at != place
    }
    tiles = []
    for rank, result in enumerate(answer.results[:k], 1):
        name = str(gallery.ids[result.index])
        also = {letter: ids.index(name) + 1 for letter, ids in others.items() if name in ids}
        told = "".join(f", also no. {at} of {letter}" for letter, at in also.items())
        tiles.append(
            Tile(
                picture=gallery.pictures.encoded(result.index),
                label=result.label,
                right=None if label is None else result.label == label,
                title=f"no. {rank}: {result.label}, {result.score:.3f}{told} · {name}",
                mark="".join(also),
            )
        )
    return tiles


def _ids(meeting: Meeting, place: int, answer: Answer | None) -> list[str]:
    """Ids of the photos found, the closest first."""
    ids = meeting.galleries[place].ids
    return [] if answer is None else [str(ids[result.index]) for result in answer.results]


def _table(
    meeting: Meeting, found: Sequence[tuple[Searcher | Job, Answer | None]], k: int
) -> pd.DataFrame:
    """Every photo found, a row for each checkpoint and rank."""
    rows = [
        (letter, title(point), rank, ids, result.label, result.score)
        for letter, point, gallery, (_, answer) in zip(
            meeting.letters, meeting.points, meeting.galleries, found, strict=True
        )
        if answer is not None
        for rank, result in enumerate(answer.results[:k], 1)
        for ids in [str(gallery.ids[result.index])]
    ]
    return pd.DataFrame(rows, columns=["checkpoint", "name", "rank", "photo", "class", "score"])


def _maps(
    meeting: Meeting, found: Sequence[tuple[Searcher | Job, Answer | None]], k: int
) -> list[np.ndarray]:
    """Where each photo encoder looks in the photos found; none until all have answered."""
    maps = []
    for point, (ready, answer) in zip(meeting.points, found, strict=True):
        if isinstance(ready, Job) or answer is None:
            return []
        rows = tuple(result.index for result in answer.results[:k])
        maps.append(cached.photo_attention(point.view.run, point.epoch, ready, rows))
    return maps


def _warm(
    meeting: Meeting,
    place: int,
    tiles: Sequence[Tile],
    answer: Answer | None,
    maps: np.ndarray,
    peak: float,
) -> list[Tile]:
    """The same tiles under their attention, all on one scale."""
    store = meeting.galleries[place].pictures
    rows = [] if answer is None else [result.index for result in answer.results]
    return [
        replace(tile, picture=overlaid(store.pixels(row), found, peak=peak))
        for tile, row, found in zip(tiles, rows, maps, strict=False)
    ]
