"""Embeddings side by side: the same points in every map, one selection for all."""

from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.comparison import SharedPoints, side_by_side
from core.projection import EpochMaps, Method, Projection, nearest
from dashboard import cached, faults, mine, pieces, state
from dashboard.cached import comparing as kept
from dashboard.comparing.choice import title
from dashboard.comparing.markup import headed, note
from dashboard.comparing.meeting import Meeting
from dashboard.jobs import Job
from dashboard.mapping import METHODS, maps_of
from dashboard.pieces import Tile
from dashboard.points import MapView, PointMap, point_map, told
from dashboard.points.selection import rows_of, text_of
from dashboard.thumbnails import THUMBNAILS

COLOURS = {"class": "class", "domain": "photo or sketch", "correct": "right or wrong"}
FEWEST = 3
"""Points without which there is nothing to see."""
NEAR = 6
"""Neighbours shown of the point selected."""


@st.fragment
@faults.told("the maps side by side")
def maps(meeting: Meeting) -> None:
    """The maps; only they run again when a point is clicked."""
    method, colouring = _settings()
    try:
        points = kept.points_in_common(meeting.runs)
    except ValueError as error:
        note(f"There are no maps to lay side by side: {error}")
        return
    if len(points) < FEWEST:
        note(
            f"The runs share {len(points)} of the items that each keeps for its map: too few to "
            "lay their maps side by side."
        )
        return
    made, work = _made(meeting, method)
    epochs = [point.epoch for point in meeting.points]
    missing = [at for at, epoch in enumerate(epochs) if epoch not in made[at].coords]
    for at in missing:
        problem = made[at].problems.get(epochs[at])
        if problem:
            pieces.trouble(f"{meeting.letters[at]} has no map: {problem}")
    if missing:
        if work is not None:
            mine.watch(work, ". You can leave this page meanwhile.")
        return
    coords = [found.coords[epoch] for found, epoch in zip(made, epochs, strict=True)]
    _show(meeting, points, side_by_side(coords, points), colouring)
    state.write_link()


def _settings() -> tuple[Method, str]:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        pieces.title("Embeddings, side by side")
        names, colours = tuple(METHODS), tuple(COLOURS)
        method = st.segmented_control(
            "Method",
            names,
            key=state.bind("method", names[0], names),
            label_visibility="collapsed",
            required=True,
        )
        colouring = st.segmented_control(
            "Colour by",
            colours,
            key=state.bind("colour", colours[0], colours),
            format_func=lambda name: COLOURS[name],
            label_visibility="collapsed",
            required=True,
        )
    return METHODS[method or names[0]], colouring or colours[0]


def _made(meeting: Meeting, method: Method) -> tuple[list[EpochMaps], Job | None]:
    """Each run's maps, and the first job that is still at one of them."""
    found, work = [], None
    for point in meeting.points:
        maps, running = maps_of(point.view.run, Projection(method=method, dims=2), point.epoch)
        found.append(maps)
        work = work or running
    return found, work


def _show(
    meeting: Meeting, points: SharedPoints, coords: list[npt.NDArray[np.float32]], colouring: str
) -> None:
    seen = _seen(points)
    for start in range(0, len(coords), 2):
        columns = st.columns(2, gap="medium")
        for place in range(start, min(start + 2, len(coords))):
            with columns[place - start], st.container(key=f"compare_map_{meeting.letters[place]}"):
                _map(meeting, points, place, coords[place], colouring, seen)
    _selected(meeting, points, seen.selected)


def _map(
    meeting: Meeting,
    points: SharedPoints,
    place: int,
    coords: npt.NDArray[np.float32],
    colouring: str,
    seen: MapView,
) -> None:
    """One checkpoint's map, and under it the neighbours of the point selected."""
    key = f"compare map {meeting.letters[place]}"
    near = _neighbours(meeting, points, place, seen.selected)
    headed(meeting.letters[place], title(meeting.points[place]))
    point_map(
        _content(meeting, points, place, coords, colouring, near),
        colouring,  # type: ignore[arg-type]
        replace(seen, turn=_turns().get(key, 0), epoch=1),
        key=key,
        changed=partial(_changed, points, key),
    )
    if seen.selected is not None:
        pieces.grid([_tile(meeting, points, int(row), seen.selected) for row in near])


