"""Beside the map: the point that was clicked, its neighbours, and what the lasso holds."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from core.projection import nearest
from core.replay import Probe
from dashboard import cached, pieces
from dashboard.cached import RunView
from dashboard.pieces import Tile

NEAR = 6
"""Neighbours shown of a point."""
GRID = 48
"""Pictures of the lasso shown at once."""

Rows = npt.NDArray[np.intp]


def neighbours(
    view: RunView, probe: Probe, epoch: int, selected: int | None
) -> tuple[Rows, npt.NDArray[np.float32]]:
    """The nearest points of the one selected in the original space, and their distances."""
    if selected is None or len(probe.ids) < 2:
        return np.zeros(0, np.intp), np.zeros(0, np.float32)
    points = cached.replay(view.run, epoch).embeddings
    count = min(NEAR, len(points) - 1)
    rows, distances = nearest(points[selected][None], points, count, skip=np.array([selected]))
    return rows[0], distances[0]


def clicked(view: RunView, probe: Probe, epoch: int, selected: int | None) -> None:
    """The point clicked and its neighbours, or what to do."""
    with st.container(key="card_clicked"):
        if selected is None:
            pieces.label("Nothing is selected")
            st.markdown(
                "Rest the pointer on a point to see what it is. Click it to keep it here, "
                "with its nearest neighbours."
            )
            return
        pieces.label("Clicked")
        pieces.picture(_picture(probe, selected), _name(view, probe, selected))
        name, kind = (
            pieces.plain(told) for told in (_class(view, probe, selected), _kind(probe, selected))
        )
        st.markdown(f"**{name}** · {kind}")
        score = average_precision(view, probe, epoch, selected)
        if score is not None:
            pieces.label(f"AP as a query {score:.2f}, among the photos shown here")
    rows, distances = neighbours(view, probe, epoch, selected)
    with st.container(key="card_near"):
        pieces.label("Nearest in the original space")
        pieces.grid(
            [
                Tile(
                    picture=_picture(probe, int(row)),
                    label=_class(view, probe, int(row)),
                    right=bool(probe.labels[row] == probe.labels[selected]),
                    title=f"{_name(view, probe, int(row))}, at a distance of {distance:.3f}",
                )
                for row, distance in zip(rows, distances, strict=True)
            ]
        )


def average_precision(view: RunView, probe: Probe, epoch: int, selected: int) -> float | None:
    """AP of a sketch over the probe's photos; None for a photo, or where no photo is of its class.

    AP = (1/R) Σ_{k: rel_k} P@k over the R photos of its class, ties by ascending position.
    """
    photos = np.flatnonzero(probe.is_photo)
    relevant = probe.labels[photos] == probe.labels[selected]
    if probe.is_photo[selected] or not relevant.any():
        return None
    points = cached.replay(view.run, epoch).embeddings
    order, _ = nearest(points[selected][None], points[photos], len(photos))
    ranks = np.flatnonzero(relevant[order[0]]) + 1
    return float((np.arange(1, len(ranks) + 1) / ranks).mean())


def lassoed_note(
    probe: Probe,
    view: RunView,
    epoch: int,
    rows: tuple[int, ...],
    coords: npt.NDArray[np.float32] | None,
) -> None:
    """How many points the lasso holds, and their list to download."""
    with st.container(key="card_lasso"):
        if not rows:
            pieces.label("Draw around points with the lasso to list them")
            return
        pieces.label(f"Lasso: {len(rows):,} items selected")
        st.download_button(
            "CSV",
            table(view, probe, rows, coords).to_csv(index=False),
            f"{view.run.path.name}-epoch-{epoch}-selection.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )


def table(
    view: RunView,
    probe: Probe,
    rows: tuple[int, ...],
    coords: npt.NDArray[np.float32] | None,
) -> pd.DataFrame:
    """The points of a selection, one a row: id, class, kind, split and place on the map."""
    chosen = np.array(rows, np.intp)
    frame = pd.DataFrame(
        {
            "id": probe.ids[chosen],
            "class": [view.run.class_names[int(label)] for label in probe.labels[chosen]],
            "kind": np.where(probe.is_photo[chosen], "photo", "sketch"),
            "split": probe.splits[chosen],
        }
    )
    if coords is not None:
        for axis, name in enumerate(("x", "y", "z")[: coords.shape[1]]):
            frame[name] = coords[chosen, axis]
    return frame


def lassoed_grid(view: RunView, probe: Probe, rows: tuple[int, ...]) -> None:
    """The pictures in the lasso."""
    if not rows:
        return
    pieces.title("In the lasso")
    pieces.grid(
        [
            Tile(
                picture=_picture(probe, row),
                label=_class(view, probe, row),
                note="photo" if probe.is_photo[row] else "sketch",
                title=_name(view, probe, row),
            )
            for row in rows[:GRID]
        ]
    )
    if len(rows) > GRID:
        pieces.label(f"The first {GRID} of {len(rows):,}; the CSV lists all.")


def _picture(probe: Probe, row: int) -> bytes:
    assert probe.pictures is not None
    return probe.pictures.encoded(row)


def _class(view: RunView, probe: Probe, row: int) -> str:
    return str(view.run.class_names[int(probe.labels[row])])


def _kind(probe: Probe, row: int) -> str:
    return f"{'photo' if probe.is_photo[row] else 'sketch'} · {probe.splits[row]}"


def _name(view: RunView, probe: Probe, row: int) -> str:
    return f"{_class(view, probe, row)} · {_kind(probe, row)} · {probe.ids[row]}"
