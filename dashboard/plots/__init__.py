"""Figures of trials on a canvas in the browser: plotly takes seconds to load and draw them."""

from dashboard.plots.component import plot, told
from dashboard.plots.figure import Axis, Bar, Figure, Line, Marks, Panel, Ruler, Surface
from dashboard.plots.scale import Scale, scale_over

__all__ = [
    "Axis",
    "Bar",
    "Figure",
    "Line",
    "Marks",
    "Panel",
    "Ruler",
    "Scale",
    "Surface",
    "plot",
    "scale_over",
    "told",
]
