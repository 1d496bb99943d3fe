"""A figure as plain values: what stands where. It knows nothing of pages, pixels or colours.

Places are shares of a panel: (0, 0) is its corner on the left at the foot, (1, 1) the one across.
Texts are texts: the browser never reads them as markup.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Tick = tuple[float, str]
"""A place on an axis and what stands there."""
Ink = Literal["accent", "good", "bad"]
DIGITS = 4
"""Of a place: a hundredth of a hundredth of a panel is less than a pixel."""


@dataclass(frozen=True, kw_only=True)
class Axis:
    """What stands along one side of a panel."""

    title: str = ""
    ticks: Sequence[Tick] = ()
    grid: bool = False
    """Whether a line runs across the panel at each tick."""


@dataclass(frozen=True, kw_only=True)
class Marks:
    """Where the figure's trials stand on a panel; row i is trial i, NaN stands nowhere."""

    x: Sequence[float]
    y: Sequence[float]
    small: bool = False


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line through places."""

    x: Sequence[float]
    y: Sequence[float]
    ink: Ink
    strength: float = 1.0
    """How far its colour is from the paper's: 0 is not seen."""
    width: float = 1.0
    steps: bool = False
    """Whether it goes across first and then up or down, instead of straight."""
    told: Sequence[str] = ()
    """What is told where the pointer rests on it, for each of its places."""


@dataclass(frozen=True, kw_only=True)
class Threads:
    """A line for each trial, all through the same places across; row i is trial i."""

    x: Sequence[float]
    """(A,) where the lines have their places."""
    y_NA: npt.NDArray[np.float64]
    """Their heights there; a line ends where it is NaN."""
    inks: Sequence[Ink]
    strengths: Sequence[float]
    widths: Sequence[float]
    dotted: Sequence[bool]
    order: Sequence[int]
    """Trials in the order in which their lines are drawn."""


@dataclass(frozen=True, kw_only=True)
class Ruler:
    """An upright axis within a panel."""

    x: float
    title: str
    ticks: Sequence[Tick]
    ends: tuple[float, float]
    """Where it begins and ends."""


@dataclass(frozen=True, kw_only=True)
class Surface:
    """Values over a grid, as areas between levels."""

    x: Sequence[float]
    """(X,) places, ascending."""
    y: Sequence[float]
    """(Y,) places, ascending."""
    values_YX: npt.NDArray[np.float64]
    """NaN is left blank."""
    levels: Sequence[float]
    """Ascending; the least lies below all values and the greatest above."""
    ticks: Sequence[tuple[float, str]]
    """Values that the key beside the panel names."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A bar from the panel's left side."""

    y: float
    length: float
    text: str
    """At its end."""
    value: float
    """What it stands for."""
    strong: bool


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One pair of axes and what lies between them, in the order in which it is drawn."""

    x: Axis = Axis()
    y: Axis = Axis()
    surface: Surface | None = None
    rulers: Sequence[Ruler] = ()
    bars: Sequence[Bar] = ()
    threads: Threads | None = None
    lines: Sequence[Line] = ()
    marks: Marks | None = None


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Panels in rows, and the trials that they all show."""

    title: str
    """What the figure is called, also where its picture is saved."""
    panels: Sequence[Panel]
    height: int
    """In pixels."""
    margin: tuple[int, int, int, int]
    """Pixels around each panel: left, right, above, below."""
    columns: int = 1
    """Panels in a row."""
    trials: Sequence[str] = ()
    """Their names (N of them)."""
    looks: Sequence[str] = ()
    """(N,) the states whose marks they carry."""
    chosen: str | None = None
    """The trial that is looked at."""

    def payload(self) -> dict[str, Any]:
        """What the browser is given: plain lists, NaN as null."""
        return {
            **vars(self),
            "panels": [
                {
                    **vars(panel),
                    "x": vars(panel.x),
                    "y": vars(panel.y),
                    "surface": panel.surface and _surface(panel.surface),
                    "rulers": [vars(ruler) for ruler in panel.rulers],
                    "bars": [vars(bar) for bar in panel.bars],
                    "threads": panel.threads and _threads(panel.threads),
                    "lines": [_placed(line) for line in panel.lines],
                    "marks": panel.marks and _placed(panel.marks),
                }
                for panel in self.panels
            ],
        }


def _threads(threads: Threads) -> dict[str, Any]:
    return {**vars(threads), "x": _plain(threads.x), "y_NA": _plain_rows(threads.y_NA)}


def _surface(surface: Surface) -> dict[str, Any]:
    return {**_placed(surface), "values_YX": _plain_rows(surface.values_YX)}


def _placed(part: Line | Marks | Surface) -> dict[str, Any]:
    return {**vars(part), "x": _plain(part.x), "y": _plain(part.y)}


def _plain(places: Sequence[float] | npt.NDArray[np.float64]) -> list[float | None]:
    return _plain_rows(np.asarray(places, float)[None])[0]


def _plain_rows(places: npt.NDArray[np.float64]) -> list[list[float | None]]:
    rows = np.round(places, DIGITS).tolist()
    return [[None if place != place else place for place in row] for row in rows]
