"""Where a searched setting's values stand along a side of a figure, the same in every figure."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from core.studies import Dimension
from dashboard.plots.figure import Tick

INSET = 0.06
"""The ends of a range stand so far from a side's ends: marks have room there."""
BEYOND = 0.04
"""A value outside its range stands so far beyond the end, wherever it is: it must not press all
others together."""
TICKS = 5


def places(values: Iterable[Any], dimension: Dimension) -> npt.NDArray[np.float64]:
    """Where values of a setting stand, in its own scale.

    The recipe's default may lie outside the range. What a range has no place for, such as 0 on a
    logarithmic one or a choice that is none, stands before its beginning.
    """
    shares = np.array([dimension.share(value) for value in values], float)
    shares = np.clip(np.nan_to_num(shares, nan=-BEYOND), -BEYOND, 1 + BEYOND)
    found: npt.NDArray[np.float64] = INSET + (1 - 2 * INSET) * shares
    return found


def ticks(dimension: Dimension) -> list[Tick]:
    """(place, text) of what is written along a setting's side."""
    if dimension.kind == "choice":
        told = [(value, str(value)) for value in dimension.values]
    elif dimension.kind == "log":
        told = powers(dimension)
    else:
        told = [(value, f"{value:.3g}") for value in dimension.points(TICKS)]
    at = places([value for value, _ in told], dimension).tolist()
    return [(place, text) for place, (_, text) in zip(at, told, strict=True)]


def powers(dimension: Dimension, most: int = 6) -> list[tuple[float, str]]:
    """Powers of ten within a log range as (value, text), at most so many; its ends if it has one.

    The twos and fives between them would crowd a small figure.
    """
    first, last = math.ceil(math.log10(dimension.low)), math.floor(math.log10(dimension.high))
    values = [10.0**power for power in range(first, last + 1)]
    if len(values) < 2:
        values = [dimension.low, dimension.high]
    return [(value, f"{value:g}") for value in values[:: -(-len(values) // most)]]
