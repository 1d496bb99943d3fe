"""The page itself: one file, no script, nothing fetched."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import core
from core.report import markup, sections, several
from core.report.material import Material, Progress, gather
from core.runs import Run
from core.runs.layout import write_text

LARGEST = 15_000_000
"""Bytes that a report may have: more is hard to send."""
MOST_RUNS = 8
"""Runs of one report; more can't be told apart in its charts."""
STYLE = Path(__file__).with_name("look.css")
# Told to the browser too: whatever slipped in, it could neither run nor call anybody.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"

Told = Callable[[str, int, int], None]
"""Called with what is being done, the steps done and the steps in all."""


def make_report(
    runs: Sequence[Run], target: Path, *, force: bool = False, told: Told | None = None
) -> Path:
    """Write one HTML page about one run or several, whole or not at all.

    Args:
        runs: what it is about, in this order; the first is what others are compared with.
        target: the file, ending in .html.
        force: replace the file if it is there.
        told: hears how far it is.

    Returns:
        The file's absolute path.

    Raises:
        ValueError: the file is there or can't be made, a run has nothing to report or is named
            twice, or the page would be too large to send.
    """
    target = check_target(target, force=force)
    names = [run.name for run in runs]
    if not 1 <= len(runs) <= MOST_RUNS or len({run.path.resolve() for run in runs}) < len(runs):
        told_names = ", ".join(names) or "none"
        raise ValueError(f"a report takes 1 to {MOST_RUNS} different runs: named are {told_names}")
    say: Told = told or (lambda title, done, total: None)
    materials = []
    for run in runs:
        say(f"reading {run.name}", 0, 0)
        materials.append(gather(run, progress=_of(say, f"embedding the photos of {run.name}")))
    text = page(materials, say)
    size = len(text.encode())
    if size > LARGEST:
        raise ValueError(
            f"the report would have {size / 1e6:.0f} MB, more than {LARGEST / 1e6:.0f}: name fewer "
            f"than {len(runs)} runs"
        )
    write_text(target, text)
    return target


def check_target(target: Path, *, force: bool) -> Path:
    """The file's absolute path, if it can be written; ValueError says why not."""
    target = target.absolute()
    if target.suffix.lower() not in (".html", ".htm"):
        raise ValueError(f"report file {target} must end in .html")
    if not target.parent.is_dir():
        raise ValueError(f"report file {target}: there is no folder {target.parent}")
    if target.is_dir():
        raise ValueError(f"report file {target} is a folder")
    if target.exists() and not force:
        raise ValueError(f"report file {target} exists: choose another name or --force")
    return target


def page(materials: Sequence[Material], say: Told) -> str:
    """The whole page as text."""
    names = [material.name for material in materials]
    title = f"Report on {_listed(names)}"
    parts = []
    if len(materials) > 1:
        say("comparing the runs", 0, 0)
        told = several.comparison(materials, progress=_of(say, "comparing the runs"))
        parts.append(f'<article id="compared"><h2>Compared</h2>{told}</article>')
    curves = f'<article id="curves">{several.curves(materials)}</article>'
    if len(materials) > 1:
        parts.append(curves)
    for place, material in enumerate(materials):
        say(f"showing {material.name}", place, len(materials))
        heading = f"<h2>{escape(material.name)}</h2>" if len(materials) > 1 else ""
        shared = "" if len(materials) > 1 else curves
        body = sections.run_sections(material, curves=shared, key=str(place))
        parts.append(f'<article id="run{place}">{heading}{body}</article>')
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title>"
        f"<style>{STYLE.read_text(encoding='utf-8')}</style></head><body><main>"
        f"<header><p class=mark>sketch<b>y</b></p><h1>{escape(title)}</h1>"
        f"<p>{escape(_lead(materials))}</p>{_nav(materials)}</header>"
        f"{''.join(parts)}"
        f"<footer>Written {when} by sketchy {escape(core.__version__)} from the run "
        "directories alone. The file holds everything it shows.</footer></main></body></html>\n"
    )


def _lead(materials: Sequence[Material]) -> str:
    what = "A drawing goes in, photos of the same thing come back. "
    told = []
    for material in materials:
        objective, row = material.run.objective, material.row
        value = f"{objective} {markup.number(row[objective])}" if objective in row else "no score"
        told.append(f"{material.name} reaches {value} in epoch {material.epoch}")
    return f"{what}{_listed(told)}."


def _nav(materials: Sequence[Material]) -> str:
    if len(materials) < 2:
        return ""
    links = [("compared", "Compared"), ("curves", "Curves")]
    links += [(f"run{place}", material.name) for place, material in enumerate(materials)]
    told = "".join(f'<a href="#{key}">{escape(text)}</a>' for key, text in links)
    return f"<nav>{told}</nav>"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _of(say: Told, title: str) -> Progress:
    return lambda done, total: say(title, done, total)
