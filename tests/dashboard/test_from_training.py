"""Runs as training leaves them, in a real browser: a study of four trials, and real photos."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
import torch

from tests.dashboard.test_browser import BAR, POST, pull, sketch_in_link
from tests.trainer.conftest import SPEC, THIN, thin_config

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WAIT = 120_000
SHARED = Path(os.environ.get("SKETCHY_SHARED", Path(__file__).parents[3] / "shared"))
Serve = Callable[[Path], str]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runs folder with the study `weights` of four trials, made by the command line."""
    root = tmp_path_factory.mktemp("searched")
    words = [word for text in (*THIN, "train.epochs=2") for word in ("--set", text)]
    told = subprocess.run(
        [sys.executable, "-m", "trainer", "tune", "--recipe", "tiny", "--data", SPEC, "--trials",
         "4", "--study", "weights", "--scheduler", "none", "--runs", str(root), *words],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    return root


def answered(page: "Page", before: str = "") -> str:
    """Wait until the link holds another sketch than before."""
    page.wait_for_function(
        "(before) => (new URL(location).searchParams.get('sketch') || '') !== before", arg=before
    )
    return sketch_in_link(page)


@pytest.mark.ray
def test_two_trials_of_a_study_are_compared_and_voted_on(
    page: "Page", browser: "Browser", dashboard_server: Serve, study: Path
) -> None:
    url = dashboard_server(study)
    page.set_default_timeout(WAIT)
    page.goto(f"{url}/studies")
    page.get_by_text("weights complete · 4 of 4 trials ended").wait_for()
    page.goto(f"{url}/compare?run=weights/000&run=weights/003")
    # Trials keep no photos of their own: the first look makes them.
    page.locator(".st-key-card_compare_canvas canvas").wait_for()
    kept = study.glob("weights/*/gallery/*/items.npz")
    assert {path.parents[2].name for path in kept} == {"000", "003"}
    before = ""
    for stroke in (BAR, POST):
        pull(page, stroke)
        before = answered(page, before)
    page.locator(".st-key-card_answer_B figure[title]").nth(4).wait_for()
    page.locator(".st-key-card_compare_classes .js-plotly-plot .point").first.wait_for(
        state="attached"
    )
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    other = context.new_page()
    other.set_default_timeout(WAIT)
    other.goto(page.url)
    other.locator(".st-key-card_answer_B figure[title]").nth(4).wait_for()
    titles = "(all) => all.map((figure) => figure.title)"
    answers = '[class*="card_answer"] figure'
    assert other.locator(answers).evaluate_all(titles) == page.locator(answers).evaluate_all(titles)
    assert parse_qs(urlsplit(other.url).query) == parse_qs(urlsplit(page.url).query)
    context.close()

    page.get_by_role("button", name="Blind vote").click()
    page.get_by_role("button", name="Right is better").click()
    page.locator(".skc-share").wait_for()
    told = page.locator(".stApp").inner_text()
    assert re.search(r"You preferred [AB], weights/00[03] · epoch", told)
    assert "of 1 decided votes" in told


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
