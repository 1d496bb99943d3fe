"""Real drawings against a run's gallery: does the network understand people that it never met?

Usage: python benchmarks/real_drawings.py RUN QUICKDRAW_DIR [--epoch N] [--json]

QUICKDRAW_DIR holds Quick, Draw! files (`<word>.ndjson`). Every drawing of every word that the
gallery has too is a query; the first ten photos count as hits where they are of the same word.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import numpy as np
import torch

from core.data.items import normalise_name
from core.data.strokes import Strokes, fit_strokes, rasterise
from core.gallery import gallery_embeddings, open_gallery
from core.retrieval import Index
from trainer.cli.options import RUNS, find_run

K = 10


def read_drawings(path: Path) -> list[Strokes]:
    """The drawings of one .ndjson file, as strokes."""
    lines = path.read_text(encoding="utf-8").splitlines()
    drawings = [json.loads(line)["drawing"] for line in lines if line.strip()]
    return [[np.array(stroke[:2], np.float32).T for stroke in drawing] for drawing in drawings]


def measure(run_name: str, folder: Path, epoch: int | None) -> dict[str, object]:
    """Precision in the first ten, over all queries and by word."""
    run = find_run(Path(os.environ.get("SKETCHY_RUNS", RUNS)), run_name)
    chosen = run.best_epoch() if epoch is None else epoch
    gallery = open_gallery(run)
    if gallery is None:
        raise ValueError(f"run {run.name} has no gallery: `sketchy train` writes it at its end")
    files = {normalise_name(path.stem): path for path in sorted(folder.glob("*.ndjson"))}
    words = sorted(set(files) & set(gallery.classes))
    if not words:
        raise ValueError(f"{folder} has no .ndjson file of a word that run {run.name} knows")
    encoders = run.encoders(chosen)
    size = encoders.config.image_size
    index = Index(gallery_embeddings(run, gallery, chosen, encoders=encoders))
    by_word: dict[str, float] = {}
    hits: list[float] = []
    for word in words:
        pictures = [rasterise(fit_strokes(drawing), size) for drawing in read_drawings(files[word])]
        with torch.inference_mode():
            batch = torch.from_numpy(np.stack(pictures))[:, None]
            queries = encoders.sketch(batch).embedding_BD.numpy()
        found = gallery.labels[np.asarray(index.search(queries, K).indices)]
        precisions = (found == word).mean(axis=1)
        by_word[word] = round(float(precisions.mean()), 4)
        hits.extend(precisions.tolist())
    return {
        "run": run.name,
        "epoch": chosen,
        f"p_at_{K}": round(float(np.mean(hits)), 4),
        "p_at_1_chance": round(1 / len(gallery.classes), 4),
        "words": len(words),
        "queries": len(hits),
        "gallery": len(gallery),
        "by_word": by_word,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("run", help="a run's name or folder")
    parser.add_argument("folder", type=Path, help="folder of Quick, Draw! .ndjson files")
    parser.add_argument("--epoch", type=int, default=None, help="an epoch; the best by default")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    try:
        result = measure(arguments.run, arguments.folder, arguments.epoch)
    except (ValueError, OSError) as error:
        print(f"real_drawings: {error}", file=sys.stderr)
        sys.exit(2)
    if arguments.json:
        print(json.dumps(result))
        return
    by_word: dict[str, float] = result["by_word"]  # type: ignore[assignment]
    for word, precision in sorted(by_word.items(), key=lambda pair: pair[1]):
        print(f"{word:18s} {precision:.2f}")
    print(
        f"p_at_{K} {result[f'p_at_{K}']}  ({result['words']} words, {result['queries']} queries, "
        f"{result['gallery']} photos; chance {result['p_at_1_chance']})"
    )


if __name__ == "__main__":
    main()
