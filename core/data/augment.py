"""Augmentation of whole batches on the device they lie on, without a host round trip.

Shapes: B items, C channels, S pixels a side. Sketches are black ink (0) on white (1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F

# Rec. 601 weights of red, green and blue in luminance.
_LUMA = (0.299, 0.587, 0.114)


@dataclass(frozen=True, kw_only=True)
class AugmentConfig:
    """How far pictures are changed in training; each change is drawn for each item alone."""

    enabled: bool = True
    """False: pictures are only scaled to 0…1."""
    photo_scale: float = 0.6
    """Smallest share of a photo's area that a crop keeps, 0 < … <= 1; 1 = no crop."""
    photo_aspect: float = 0.2
    """A crop's sides differ by at most this factor's logarithm, >= 0."""
    flip: float = 0.5
    """Share of photos, and of sketches, that are mirrored left to right, 0…1."""
    brightness: float = 0.3
    """Brightness is multiplied by 1 ± this, 0…1."""
    contrast: float = 0.3
    """Contrast about mid-grey is multiplied by 1 ± this, 0…1."""
    saturation: float = 0.4
    """Saturation is multiplied by 1 ± this, 0…1."""
    grey: float = 0.2
    """Share of photos without colour, 0…1: sketches have none, so colour alone must not decide."""
    sketch_rotation: float = 15.0
    """Sketches are turned by at most this many degrees, 0…180."""
    sketch_scale: float = 0.2
    """Sketches are scaled by a factor from 1 - this to 1 + this / 2, 0 <= … < 1."""
    sketch_shear: float = 0.15
    """Sketches are sheared by at most this tangent, 0…1."""
    sketch_shift: float = 0.08
    """Sketches are moved by at most this share of the side, 0…1."""
    thickness: float = 0.6
    """Lines are blended by at most this with lines a pixel (in 112) thicker or thinner, 0…1."""
    erase: float = 0.3
    """Share of sketches in which a rectangle is wiped out, 0…1."""
    erase_area: float = 0.12
    """Largest share of the picture that the rectangle covers, 0 < … <= 1."""

    def __post_init__(self) -> None:
        shares = ("flip", "brightness", "contrast", "saturation", "grey", "sketch_shear")
        for name in (*shares, "sketch_shift", "thickness", "erase"):
            _within(name, getattr(self, name), 0, 1)
        _within("sketch_rotation", self.sketch_rotation, 0, 180)
        _within("photo_aspect", self.photo_aspect, 0, 2)
        _within("sketch_scale", self.sketch_scale, 0, 0.95)
        _within("photo_scale", self.photo_scale, 0.01, 1)
        _within("erase_area", self.erase_area, 0.001, 1)


@dataclass(frozen=True)
class Share:
    """Which items of a global batch one process holds: it draws for all and keeps its own."""

    places: torch.Tensor
    """(B,) int64, places of this process's items in the global batch, on their device."""
    total: int
    """Items in the global batch."""


def augment_photos(
    photos: torch.Tensor,
    generator: torch.Generator | None,
    config: AugmentConfig,
    size: int | None = None,
    share: Share | None = None,
) -> torch.Tensor:
    """Crop, flip, colour and greyscale: uint8 (B, 3, S, S) to float 0…1 (B, 3, size, size).

    generator: on the photos' device; None = torch's own. size: None = S; crops of larger photos
    are scaled down in the same step. share: given the same generator on every process, an item
    is changed in the same way whoever holds it.
    """
    _check(photos, 3)
    if not config.enabled or not len(photos):
        return resized(photos, size)
    draw = _draws(len(photos), 8, generator, photos.device, share)
    area = 1 - (1 - config.photo_scale) * draw[0]
    aspect = torch.exp(_signed(draw[1]) * config.photo_aspect / 2)
    # A crop is as wide and as high as it may be: no wider than the photo.
    across = (area.sqrt() * aspect).clamp(max=1)
    down = (area.sqrt() / aspect).clamp(max=1)
    mirror = torch.where(draw[2] < config.flip, -1.0, 1.0)
    zero = torch.zeros_like(across)
    theta = torch.stack(
        [
            torch.stack([across * mirror, zero, _signed(draw[3]) * (1 - across)], 1),
            torch.stack([zero, down, _signed(draw[4]) * (1 - down)], 1),
        ],
        1,
    )
    return _recoloured(_sampled(to_float(photos), theta, size), draw[5:], config)


