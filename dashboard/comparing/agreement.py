"""How far the checkpoints find the same photos."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
import streamlit as st

from core.comparison import FIRST, Comparison, jaccard, rank_biased_overlap
from dashboard import pieces
from dashboard.comparing.markup import note, save_table, table
from dashboard.comparing.meeting import Meeting


def agreement(meeting: Meeting, found: Sequence[Sequence[str]], rated: Comparison | None) -> None:
    """Each pair's overlap for the drawing shown, and on average over all drawings.

    Args:
        meeting: the checkpoints.
        found: ids of the photos that each has found for the drawing, the closest first.
        rated: how they rate on all drawings, once that is known.
    """
    k = min(FIRST, *(len(ids) for ids in found))
    rows = []
    for pair in combinations(range(len(found)), 2):
        rows.append(_shown(meeting, pair, found, k))
        if rated is not None:
            name = f"{_name(meeting, pair)}, all {len(rated.ground.drawings):,}"
            rows.append([name, "", *(f"{value:.2f}" for value in rated.agreement(*pair))])
    head = ["drawings", f"of first {k}", "Jaccard", "RBO"]
    with st.container(horizontal=True, vertical_alignment="center"):
        pieces.title("How far they agree")
        save_table("agreement", pd.DataFrame(rows, columns=head))
    table(head, rows)
    note(
        f"Jaccard at {k}: of all photos among the first {k} of either, the share that both found. "
        "RBO also weighs their order: 1 is the same ranking, 0 nothing in common."
    )


def _shown(
    meeting: Meeting, pair: tuple[int, int], found: Sequence[Sequence[str]], k: int
) -> list[str]:
    """A pair's overlap for the drawing on the canvas."""
    one, other = (list(found[place][:k]) for place in pair)
    names = {name: number for number, name in enumerate(dict.fromkeys(one + other))}
    a, b = (np.array([[names[name] for name in ids]]) for ids in (one, other))
    return [
        f"{_name(meeting, pair)}, this one",
        f"{len(set(one) & set(other))} shared",
        f"{jaccard(a, b).item():.2f}",
        f"{rank_biased_overlap(a, b).item():.2f}",
    ]


def _name(meeting: Meeting, pair: tuple[int, int]) -> str:
    return " and ".join(meeting.letters[place] for place in pair)
