"""Retrieval on real photos: our recipe, the workshop's, and the encoder that nobody trained.

    python -m benchmarks.quality --minutes 6 --seeds 3

Every arm starts from the same backbone and weights, sees pictures of the same size, and trains for
the same time: `--minutes` on a core of its own, counted as processor time, or of a GPU, which
`--parallel` runs share. Runs are ordinary run directories in the study `quality`; a run that is
complete is not trained again, and one that was stopped goes on. The table is stored in
benchmarks/results/quality-NAME.json and .md.
"""

import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.quality_run import ABLATED, ARMS, DEVICE, STUDY, configuration, named, run_name
from benchmarks.quality_table import ablation, markdown, summary
from benchmarks.yardstick import RESULTS, hardware
from core.allocator import keep_freed_memory
from core.data.packs import Pack, open_or_build_pack
from core.data.progress import progress_bar
from core.data.splits import split_collection
from core.evaluate import KS, embed
from core.metrics import retrieval_metrics, usable_ks
from core.models.encoder import EncoderConfig, build_encoders
from trainer.recipes import read_recipe

UNTRAINED_SIZES = (224,)
"""Sides in pixels at which the untrained encoder is scored, besides recipe `small`'s own."""


def shared(name: str) -> Path:
    """A file of the folder beside the repository that holds data and weights."""
    root = os.environ.get("SKETCHY_SHARED") or Path(__file__).parents[2] / "shared"
    return Path(root) / name


def untrained(spec: str, weights: str, protocols: list[str], size: int) -> list[dict[str, Any]]:
    """Mean-pooled features of the pre-trained encoder, as they are and without domain means."""
    backbone = read_recipe("small").model.backbone
    width = {"tf_efficientnet_lite0": 1280}[backbone]
    config = EncoderConfig(
        backbone=backbone,
        weights=weights,
        image_size=size,
        embedding_dim=width,
        head="none",
        attention=False,
        shared=True,
    )
    encoders = build_encoders(config).eval().to(DEVICE)
    pack = open_or_build_pack(spec, size, "ink")
    count = len(pack.sketches), len(pack.photos)
    features = partial(embed, device=DEVICE)
    sketches = features(encoders.sketch, partial(pack.gather, "sketch"), np.arange(count[0]))
    photos = features(encoders.photo, partial(pack.gather, "photo"), np.arange(count[1]))
    asked = [("everything", np.arange(count[0]), np.arange(count[1]))]
    for protocol in protocols:
        splits = split_collection(pack.collection, protocol)
        asked.append((protocol, splits.queries("test"), splits.gallery("test")))
    rows = []
    for protocol, queries, gallery in asked:
        for centred in (False, True):
            found = sketches[queries], photos[gallery]
            if centred:
                found = found[0] - found[0].mean(axis=0), found[1] - found[1].mean(axis=0)
            rows.append(
                {
                    "arm": f"untrained, {size} px" + (", domain means removed" if centred else ""),
                    "protocol": protocol,
                    "queries": len(queries),
                    "gallery": len(gallery),
                    "metrics": _scores(*found, queries, gallery, pack),
                }
            )
    return rows


def _scores(
    sketches: np.ndarray, photos: np.ndarray, queries: np.ndarray, gallery: np.ndarray, pack: Pack
) -> dict[str, float]:
    result = retrieval_metrics(
        sketches,
        photos,
        pack.sketch_labels[queries],
        pack.photo_labels[gallery],
        class_count=len(pack.class_names),
        ks=usable_ks(KS, len(gallery)),
    )
    return {name: round(value, 4) for name, value in result.values.items()}


