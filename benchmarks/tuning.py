"""What a search costs and finds, on the built-in set and this machine.

`python -m benchmarks.tuning [--json]` runs one search of 12 trials to their ends and the same one
(the same settings and seeds) under ASHA, with its best trials and the default repeated with three
seeds; and a third, of short trials, for what a trial costs beyond its training loop. About a
quarter of an hour on two quiet cores. Figures: `overhead_s_per_trial` (wall-clock time beyond the
loops' own), `asha_epoch_share` (epochs run / epochs of the full search), `asha_best_ratio` (best
value / the full search's best), and the verdict on the recipe's default.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.yardstick import report, seconds
from core.settings import override
from core.studies import Study
from trainer.launch import ray_session
from trainer.recipes import read_recipe
from trainer.search.driver import run_study
from trainer.search.opening import pack_data
from trainer.search.plan import Plan
from trainer.search.space import read_space

SPEC = "builtin?photos=40&sketches=60"
# A bad start on purpose: the domain loss drowns the triplets, and the margin is all but gone.
BAD_START = ("loss.w_d=5", "loss.margin=0.01")
SETTINGS = (
    "data.pack_size=48",
    "model.image_size=48",
    "data.classes_per_batch=20",
    "data.per_class=2",
    "data.steps_per_epoch=30",
    # A running mean over fifty steps would still be the random start when ASHA first looks.
    "train.ema=0.9",
    "train.keep=best+last",
    *BAD_START,
)


def make_plan(*settings: str, **more: Any) -> Plan:
    """A search of the default space, whatever the recipe's own settings are."""
    config = override(read_recipe("tiny"), [*SETTINGS, *settings])
    given = {"sampler": "random", "concurrent": 2, "space": read_space([], config)}
    return Plan(**{"recipe": "tiny", "spec": SPEC, "config": config, **given, **more})


def searched(path: Path, plan: Plan) -> Study:
    """Run a study and say on stderr what it does."""
    return run_study(path, plan, console=Console(stderr=True, width=160))


def overhead(path: Path, plan: Plan) -> dict[str, float]:
    """Seconds a trial takes beyond its training loop, one after the other, first start included."""
    wall = seconds(lambda: searched(path, plan))
    trials = Study(path).trials()
    loops = float(trials["seconds"].sum())
    return {
        "overhead_s_per_trial": round((wall - loops) / len(trials), 3),
        "overhead_trials": len(trials),
        "loop_s_per_trial": round(loops / len(trials), 3),
    }


def measure(folder: Path, epochs: int) -> dict[str, object]:
    """Everything, in one Ray session, with the pack built before."""
    length = f"train.epochs={epochs}"
    full_plan = make_plan(length, trials=12, scheduler="none")
    asha_plan = make_plan(length, trials=12, seeds=3)
    pack_data(full_plan)
    figures: dict[str, object] = {"data": SPEC, "epochs": epochs, "trials": 12}
    with ray_session(None):
        short = make_plan("train.epochs=1", trials=8, scheduler="none", concurrent=1)
        figures |= overhead(folder / "short", short)
        full_wall = seconds(lambda: searched(folder / "full", full_plan))
        full = Study(folder / "full")
        searched(folder / "asha", asha_plan)
    asha = Study(folder / "asha")
    best_full = float(full.first_tries()["best_value"].max())
    best_asha = float(asha.first_tries()["best_value"].max())
    verdict = asha.verdict()
    repeats = asha.repeats().round(4).to_dict("records")
    return figures | {
        "full_search_s": round(full_wall, 1),
        "asha": asha.info["scheduler"],
        "asha_epoch_share": round(asha.saved()["share"], 4),
        "asha_best_ratio": round(best_asha / best_full, 4),
        "full_best_map_all": round(best_full, 4),
        "asha_best_map_all": round(best_asha, 4),
        "default": {name: asha.settings("000")[name] for name in asha.space},
        "best": asha.settings(str(asha.best())),
        "repeats": repeats,
        "verdict": verdict.text,
        "full_values": full.first_tries()["best_value"].round(4).tolist(),
    }


def main() -> None:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON value and nothing else")
    parser.add_argument("--epochs", type=int, default=12, help="epochs of a trial")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), given.epochs)
    report("tuning", figures, as_json=given.json)


if __name__ == "__main__":
    main()
