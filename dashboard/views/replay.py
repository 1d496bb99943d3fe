"""Replay: the same samples at every epoch, played."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import streamlit as st

from core.replay import Replay
from dashboard import cached, checkpoint, faults, mine, pieces, state
from dashboard.checkpoint import Shown
from dashboard.player import Film, PlayerView, Sample, player, told
from dashboard.player.component import OPACITY
from dashboard.sketch import png
from dashboard.thumbnails import THUMBNAILS

PLAYER = "replay player"
SHOWS = ("inference", "sketch attention", "photo attention", "my sketch")


def page() -> None:
    """The page."""
    pieces.header(
        "Replay",
        "Training as a film: the same drawings and photos at every epoch. Watch the right answers "
        "(green) take over, and the warm areas settle on what matters.",
    )
    view = checkpoint.current_run()
    if view is None:
        checkpoint.no_runs()
        return
    if not view.epochs:
        pieces.empty(
            "No epoch is finished yet",
            "This run has just started. The film begins with its first epoch.",
        )
        return
    _film(view.run.path)


@st.fragment
@faults.told("the film")
def _film(path: Path) -> None:
    """The choice and the film; only these run again when something is done on it."""
    memory = st.session_state.setdefault("replay memory", {"turn": 0})
    if memory.pop("epoch", False):
        st.rerun()  # another epoch: the sidebar follows
    shown = Shown.now(path)
    show = st.segmented_control(
        "What is shown",
        SHOWS,
        key=state.bind("show", SHOWS[0], SHOWS),
        label_visibility="collapsed",
        required=True,
    )
    makers: dict[str, Callable[[Shown], Film | None]] = {
        "inference": _inference,
        "sketch attention": _sketches,
        "photo attention": _photos,
        "my sketch": _mine,
    }
    with st.container(key="card_replay"):
        film = makers[show or SHOWS[0]](shown)
        if film is not None:
            view = PlayerView(
                turn=memory["turn"],
                epoch=shown.epoch,
                opacity=st.session_state[state.bind("opacity", OPACITY, range(101))],
                raw=st.session_state[state.bind("raw", False)],
            )
            player(film, view, key=PLAYER, changed=lambda: _changed(shown, film))
    state.write_link()


def _changed(shown: Shown, film: Film) -> None:
    """Take over what was done, before the page runs again."""
    did = told(PLAYER)
    if did is None:
        return
    memory = st.session_state["replay memory"]
    memory["turn"] = did.turn
    st.session_state[state.bind("opacity", OPACITY, range(101))] = did.opacity
    st.session_state[state.bind("raw", False)] = did.raw
    if did.epoch is not None and did.epoch in film.epochs and shown.choose(did.epoch):
        memory["epoch"] = True


def _inference(shown: Shown) -> Film | None:
    epochs, replays = _replays(shown)
    if not epochs:
        return None
    return _of_probe(
        shown,
        "finds",
        epochs,
        shown.probe.focus_sketches,
        np.stack([replay.sketch_attention for replay in replays]),
        np.stack([replay.retrieved for replay in replays]),
        np.stack([replay.scores for replay in replays]),
    )


def _sketches(shown: Shown) -> Film | None:
    epochs, replays = _replays(shown)
    if not epochs:
        return None
    maps = np.stack([replay.sketch_attention for replay in replays])
    return _of_probe(shown, "looks", epochs, shown.probe.focus_sketches, maps)


def _photos(shown: Shown) -> Film | None:
    epochs, replays = _replays(shown)
    if not epochs:
        return None
    maps = np.stack([replay.photo_attention for replay in replays])
    return _of_probe(shown, "looks", epochs, shown.probe.focus_photos, maps)


def _replays(shown: Shown) -> tuple[list[int], list[Replay]]:
    """The epochs whose replay can be read; the others are told."""
    epochs, replays = [], []
    for epoch in shown.view.epochs:
        try:
            replays.append(cached.replay(shown.view.run, epoch))
            epochs.append(epoch)
        except ValueError as error:
            pieces.trouble(f"Epoch {epoch} is left out: {error}")
    return epochs, replays


def _of_probe(
    shown: Shown,
    mode: str,
    epochs: list[int],
    rows: np.ndarray,
    maps: np.ndarray,
    found: np.ndarray | None = None,
    scores: np.ndarray | None = None,
) -> Film:
    none = np.zeros((len(epochs), len(rows), 0))
    probe, names = shown.probe, shown.view.run.class_names
    return Film(
        mode=mode,  # type: ignore[arg-type]
        epochs=epochs,
        samples=[
            Sample(label=names[int(label)], row=int(row), truth=int(label))
            for row, label in zip(rows, probe.labels[rows], strict=True)
        ],
        maps=maps,
        found=none.astype(np.int64) if found is None else found,
        scores=none if scores is None else scores,
        labels=probe.labels,
        class_names=names,
        pictures=cached.thumbnails(shown.view.run),
        chunk=THUMBNAILS,
        inked=not probe.is_photo[rows].any(),
        stem=f"{shown.view.run.path}·{rows.tolist()}",
    )


def _mine(shown: Shown) -> Film | None:
    """The person's own sketch at every epoch that kept its weights."""
    view, probe = shown.view, shown.probe
    sketch = mine.prepared(view.run, probe)
    if sketch is None:
        _nothing_drawn()
        return None
    if not view.weight_epochs:
        pieces.empty(
            "This run kept no weights",
            "Your sketch can be followed only through epochs that kept theirs. Train with "
            "train.keep=all to keep every one.",
        )
        return None
    steps, work = mine.through(view, sketch, shown.epoch)
    if work is not None:
        mine.watch(work, ". You can leave this page meanwhile.")
    made = [steps[epoch] for epoch in sorted(steps)]
    if not made:
        st.html('<div style="height:24rem"></div>')
        return None
    label = mine.label(probe)
    name = "my sketch" if label is None else f"my sketch · {view.run.class_names[label]}"
    pieces.label(
        f"Your sketch at the {len(made)} of {len(view.epochs)} epochs that kept their weights, and "
        f"the closest of the run's {int(probe.is_photo.sum())} probe photos."
    )
    return Film(
        mode="both",
        epochs=[step.epoch for step in made],
        samples=[Sample(label=name, truth=label, picture=png(sketch))],
        maps=np.stack([step.attention for step in made])[:, None],
        found=np.stack([step.found for step in made])[:, None],
        scores=np.stack([step.scores for step in made])[:, None],
        labels=probe.labels,
        class_names=view.run.class_names,
        pictures=cached.thumbnails(view.run),
        chunk=THUMBNAILS,
        stem=f"{view.run.path}·{hash(sketch.tobytes())}",
    )


def _nothing_drawn() -> None:
    pieces.empty(
        "Draw something first",
        "Your sketch is kept from page to page. Draw one, come back, and see where each epoch "
        "looked and what it found.",
    )
    if st.button("Draw", type="primary", icon=":material/draw:"):
        from dashboard.router import page_of  # the router imports the pages

        st.switch_page(page_of("draw"))
