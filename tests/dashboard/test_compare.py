"""The Compare page: on what checkpoints share, from a link, blind; in sessions and in a browser."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.comparison import Contender, compare, find_ground
from core.dataset import kept_data
from core.gallery import open_gallery
from core.runs import Run
from core.votes import Tally, Votes
from dashboard.cached import run_view
from dashboard.checkpoint import Checkpoint
from dashboard.comparing.charts import class_changes, query_changes
from dashboard.comparing.tally import contender
from dashboard.pieces import plain
from dashboard.sketch import Sketch
from tests.dashboard.test_pages import finish, html, open_page
from tests.made_run import break_run, write_run

if TYPE_CHECKING:
    from playwright.sync_api import Page

WAIT = 120_000
CIRCLE = "shapes/sketch/circle/0"
NAMES = ("amber", "birch")


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two runs of one data set with other weights; copy it before changing it."""
    root = tmp_path_factory.mktemp("pair")
    for seed, name in enumerate(NAMES):
        write_run(root / name, epochs=2, seed=seed)
    return root


@pytest.fixture
def root(pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "runs"
    shutil.copytree(pair, root)
    monkeypatch.setenv("SKETCHY_RUNS", str(root))
    return root


def opened(**link: str | list[str]) -> AppTest:
    """The page with all its work done."""
    at = open_page("compare", **link)
    for _ in range(2):
        at = finish(at)
    return at


def heads(at: AppTest) -> list[tuple[str, str]]:
    return re.findall(r'skc-head"><b>(.*?)</b><span>(.*?)</span>', html(at))


def maps(at: AppTest) -> dict[str, str]:
    """Letter -> the checkpoint named over its map."""
    return {letter: told for letter, told in heads(at) if "epoch" in told}


def values(at: AppTest, name: str) -> list[str]:
    found = at.query_params.get(name, [])
    return [found] if isinstance(found, str) else list(found)


def press(at: AppTest, label: str) -> AppTest:
    return next(button for button in at.button if button.label == label).click().run()


def contenders(root: Path, *points: tuple[str, int]) -> list[Contender]:
    made = []
    for name, epoch in points:
        run = Run(root / name)
        gallery = open_gallery(run)
        assert gallery is not None
        made.append(Contender(run=run, epoch=epoch, gallery=gallery))
    return made


def test_two_runs_are_rated_on_the_same_drawings(root: Path) -> None:
    at = opened(run=["amber", "birch"], epoch="1")
    sides = contenders(root, ("amber", 1), ("birch", 2))
    data = [kept_data(side.run, side.gallery, side.run.probe()) for side in sides]
    ground = find_ground([d.photos for d in data], [d.sketches for d in data])
    rated = compare(sides, ground)
    told = html(at)
    assert maps(at) == {"A": "amber · epoch 1", "B": "birch · epoch 2"}
    assert "18 held-out drawings over 18 photos" in told
    for value in rated.mean_ap:
        assert re.search(rf"<td[^>]*>{value:.3f}</td>", told)
    spec = "".join(chart.proto.spec for chart in at.get("plotly_chart"))
    best, change = rated.class_change(1)[0]
    assert f"{change:+.2f}" in spec
    assert f'"{best}"' in spec
    picks = [button.label for button in at.button if button.label.startswith("![drawing]")]
    order = rated.order(1)
    first = plain(f"{rated.change(1)[order[0]]:+.2f}")
    assert picks[0].endswith(f"**{first}** {rated.classes[rated.labels[order[0]]]}")
    # The only setting in which they differ, and the seeds of which both are one.
    assert "seed (train)" in told
    assert "18 other settings are equal" in told
    assert "0.805 ± 0.007" in told


def test_a_drawing_that_is_clicked_is_asked_of_all(root: Path) -> None:
    at = opened(run=["amber", "birch"])
    assert "Nothing yet" in html(at)
    pick = next(button for button in at.button if button.label.startswith("![drawing]"))
    name = str(pick.key).removeprefix("compare.pick.")
    at = pick.click().run()
    told = html(at)
    assert values(at, "sketch") == [Sketch(probe=name).to_text()]
    assert [letter for letter, rest in heads(at) if "of 5 right" in rest] == ["A", "B"]
    assert told.count('<figure class="right"') + told.count('<figure class="wrong"') == 10
    # A photo that both have found says so on either side.
    assert told.count("<i>B</i>") == told.count("<i>A</i>") == told.count(", also no. ") / 2
    assert "One colour scale for all" in told
    at.toggle[0].set_value(True).run()
    assert html(at) != told
    assert values(at, "attention") == ["True"]


def test_a_link_opens_the_same_checkpoints(root: Path) -> None:
    link: dict[str, str | list[str]] = {
        "run": ["birch", "amber"],
        "epoch": "1",
        "with": ["amber", "birch", "amber@1"],
        "pair": "D-B",
    }
    at = opened(**link)
    told = {
        "A": "birch · epoch 1",
        "B": "amber · epoch 2",
        "C": "birch · epoch 2",
        "D": "amber · epoch 1",
    }
    assert maps(at) == told
    assert {name: values(at, name) for name in link} == {
        name: [value] if isinstance(value, str) else value for name, value in link.items()
    }
    assert "Change in AP per class, D − B" in html(at)
    at = press(at, "Leave out")
    assert list(maps(at).values()) == [told["B"], told["C"], told["D"]]
    assert values(at, "run") == ["amber", "birch"]
    assert "epoch" not in at.query_params
    at = press(at, "add")
    assert maps(at)["D"] == "birch · epoch 1"


def test_what_a_link_names_and_is_not_there_is_told(root: Path) -> None:
    break_run(root / "broken")
    at = opened(run=["amber", "broken", "birch"], **{"with": ["birch@9"]})
    told = html(at)
    assert "birch kept no weights of epoch 9, only of 1, 2" in told
    assert "Left out of the comparison" in told
    assert maps(at) == {"A": "amber · epoch 2", "B": "birch · epoch 2"}
    assert values(at, "run") == ["amber", "birch"]


def test_epochs_of_one_run_are_compared_and_a_lone_epoch_says_what_to_do(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(root / "birch")
    at = opened()
    assert maps(at) == {"A": "amber · epoch 2", "B": "amber · epoch 1"}
    assert values(at, "with") == ["amber@1"]
    assert "these are epochs of one run" in html(at)
    write_run(tmp_path / "lone" / "first", epochs=1)
    monkeypatch.setenv("SKETCHY_RUNS", str(tmp_path / "lone"))
    at = open_page("compare")
    assert "nothing to compare with yet" in html(at)
    assert "sketchy train" in at.code[0].value


def rename_photos(run: Run, part: str) -> None:
    """Make the photos of a run whose id holds `part` others than those of the other run."""
    for file in (run.path / "gallery").glob("*/items.npz"):
        with np.load(file) as columns:
            changed = {name: columns[name] for name in columns.files}
        ids = [f"other/{name}" if part in name else str(name) for name in changed["ids"]]
        np.savez(file, **{**changed, "ids": np.array(ids)})


def test_runs_of_other_data_are_compared_on_what_they_share(root: Path) -> None:
    run = Run(root / "birch")
    rename_photos(run, "circle")
    told = html(opened(run=["amber", "birch"], sketch=Sketch(probe=CIRCLE).to_text()))
    assert "compared on what they share: 18 held-out drawings over 12 photos, of 3 classes" in told
    assert "A has 18 and 18 of them; B has 18 and 18 of them" in told
    assert "/circle/" not in "".join(re.findall(r'title="no\. (.*?)"', told))
    rename_photos(run, "/")
    at = opened(run=["amber", "birch"], sketch=Sketch(probe=CIRCLE).to_text())
    told = html(at)
    assert "A and B share no held-out photos" in told or "A and B share no photos" in told
    assert len([1 for _, rest in heads(at) if "of 5 right" in rest]) == 2
    assert not list(at.get("plotly_chart"))
    assert "can&#x27;t be judged blindly" in html(press(at, "Blind vote"))
    shutil.rmtree(run.path / "gallery")
    at = open_page("compare", run=["amber", "birch"])
    assert "birch has no photos to search yet" in html(at)


def test_nothing_tells_left_from_right_before_the_vote(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, str | list[str]] = {
        "run": ["amber", "birch"],
        "blind": "True",
        "sketch": Sketch(probe=CIRCLE).to_text(),
    }
    seen = {}
    for swapped in (0, 1):
        monkeypatch.setattr("secrets.randbelow", lambda most, lot=swapped: lot)
        at = opened(**asked)
        told = html(at)
        assert heads(at) == [("Left", ""), ("Right", "")]
        body = re.sub(r'<style>.*?</style>|src="data:.*?"', "", told.split("</p>")[1], flags=re.S)
        assert not re.search(r'\b(amber|birch|epoch|mAP|seed|[AB])\b|0\.\d|"(right|wrong)', body)
        assert set(re.findall(r'title="(.*?)"', told)) == {""}
        assert {name: values(at, name) for name in at.query_params} == {
            name: [value] if isinstance(value, str) else value for name, value in asked.items()
        }
        seen[swapped] = re.findall(r'src="data:(.*?)"', told)
    # The same twelve photos, with the sides exchanged and nothing else.
    assert seen[0][:6] == seen[1][6:]
    assert seen[0][6:] == seen[1][:6]
    assert seen[0] != seen[1]


def test_a_vote_is_kept_counted_and_tells_the_names(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sketch = Sketch(probe=CIRCLE)
    one, two = (contender(Checkpoint(run_view(root / name), 2)) for name in NAMES)
    monkeypatch.setattr("secrets.randbelow", lambda most: 1)
    at = opened(run=["amber", "birch"], blind="True", sketch=sketch.to_text())
    at = press(at, "Left is better")
    told = html(at)
    assert heads(at) == [("Left: B", "birch · epoch 2"), ("Right: A", "amber · epoch 2")]
    assert "You preferred B, birch · epoch 2" in told
    assert "A was preferred in 0 of 1 decided votes: 0%, 95 % interval 0% to 79%" in told
    assert "may still be chance" in told
    votes = Votes(root)
    assert votes.tally(one, two) == Tally(b=1)
    assert votes.table(one, two)["sketch"].tolist() == [sketch.to_text()]
    at = press(at, "Next drawing")
    assert values(at, "sketch") != [sketch.to_text()]
    assert heads(at) == [("Left", ""), ("Right", "")]
    at = press(at, "No difference")
    assert "You saw no difference" in html(at)
    at = press(press(at, "Next drawing"), "Skip")
    assert heads(at) == [("Left", ""), ("Right", "")]
    assert votes.tally(two, one) == Tally(a=1, ties=1, skipped=1)
    at = press(at, "Back to the comparison")
    assert "A was preferred in 0 of 1 decided votes" in html(at)


def test_the_first_of_two_quick_clicks_is_the_vote(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.randbelow", lambda most: 0)
    at = opened(run=["amber", "birch"], blind="True", sketch=Sketch(probe=CIRCLE).to_text())
    for button in at.button:
        if button.label in ("Left is better", "Right is better", "Skip"):
            button.click()
    at.run()
    told = html(at)
    assert "You preferred A, amber · epoch 2" in told
    assert "A was preferred in 1 of 1 decided votes" in told


def test_a_vote_that_can_not_be_kept_is_told(root: Path) -> None:
    at = opened(run=["amber", "birch"], blind="True", sketch=Sketch(probe=CIRCLE).to_text())
    (root / "votes.sqlite").write_bytes(b"no database at all " * 100)
    at = press(at, "Right is better")
    assert "can&#x27;t be kept or read" in html(at)
    assert heads(at) == [("Left", ""), ("Right", "")]


def test_figures_hold_what_they_are_given_and_text_is_no_markup() -> None:
    bars = class_changes([("harp", 0.31), ("tree", -0.19)], "tree").data[0]
    assert list(bars.y) == ["harp", "tree"]
    assert list(bars.text) == ["+0.31", "-0.19"]
    assert list(bars.marker.opacity) == [0.35, 1.0]
    queries = query_changes(np.array([0.5, 0.0, -0.2]), ["x", "y", "z"]).data[0]
    assert [name for (name,) in queries.customdata] == ["x", "y", "z"]
    assert queries.marker.color[0] == bars.marker.color[0] != queries.marker.color[2]
    assert plain("[a](b) *c* :red[d] $e$") == r"\[a\]\(b\) \*c\* \:red\[d\] \$e\$"


# From here on in a real browser.


@pytest.fixture(scope="module")
def url(
    pair: Path,
    tmp_path_factory: pytest.TempPathFactory,
    dashboard_server: Callable[[Path], str],
) -> str:
    root = tmp_path_factory.mktemp("compared") / "runs"
    shutil.copytree(pair, root)
    return dashboard_server(root)


def visit(page: "Page", address: str) -> None:
    page.set_default_timeout(WAIT)
    page.goto(address)
    page.locator(".st-key-card_compare_canvas").wait_for()


def shown(page: "Page") -> list[str]:
    """What stands on the photos that were found, once both have answered."""
    page.locator(".st-key-card_answer_B figure[title]").nth(4).wait_for()
    page.locator(".st-key-card_compare_looks img").nth(1).wait_for()
    titles = "(all) => all.map((figure) => figure.title)"
    return [str(t) for t in page.locator('[class*="card_answer"] figure').evaluate_all(titles)]


def near(page: "Page") -> list[str]:
    """The neighbours of the point selected, under both maps."""
    page.locator(".st-key-compare_map_B .sk-grid figure").nth(5).wait_for()
    titles = "(all) => all.map((figure) => figure.title)"
    return [str(t) for t in page.locator('[class*="compare_map"] figure').evaluate_all(titles)]


@pytest.mark.browser
@pytest.mark.long
def test_two_runs_side_by_side_and_the_link_to_them(
    page: "Page", stranger: "Page", url: str
) -> None:
    visit(page, f"{url}/compare?run=amber&run=birch")
    pick = page.locator('[class*="compare_picks"] button')
    pick.first.click()
    page.wait_for_function("() => new URL(location).searchParams.has('sketch')")
    assert len(shown(page)) == 10
    bars = page.locator(".st-key-card_compare_classes .js-plotly-plot .point")
    bars.first.wait_for(state="attached")
    assert bars.count() == 3
    stage = page.locator(".st-key-compare_map_A .skp")
    page.wait_for_function(
        """() => { const maps = [...document.querySelectorAll('.skp')];
        return maps.length === 2 && maps.every((map) => map.dataset.ready) }"""
    )
    stage.scroll_into_view_if_needed()
    x, y = stage.evaluate(
        """map => { const div = map.querySelector('.skp-plot'), full = div._fullLayout;
        const now = map.places(), box = div.getBoundingClientRect();
        return [box.x + full.xaxis._offset + full.xaxis.d2p(now[0]),
                box.y + full.yaxis._offset + full.yaxis.d2p(now[1])]; }"""
    )
    page.mouse.click(x, y)
    page.wait_for_function("() => new URL(location).searchParams.has('point')")
    assert len(near(page)) == 12
    visit(stranger, page.url)
    assert shown(stranger) == shown(page)
    assert near(stranger) == near(page)
    assert parse_qs(urlsplit(stranger.url).query) == parse_qs(urlsplit(page.url).query)


@pytest.mark.browser
@pytest.mark.slow
def test_a_blind_vote_is_cast_counted_and_reveals_the_names(page: "Page", url: str) -> None:
    visit(page, f"{url}/compare?run=amber&run=birch&blind=True")
    page.get_by_role("button", name="Surprise me").click()
    page.get_by_role("button", name="Left is better").wait_for()
    assert page.locator('[class*="card_blind"] figure img').count() == 12
    body = page.locator(".stApp")
    marked = "app => [...app.querySelectorAll('[title], [alt]')].map((e) => `${e.title} ${e.alt}`)"
    before = body.inner_text() + " ".join(body.evaluate(marked))
    assert not re.search(r"\b(amber|birch|epoch|mAP)\b", before)
    page.get_by_role("button", name="Left is better").click()
    page.locator(".skc-share").wait_for()
    told = body.inner_text()
    assert re.search(r"You preferred [AB], (amber|birch) · epoch 2", told)
    assert "of 1 decided votes" in told
    wide = page.locator("[data-testid=stMain]")
    assert wide.evaluate("(main) => main.scrollWidth <= main.clientWidth")
