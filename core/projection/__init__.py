"""Maps of embeddings: two or three coordinates a point, alike from epoch to epoch.

`project` makes one map. `project_epochs` makes the maps of a run's probe at every epoch, aligned so
that points move instead of jumping, and keeps them beside the run. `place` puts a new embedding on
a finished map by its neighbours in the original space, the same way whichever method made it.
"""

from core.projection.aside import project_aside
from core.projection.epochs import EpochMaps, kept_maps, project_epochs
from core.projection.methods import METHODS, Method, Projection, project
from core.projection.neighbours import nearest, nearest_photo_right, place, trustworthiness
from core.projection.store import KeptMaps

__all__ = [
    "METHODS",
    "EpochMaps",
    "KeptMaps",
    "Method",
    "Projection",
    "kept_maps",
    "nearest",
    "nearest_photo_right",
    "place",
    "project",
    "project_aside",
    "project_epochs",
    "trustworthiness",
]
