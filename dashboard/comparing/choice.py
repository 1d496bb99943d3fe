"""Which checkpoints are compared: A is the one that all pages show, the others belong to this page.

In a link, `run` names the runs, `epoch` is A's, and `with` names the others where that is not the
best epoch of each further run: `RUN`, or `RUN@EPOCH`.
"""

from collections.abc import Sequence

import streamlit as st

from core.runs import RunSummary, run_path
from dashboard import cached, checkpoint, pieces, state
from dashboard.checkpoint import Checkpoint

LETTERS = "ABCD"
MOST = len(LETTERS)
"""Checkpoints that are compared at the most."""
TOLD = "compare told"
"""Session key of what was left out of the comparison."""


def title(point: Checkpoint) -> str:
    """A checkpoint's name for people."""
    return f"{point.view.run.name} · epoch {point.epoch}"


def chosen(first: Checkpoint) -> list[Checkpoint]:
    """The checkpoints compared, A first; only A where there is nothing to compare it with.

    What a link names and can't be read is told and left out. The choice is written back, so that
    a link copied from this page opens the same comparison later.
    """
    runs, told = state.chosen_runs(), list[str]()
    points = [first]
    for text in st.session_state[state.bind("with", list[str]())]:
        name = text.partition("@")[0]
        if not runs or name in runs:
            _append(points, text, told)
    for name in runs[1:]:
        if name not in {point.view.run.name for point in points}:
            _append(points, name, told)
    if len(points) == 1:
        points += suggestions(points)[:1]
    points = points[:MOST]
    keep(points)
    _tell(points, told)
    return points


def _tell(points: Sequence[Checkpoint], told: list[str]) -> None:
    """What was left out, for as long as the choice stands that it was left out of."""
    choice = [_key(point) for point in points]
    if told:
        st.session_state[TOLD] = choice, told
    about, lines = st.session_state.get(TOLD, ([], []))
    for line in lines if about == choice else []:
        pieces.trouble(line)


def suggestions(points: Sequence[Checkpoint]) -> list[Checkpoint]:
    """What could stand beside these: other runs at their best, then other epochs of these."""
    there = {_key(point) for point in points}
    used = {name for name, _ in there}
    found = []
    for run in checkpoint.usable(cached.summaries(state.runs_root())):
        if run.name not in used:
            view = cached.run_view(run.path)
            if view.best_epoch is not None:
                found.append(Checkpoint(view, view.best_epoch))
                break
    for point in points:
        found += [
            Checkpoint(point.view, epoch)
            for epoch in point.view.weight_epochs
            if (point.view.run.name, epoch) not in there
        ]
    return found


def keep(points: Sequence[Checkpoint]) -> None:
    """Make these the checkpoints compared."""
    first = points[0]
    names = list(dict.fromkeys(point.view.run.name for point in points))
    others = [_text(point) for point in points[1:]]
    state.choose_runs(names)
    state.choose_epoch(None if first.epoch == first.view.best_epoch else first.epoch)
    st.session_state[state.bind("with", list[str]())] = [] if others == names[1:] else others


def chips(points: Sequence[Checkpoint]) -> None:
    """The checkpoints as chips: each opens to choose its run and epoch, or to leave it out."""
    found = checkpoint.usable(cached.summaries(state.runs_root()))
    for place, point in enumerate(points):
        name = pieces.plain(f"{LETTERS[place]}  {title(point)}")
        with st.popover(name, key=f"chip_{LETTERS[place]}"):
            _chip(place, points, found)
    more = suggestions(points) if len(points) < MOST else []
    if more:
        st.button("add", icon=":material/add:", on_click=keep, args=([*points, more[0]],))


def _chip(place: int, points: Sequence[Checkpoint], found: Sequence[RunSummary]) -> None:
    point = points[place]
    current = point.view.run.name
    names = [run.name for run in found]
    key = f"compare.run.{place}.{current}"
    st.selectbox(
        "Run",
        names,
        index=names.index(current) if current in names else None,
        key=key,
        on_change=_run_changed,
        args=(key, place, points),
    )
    if len(point.view.weight_epochs) > 1:
        key = f"compare.epoch.{place}.{current}.{point.epoch}"
        st.select_slider(
            "Epoch",
            point.view.weight_epochs,
            value=point.epoch,
            key=key,
            on_change=_epoch_changed,
            args=(key, place, points),
        )
    if len(points) > 2:
        rest = [other for other in points if _key(other) != _key(point)]
        st.button("Leave out", key=f"compare.out.{place}", on_click=keep, args=(rest,))


def _run_changed(key: str, place: int, points: Sequence[Checkpoint]) -> None:
    name = st.session_state.get(key)
    if not name:
        return
    view = cached.run_view(run_path(state.runs_root(), name))
    if view.best_epoch is not None:
        _replace(place, points, Checkpoint(view, view.best_epoch))


def _epoch_changed(key: str, place: int, points: Sequence[Checkpoint]) -> None:
    view = points[place].view
    _replace(place, points, Checkpoint(view, int(st.session_state[key])))


def _replace(place: int, points: Sequence[Checkpoint], point: Checkpoint) -> None:
    """Put another checkpoint in a place; one that stands elsewhere already changes places."""
    after = [points[place] if _key(other) == _key(point) else other for other in points]
    after[place] = point
    keep(after)


def _append(points: list[Checkpoint], text: str, told: list[str]) -> None:
    """Add what `RUN` or `RUN@EPOCH` means, unless it is there; `told` gets what is wrong."""
    name, _, epoch = text.partition("@")
    if len(points) == MOST:
        return
    try:
        view = cached.run_view(run_path(state.runs_root(), name))
    except ValueError as error:
        told.append(f"Left out of the comparison: {error}")
        return
    if view.best_epoch is None:
        told.append(f"Left out of the comparison: {name} has no epoch with weights yet")
        return
    wanted = int(epoch) if epoch.isdigit() else view.best_epoch
    if wanted not in view.weight_epochs:
        kept = ", ".join(str(one) for one in view.weight_epochs)
        told.append(
            f"{name} kept no weights of epoch {wanted}, only of {kept}: its best is compared"
        )
        wanted = view.best_epoch
    found = Checkpoint(view, wanted)
    if _key(found) not in {_key(point) for point in points}:
        points.append(found)


def _key(point: Checkpoint) -> tuple[str, int]:
    return point.view.run.name, point.epoch


def _text(point: Checkpoint) -> str:
    name = point.view.run.name
    return name if point.epoch == point.view.best_epoch else f"{name}@{point.epoch}"
