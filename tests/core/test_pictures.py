"""Sheets of pictures for people."""

import numpy as np
import pytest

from core.pictures import encode_picture, sheet

RED = np.full((20, 20, 3), (200, 0, 0), np.uint8)
DARK = np.zeros((10, 10, 1), np.uint8)


def test_pictures_stand_in_rows_with_a_gap_between() -> None:
    made = np.asarray(sheet([[RED, DARK], [DARK[..., 0]]], side=8, gap=2))
    assert made.shape == (18, 18, 3)
    assert (made[:8, :8] == (200, 0, 0)).all()
    assert (made[:8, 10:] == 0).all()
    assert (made[10:, :8] == 0).all()
    assert (made[8:10] == 255).all()
    assert (made[:, 8:10] == 255).all()
    assert (made[10:, 10:] == 255).all(), "a short row leaves white"


def test_encoded_pictures_are_opened() -> None:
    plain, encoded = (np.asarray(sheet([[one]], side=8)) for one in (DARK, encode_picture(DARK)))
    assert (plain == encoded).all()


@pytest.mark.parametrize("rows", [[], [[]]])
def test_nothing_is_no_sheet(rows: list[list[np.ndarray]]) -> None:
    with pytest.raises(ValueError, match="at least one picture"):
        sheet(rows)
