"""Home: what the chosen run can do, and every run found."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.runs import RunSummary
from dashboard import cached, checkpoint, faults, pieces, state
from dashboard.checkpoint import Checkpoint
from dashboard.pieces import Tile

EXAMPLES = 4
FOUND = 4
EVERY = 3
"""Seconds between looks at runs that are still training."""


def page() -> None:
    """The page."""
    pieces.header(
        "Home",
        "A drawing goes in, photos of the same thing come back. Tick a run to see it everywhere.",
    )
    found = cached.summaries(state.runs_root())
    if not found:
        checkpoint.no_runs()
        return
    with faults.told("the examples"):  # of one run: the table of all stays, whatever it is
        _examples()
    live = any(run.state == "running" for run in found)
    st.fragment(_runs, run_every=EVERY if live else None)()


def _examples() -> None:
    """The run at work: sketches it never saw and what it finds for them."""
    point = checkpoint.current()
    if point is None:
        return
    rows = _replayed(point)
    if not rows:
        return
    with st.container(key="card_examples"):
        with st.container(horizontal=True, vertical_alignment="center"):
            name = point.view.run.name
            pieces.label(f"{name} at work: drawings it has never seen, and what it finds")
            if st.button("Draw one yourself", type="primary", icon=":material/draw:"):
                from dashboard.router import page_of  # the router imports the pages

                st.switch_page(page_of("draw"))
        pieces.examples(rows)
    # Whoever looks at this page draws next: the network is loaded meanwhile.
    gallery = cached.gallery(point.view.run)
    if gallery is not None:
        cached.searcher(point.view.run, point.epoch, gallery)


def _replayed(point: Checkpoint) -> list[tuple[Tile, list[Tile]]]:
    try:
        probe = cached.probe(point.view.run)
        replay = cached.replay(point.view.run, point.epoch)
    except ValueError:
        return []  # an old or copied run may lack them; the table below is still there
    if probe.pictures is None:
        return []
    names = point.view.run.class_names
    rows, seen = [], set()
    for place, sketch in enumerate(probe.focus_sketches):
        label = int(probe.labels[sketch])
        if label in seen:
            continue
        seen.add(label)
        asked = Tile(picture=probe.pictures.encoded(int(sketch)), label=names[label])
        found = [
            Tile(
                picture=probe.pictures.encoded(int(photo)),
                label=names[int(probe.labels[photo])],
                right=bool(probe.labels[photo] == label),
            )
            for photo in replay.retrieved[place][:FOUND]
        ]
        rows.append((asked, found))
        if len(rows) == EXAMPLES:
            break
    return rows


@faults.told("the table of runs")
def _runs() -> None:
    found = cached.summaries(state.runs_root())
    words, states = _filters(found)
    state.write_link()
    shown = [
        run
        for run in found
        if words.lower() in f"{run.name} {run.data} {run.recipe}".lower()
        and (not states or run.state in states)
    ]
    if not shown:
        pieces.empty("No run matches", "Clear the search or the states above.")
        return
    _table(shown)
    for run in shown:
        # To be stopped, by a person or by a search, is no trouble; the table says it.
        if run.reason and run.state != "stopped":
            told = "can't be read" if run.state == "broken" else f"is {run.state}"
            pieces.trouble(f"{run.name} {told}: {run.reason}")


def _filters(found: Sequence[RunSummary]) -> tuple[str, list[str]]:
    with st.container(horizontal=True, vertical_alignment="center"):
        pieces.title("Runs")
        kinds = list(dict.fromkeys(run.state for run in found))
        states = st.pills(
            "State",
            kinds,
            selection_mode="multi",
            key=state.bind("state", [], kinds),
            format_func=pieces.plain,
            label_visibility="collapsed",
        )
        words = st.text_input(
            "Search",
            key=state.bind("search", ""),
            placeholder="Search runs",
            label_visibility="collapsed",
            icon=":material/search:",
            width=220,
        )
    return words or "", states or []


def _table(shown: list[RunSummary]) -> None:
    chosen = state.chosen_runs()
    names = [run.name for run in shown]
    ticked = [names.index(name) for name in chosen if name in names]
    memory = st.session_state.setdefault("home ticked", {"turn": 0})
    if (memory.get("names"), memory.get("chosen")) != (names, chosen):
        # Chosen elsewhere, or in other rows now: another table, in which the right rows are ticked.
        memory.update(names=names, chosen=chosen, turn=memory["turn"] + 1)
    event = st.dataframe(
        pd.DataFrame([_row(run) for run in shown]),
        hide_index=True,
        width="stretch",
        placeholder="–",
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": ticked}},
        key=f"runs.{memory['turn']}",
        column_config=_columns(),
    )
    rows = event.selection.rows
    picked = [names[row] for row in rows if shown[row].state != "broken"]
    hidden = [name for name in chosen if name not in names]
    if sorted(picked) != sorted(name for name in chosen if name in names) and rows != ticked:
        kept = [name for name in chosen if name in picked]
        after = [*kept, *(name for name in picked if name not in kept), *hidden]
        state.choose_runs(after)
        memory.update(chosen=after)
        st.rerun()


def _row(run: RunSummary) -> dict[str, object]:
    study, _, name = run.name.rpartition("/")
    return {
        "run": name,
        "study": study or None,
        "data": checkpoint.data_name(run.data),
        "state": run.state,
        "epochs": run.epochs / run.epochs_planned if run.epochs_planned else None,
        "best": run.best,
        "at": run.best_epoch,
        "started": run.created,
        "size": run.bytes / 1e6,
    }


def _columns() -> dict[str, Any]:
    config = st.column_config
    return {
        "run": config.TextColumn("Run", width="medium"),
        "study": config.TextColumn("Study"),
        "data": config.TextColumn("Data"),
        "state": config.TextColumn("State"),
        "epochs": config.ProgressColumn("Epochs", format="percent", min_value=0, max_value=1),
        "best": config.NumberColumn("Best", format="%.3f"),
        "at": config.NumberColumn("At epoch", format="%d"),
        "started": config.DatetimeColumn("Started", format="distance"),
        "size": config.NumberColumn("Size", format="%.0f MB"),
    }
