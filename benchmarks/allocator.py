"""What reusing freed memory gains recipe `small` on a CPU, in training and in embedding.

    python -m benchmarks.allocator --json

Each way runs in processes of its own, in turn, since malloc's settings hold for a whole process.
"""

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Callable
from time import perf_counter

import torch

from benchmarks.yardstick import report
from core.allocator import keep_freed_memory
from core.models.backbones import freeze_stages
from core.models.encoder import build_encoders
from core.models.presets import preset
from trainer.recipes import read_recipe

WAYS = ("kept", "returned")


def images_per_second(batch: int, steps: int) -> dict[str, float]:
    """Pictures that recipe `small` learns from, and embeds, in a second; the best of some steps."""
    config = preset("small")
    encoders = build_encoders(config, load_weights=False).train()
    encoders.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    freeze_stages(encoders.photo.trunk, read_recipe("small").train.frozen_stages)
    pictures = torch.rand(batch, 3, config.image_size, config.image_size)
    pictures = pictures.contiguous(memory_format=torch.channels_last)

    def embedded() -> None:
        with torch.inference_mode():
            encoders.photo(pictures)

    def learned() -> None:
        encoders.photo(pictures).embedding_BD.sum().backward()

    return {"training": batch / least(learned, steps), "embedding": batch / least(embedded, steps)}


def least(work: Callable[[], None], times: int) -> float:
    """Seconds of the fastest of some calls."""
    taken = []
    for _ in range(times):
        started = perf_counter()
        work()
        taken.append(perf_counter() - started)
    return min(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--batch", type=int, default=128, help="pictures in a step")
    parser.add_argument("--steps", type=int, default=6, help="the best of these counts")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.way:
        if arguments.way == "kept" and not keep_freed_memory():
            sys.exit("allocator: the C library is not glibc: there is nothing to compare")
        print(json.dumps(images_per_second(arguments.batch, arguments.steps)))
        return
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(arguments.rounds):
        for way in WAYS:
            words = [sys.executable, "-m", "benchmarks.allocator", "--way", way]
            words += ["--batch", str(arguments.batch), "--steps", str(arguments.steps)]
            found[way].append(json.loads(subprocess.check_output(words)))
    figures: dict[str, object] = {}
    for kind in ("training", "embedding"):
        kept, returned = ([row[kind] for row in found[way]] for way in WAYS)
        ratios = [a / b for a, b in zip(kept, returned, strict=True)]
        figures[f"{kind}_speedup"] = round(statistics.median(ratios), 3)
        figures[f"{kind}_speedup_by_round"] = [round(ratio, 3) for ratio in ratios]
        figures[f"{kind}_images_per_s"] = {
            "kept": round(max(kept), 1),
            "returned": round(max(returned), 1),
        }
    report("allocator", figures, as_json=arguments.json)


if __name__ == "__main__":
    main()
