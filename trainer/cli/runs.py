"""`sketchy runs`, `import` and `gallery`: the runs that there are, and what is kept with them."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainer.cli.options import RUNS, Json, RunName, RunsDir, find_run

if TYPE_CHECKING:
    from core.runs import RunSummary

app = typer.Typer(help="List runs, delete them.", invoke_without_command=True)


@app.callback()
def runs(context: typer.Context, as_json: Json = False, runs: RunsDir = RUNS) -> None:
    """List the runs: study, epochs, best value, state and size.

    Example: `sketchy runs --runs /data/runs`; `sketchy runs rm NAME` deletes one.
    """
    context.obj = runs
    if context.invoked_subcommand:
        return
    from core.runs import list_runs

    found = list_runs(runs)
    if as_json:
        typer.echo(json.dumps([_told(run) for run in found]))
    elif found:
        _show(found)
    else:
        typer.echo(f"no runs under {runs} yet: `sketchy train --run NAME` makes one")


@app.command("rm")
def remove(
    context: typer.Context,
    names: Annotated[list[str], typer.Argument(help="Runs: NAME or STUDY/NAME.", metavar="NAME…")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    runs: Annotated[
        Path | None, typer.Option("--runs", help="Folder where runs live.", metavar="DIR")
    ] = None,
) -> None:
    """Delete runs for good; asks first."""
    from core.runs import remove_run, run_path
    from core.runs.listing import summarise

    root = runs or context.obj
    chosen = []
    for name in names:
        path = run_path(root, name)
        if (path / "study.json").is_file():
            raise ValueError(f"{name} is a study, whose trials would go with it: allowed are runs")
        if not (path / "run.json").is_file():
            raise ValueError(f"no run {name!r} under {root}")
        summary = summarise(path)
        if summary.state == "running":
            raise ValueError(f"run {name} is being trained: stop it first")
        chosen.append((name, summary))
    for name, summary in chosen:
        what = f"{name} ({summary.epochs} epochs, {_size(summary.bytes)})"
        if yes or typer.confirm(f"Delete {what} for good?"):
            remove_run(root, name)
            typer.echo(f"deleted {what}")


def import_checkpoint(
    file: Annotated[Path, typer.Argument(help="The workshop's checkpoint.pth.", metavar="FILE")],
    name: Annotated[str, typer.Option("--name", help="Name of the run to make.", metavar="RUN")],
    data: Annotated[
        str, typer.Option(help="The data it was trained on, to search and score it with.")
    ] = "builtin",
    attention: Annotated[
        bool, typer.Option(help="Whether it was trained with attention; the file does not say.")
    ] = True,
    runs: RunsDir = RUNS,
) -> None:
    """Turn a checkpoint of the 2021 workshop into a run that can be queried and looked at.

    Example: `sketchy import checkpoint.pth --name workshop --data sketchy:/data/sketchy`
    """
    from trainer.importing import import_workshop

    run = import_workshop(file, runs, name, data, attention=attention)
    score = run.metrics()[run.objective].iloc[-1]
    typer.echo(f"{run.path}: epoch {run.best_epoch()}, {run.objective} {score:.4f} on {data}")


def gallery(
    run: RunName,
    data: Annotated[
        str, typer.Option(help="The photos to search: a data spec, or a folder.", metavar="SPEC")
    ],
    epoch: Annotated[int | None, typer.Option(help="An epoch; the best one by default.")] = None,
    runs: RunsDir = RUNS,
) -> None:
    """Embed other photos for a run, so that it can search them.

    Example: `sketchy gallery first --data folder:/data/holiday`
    """
    from core.gallery.making import keep_other_photos

    found = find_run(runs, run)
    made = keep_other_photos(found, data, found.best_epoch() if epoch is None else epoch)
    typer.echo(f"{made.path}: {len(made):,} photos, {len(made.classes)} classes")


def _told(run: "RunSummary") -> dict[str, Any]:
    told = dict(vars(run))
    return {**told, "path": str(run.path), "created": run.created and run.created.isoformat()}


def _show(found: "list[RunSummary]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("run", "recipe", "epochs", "best", "state", "size", "started", box=None)
    for run in found:
        best = "" if run.best is None else f"{run.objective} {run.best:.4f} in {run.best_epoch}"
        started = run.created.astimezone().strftime("%Y-%m-%d %H:%M") if run.created else ""
        epochs = f"{run.epochs}/{run.epochs_planned}" if run.epochs_planned else ""
        state = run.state if run.state in ("complete", "running") else f"{run.state}: {run.reason}"
        table.add_row(run.name, run.recipe, epochs, best, state, _size(run.bytes), started)
    # Piped, a line must hold a run whatever the width of a terminal would be.
    Console(width=None if sys.stdout.isatty() else 240).print(table)


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
