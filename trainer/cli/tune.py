"""`sketchy tune`: search the loss weights, the margin, and whatever else is asked for."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainer.cli.options import DATA, RECIPE, RUNS, RunsDir

if TYPE_CHECKING:
    from trainer.search.plan import Plan


def tune(
    study: Annotated[str, typer.Option("--study", help="Name of the study.", metavar="NAME")],
    recipe: Annotated[
        str | None,
        typer.Option(help="Recipe that trials start from: a name or a .yaml file. [default: tiny]"),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help="The data, as for `sketchy train`. [default: builtin]", metavar="SPEC"),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(help="Trials; the first runs the recipe's own settings. [default: 20]", min=2),
    ] = None,
    space: Annotated[
        list[str] | None,
        typer.Option(
            help="Search a setting: `--space w_d=log:1e-3:10`, `uniform:LOW:HIGH`, `int:LOW:HIGH`, "
            "`choice:a,b`; adds to w_d, w_t and margin. Or a YAML file with the whole space. "
            "Repeatable.",
            metavar="NAME=KIND|FILE",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="Fix a setting for all trials: `--set train.epochs=8`. Repeatable.",
            metavar="a.b=v",
        ),
    ] = None,
    sampler: Annotated[
        str | None, typer.Option(help="optuna (TPE), random or grid. [default: optuna]")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="asha stops bad trials early; none. [default: asha]")
    ] = None,
    grace: Annotated[
        int | None,
        typer.Option(help="Epochs before ASHA stops a trial. [default: a sixth]", min=1),
    ] = None,
    reduction: Annotated[
        int | None,
        typer.Option(help="ASHA lets one trial in this many go on. [default: 3]", min=2),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(help="Repeat the best trials and the default with so many seeds.", min=1),
    ] = None,
    concurrent: Annotated[
        int | None, typer.Option(help="Trials at once; as many as fit by default.", min=1)
    ] = None,
    gpus_per_trial: Annotated[
        float | None, typer.Option(help="GPUs of a trial; 0.5 lets two share one.", min=0)
    ] = None,
    workers_per_trial: Annotated[
        int | None, typer.Option(help="Training processes of a trial.", min=1)
    ] = None,
    address: Annotated[
        str | None, typer.Option(help="Address of a running Ray cluster, e.g. `auto`.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a study that was stopped or killed.")
    ] = False,
    runs: RunsDir = RUNS,
) -> None:
    """Search w_d, w_t and the margin; it can be killed at any moment and resumed.

    Example: `sketchy tune --recipe small --data sketchy:/data/sketchy --study weights --trials 50
    --space train.lr=log:1e-4:1e-2 --seeds 3`
    """
    from core.runs import run_path

    path = run_path(runs, study)
    if path.parent != runs:
        raise ValueError(f"study name {study!r} is not usable: it may hold no '/'")
    changeable = {"trials": trials, "seeds": seeds, "concurrent": concurrent}
    fixed = {
        "sampler": sampler,
        "scheduler": scheduler,
        "grace": grace,
        "reduction": reduction,
        "gpus_per_trial": gpus_per_trial,
        "workers_per_trial": workers_per_trial,
    }
    if resume and (path / "study.json").is_file():
        asked = {**fixed, "recipe": recipe, "data": data, "space": space, "set": settings}
        plan = _resumed(path, changeable, asked)
    else:
        plan = _new(recipe, data, space or [], settings or [], {**changeable, **fixed})
    _run(path, plan, resume, address)


def _new(
    recipe: str | None,
    data: str | None,
    space: list[str],
    settings: list[str],
    options: dict[str, Any],
) -> "Plan":
    from core.data.readers import absolute_spec
    from core.settings import override
    from trainer.config import with_absolute_paths
    from trainer.recipes import read_recipe
    from trainer.search.plan import Plan
    from trainer.search.space import read_space

    recipe = recipe or RECIPE
    config = with_absolute_paths(override(read_recipe(recipe), settings))
    pinned = [text.partition("=")[0].strip() for text in settings]
    return Plan(
        recipe=recipe,
        spec=absolute_spec(data or DATA),
        config=config,
        space=read_space(space, config, pinned),
        **{name: value for name, value in options.items() if value is not None},
    )


def _resumed(path: Path, changeable: dict[str, int | None], asked: dict[str, Any]) -> "Plan":
    from dataclasses import replace

    from trainer.search.plan import plan_of

    for name, value in asked.items():
        if value is not None:
            raise ValueError(
                f"--{name.replace('_', '-')} can't be used with --resume: a study keeps its "
                "settings, only --trials, --seeds and --concurrent may change"
            )
    plan = plan_of(path)
    if changeable["trials"] is not None and changeable["trials"] < plan.trials:
        raise ValueError(f"--trials {changeable['trials']}: the study has {plan.trials} already")
    changes = {name: value for name, value in changeable.items() if value is not None}
    return replace(plan, **changes)  # type: ignore[arg-type]


def _run(path: Path, plan: "Plan", resume: bool, address: str | None) -> None:
    from trainer.loop import Stopped
    from trainer.search.driver import run_study

    try:
        study = run_study(path, plan, resume=resume, address=address)
    except Stopped as stop:
        print(f"{stop}; go on with --resume", file=sys.stderr)
        raise typer.Exit(130) from stop
    saved = study.saved()
    print(
        f"{path}: {study.verdict().text}; {saved['epochs_run']} of {saved['epochs_full']} epochs "
        f"run ({saved['share']:.0%})"
    )
