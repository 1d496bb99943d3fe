from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from typer.testing import CliRunner

from tests.core.data.trees import REPOSITORY, drawing_line, plain_tree, shared, sketchy_tree
from trainer.cli.data import app


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKETCHY_CACHE", str(tmp_path / "cache"))


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def told(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json"))


def test_inspect_counts_and_draws(tmp_path: Path) -> None:
    root = sketchy_tree(tmp_path / "d", ("cat", "bat"), traced=3, alone=2)
    (root / "256x256" / "photo" / "tx_000000000000" / "cat" / "n1.jpg").write_text("broken")
    report = told(
        "inspect", f"sketchy:{root}", "--protocol", "sketchy21", "--sheet", f"{root}/s.png"
    )
    assert (report["classes"], report["photos"], report["sketches"]) == (2, 10, 12)
    assert (report["seen_classes"], report["unseen_classes"]) == (1, 1)
    assert report["splits"]["test"] == {
        "classes": 1,
        "photos": 5,
        "sketches": 6,
        "gallery": 5,
        "queries": 6,
    }
    assert report["problems"] == {"damaged": 1}
    assert Path(report["problem_list"][0]["path"]).name == "n1.jpg"
    assert report["by_class"]["bat"] == {"photos": 5, "sketches": 6, "unseen": True}
    assert "car (sedan)" not in report["by_class"]
    with Image.open(root / "s.png") as sheet:
        assert sheet.format == "PNG"
        assert sheet.width > 700
    shown = run("inspect", f"sketchy:{root}", "--no-decode")
    assert "2 classes" in shown
    assert "not decoded" in shown


def test_missing_halves_are_named(tmp_path: Path) -> None:
    root = plain_tree(tmp_path / "d", ("cat", "dog"), 2)
    for path in (root / "images" / "dog").iterdir():
        path.unlink()
    report = told("inspect", f"folder:{root}")
    assert report["without_photos"] == ["dog"]
    assert "without photos: dog" in run("inspect", f"folder:{root}")


def test_a_renamed_copy_gives_the_same_report_byte_for_byte(tmp_path: Path) -> None:
    first = sketchy_tree(tmp_path / "a", ("cat", "bat", "cow"), traced=6, alone=8)
    second = sketchy_tree(tmp_path / "x" / "b", ("cat", "bat", "cow"), traced=6, alone=8, shuffle=5)
    reports, sides = [], []
    for number, root in enumerate((first, second)):
        out = tmp_path / f"{number}.tsv"
        reports.append(
            run(
                "inspect",
                f"sketchy:{root}",
                "--protocol",
                "sketchy21",
                "--json",
                "--splits",
                f"{out}",
            )
        )
        sides.append(out.read_bytes())
    assert reports[0] == reports[1]
    assert sides[0] == sides[1]
    assert sides[0].count(b"\n") == 3 * (14 + 12)


@pytest.mark.slow
def test_real_sketchy_by_the_command() -> None:
    spec = f"sketchy:{shared('data', 'sketchy-mini')}"
    report = told("inspect", spec, "--protocol", "sketchy21")
    assert report["classes"] == 125
    assert (report["seen_classes"], report["unseen_classes"]) == (104, 21)
    assert (report["photos"], report["sketches"]) == (2375, 2639)
    assert report["items_on_two_sides"] == 0
    assert report["problems"] == {}


def test_pack_builds_once(tmp_path: Path) -> None:
    root = plain_tree(tmp_path / "d", ("cat", "dog"), 3)
    first = told("pack", f"folder:{root}", "--size", "16")
    assert (first["photos"], first["sketches"], first["size"]) == (6, 6, 16)
    assert Path(first["folder"]).is_relative_to(tmp_path / "cache")
    assert told("pack", f"folder:{root}", "--size", "16")["folder"] == first["folder"]
    (root / "images" / "cat" / "p000.jpg").write_bytes(b"")
    shown = run("pack", f"folder:{root}", "--size", "16")
    assert "5 photos and 6 sketches at 16 px" in shown
    assert "not used: 1 empty" in shown


def test_mistakes_are_one_line_and_exit_2(tmp_path: Path) -> None:
    for arguments, expected in (
        (["inspect", "flickr:x"], "unknown data 'flickr:x'"),
        (["inspect", "builtin", "--no-decode", "--protocol", "magic"], "unknown protocol 'magic'"),
        (["pack", f"folder:{tmp_path}"], "no image in"),
        (["pack", "builtin", "--framing", "tight"], "framing is 'tight'"),
        (["fetch", "flickr", "--words", "cat", "--to", "x"], "can't fetch 'flickr'"),
        (["fetch", "quickdraw", "--words", " , ", "--to", "x"], "names no word"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "trainer", "data", *arguments],
            capture_output=True,
            text=True,
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            check=False,
        )
        assert done.returncode == 2, done.stderr
        assert done.stderr.startswith("sketchy: ")
        assert expected in done.stderr
        assert done.stderr.count("\n") == 1


def test_fetch_by_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import http.server
    import threading

    served = tmp_path / "served" / "full" / "simplified"
    served.mkdir(parents=True)
    (served / "hot air balloon.ndjson").write_text(
        "".join(drawing_line("hot air balloon", n, [[[0, n], [0, 9]]]) for n in range(30))
    )

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(tmp_path / "served"))

        def log_message(self, format: str, *_args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_address[1]}"
        to = tmp_path / "got"
        options = ("--words", "hot air balloon", "--limit", "12", "--to", f"{to}")
        (got,) = told("fetch", "quickdraw", *options, "--base-url", base)
        server.shutdown()
    assert (got["word"], got["drawings"], got["status"]) == ("hot air balloon", 12, "fetched")
    assert told("inspect", f"quickdraw:{to}")["sketches"] == 12
