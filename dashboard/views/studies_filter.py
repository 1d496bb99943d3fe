"""The one filter of a study: it reaches every figure and the table, and lives in the link."""

import math
from typing import Any

import streamlit as st

from core.studies import STATES, Dimension, TrialFilter, ends_text, read_filter, short_name
from core.studies.filtering import Ends
from dashboard import pieces, state, study_charts
from dashboard.cached import StudyView

STEPS = 41
"""Places of a slider over a setting's range."""
TURN = "studies filter turn"
VALUE_STEPS = 100
"""Places of the slider over the values, about."""


def filter_bar(view: StudyView) -> TrialFilter:
    """The widgets, and the filter that they and the link say."""
    space = view.study.space
    there = [name for name in STATES if (view.tries["state"] == name).any()]
    keys = state.bind("state", [], there), state.bind("value", None), state.bind("set", [])
    kept = read_filter(
        space,
        states=st.session_state[keys[0]] or [],
        value=st.session_state[keys[1]],
        settings=st.session_state[keys[2]],
    )
    # What the link said of settings that this study does not have is gone from now on.
    st.session_state[keys[1]] = ends_text(kept.value)
    st.session_state[keys[2]] = kept.texts()
    with (
        st.container(key="card_filter"),
        st.container(horizontal=True, vertical_alignment="center", gap="medium"),
    ):
        counts = view.tries["state"].value_counts()
        st.pills(
            "State",
            there,
            selection_mode="multi",
            key=keys[0],
            format_func=lambda name: f"{name} {counts.get(name, 0)}",
            label_visibility="collapsed",
        )
        _value_slider(view, kept, keys[1])
        active = len(kept.ranges) + len(kept.choices)
        with st.popover(f"Settings · {active}" if active else "Settings", icon=":material/tune:"):
            for name, dimension in space.items():
                _setting(view, name, dimension, kept, keys[2])
        if kept.active:
            st.button("Clear", type="tertiary", icon=":material/close:", on_click=_clear, args=keys)
        pieces.label(f"{int(kept.rows(view.tries).sum()):,} of {len(view.tries):,} trials shown")
    return kept


def _value_slider(view: StudyView, kept: TrialFilter, key: str) -> None:
    scores = view.tries["best_value"].dropna()
    if scores.nunique() < 2:
        return
    step = 10.0 ** math.floor(math.log10((scores.max() - scores.min()) / VALUE_STEPS) + 0.5)
    low = math.floor(scores.min() / step) * step
    high = math.ceil(scores.max() / step) * step
    digits = max(0, -round(math.log10(step)))
    ends = round(low, digits), round(high, digits)
    mine = f"studies value {view.study.name} {ends} {_turn()}"
    st.slider(
        pieces.plain(view.study.objective),
        *ends,
        _within(kept.value, ends),
        step=step,
        format=f"%.{digits}f",
        key=mine,
        width=240,
        on_change=lambda: st.session_state.update(
            {key: ends_text(_opened(st.session_state[mine], ends))}
        ),
    )


def _setting(view: StudyView, name: str, dimension: Dimension, kept: TrialFilter, key: str) -> None:
    mine = f"studies set {view.study.name} {name} {_turn()}"
    told: dict[str, Any] = {
        "key": mine,
        "on_change": _changed,
        "args": (view, name, mine, key),
    }
    label = pieces.plain(short_name(name))
    if dimension.kind == "choice":
        first = list(kept.choices.get(name, ()))
        st.pills(
            label,
            dimension.values,
            selection_mode="multi",
            default=first,
            format_func=lambda value: pieces.plain(str(value)),
            **told,
        )
        return
    points = dimension.points(STEPS)
    low, high = _within(kept.ranges.get(name, (None, None)), (points[0], points[-1]))
    # A link may name ends between the slider's places: it shows the places around them.
    low = max(point for point in points if point <= low)
    high = min(point for point in points if point >= high)
    st.select_slider(label, points, (low, high), format_func=study_charts.value_text, **told)


def _changed(view: StudyView, name: str, mine: str, key: str) -> None:
    """Take a setting's new range or values into the link's text."""
    # As it is now: another setting may have changed since these widgets were drawn.
    kept = read_filter(view.study.space, settings=st.session_state[key])
    ranges, choices, value = dict(kept.ranges), dict(kept.choices), st.session_state[mine]
    dimension = view.study.space[name]
    if dimension.kind == "choice":
        choices[name] = tuple(value or ())
    else:
        points = dimension.points(2)
        ranges[name] = _opened(value, (points[0], points[-1]))
    st.session_state[key] = TrialFilter(ranges=ranges, choices=choices).texts()


def _clear(*keys: str) -> None:
    st.session_state.update({keys[0]: [], keys[1]: None, keys[2]: [], TURN: _turn() + 1})


def _turn() -> int:
    """Grows when the filter is cleared: the sliders start anew, which keep what they were given."""
    turn: int = st.session_state.get(TURN, 0)
    return turn


def _within(kept: Ends, ends: tuple[Any, Any]) -> tuple[Any, Any]:
    """What a slider shows of a range: an open end stands at its own."""
    low = ends[0] if kept[0] is None else min(max(kept[0], ends[0]), ends[1])
    high = ends[1] if kept[1] is None else min(max(kept[1], low), ends[1])
    return low, high


def _opened(value: tuple[Any, Any], ends: tuple[Any, Any]) -> Ends:
    """The range that a slider means: at its end it is open, for the default may lie beyond."""
    return (None if value[0] <= ends[0] else value[0], None if value[1] >= ends[1] else value[1])
