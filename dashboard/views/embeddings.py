"""Embeddings: every photo and sketch of the probe as a point, at every epoch."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.projection import EpochMaps, Method, Projection, place
from dashboard import cached, checkpoint, faults, mine, pieces, state
from dashboard.checkpoint import Shown
from dashboard.jobs import Job
from dashboard.mapping import METHODS, maps_of
from dashboard.points import COLOURINGS, MapView, PointMap, point_map, told
from dashboard.points.selection import rows_of, text_of
from dashboard.thumbnails import THUMBNAILS
from dashboard.views import embeddings_panel as panel

DIMS = {"2D": 2, "3D": 3}
MAP = "embeddings map"


def page() -> None:
    """The page."""
    pieces.header(
        "Embeddings",
        "Each filled dot is a photo, each open square a sketch. "
        "A good model mixes the two within a colour and keeps colours apart.",
    )
    view = checkpoint.current_run()
    if view is None:
        checkpoint.no_runs()
        return
    if not view.epochs:
        pieces.empty(
            "No epoch is finished yet",
            "This run has just started. The first map can be made as soon as its first epoch is "
            "done.",
        )
        return
    _map(view.run.path)


@st.fragment
@faults.told("the map")
def _map(path: Path) -> None:
    """Settings, map and panel; only these run again when a point is clicked."""
    memory = st.session_state.setdefault("embeddings memory", {"turn": 0, "run": None})
    if memory.pop("epoch", False):
        st.rerun()  # another epoch: the sidebar and all that depends on it follow
    shown = Shown.now(path)
    method, dims, colouring = _settings()
    _forget_what_is_elsewhere(shown, memory, method, dims)
    maps, work = maps_of(shown.view.run, Projection(method=method, dims=dims), shown.epoch)
    left, right = st.columns([0.735, 0.265], gap="medium")
    seen = _seen(shown, memory)
    with left, st.container(key="card_map"):
        if maps.coords:
            # The epoch whose map is there, until the one asked for is.
            near = min(maps.coords, key=lambda epoch: (abs(epoch - shown.epoch), -epoch))
            now = replace(shown, epoch=near)
            star = _show(now, maps, colouring, seen)
        else:
            now, star = shown, None
            _placeholder(maps)
        if work is not None:
            mine.watch(work, ". You can leave this page meanwhile.")
        elif star is not None:
            mine.watch(star)
    with right:
        panel.clicked(now.view, now.probe, now.epoch, seen.selected)
        panel.lassoed_note(now.probe, now.view, now.epoch, seen.lasso, maps.coords.get(now.epoch))
    panel.lassoed_grid(now.view, now.probe, seen.lasso)
    _footnote(maps, now.epoch)
    state.write_link()


def _settings() -> tuple[Method, int, str]:
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        names, dims = tuple(METHODS), tuple(DIMS)
        method = st.segmented_control(
            "Method",
            names,
            key=state.bind("method", names[0], names),
            label_visibility="collapsed",
            required=True,
        )
        dim = st.segmented_control(
            "Dimensions",
            dims,
            key=state.bind("dims", dims[0], dims),
            label_visibility="collapsed",
            required=True,
        )
        colouring = st.segmented_control(
            "Colour by",
            COLOURINGS,
            key=state.bind("colour", COLOURINGS[0], COLOURINGS),
            format_func=lambda name: {"correct": "right or wrong"}.get(name, name),
            label_visibility="collapsed",
            required=True,
        )
    return METHODS[method or names[0]], DIMS[dim or dims[0]], colouring or COLOURINGS[0]


def _forget_what_is_elsewhere(
    shown: Shown, memory: dict[str, object], method: Method, dims: int
) -> None:
    """Points belong to a run, a camera to a method: another one starts afresh."""
    names = {name: state.bind(name, "") for name in ("point", "lasso", "camera")}
    lists = [state.bind(name, list[str]()) for name in ("only", "hide")]
    run = str(shown.view.run.path)
    if memory["run"] not in (None, run):
        st.session_state[names["point"]] = st.session_state[names["lasso"]] = ""
        for key in lists:
            st.session_state[key] = []
    if memory.get("plot") not in (None, (run, method, dims)):
        st.session_state[names["camera"]] = ""
    memory["run"], memory["plot"] = run, (run, method, dims)


def _seen(shown: Shown, memory: dict[str, object]) -> MapView:
    """What the link or the last visit says about the map."""
    value = {name: st.session_state[state.bind(name, "")] for name in ("point", "lasso", "camera")}
    only, hide = (st.session_state[state.bind(name, list[str]())] for name in ("only", "hide"))
    places = np.flatnonzero(shown.probe.ids == value["point"])
    return MapView(
        turn=int(str(memory["turn"])),
        selected=int(places[0]) if len(places) else None,
        lasso=rows_of(value["lasso"], len(shown.probe.ids)),
        epoch=shown.epoch,
        camera=value["camera"],
        only=tuple(only),
        hide=tuple(hide),
    )


def _show(shown: Shown, maps: EpochMaps, colouring: str, seen: MapView) -> Job | None:
    view, probe = shown.view, shown.probe
    star, work = _stars(shown, maps)
    needs = colouring == "correct" or any(token.startswith("correct:") for token in seen.hide)
    near = panel.neighbours(view, probe, shown.epoch, seen.selected)
    content = PointMap(
        coords=maps.coords,
        labels=probe.labels,
        is_photo=probe.is_photo,
        splits=probe.splits,
        class_names=view.run.class_names,
        pictures=cached.thumbnails(view.run),
        chunk=THUMBNAILS,
        correct={e: cached.correct(view.run, e) for e in maps.coords} if needs else {},
        star=star,
        near=(-1 if seen.selected is None else seen.selected, tuple(int(row) for row in near[0])),
        name=f"{view.run.path.name}-embeddings",
    )
    point_map(
        content,
        colouring,  # type: ignore[arg-type]
        replace(seen, epoch=shown.epoch),
        key=MAP,
        changed=lambda: _changed(shown, maps),
    )
    return work


def _stars(shown: Shown, maps: EpochMaps) -> tuple[dict[int, npt.NDArray[np.floating]], Job | None]:
    """Where the person's sketch lies on each map, as far as it is known."""
    sketch = mine.prepared(shown.view.run, shown.probe)
    if sketch is None or not shown.view.weight_epochs:
        return {}, None
    steps, work = mine.through(shown.view, sketch, shown.epoch)
    run = shown.view.run
    stars = {
        epoch: place(step.embedding, cached.replay(run, epoch).embeddings, maps.coords[epoch])
        for epoch, step in sorted(steps.items())
        if epoch in maps.coords
    }
    return stars, work


