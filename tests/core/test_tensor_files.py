"""Whatever bytes a file holds, it is read, or refused in one line."""

import random
from pathlib import Path
from typing import Any

import pytest
import torch

from core.tensor_files import read_tensors


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    torch.save({"w": torch.arange(3), "epoch": 2}, tmp_path / "state.pt")
    found = read_tensors(tmp_path / "state.pt")
    assert found["epoch"] == 2
    assert found["w"].tolist() == [0, 1, 2]


def test_no_bytes_raise_anything_else(tmp_path: Path) -> None:
    path, bytes_of = tmp_path / "state.pt", random.Random(7)
    for size in range(400):
        path.write_bytes(bytes_of.randbytes(size))
        with pytest.raises(ValueError, match=r"^[^\n]+$"):
            read_tensors(path)


def test_a_file_that_would_run_code_is_refused(tmp_path: Path) -> None:
    class Harm:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "harmed",)

    torch.save({"w": Harm()}, tmp_path / "state.pt")
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        read_tensors(tmp_path / "state.pt")
    assert not (tmp_path / "harmed").exists()


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="none"):
        read_tensors(tmp_path / "none.pt")
