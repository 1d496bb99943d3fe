"""The Studies page: one filter for everything, trials that open elsewhere, searches that run."""

import json
import os
import shutil
import socket
from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from benchmarks.made_study import make_study
from core.studies import Importance, Study, read_filter
from tests.dashboard.test_pages import finish, html, open_page
from trainer.search.record import Record, Trial

if TYPE_CHECKING:
    from playwright.sync_api import Page

WAIT = 120_000
TRIALS = 24
FIGURES = 4
NAMED = "() => [...document.querySelectorAll('.sk-plot')].map(plot => plot.drawn || [])"
"""The trials that each figure has drawn."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runs folder with one complete study; copy it before changing it."""
    root = tmp_path_factory.mktemp("searched")
    make_study(root / "weights", trials=TRIALS, epochs=4, asha=True)
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, with importance that takes no time."""
    shutil.copytree(made, tmp_path / "runs")
    monkeypatch.setenv("SKETCHY_RUNS", str(tmp_path / "runs"))

    def weighed(study: Study, trials: tuple[str, ...]) -> Importance:
        return Importance(values={"loss.w_d": 0.75, "loss.w_t": 0.25}, trials=len(trials))

    monkeypatch.setattr("dashboard.cached.studies.importance_aside", weighed)
    return tmp_path / "runs"


def named(at: AppTest) -> list[set[str]]:
    """The trials in each figure that shows trials, each of which has a place on every panel."""
    figures = [json.loads(shown.proto.json) for shown in at.get("bidi_component")]
    figures = [figure for figure in figures if figure.get("trials")]
    for figure in figures:
        for panel in figure["panels"]:
            places = panel["marks"]["x"] + panel["marks"]["y"]
            assert len(places) == 2 * len(figure["trials"])
            assert None not in places
    return [set(figure["trials"]) for figure in figures]


def test_a_study_is_told_in_words_and_figures(root: Path) -> None:
    study = Study(root / "weights")
    at = open_page("studies")
    told = html(at)
    text = study.verdict().text
    assert escape(f"{text[0].upper()}{text[1:]}.") in told
    assert f"{TRIALS} of {TRIALS} trials shown" in told
    saved = study.saved()
    assert f"{saved['epochs_run']} of {saved['epochs_full']} epochs run by ended trials" in told
    assert f"Trial {study.best()}" in told
    # History, parallel coordinates, landscape and slices.
    assert named(at) == [set(study.first_tries()["trial"])] * FIGURES
    assert set(at.dataframe[0].value["trial"]) == set(study.trials()["trial"])
    assert not dict(at.query_params)


def test_one_filter_reaches_every_figure_the_table_and_importance(root: Path) -> None:
    study = Study(root / "weights")
    states, settings = ["complete", "failed"], ["loss.w_d:0.003..", "train.margin:1.."]
    at = open_page("studies", state=states, value="0.2..", set=settings)
    kept = read_filter(study.space, states=states, value="0.2..", settings=settings)
    tries, trials = study.first_tries(), study.trials()
    expected = set(tries[kept.rows(tries)]["trial"])
    assert 3 < len(expected) < TRIALS
    assert named(at) == [expected] * FIGURES
    assert set(at.dataframe[0].value["trial"]) == set(trials[kept.rows(trials)]["trial"])
    assert f"{len(expected)} of {TRIALS} trials shown" in html(at)
    at = finish(at.run())
    sent = [json.loads(shown.proto.json) for shown in at.get("bidi_component")]
    captions = [figure["caption"] for figure in sent if "caption" in figure]
    assert any(caption.endswith(f"over {len(expected)} trials.") for caption in captions)
    assert at.query_params["set"] in ("loss.w_d:0.003..", ["loss.w_d:0.003.."])
    next(button for button in at.button if button.label == "Clear").click().run()
    assert named(at)[0] == set(tries["trial"])
    assert not dict(at.query_params)


def test_sliders_say_what_the_link_says_and_write_it(root: Path) -> None:
    at = open_page("studies", set=["loss.margin:0.1..0.4", "loss.negatives:hard"])
    slider = next(s for s in at.select_slider if s.label == "margin")
    low, high = slider.value
    assert low <= 0.1
    assert high >= 0.4
    points = Study(root / "weights").space["loss.margin"].points(41)
    slider.set_value((points[0], points[20])).run()
    assert at.query_params["set"] == [f"loss.margin:..{points[20]:.12g}", "loss.negatives:hard"]


def test_two_settings_are_set_before_the_page_has_changed(root: Path) -> None:
    at = open_page("studies")
    points = Study(root / "weights").space["loss.margin"].points(41)
    slider = next(s for s in at.select_slider if s.label == "margin")
    slider.set_value((points[0], points[20]))
    next(group for group in at.button_group if group.label == r"loss\.negatives").select("hard")
    at.run()
    assert at.query_params["set"] == [f"loss.margin:..{points[20]:.12g}", "loss.negatives:hard"]


def test_an_empty_choice_says_so(root: Path) -> None:
    at = open_page("studies", value="0.99..")
    assert "No trial matches" in html(at)
    assert not named(at)


def test_a_failed_trial_is_told_with_its_reason_and_a_complete_one_opens(root: Path) -> None:
    failed = Study(root / "weights").trials().query("state == 'failed'").iloc[0]
    at = open_page("studies", trial=failed["trial"])
    assert failed["reason"] in html(at)
    assert 'sk-trial failed"' in html(at)
    at = open_page("studies", trial="003")
    next(button for button in at.button if button.label == "Curves").click().run()
    assert at.query_params["run"] in ("weights/003", ["weights/003"])
    assert at.multiselect[0].value == ["weights/003"]


def test_text_of_a_study_never_becomes_markup(root: Path) -> None:
    file = root / "weights" / "trials.csv"
    file.write_text(file.read_text().replace("diverged:", "<img src=x>:"), encoding="utf-8")
    failed = Study(root / "weights").trials().query("state == 'failed'").iloc[0]["trial"]
    at = open_page("studies", trial=failed)
    assert "&lt;img src=x&gt;" in html(at)
    assert "<img src=x>" not in html(at)
    for file in (root / "weights" / "study.json", root / "weights" / "trials.csv"):
        told = file.read_text().replace("loss.margin", "loss.*m*").replace("hard", "h*a*rd")
        file.write_text(told.replace("loss.negatives", "loss.*n*").replace("map_all", "*map*"))
    at = open_page("studies")
    assert at.slider[0].label == r"\*map\*"
    assert r"loss\.\*m\*" in [slider.label for slider in at.select_slider]
    (pills,) = (group for group in at.button_group if r"\*n\*" in group.label)
    assert pills.options == ["random", r"semih\*a\*rd", r"h\*a\*rd"]
    # What figures tell is text to the browser: see the test in one below.


def test_a_broken_study_is_listed_with_its_reason(root: Path) -> None:
    shutil.copytree(root / "weights", root / "cut")
    (root / "cut" / "trials.csv").write_text("trial,state\n000,complete\n", encoding="utf-8")
    (root / "none").mkdir()
    (root / "none" / "study.json").write_text("{", encoding="utf-8")
    told = html(open_page("studies"))
    assert "study cut can&#x27;t be read" in told
    assert "study none can&#x27;t be read" in told
    assert "weights complete" in told


def running(path: Path) -> Record:
    """A study that this process is said to run, with one trial of two."""
    driver = {"pid": os.getpid(), "host": socket.gethostname()}
    space = {"loss.w_d": "log:0.001:10"}
    info = {"format": 1, "created": "2026-01-01", "state": "running", "objective": "map_all",
            "epochs": 4, "trials": 2, "space": space, "driver": driver}  # fmt: skip
    path.mkdir(parents=True)
    record = Record(path, info)
    record.save_info()
    record.put(Trial(name="000", group="000", seed=0, settings={"loss.w_d": 0.1}, state="running"))
    return record


def test_a_search_that_runs_is_read_again_when_it_has_written(root: Path) -> None:
    shutil.rmtree(root / "weights")
    record = running(root / "young")
    at = open_page("studies")
    assert "young running · 0 of 2 trials ended" in html(at)
    record.change("000", state="complete", epochs=4, best_value=0.5, best_epoch=4)
    assert "young running · 1 of 2 trials ended" in html(at.run())
    record.save_info(driver={"pid": 2**22 + 1, "host": socket.gethostname()})
    assert "young interrupted" in html(at.run())


# From here on in a real browser.


@pytest.fixture(scope="module")
def served(
    made: Path,
    tmp_path_factory: pytest.TempPathFactory,
    dashboard_server: Callable[[Path], str],
) -> tuple[str, Path]:
    root = tmp_path_factory.mktemp("studied")
    shutil.copytree(made, root, dirs_exist_ok=True)
    return dashboard_server(root), root


def drawn(page: "Page", trials: Iterable[str]) -> None:
    """Wait until every figure has drawn these trials, and no others."""
    page.wait_for_function(
        f"""(expected) => {{ const all = ({NAMED})().filter(names => names.length);
        return all.length === {FIGURES}
            && all.every(names => [...names].sort().join() === expected); }}""",
        arg=",".join(sorted(trials)),
        timeout=WAIT,
    )


def mark_of(page: "Page", figure: str, trial: str) -> tuple[float, float]:
    """Where a trial's mark is on the screen."""
    plot = page.locator(f".st-key-card_{figure} .sk-plot")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    x, y = plot.evaluate("(plot, trial) => plot.placeOf(trial)", trial)
    return box["x"] + x, box["y"] + y


