"""All retrieval metrics beside the workshop's way and beside the floor, on the same input.

    python benchmarks/metrics.py [--json] [--queries 8000] [--gallery 20000]
    python benchmarks/metrics.py --literature     92,291 x 54,151: only ours, with its time

The workshop's way: the whole similarity matrix, then scikit-learn's average precision for each
query in joblib; for mAP@200 and precision each row is sorted too. Its time is scaled from
`--sample` queries. The floor: the product of the embeddings and one torch.sort of each row.
Ours and the floor take turns, and each counts with its best time.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from joblib import Parallel, delayed
from sklearn.metrics import average_precision_score

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.yardstick import peak_memory_mb, report, seconds
from core.metrics import RetrievalMetrics, retrieval_metrics

FLOOR_ROWS = 250
K = 200
Labelled = tuple[torch.Tensor, torch.Tensor]
"""Embeddings and their labels."""


def embeddings(count: int, classes: int, dimensions: int, seed: int) -> Labelled:
    """Points that lean towards their class, as a half-trained network's do, and their labels."""
    random = torch.Generator().manual_seed(seed)
    centres = torch.randn(classes, dimensions, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(count) % classes
    points = torch.randn(count, dimensions, generator=random).mul_(3).add_(centres[labels])
    return torch.nn.functional.normalize(points, dim=1), labels


def ours(queries: Labelled, gallery: Labelled, classes: int) -> RetrievalMetrics:
    return retrieval_metrics(queries[0], gallery[0], queries[1], gallery[1], class_count=classes)


def floor(queries: torch.Tensor, gallery: torch.Tensor) -> None:
    for at in range(0, len(queries), FLOOR_ROWS):
        torch.sort(queries[at : at + FLOOR_ROWS] @ gallery.T, dim=1, descending=True)


def first_k(relevant: np.ndarray, scores: np.ndarray) -> tuple[float, float]:
    """The workshop's mAP@K and precision of one query."""
    first = np.argsort(-scores)[:K]
    hits = relevant[first]
    return (average_precision_score(hits, scores[first]) if hits.any() else 0.0), hits.mean()


@dataclass(frozen=True)
class Workshop:
    """What the workshop's way took and found on a sample of queries."""

    alone: float
    """Seconds for the matrix and mAP."""
    whole: float
    """Seconds for all three of its figures."""
    map_all: float


def workshop(queries: Labelled, gallery: Labelled) -> Workshop:
    with Parallel(n_jobs=os.cpu_count()) as parallel:
        # Its processes are up before the clock starts.
        parallel(delayed(average_precision_score)(np.array([0, 1]), np.ones(2)) for _ in range(8))
        start = perf_counter()
        scores = (queries[0] @ gallery[0].T).numpy()
        relevant = (queries[1][:, None] == gallery[1]).numpy()
        pairs = list(zip(relevant, scores, strict=True))
        aps = parallel(delayed(average_precision_score)(y, s) for y, s in pairs)
        alone = perf_counter() - start
        parallel(delayed(first_k)(y, s) for y, s in pairs)
        return Workshop(alone, perf_counter() - start, float(np.mean(aps)))


def compare(arguments: argparse.Namespace) -> dict[str, object]:
    classes = arguments.classes
    queries = embeddings(arguments.queries, classes, arguments.dimensions, seed=1)
    gallery = embeddings(arguments.gallery, classes, arguments.dimensions, seed=2)
    few = queries[0][: arguments.sample], queries[1][: arguments.sample]
    scale = len(queries[0]) / len(few[0])
    of_few = ours(few, gallery, classes)
    before = peak_memory_mb()
    times, floors, theirs = [], [], []
    for turn in range(arguments.repeats):
        times.append(seconds(lambda: ours(queries, gallery, classes)))
        if turn == 0:
            extra = peak_memory_mb() - before
        floors.append(seconds(lambda: floor(queries[0], gallery[0])))
        theirs.append(workshop(few, gallery))
        assert abs(theirs[-1].map_all - of_few.values["map_all"]) < 1e-5, "both must find the same"
    best, best_floor = min(times), min(floors)
    alone = min(run.alone for run in theirs) * scale
    whole = min(run.whole for run in theirs) * scale
    return {
        "queries": arguments.queries,
        "gallery": arguments.gallery,
        "dimensions": arguments.dimensions,
        "classes": classes,
        "seconds": round(best, 2),
        "floor_seconds": round(best_floor, 2),
        "workshop_seconds": round(whole, 1),
        "workshop_map_alone_seconds": round(alone, 1),
        "workshop_scaled_from": len(few[0]),
        "speedup_over_workshop": round(whole / best, 1),
        "speedup_over_workshop_map_alone": round(alone / best, 1),
        "ratio_to_floor": round(best / best_floor, 3),
        "peak_extra_mb": round(extra),
        "all_seconds": [round(taken, 2) for taken in times],
        "all_floor_seconds": [round(taken, 2) for taken in floors],
    }


def literature(dimensions: int, classes: int) -> dict[str, object]:
    """The largest protocol in print: the unseen classes of QuickDraw-Extended."""
    queries = embeddings(92_291, classes, dimensions, seed=1)
    gallery = embeddings(54_151, classes, dimensions, seed=2)
    before = peak_memory_mb()
    taken = seconds(lambda: ours(queries, gallery, classes))
    return {
        "queries": len(queries[0]),
        "gallery": len(gallery[0]),
        "dimensions": dimensions,
        "classes": classes,
        "seconds": round(taken, 1),
        "peak_extra_mb": round(peak_memory_mb() - before),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--queries", type=int, default=8000)
    parser.add_argument("--gallery", type=int, default=20_000)
    parser.add_argument("--dimensions", type=int, default=256)
    parser.add_argument("--classes", type=int, default=25)
    parser.add_argument("--sample", type=int, default=200, help="queries the workshop's way gets")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--literature", action="store_true", help="92,291 x 54,151, ours alone")
    arguments = parser.parse_args()
    if arguments.literature:
        figures = literature(arguments.dimensions, 30)
        report("metrics_literature", figures, as_json=arguments.json)
    else:
        report("metrics", compare(arguments), as_json=arguments.json)


if __name__ == "__main__":
    main()
