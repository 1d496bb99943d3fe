"""Failures: the drawings that a checkpoint answers worst, and what it takes for what."""

import numpy as np
import pandas as pd
import streamlit as st

from core.dataset import RunData
from core.failures import Failures, FailureSettings
from core.gallery import Gallery
from dashboard import cached, charts, checkpoint, class_charts, faults, photos, pieces, state
from dashboard.checkpoint import Checkpoint
from dashboard.jobs import Job
from dashboard.pieces import Tile

WORST = (6, 12, 24)
ANSWERS = 4
SHOWN = 6
"""Drawings of a mistake that are shown."""
MOST_CLASSES = 30
"""Classes of the heat map at first: those that are mistaken most."""
ASKED = {"kept": "the run keeps", "all": "all held-out"}
SEARCHED = {"held out": "held-out", "all": "all"}


def page() -> None:
    """The page."""
    pieces.header(
        "Failures",
        "Where this checkpoint goes wrong. AP rates one answer: 1 when all photos of the thing "
        "drawn come first, near 0 when they come last.",
    )
    point = checkpoint.need()
    if point is None:
        return
    gallery = photos.own(point.view.run)
    if gallery is None:
        return
    _shown(point, gallery)


@st.fragment
@faults.told("the failures")
def _shown(point: Checkpoint, gallery: Gallery) -> None:
    """Everything below the title; only this runs again when a setting changes."""
    _parts(point, gallery)
    state.write_link()


def _parts(point: Checkpoint, gallery: Gallery) -> None:
    """The settings, and what they show once it is known."""
    run = point.view.run
    whole = cached.whole_data(run)
    settings = _settings(whole is not None, gallery)
    data = cached.kept_data(run)
    if settings.asked == "all" and isinstance(whole, RunData):
        data = whole
    if settings.asked == "kept" and not len(cached.kept_data(run).sketches):
        pieces.empty(
            "This run keeps no drawings to ask",
            "It was copied without its probe folder, or has just started. Choose another run.",
        )
        return
    found = cached.failures(run, point.epoch, gallery, settings)
    if isinstance(found, Job):
        pieces.watch(found)
        return
    _summary(found)
    names = [name for name, ap in zip(found.classes, found.class_ap, strict=True) if ap == ap]
    with st.container(key="card_worst"):
        _worst(found, data, gallery, names)
    left, right = st.columns([0.6, 0.4], gap="medium")
    cell = _cell(found)
    with left, st.container(key="card_confusion"):
        _confusion(found, cell)
    with right, st.container(key="card_mistake"):
        _mistake(found, data, gallery, names, cell)
    with st.container(key="card_classes"):
        _classes(found)


def _settings(whole: bool, gallery: Gallery) -> FailureSettings:
    asked = list(ASKED) if whole else ["kept"]
    splits = gallery.splits == "test"
    searched = list(SEARCHED) if 0 < splits.sum() < len(splits) else ["all"]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        queries = _choice("Drawings asked", "asked", asked, ASKED)
        photos = _choice("Photos searched", "searched", searched, SEARCHED)
    return FailureSettings(
        asked="all" if queries == "all" else "kept",
        searched="all" if photos == "all" else "held out",
    )


def _choice(title: str, name: str, options: list[str], told: dict[str, str]) -> str:
    """One of the options; nothing is shown where there is no choice."""
    key = state.bind(name, options[0], options)
    if len(options) == 1:
        return options[0]
    chosen = st.segmented_control(
        title, options, key=key, format_func=lambda option: told[option], required=True
    )
    return chosen or options[0]


def _summary(found: Failures) -> None:
    scored = found.ap[~np.isnan(found.ap)]
    skipped = len(found.ap) - len(scored)
    told = f"{len(scored):,} drawings over {found.searched:,} photos · mean AP {found.mean_ap:.3f}"
    told += f" · {int((scored < 0.1).sum()):,} below 0.1"
    if skipped:
        told += f" · {skipped:,} left out, whose class has no photo here"
    pieces.label(told)