def augment_sketches(
    sketches: torch.Tensor,
    generator: torch.Generator | None,
    config: AugmentConfig,
    size: int | None = None,
    share: Share | None = None,
) -> torch.Tensor:
    """Affine, thickness and wiped-out parts: uint8 (B, 1, S, S) to float 0…1 (B, 1, size, size).

    generator: on the sketches' device; None = torch's own. size: None = S; larger sketches are
    averaged down first, as they are when they are evaluated, so that lines look alike. share: as
    for photos.
    """
    _check(sketches, 1)
    if not config.enabled or not len(sketches):
        return resized(sketches, size)
    if size is not None and size != sketches.shape[-1]:
        sketches = resized(sketches, size).mul_(255).round_().to(torch.uint8)
    draw = _draws(len(sketches), 13, generator, sketches.device, share)
    ink = _rethickened(sketches, _signed(draw[0]) * config.thickness)
    ink = _sampled(ink, _sketch_affine(draw[1:7], config))
    return 1 - _wiped(ink, draw[7:], config)


def to_float(images: torch.Tensor) -> torch.Tensor:
    """uint8 0…255 to float32 0…1, memory layout kept."""
    return images.to(torch.float32).mul_(1 / 255)


def resized(images: torch.Tensor, size: int | None) -> torch.Tensor:
    """uint8 (B, C, S, S) to float 0…1 (B, C, size, size), averaged where it gets smaller."""
    pixels = to_float(images)
    if size is None or size == images.shape[-1]:
        return pixels
    shape = (size, size)
    return F.interpolate(pixels, shape, mode="bilinear", align_corners=False, antialias=True)


def _check(images: torch.Tensor, channels: int) -> None:
    if images.dtype != torch.uint8 or images.ndim != 4 or images.shape[1] != channels:
        shape = tuple(images.shape)
        raise ValueError(f"images are {images.dtype} {shape}: uint8 (B, {channels}, S, S) is due")


def _draws(
    items: int,
    kinds: int,
    generator: torch.Generator | None,
    device: torch.device,
    share: Share | None,
) -> torch.Tensor:
    total = items if share is None else share.total
    draws = torch.rand((kinds, total), generator=generator, device=device)
    return draws if share is None else draws[:, share.places]


def _signed(uniform: torch.Tensor) -> torch.Tensor:
    return uniform * 2 - 1


def _sampled(images: torch.Tensor, theta: torch.Tensor, size: int | None = None) -> torch.Tensor:
    """Images seen through (B, 2, 3) matrices from output to input, in -1…1; zeros outside.

    The grid is made by two broadcast sums: F.affine_grid takes ten times as long on a CPU.
    """
    side = size or images.shape[-1]
    at = (torch.arange(side, device=images.device) + 0.5) * (2 / side) - 1
    across = theta[:, :, 0, None, None] * at + theta[:, :, 2, None, None]
    grid = across + theta[:, :, 1, None, None] * at[:, None]
    grid = grid.permute(0, 2, 3, 1)
    return F.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def _recoloured(photos: torch.Tensor, draw: torch.Tensor, config: AugmentConfig) -> torch.Tensor:
    """Brightness, contrast, saturation and grey as one 3 × 3 matrix and an offset for each item."""
    bright = 1 + _signed(draw[0]) * config.brightness
    # One draw serves two ends: contrast looks at its first digits, grey at the remaining ones.
    contrast = 1 + _signed(draw[1]) * config.contrast
    fine = (draw[1] * 4096).frac()
    colour = 1 + _signed(draw[2]) * config.saturation
    colour = torch.where(fine < config.grey, torch.zeros_like(colour), colour)
    luma = photos.new_tensor(_LUMA).expand(3, 3)
    eye = torch.eye(3, device=photos.device)
    mix = colour.view(-1, 1, 1) * eye + (1 - colour.view(-1, 1, 1)) * luma
    gain = bright * contrast
    flat = photos.flatten(2)
    shift = ((1 - contrast) * 0.5).view(-1, 1, 1)
    changed = torch.baddbmm(shift, gain.view(-1, 1, 1) * mix, flat)
    return changed.clamp_(0, 1).view_as(photos)