@pytest.mark.browser
@pytest.mark.slow
def test_a_study_is_filtered_a_trial_opened_and_the_link_copied(
    page: "Page", stranger: "Page", served: tuple[str, Path]
) -> None:
    url, root = served
    study = Study(root / "weights")
    tries = study.first_tries()
    stopped = tries["trial"][tries["state"] == "stopped"]
    page.set_default_timeout(WAIT)
    page.goto(f"{url}/studies")
    drawn(page, tries["trial"])
    page.get_by_text(f"stopped {len(stopped)}", exact=True).click()
    drawn(page, stopped)
    page.get_by_text(f"{len(stopped)} of {TRIALS} trials shown").wait_for()
    name = stopped.iloc[1]
    page.mouse.click(*mark_of(page, "history", name))
    page.wait_for_url("**trial=**")
    page.get_by_text(f"Trial {name}", exact=True).wait_for()
    assert page.locator(".sk-trial.stopped").inner_text().count("stopped early by ASHA") == 1

    stranger.set_default_timeout(WAIT)
    stranger.goto(page.url)
    drawn(stranger, stopped)
    assert stranger.get_by_text(f"Trial {name}", exact=True).count() == 1
    assert stranger.url == page.url

    page.get_by_role("button", name="Curves").click()
    page.wait_for_url(f"**/curves?run=weights%2F{name}")
    page.locator(".js-plotly-plot .main-svg").first.wait_for()


