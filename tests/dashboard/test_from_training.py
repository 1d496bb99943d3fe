"""The README's journeys word for word, what they leave in a real browser, and real photos."""

import os
import re
import shlex
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import torch
from PIL import Image

from core.data.doodles.sketches import draw
from core.data.packs import open_or_build_pack
from core.data.strokes import rasterise
from tests.dashboard.test_browser import BAR, POST, pull, sketch_in_link
from tests.test_readme import journeys
from tests.trainer.conftest import thin_config

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]
WAIT = 120_000
SHARED = Path(os.environ.get("SKETCHY_SHARED", Path(__file__).parents[3] / "shared"))
MINE = "builtin?photos=10&sketches=20&words=cat,star,house,sun"
"""What stands for a person's own data in the folder `mine`."""
Serve = Callable[[Path], str]


@dataclass(frozen=True)
class Walked:
    """The journeys, once they have been walked."""

    home: Path
    """The working folder."""
    environment: dict[str, str]
    said: dict[str, str]
    """What each command printed, by its first two words."""


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Walked:
    """Word for word; the environment says only where `sketchy` is."""
    home = tmp_path_factory.mktemp("home")
    furnish(home)
    places = [str(Path(sys.executable).parent), os.environ["PATH"]]
    environment = {**os.environ, "PATH": os.pathsep.join(places)}
    said: dict[str, str] = {}
    for line in journeys():
        if line == "sketchy dashboard":
            continue
        ran = subprocess.run(
            shlex.split(line), cwd=home, env=environment, capture_output=True, text=True
        )
        assert ran.returncode == 0, f"{line}\n{ran.stderr[-3000:]}"
        said[" ".join(line.split()[:2])] = ran.stdout
    return Walked(home, environment, said)


def furnish(home: Path) -> None:
    """Put there what the README assumes: `mine` and `drawing.png`."""
    pack = open_or_build_pack(MINE, 96, progress=False, cache=home / "packs")
    for domain, folder, kind in (("photo", "images", "jpg"), ("sketch", "sketches", "png")):
        pixels = pack.photos if domain == "photo" else pack.sketches
        items = pack.collection.photos if domain == "photo" else pack.collection.sketches
        for item, picture in zip(items, pixels, strict=True):
            path = home / "mine" / folder / item.label
            path.mkdir(parents=True, exist_ok=True)
            name = f"{item.id.rpartition('/')[2]}.{kind}"
            Image.fromarray(np.squeeze(picture)).save(path / name)
    Image.fromarray(rasterise(draw("cat", 999), 200)).save(home / "drawing.png")


@pytest.mark.ray
def test_the_journeys_run_as_they_are_written(walked: Walked) -> None:
    home, said = walked.home, walked.said
    assert "map_all" in said["sketchy evaluate"]
    scores = [float(row.split()[0]) for row in said["sketchy query"].splitlines()]
    assert len(scores) == 5
    assert scores == sorted(scores, reverse=True)
    assert (home / "runs" / "weights" / "trials.csv").is_file()
    assert (home / "best.yaml").is_file()
    assert {"mine", "best"} <= set(re.findall(r"\w+", said["sketchy runs"]))
    assert (home / "report.html").stat().st_size > 10_000
    assert answers(home, walked.environment)


def answers(folder: Path, environment: dict[str, str], tries: int = 60) -> bool:
    """Whether `sketchy dashboard`, on a free port, says it is healthy within about a minute."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert "sketchy dashboard" in journeys()
    command = ["sketchy", "dashboard", "--port", str(port)]
    server = subprocess.Popen(command, cwd=folder, env=environment)
    try:
        for _ in range(tries):
            try:
                address = f"http://127.0.0.1:{port}/_stcore/health"
                with urllib.request.urlopen(address, timeout=1) as page:
                    return bool(page.status == 200)
            except OSError:
                try:
                    server.wait(1)
                except subprocess.TimeoutExpired:
                    continue
                return False
        return False
    finally:
        server.terminate()
        server.wait(20)


def answered(page: "Page", before: str = "") -> str:
    """Wait until the link holds another sketch than before."""
    page.wait_for_function(
        "(before) => (new URL(location).searchParams.get('sketch') || '') !== before", arg=before
    )
    return sketch_in_link(page)


@pytest.mark.browser
@pytest.mark.ray
def test_two_trials_of_a_study_are_compared_and_voted_on(
    page: "Page", stranger: "Page", dashboard_server: Serve, walked: Walked
) -> None:
    runs = walked.home / "runs"
    url = dashboard_server(runs)
    page.set_default_timeout(WAIT)
    page.goto(f"{url}/studies")
    page.get_by_text("weights complete · 4 of 4 trials ended").wait_for()
    page.goto(f"{url}/compare?run=weights/000&run=weights/003")
    # Trials keep no photos of their own: the first look makes them.
    page.locator(".st-key-card_compare_canvas canvas").wait_for()
    kept = runs.glob("weights/*/gallery/*/items.npz")
    assert {path.parents[2].name for path in kept} == {"000", "003"}
    before = ""
    for stroke in (BAR, POST):
        pull(page, stroke)
        before = answered(page, before)
    page.locator(".st-key-card_answer_B figure[title]").nth(3).wait_for()
    page.locator(".st-key-card_compare_classes .js-plotly-plot .point").first.wait_for(
        state="attached"
    )
    stranger.set_default_timeout(WAIT)
    stranger.goto(page.url)
    stranger.locator(".st-key-card_answer_B figure[title]").nth(3).wait_for()
    titles = "(all) => all.map((figure) => figure.title)"
    answers = '[class*="card_answer"] figure'
    mine = page.locator(answers).evaluate_all(titles)
    assert stranger.locator(answers).evaluate_all(titles) == mine
    assert parse_qs(urlsplit(stranger.url).query) == parse_qs(urlsplit(page.url).query)

    page.get_by_role("button", name="Blind vote").click()
    page.get_by_role("button", name="Right is better").click()
    page.locator(".skc-share").wait_for()
    told = page.locator(".stApp").inner_text()
    assert re.search(r"You preferred [AB], weights/00[03] · epoch", told)
    assert "of 1 decided votes" in told


@pytest.mark.browser
def test_real_photos_on_every_page(
    page: "Page", dashboard_server: Serve, tmp_path_factory: pytest.TempPathFactory
) -> None:
    photos = SHARED / "data/sketchy-mini"
    if not photos.is_dir():
        pytest.skip(f"no real photos at {photos}")
    from core.gallery.making import keep_own_photos
    from core.runs import Run
    from trainer.launch import prepare_run
    from trainer.loop import train

    root = tmp_path_factory.mktemp("real")
    config = thin_config("train.epochs=2", "model.embedding_dim=24")
    job = prepare_run(root / "real", f"sketchy:{photos}", config, recipe="tiny", resume=False)
    train(job, device=torch.device("cpu"))
    keep_own_photos(Run(job.path))
    url = dashboard_server(root)
    page.set_default_timeout(WAIT)
    page.goto(f"{url}/draw")
    page.locator(".paper canvas").wait_for()
    pull(page, BAR)
    answered(page)
    page.locator(".sk-grid figure:not(.blank)").first.wait_for()
    for address, shown in (
        ("", ".sk-examples img"),
        ("dataset", ".stApp img"),
        ("embeddings", ".skp[data-ready]"),
        ("replay", ".stApp canvas"),
        ("curves", ".js-plotly-plot .main-svg"),
        ("failures", ".sk-examples img"),
    ):
        page.goto(f"{url}/{address}")
        page.locator(shown).first.wait_for(state="attached")
        assert page.locator(".sk-trouble").count() == 0
