"""The person's own sketch on pages other than Draw, and its way through training."""

import hashlib
from collections.abc import Hashable, Sequence

import streamlit as st

from core.data.strokes import Gray
from core.gallery import image_size
from core.journey import Step, journey
from core.replay import Probe
from core.runs import Run
from dashboard import cached, pieces, state
from dashboard.cached import RunView
from dashboard.jobs import Job, Report, job

SHOWN = 10
"""Photos kept at each epoch."""


def prepared(run: Run, probe: Probe | None) -> Gray | None:
    """The person's sketch as the run's encoders take it; None where nothing is drawn."""
    sketch = state.sketch()
    if sketch is None:
        return None
    if sketch.probe:
        ids = () if probe is None else probe.ids
        places = [at for at, name in enumerate(ids) if name == sketch.probe]
        if probe is not None and places and probe.pictures is not None:
            sketch = sketch.over(probe.pictures.pixels(places[0]))
        else:
            sketch = sketch.freed()
    try:
        return sketch.prepared(image_size(run))
    except ValueError:
        return None  # everything was erased, or it is a sketch of another run's probe


def label(probe: Probe) -> int | None:
    """The class of the person's sketch, where it is one of the probe that nobody has drawn on."""
    sketch = state.sketch()
    if sketch is None or not sketch.untouched:
        return None
    places = [at for at, name in enumerate(probe.ids) if name == sketch.probe]
    return int(probe.labels[places[0]]) if places else None


def through(
    view: RunView, sketch: Gray, epoch: int, *, only: Sequence[int] = ()
) -> tuple[dict[int, Step], Job | None]:
    """What the epochs that kept weights make of a prepared sketch, and the job still at it.

    The epoch shown is made first. A journey is made once per run, weights and drawing.
    """
    steps = cached.journey(_key(view, sketch))
    wanted = [kept for kept in view.weight_epochs if not only or kept in only]
    missing = [kept for kept in wanted if kept not in steps]
    if not missing:
        return steps, None
    order = sorted(missing, key=lambda kept: (abs(kept - epoch), -kept))

    def work(tell: Report) -> None:
        done = len(wanted) - len(order)
        tell(done, len(wanted))
        for step in journey(view.run, sketch, epochs=order, k=SHOWN):
            steps[step.epoch] = step
            done += 1
            tell(done, len(wanted))

    title = "Your sketch through training"
    return steps, job(("journey", _key(view, sketch), tuple(wanted)), title, work)


def watch(job: Job, note: str = "") -> None:
    """A job's progress; the page runs again at every step, so that it fills up as it goes."""
    seen = job.done

    @st.fragment(run_every=0.7)
    def _watch() -> None:
        if job.error:
            pieces.trouble(f"{job.title}: {job.error}")
        elif job.finished or job.done > seen:
            st.rerun()
        else:
            told = f"{job.done:,} of {job.total:,}" if job.total else "starting"
            st.progress(job.share, f"{pieces.plain(job.title)} · {told}{note}")

    _watch()


def _key(view: RunView, sketch: Gray) -> Hashable:
    drawing = hashlib.blake2b(sketch.tobytes(), digest_size=8).hexdigest()
    return str(view.run.path), cached.weights(view), drawing
