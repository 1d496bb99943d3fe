"""Small trees in every official layout, made of pictures that decode and differ."""

from __future__ import annotations

import json
import os
import random
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

REPOSITORY = Path(__file__).parents[3]


def shared(*parts: str) -> Path:
    """A file of the real data beside the repository; skips the test where there is none."""
    root = Path(os.environ.get("SKETCHY_SHARED") or REPOSITORY.parent / "shared")
    path = root.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"no {'/'.join(parts)} here: set SKETCHY_SHARED")
    return path


def photo(path: Path, seed: int = 0, size: tuple[int, int] = (24, 20)) -> Path:
    """A noisy colour picture, in the format that the suffix names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng([seed, zlib.crc32(path.name.encode())])
    pixels = noise.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def sketch(path: Path, seed: int = 0, size: int = 40) -> Path:
    """Two black lines on white; the seed turns them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet = Image.new("L", (size, size), 255)
    pen = ImageDraw.Draw(sheet)
    dice = random.Random(f"{seed}{path.name}")
    for _ in range(2):
        ends = [dice.randrange(3, size - 3) for _ in range(3)]
        pen.line((3, ends[0], size // 2, ends[1], size - 4, ends[2]), fill=0, width=2)
    sheet.save(path)
    return path


def sketchy_tree(
    root: Path,
    classes: Sequence[str] = ("cat", "hot-air_balloon"),
    *,
    traced: int = 2,
    alone: int = 1,
    per_photo: int = 2,
    shuffle: int | None = None,
) -> Path:
    """Sketchy's layout: `traced` photos a class with sketches, `alone` without, in any order."""
    todo: list[tuple[str, Path]] = []
    for name in classes:
        for number in range(traced + alone):
            stem = f"n0{len(name):07d}_{number + 10}"
            base = root / "256x256"
            todo.append(("photo", base / "photo" / "tx_000000000000" / name / f"{stem}.jpg"))
            folder = base / "sketch" / "tx_000000000000" / name
            if number < traced:
                todo += [("sketch", folder / f"{stem}-{k + 1}.png") for k in range(per_photo)]
    if shuffle is not None:
        random.Random(shuffle).shuffle(todo)
    for kind, path in todo:
        (photo if kind == "photo" else sketch)(path)
    return root


def plain_tree(root: Path, classes: Sequence[str] = ("cat", "dog"), count: int = 12) -> Path:
    """The workshop's layout with `count` photos and sketches a class."""
    for name in classes:
        for number in range(count):
            photo(root / "images" / name / f"p{number:03d}.jpg", number)
            sketch(root / "sketches" / name / f"s{number:03d}.png", number)
    return root


def drawing_line(word: str, key: int, strokes: object, recognised: bool = True) -> str:
    """A line of an .ndjson file as Quick, Draw! writes it."""
    told = {
        "word": word,
        "countrycode": "CH",
        "timestamp": "2017-03-27 00:14:57.31033 UTC",
        "recognized": recognised,
        "key_id": str(key),
        "drawing": strokes,
    }
    return json.dumps(told, separators=(",", ":")) + "\n"
