"""The map component: points in two or three dimensions, clicked, lassoed and played in the browser."""

from dashboard.points.component import MapView, PointMap, point_map
from dashboard.points.palette import palette

__all__ = ["MapView", "PointMap", "palette", "point_map"]
