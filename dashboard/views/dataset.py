"""Dataset: the photos and drawings that a run learned from and is tested on."""

import pandas as pd
import streamlit as st

from core.dataset import SPLITS, RunData, Samples, at_hand
from core.runs import Run
from dashboard import cached, charts, checkpoint, class_charts, faults, pieces, state
from dashboard.jobs import Job
from dashboard.pieces import Tile

COUNTS = (6, 12, 24)
PAIRS = 6
SPLIT_NAMES = {"train": "train", "valid": "validation", "test": "held out", "": "not known"}
COLOURS = ("photos and sketches", "photos by split", "sketches by split")
LARGEST_DRAW = 10**6


def page() -> None:
    """The page."""
    pieces.header(
        "Dataset",
        "Photos, and people's drawings of the same things. The network learns from “train”; "
        "what is “held out” it meets for the first time when it is tested.",
    )
    view = checkpoint.current_run()
    if view is None:
        checkpoint.no_runs()
        return
    _shown(view.run)


@st.fragment
@faults.told("the data set")
def _shown(run: Run) -> None:
    """Everything below the title; only this runs again when a setting changes."""
    data = _data(run)
    if not data.classes:
        pieces.empty(
            "This run keeps no pictures yet",
            "It chooses some of its drawings when training starts and keeps its photos when "
            "training ends. Go on with it, or choose another run.",
        )
        return
    label, split, k, draw = _settings(data)
    left, right = st.columns(2, gap="medium")
    with left, st.container(key="card_photos"):
        _samples("Photos", data.photos, k, draw, label, split)
    with right, st.container(key="card_sketches"):
        _samples("Sketches", data.sketches, k, draw, label, split)
    _pairs(data, draw, label, split)
    with st.container(key="card_balance"):
        _balance(data)
    state.write_link()


def _data(run: Run) -> RunData:
    """The whole data set where it can be opened, else what the run keeps; says which it is."""
    whole = cached.whole_data(run)
    if isinstance(whole, RunData):
        return whole
    kept = cached.kept_data(run)
    with st.container(horizontal=True, vertical_alignment="center", key="kept"):
        if isinstance(whole, Job):
            pieces.watch(whole)
        else:
            _incomplete(run, kept)
    return kept


def _incomplete(run: Run, kept: RunData) -> None:
    """What is missing, and how to get it."""
    told = "The run keeps nothing of its data yet."
    if kept.classes:
        told = f"All {len(kept.photos):,} photos, and the {len(kept.sketches):,} held-out sketches "
        told += "that the run keeps."
    asked = f"packing {run.path}"
    if st.session_state.get(asked):
        job = cached.packing(run)
        st.session_state[asked] = not job.finished
        pieces.watch(job)
    elif at_hand(run):
        pieces.label(told)
        st.button(
            "Read the whole data set",
            icon=":material/database:",
            on_click=lambda: st.session_state.update({asked: True}),
            help=f"Reads {pieces.plain(str(run.info['data']['spec']))} once and keeps it ready. "
            "You can leave the page meanwhile.",
        )
    else:
        pieces.label(f"{told} The data set itself is not on this machine.")


def _settings(data: RunData) -> tuple[str | None, str, int, int]:
    photos, sketches = _totals(data.photos), _totals(data.sketches)

    def told(name: str) -> str:
        return f"{name} · {photos.get(name, 0):,} photos, {sketches.get(name, 0):,} sketches"

    both = {*data.photos.splits.tolist(), *data.sketches.splits.tolist()}
    splits = [name for name in SPLITS if name in both]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        label = st.selectbox(
            "Category",
            data.classes,
            key=state.bind("class", None, data.classes),
            format_func=told,
            placeholder=f"All {len(data.classes)} categories. Type to search",
            width=330,
        )
        split = st.pills(
            "Split",
            splits,
            key=state.bind("split", None, splits),
            format_func=lambda name: SPLIT_NAMES[name],
        )
        k = st.segmented_control(
            "Shown", COUNTS, key=state.bind("k", COUNTS[0], COUNTS), required=True
        )
        key = state.bind("draw", 0)
        st.button("Others", icon=":material/refresh:", on_click=_refresh, args=(key,))
    return label, split or "", k or COUNTS[0], min(abs(st.session_state[key]), LARGEST_DRAW)


