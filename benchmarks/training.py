"""How near the training loop comes to its hardware, and to the workshop's loop.

    python -m benchmarks.training --json

Real loop: batches out of a pack, augmentation, step, journal, status file; everything that training
does between two evaluations. Beside it, on the same weights and optimiser, the same step on tensors
that lie on the device already. Both in turn, a block of steps each; the ratio is the median of the
rounds' ratios, so that a busy machine disturbs both alike. On a CPU: recipe `small` at 96 px. On a
GPU: ResNet-50 at 224 px in bf16, with the share of the chip's peak. Weights are random: speed does
not depend on them.

The workshop's loop is rebuilt as it was: VGG16-BN, 10 triplets, fp32, three passes a step, pictures
opened one by one; beside it our loop with the same network and batch.
"""

import argparse
import contextlib
import os
import statistics
import tempfile
from pathlib import Path
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.in_turn import Timed, by_round, in_turn
from benchmarks.workshop_loop import WorkshopLoop
from benchmarks.yardstick import hardware, report
from core.settings import override
from trainer.config import Config
from trainer.journal import Journal
from trainer.launch import prepare_run
from trainer.loop import train_epoch
from trainer.recipes import read_recipe
from trainer.session import Session

CPU_RUN = (
    "small",
    (
        "model.weights=none",
        "model.image_size=96",
        "train.image_size=0",
        "data.classes_per_batch=16",
    ),
)
GPU_RUN = (
    "base",
    (
        "model.weights=none",
        "model.backbone=resnet50",
        "model.image_size=224",
        "data.classes_per_batch=32",
        "data.per_class=8",
        "train.precision=bf16",
    ),
)
WORKSHOP_RUN = ("model.weights=none", "data.classes_per_batch=10", "data.per_class=1")
PEAKS = {"H200": 989e12, "H100": 989e12, "A100": 312e12, "L40S": 362e12, "L4": 121e12}
"""Dense bf16 operations a second by NVIDIA's data sheets, by a part of the chip's name."""


def data_spec() -> str:
    """The real Sketchy subset where it is at hand, the built-in set elsewhere."""
    shared = Path(os.environ.get("SKETCHY_SHARED") or Path(__file__).parents[2] / "shared")
    real = shared / "data" / "sketchy-mini"
    return f"sketchy:{real}" if real.is_dir() else "builtin"


def configured(recipe: str, settings: tuple[str, ...], steps: int) -> Config:
    """A recipe with changes, its epochs as many steps long as a block."""
    more = (f"data.steps_per_epoch={steps}", "train.epochs=1000")
    return override(read_recipe(recipe), [*settings, *more])


def opened(folder: Path, name: str, config: Config, device: torch.device) -> Session:
    """A session of a new run."""
    job = prepare_run(folder / name, data_spec(), config, recipe="benchmark", resume=False)
    return Session(job.path, job.spec, job.config, device)


