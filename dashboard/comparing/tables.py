"""What the checkpoints were given, and what was measured of them."""

import pandas as pd
import streamlit as st

from core.comparison import Comparison
from dashboard import pieces, state
from dashboard.checkpoint import metric_name
from dashboard.comparing.choice import title
from dashboard.comparing.markup import note, save_table, table
from dashboard.comparing.meeting import Meeting

KINDS = ("map_", "p_at_", "r_at_", "acc_at_")
MAIN = ("map_all", "map_at_200[hits]", "map_at_200[minRK]", "p_at_10", "p_at_100", "acc_at_1")
"""Metrics shown at first."""
SHARED = "mAP, shared drawings"
SIDE = ("fingerprint", "protocol", "seed")
"""What tells whether two runs were validated on the same items."""


def settings(meeting: Meeting) -> None:
    """Only the settings that differ; the equal ones are counted."""
    found = meeting.differences
    rows = [[name, *values] for name, values in found.differing.items()]
    head = ["setting", *meeting.letters]
    with st.container(horizontal=True, vertical_alignment="center"):
        pieces.title("Settings that differ")
        if rows:
            save_table("settings", pd.DataFrame(rows, columns=head))
    if rows:
        table(head, [[_split(row[0]), *row[1:]] for row in rows])
        note(f"{found.equal} other settings are equal.")
        return
    epochs = len({run.path for run in meeting.runs}) == 1
    why = "these are epochs of one run" if epochs else "only chance and what happened differ"
    note(f"None: all {found.equal} settings are equal; {why}.")


def metrics(meeting: Meeting, rated: Comparison | None) -> None:
    """Each metric as it was logged, its mean and spread over seeds, and mAP on what is shared."""
    names = _names(meeting)
    with st.container(horizontal=True, vertical_alignment="center"):
        pieces.title("Measured")
        every = st.toggle("every metric", key=state.bind("metrics", False))
        save_table("metrics", _frame(meeting, names, rated))
    objectives = {run.objective for run in meeting.runs}
    shown = [name for name in names if every or name in MAIN or name in objectives]
    rows = [_row(meeting, metric_name(name), _values(meeting, name), name) for name in shown]
    if rated is not None:
        rows.insert(0, _row(meeting, SHARED, [float(value) for value in rated.mean_ap]))
    if not rows:
        note("Nothing was measured when these epochs ended.")
        return
    head = ["metric"]
    for letter, spread in zip(meeting.letters, meeting.seeds, strict=True):
        head += [letter, f"{letter}, {len(spread.runs)} seeds"] if spread else [letter]
    table(head, [cells for cells, _ in rows], [best for _, best in rows])
    note(_explained(meeting, rated))


def _row(
    meeting: Meeting, told: str, values: list[float | None] | list[float], metric: str = ""
) -> tuple[list[str], int]:
    """A metric's cells, with its spread over seeds where there are some; and the best one's."""
    cells, best, strongest = [told], -1, _strongest(list(values))
    for place, (value, spread) in enumerate(zip(values, meeting.seeds, strict=True)):
        best = len(cells) if place == strongest else best
        cells.append("–" if value is None else f"{value:.3f}")
        if spread:
            found = spread.mean_std(metric)
            cells.append("" if found is None else f"{found[0]:.3f} ± {found[1]:.3f}")
    return cells, best


def _names(meeting: Meeting) -> list[str]:
    """Metrics that one of them has, the main ones first; averages over classes last."""
    columns = [str(name) for point in meeting.points for name in point.view.metrics.columns]
    found = [name for name in dict.fromkeys(columns) if name.startswith(KINDS)]
    order = {name: place for place, name in enumerate(MAIN)}
    return sorted(found, key=lambda name: ("macro" in name, order.get(name, len(order))))


def _values(meeting: Meeting, name: str) -> list[float | None]:
    values: list[float | None] = []
    for point in meeting.points:
        frame = point.view.metrics
        found = frame[frame["epoch"] == point.epoch]
        known = name in found and len(found) and pd.notna(found[name].iloc[0])
        values.append(float(found[name].iloc[0]) if known else None)
    return values


def _strongest(values: list[float | None]) -> int:
    """The place of the highest value; -1 where not all are known, or the highest is shared."""
    known = [value for value in values if value is not None]
    if len(known) < len(values) or known.count(max(known)) > 1:
        return -1
    return known.index(max(known))


def _explained(meeting: Meeting, rated: Comparison | None) -> str:
    parts = []
    if rated is not None:
        parts.append("The first row was measured now, on the held-out drawings that all share.")
    about = [run.info.get("data", {}) for run in meeting.runs]
    sides = {tuple(str(data.get(name)) for name in SIDE) for data in about}
    told = "All others" if parts else "These values"
    parts.append(f"{told} were logged in training, on the validation side of each run's data.")
    if len(sides) > 1:
        parts.append("Those sides differ here, so that only the first row compares like with like.")
    spreads = []
    for letter, spread, point in zip(meeting.letters, meeting.seeds, meeting.points, strict=True):
        if spread:
            where = "" if spread.at_best else f" at epoch {point.epoch}"
            spreads.append(f"{letter}: {', '.join(spread.runs)}{where}")
    if spreads:
        parts.append(
            "Over seeds: mean ± standard deviation of complete runs that differ in their seed "
            f"alone, each at its best epoch where nothing else is said ({'; '.join(spreads)})."
        )
    return " ".join(parts)


def _frame(meeting: Meeting, names: list[str], rated: Comparison | None) -> pd.DataFrame:
    """Every metric, a row for each checkpoint: for the CSV."""
    rows = []
    for place, (letter, point) in enumerate(zip(meeting.letters, meeting.points, strict=True)):
        row: dict[str, object] = {"checkpoint": letter, "name": title(point)}
        if rated is not None:
            row[SHARED] = float(rated.mean_ap[place])
        spread = meeting.seeds[place]
        row["seeds"] = len(spread.runs) if spread else 1
        for name in names:
            row[name] = _values(meeting, name)[place]
            found = spread.mean_std(name) if spread else None
            if found:
                row[f"{name} mean"], row[f"{name} std"] = found
        rows.append(row)
    return pd.DataFrame(rows)


def _split(name: str) -> str:
    """A dotted setting as it is read: the group after the name."""
    group, _, last = name.rpartition(".")
    return f"{last} ({group})" if group else last
