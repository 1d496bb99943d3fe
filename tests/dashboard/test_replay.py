"""The Replay page: what every epoch made of the same samples, played."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.journey import journey
from core.runs import Run
from dashboard.sketch import Sketch
from tests.dashboard.test_embeddings import payload
from tests.dashboard.test_pages import HOUSE, finish, html, open_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

WAIT = 120_000
"""Milliseconds; the first look at a sketch loads torch, on a busy machine for a minute."""
FILM = "sketchy_player"


def test_inference_is_what_the_run_kept(runs_root: Path) -> None:
    run = Run(runs_root / "shapes")
    sent = payload(open_page("replay", run="shapes"), FILM)
    assert (sent["mode"], sent["epochs"], sent["k"]) == ("finds", [1, 2, 3], 10)
    assert sent["found"][1] == run.replay(2).retrieved.tolist()
    probe = run.probe()
    assert [s["row"] for s in sent["samples"]] == probe.focus_sketches.tolist()
    assert [s["truth"] for s in sent["samples"]] == probe.labels[probe.focus_sketches].tolist()


@pytest.mark.parametrize(
    ("show", "inked"), [("sketch attention", True), ("photo attention", False)]
)
def test_attention_has_no_results_and_knows_its_paper(
    runs_root: Path, show: str, inked: bool
) -> None:
    sent = payload(open_page("replay", run="shapes", show=show, opacity="40", raw="True"), FILM)
    assert (sent["mode"], sent["inked"], sent["k"]) == ("looks", inked, 0)
    assert (sent["height"], sent["width"]) == (2, 2)
    assert sent["view"] == {"turn": 0, "epoch": 3, "opacity": 40, "raw": True}


def test_my_sketch_goes_through_every_epoch_that_kept_weights(runs_root: Path) -> None:
    run = Run(runs_root / "shapes")
    at = finish(open_page("replay", run="shapes", show="my sketch", sketch=HOUSE.to_text()))
    sent = payload(at, FILM)
    assert (sent["mode"], sent["epochs"]) == ("both", [1, 2, 3])
    steps = list(journey(run, HOUSE.prepared(32), epochs=[1, 2, 3]))
    assert [found[0] for found in sent["found"]] == [step.found.tolist() for step in steps]
    photos = np.flatnonzero(run.probe().is_photo)
    for step in steps:
        points = run.replay(step.epoch).embeddings[photos].astype(float)
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        assert step.found[0] == photos[(points @ step.embedding).argmax()]
        assert step.attention.sum() == pytest.approx(1, abs=1e-3)


def test_a_sketch_of_the_set_knows_its_class(runs_root: Path) -> None:
    probe = Run(runs_root / "shapes").probe()
    mine = Sketch(probe=str(probe.ids[7])).to_text()
    at = finish(open_page("replay", run="shapes", show="my sketch", sketch=mine))
    assert payload(at, FILM)["samples"][0]["truth"] == 1


@pytest.mark.usefixtures("runs_root")
def test_without_a_sketch_it_says_what_to_do() -> None:
    assert "Draw something first" in html(open_page("replay", run="shapes", show="my sketch"))


def test_a_folder_without_runs_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKETCHY_RUNS", str(tmp_path))
    assert "No runs yet" in html(open_page("replay"))


def test_a_step_needs_weights_and_a_sketch_of_the_right_size(runs_root: Path) -> None:
    run = Run(runs_root / "shapes")
    with pytest.raises(ValueError, match=r"\(64, 64\) was given to a model of 32 px"):
        next(journey(run, np.zeros((64, 64), np.uint8), epochs=[1]))
    with pytest.raises(ValueError, match="no weights of epoch 9"):
        next(journey(run, HOUSE.prepared(32), epochs=[9]))


# From here on in a real browser.


@pytest.fixture(scope="module")
def root(shapes_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("replayed")
    shutil.copytree(shapes_run, root / "shapes")
    return root


@pytest.fixture(scope="module")
def url(root: Path, dashboard_server: Callable[[Path], str]) -> str:
    return dashboard_server(root)


def open_film(page: "Page", address: str) -> None:
    page.goto(address)
    ready(page)


def ready(page: "Page") -> None:
    page.locator('.skr[data-ready="1"]').wait_for(timeout=WAIT)


@pytest.mark.browser
@pytest.mark.slow
def test_playing_changes_the_answers_and_their_borders(page: "Page", url: str, root: Path) -> None:
    run = Run(root / "shapes")
    probe = run.probe()
    open_film(page, f"{url}/replay?run=shapes&epoch=1")
    seen = []
    for epoch in (1, 2, 3):
        page.locator(f'.skr[data-epoch="{epoch}"]').wait_for(timeout=WAIT)
        found = run.replay(epoch).retrieved
        right = probe.labels[found] == probe.labels[probe.focus_sketches][:, None]
        assert page.locator(".skr-tile.right").count() == int(right.sum())
        assert page.locator(".skr-tile.wrong").count() == int((~right).sum())
        seen.append(page.locator(".skr-tile img").first.get_attribute("src"))
        page.get_by_role("slider", name="Epoch").press("ArrowRight")
    assert len(set(seen)) > 1
    # Kept as they pass: an epoch may be gone before a busy machine looks.
    page.locator(".skr").evaluate(
        """film => { window.played = [];
        new MutationObserver(() => window.played.push(film.dataset.epoch))
            .observe(film, { attributeFilter: ['data-epoch'] }) }"""
    )
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("['1', '2', '3'].every(one => window.played.includes(one))")


@pytest.mark.browser
@pytest.mark.slow
def test_attention_plays_smoothly_and_its_opacity_and_raw_map_can_be_chosen(
    page: "Page", stranger: "Page", url: str
) -> None:
    open_film(page, f"{url}/replay?run=shapes&epoch=1&show=sketch+attention")
    # The film lives in a shadow root.
    page.locator(".skr canvas").first.evaluate("canvas => { window.first = canvas }")
    picture = "() => window.first.toDataURL()"
    before = page.evaluate(picture)
    page.get_by_role("button", name="Play").click()
    # Between two epochs there are frames of neither.
    page.wait_for_function(
        f"""before => {{ window.seen ||= new Set([before]); window.seen.add(({picture})());
        return window.seen.size > 6 }}""",
        arg=before,
        timeout=WAIT,
    )
    page.get_by_text("epoch 3 of 3").wait_for(timeout=WAIT)
    after = page.evaluate(picture)
    page.locator(".skr-raw input").check()
    page.wait_for_function(f"after => ({picture})() !== after", arg=after, timeout=WAIT)
    page.wait_for_function("new URL(location).searchParams.get('raw') === 'True'", timeout=WAIT)
    page.locator(".skr-opacity input").press("Home")
    page.wait_for_function("new URL(location).searchParams.get('opacity') === '0'", timeout=WAIT)
    open_film(stranger, page.url)
    assert stranger.locator(".skr-raw input").is_checked()
    assert stranger.locator(".skr-opacity input").input_value() == "0"
    assert stranger.locator(".skt output").inner_text() == "epoch 3"


@pytest.mark.browser
@pytest.mark.slow
def test_my_sketch_fills_up_as_it_goes(page: "Page", url: str) -> None:
    open_film(page, f"{url}/replay?run=shapes&show=my+sketch&sketch={HOUSE.to_text()}")
    page.get_by_text("at the 3 of 3 epochs").wait_for(timeout=WAIT)
    ready(page)
    assert page.locator(".skr-tile:visible").count() == 10
    assert page.get_by_role("slider", name="Epoch").get_attribute("max") == "2"
