"""Compare: two to four checkpoints side by side, on the same drawing and the same photos."""

import shlex
from collections.abc import Sequence

import streamlit as st

from core.comparison import Comparison, Ground
from core.dataset import RunData
from core.gallery import Gallery
from dashboard import cached, checkpoint, photos, pieces, state
from dashboard.cached import comparing as kept
from dashboard.checkpoint import Checkpoint
from dashboard.comparing.answers import answers
from dashboard.comparing.blind import blind
from dashboard.comparing.changes import by_class, by_drawing, pair_of
from dashboard.comparing.choice import chips, chosen
from dashboard.comparing.maps import maps
from dashboard.comparing.markup import note, style
from dashboard.comparing.meeting import Meeting
from dashboard.comparing.tables import metrics, settings
from dashboard.comparing.tally import tallies
from dashboard.jobs import Job

ASKED = {"kept": "the runs keep", "all": "all held-out"}
SEARCHED = {"held out": "held-out", "all": "all"}


def page() -> None:
    """The page."""
    hidden = state.nameless()
    pieces.header(
        "Compare",
        "The same drawing, answered by two checkpoints without their names. Say which answer you "
        "prefer; who was who is told after your vote."
        if hidden
        else "The same drawing, answered by several checkpoints. Green frames are the right class; "
        "the bars show where one gained on another, and where it lost.",
    )
    style()
    first = checkpoint.need()
    if first is None:
        return
    points = chosen(first)
    if len(points) < 2:
        pieces.empty(
            "There is nothing to compare with yet",
            "This is the only run here, and only one of its epochs kept weights. Train another "
            "run, or go on with this one: two epochs of one run can be compared too.",
            "sketchy train --recipe tiny --data builtin --run other "
            f"--runs {shlex.quote(str(state.runs_root()))}",
        )
        return
    _bar(points, hidden)
    there = []
    for point in points:
        gallery = photos.own(point.view.run)
        if gallery is None:
            return
        there.append(gallery)
    if hidden:
        _blind(points[:2], there[:2])
    else:
        _compared(points, there)


def _bar(points: Sequence[Checkpoint], hidden: bool) -> None:
    """The chips, and the way into blind mode and out of it."""
    with st.container(key="compare_bar", horizontal=True, vertical_alignment="center", gap="small"):
        if hidden:
            pieces.title("Blind vote" if len(points) == 2 else "Blind vote between A and B")
            st.button("Back to the comparison", on_click=_turn, args=(False,))
            return
        with st.container(key="compare_chips", horizontal=True, gap="small"):
            chips(points)
        st.button("Blind vote", icon=":material/how_to_vote:", on_click=_turn, args=(True,))


def _turn(hidden: bool) -> None:
    st.session_state[state.bind("blind", False)] = hidden


def _blind(points: Sequence[Checkpoint], galleries: Sequence[Gallery]) -> None:
    runs = [point.view.run for point in points]
    ground = kept.ground(runs, "held out", every=False)
    if isinstance(ground, Ground) and not len(ground.photos):
        ground = kept.ground(runs, "all", every=False)
    if isinstance(ground, Job):
        pieces.watch(ground)
    elif not len(ground.photos):
        pieces.empty(
            "These two can't be judged blindly",
            "They share no photos: what they find would tell them apart. Choose two checkpoints "
            "that learned from the same data.",
        )
    else:
        blind(_meeting(points, galleries, ground, False))


def _compared(points: Sequence[Checkpoint], galleries: Sequence[Gallery]) -> None:
    runs = [point.view.run for point in points]
    with st.container(key="compare_ground", horizontal=True, vertical_alignment="center"):
        said = st.empty()
        searched, every = _settings(galleries, points)
    ground = kept.ground(runs, searched, every=every)
    if isinstance(ground, Job):
        pieces.watch(ground)
        return
    meeting = _meeting(points, galleries, ground, every)
    with said:
        note(ground.told(meeting.letters))
    rated = None
    if len(ground.photos) and len(ground.drawings):
        rated = kept.comparison(points, ground, searched, every=every)
    done = rated if isinstance(rated, Comparison) else None
    answers(meeting, done)
    if isinstance(rated, Job):
        pieces.watch(rated)
    if done is not None:
        pair = pair_of(meeting)
        left, right = st.columns([0.4, 0.6], gap="medium")
        with left, st.container(key="card_compare_classes", height="stretch"):
            by_class(meeting, done, pair)
        with right, st.container(key="card_compare_drawings", height="stretch"):
            by_drawing(meeting, done, pair)
    left, right = st.columns([0.4, 0.6], gap="medium")
    with left, st.container(key="card_compare_settings", height="stretch"):
        settings(meeting)
    with right, st.container(key="card_compare_metrics", height="stretch"):
        metrics(meeting, done)
    with st.container(key="card_compare_maps"):
        maps(meeting)
    tallies(meeting)


def _settings(galleries: Sequence[Gallery], points: Sequence[Checkpoint]) -> tuple[str, bool]:
    """Which photos are searched, and whether all held-out drawings are asked."""
    whole = all(cached.whole_data(point.view.run) is not None for point in points)
    asked = list(ASKED) if whole else ["kept"]
    parted = all(0 < (gallery.splits == "test").sum() < len(gallery) for gallery in galleries)
    searched = list(SEARCHED) if parted else ["all"]
    keys = [state.bind("asked", asked[0], asked), state.bind("searched", searched[0], searched)]
    if max(len(asked), len(searched)) > 1:
        with st.popover("Compared on", icon=":material/tune:"):
            _choice("Drawings asked", keys[0], asked, ASKED)
            _choice("Photos searched", keys[1], searched, SEARCHED)
    queries, photos = (st.session_state[key] for key in keys)
    return photos, queries == "all"


def _choice(name: str, key: str, options: list[str], told: dict[str, str]) -> None:
    """One of the options; nothing is shown where there is no choice."""
    if len(options) > 1:
        st.segmented_control(
            name, options, key=key, format_func=lambda option: told[option], required=True
        )


def _meeting(
    points: Sequence[Checkpoint], galleries: Sequence[Gallery], ground: Ground, every: bool
) -> Meeting:
    run = points[0].view.run
    data = cached.whole_data(run) if every else cached.kept_data(run)
    assert isinstance(data, RunData)
    return Meeting(points, galleries, ground, data.sketches)
