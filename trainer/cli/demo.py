"""`sketchy demo` and `sketchy dashboard`: from nothing to a picture in the browser."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainer.cli.options import DATA, RECIPE, RUNS, RunsDir

if TYPE_CHECKING:
    from trainer.config import Config

DEMO_RUN = "demo"
Port = Annotated[int, typer.Option(help="Port on this machine.", min=1, max=65535)]


def demo(
    port: Port = 8501,
    runs: RunsDir = RUNS,
    train_only: Annotated[
        bool, typer.Option("--train-only", help="Train, and don't open the dashboard.")
    ] = False,
) -> None:
    """Train a small network on the built-in set, then open the dashboard.

    About five minutes on two cores the first time; a second call opens the dashboard at once.
    """
    path = runs / DEMO_RUN
    if _state(path) != "complete":
        from core.runs import remove_run
        from trainer.cli.train import train_run

        _check_is_demo(path)
        if _is_of_other_pictures(path):
            if _state(path) == "running":
                raise ValueError(f"run {DEMO_RUN} at {path} is being trained: stop that first")
            typer.echo("The built-in set has changed: the half-trained demo starts anew.", err=True)
            remove_run(runs, DEMO_RUN)
        typer.echo("Training on the built-in set. It can be stopped and started again.", err=True)
        train_run(path, DATA, _config(path), RECIPE, resume=True)
    if not train_only:
        dashboard(port=port, runs=runs)


def dashboard(port: Port = 8501, runs: RunsDir = RUNS) -> None:
    """Open the dashboard over the runs folder, on this machine only.

    Example: `sketchy dashboard --port 8600 --runs /data/runs`
    """
    import importlib.util

    # The dashboard is found, not imported: the two rooms know each other by the run directory.
    spec = importlib.util.find_spec("dashboard")
    assert spec is not None
    assert spec.origin is not None
    script = Path(spec.origin).parent / "app.py"
    environment = {**os.environ, "SKETCHY_RUNS": str(runs.absolute())}
    command = [sys.executable, "-m", "dashboard", "--port", str(port)]
    os.execve(sys.executable, command, environment) if script.is_file() else None
    raise ValueError(f"the dashboard is not installed: {script} is missing")


def _state(path: Path) -> str:
    """What the run of the demo's name is doing; empty where there is none."""
    from core.runs import Run

    return str(Run(path).status["state"]) if (path / "run.json").is_file() else ""


def _check_is_demo(path: Path) -> None:
    """ValueError if a person's own run has the demo's name."""
    from core.runs import Run

    if not _state(path):
        return
    run = Run(path)
    recipe, spec = run.info["recipe"], run.info["data"]["spec"]
    if (recipe, spec) != (RECIPE, DATA):
        raise ValueError(
            f"run {DEMO_RUN} at {path} is not the demo's, but {recipe} on {spec}: finish it, "
            "rename its folder, or name another folder with --runs"
        )


def _config(path: Path) -> "Config":
    """What the demo trains with: an unfinished one goes on as it began."""
    from trainer.launch import resume_config
    from trainer.recipes import read_recipe

    return resume_config(path, []) if _state(path) else read_recipe(RECIPE)


def _is_of_other_pictures(path: Path) -> bool:
    """Whether an unfinished demo learned from a built-in set that an update has changed since."""
    from core.data.packs import open_or_build_pack
    from core.runs import Run

    if not _state(path):
        return False
    config = _config(path)
    then = Run(path).info["data"]["fingerprint"]
    return bool(open_or_build_pack(DATA, config.pack_size, config.data.framing).digest != then)
