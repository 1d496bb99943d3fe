"""An index as a folder of plain files: embeddings.npy, index.json and, with ids, ids.json.

The embeddings are mapped into memory, not read. Nothing in the folder can run code.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.metrics.similarity import Distance, check_distance

FORMAT = 1
EMBEDDINGS, INDEX, IDS = "embeddings.npy", "index.json", "ids.json"
STEP = 16384


@dataclass(frozen=True, kw_only=True)
class StoredIndex:
    """What the folder holds."""

    embeddings: np.ndarray
    """(N, D) float16 or float32, read-only, memory-mapped."""
    ids: list[str] | None
    """(N,) names of the items."""
    distance: Distance
    """The distance it was made for."""


def write_index(
    folder: Path, embeddings: np.ndarray, ids: Sequence[str] | None, distance: Distance
) -> None:
    """Write an index into a folder that holds none; index.json comes last and says it is whole."""
    if (folder / INDEX).exists():
        raise ValueError(f"{folder} holds an index already: give a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    target = np.lib.format.open_memmap(
        folder / EMBEDDINGS, mode="w+", dtype=embeddings.dtype, shape=embeddings.shape
    )
    for at in range(0, len(embeddings), STEP):
        target[at : at + STEP] = embeddings[at : at + STEP]
    target.flush()
    if ids is not None:
        (folder / IDS).write_text(json.dumps(list(ids)), encoding="utf-8")
    facts = {"format": FORMAT, "distance": distance, "ids": ids is not None}
    (folder / INDEX).write_text(json.dumps(facts), encoding="utf-8")


def read_index(folder: Path) -> StoredIndex:
    """Open what `write_index` wrote; ValueError when it is missing, incomplete or malformed."""
    if not (folder / INDEX).is_file():
        raise ValueError(f"{folder} holds no complete index: {INDEX} is missing")
    facts = _json(folder / INDEX)
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise ValueError(f"{folder / INDEX} is not of format {FORMAT}")
    distance = check_distance(str(facts.get("distance")))
    embeddings = read_array(folder / EMBEDDINGS)
    ids = _json(folder / IDS) if facts.get("ids") else None
    if ids is not None and not (
        isinstance(ids, list) and all(isinstance(name, str) for name in ids)
    ):
        raise ValueError(f"{folder / IDS} is not a list of names")
    return StoredIndex(embeddings=embeddings, ids=ids, distance=distance)


def read_array(file: Path) -> np.ndarray:
    """A .npy file, read-only, mapped into memory; ValueError when it is none."""
    try:
        return np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise ValueError(f"{file} is not readable as an array: {error}") from None


def _json(file: Path) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{file} is not readable as JSON: {error}") from None
