"""A thing to photograph: its parts, and the ways it may be posed and looked at."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from core.data.doodles.solids.fields import Array, Solid, rotation
from core.data.doodles.solids.paints import Material

INDOORS = ("studio", "table", "table", "room", "studio")
FLATLAY = ("table", "studio", "floor", "cloth")
OUTDOORS = ("lawn", "road", "sand")


@dataclass(frozen=True, slots=True)
class Part:
    """A solid and what it is made of."""

    solid: Solid
    material: Material


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A thing in front of the camera; angles are in degrees."""

    parts: Sequence[Part]
    """Its parts, in its own space: y up, z towards the camera, about 2 units tall."""
    yaw: tuple[float, float] = (-30.0, 30.0)
    """Turn about the vertical; positive shows its right side less and its left side more."""
    tilt: tuple[float, float] = (5.0, 25.0)
    """Height of the camera over the horizon."""
    roll: float = 4.0
    """Largest roll of the camera to either side."""
    stages: Sequence[str] = INDOORS
    """Names of the stages it may stand on."""
    pose: Array = field(default_factory=lambda: np.eye(3, dtype=np.float32))
    """How it lies before the yaw, a rotation (3, 3)."""
    fill: tuple[float, float] = (0.62, 0.9)
    """Share of the picture's side that its longer side takes."""


def lying(spin: float = 0.0) -> Array:
    """The pose of a flat thing on its back, its face (+z) up, turned by `spin` degrees."""
    return rotation(x=-90.0) @ rotation(z=spin)


def parts(material: Material, *solids: Solid) -> list[Part]:
    """The solids as parts of one material."""
    return [Part(solid, material) for solid in solids]
