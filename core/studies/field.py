"""What lies between the trials: two settings' plane, with the value that trials nearby reached.

Shape suffixes: N trials, X and Y grid points along the two settings, G = Y·X.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.studies.space import Dimension

SIDE = 33
"""Grid points along each setting."""
MIN_TRIALS = 6
"""Fewer scored trials show no shape."""
BANDWIDTHS = (0.05, 0.07, 0.1, 0.14, 0.2, 0.28)
"""Widths of the kernel that are tried, as a share of a setting's range."""
LEAST = 0.45
"""No width is below this over √N: narrower than trials lie apart it would fit each by itself."""
REACH = 2.0
"""A point with no trial within so many widths is left blank."""
METHOD = (
    "mean of the trials nearby, weighted by a Gaussian of their distance (Nadaraya–Watson), its "
    "width chosen by leave-one-out; blank where no trial is near"
)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Field:
    """The interpolated values over a grid."""

    x: tuple[Any, ...]
    """(X,) values of the first setting, ascending."""
    y: tuple[Any, ...]
    """(Y,) values of the second."""
    values_YX: Floats
    """Interpolated `best_value`; NaN where no trial is near."""
    bandwidth: float
    """The kernel's width, as a share of a range."""


def interpolate(
    trials: pd.DataFrame, space: Mapping[str, Dimension], x: str, y: str
) -> Field | None:
    """`METHOD`, over two settings in their own scales.

    Args:
        trials: rows of `trials.csv`; those without a value say nothing here.
        space: the searched settings.
        x: one of its settings.
        y: another.

    Returns:
        None where either is a choice, whose values have no distance, or trials are too few.

    Source: Nadaraya 1964, Watson 1964.
    """
    if "choice" in (space[x].kind, space[y].kind):
        return None
    scored = trials.dropna(subset=["best_value"])
    places_N2 = np.stack([_shares(scored[name], space[name]) for name in (x, y)], axis=1)
    # A default of 0 has no place on a log range.
    placed = np.isfinite(places_N2).all(axis=1)
    places_N2, values_N = places_N2[placed], scored["best_value"].to_numpy(float)[placed]
    if len(values_N) < MIN_TRIALS:
        return None
    xs, ys = space[x].points(SIDE), space[y].points(SIDE)
    grid_x, grid_y = np.meshgrid(_shares(xs, space[x]), _shares(ys, space[y]))
    grid_G2 = np.stack([grid_x.ravel(), grid_y.ravel()], axis=1)
    width = _best_width(places_N2, values_N)
    weights_GN = np.exp(-0.5 * _squared(grid_G2, places_N2) / width**2)
    near = weights_GN.max(axis=1) >= np.exp(-0.5 * REACH**2)
    found_G = np.full(len(grid_G2), np.nan)
    found_G[near] = (weights_GN[near] @ values_N) / weights_GN[near].sum(axis=1)
    return Field(x=xs, y=ys, values_YX=found_G.reshape(grid_x.shape), bandwidth=width)


def _best_width(places_N2: Floats, values_N: Floats) -> float:
    """The width whose leave-one-out error is least; the wider of equals."""
    least, errors = LEAST / np.sqrt(len(values_N)), []
    widths = [width for width in BANDWIDTHS if width >= least] or [BANDWIDTHS[-1]]
    squared_NN = _squared(places_N2, places_N2)
    np.fill_diagonal(squared_NN, np.inf)
    for width in widths:
        weights_NN = np.exp(-0.5 * squared_NN / width**2)
        # Far from all others a trial is guessed by their mean: no narrow width is free of that.
        total_N = weights_NN.sum(axis=1) + 1e-9
        guessed_N = (weights_NN @ values_N + 1e-9 * values_N.mean()) / total_N
        errors.append(float(np.mean((guessed_N - values_N) ** 2)))
    best = min(errors)
    return max(w for w, error in zip(widths, errors, strict=True) if error <= best)


def _squared(at_G2: Floats, of_N2: Floats) -> Floats:
    squared: Floats = (at_G2[:, None, 0] - of_N2[None, :, 0]) ** 2
    squared += (at_G2[:, None, 1] - of_N2[None, :, 1]) ** 2
    return squared


def _shares(values: Any, dimension: Dimension) -> Floats:
    return np.array([dimension.share(value) for value in values], float)
