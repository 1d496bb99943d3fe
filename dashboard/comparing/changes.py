"""What changed from one checkpoint to another: by class, and drawing by drawing."""

import base64
from itertools import combinations

import pandas as pd
import streamlit as st

from core.comparison import Comparison
from core.pictures import PictureStore
from core.query import decode_picture
from dashboard import charts, pieces, state
from dashboard.comparing.charts import class_changes, query_changes
from dashboard.comparing.markup import note, save_table
from dashboard.comparing.meeting import Meeting
from dashboard.sketch import Sketch

CLASSES, QUERIES = "compare_classes", "compare_queries"
ENDS = 8
"""Classes shown at each end of a long list."""
COUNTS = (6, 12, 24)


def pair_of(meeting: Meeting) -> tuple[int, int]:
    """Which checkpoint is compared with which, as places: (to, since); a choice where 3 or more."""
    pairs = {
        f"{meeting.letters[to]}-{meeting.letters[since]}": (to, since)
        for since, to in combinations(range(len(meeting.points)), 2)
    }
    names = list(pairs)
    key = state.bind("pair", names[0], names)
    if len(names) == 1:
        return pairs[names[0]]
    name = st.segmented_control(
        "Change",
        names,
        key=key,
        format_func=lambda name: name.replace("-", " − "),
        label_visibility="collapsed",
        required=True,
    )
    return pairs[name or names[0]]


def by_class(meeting: Meeting, rated: Comparison, pair: tuple[int, int]) -> None:
    """Change in mean AP of each class, sorted; a click shows its drawings."""
    to, since = (meeting.letters[place] for place in pair)
    changes = rated.class_change(*pair)
    with st.container(horizontal=True, vertical_alignment="center"):
        pieces.title(f"Change in AP per class, {to} − {since}")
        save_table("class-change", pd.DataFrame(changes, columns=["class", "change"]))
    key, many = state.bind("classes", False), len(changes) > 2 * ENDS + 2
    shown = changes
    if many and not st.session_state[key]:
        shown = [*changes[:ENDS], *changes[-ENDS:]]
    chosen = _class(rated)
    st.plotly_chart(
        class_changes(shown, chosen),
        width="stretch",
        key=CLASSES,
        config=charts.saving("class change"),
        on_select=_class_clicked,
        selection_mode="points",
    )
    if many:
        st.toggle(f"all {len(changes)}, not only both ends", key=key)
    note(f"Green: {to} answers drawings of the class better. Click a bar to see them.")


def by_drawing(meeting: Meeting, rated: Comparison, pair: tuple[int, int]) -> None:
    """Change in AP of each drawing, sorted, with those at both ends as pictures to click."""
    to, since = (meeting.letters[place] for place in pair)
    label = _class(rated)
    rows = [row for row in rated.order(*pair).tolist() if label in (None, _name(rated, row))]
    change = rated.change(*pair)
    with st.container(horizontal=True, vertical_alignment="center"):
        pieces.title(f"Change in AP per drawing, {to} − {since}")
        names = _classes(rated)
        st.selectbox(
            "Category",
            names,
            key=state.bind("class", None, names),
            placeholder="every category",
            label_visibility="collapsed",
            width=170,
        )
        save_table("drawing-change", _table(meeting, rated, rows))
    st.plotly_chart(
        query_changes(change[rows], [str(rated.ground.drawings.ids[row]) for row in rows]),
        width="stretch",
        key=QUERIES,
        config=charts.saving("drawing change"),
        on_select=lambda: _bar_clicked(meeting, rated),
        selection_mode="points",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        note("Click a drawing to see everybody's answers to it.")
        count = st.segmented_control(
            "Shown",
            COUNTS,
            key=state.bind("n", COUNTS[0], COUNTS),
            label_visibility="collapsed",
            required=True,
        )
    half = count or COUNTS[0]
    gains = [row for row in rows if change[row] > 0][:half]
    losses = [row for row in reversed(rows) if change[row] < 0][:half]
    for letter, ends in ((to, gains), (since, losses)):
        pieces.label(f"{letter} answers better" if ends else f"{letter} answers none better")
        with st.container(key=f"compare_picks_{letter}", horizontal=True, gap="small"):
            for row in ends:
                _pick(meeting, rated, row, float(change[row]))


def _pick(meeting: Meeting, rated: Comparison, row: int, change: float) -> None:
    """A drawing to click, with its change below it."""
    content = meeting.drawings.encoded(int(rated.ground.drawings.rows[0, row]))
    kind, data = PictureStore.media_type(content), base64.b64encode(content).decode()
    name = pieces.plain(_name(rated, row))
    st.button(
        f"![drawing](data:{kind};base64,{data}) **{pieces.plain(f'{change:+.2f}')}** {name}",
        key=f"compare.pick.{rated.ground.drawings.ids[row]}",
        on_click=_ask,
        args=(meeting, rated, row),
        type="tertiary",
    )


def _ask(meeting: Meeting, rated: Comparison, row: int) -> None:
    """Put a drawing on the canvas: one that the runs keep as it is, any other as a picture."""
    name = str(rated.ground.drawings.ids[row])
    if any(probe is not None and name in probe.ids for probe in meeting.probes):
        state.keep_sketch(Sketch(probe=name))
    else:
        content = meeting.drawings.encoded(int(rated.ground.drawings.rows[0, row]))
        state.keep_sketch(Sketch.of_picture(decode_picture(content, name)))
    st.toast("It is on the canvas above, with everybody's answers.", icon=":material/draw:")


def _bar_clicked(meeting: Meeting, rated: Comparison) -> None:
    points = st.session_state[QUERIES].selection.points
    told = points[0].get("customdata") if points else None
    if told:
        name = told[0] if isinstance(told, list) else told["0"]
        rows = (rated.ground.drawings.ids == name).nonzero()[0]
        if len(rows):
            _ask(meeting, rated, int(rows[0]))


def _class_clicked() -> None:
    points = st.session_state[CLASSES].selection.points
    if points:
        st.session_state[state.bind("class", None)] = points[0]["y"]


def _class(rated: Comparison) -> str | None:
    """The class chosen, by a click or in the list."""
    chosen: str | None = st.session_state[state.bind("class", None, _classes(rated))]
    return chosen


def _classes(rated: Comparison) -> list[str]:
    """The classes that are rated, in order of name."""
    return sorted(name for name, _ in rated.class_change(1))


def _name(rated: Comparison, row: int) -> str:
    return rated.classes[int(rated.labels[row])]


def _table(meeting: Meeting, rated: Comparison, rows: list[int]) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "sketch": rated.ground.drawings.ids[rows],
            "class": [_name(rated, row) for row in rows],
        }
    )
    for place, letter in enumerate(meeting.letters):
        frame[f"AP {letter}"] = rated.ap[place, rows]
    return frame
