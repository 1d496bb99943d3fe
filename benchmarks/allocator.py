"""What reusing freed memory gains in training on a CPU: the same steps, with and without.

    python -m benchmarks.allocator --json

Each way runs in processes of its own, in turn, since malloc's settings hold for a whole process.
"""

import argparse
import statistics
import subprocess
import sys
from time import perf_counter

import torch

from benchmarks.yardstick import report
from core.allocator import keep_freed_memory
from core.models.backbones import freeze_stages
from core.models.encoder import build_encoders
from core.models.presets import preset
from trainer.recipes import read_recipe

WAYS = ("kept", "returned")


def images_per_second(batch: int, steps: int) -> float:
    """Pictures that recipe `small` learns from in a second, by the best of some steps."""
    config = preset("small")
    encoders = build_encoders(config, load_weights=False).train()
    encoders.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    freeze_stages(encoders.photo.trunk, read_recipe("small").train.frozen_stages)
    pictures = torch.rand(batch, 3, config.image_size, config.image_size)
    pictures = pictures.contiguous(memory_format=torch.channels_last)
    best = float("inf")
    for _ in range(steps):
        started = perf_counter()
        encoders.photo(pictures).embedding_BD.sum().backward()
        best = min(best, perf_counter() - started)
    return batch / best


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
        print(images_per_second(arguments.batch, arguments.steps))
        return
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(arguments.rounds):
        for way in WAYS:
            words = [sys.executable, "-m", "benchmarks.allocator", "--way", way]
            words += ["--batch", str(arguments.batch), "--steps", str(arguments.steps)]
            found[way].append(float(subprocess.check_output(words)))
    ratios = [kept / back for kept, back in zip(found["kept"], found["returned"], strict=True)]
    figures: dict[str, object] = {
        "speedup": round(statistics.median(ratios), 3),
        "speedup_by_round": [round(ratio, 3) for ratio in ratios],
        **{f"images_per_s_{way}": round(max(values), 1) for way, values in found.items()},
    }
    report("allocator", figures, as_json=arguments.json)


if __name__ == "__main__":
    main()
