"""One run of the quality benchmark, in a process of its own: train for a budget, then score.

    python -m benchmarks.quality_run ARM PROTOCOL SEED --data SPEC --minutes 6 --runs DIR

On a CPU the budget is processor time, counted on one thread: what other programs do to the clock
then changes no figure, and two runs share two cores fairly. On a GPU it is the clock's.
"""

import argparse
import hashlib
import json
import math
import os
import shutil
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from core.data.packs import open_or_build_pack
from core.data.splits import split_collection
from core.evaluate import evaluate
from core.models.encoder import EncoderConfig
from core.runs import Run
from core.settings import from_dict, override, to_dict
from trainer.config import Config
from trainer.launch import prepare_run
from trainer.loop import train
from trainer.recipes import read_recipe
from trainer.sampling import build_batches

STUDY = "quality"
PACE = (4, 12)
"""Steps of the two short epochs by which the pace is measured, after one that warms up."""
SIZE = read_recipe("small").train.image_size
"""Side in pixels of the pictures that every arm learns from."""
ON_SAME_BACKBONE = ("model.backbone={backbone}", "model.head=linear", "model.image_size={size}")
"""What makes the workshop's recipe comparable: its VGG and the classifier that only VGG has go."""
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
"""Where all arms train and are scored."""
clock = time.perf_counter if DEVICE.type == "cuda" else time.process_time
"""What counts against the budget, in seconds."""
ABLATED = "small, w_d = 0"
"""Ours without the domain loss."""
ARMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "small": ("small", ()),
    ABLATED: ("small", ("loss.w_d=0",)),
    "workshop": ("workshop", ON_SAME_BACKBONE),
}
"""Arm -> its recipe, and what is changed in it."""


def configuration(arm: str, protocol: str, seed: int, weights: str) -> Config:
    """The whole configuration of an arm on the backbone and weights of recipe `small`."""
    recipe, changes = ARMS[arm]
    ours = read_recipe("small").model
    settings = [text.format(backbone=ours.backbone, size=SIZE) for text in changes]
    settings += [f"model.weights={weights}", f"data.protocol={protocol}", f"train.seed={seed}"]
    return override(read_recipe(recipe), [*settings, "train.keep=best+last"])


def named(told: str, *what: object) -> str:
    """A file's name that says what it is of, and changes with anything it was made from."""
    digest = hashlib.blake2b(json.dumps(what, sort_keys=True).encode(), digest_size=4).hexdigest()
    return f"{told.replace(', ', ' ')}-{digest}"


def run_name(arm: str, config: Config, spec: str, minutes: float) -> str:
    """The name of a run: a changed recipe, budget or data set is another run."""
    told = f"{arm}-{config.data.protocol}-s{config.train.seed}"
    return named(told, to_dict(config), spec, minutes, DEVICE.type)


@dataclass(frozen=True)
class Pace:
    """What training costs in seconds of the budget, and how many steps show every sketch once."""

    step: float
    beside: float
    """An epoch's validation and writing, and the start."""
    steps: int

    def fitted(self, config: Config, budget: float) -> Config:
        """The configuration with as many epochs as the budget begins, in equal parts of it."""
        epochs = math.ceil(budget / (self.beside + self.steps * self.step))
        steps = max(1, int((budget / epochs - self.beside) / self.step))
        return replace(
            config,
            train=replace(config.train, epochs=epochs),
            data=replace(config.data, steps_per_epoch=steps),
        )


def measured_pace(folder: Path, arm: str, spec: str, config: Config) -> Pace:
    """The pace of a configuration, from two short epochs; measured once for all seeds and kept."""
    unseeded = replace(config, train=replace(config.train, seed=0))
    name = named(f"{arm}-{config.data.protocol}", to_dict(unseeded), spec, DEVICE.type)
    kept = folder / f"{name}.pace.json"
    if not kept.is_file():
        few, more = PACE
        path = folder / f"{name}-pace-{os.getpid()}"
        _short_epoch(path, spec, config, few)
        spent = {steps: _short_epoch(path, spec, config, steps) for steps in PACE}
        step = (spent[more] - spent[few]) / (more - few)
        pack = open_or_build_pack(spec, config.pack_size, config.data.framing)
        splits = split_collection(pack.collection, config.data.protocol, seed=config.data.seed)
        pace = Pace(step, spent[few] - few * step, build_batches(pack, splits, config).steps)
        kept.write_text(json.dumps(asdict(pace)), encoding="utf-8")
    return Pace(**json.loads(kept.read_text(encoding="utf-8")))


def _short_epoch(path: Path, spec: str, config: Config, steps: int) -> float:
    short = replace(
        config,
        train=replace(config.train, epochs=1),
        data=replace(config.data, steps_per_epoch=steps),
    )
    shutil.rmtree(path, ignore_errors=True)
    job = prepare_run(path, spec, short, recipe="pace", resume=False)
    started = clock()
    train(job, device=DEVICE)
    spent = clock() - started
    shutil.rmtree(path)
    return spent


def trained(folder: Path, arm: str, config: Config, spec: str, minutes: float) -> dict[str, Any]:
    """Train a run that fills the budget; says how long it took."""
    path = folder / run_name(arm, config, spec, minutes)
    pace = measured_pace(folder, arm, spec, config)
    config = pace.fitted(config, 60 * minutes)
    job = prepare_run(path, spec, config, recipe=ARMS[arm][0], resume=True, study=STUDY)
    started = clock()
    train(job, device=DEVICE)
    steps = config.train.epochs * (config.data.steps_per_epoch or pace.steps)
    return {
        "run": path.name,
        "epochs": round(steps / pace.steps, 1),
        "minutes": round((clock() - started) / 60, 2),
    }


def scored(run: Run) -> dict[str, Any]:
    """Every metric of the held-out items, by the epoch that validation judged best."""
    data, epoch = run.info["data"], run.best_epoch()
    pack = open_or_build_pack(data["spec"], data["pack_size"], data["framing"])
    splits = split_collection(pack.collection, data["protocol"], seed=data["seed"])
    config = from_dict(EncoderConfig, run.config["model"], "model.")
    result = evaluate(run.encoders(epoch).to(DEVICE), config, pack, splits, "test", device=DEVICE)
    return {
        "epoch_scored": epoch,
        "queries": result.queries,
        "gallery": result.gallery,
        "metrics": {name: round(value, 4) for name, value in result.values.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("arm", choices=list(ARMS))
    parser.add_argument("protocol")
    parser.add_argument("seed", type=int)
    parser.add_argument("--data", required=True, help="a data spec")
    parser.add_argument("--weights", required=True, help="the backbone's weights")
    parser.add_argument("--minutes", type=float, required=True, help="of one core, or of the GPU")
    parser.add_argument("--runs", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    folder = arguments.runs / STUDY
    folder.mkdir(parents=True, exist_ok=True)
    config = configuration(arguments.arm, arguments.protocol, arguments.seed, arguments.weights)
    told = trained(folder, arguments.arm, config, arguments.data, arguments.minutes)
    told |= scored(Run(folder / told["run"]))
    about = {"arm": arguments.arm, "protocol": arguments.protocol, "seed": arguments.seed}
    print(json.dumps({**about, **told}))


if __name__ == "__main__":
    main()
