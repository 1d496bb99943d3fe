"""The command line `sketchy`, also `python -m trainer`.

Each command imports what it needs when it runs, so that `--help` answers at once. Whatever a user
can get wrong is raised as ValueError or OSError and ends here as one line and exit code 2.
"""

import sys
import warnings

import typer

from trainer.cli import data, demo, query, report, runs, study, train, tune

app = typer.Typer(
    name="sketchy",
    help=(
        "Draw, and photos of the same thing come back.\n\n"
        "Start with `sketchy demo`: it trains a small network on the built-in set and opens the "
        "dashboard. Then train on your own data: `sketchy train --recipe small --data "
        "folder:PATH --run NAME`."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.command()(demo.demo)
app.command()(train.train)
app.command()(tune.tune)
app.command()(study.study)
app.command()(query.evaluate)
app.command()(query.query)
app.command()(report.report)
app.command()(demo.dashboard)
app.command("import")(runs.import_checkpoint)
app.command()(runs.gallery)
app.add_typer(runs.app, name="runs")
app.add_typer(data.app, name="data")


def main() -> None:
    """Run the command line; a user's error is one line on stderr and exit code 2."""
    warnings.formatwarning = _warning
    try:
        app()
    except (ValueError, OSError) as error:
        message = " ".join(str(error).split()) or type(error).__name__
        print(f"sketchy: {message}", file=sys.stderr)
        sys.exit(2)


def _warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    line: str | None = None,
) -> str:
    """One line for a person, without the place in the code that warns."""
    return f"sketchy: {' '.join(str(message).split())}\n"