def _refresh(key: str) -> None:
    st.session_state[key] = (abs(int(st.session_state[key])) + 1) % LARGEST_DRAW


def _totals(samples: Samples) -> dict[str, int]:
    """Items by class."""
    totals: dict[str, int] = {}
    for (label, _), count in samples.counts().items():
        totals[label] = totals.get(label, 0) + count
    return totals


def _samples(
    title: str, samples: Samples, k: int, draw: int, label: str | None, split: str
) -> None:
    among = sum(
        count
        for (name, side), count in samples.counts().items()
        if (label is None or name == label) and (not split or side == split)
    )
    rows = samples.choose(k, seed=draw, label=label, split=split)
    with st.container(horizontal=True, vertical_alignment="center"):
        pieces.title(title)
        # Numbers only: nothing here needs escaping.
        st.html(f'<span class="sk-quiet">{len(rows)} of {among:,}</span>', width="content")
    if not len(rows):
        pieces.label(
            f"There are no {title.lower()} of this kind. Choose another split or category."
        )
    tiles = [
        Tile(
            picture=samples.encoded(int(row)),
            label=str(samples.labels[row]),
            note=SPLIT_NAMES[str(samples.splits[row])],
            title=str(samples.ids[row]),
        )
        for row in rows
    ]
    pieces.grid(tiles, blanks=0 if len(tiles) > COUNTS[0] else COUNTS[0] - len(tiles))


def _pairs(data: RunData, draw: int, label: str | None, split: str) -> None:
    """Drawings beside the very photos they trace; nothing where the data knows of none."""
    if not (data.targets >= 0).any():
        return
    rows = data.sketches.choose(len(data.sketches), seed=draw, label=label, split=split)
    rows = rows[data.targets[rows] >= 0][:PAIRS]
    if not len(rows):
        return
    photos = data.photos
    with st.container(key="card_pairs"):
        pieces.title("A drawing, and the photo it was drawn from")
        pairs = []
        for row in rows:
            target = int(data.targets[row])
            sketch = Tile(
                picture=data.sketches.encoded(int(row)),
                label=str(data.sketches.labels[row]),
                title=str(data.sketches.ids[row]),
            )
            side = SPLIT_NAMES[str(photos.splits[target])]
            photo = Tile(picture=photos.encoded(target), label=side, title=str(photos.ids[target]))
            pairs.append((sketch, [photo]))
        pieces.examples(pairs, captions=True)


def _balance(data: RunData) -> None:
    """How many items each class has; a click on a class chooses it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        pieces.title("How many of each")
        colours = st.segmented_control(
            "Bars",
            COLOURS,
            key=state.bind("bars", COLOURS[0], COLOURS),
            label_visibility="collapsed",
            required=True,
        )
        st.download_button(
            "CSV",
            _table(data).to_csv(index=False),
            "class-balance.csv",
            "text/csv",
            type="tertiary",
            icon=":material/download:",
        )
    if not data.complete:
        pieces.label("Of the sketches only those are counted that the run keeps.")
    st.plotly_chart(
        class_charts.balance(_series(data, colours), stacked=colours != COLOURS[0]),
        width="stretch",
        key="dataset_balance",
        config=charts.saving("class balance"),
        on_select=_bar_clicked,
        selection_mode="points",
    )


def _bar_clicked() -> None:
    points = st.session_state["dataset_balance"].selection.points
    if points:
        st.session_state["dataset.class"] = points[0]["x"]


def _series(data: RunData, colours: str | None) -> dict[str, dict[str, int]]:
    if colours not in COLOURS[1:]:
        return {"photos": _totals(data.photos), "sketches": _totals(data.sketches)}
    samples = data.photos if colours == COLOURS[1] else data.sketches
    series: dict[str, dict[str, int]] = {}
    for (label, split), count in samples.counts().items():
        series.setdefault(split, {})[label] = count
    return {name: series[name] for name in (*SPLITS, "") if name in series}


def _table(data: RunData) -> pd.DataFrame:
    rows = [
        {"class": label, "kind": kind, "split": split, "items": count}
        for kind, samples in (("photo", data.photos), ("sketch", data.sketches))
        for (label, split), count in samples.counts().items()
    ]
    return pd.DataFrame(rows, columns=["class", "kind", "split", "items"])
