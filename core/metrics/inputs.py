"""What the metrics accept, checked once at the door."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

Array = Tensor | np.ndarray

BLOCK_SCORES = {"cpu": 4 << 20}
"""Scores of one block by device type: on a CPU each core has a block."""
BLOCK_SCORES_ELSEWHERE = 32 << 20
PART_SCORES = 640 << 10
"""Scores that a CPU ranks at a time: small enough to stay near the core, large enough that the
cores don't wait for Python's lock."""


def block_rows(chunk: int | None, gallery_size: int, device: torch.device) -> int:
    """Queries to score at a time: the caller's wish, or what suits the device."""
    if chunk is None:
        return max(1, BLOCK_SCORES.get(device.type, BLOCK_SCORES_ELSEWHERE) // gallery_size)
    if chunk < 1:
        raise ValueError(f"chunk is {chunk} queries, at least 1 is needed")
    return chunk


def part_rows(gallery_size: int, device: torch.device) -> int:
    """Queries of a block to rank at a time."""
    scores = PART_SCORES if device.type == "cpu" else BLOCK_SCORES_ELSEWHERE
    return max(1, scores // gallery_size)


def as_embeddings(embeddings: Array, name: str, device: torch.device | str | None) -> Tensor:
    """Embeddings (n, D) as an fp32 tensor on the device (the embeddings' own by default).

    Raises ValueError when they are not a table, have no row, or hold a value that is not finite.
    """
    if isinstance(embeddings, np.ndarray):
        # A read-only memory map can't be shared with torch without a warning: copy it, as fp32.
        writeable = embeddings.dtype == np.float32 and embeddings.flags.writeable
        embeddings = torch.from_numpy(embeddings if writeable else embeddings.astype(np.float32))
    table = embeddings.detach().to(device=device, dtype=torch.float32)
    if table.ndim != 2 or 0 in table.shape:
        shape = tuple(table.shape)
        raise ValueError(f"{name} have shape {shape}, needed is (items, embedding size), not empty")
    if not bool(torch.isfinite(table).all()):
        raise ValueError(f"{name} hold values that are not finite (nan or inf)")
    return table


def usable_ks(ks: Sequence[int], gallery_size: int) -> tuple[int, ...]:
    """Those ks that a gallery of this size can answer: a caller's explicit choice to drop others.

    >>> usable_ks((1, 5, 10, 100, 200), gallery_size=60)
    (1, 5, 10)
    """
    return tuple(k for k in ks if k <= gallery_size)


def check_ks(ks: Sequence[int], gallery_size: int, name: str = "K") -> None:
    """Refuse a K below 1 or above the gallery's size."""
    for k in ks:
        if k < 1:
            raise ValueError(f"{name} is {k}, at least 1 is needed")
        if k > gallery_size:
            raise ValueError(f"{name} is {k}, but the gallery holds only {gallery_size} items")


def check_labels(labels: Array, count: int, class_count: int, name: str) -> Tensor:
    """Labels (count,) as int64 on the CPU, each in 0…class_count-1."""
    found = torch.as_tensor(labels).detach().cpu()
    if found.is_floating_point() or found.shape != (count,):
        raise ValueError(
            f"{name} have shape {tuple(found.shape)} and type {found.dtype}, "
            f"needed are {count} integers, one for each embedding"
        )
    found = found.to(torch.int64)
    if int(found.min()) < 0 or int(found.max()) >= class_count:
        raise ValueError(
            f"{name} range from {int(found.min())} to {int(found.max())}, "
            f"allowed is 0 to {class_count - 1} (class_count {class_count})"
        )
    return found
