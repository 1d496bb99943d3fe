"""What README and documents say is so: commands run, options exist, links and figures hold."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from benchmarks.quality_table import UNTRAINED

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "docs/cluster.md")
RESULTS = ROOT / "benchmarks" / "results"


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def commands(text: str) -> list[str]:
    """Every command of the code blocks that are commands, its lines joined."""
    blocks = re.findall(r"^```(?:bash)?\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [line for line in lines if line.startswith(("sketchy ", "ray "))]


def journeys() -> list[str]:
    """The commands of the README's journeys that run here: all but those for a cluster."""
    section = text_of("README.md").partition("## Three journeys")[2].partition("\n## ")[0]
    return [line for line in commands(section) if "cluster" not in line and "--address" not in line]


def documented() -> list[str]:
    return list(dict.fromkeys(line for page in PAGES for line in commands(text_of(page))))


def parsed(program: Any, words: list[str]) -> dict[str, Any]:
    """The values of a command line, checked as the program itself does before it starts."""
    name, rest = words[0], words[1:]
    while hasattr(program, "resolve_command") and rest and not rest[0].startswith("-"):
        name, program, rest = program.resolve_command(program.context_class(program), rest)
        assert program is not None
    values: dict[str, Any] = program.make_context(name, list(rest)).params
    return values


def check(line: str) -> None:
    """Raise where a command, an option or a value does not exist; also inside a submitted job."""
    import typer

    words = shlex.split(line, comments=True)
    if words[0] == "sketchy":
        from trainer.cli import app

        parsed(typer.main.get_command(app), words)
        return
    from ray.scripts.scripts import cli

    values = parsed(cli, words)
    if entrypoint := values.get("entrypoint"):
        check(shlex.join(entrypoint))


@pytest.mark.parametrize("line", documented())
def test_every_command_and_option_exists(line: str) -> None:
    check(line)


@pytest.mark.parametrize(
    "line",
    ["sketchy tran --run a", "sketchy train --rnu a", "ray job submit -- sketchy tune --x 1"],
)
def test_a_command_that_does_not_exist_is_found_out(line: str) -> None:
    with pytest.raises(Exception, match=r"No such (command|option)"):
        check(line)


def test_make_targets_exist() -> None:
    targets = re.findall(r"^make (\S+)", text_of("README.md"), re.MULTILINE)
    assert targets == ["demo", "test"]
    assert all(re.search(rf"^{target}:", text_of("Makefile"), re.MULTILINE) for target in targets)


def test_links_resolve() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
    for page in pages:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_files_and_modules_that_documents_name_exist() -> None:
    """Paths in backticks, and modules behind `python -m`."""
    for page in [ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = page.read_text(encoding="utf-8")
        rooms = r"`((?:core|trainer|dashboard|benchmarks|docs)/[\w./-]+)`"
        for named in re.findall(rooms, text) + [
            f"{module.replace('.', '/')}.py"
            for module in re.findall(r"python -m (bench[\w.]+)", text)
        ]:
            path = ROOT / named
            assert path.exists() or path.with_suffix(".py").exists(), f"{page.name}: {named}"


def test_every_benchmark_and_every_stored_figure_has_its_place() -> None:
    text = text_of("docs/reproducing.md")
    for path in sorted((ROOT / "benchmarks").glob("*.py")):
        source = path.read_text(encoding="utf-8")
        # `NAME_run.py` is what the benchmark NAME starts in processes of their own.
        if "__main__" in source and "_run" not in path.stem:
            assert re.search(rf"benchmarks[./]{path.stem}\b", text), path.name
    for path in sorted(RESULTS.glob("*.json")):
        assert path.name in text, path.name


def test_the_readmes_picture_is_small_and_as_wide_as_it_says() -> None:
    picture = ROOT / "docs" / "images" / "draw.png"
    assert picture.stat().st_size < 200_000
    with Image.open(picture) as image:
        assert image.width == 1280


def test_the_figures_of_the_conventions_are_those_that_are_stored() -> None:
    from benchmarks.conventions import conventions

    stored = json.loads((RESULTS / "conventions.json").read_text(encoding="utf-8"))
    found = conventions()
    assert found == {name: stored[name] for name in found}
    quoted = text_of("docs/metrics.md").partition("one and the same made-up ranking")[2]
    for name in ("map_at_200[hits]", "map_at_200[minRK]", "map_at_200 divided by R"):
        assert str(found[name]) in quoted[:400], name


def test_the_readmes_figures_of_quality_are_those_that_are_stored() -> None:
    stored = json.loads((RESULTS / "quality-sketchy-mini.json").read_text(encoding="utf-8"))
    rows = {(row["protocol"], row["arm"]): row for row in stored["summary"]}
    section = text_of("README.md").partition("## How good it is")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if re.search(r"\d\.\d", line)]
    assert f"{stored['minutes_a_run']:g} minutes" in section
    for line, arm in zip(lines, ("small", "workshop", UNTRAINED), strict=True):
        for cell, protocol in zip(line.split("|")[2:4], ("seen", "sketchy21"), strict=True):
            row = rows[protocol, arm]
            told = [f"{values['map_all']:.3f}" for values in (row["mean"], row["std"]) if values]
            assert cell.strip() == " ± ".join(told), (arm, protocol)
