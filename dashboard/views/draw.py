"""Draw: a sketch goes in, the closest photos come back."""

import numpy as np
import streamlit as st

from core.gallery import Gallery
from core.query import Answer, Searcher
from core.runs import Run
from dashboard import cached, checkpoint, drawing, faults, photos, pieces, state
from dashboard.canvas import canvas
from dashboard.checkpoint import Checkpoint
from dashboard.jobs import Job
from dashboard.overlay import overlaid
from dashboard.pieces import Tile
from dashboard.sketch import Sketch

COUNTS = (8, 16, 32)
FINE = 256


def page() -> None:
    """The page."""
    pieces.header(
        "Draw",
        "Draw one thing. The closest photos appear when you lift the pen; "
        "the warm areas are where the network looks.",
    )
    point = checkpoint.need()
    if point is None:
        return
    _drawing(point)


@st.fragment
@faults.told("the drawing")
def _drawing(point: Checkpoint) -> None:
    """Canvas and results; only these run again when the pen is lifted."""
    run = point.view.run
    probe = drawing.probe_of(run)
    drawing.fit([probe])
    left, right = st.columns([0.4, 0.6], gap="medium")
    with left, st.container(key="card_canvas"):
        sketch = canvas()
        drawing.sources(drawing.drawings(probe))
    with right:
        gallery = photos.searched(run)
        if gallery is not None:
            ready = cached.searcher(run, point.epoch, gallery)
            _results(point, gallery, ready, sketch, drawing.label([probe], [run]))
    state.write_link()


def _results(
    point: Checkpoint,
    gallery: Gallery,
    ready: Searcher | Job,
    sketch: Sketch | None,
    label: str | None,
) -> None:
    looks, sees = st.columns([0.34, 0.66], gap="small", wrap=False)
    k, attention, classes = _settings(point.view.run, gallery)
    answer = _answer(ready, sketch, k, classes) if isinstance(ready, Searcher) else None
    with looks, st.container(key="card_looks", height="stretch", gap=None):
        pieces.label("Where it looks")
        pieces.picture(_looked(sketch, answer), "The drawing, warm where the network looks")
    with sees, st.container(key="card_sees", height="stretch", gap=None):
        pieces.label("What it sees")
        if isinstance(ready, Job):
            pieces.watch(ready)
        else:
            _votes(answer, label)
    maps = None
    if answer is not None and attention and isinstance(ready, Searcher):
        rows = tuple(result.index for result in answer.results)
        maps = cached.photo_attention(point.view.run, point.epoch, ready, rows)
    _photos(gallery, answer, maps, k, label)


def _settings(run: Run, gallery: Gallery) -> tuple[int, bool, list[str]]:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        pieces.title("Closest photos")
        k = st.segmented_control(
            "Photos shown",
            COUNTS,
            key=state.bind("k", COUNTS[0], COUNTS),
            label_visibility="collapsed",
            required=True,
        )
        attention = st.toggle("attention", key=state.bind("attention", False))
        key = state.bind("class", [], gallery.classes)
        chosen = st.session_state[key]
        with st.popover(f"{len(chosen)} classes" if chosen else f"{len(gallery):,} photos"):
            classes = st.multiselect(
                "Search only photos of", gallery.classes, key=key, placeholder="every class"
            )
            photos.chooser(run)
    return k or COUNTS[0], attention, classes


def _answer(searcher: Searcher, sketch: Sketch | None, k: int, classes: list[str]) -> Answer | None:
    if sketch is None:
        return None
    try:
        prepared = sketch.prepared(searcher.size)
    except ValueError:
        return None  # everything was erased: the canvas says what to do
    return searcher.search(prepared, k, classes)


def _looked(sketch: Sketch | None, answer: Answer | None) -> bytes | None:
    """The drawing as the network was given it, drawn finely, under its attention."""
    if sketch is None or answer is None:
        return None
    fine = answer.sketch if sketch.untouched else sketch.prepared(FINE)
    return overlaid(fine, answer.attention)


def _votes(answer: Answer | None, label: str | None) -> None:
    if answer is None:
        pieces.label("Nothing yet: draw, upload a picture, or be surprised.")
        return
    truth = f" · this is a {label}" if label else ""
    pieces.votes(
        [result.label for result in answer.results],
        f"answered in {answer.seconds:.2f} s over {answer.searched:,} photos{truth}",
    )


def _photos(
    gallery: Gallery,
    answer: Answer | None,
    maps: np.ndarray | None,
    k: int,
    label: str | None,
) -> None:
    if answer is None:
        pieces.grid([], blanks=k)
        return
    rows = [result.index for result in answer.results]
    pictures = [gallery.pictures.encoded(row) for row in rows]
    if maps is not None:
        pictures = [
            overlaid(gallery.pictures.pixels(row), found)
            for row, found in zip(rows, maps, strict=True)
        ]
    tiles = [
        Tile(
            picture=picture,
            label=result.label,
            note=f"{result.score:.2f}",
            right=None if label is None else result.label == label,
            title=result.path,
        )
        for result, picture in zip(answer.results, pictures, strict=True)
    ]
    pieces.grid(tiles, blanks=k - len(tiles) if len(tiles) < COUNTS[0] else 0)
