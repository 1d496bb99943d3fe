"""How the blind votes between two checkpoints stand."""

from html import escape
from itertools import combinations

import streamlit as st

from core.gallery import weights_key
from core.votes import Tally, Votes
from dashboard import pieces, state
from dashboard.checkpoint import Checkpoint
from dashboard.comparing.choice import title
from dashboard.comparing.markup import note, save_table
from dashboard.comparing.meeting import Meeting


def contender(point: Checkpoint) -> str:
    """A checkpoint's name in the file of votes: other weights of the same name are another."""
    run = point.view.run
    return f"{run.name}@{point.epoch} {weights_key(run, point.epoch)}"


def tallies(meeting: Meeting) -> None:
    """A card with the votes of each pair that was voted on; nothing while there are none."""
    votes = Votes(state.runs_root())
    if not votes.path.is_file():
        return
    names = [contender(point) for point in meeting.points]
    try:
        pairs = [
            (one, other)
            for one, other in combinations(range(len(names)), 2)
            if votes.tally(names[one], names[other]) != Tally()
        ]
    except ValueError as error:
        pieces.trouble(str(error))
        return
    if pairs:
        with st.container(key="card_compare_tally"):
            for pair in pairs:
                tally(meeting, pair)


def tally(meeting: Meeting, pair: tuple[int, int]) -> None:
    """The votes between two checkpoints: the share of the first, its interval and the test."""
    votes = Votes(state.runs_root())
    one, other = (contender(meeting.points[place]) for place in pair)
    found = votes.tally(one, other)
    a, b = (meeting.letters[place] for place in pair)
    with st.container(horizontal=True, vertical_alignment="center"):
        pieces.title(f"Blind votes, {a} against {b}")
        save_table(f"votes-{a}-{b}", votes.table(one, other))
    names = f"{a} is {title(meeting.points[pair[0]])}, {b} is {title(meeting.points[pair[1]])}."
    note(f"{_told(found, a, b)} {names}")
    if found.share is not None and found.interval is not None:
        low, high = found.interval
        st.html(
            f'<div class="skc-share"><b>{escape(a)} {found.a}</b><div>'
            f'<i style="width:{100 * found.share:.1f}%"></i>'
            f'<em style="left:{100 * low:.1f}%;width:{100 * (high - low):.1f}%"></em>'
            f"</div><b>{found.b} {escape(b)}</b></div>"
        )


def _told(found: Tally, a: str, b: str) -> str:
    """The result in plain words."""
    apart = f"{found.ties} saw no difference, {found.skipped} skipped."
    if found.share is None or found.interval is None or found.p_value is None:
        return f"Nobody has preferred one of the two yet: {apart}"
    low, high = found.interval
    chance = f"{found.p_value:.2f}" if found.p_value >= 0.01 else f"{found.p_value:.1g}"
    verdict = (
        "That is more than chance explains: one of them is preferred"
        if found.p_value < 0.05
        else f"That may still be chance: {a} and {b} can't be told apart yet"
    )
    return (
        f"{a} was preferred in {found.a} of {found.decided} decided votes: {found.share:.0%}, "
        f"95 % interval {low:.0%} to {high:.0%}. {verdict} (sign test, p = {chance}). {apart}"
    )
