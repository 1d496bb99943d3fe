"""An even axis: from values to places, and the round numbers that stand on it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dashboard.plots.figure import Tick

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scale:
    """Values along a side of a panel."""

    low: float
    """At its beginning."""
    high: float
    """At its end."""

    def places(self, values: Sequence[float] | Floats) -> Floats:
        """Where values stand; NaN stands nowhere."""
        found: Floats = (np.asarray(values, float) - self.low) / (self.high - self.low)
        return found

    def numbers(self, most: int, *, whole: bool = False) -> list[tuple[float, str]]:
        """Round numbers on it as (value, text), at most so many.

        They are multiples of 1, 2 or 5 times a power of ten, written with as many decimals as
        that needs.

        Args:
            most: how many may stand there; at least 2.
            whole: only whole numbers.

        >>> Scale(0.0, 1.0).numbers(6)
        [(0.0, '0.0'), (0.2, '0.2'), (0.4, '0.4'), (0.6, '0.6'), (0.8, '0.8'), (1.0, '1.0')]
        """
        least = (self.high - self.low) / most
        power = math.floor(math.log10(least))
        steps = [part * 10.0**exponent for exponent in (power, power + 1) for part in (1, 2, 5)]
        # The first that leaves few enough; one of whole numbers is at least 1.
        for step in steps:
            first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
            if last - first < most and not (whole and step < 1):
                break
        digits = max(0, -math.floor(math.log10(step) + 1e-9))
        values = [round(number * step, digits) for number in range(first, last + 1)]
        return [(value, f"{value + 0.0:.{digits}f}") for value in values]

    def ticks(self, most: int, *, whole: bool = False) -> list[Tick]:
        """The same as (place, text)."""
        numbers = self.numbers(most, whole=whole)
        places = self.places([value for value, _ in numbers]).tolist()
        return [(place, text) for place, (_, text) in zip(places, numbers, strict=True)]


def scale_over(
    values: Sequence[float] | Floats, *, foot: float = 0.05, head: float = 0.95
) -> Scale:
    """The scale on which the least of the values stands at `foot` and the greatest at `head`.

    Equal values stand in the middle; NaN counts for nothing, and nothing known is 0 to 1.
    """
    known = np.asarray(values, float)
    known = known[~np.isnan(known)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    if low == high:
        low, high = low - (abs(low) or 1.0) / 10, high + (abs(high) or 1.0) / 10
    unit = (high - low) / (head - foot)
    return Scale(low - foot * unit, high + (1 - head) * unit)