def baseline(size: int, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """The untrained encoder's rows at a size, read from disk where they are there already."""
    told = arguments.data, arguments.weights, arguments.protocols
    kept = kept_scores(arguments) / f"{named(f'untrained-{size}', *told)}.json"
    if not kept.is_file():
        rows = untrained(arguments.data, arguments.weights, arguments.protocols, size)
        kept.write_text(json.dumps(rows), encoding="utf-8")
    found: list[dict[str, Any]] = json.loads(kept.read_text(encoding="utf-8"))
    return found


def kept_scores(arguments: argparse.Namespace) -> Path:
    """The folder of results, beside the runs."""
    scores: Path = arguments.runs / STUDY / "scores"
    scores.mkdir(parents=True, exist_ok=True)
    return scores


def run_all(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Every arm, protocol and seed; one result each, read from disk where it is there already."""
    wanted = [
        (arm, protocol, seed)
        for seed in range(arguments.seeds)
        for protocol in arguments.protocols
        for arm in arguments.arms
        if arm != ABLATED or protocol in (arguments.ablate or arguments.protocols)
    ]
    with (
        progress_bar("runs", len(wanted)) as advance,
        ThreadPoolExecutor(arguments.parallel) as pool,
    ):

        def one(job: tuple[str, str, int]) -> dict[str, Any]:
            result = run_one(*job, arguments)
            advance(1)
            told = f"{job}: map_all {result['metrics']['map_all']}, {result['epochs']} epochs"
            print(told, file=sys.stderr, flush=True)
            return result

        return list(pool.map(one, wanted))


def run_one(arm: str, protocol: str, seed: int, arguments: argparse.Namespace) -> dict[str, Any]:
    """One result, by a process of its own unless an earlier one left it."""
    config = configuration(arm, protocol, seed, arguments.weights)
    name = run_name(arm, config, arguments.data, arguments.minutes)
    kept = kept_scores(arguments) / f"{name}.json"
    if not kept.is_file():
        words = [sys.executable, "-m", "benchmarks.quality_run", arm, protocol, str(seed)]
        words += ["--data", arguments.data, "--weights", arguments.weights]
        words += ["--minutes", str(arguments.minutes), "--runs", str(arguments.runs)]
        # One thread a run: more would spin while they wait for one another, and count as work.
        one_thread = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(words, capture_output=True, text=True, env=one_thread)
        if done.returncode:
            raise RuntimeError(f"{arm} {protocol} seed {seed} failed:\n{done.stderr[-3000:]}")
        kept.write_text(done.stdout.strip().splitlines()[-1], encoding="utf-8")
    result: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    return result


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", default=f"sketchy:{shared('data/sketchy-mini')}")
    parser.add_argument(
        "--weights", default=str(shared("weights/tf_efficientnet_lite0.safetensors"))
    )
    parser.add_argument("--name", default="sketchy-mini", help="of the stored table")
    parser.add_argument("--minutes", type=float, default=6, help="a run, on one core or the GPU")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--protocols", nargs="+", default=["seen", "sketchy25", "sketchy21"])
    parser.add_argument(
        "--ablate", nargs="+", help="protocols of the ablation; all where not given"
    )
    parser.add_argument("--arms", nargs="+", choices=list(ARMS), default=list(ARMS))
    at_once = 1 if DEVICE.type == "cuda" else os.cpu_count()
    parser.add_argument("--parallel", type=int, default=at_once, help="runs at a time")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where runs are kept")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


def main() -> None:
    arguments = parse()
    weights = Path(arguments.weights)
    if not weights.is_file():
        sys.exit(f"quality: no weights at {weights}: name a file with --weights")
    arguments.runs = arguments.runs.absolute()
    keep_freed_memory()
    sizes = dict.fromkeys((*UNTRAINED_SIZES, read_recipe("small").model.image_size))
    baselines = [row for size in sizes for row in baseline(size, arguments)]
    results = run_all(arguments)
    table = {
        "data": arguments.name,
        "minutes_a_run": arguments.minutes,
        "runs_at_a_time": arguments.parallel,
        "backbone": read_recipe("small").model.backbone,
        "pre_trained_on": "ImageNet-1k",
        "weights": weights.name,
        "summary": summary(results, baselines),
        "ablation_of_w_d": ablation(results),
        "runs": results,
        "untrained": baselines,
        "hardware": hardware(),
    }
    RESULTS.mkdir(exist_ok=True)
    stored = RESULTS / f"quality-{arguments.name}"
    stored.with_suffix(".json").write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    stored.with_suffix(".md").write_text(markdown(table), encoding="utf-8")
    print(json.dumps(table) if arguments.json else markdown(table))


if __name__ == "__main__":
    main()