@pytest.mark.browser
@pytest.mark.slow
def test_a_figure_is_pointed_at_chosen_from_by_keys_and_saved(
    page: "Page", served: tuple[str, Path]
) -> None:
    url, root = served
    shutil.copytree(root / "weights", root / "strange")
    file = root / "strange" / "trials.csv"
    file.write_text(file.read_text().replace("diverged:", "<img src=x>:"), encoding="utf-8")
    study = Study(root / "strange")
    tries = study.first_tries()
    failed = tries["trial"][tries["state"] == "failed"].iloc[0]
    page.set_default_timeout(WAIT)
    page.goto(f"{url}/studies?study=strange")
    drawn(page, tries["trial"])
    plot = page.locator(".st-key-card_slices .sk-plot")
    tip = plot.get_by_role("status")
    page.mouse.move(*mark_of(page, "slices", failed))
    page.get_by_text(f"{failed} failed", exact=True).wait_for()
    assert "<img src=x>:" in tip.inner_text()
    assert page.locator(".sk-plot img").count() == 0
    page.mouse.move(0, 0)
    tip.wait_for(state="hidden")

    plot.focus()
    page.keyboard.press("End")
    assert tip.inner_text().startswith(tries["trial"].iloc[-1])
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url("**trial=001**")
    page.get_by_text("Trial 001", exact=True).wait_for()

    card = page.locator(".st-key-card_slices")
    with page.expect_download() as saved:
        card.get_by_role("button", name="CSV").click()
    assert saved.value.suggested_filename == "one-setting-at-a-time.csv"
    rows = pd.read_csv(saved.value.path(), dtype={"trial": str})
    assert rows["trial"].tolist() == tries["trial"].tolist()
    assert rows.columns.tolist() == ["trial", *study.space, "best_value"]
    with page.expect_download() as saved:
        card.get_by_role("button", name="PNG").click()
    assert saved.value.suggested_filename == "one-setting-at-a-time.png"
    box = plot.bounding_box()
    assert box is not None
    with Image.open(saved.value.path()) as picture:
        assert picture.size == (round(2 * box["width"]), round(2 * box["height"]))
        assert len(picture.convert("RGB").getcolors(1 << 20) or []) > 20


@pytest.mark.browser
@pytest.mark.slow
def test_a_running_search_grows_on_the_page_by_itself(
    page: "Page", served: tuple[str, Path]
) -> None:
    url, root = served
    record = running(root / "young")
    page.set_default_timeout(WAIT)
    page.goto(f"{url}/studies?study=young")
    page.get_by_text("young running · 0 of 2 trials ended").wait_for()
    record.change("000", state="complete", epochs=4, best_value=0.5, best_epoch=4)
    page.get_by_text("young running · 1 of 2 trials ended").wait_for()
    main = page.locator("[data-testid=stMain]")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert main.evaluate("(main) => main.scrollWidth <= main.clientWidth")
    record.save_info(state="complete")
