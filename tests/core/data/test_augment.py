from __future__ import annotations

import dataclasses

import pytest
import torch

from core.data.augment import (
    AugmentConfig,
    augment_photos,
    augment_sketches,
    to_float,
)

STILL = AugmentConfig(
    photo_scale=1,
    photo_aspect=0,
    flip=0,
    brightness=0,
    contrast=0,
    saturation=0,
    grey=0,
    sketch_rotation=0,
    sketch_scale=0,
    sketch_shear=0,
    sketch_shift=0,
    thickness=0,
    erase=0,
)


def photos(items: int = 6, size: int = 32) -> torch.Tensor:
    made = torch.Generator().manual_seed(1)
    shape = (items, size, size, 3)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=made).permute(0, 3, 1, 2)


def sketches(items: int = 6, size: int = 32) -> torch.Tensor:
    sheets = torch.full((items, 1, size, size), 255, dtype=torch.uint8)
    sheets[:, :, 15:17, 6:26] = 0
    sheets[:, :, 6:12, 20:22] = 0
    return sheets


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_nothing_asked_changes_nothing() -> None:
    for made, augment in ((photos(), augment_photos), (sketches(), augment_sketches)):
        torch.testing.assert_close(
            augment(made, seeded(), STILL), to_float(made), atol=2e-5, rtol=0
        )
        off = dataclasses.replace(AugmentConfig(), enabled=False)
        assert torch.equal(augment(made, seeded(), off), to_float(made))


def test_values_stay_in_range_and_hang_on_the_generator_alone() -> None:
    config = AugmentConfig()
    for made, augment in ((photos(), augment_photos), (sketches(), augment_sketches)):
        first = augment(made, seeded(3), config)
        assert first.shape == made.shape
        assert first.dtype == torch.float32
        assert first.min() >= 0
        assert first.max() <= 1
        assert torch.equal(first, augment(made, seeded(3), config))
        assert not torch.equal(first, augment(made, seeded(4), config))
        assert augment(made[:0], seeded(), config).shape == (0, *made.shape[1:])


def test_items_are_changed_each_for_itself() -> None:
    made = augment_sketches(sketches(), seeded(), AugmentConfig())
    assert len({tuple(item.flatten().tolist()) for item in made}) == len(made)


def test_flip_mirrors() -> None:
    mirrored = dataclasses.replace(STILL, flip=1)
    for made, augment in ((photos(), augment_photos), (sketches(), augment_sketches)):
        torch.testing.assert_close(
            augment(made, seeded(), mirrored), to_float(made).flip(-1), atol=2e-5, rtol=0
        )


def test_grey_photos_have_luminance_in_every_channel() -> None:
    made = augment_photos(photos(), seeded(), dataclasses.replace(STILL, grey=1))
    luma = (to_float(photos()) * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1)
    for channel in range(3):
        torch.testing.assert_close(made[:, channel], luma, atol=1e-4, rtol=0)


def test_a_crop_shows_only_what_is_in_the_photo() -> None:
    plain = torch.full((20, 3, 32, 32), 200, dtype=torch.uint8)
    made = augment_photos(plain, seeded(), dataclasses.replace(STILL, photo_scale=0.2, flip=0.5))
    # Bilinear sampling meets the zeros outside in the outermost pixel only.
    torch.testing.assert_close(
        made[:, :, 1:-1, 1:-1], to_float(plain)[:, :, 1:-1, 1:-1], atol=1e-4, rtol=0
    )


def test_thickness_widens_and_narrows_lines() -> None:
    ink = 1 - augment_sketches(sketches(200), seeded(), dataclasses.replace(STILL, thickness=1))
    amount = ink.sum((1, 2, 3))
    before = (1 - to_float(sketches(1))).sum()
    assert (amount > before * 1.2).sum() > 50
    assert (amount < before * 0.9).sum() > 50
    assert amount.min() > 0.3 * before  # never wiped out


def test_wiping_takes_ink_away_from_its_share_of_sketches() -> None:
    wiped = dataclasses.replace(STILL, erase=0.5, erase_area=0.5)
    full = torch.zeros((400, 1, 16, 16), dtype=torch.uint8)
    paper = augment_sketches(full, seeded(), wiped)
    hit = (paper[..., 2:-2, 2:-2] > 0.5).flatten(1).any(1).float().mean()
    assert 0.35 < hit < 0.6


def test_paper_stays_white_where_a_sketch_is_moved() -> None:
    config = dataclasses.replace(STILL, sketch_shift=0.5, sketch_rotation=40, sketch_scale=0.5)
    made = augment_sketches(torch.full((30, 1, 24, 24), 255, dtype=torch.uint8), seeded(), config)
    torch.testing.assert_close(made, torch.ones_like(made), atol=1e-5, rtol=0)


def test_wrong_images_and_settings_are_named() -> None:
    with pytest.raises(ValueError, match=r"uint8 \(B, 3, S, S\)"):
        augment_photos(sketches(), None, STILL)
    with pytest.raises(ValueError, match=r"uint8 \(B, 1, S, S\)"):
        augment_sketches(sketches().float(), None, STILL)
    for name, value in (("flip", 1.5), ("photo_scale", 0), ("sketch_rotation", -1)):
        with pytest.raises(ValueError, match=f"{name} is {value}"):
            AugmentConfig(**{name: value})  # type: ignore[arg-type]
