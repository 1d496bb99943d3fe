"""The map component: points in 2D or 3D, clicked, lassoed and played in the browser."""

from dashboard.points.component import COLOURINGS, MapView, PointMap, point_map, told
from dashboard.points.palette import palette

__all__ = ["COLOURINGS", "MapView", "PointMap", "palette", "point_map", "told"]