def _seen(points: SharedPoints) -> MapView:
    """What is selected and shown in all maps, as the link or the last deed says."""
    name = st.session_state[state.bind("point", "")]
    only, hide = (st.session_state[state.bind(n, list[str]())] for n in ("only", "hide"))
    places = np.flatnonzero(points.shared.ids == name)
    return MapView(
        selected=int(places[0]) if len(places) else None,
        lasso=rows_of(st.session_state[state.bind("lasso", "")], len(points)),
        only=tuple(only),
        hide=tuple(hide),
    )


def _content(
    meeting: Meeting,
    points: SharedPoints,
    place: int,
    coords: npt.NDArray[np.float32],
    colouring: str,
    near: npt.NDArray[np.intp],
) -> PointMap:
    point, rows = meeting.points[place], points.shared.rows[place]
    classes, labels = np.unique(points.shared.labels, return_inverse=True)
    correct = {}
    if colouring == "correct":
        correct = {1: cached.correct(point.view.run, point.epoch)[rows]}
    selected = _seen(points).selected
    return PointMap(
        coords={1: coords},
        labels=labels.astype(np.int64),
        is_photo=points.is_photo,
        splits=points.splits,
        class_names=[str(name) for name in classes],
        pictures=kept.shared_thumbnails(meeting.runs),
        chunk=THUMBNAILS,
        correct=correct,
        near=(-1 if selected is None else selected, tuple(int(row) for row in near)),
        name=f"{point.view.run.path.name}-{point.epoch}-embeddings",
    )


def _neighbours(
    meeting: Meeting, points: SharedPoints, place: int, selected: int | None
) -> npt.NDArray[np.intp]:
    """The shared points that lie nearest to the one selected in a checkpoint's own space."""
    if selected is None:
        return np.zeros(0, np.intp)
    point = meeting.points[place]
    space = cached.replay(point.view.run, point.epoch).embeddings[points.shared.rows[place]]
    count = min(NEAR, len(points) - 1)
    rows, _ = nearest(space[selected][None], space, count, skip=np.array([selected]))
    return rows[0]


def _selected(meeting: Meeting, points: SharedPoints, selected: int | None) -> None:
    shared = points.shared
    count = f"{len(points):,} photos (filled) and drawings (open) that all runs keep"
    alike = "each map is turned and scaled as a whole to lie best over that of A"
    if selected is None:
        note(f"{count}; {alike}. Click a point: it is marked in all maps, with its neighbours.")
        return
    kind = "photo" if points.is_photo[selected] else "drawing"
    note(
        f"Selected is the {kind} {shared.ids[selected]}, a {shared.labels[selected]}; under each "
        f"map are its nearest in that checkpoint's original space, green where of its class. "
        f"{count}; {alike}."
    )


def _tile(meeting: Meeting, points: SharedPoints, row: int, selected: int) -> Tile:
    probe = meeting.probes[0]
    assert probe is not None
    assert probe.pictures is not None
    shared = points.shared
    label = str(shared.labels[row])
    return Tile(
        picture=probe.pictures.encoded(int(shared.rows[0, row])),
        label=label,
        right=bool(label == shared.labels[selected]),
        title=f"{label} · {shared.ids[row]}",
    )


def _turns() -> dict[str, int]:
    """How often something was done on each map."""
    turns: dict[str, int] = st.session_state.setdefault("compare turns", {})
    return turns


def _changed(points: SharedPoints, key: str) -> None:
    """What was done on one map is done on all, before the page runs again."""
    did = told(key)
    if did is None:
        return
    _turns()[key] = did.turn
    count = len(points)
    known = did.selected is not None and 0 <= did.selected < count
    st.session_state[state.bind("point", "")] = (
        str(points.shared.ids[did.selected]) if known else ""
    )
    rows = [row for row in did.lasso if 0 <= row < count]
    st.session_state[state.bind("lasso", "")] = text_of(rows, count)
    st.session_state[state.bind("only", list[str]())] = list(did.only)
    st.session_state[state.bind("hide", list[str]())] = list(did.hide)
