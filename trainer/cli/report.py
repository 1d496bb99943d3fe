"""`sketchy report`: one page about runs, to send to somebody who has no server."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from trainer.cli.options import RUNS, RunsDir, find_run


def report(
    runs_named: Annotated[
        list[str],
        typer.Argument(help="Runs: NAME, STUDY/NAME, or their folders.", metavar="RUN…"),
    ],
    out: Annotated[Path, typer.Option("--out", help="The page to write.", metavar="FILE.html")],
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
    runs: RunsDir = RUNS,
) -> None:
    """Write curves, metrics, answers, attention and failures as one HTML page.

    It holds its pictures and opens without a server or a network. Several runs are compared with
    the first. Example: `sketchy report first second --out report.html`
    """
    from core.report import check_target, make_report

    check_target(out, force=force)
    found = [find_run(runs, name) for name in runs_named]
    with _telling() as told:
        path = make_report(found, out, force=force, told=told)
    typer.echo(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


@contextmanager
def _telling() -> Iterator[Callable[[str, int, int], None]]:
    """A bar that says what is being done; where stderr is no terminal, a line for each thing."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        seen: list[str] = []

        def line(title: str, done: int, total: int) -> None:
            if title not in seen:
                seen.append(title)
                console.print(title, highlight=False, markup=False)

        yield line
        return
    with Progress(
        TextColumn("{task.description}", markup=False), BarColumn(), console=console
    ) as bar:
        task = bar.add_task("", total=None)

        def move(title: str, done: int, total: int) -> None:
            bar.update(task, description=title, completed=done, total=total or None)

        yield move
