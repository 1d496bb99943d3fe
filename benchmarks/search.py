"""Exact search beside numpy and FAISS flat, taking turns in one run.

    python benchmarks/search.py [--json] [--gallery 200000] [--queries 1000]

One query and many, cosine, the first 50 of 200,000 x 256 float32. numpy: the product, then
argpartition and a sort of the first k. Each counts with its best time; the ratio is ours to the
better of the two, so above 1.1 we are slower.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import faiss
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.yardstick import report, seconds
from core.retrieval import Index

K = 50
NUMPY_ROWS = 250


def with_numpy(queries: np.ndarray, gallery: np.ndarray) -> np.ndarray:
    found = []
    for at in range(0, len(queries), NUMPY_ROWS):
        scores = queries[at : at + NUMPY_ROWS] @ gallery.T
        first = np.argpartition(scores, len(gallery) - K, axis=1)[:, -K:]
        order = np.argsort(-np.take_along_axis(scores, first, axis=1), axis=1)
        found.append(np.take_along_axis(first, order, axis=1))
    return np.concatenate(found)


def race(ways: dict[str, Callable[[], object]], turns: int) -> dict[str, float]:
    """The best time of each way in milliseconds, over turns taken one after the other."""
    best = {name: float("inf") for name in ways}
    for _ in range(turns):
        for name, way in ways.items():
            best[name] = min(best[name], seconds(way) * 1000)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--gallery", type=int, default=200_000)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--dimensions", type=int, default=256)
    arguments = parser.parse_args()
    random = np.random.default_rng(0)

    def unit(count: int) -> np.ndarray:
        rows = random.standard_normal((count, arguments.dimensions), dtype=np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows

    gallery, queries = unit(arguments.gallery), unit(arguments.queries)
    index, flat = Index(gallery), faiss.IndexFlatIP(arguments.dimensions)
    flat.add(gallery)
    agree = (index.search(queries[:50], K).indices == flat.search(queries[:50], K)[1]).mean()
    figures: dict[str, object] = {
        "gallery": arguments.gallery,
        "dimensions": arguments.dimensions,
        "k": K,
        "same_items_as_faiss": round(float(agree), 5),
    }
    for count, turns in ((1, 40), (arguments.queries, 5)):
        asked = queries[:count]
        best = race(
            {
                "ours": lambda asked=asked: index.search(asked, K),  # type: ignore[misc]
                "numpy": lambda asked=asked: with_numpy(asked, gallery),  # type: ignore[misc]
                "faiss": lambda asked=asked: flat.search(asked, K),  # type: ignore[misc]
            },
            turns,
        )
        figures |= {f"{name}_{count}_ms": round(best[name], 2) for name in best}
        better = min(best["numpy"], best["faiss"])
        figures[f"ratio_{count}"] = round(best["ours"] / better, 3)
    report("search", figures, as_json=arguments.json)


if __name__ == "__main__":
    main()
