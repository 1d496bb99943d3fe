"""The camera of a picture: where it stands, how far it zooms, and the rays of its pixels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.data.doodles.scenes import Stage
from core.data.doodles.solids.fields import Array, corners, norm3, rotation
from core.data.doodles.solids.paints import Dice
from core.data.doodles.solids.subject import Part, Subject
from core.data.doodles.solids.tracing import FAR, Rays, first_hit

Rect = tuple[float, float, float, float]
SCOUTS = 22


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One picture about to be taken; the camera looks towards -z and down."""

    subject: Subject
    stage: Stage
    pose: Array
    """Turns the thing's space into the world, (3, 3)."""
    eye: Array
    """Camera in the world, (3, 1)."""
    frame: Array
    """Columns (3, 3): right, up and backward of the camera."""
    rects: Sequence[Rect]
    """Box of each part in the image plane at distance 1: low x, high x, low y, high y."""
    window: tuple[float, float, float]
    """Centre (x, y) and half width of the picture in the image plane at distance 1."""
    floor: float
    """Height of the ground in the world."""

    def rays(self, x: Array, y: Array) -> Array:
        """Unit rays (3, N) in the world through image plane positions x, y (N,)."""
        d = self.frame @ np.stack([x, y, np.full_like(x, -1.0)])
        d /= norm3(d)
        return d

    def cast(self, x: Array, y: Array, pixel: float) -> Rays:
        """The rays in the thing's own space, with what the tracer needs to cull them."""
        local = self.pose.T @ self.rays(x, y)
        return Rays(
            origin=self.pose.T @ self.eye, along=local, x=x, y=y, rects=self.rects, pixel=pixel
        )


def aim(subject: Subject, stage: Stage, dice: Dice) -> Shot:
    """Choose pose, camera and zoom so that the thing fills its share of the picture."""
    pose = rotation(y=dice.span(*subject.yaw)) @ subject.pose
    boxes = [pose @ corners(part.solid) for part in subject.parts]
    world = np.concatenate(boxes, axis=1)
    floor = _lowest(subject.parts, pose, world)
    centre = (world.min(axis=1) + world.max(axis=1)) / 2
    reach = float(np.linalg.norm(world - centre[:, None], axis=0).max())
    tilt = np.radians(dice.span(*subject.tilt))
    away = reach * dice.span(3.2, 6.0)
    c, s = np.cos(tilt), np.sin(tilt)
    frame = np.array([[1, 0, 0], [0, c, s], [0, -s, c]], np.float32)
    frame = frame @ rotation(z=dice.span(-subject.roll, subject.roll))
    eye = (centre + away * frame[:, 2]).astype(np.float32)[:, None]
    rects = [_rect(frame.T @ (box - eye)) for box in boxes]
    shot = Shot(
        subject=subject, stage=stage, pose=pose, eye=eye, frame=frame, rects=rects,
        window=(0.0, 0.0, 1.0), floor=floor,
    )  # fmt: skip
    low, high = _silhouette(shot)
    half = float((high - low).max()) / 2 / dice.span(*subject.fill)
    if dice.chance(0.08):
        half *= 0.78
    slack = np.maximum(half - (high - low) / 2, 0.1 * half)
    x, y = ((low + high) / 2 + dice.generator.uniform(-0.6, 0.6, 2) * slack).tolist()
    return Shot(
        subject=subject, stage=stage, pose=pose, eye=eye, frame=frame, rects=rects,
        window=(x, y, half), floor=floor,
    )  # fmt: skip


def _rect(seen: Array) -> Rect:
    plane = seen[:2] / -seen[2]
    (x0, y0), (x1, y1) = plane.min(axis=1).tolist(), plane.max(axis=1).tolist()
    return x0, x1, y0, y1


def _silhouette(shot: Shot) -> tuple[Array, Array]:
    """Corners (2,), (2,) of the thing in the image plane, found by a few scouting rays."""
    x0, x1, y0, y1 = np.array(shot.rects).T
    low = np.array([x0.min(), y0.min()], np.float32)
    high = np.array([x1.max(), y1.max()], np.float32)
    cell = (high - low) / SCOUTS
    steps = np.arange(SCOUTS, dtype=np.float32) + 0.5
    x, y = np.meshgrid(low[0] + cell[0] * steps, low[1] + cell[1] * steps)
    x, y = x.ravel(), y.ravel()
    rays = shot.cast(x, y, float(cell.max()))
    least, most = np.full(2, np.inf), np.full(2, -np.inf)
    areas = [(x1 - x0) * (y1 - y0) for x0, x1, y0, y1 in shot.rects]
    for i in np.argsort(areas)[::-1].tolist():
        x0, x1, y0, y1 = shot.rects[i]
        if least[0] <= x0 and x1 <= most[0] and least[1] <= y0 and y1 <= most[1]:
            continue  # It lies within what is seen already.
        at = rays.meeting(i)
        far = np.full(len(at), FAR, np.float32)
        along = rays.along.take(at, axis=1)
        at = at[first_hit(shot.subject.parts[i].solid, rays.origin, along, far, rays.pixel) < FAR]
        if len(at):
            least = np.minimum(least, (x[at].min(), y[at].min()))
            most = np.maximum(most, (x[at].max(), y[at].max()))
    if least[0] > most[0]:
        return low, high
    return np.maximum(low, least - cell * 0.6), np.minimum(high, most + cell * 0.6)


def _lowest(parts: Sequence[Part], pose: Array, world: Array) -> float:
    """Height in the world of the thing's lowest point, found by rays from below."""
    bottom = float(world[1].min())
    if np.abs(pose[1]).max() > 1 - 1e-5:
        return bottom
    n = 26
    x, z = np.meshgrid(
        np.linspace(world[0].min(), world[0].max(), n),
        np.linspace(world[2].min(), world[2].max(), n),
    )
    start = np.stack([x.ravel(), np.full(n * n, bottom - 0.05), z.ravel()]).astype(np.float32)
    start = pose.T @ start
    up = np.broadcast_to(pose.T @ np.array([[0], [1], [0]], np.float32), start.shape)
    best = np.full(n * n, 4.0, np.float32)
    boxes = [float((pose[1] @ corners(part.solid)).min()) for part in parts]
    for i in np.argsort(boxes).tolist():
        if boxes[i] - bottom + 0.05 > best.min():
            break  # This part and those after it lie higher than what was met.
        best = first_hit(parts[i].solid, start, up, best, 0.01)
    return bottom - 0.05 + float(best.min())