def _rethickened(sketches: torch.Tensor, amount: torch.Tensor) -> torch.Tensor:
    """Ink, 0…1, blended with itself a little wider (amount > 0) or narrower (amount < 0).

    The neighbours' extremes are taken on bytes: a pooling layer on floats takes ten times as long.
    """
    wider = (amount > 0).view(-1, 1, 1, 1)
    # The least of the neighbours widens dark ink; on inverted bytes the same step narrows it.
    turned = torch.where(wider, sketches, 255 - sketches)
    for _ in range(max(1, round(sketches.shape[-1] / 112))):
        turned = _least(_least(turned, -1), -2)
    changed = to_float(torch.where(wider, turned, 255 - turned))
    # Thinning is held back: at one pixel's width it would wipe the line out.
    amount = amount.abs() * torch.where(amount > 0, 1.0, 0.5)
    return 1 - torch.lerp(to_float(sketches), changed, amount.view(-1, 1, 1, 1))


def _least(images: torch.Tensor, axis: int) -> torch.Tensor:
    """The least of every pixel and its two neighbours along an axis."""
    length = images.shape[axis]
    both = torch.minimum(images.narrow(axis, 1, length - 1), images.narrow(axis, 0, length - 1))
    inner = torch.minimum(both.narrow(axis, 1, length - 2), both.narrow(axis, 0, length - 2))
    ends = (both.narrow(axis, 0, 1), inner, both.narrow(axis, length - 2, 1))
    return torch.cat(ends, axis)


def _sketch_affine(draw: torch.Tensor, config: AugmentConfig) -> torch.Tensor:
    """(B, 2, 3) matrices from the output's coordinates to the input's."""
    angle = _signed(draw[0]) * math.radians(config.sketch_rotation)
    scale = 1 - config.sketch_scale + draw[1] * 1.5 * config.sketch_scale
    shear = _signed(draw[2]) * config.sketch_shear
    mirror = torch.where(draw[3] < config.flip, -1.0, 1.0)
    cos, sin = angle.cos() / scale, angle.sin() / scale
    shift = _signed(draw[4:6]) * 2 * config.sketch_shift
    return torch.stack(
        [
            torch.stack([cos * mirror, cos * shear - sin, shift[0]], 1),
            torch.stack([sin * mirror, sin * shear + cos, shift[1]], 1),
        ],
        1,
    )


def _wiped(ink: torch.Tensor, draw: torch.Tensor, config: AugmentConfig) -> torch.Tensor:
    """Ink without one rectangle in some of the items."""
    side = torch.arange(ink.shape[-1], device=ink.device) / ink.shape[-1]
    area = config.erase_area * (0.2 + 0.8 * draw[0])
    stretch = torch.exp(_signed(draw[1]) * 0.7)
    wide, high = (area.sqrt() * stretch).clamp(max=1), (area.sqrt() / stretch).clamp(max=1)
    left, top = draw[2] * (1 - wide), draw[3] * (1 - high)
    hit = draw[4] < config.erase
    columns = (side >= left[:, None]) & (side < (left + wide)[:, None]) & hit[:, None]
    rows = (side >= top[:, None]) & (side < (top + high)[:, None])
    inside = rows[:, None, :, None] & columns[:, None, None, :]
    return ink.masked_fill(inside, 0)


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name} is {value}: between {low} and {high} is allowed")