def _worst(found: Failures, data: RunData, gallery: Gallery, names: list[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        pieces.title("Answered worst")
        label = st.selectbox(
            "Category",
            names,
            key=state.bind("class", None, names),
            placeholder="every category",
            label_visibility="collapsed",
            width=200,
        )
        count = st.segmented_control(
            "Shown",
            WORST,
            key=state.bind("n", WORST[0], WORST),
            label_visibility="collapsed",
            required=True,
        )
        _save("worst-queries", _queries(found, gallery, label))
    pieces.label("Each drawing, its AP under it, and the photos that it found, closest first.")
    rows = found.worst(count or WORST[0], label)
    pieces.examples(
        [
            (
                _sketch(found, data, int(row), f"{found.ap[row]:.2f}"),
                [_photo(found, gallery, int(row), place) for place in range(ANSWERS)],
            )
            for row in rows
        ],
        captions=True,
    )


def _cell(found: Failures) -> tuple[str, str] | None:
    """The pair of classes looked at: the one chosen, else the most mistaken one."""
    drawn = st.session_state[state.bind("drawn", None, found.classes)]
    taken = st.session_state[state.bind("taken", None, found.classes)]
    if drawn and taken:
        return drawn, taken
    first = found.mistaken(1)
    return first[0] if first else None


def _confusion(found: Failures, cell: tuple[str, str] | None) -> None:
    known = np.flatnonzero(~np.isnan(found.class_ap))
    classes = [found.classes[place] for place in known]
    with st.container(horizontal=True, vertical_alignment="center"):
        pieces.title("Taken for what")
        every = False
        if len(classes) > MOST_CLASSES:
            every = st.toggle(f"all {len(classes)}", key=state.bind("every", False))
        _save("confusion", _shares(found))
    pieces.label(
        f"A row for each thing drawn, a column for what its first {found.found.shape[1]} photos "
        "show. Green is right; red is a mistake: click it to see it."
    )
    if len(classes) > MOST_CLASSES and not every:
        pairs = [*([cell] if cell else []), *found.mistaken(4 * MOST_CLASSES)]
        mixed = list(dict.fromkeys(name for pair in pairs for name in pair))
        classes = sorted(mixed[:MOST_CLASSES])
    # A class that nobody has drawn has no row, but may be what others are taken for.
    places = [found.classes.index(name) for name in classes]
    shown = cell if cell and set(cell) <= set(classes) else None
    st.plotly_chart(
        class_charts.confusion(found.shares()[np.ix_(places, places)], classes, shown),
        width="stretch",
        key="failures_confusion",
        config=charts.saving("confusion"),
        on_select=_cell_clicked,
        selection_mode="points",
    )


def _cell_clicked() -> None:
    points = st.session_state["failures_confusion"].selection.points
    if points and points[0].get("customdata"):
        told = points[0]["customdata"]
        drawn, taken = (told[0], told[1]) if isinstance(told, list) else (told["0"], told["1"])
        st.session_state["failures.drawn"] = drawn
        st.session_state["failures.taken"] = taken


def _mistake(
    found: Failures,
    data: RunData,
    gallery: Gallery,
    names: list[str],
    cell: tuple[str, str] | None,
) -> None:
    """The drawings of one cell of the heat map, with the photos that put them there."""
    pieces.title("One mistake, seen")
    one, other = st.columns(2, gap="small", wrap=False)
    with one:
        st.selectbox("Drawn", names, key="failures.drawn", placeholder=cell[0] if cell else "")
    with other:
        st.selectbox(
            "Found", found.classes, key="failures.taken", placeholder=cell[1] if cell else ""
        )
    if cell is None:
        pieces.label("No drawing finds a photo of another class among its first.")
        return
    pairs = found.pairs(*cell)
    first = found.found.shape[1]
    if not pairs:
        pieces.label(f"No {cell[0]} finds a {cell[1]} among its first {first} photos.")
        return
    share = found.shares()[found.classes.index(cell[0]), found.classes.index(cell[1])]
    asked = int((found.labels == found.classes.index(cell[0])).sum())
    pieces.label(
        f"{len(pairs)} of {asked} drawings of “{cell[0]}” find “{cell[1]}”; "
        f"{share:.0%} of their first {first} photos."
    )
    pieces.examples(
        [
            (
                _sketch(found, data, row, ""),
                [_photo(found, gallery, row, int(place), rank=True) for place in places[:4]],
            )
            for row, places in pairs[:SHOWN]
        ],
        captions=True,
    )


def _classes(found: Failures) -> None:
    """Each class's mean AP; a click shows its worst drawings."""
    with st.container(horizontal=True, vertical_alignment="center"):
        pieces.title("How well each category is found")
        table = pd.DataFrame({"class": found.classes, "ap": found.class_ap}).dropna()
        _save("class-ap", table.sort_values("ap"))
    pieces.label("Mean AP, the worst first. Click a bar to see its worst drawings above.")
    chosen = st.session_state.get("failures.class")
    st.plotly_chart(
        class_charts.class_bars(found.classes, found.class_ap.tolist(), chosen),
        width="stretch",
        key="failures_classes",
        config=charts.saving("class AP"),
        on_select=_class_clicked,
        selection_mode="points",
    )


def _class_clicked() -> None:
    points = st.session_state["failures_classes"].selection.points
    if points:
        st.session_state["failures.class"] = points[0]["x"]


def _sketch(found: Failures, data: RunData, row: int, note: str) -> Tile:
    name = str(found.ids[row])
    place = data.sketches.rows.get(name)
    if place is None:
        raise ValueError(f"the picture of {name} is not kept with the run")
    label = found.classes[int(found.labels[row])]
    return Tile(picture=data.sketches.encoded(place), label=label, note=note, title=name)


def _photo(found: Failures, gallery: Gallery, row: int, place: int, rank: bool = False) -> Tile:
    photo, label = int(found.found[row, place]), int(found.found_labels[row, place])
    return Tile(
        picture=gallery.pictures.encoded(photo),
        label=f"no. {place + 1}" if rank else found.classes[label],
        right=bool(label == found.labels[row]),
        title=f"{found.classes[label]}: {gallery.ids[photo]}, {found.scores[row, place]:.3f}",
    )


def _queries(found: Failures, gallery: Gallery, label: str | None) -> pd.DataFrame:
    rows = found.worst(len(found.ap), label)
    table = pd.DataFrame(
        {
            "sketch": found.ids[rows],
            "class": [found.classes[place] for place in found.labels[rows]],
            "ap": found.ap[rows],
        }
    )
    for place in range(found.found.shape[1]):
        table[f"photo {place + 1}"] = gallery.ids[found.found[rows, place]]
        table[f"class {place + 1}"] = gallery.labels[found.found[rows, place]]
    return table


def _shares(found: Failures) -> pd.DataFrame:
    table = pd.DataFrame(found.confusion, columns=list(found.classes))
    table.insert(0, "drawn", found.classes)
    return table


def _save(name: str, table: pd.DataFrame) -> None:
    st.download_button(
        "CSV",
        table.to_csv(index=False),
        f"{name}.csv",
        "text/csv",
        key=f"csv_{name}",
        type="tertiary",
        icon=":material/download:",
    )
