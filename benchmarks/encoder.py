"""What attention, pooling and head cost beside the backbone, and how fast each encoder is.

    python -m benchmarks.encoder --presets tiny small --json
    python -m benchmarks.encoder --backbones resnet18 lcnet_050 --size 64 --train

Backbone and the rest are timed apart, on the same features, alternating, the least of `--repeats`
runs each (a busy machine only ever adds time). The target: the rest costs at most 3 % of the
backbone's time. The figures also say by which presets it is met: the head of `workshop` is VGG's
own classifier, and the backbone of `tiny` takes less than a millisecond a picture.
"""

import argparse
import dataclasses
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from benchmarks.yardstick import report
from core.models.encoder import Encoder, EncoderConfig, build_encoders
from core.models.presets import PRESETS, preset

LIMIT = 0.03


def configurations(arguments: argparse.Namespace) -> dict[str, EncoderConfig]:
    """The encoders to measure, by name, with random weights (time does not depend on them)."""
    chosen = {name: preset(name) for name in arguments.presets}
    size = arguments.size
    chosen |= {b: EncoderConfig(backbone=b, image_size=size) for b in arguments.backbones}
    return {name: dataclasses.replace(config, weights="none") for name, config in chosen.items()}


def least_seconds(runs: list[Callable[[], object]], repeats: int, device: str) -> list[float]:
    """The least wall-clock time of each run, taken in turns after one warm-up round."""
    least = [float("inf")] * len(runs)
    for round_number in range(repeats + 1):
        for i, run in enumerate(runs):
            _wait(device)
            start = time.perf_counter()
            run()
            _wait(device)
            if round_number:
                least[i] = min(least[i], time.perf_counter() - start)
    return least


def measure(config: EncoderConfig, arguments: argparse.Namespace) -> dict[str, float]:
    """Milliseconds of the backbone and of the rest, their ratio, and images a second."""
    device, batch = arguments.device, arguments.batch
    encoder = build_encoders(config).photo.to(device)
    encoder.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    encoder.train(arguments.train)
    images = torch.rand(batch, 3, config.image_size, config.image_size, device=device)
    prepared = encoder.prepare(images).contiguous(memory_format=torch.channels_last)
    with torch.set_grad_enabled(arguments.train):
        runs = _runs(encoder, prepared, arguments.train)
        backbone, rest = least_seconds(runs, arguments.repeats, device)
    return {
        "backbone_ms": round(backbone * 1e3, 3),
        "attention_and_head_ms": round(rest * 1e3, 3),
        "overhead": round(rest / backbone, 5),
        "images_per_second": round(batch / (backbone + rest), 1),
        "million_parameters": round(sum(p.numel() for p in encoder.parameters()) / 1e6, 2),
    }


def _runs(encoder: Encoder, prepared: torch.Tensor, train: bool) -> list[Callable[[], object]]:
    features = encoder.trunk(prepared).detach()
    slope = torch.ones_like(features)

    def backbone() -> None:
        output = encoder.trunk(prepared)
        if train:
            output.backward(slope)

    def rest() -> None:
        output = encoder.finish(features.detach().requires_grad_(train))
        if train:
            output.embedding_BD.sum().backward()

    return [backbone, rest]


def _wait(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize()


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def run(arguments: argparse.Namespace) -> dict[str, object]:
    """Measure everything that was asked for; one dictionary, ready for JSON."""
    with _threads(arguments.threads):
        encoders = {name: measure(c, arguments) for name, c in configurations(arguments).items()}
    worst = max(result["overhead"] for result in encoders.values())
    return {
        "encoders": encoders,
        "worst_overhead": worst,
        "limit": LIMIT,
        "within_limit": worst <= LIMIT,
        "batch": arguments.batch,
        "threads": arguments.threads,
        "device": arguments.device,
        "backward_included": arguments.train,
    }


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--presets", nargs="*", default=[], choices=list(PRESETS))
    parser.add_argument("--backbones", nargs="*", default=[], help="timm names, with --size")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--train", action="store_true", help="forward and backward")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args(argv)
    if not arguments.presets and not arguments.backbones:
        arguments.presets = list(PRESETS)
    return arguments


def main(argv: list[str] | None = None) -> None:
    arguments = parse(argv)
    report("encoder", run(arguments), as_json=arguments.json)


if __name__ == "__main__":
    main()
