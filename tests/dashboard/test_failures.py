"""The Failures page: worst answers, mistakes and classes, in a session and in a real browser."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.failures import FailureSettings, find_failures
from core.gallery import open_gallery
from core.runs import Run
from dashboard import class_charts
from dashboard.jobs import Job
from tests.dashboard.test_pages import finish, html, open_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

WAIT = 60_000


def test_the_worst_answers_of_the_epoch_are_shown(runs_root: Path) -> None:
    run = Run(runs_root / "shapes")
    gallery = open_gallery(run)
    assert gallery is not None
    found = find_failures(run, 2, gallery, FailureSettings())
    told = html(finish(open_page("failures", run="shapes", epoch="2")))
    assert f"18 drawings over 18 photos · mean AP {found.mean_ap:.3f}" in told
    shown = [told.index(f'title="{found.ids[row]}"') for row in found.worst(6)]
    assert shown == sorted(shown)
    other = html(finish(open_page("failures", run="shapes", epoch="1")))
    assert f"mean AP {found.mean_ap:.3f}" not in other


def test_a_link_opens_one_mistake_and_one_category(runs_root: Path) -> None:
    link = {"run": "shapes", "drawn": "circle", "taken": "square", "class": "triangle"}
    at = finish(open_page("failures", **link))
    told = html(at)
    assert "drawings of “circle” find “square”" in told or "No circle finds a square" in told
    worst = told.partition('sk-examples">')[2].partition("sk-examples")[0]
    drawings = [example.partition("</figure>")[0] for example in worst.split('sk-example">')[1:]]
    assert len(drawings) == 6
    assert all(re.search(r"<b>triangle</b><span>[01]\.\d", drawing) for drawing in drawings)
    for name, value in link.items():
        assert at.query_params[name] in (value, [value])


def test_a_run_that_lost_its_probe_says_so(runs_root: Path) -> None:
    shutil.rmtree(runs_root / "shapes" / "probe")
    assert "keeps no drawings to ask" in html(open_page("failures", run="shapes"))
    shutil.rmtree(runs_root / "shapes" / "gallery")
    at = open_page("failures", run="shapes")
    assert "no photos to search yet" in html(at)
    assert "sketchy query" in at.code[0].value


def failing() -> None:
    from dashboard import state
    from dashboard.views import failures

    state.start("failures")
    failures.page()


def test_the_link_is_written_while_the_work_runs(
    runs_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.cached.failures", lambda *asked: Job("Asking"))
    at = AppTest.from_function(failing, default_timeout=60)
    at.query_params["run"], at.query_params["no"] = "shapes", "setting"
    at.run()
    assert at.get("progress")
    assert list(at.query_params) == ["run"]


def test_the_heat_map_parts_right_from_wrong() -> None:
    shares = np.array([[0.7, 0.3, 0.0], [0.0, 1.0, 0.0], [np.nan, np.nan, np.nan]])
    figure = class_charts.confusion(shares, ("ant", "bee", "cat"), ("ant", "bee"))
    wrong, right, marks = figure.data
    assert np.nansum(wrong.z) == pytest.approx(0.3)
    assert np.nansum(right.z) == pytest.approx(1.7)
    assert [tuple(pair) for pair in marks.customdata] == [
        ("ant", "ant"), ("ant", "bee"), ("bee", "bee")
    ]  # fmt: skip
    bars = class_charts.class_bars(("ant", "bee", "cat"), (0.9, 0.2, float("nan")), "bee")
    assert list(bars.data[0].x) == ["bee", "ant"]


# From here on in a real browser.


@pytest.fixture(scope="module")
def url(
    shapes_run: Path,
    tmp_path_factory: pytest.TempPathFactory,
    dashboard_server: Callable[[Path], str],
) -> str:
    root = tmp_path_factory.mktemp("failing")
    shutil.copytree(shapes_run, root / "shapes")
    return dashboard_server(root)


@pytest.mark.browser
@pytest.mark.slow
def test_a_cell_is_clicked_and_its_drawings_are_seen(page: "Page", url: str) -> None:
    page.goto(f"{url}/failures?run=shapes")
    map_ = page.locator(".st-key-card_confusion .js-plotly-plot")
    map_.locator(".point").first.wait_for(state="attached", timeout=WAIT)
    pairs = map_.evaluate("plot => plot.data[2].customdata.map(pair => Array.from(pair))")
    place, (drawn, taken) = next((i, p) for i, p in enumerate(pairs) if p[0] != p[1])
    map_.scroll_into_view_if_needed()
    box = map_.locator(".point").nth(place).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url(f"**drawn={drawn}&taken={taken}**", timeout=WAIT)
    page.get_by_text(f"drawings of “{drawn}” find “{taken}”").wait_for(timeout=WAIT)
    assert page.locator(".st-key-card_mistake figure.wrong").count() > 0
    assert page.locator(".st-key-card_mistake figure.right").count() == 0
    bar = page.locator(".st-key-card_classes .js-plotly-plot .point").first
    bar.scroll_into_view_if_needed()
    bar.click(force=True)
    page.wait_for_url("**class=**", timeout=WAIT)
