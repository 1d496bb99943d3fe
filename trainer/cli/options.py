"""Options and arguments that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from core.runs import Run, run_path

RunsDir = Annotated[
    Path,
    typer.Option("--runs", envvar="SKETCHY_RUNS", help="Folder where runs live.", metavar="DIR"),
]
RunName = Annotated[str, typer.Argument(help="A run: NAME, STUDY/NAME, or its folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else.")]
RUNS = Path("runs")
RECIPE, DATA = "tiny", "builtin"
"""What is trained, and on what, where nothing else is asked for."""


def find_run(runs: Path, name: str) -> Run:
    """The run called `name` under the runs root, or the run folder at that path.

    Raises:
        ValueError: there is none; the message names the runs that there are.
    """
    folder = Path(name)
    if (folder / "run.json").is_file():
        return Run(folder)
    path = runs / name if folder.is_absolute() or ".." in folder.parts else run_path(runs, name)
    if not (path / "run.json").is_file():
        known = sorted(
            str(file.parent.relative_to(runs))
            for pattern in ("*/run.json", "*/*/run.json")
            for file in runs.glob(pattern)
        )
        there = ", ".join(known[:12]) or "none yet"
        raise ValueError(f"no run {name!r} under {runs}: there are {there}")
    return Run(path, runs)
