"""One run of the quality benchmark, in a process of its own: train for a budget, then score.

    python -m benchmarks.quality_run ARM PROTOCOL SEED --data SPEC --minutes 6 --runs DIR

The budget is processor time, counted on one thread: what other programs do to the clock then
changes no figure, and two runs share two cores fairly.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from core.data.packs import open_or_build_pack
from core.data.splits import split_collection
from core.evaluate import evaluate
from core.models.encoder import EncoderConfig
from core.runs import Run
from core.settings import from_dict, override
from trainer.config import Config
from trainer.launch import prepare_run
from trainer.loop import train
from trainer.recipes import read_recipe

STUDY = "quality"
ON_SAME_BACKBONE = ("model.backbone={backbone}", "model.head=linear", "model.image_size={size}")
"""What makes the workshop's recipe comparable: its VGG and the classifier that only VGG has go."""
ARMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "small": ("small", ()),
    "small, w_d = 0": ("small", ("loss.w_d=0",)),
    "workshop": ("workshop", ON_SAME_BACKBONE),
}
"""Arm -> its recipe, and what is changed in it."""


def configuration(arm: str, protocol: str, seed: int, weights: str) -> Config:
    """The whole configuration of an arm on the backbone, weights and size of recipe `small`."""
    recipe, changes = ARMS[arm]
    ours = read_recipe("small").model
    settings = [text.format(backbone=ours.backbone, size=ours.image_size) for text in changes]
    settings += [f"model.weights={weights}", f"data.protocol={protocol}", f"train.seed={seed}"]
    return override(read_recipe(recipe), [*settings, "train.keep=best+last"])


def epoch_seconds(folder: Path, name: str, spec: str, config: Config) -> float:
    """Processor seconds of one epoch with its validation, measured once and kept."""
    kept = folder / f"{name}.pace.json"
    if not kept.is_file():
        one = replace(config, train=replace(config.train, epochs=1))
        job = prepare_run(folder / f"{name}-pace", spec, one, recipe="pace", resume=True)
        started = time.process_time()
        train(job)
        kept.write_text(json.dumps({"epoch_seconds": time.process_time() - started}))
    return float(json.loads(kept.read_text())["epoch_seconds"])


def trained(folder: Path, arm: str, config: Config, spec: str, minutes: float) -> dict[str, Any]:
    """Train a run of as many epochs as fit into the budget; says how long it took."""
    protocol, seed = config.data.protocol, config.train.seed
    pace = epoch_seconds(folder, f"{arm}-{protocol}".replace(", ", " "), spec, config)
    epochs = max(1, int(60 * minutes / pace))
    config = replace(config, train=replace(config.train, epochs=epochs))
    path = folder / f"{arm}-{protocol}-s{seed}".replace(", ", " ")
    job = prepare_run(path, spec, config, recipe=ARMS[arm][0], resume=True, study=STUDY)
    clock, processor = time.perf_counter(), time.process_time()
    train(job)
    return {
        "run": path.name,
        "epochs": epochs,
        "processor_minutes": round((time.process_time() - processor) / 60, 2),
        "wall_minutes": round((time.perf_counter() - clock) / 60, 2),
    }


def scored(run: Run) -> dict[str, Any]:
    """Every metric of the held-out items, by the epoch that validation judged best."""
    data, epoch = run.info["data"], run.best_epoch()
    pack = open_or_build_pack(data["spec"], data["pack_size"], data["framing"])
    splits = split_collection(pack.collection, data["protocol"], seed=data["seed"])
    config = from_dict(EncoderConfig, run.config["model"], "model.")
    result = evaluate(run.encoders(epoch), config, pack, splits, "test")
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
    parser.add_argument("--minutes", type=float, required=True, help="processor minutes")
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
