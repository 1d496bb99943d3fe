"""The commands of the README exist, their options are real, and their inner steps work."""

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data.doodles.sketches import draw
from core.data.strokes import rasterise

ROOT = Path(__file__).parent.parent
DATA = "builtin?photos=10&sketches=20&words=cat,star,house,sun"
SMALL = [
    "--set", "data.classes_per_batch=4", "--set", "data.pack_size=64",
    "--set", "train.keep=best+last",
]  # fmt: skip


def blocks() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(r"```bash\n(.*?)```", text, re.DOTALL)


def commands() -> list[list[str]]:
    lines = [line for block in blocks() for line in block.splitlines()]
    return [shlex.split(line, comments=True) for line in lines if line.startswith("sketchy ")]


def sketchy(*arguments: str, runs: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SKETCHY_RUNS": str(runs), **more}
    command = [sys.executable, "-m", "trainer", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_and_option_exists(command: list[str], tmp_path: Path) -> None:
    words = [word for word in command[1:3] if word.isalpha()]
    name = words if words[0] == "data" else words[:1]
    shown = sketchy(*name, "--help", runs=tmp_path, COLUMNS="300")
    assert shown.returncode == 0, shown.stderr
    for option in (word for word in command if word.startswith("-")):
        assert re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", shown.stdout), option


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = [
        line.split()[1] for block in blocks() for line in block.splitlines() if "make " in line
    ]
    assert targets
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


def test_links_resolve() -> None:
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


@pytest.mark.ray
def test_train_evaluate_query_and_open(tmp_path: Path) -> None:
    runs, cache = tmp_path / "runs", str(tmp_path / "cache")
    trained = sketchy(
        "train", "--recipe", "tiny", "--data", DATA, "--run", "first", "--epochs", "1", *SMALL,
        runs=runs, SKETCHY_CACHE=cache,
    )  # fmt: skip
    assert trained.returncode == 0, trained.stderr
    assert "map_all" in trained.stdout

    scored = sketchy("evaluate", "first", "--json", runs=runs, SKETCHY_CACHE=cache)
    assert 0 < json.loads(scored.stdout)["map_all"] <= 1

    picture = tmp_path / "drawing.png"
    Image.fromarray(rasterise(draw("cat", 999), 200)).save(picture)
    answered = sketchy("query", "first", str(picture), "-k", "5", "--json", runs=runs)
    results = json.loads(answered.stdout)
    assert len(results) == 5
    assert set(results[0]) == {"label", "score", "path"}
    scores = np.array([result["score"] for result in results])
    assert (np.diff(scores) <= 0).all()

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "trainer", "dashboard", "--port", str(port)]
    server = subprocess.Popen(command, env={**os.environ, "SKETCHY_RUNS": str(runs)})
    try:
        assert answers(f"http://127.0.0.1:{port}/_stcore/health", server)
    finally:
        server.terminate()
        server.wait(20)


def answers(address: str, server: subprocess.Popen[bytes], tries: int = 60) -> bool:
    """Whether the server says it is healthy within about a minute."""
    for _ in range(tries):
        try:
            with urllib.request.urlopen(address, timeout=1) as page:
                return page.status == 200
        except OSError:
            try:
                server.wait(1)
            except subprocess.TimeoutExpired:
                continue
            return False
    return False
