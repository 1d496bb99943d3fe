"""Sheets of pictures for people, and stores of them that are damaged."""

from pathlib import Path

import numpy as np
import pytest

from core.pictures import PictureStore, encode_picture, sheet, write_pictures

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


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no numbers", [], 3])
def test_an_index_that_is_none_is_named(tmp_path: Path, content: bytes | list | int) -> None:
    write_pictures(tmp_path, "photos", [RED])
    index = tmp_path / "photos.npy"
    if isinstance(content, bytes):
        index.write_bytes(content)
    else:
        np.save(index, np.array(content, np.int64))
    with pytest.raises(ValueError, match=r"photos\.npy can't be read"):
        PictureStore(tmp_path, "photos")


@pytest.mark.parametrize("name", ["photos.npy", "photos.bin"])
def test_a_missing_file_of_a_store_is_named(tmp_path: Path, name: str) -> None:
    write_pictures(tmp_path, "photos", [RED])
    (tmp_path / name).unlink()
    with pytest.raises(ValueError, match=f"{name} can't be read"):
        PictureStore(tmp_path, "photos")
