"""`sketchy study`: what a search has found, and its best settings as a recipe."""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainer.cli.options import RUNS, Json, RunsDir

if TYPE_CHECKING:
    from core.studies import Study


def study(
    name: Annotated[str, typer.Argument(help="A study: its name, or its folder.")],
    promote: Annotated[
        Path | None,
        typer.Option(help="Write the best trial's settings as a recipe file.", metavar="FILE.yaml"),
    ] = None,
    trial: Annotated[
        str | None, typer.Option(help="Promote this trial instead of the best one.")
    ] = None,
    as_json: Json = False,
    runs: RunsDir = RUNS,
) -> None:
    """Say what a search found: best trial, what matters, what early stopping saved.

    Example: `sketchy study weights --promote best.yaml`, then `sketchy train --recipe best.yaml`
    """
    found = find_study(runs, name)
    if trial is not None and promote is None:
        raise ValueError("--trial says what to promote: it needs --promote FILE.yaml")
    if promote is not None:
        chosen = trial or found.best()
        if chosen is None:
            raise ValueError(f"study {found.name} has no trial with a value yet")
        write_recipe(found, chosen, promote)
        typer.echo(f"{promote}: settings of trial {found.name}/{chosen}", err=as_json)
    summary = summarise(found)
    if as_json:
        typer.echo(json.dumps(summary))
    elif promote is None:
        show(found, summary)


def find_study(runs: Path, name: str) -> "Study":
    """The study of that name under the runs root, or the study's folder at that path."""
    from core.runs import run_path
    from core.studies import Study, list_studies

    if (Path(name) / "study.json").is_file():
        return Study(Path(name))
    path = run_path(runs, name)
    if not (path / "study.json").is_file():
        there = ", ".join(found.name for found in list_studies(runs)) or "none yet"
        raise ValueError(f"no study {name!r} under {runs}: there are {there}")
    return Study(path)


def summarise(found: "Study") -> dict[str, Any]:
    """Everything that the command says, as plain values."""
    trials = found.trials()
    best = found.best()
    importance = found.importance()
    verdict = found.verdict()
    row = trials[trials["trial"] == best].to_dict("records")
    table = weights_table(found)
    return {
        "study": found.name,
        "state": found.state,
        "objective": found.objective,
        "recipe": found.info["recipe"],
        "trials": {str(k): int(v) for k, v in trials["state"].value_counts().items()},
        "best": {
            "trial": best,
            "value": row[0]["best_value"],
            "epoch": int(row[0]["best_epoch"]),
            "settings": found.settings(str(best)),
        }
        if row
        else None,
        "verdict": {"outcome": verdict.outcome, "text": verdict.text, "p_value": verdict.p_value},
        "repeats": [_finite(record) for record in found.repeats().to_dict("records")],
        "importance": {
            "method": importance.method,
            "trials": importance.trials,
            "values": importance.values,
            "reason": importance.reason,
        },
        "weights_table": None if table is None else json.loads(table.to_json(orient="split")),
        "early_stopping": _finite(found.saved()),
    }


def weights_table(found: "Study") -> Any:
    """The w_d × w_t table, or None where the two were not both searched."""
    if not {"loss.w_d", "loss.w_t"} <= set(found.space):
        return None
    return found.table("loss.w_d", "loss.w_t")


def show(found: "Study", summary: dict[str, Any]) -> None:
    """Print the summary for people."""
    from core.studies import short_name

    counts = ", ".join(f"{count} {state}" for state, count in summary["trials"].items())
    print(f"study {found.name} ({summary['state']}): {counts or 'no trial yet'}")
    if summary["best"]:
        best = summary["best"]
        settings = "  ".join(f"{short_name(k)} {v}" for k, v in best["settings"].items())
        value = f"{found.objective} {best['value']:.4f} in epoch {best['epoch']}"
        print(f"\nbest trial {best['trial']}: {value}\n  {settings}")
    for repeat in summary["repeats"]:
        spread = "" if repeat["std"] is None else f" ± {repeat['std']:.4f}"
        about = f"{repeat['mean']:.4f}{spread} over {repeat['seeds']} seeds"
        print(f"  trial {repeat['group']}: {about}")
    print(f"\n{summary['verdict']['text']}")
    importance = summary["importance"]
    print(f"\nimportance by {importance['method']}, {importance['trials']} trials")
    for name, value in importance["values"].items():
        print(f"  {short_name(name):24s} {value:.2f}")
    if importance["reason"]:
        print(f"  unknown: {importance['reason']}")
    table = weights_table(found)
    if table is not None and table.notna().any(axis=None):
        print(f"\nbest {found.objective}, w_d in rows, w_t in columns")
        table.index.name = table.columns.name = None
        print(table.to_string(na_rep="·", float_format=lambda value: f"{value:.4f}"))
    saved = summary["early_stopping"]
    if saved["epochs_full"]:
        ran = f"{saved['epochs_run']} epochs run of {saved['epochs_full']} in full"
        print(f"\nearly stopping: {ran}, {1 - saved['share']:.0%} saved")


def write_recipe(found: "Study", trial: str, path: Path) -> None:
    """Write a trial's whole configuration as a recipe file: the named recipe, and what differs.

    Raises:
        ValueError: the file is not .yaml or exists, or the study has no such trial.
    """
    import yaml

    from core.settings import flatten, from_dict, to_dict, with_settings
    from trainer.config import Config
    from trainer.recipes import RECIPES

    if path.suffix not in (".yaml", ".yml"):
        raise ValueError(f"recipe file {path} must end in .yaml")
    if path.exists():
        raise ValueError(f"recipe file {path} exists: choose another name")
    config = with_settings(from_dict(Config, found.info["config"]), found.settings(trial))
    base = _base_recipe(found.info["recipe"])
    own, theirs = flatten(to_dict(config)), flatten(to_dict(RECIPES[base]()))
    differing = {name: value for name, value in own.items() if value != theirs[name]}
    content = {"base": base, "set": differing, "from": f"study {found.name}, trial {trial}"}
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _base_recipe(recipe: str) -> str:
    """The named recipe behind a recipe file; any serves as base if the file is gone."""
    import yaml

    from trainer.recipes import RECIPES

    if recipe in RECIPES:
        return recipe
    try:
        named = yaml.safe_load(Path(recipe).read_text(encoding="utf-8"))["base"]
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        return next(iter(RECIPES))
    return named if named in RECIPES else next(iter(RECIPES))


def _finite(record: dict[Any, Any]) -> dict[str, Any]:
    """JSON has no NaN: null stands for it."""
    return {
        str(key): None if isinstance(value, float) and math.isnan(value) else value
        for key, value in record.items()
    }
