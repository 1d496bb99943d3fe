"""`sketchy train`: one run, under Ray Train."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainer.cli.options import DATA, RECIPE, RUNS, RunsDir

if TYPE_CHECKING:
    from trainer.config import Config


def train(
    run: Annotated[str, typer.Option("--run", help="Name of the run.", metavar="NAME")],
    recipe: Annotated[
        str | None,
        typer.Option(
            help="tiny, small, base, clip, workshop, or a recipe file (.yaml).",
            show_default=RECIPE,
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help="`builtin`, `sketchy:PATH`, `tuberlin:PATH`, `quickdraw:PATH` or `folder:PATH`; "
            "several joined with `+`.",
            metavar="SPEC",
            show_default=DATA,
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Epochs, instead of the recipe's.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="Change a setting: `--set loss.w_d=0.3`. Repeatable.", metavar="a.b=v"
        ),
    ] = None,
    workers: Annotated[int, typer.Option(help="Training processes.", min=1)] = 1,
    gpus_per_worker: Annotated[float, typer.Option(help="GPUs for each of them.", min=0)] = 0,
    address: Annotated[
        str | None, typer.Option(help="Address of a running Ray cluster, e.g. `auto`.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with this run from its last epoch.")
    ] = False,
    runs: RunsDir = RUNS,
) -> None:
    """Train one run; it can be stopped at any moment and resumed.

    Example: `sketchy train --recipe small --data sketchy:/data/sketchy --run first
    --set loss.w_d=0.3 --set train.lr=5e-4`
    """
    from core.runs import Run, run_path
    from core.settings import override
    from trainer.recipes import read_recipe

    path = run_path(runs, run)
    assignments = list(settings or [])
    if epochs is not None:
        assignments.append(f"train.epochs={epochs}")
    if resume and (path / "run.json").is_file():
        from trainer.launch import check_same_start, resume_config

        check_same_start(Run(path), recipe=recipe, spec=data)
        config = resume_config(path, assignments)
        info = Run(path).info
        recipe, data = info["recipe"], info["data"]["spec"]
    else:
        recipe, data = recipe or RECIPE, data or DATA
        config = override(read_recipe(recipe), assignments)
    train_run(path, data, config, recipe, workers, gpus_per_worker, address, resume)


def train_run(
    path: Path,
    spec: str,
    config: "Config",
    recipe: str,
    workers: int = 1,
    gpus_per_worker: float = 0,
    address: str | None = None,
    resume: bool = False,
) -> None:
    """Prepare, train, keep the gallery with the run, and say what came out."""
    from core.gallery.making import keep_own_photos
    from core.runs import Run
    from trainer.launch import launch, prepare_run
    from trainer.loop import Stopped
    from trainer.room import check_gpus

    check_gpus(workers, gpus_per_worker)
    job = prepare_run(path, spec, config, recipe=recipe, resume=resume, workers=workers)
    try:
        launch(job, workers=workers, gpus_per_worker=gpus_per_worker, address=address)
    except Stopped as stop:
        print(f"{stop}; go on with --resume", file=sys.stderr)
        raise typer.Exit(130) from stop
    trained = Run(path)
    keep_own_photos(trained)
    best, objective = trained.best_epoch(), trained.objective
    score = trained.metrics().set_index("epoch")[objective][best]
    print(f"{path}: {objective} {score:.4f} on held-out validation items, epoch {best}")