def _changed(shown: Shown, maps: EpochMaps) -> None:
    """Take over what was done on the map, before the page runs again."""
    did = told(MAP)
    if did is None:
        return
    memory = st.session_state["embeddings memory"]
    memory["turn"] = did.turn
    ids = shown.probe.ids
    count = len(ids)
    selected = did.selected if did.selected is not None and 0 <= did.selected < count else None
    values = {
        "point": "" if selected is None else str(ids[selected]),
        "lasso": text_of([row for row in did.lasso if 0 <= row < count], count),
        "camera": did.camera,
        "only": list(did.only),
        "hide": list(did.hide),
    }
    for name, value in values.items():
        st.session_state[state.bind(name, [] if isinstance(value, list) else "")] = value
    if did.epoch is not None and did.epoch in maps.coords and shown.choose(did.epoch):
        memory["epoch"] = True


def _placeholder(maps: EpochMaps) -> None:
    if maps.problems and not maps.missing:
        epoch, problem = next(iter(maps.problems.items()))
        pieces.empty("There is no map to show", f"Epoch {epoch}: {problem}.")
    else:
        st.html('<div style="height:clamp(20rem,62vh,38rem)"></div>')


def _footnote(maps: EpochMaps, epoch: int) -> None:
    parts = []
    trust = maps.trust.get(epoch)
    if trust is not None:
        parts.append(
            f"Trustworthiness of this map {trust:.2f}: 1.00 would mean that all who are neighbours "
            "on the map are neighbours in the original space."
        )
    if maps.problems:
        told = "; ".join(f"epoch {at}: {why}" for at, why in sorted(maps.problems.items()))
        parts.append(f"Not shown are {told}.")
    if parts:
        pieces.label(" ".join(parts))
