"""What is in a collection and how a protocol splits it, as plain values and as a picture."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from core.data.decode import BrokenItem, decode
from core.data.items import Collection, Domain, Item
from core.data.splits import SPLITS, Splits, hash_of

_CELL, _LABEL, _COLUMNS, _ROWS = 96, 16, 4, 12


def describe(splits: Splits, *, decoded: bool) -> dict[str, Any]:
    """Counts of a split collection, ready for JSON; it names no folder, unless one has a problem.

    decoded: whether every item was tried, so that `damaged` and `empty` mean what they say.
    """
    collection = splits.collection
    photos = Counter(item.label for item in collection.photos)
    sketches = Counter(item.label for item in collection.sketches)
    unseen = sorted(splits.unseen)
    kinds = Counter(problem.kind for problem in collection.problems)
    return {
        "sources": sorted({item.source for item in collection.items}),
        "classes": len(collection.class_names),
        "photos": len(collection.photos),
        "sketches": len(collection.sketches),
        "sketches_with_their_photo": int((splits.targets >= 0).sum()),
        "protocol": splits.protocol,
        "seed": splits.seed,
        "generalised": splits.generalised,
        "seen_classes": len(collection.class_names) - len(unseen),
        "unseen_classes": len(unseen),
        "unseen": unseen,
        "absent_from_the_data": list(splits.absent),
        "splits": {name: _side(splits, name) for name in SPLITS},
        "items_on_two_sides": 0,  # Splits refuses to exist otherwise
        "splits_sha256": splits.digest,
        "without_photos": [name for name in collection.class_names if not photos[name]],
        "without_sketches": [name for name in collection.class_names if not sketches[name]],
        "decoded": decoded,
        "problems": dict(sorted(kinds.items())),
        "problem_list": [
            {"path": problem.path, "kind": problem.kind, "reason": problem.reason}
            for problem in collection.problems
        ],
        "by_class": {
            name: {
                "photos": photos[name],
                "sketches": sketches[name],
                "unseen": name in splits.unseen,
            }
            for name in collection.class_names
        },
    }


def sides_as_text(splits: Splits) -> str:
    """Every item's id and side, tab-separated, a line each, in order of id."""
    names = (*SPLITS, "aside")
    pairs = [
        (item.id, names[side])
        for items, sides in (
            (splits.collection.photos, splits.photo_sides.tolist()),
            (splits.collection.sketches, splits.sketch_sides.tolist()),
        )
        for item, side in zip(items, sides, strict=True)
    ]
    return "".join(f"{unique}\t{side}\n" for unique, side in sorted(pairs))


def draw_sheet(collection: Collection, seed: int = 0) -> Image.Image:
    """Example sheet: a row for each of up to 12 classes, up to 4 photos beside 4 sketches."""
    names = sorted(collection.class_names, key=lambda name: hash_of(seed, name))[:_ROWS]
    width, height = 2 * _COLUMNS * _CELL + _CELL // 4, _CELL + _LABEL
    sheet = Image.new("RGB", (width, height * len(names)), "white")
    pen = ImageDraw.Draw(sheet)
    chosen = {name: _examples(collection, name, seed) for name in names}
    for row, name in enumerate(sorted(names)):
        pen.text((4, row * height + 2), name, fill="black")
        for domain, left in (("photo", 0), ("sketch", width - _COLUMNS * _CELL)):
            for column, picture in enumerate(chosen[name][domain]):
                sheet.paste(picture, (left + column * _CELL, row * height + _LABEL))
    return sheet


def _side(splits: Splits, name: str) -> dict[str, int]:
    return {
        "classes": len(splits.class_names(name)),
        "photos": len(splits.photos(name)),
        "sketches": len(splits.sketches(name)),
        "gallery": len(splits.gallery(name)),
        "queries": len(splits.queries(name)),
    }


def _examples(collection: Collection, label: str, seed: int) -> dict[str, list[Image.Image]]:
    sides: tuple[tuple[Domain, tuple[Item, ...]], ...] = (
        ("photo", collection.photos),
        ("sketch", collection.sketches),
    )
    out: dict[str, list[Image.Image]] = {}
    for domain, items in sides:
        mine = [item for item in items if item.label == label]
        out[domain] = []
        for item in sorted(mine, key=lambda one: hash_of(seed, one.id)):
            if len(out[domain]) == _COLUMNS:
                break
            try:
                pixels = decode(item, _CELL)
            except BrokenItem:  # named by inspection and packing; here the next one takes its place
                continue
            out[domain].append(Image.fromarray(np.squeeze(pixels)).convert("RGB"))
    return out
