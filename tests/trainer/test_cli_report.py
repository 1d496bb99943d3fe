"""`sketchy report` from the command line: a page, progress on stderr, errors of one line."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.made_run import write_run


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("runs")
    write_run(root / "first", epochs=2)
    write_run(root / "sweep" / "000", epochs=2, study="sweep")
    return root


def sketchy(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "trainer", "report", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_run_and_a_trial_make_a_page(runs: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    done = sketchy("first", "sweep/000", "--out", str(out), "--runs", str(runs))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{out}: ")
    assert "reading first" in done.stderr
    assert "reading sweep/000" in done.stderr
    assert "Report on first and sweep/000" in out.read_text(encoding="utf-8")
    again = sketchy("first", "--out", str(out), "--runs", str(runs))
    assert again.returncode == 2
    assert again.stderr == (f"sketchy: report file {out} exists: choose another name or --force\n")
    copied = tmp_path / "elsewhere"
    shutil.copytree(runs / "first", copied)
    forced = sketchy(str(copied), "--out", str(out), "--force")
    assert forced.returncode == 0, forced.stderr
    assert "Report on elsewhere" in out.read_text(encoding="utf-8")


def test_an_error_is_one_line(runs: Path, tmp_path: Path) -> None:
    missing = sketchy("none", "--out", str(tmp_path / "a.html"), "--runs", str(runs))
    assert missing.returncode == 2
    assert missing.stderr.startswith("sketchy: no run 'none' under ")
    assert missing.stderr.count("\n") == 1
    assert not (tmp_path / "a.html").exists()
