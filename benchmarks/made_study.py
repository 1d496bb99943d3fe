"""A study of any size without training: the real writers, made-up numbers.

Its `study.json` and `trials.csv` come from the search's own record, its runs from the run
directory's own writer; only weights are left out, which no page of studies reads.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from core.replay import Probe, Replay, write_replay
from core.runs import RunWriter, layout
from core.settings import override, to_dict, with_settings
from core.studies import Dimension
from trainer.config import Config
from trainer.recipes import read_recipe
from trainer.search.plan import Plan
from trainer.search.record import Record, Trial
from trainer.search.space import read_space, settings_of

SPACE = ("train.lr=log:1e-4:1e-2", "loss.negatives=choice:random,semihard,hard")
CLASSES = ("circle", "square", "triangle")
FAILING = 20
"""One trial in so many fails."""


def make_study(path: Path, *, trials: int, epochs: int, seeds: int = 3, asha: bool = False) -> Path:
    """Write a complete study of `trials` trials and a few repeats; returns its folder.

    Without `asha` every trial that did not fail has all its epochs, which is the most there is
    to read.
    """
    config = override(read_recipe("tiny"), [f"train.epochs={epochs}"])
    scheduler = "asha" if asha else "none"
    plan = Plan(
        recipe="tiny", spec="builtin", config=config, space=read_space(list(SPACE), config),
        trials=trials, seeds=seeds, scheduler=scheduler, sampler="random",
    )  # fmt: skip
    path.mkdir(parents=True)
    record = Record(path, plan.to_info())
    record.take_over()
    random = np.random.default_rng(0)
    for number in range(trials):
        settings = _drawn(plan.space, random) if number else settings_of(config, plan.space)
        name = f"{number:03d}"
        _add(record, plan, Trial(name=name, group=name, seed=0, settings=settings), random)
    best = sorted(record.trials.values(), key=lambda trial: -(trial.best_value or 0))[:2]
    for group in dict.fromkeys(["000", *(trial.name for trial in best)]):
        for seed in range(1, seeds + 1):
            again = Trial(
                name=f"{group}-s{seed}", group=group, seed=seed,
                settings=record.trials[group].settings,
            )  # fmt: skip
            _add(record, plan, again, random)
    record.save_trials()
    record.save_info(state="complete", reason="")
    return path


def _add(record: Record, plan: Plan, trial: Trial, random: np.random.Generator) -> None:
    first = trial.name == trial.group
    goal = _goal(trial.settings) + float(random.normal(0, 0.012))
    fails = first and int(trial.name) % FAILING == FAILING - 1
    stops = first and not fails and plan.scheduler == "asha" and goal < 0.55
    state = "failed" if fails else "stopped" if stops else "complete"
    epochs = {"failed": plan.epochs // 6, "stopped": plan.grace_period}.get(state, plan.epochs)
    rows = [_row(epoch, plan.epochs, goal, random) for epoch in range(1, epochs + 1)]
    _write_run(record.path / trial.name, plan, trial, rows, state)
    scores = [row["map_all"] for row in rows]
    place = int(np.argmax(scores)) if scores else 0
    record.trials[trial.name] = Trial(
        **{
            **vars(trial),
            "state": state,
            "epochs": epochs,
            "best_value": scores[place] if scores else None,
            "best_epoch": place + 1 if scores else None,
            "seconds": round(4.2 * epochs, 3),
            "node": "made-up",
            "reason": _reason(state, epochs),
        }
    )


def _reason(state: str, epochs: int) -> str:
    return {
        "failed": f"diverged: loss is nan in epoch {epochs + 1}",
        "stopped": f"stopped early by ASHA at epoch {epochs}",
    }.get(state, "")


def _drawn(space: Any, random: np.random.Generator) -> dict[str, Any]:
    def value(dimension: Dimension) -> Any:
        if dimension.kind == "choice":
            return dimension.values[int(random.integers(len(dimension.values)))]
        share = float(random.random())
        if dimension.kind == "log":
            drawn = dimension.low * (dimension.high / dimension.low) ** share
        else:
            drawn = dimension.low + (dimension.high - dimension.low) * share
        return dimension.rounded(drawn)

    return {name: value(dimension) for name, dimension in space.items()}


def _goal(settings: Any) -> float:
    """What a trial would reach: best near w_d 0.1, w_t 1, margin 0.25 and lr 3e-3."""
    off = 0.16 * (math.log10(settings["loss.w_d"]) + 1) ** 2 / 4
    off += 0.10 * math.log10(settings["loss.w_t"]) ** 2
    off += 0.9 * (settings["loss.margin"] - 0.25) ** 2
    off += 0.06 * (math.log10(settings["train.lr"]) + 2.5) ** 2
    off += {"random": 0.05, "hard": 0.02}.get(settings["loss.negatives"], 0.0)
    return 0.72 - off


def _row(epoch: int, epochs: int, goal: float, random: np.random.Generator) -> dict[str, float]:
    part = 1 - math.exp(-4 * epoch / epochs)
    score = max(0.02, 0.05 + (goal - 0.05) * part + float(random.normal(0, 0.004)))
    return {
        "epoch": epoch,
        "loss_total": 1.2 - 0.8 * part,
        "loss_triplet": 0.9 - 0.7 * part,
        "loss_domain": 0.69 - 0.05 * part,
        "lambda_d": part,
        "discriminator_accuracy": 0.9 - 0.4 * part,
        "lr": 1e-3 * (1.01 - part),
        "map_all": score,
        "p_at_10": min(1.0, score + 0.05),
        "images_per_s": 900.0,
        "seconds": 4.0,
        "evaluation_seconds": 0.2,
    }


def _write_run(
    path: Path, plan: Plan, trial: Trial, rows: list[dict[str, float]], state: str
) -> None:
    config: Config = with_settings(plan.config, trial.settings)
    writer = RunWriter.create(
        path,
        config=to_dict(config),
        recipe=plan.recipe,
        data={"spec": plan.spec, "protocol": "seen", "seed": 0, "pack_size": 96,
              "framing": "ink", "fingerprint": "0" * 64},
        class_names=CLASSES,
        seed=trial.seed,
        epochs_planned=plan.epochs,
        study=path.parent.name,
    )  # fmt: skip
    probe, replay = _probe(), _replay()
    writer.write_probe(probe, [np.full((16, 16), 255, np.uint8)] * 3 + [_photo()] * 3)
    for row in rows:
        folder = layout.epoch_folder(path, int(row["epoch"]))
        folder.mkdir()
        write_replay(folder / layout.REPLAY_FILE, replay)
        sizes = {layout.REPLAY_FILE: (folder / layout.REPLAY_FILE).stat().st_size}
        layout.write_json(folder / layout.EPOCH_FILE, {"row": row, "files": sizes}, durable=False)
    RunWriter(path).drop_after(plan.epochs)
    writer.set_status(state, _reason(state, len(rows)), durable=False)


def _photo() -> np.ndarray:
    return np.full((16, 16, 3), 128, np.uint8)


def _probe() -> Probe:
    return Probe(
        ids=np.array([f"made/{kind}/{name}" for kind in ("sketch", "photo") for name in CLASSES]),
        labels=np.array([0, 1, 2] * 2, np.int64),
        is_photo=np.arange(6) >= 3,
        splits=np.array(["test"] * 6),
        focus_sketches=np.arange(3),
        focus_photos=np.arange(3, 6),
    )


def _replay() -> Replay:
    maps = np.full((3, 2, 2), 0.25, np.float16)
    return Replay(
        embeddings=np.eye(6, 4, dtype=np.float16) + np.float16(0.1),
        sketch_attention=maps,
        photo_attention=maps,
        retrieved=np.array([[3, 4, 5], [4, 5, 3], [5, 3, 4]]),
        scores=np.array([[0.9, 0.5, 0.1]] * 3, np.float32),
    )
