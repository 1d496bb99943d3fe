"""Figures of trials on a canvas in the browser: plotly takes seconds to load and draw them."""

from dashboard.plots.component import Book, plot, tell, told
from dashboard.plots.figure import Axis, Bar, Figure, Line, Marks, Panel, Ruler, Surface, Threads
from dashboard.plots.scale import Scale, scale_over

__all__ = [
    "Axis",
    "Bar",
    "Book",
    "Figure",
    "Line",
    "Marks",
    "Panel",
    "Ruler",
    "Scale",
    "Surface",
    "Threads",
    "plot",
    "scale_over",
    "tell",
    "told",
]
