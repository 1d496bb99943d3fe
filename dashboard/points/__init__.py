"""The map component: points in 2D or 3D, clicked, lassoed and played in the browser."""

from dashboard.points.component import MapView, PointMap, point_map
from dashboard.points.palette import palette

__all__ = ["MapView", "PointMap", "palette", "point_map"]
