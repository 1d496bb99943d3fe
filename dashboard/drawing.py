"""A person's sketch on a page with a canvas: fitted to the runs, uploaded, or drawn by lot."""

import random
from collections.abc import Sequence

import streamlit as st

from core.query import decode_picture
from core.replay import Probe
from core.runs import Run
from dashboard import cached, pieces, state
from dashboard.sketch import Sketch


def probe_of(run: Run) -> Probe | None:
    """The run's probe; None where it lacks one, which only costs it the surprise."""
    try:
        return cached.probe(run)
    except ValueError:
        return None


def drawings(probe: Probe | None) -> list[str]:
    """Ids of the probe's drawings that can be shown; none without pictures."""
    if probe is None or probe.pictures is None:
        return []
    names: list[str] = probe.ids[~probe.is_photo].tolist()
    return names


def fit(probes: Sequence[Probe | None]) -> None:
    """Make the session's sketch one that runs with these probes understand."""
    sketch = state.sketch()
    if sketch is None or not sketch.probe:
        return
    found = _place(probes, sketch.probe)
    if found is None:
        state.keep_sketch(sketch.freed())
    elif sketch.base is None and found[0].pictures is not None:
        state.keep_sketch(sketch.over(found[0].pictures.pixels(found[1])))


def label(probes: Sequence[Probe | None], runs: Sequence[Run]) -> str | None:
    """The class of a sketch of the set that nobody has drawn on; None for any other."""
    sketch = state.sketch()
    if sketch is None or not sketch.untouched:
        return None
    for probe, run in zip(probes, runs, strict=True):
        found = _place([probe], sketch.probe)
        if found is not None:
            return run.class_names[int(found[0].labels[found[1]])]
    return None


def sources(names: Sequence[str]) -> None:
    """What stands under a canvas: a picture to upload, and one of the drawings `names` by lot."""
    with st.container(horizontal=True, gap="small"):
        with st.popover("Upload a sketch", icon=":material/upload:"):
            upload = st.file_uploader(
                "A picture of a drawing", type=["png", "jpg", "jpeg", "webp", "bmp", "gif"]
            )
            if upload is not None and st.session_state.get("upload") != upload.file_id:
                st.session_state["upload"] = upload.file_id
                _take_upload(upload.getvalue(), upload.name)
        if names:
            st.button(
                "Surprise me", icon=":material/auto_awesome:", on_click=surprise, args=(names,)
            )


def surprise(names: Sequence[str]) -> None:
    """Another drawing of these than the one shown, chosen by chance."""
    current = state.sketch()
    others = [name for name in names if current is None or name != current.probe]
    if others:
        state.keep_sketch(Sketch(probe=random.choice(others)))


def _place(probes: Sequence[Probe | None], name: str) -> tuple[Probe, int] | None:
    """The first probe that knows the item, and its row."""
    for probe in probes:
        if probe is not None:
            rows = (probe.ids == name).nonzero()[0]
            if len(rows):
                return probe, int(rows[0])
    return None


def _take_upload(content: bytes, name: str) -> None:
    try:
        state.keep_sketch(Sketch.of_picture(decode_picture(content, name)))
    except ValueError as error:
        pieces.trouble(str(error))
        return
    st.rerun(scope="fragment")