def settle(device: torch.device) -> None:
    """Wait until the device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


class Synthetic:
    """The same step on tensors that lie on the device already."""

    def __init__(self, session: Session) -> None:
        self.session, device = session, session.device
        batch = next(session.batches.epoch(1))
        size = session.config.model.image_size
        self.sketches = _random(len(batch.sketches), 1, size, device)
        self.photos = _random(len(batch.photos), 3, size, device)
        self.labels = batch.sketch_labels.to(device), batch.photo_labels.to(device)
        self.generator = torch.Generator(device).manual_seed(0)
        self.images = len(batch.sketches) + len(batch.photos)

    def forward_backward(self) -> None:
        """One batch, without the optimiser."""
        learner = self.session.learner
        with learner.autocast():
            terms = learner.model(self.sketches, self.photos, *self.labels, 0.5, self.generator)
        learner.backward(terms.total, 1)

    def steps(self, count: int) -> None:
        """Whole steps, and wait for them."""
        for _ in range(count):
            self.forward_backward()
            self.session.learner.step()
        settle(self.session.device)

    def operations(self) -> float:
        """Floating-point operations of one batch, forward and backward."""
        with FlopCounterMode(display=False) as counter:
            self.forward_backward()
        self.session.learner.optimizer.zero_grad(set_to_none=True)
        return float(counter.get_total_flops())


def _random(count: int, channels: int, size: int, device: torch.device) -> torch.Tensor:
    images = torch.rand(count, channels, size, size, device=device)
    return images.contiguous(memory_format=torch.channels_last)


def real_against_synthetic(folder: Path, device: torch.device, arguments: Any) -> dict[str, Any]:
    """The real loop and the same step on synthetic tensors."""
    recipe, settings = GPU_RUN if device.type == "cuda" else CPU_RUN
    config = configured(recipe, settings, arguments.steps)
    session = opened(folder, "real", config, device)
    journal, synthetic = Journal(session), Synthetic(session)
    epochs = iter(range(2, 1000))

    def real() -> None:
        train_epoch(session, journal, next(epochs))
        settle(device)

    synthetic.steps(1)
    real()
    ours, ideal = Timed(real), Timed(lambda: synthetic.steps(arguments.steps))
    in_turn(ours, ideal, arguments.rounds)
    ratios = by_round(ideal.wall, ours.wall)
    images = synthetic.images * arguments.steps
    figures = {
        "recipe": recipe,
        "backbone": config.model.backbone,
        "image_size": config.model.image_size,
        "precision": str(session.learner.dtype).removeprefix("torch."),
        "images_a_batch": synthetic.images,
        "steps_a_block": arguments.steps,
        "ratio_to_synthetic": round(statistics.median(ratios), 4),
        "ratios_by_round": ratios,
        "ratio_of_processor_time": round(
            statistics.median(by_round(ideal.processor, ours.processor)), 4
        ),
        "images_per_s": round(images / statistics.median(ours.wall), 2),
        "synthetic_images_per_s": round(images / statistics.median(ideal.wall), 2),
    }
    if device.type == "cuda":
        figures |= peak_share(synthetic, images / statistics.median(ours.wall), device)
    return figures


def peak_share(synthetic: Synthetic, rate: float, device: torch.device) -> dict[str, Any]:
    """The real loop's operations a second, and their share of the chip's peak where it is known."""
    done = synthetic.operations() / synthetic.images * rate
    name = torch.cuda.get_device_name(device)
    peak = next((peak for part, peak in PEAKS.items() if part in name), None)
    return {
        "gpu": name,
        "teraflops": round(done / 1e12, 3),
        "share_of_bf16_peak": peak and round(done / peak, 4),
    }


def beside_the_workshop(folder: Path, device: torch.device, arguments: Any) -> dict[str, Any]:
    """Our loop with the workshop's network and batch, and the workshop's loop."""
    steps = arguments.workshop_steps
    session = opened(folder, "vgg", configured("workshop", WORKSHOP_RUN, steps), device)
    if not session.pack.collection.photos[0].path:
        return {"workshop": "not measured: it loads picture files, and the built-in set has none"}
    journal, theirs = Journal(session), WorkshopLoop(session)
    epochs = iter(range(2, 1000))

    def ours() -> None:
        # Our loop lays images out as NHWC, theirs as NCHW: each runs on weights of its own layout.
        session.learner.objective.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        train_epoch(session, journal, next(epochs))
        settle(device)

    def workshop() -> None:
        session.learner.objective.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
        theirs.steps(steps)

    fast, slow = Timed(ours), Timed(workshop)
    in_turn(fast, slow, arguments.workshop_rounds)
    images = 3 * session.config.data.classes_per_batch * steps
    rates = [images / statistics.median(part.wall) for part in (fast, slow)]
    ratios = by_round(slow.wall, fast.wall)
    return {
        "workshop_backbone_our_images_per_s": round(rates[0], 3),
        "workshop_images_per_s": round(rates[1], 3),
        "speedup_over_workshop": round(statistics.median(ratios), 3),
        "speedups_by_round": ratios,
    }


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--steps", type=int, default=0, help="a block; default 2, on a GPU 30")
    parser.add_argument("--threads", type=int, default=0, help="default: one a core")
    parser.add_argument("--workshop-rounds", type=int, default=2, help="0 leaves the workshop out")
    parser.add_argument("--workshop-steps", type=int, default=0, help="default 1, on a GPU 10")
    return parser.parse_args()


def main() -> None:
    arguments = parse()
    busy = hardware()["load_average"]
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    on_gpu = device.type == "cuda"
    arguments.steps = arguments.steps or (30 if on_gpu else 2)
    arguments.workshop_steps = arguments.workshop_steps or (10 if on_gpu else 1)
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(None):
        figures = real_against_synthetic(Path(folder), device, arguments)
        if arguments.workshop_rounds:
            figures |= beside_the_workshop(Path(folder), device, arguments)
    report(
        "training-gpu" if on_gpu else "training",
        {**figures, "load_before": busy},
        as_json=arguments.json,
    )


if __name__ == "__main__":
    main()
