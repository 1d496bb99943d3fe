"""Embeddings of several checkpoints side by side: the same points, turned over one another.

Shape suffixes: M checkpoints, P shared points.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.comparison.ground import Shared, shared
from core.dataset import Samples
from core.projection.alignment import turned_onto
from core.replay import Probe

Coords = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class SharedPoints:
    """Photos and drawings that lie in every checkpoint's probe."""

    shared: Shared
    """Ids, class names, and each one's rows in its probe."""
    is_photo: npt.NDArray[np.bool_]
    """(P,) photo or drawing."""
    splits: npt.NDArray[np.str_]
    """(P,) split names, as the first run has them."""

    def __len__(self) -> int:
        return len(self.shared)


def shared_points(probes: Sequence[Probe], class_names: Sequence[Sequence[str]]) -> SharedPoints:
    """What the probes have in common; `class_names` are those of each run."""
    sides = [
        Samples(
            ids=probe.ids,
            labels=np.array([*names, ""], np.str_)[probe.labels],
            splits=probe.splits,
            encoded=_unseen,
        )
        for probe, names in zip(probes, class_names, strict=True)
    ]
    found = shared(sides)
    first = found.rows[0]
    return SharedPoints(
        shared=found, is_photo=probes[0].is_photo[first], splits=probes[0].splits[first]
    )


def side_by_side(maps: Sequence[Coords], points: SharedPoints) -> list[Coords]:
    """Each checkpoint's map of the shared points, (P, dims), turned and scaled over the first.

    Embeddings of two runs have no axes in common: what can be compared is who lies near whom. So
    each map is moved, turned, mirrored and scaled as a whole until it lies best over the first.

    Args:
        maps: each checkpoint's map of its whole probe.
        points: what the probes share.
    """
    cut = [
        coords[rows].astype(np.float32)
        for coords, rows in zip(maps, points.shared.rows, strict=True)
    ]
    return [cut[0], *(turned_onto(coords, cut[0], scale=True) for coords in cut[1:])]


def _unseen(row: int) -> bytes:
    raise IndexError(f"picture {row} is the probe's own")
