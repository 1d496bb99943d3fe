"""Knowledge flows one way: core knows neither Ray nor Streamlit, the other rooms not each other."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FORBIDDEN = {
    "core": {"ray", "streamlit", "trainer", "dashboard"},
    "trainer": {"streamlit", "dashboard"},
    "dashboard": {"ray", "trainer"},
}


def imported(path: Path) -> set[str]:
    """Top-level names that a file imports, wherever in the file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add((node.module or "").split(".")[0])
    return names


@pytest.mark.parametrize("room", FORBIDDEN)
def test_a_room_imports_only_what_it_may(room: str) -> None:
    files = sorted((ROOT / room).rglob("*.py"))
    assert files
    wrong = {
        str(file.relative_to(ROOT)): imported(file) & FORBIDDEN[room]
        for file in files
        if imported(file) & FORBIDDEN[room]
    }
    assert not wrong


def test_files_are_named_after_topics() -> None:
    banned = {"util.py", "utils.py", "helper.py", "helpers.py", "common.py", "misc.py"}
    found = [
        path.relative_to(ROOT)
        for room in (*FORBIDDEN, "tests", "benchmarks")
        for path in (ROOT / room).rglob("*.py")
        if path.name in banned
    ]
    assert not found


def test_importing_core_loads_no_ray_streamlit_or_timm() -> None:
    code = (
        "import sys, core.runs, core.settings, core.replay, core.pictures;"
        "print([n for n in ('ray','streamlit','timm','torch') if n in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert run.stdout.strip() == "[]", run.stderr
