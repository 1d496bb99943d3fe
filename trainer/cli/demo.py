"""`sketchy demo` and `sketchy dashboard`: from nothing to a picture in the browser."""

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from trainer.cli.options import RUNS, RunsDir

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
    if not _is_trained(path):
        from core.runs import remove_run
        from trainer.cli.train import train_run
        from trainer.recipes import read_recipe

        config = read_recipe("tiny")
        if _is_of_other_pictures(path, config.pack_size, config.data.framing):
            typer.echo("The built-in set has changed: the half-trained demo starts anew.", err=True)
            remove_run(runs, DEMO_RUN)
        typer.echo("Training on the built-in set. It can be stopped and started again.", err=True)
        train_run(path, "builtin", config, "tiny", resume=True)
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


def _is_trained(path: Path) -> bool:
    from core.runs import Run

    return (path / "run.json").is_file() and Run(path).status["state"] == "complete"


def _is_of_other_pictures(path: Path, size: int, framing: Literal["ink", "whole"]) -> bool:
    """Whether an unfinished demo learned from a built-in set that an update has changed since."""
    from core.data.packs import open_or_build_pack
    from core.runs import Run

    if not (path / "run.json").is_file():
        return False
    then = Run(path).info["data"]["fingerprint"]
    return bool(open_or_build_pack("builtin", size, framing).digest != then)
