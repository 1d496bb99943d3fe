"""Blind mode: A and B answer the same drawing without their names, and people say who does better.

Which of them stands on the left is drawn by lot for each drawing, and kept on the server: nothing
that reaches the browser before the vote tells them apart. So no names, scores, times, settings,
attention or marks are shown, and every photo is the picture of one and the same gallery.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from core.query import Answer, Searcher
from core.votes import Choice, Tally, Votes
from dashboard import cached, drawing, faults, mine, pieces, state
from dashboard.canvas import canvas
from dashboard.comparing.choice import title
from dashboard.comparing.markup import headed, note
from dashboard.comparing.meeting import Meeting
from dashboard.comparing.tally import contender, tally
from dashboard.jobs import Job
from dashboard.pieces import Tile

SHOWN = (6, 12)
SIDES = ("Left", "Right")
BALLOT = "blind ballot"
"""Session key of the ballot at hand."""
TROUBLE = "blind trouble"
"""Session key of why a vote could not be kept."""


@dataclass(frozen=True, kw_only=True)
class Ballot:
    """One drawing put to the vote."""

    name: str
    """A name that no other ballot has."""
    about: tuple[str, str, str]
    """The two checkpoints and the drawing, as texts."""
    swapped: bool
    """Whether B stands on the left."""
    choice: Choice | None = None
    """How it was voted; None before."""


@st.fragment
@faults.told("the blind vote")
def blind(meeting: Meeting) -> None:
    """Canvas, both answers and the vote; only these run again when something is done."""
    drawing.fit(meeting.probes)
    names = _known(meeting)
    left, right = st.columns([0.28, 0.72], gap="medium")
    with left, st.container(key="card_compare_canvas"):
        pieces.label("Your drawing")
        canvas()
        drawing.sources(names)
    with right:
        _question(meeting, names)
    state.write_link()


def _known(meeting: Meeting) -> list[str]:
    """Drawings that both runs keep."""
    one, other = (drawing.drawings(probe) for probe in meeting.probes)
    return [name for name in one if name in set(other)]


def _question(meeting: Meeting, names: Sequence[str]) -> None:
    found = [
        cached.searcher(point.view.run, point.epoch, gallery)
        for point, gallery in zip(meeting.points, meeting.galleries, strict=True)
    ]
    working = [one for one in found if isinstance(one, Job)]
    ready = [one for one in found if isinstance(one, Searcher)]
    k = _shown()
    answers = [] if working else _answers(meeting, ready, k)
    ballot = _ballot(meeting) if answers else None
    voted = ballot is not None and ballot.choice is not None
    order = (1, 0) if ballot is not None and ballot.swapped else (0, 1)
    label = drawing.label(meeting.probes, meeting.runs) if voted else None
    for side, (place, column) in enumerate(zip(order, st.columns(2, gap="small"), strict=True)):
        with column, st.container(key=f"card_blind_{SIDES[side].lower()}", height="stretch"):
            told = title(meeting.points[place]) if voted else ""
            headed(f"{SIDES[side]}: {meeting.letters[place]}" if voted else SIDES[side], told)
            tiles = _tiles(meeting, place, answers[place], label) if answers else []
            pieces.grid(tiles, blanks=0 if tiles else k)
    if working:
        # Both are loaded before either answers: who is ready first would tell them apart.
        pieces.watch(working[0])
    elif ballot is None:
        note("Draw something, upload a picture, or be surprised: both answer, and you judge.")
    elif voted:
        _revealed(meeting, ballot, names)
    else:
        _vote(meeting, ballot, names)


def _shown() -> int:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        pieces.title("Which answer is better?")
        k = st.segmented_control(
            "Photos shown",
            SHOWN,
            key=state.bind("blind_k", SHOWN[0], SHOWN),
            label_visibility="collapsed",
            required=True,
        )
    return k or SHOWN[0]


def _answers(meeting: Meeting, ready: Sequence[Searcher], k: int) -> list[Answer]:
    """Both answers, that of A first; none while nothing is drawn."""
    found = []
    for place, one in enumerate(ready):
        sketch = mine.prepared(meeting.runs[place], meeting.probes[place])
        if sketch is None:
            return []
        found.append(one.search(sketch, k, among=meeting.rows(place)))
    return found


def _tiles(meeting: Meeting, place: int, answer: Answer, label: str | None) -> list[Tile]:
    """The photos found, by rank alone; framed as right or wrong only once the vote is cast."""
    photos, pictures = meeting.ground.photos, meeting.galleries[0].pictures
    columns = {int(row): column for column, row in enumerate(photos.rows[place])}
    found = [columns[result.index] for result in answer.results]
    return [
        Tile(
            picture=pictures.encoded(int(photos.rows[0, column])),
            label=str(photos.labels[column]),
            right=None if label is None else bool(photos.labels[column] == label),
        )
        for column in found
    ]


def _ballot(meeting: Meeting) -> Ballot:
    """The ballot of the drawing at hand; another drawing or another pair is another ballot."""
    sketch = state.sketch()
    assert sketch is not None
    one, other = (contender(point) for point in meeting.points)
    about = (one, other, sketch.to_text())
    ballot: Ballot | None = st.session_state.get(BALLOT)
    if ballot is None or ballot.about != about:
        swapped = bool(secrets.randbelow(2))
        ballot = Ballot(name=secrets.token_hex(16), about=about, swapped=swapped)
        st.session_state[BALLOT] = ballot
    return ballot


def _vote(meeting: Meeting, ballot: Ballot, names: Sequence[str]) -> None:
    left: Choice = "second" if ballot.swapped else "first"
    right: Choice = "first" if ballot.swapped else "second"
    choices: dict[str, Choice] = {
        "Left is better": left,
        "Right is better": right,
        "No difference": "tie",
        "Skip": "skip",
    }
    with st.container(key="blind_votes", horizontal=True, gap="small"):
        for name, choice in choices.items():
            st.button(
                name,
                key=f"blind.{name}",
                type="tertiary" if choice == "skip" else "secondary",
                on_click=_cast,
                args=(ballot, choice, names),
            )
    counted = _counted(ballot)
    if counted is not None:
        total = counted.decided + counted.ties + counted.skipped
        note(
            f"{total:,} {'vote' if total == 1 else 'votes'} so far. Names and result follow yours."
        )


def _cast(ballot: Ballot, choice: Choice, names: Sequence[str]) -> None:
    """Keep the vote; one that was skipped goes on to the next drawing."""
    one, other, sketch = ballot.about
    try:
        counted = Votes(state.runs_root()).cast(
            ballot.name,
            one,
            other,
            choice,
            left_was="second" if ballot.swapped else "first",
            sketch=sketch,
        )
    except ValueError as error:
        st.session_state[TROUBLE] = str(error)
        return
    if not counted:
        return  # clicked again before the page had changed: the first click stands
    if choice == "skip":
        _next(names)
    else:
        st.session_state[BALLOT] = replace(ballot, choice=choice)


def _next(names: Sequence[str]) -> None:
    """Another drawing; an empty canvas where the runs keep none in common."""
    st.session_state.pop(BALLOT, None)
    if names:
        drawing.surprise(names)
    else:
        state.keep_sketch(None)


def _revealed(meeting: Meeting, ballot: Ballot, names: Sequence[str]) -> None:
    """Who was who, and how all votes stand."""
    places = {"first": 0, "second": 1}
    with st.container(horizontal=True, vertical_alignment="center"):
        if ballot.choice in places:
            place = places[ballot.choice]
            told = f"You preferred {meeting.letters[place]}, {title(meeting.points[place])}."
        else:
            told = "You saw no difference."
        pieces.title(told)
        st.button("Next drawing", type="primary", on_click=_next, args=(names,))
    with st.container(key="card_compare_tally"):
        tally(meeting, (0, 1))


def _counted(ballot: Ballot) -> Tally | None:
    """All votes between the two; a file that can't be read is told."""
    if told := st.session_state.pop(TROUBLE, None):
        pieces.trouble(told)
        return None
    try:
        return Votes(state.runs_root()).tally(*ballot.about[:2])
    except ValueError as error:
        pieces.trouble(str(error))
        return None
