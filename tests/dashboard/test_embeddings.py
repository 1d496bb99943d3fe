"""The Embeddings page: right answers in a session, and a person's deeds in a real browser."""

import base64
import csv
import io
import json
import re
import shutil
import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from sklearn.metrics import average_precision_score
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
from streamlit.testing.v1 import AppTest

from core.runs import Run, layout
from dashboard.media import packed
from dashboard.points import component
from dashboard.points.palette import palette
from dashboard.points.selection import rows_of, text_of
from tests.dashboard.test_pages import HOUSE, finish, html, open_page, page_hash

if TYPE_CHECKING:
    from playwright.sync_api import Page

WAIT = 120_000
"""Milliseconds; the first look at a sketch loads torch, on a busy machine for a minute."""


def payload(at: AppTest, kind: str = "sketchy_points") -> dict[str, Any]:
    """What the page gave the component."""
    sent = [e.proto for e in at.get("bidi_component") if e.proto.component_name == kind]
    assert sent, "the page shows no map"
    found: dict[str, Any] = json.loads(sent[-1].json)
    return found


def do(at: AppTest, kind: str = "sketchy_points", **deed: Any) -> AppTest:
    """What a person did on the component, told as a browser tells it."""
    (part,) = [e.proto for e in at.get("bidi_component") if e.proto.component_name == kind]
    plain: dict[str, Any] = {"selected": None, "lasso": [], "camera": "", "only": [], "hide": [],
                             "opacity": 75, "raw": False, "epoch": None}  # fmt: skip
    states = at._tree.get_widget_states()
    states.widgets.add(id=part.id, json_value=json.dumps({"view": plain | deed}))
    return at._run(states)


def only_fragment(at: AppTest, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Run the page's outermost fragment again, as a click in it or a watch over a job does."""
    first = next(iter(at._fragment_storage._fragments))
    with monkeypatch.context() as patch:
        patch.setattr(
            "streamlit.testing.v1.local_script_runner.RerunData",
            partial(RerunData, fragment_id_queue=[first]),
        )
        return at.run()


def weightless(run: Path, *epochs: int) -> None:
    """As a run that keeps its best and its last weights leaves the others."""
    for epoch in epochs:
        (layout.epoch_folder(run, epoch) / layout.WEIGHTS_FILE).unlink()


@pytest.mark.usefixtures("runs_root")
def test_the_maps_are_made_once_and_kept_beside_the_run(runs_root: Path) -> None:
    at = finish(open_page("embeddings", run="shapes"))
    sent = payload(at)
    assert (sent["count"], sent["dims"], sent["epochs"]) == (36, 2, [1, 2, 3])
    assert sent["classes"] == ["circle", "square", "triangle"]
    assert sent["photos"] == "0" * 18 + "1" * 18
    kept = list((runs_root / "shapes" / "projections").glob("pca-2-*/*.npy"))
    assert sorted(path.name for path in kept) == ["0001.npy", "0002.npy", "0003.npy"]
    assert "Trustworthiness of this map" in html(at)


def test_a_link_opens_the_same_view(runs_root: Path) -> None:
    run = Run(runs_root / "shapes")
    # A class's name may be a stranger's word: it never becomes markup.
    file = run.path / "run.json"
    file.write_text(file.read_text().replace('"square"', '"![x](//y.z)"'))
    probe, epoch = run.probe(), 2
    at = finish(
        open_page(
            "embeddings",
            run="shapes",
            epoch="2",
            dims="3D",
            colour="correct",
            hide="class:circle",
            point=str(probe.ids[7]),
            lasso=text_of([1, 20, 35], 36),
            camera="1.1,0.9,0.5",
        )
    )
    sent = payload(at)
    assert sent["dims"] == 3
    assert sent["view"] == {
        "turn": 0,
        "selected": 7,
        "lasso": [1, 20, 35],
        "epoch": 2,
        "camera": "1.1,0.9,0.5",
        "only": [],
        "hide": ["class:circle"],
    }
    points = run.replay(epoch).embeddings.astype(float)
    gaps = np.linalg.norm(points - points[7], axis=1)
    assert sent["near"] == np.argsort(gaps, kind="stable")[1:7].tolist()
    photos = np.flatnonzero(probe.is_photo)
    for row in range(36):
        others = photos[photos != row]
        near = others[np.linalg.norm(points[others] - points[row], axis=1).argmin()]
        right = probe.labels[near] == probe.labels[row]
        assert sent["correct"][1][row] == ("1" if right else "0")
    relevant = probe.labels[photos] == probe.labels[7]
    expected = average_precision_score(relevant, -gaps[photos])
    told = html(at)
    assert f"AP as a query {expected:.2f}" in told
    assert r"**\!\[x\]\(//y\.z\)** · sketch · test" in [text.value for text in at.markdown]
    assert "Lasso: 3 items selected" in told
    assert "In the lasso" in told


@pytest.mark.usefixtures("runs_root")
def test_a_mangled_link_opens_the_plain_view() -> None:
    at = finish(
        open_page(
            "embeddings",
            run="shapes",
            method="lda",
            dims="9D",
            colour="mood",
            point="no/such/item",
            lasso="%%%",
            epoch="77",
        )
    )
    sent = payload(at)
    assert (sent["dims"], sent["colouring"]) == (2, "class")
    assert (sent["view"]["selected"], sent["view"]["lasso"]) == (None, [])
    assert sent["view"]["epoch"] == 3


@pytest.mark.usefixtures("runs_root")
def test_my_sketch_is_a_star_on_every_map() -> None:
    link = {"run": "shapes", "sketch": HOUSE.to_text()}
    flat = payload(finish(finish(open_page("embeddings", **link))))
    assert [len(star) for star in flat["star"]] == [2, 2, 2]
    deep = payload(finish(finish(open_page("embeddings", dims="3D", method="t-SNE", **link))))
    assert [len(star) for star in deep["star"]] == [3, 3, 3]
    assert payload(finish(open_page("embeddings", run="shapes")))["star"] == [None] * 3


@pytest.mark.parametrize(
    ("page", "kind"), [("embeddings", "sketchy_points"), ("replay", "sketchy_player")]
)
def test_an_epoch_without_weights_can_be_chosen(runs_root: Path, page: str, kind: str) -> None:
    weightless(runs_root / "shapes", 1, 2)
    at = finish(open_page(page, run="shapes", epoch="2"))
    assert payload(at, kind)["view"]["epoch"] == 2
    assert at.query_params["epoch"] == "2"
    assert "epoch 3 of 3 · best</div><div>epoch 2 kept no weights" in html(at)
    do(at, kind, turn=1, epoch=1)
    assert payload(at, kind)["view"]["epoch"] == 1
    assert at.query_params["epoch"] == "1"
    # What needs weights has the best ones; the choice is kept meanwhile.
    at._page_hash = page_hash("draw")
    assert "epoch 3 of 3 · best" in html(finish(at.run()))
    assert at.query_params["epoch"] == "1"


@pytest.mark.parametrize(
    ("page", "kind"), [("embeddings", "sketchy_points"), ("replay", "sketchy_player")]
)
def test_an_epoch_that_was_finished_meanwhile_can_be_chosen(
    runs_root: Path, monkeypatch: pytest.MonkeyPatch, page: str, kind: str
) -> None:
    finish(open_page(page, run="shapes"))  # all maps are made
    folder = layout.epoch_folder(runs_root / "shapes", 3)
    folder.rename(runs_root.parent / "third")
    at = finish(open_page(page, run="shapes", epoch="1"))
    assert payload(at, kind)["epochs"] == [1, 2]
    (runs_root.parent / "third").rename(folder)
    only_fragment(at, monkeypatch)
    assert payload(at, kind)["epochs"] == [1, 2, 3]
    do(at, kind, turn=1, epoch=3)
    assert payload(at, kind)["view"]["epoch"] == 3
    assert "epoch" not in at.query_params
    assert "epoch 3 of 3 · best" in html(at)


@pytest.mark.parametrize(
    ("page", "kind"), [("embeddings", "sketchy_points"), ("replay", "sketchy_player")]
)
def test_a_deed_elsewhere_leaves_the_epoch(runs_root: Path, page: str, kind: str) -> None:
    at = finish(open_page(page, run="shapes", epoch="2"))
    do(at, kind, turn=1, selected=3, raw=True)
    assert payload(at, kind)["view"]["turn"] == 1
    assert at.query_params["epoch"] == "2"
    assert at.query_params.get("point" if page == "embeddings" else "raw")


def test_a_folder_without_runs_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKETCHY_RUNS", str(tmp_path))
    assert "No runs yet" in html(open_page("embeddings"))


@given(
    some.integers(1, 300).flatmap(
        lambda count: some.tuples(some.just(count), some.sets(some.integers(0, count - 1)))
    )
)
def test_a_selection_survives_a_link(case: tuple[int, set[int]]) -> None:
    count, rows = case
    assert rows_of(text_of(sorted(rows), count), count) == tuple(sorted(rows))


@pytest.mark.parametrize("text", ["", "x", "AAAA", "eJw", "é", "====", text_of([3], 800)])
def test_a_selection_that_is_none_is_empty(text: str) -> None:
    assert rows_of(text, 36) == ()


def test_a_link_that_unpacks_to_much_is_refused() -> None:
    import zlib

    bomb = base64.urlsafe_b64encode(zlib.compress(b"\xff" * 10_000_000)).decode()
    assert rows_of(bomb, 36) == ()


@pytest.mark.parametrize("count", [1, 10, 11, 125, 345])
def test_a_palette_has_as_many_colours_as_classes(count: int) -> None:
    pairs = palette(count)
    assert len({light for light, _ in pairs}) == len({dark for _, dark in pairs}) == count
    assert all(re.fullmatch("#[0-9A-F]{6}", colour) for pair in pairs for colour in pair)


@pytest.mark.parametrize(
    "value", [{"turn": 1}, {"turn": "x", "selected": None}, {"turn": 1, "selected": [], "lasso": 3}]
)
def test_what_no_map_of_ours_says_is_refused(
    value: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.points.component.st.session_state", {"map": {"view": value}})
    with pytest.raises(ValueError, match="can't be read"):
        component.told("map")


def test_packed_pictures_are_read_by_their_offsets() -> None:
    file = packed([b"one", b"", b"three"])
    count, *offsets = struct.unpack("<5I", file[:20])
    assert (count, offsets) == (3, [0, 3, 3, 8])
    assert file[20 + offsets[2] : 20 + offsets[3]] == b"three"


# From here on in a real browser.


@pytest.fixture(scope="module")
def root(shapes_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("mapped")
    shutil.copytree(shapes_run, root / "shapes")
    return root


@pytest.fixture(scope="module")
def url(root: Path, dashboard_server: Callable[[Path], str]) -> str:
    return dashboard_server(root)


def open_map(page: "Page", address: str) -> None:
    page.goto(address)
    ready(page)


START = [1.05, 1.05, 0.75]
"""Where the camera of a 3D map stands at first."""
TURNED = """start => {
  const told = new URL(location).searchParams.get('camera')?.split(',').map(Number);
  const { x, y, z } = document.querySelector('.skp-plot')._fullLayout.scene.camera.eye;
  const far = (one, other) => one.some((at, axis) => Math.abs(at - other[axis]) > 0.01);
  return told && far(told, start) && !far(told, [x, y, z]);
}"""


def ready(page: "Page", dims: int = 0) -> None:
    page.wait_for_function(
        """dims => { const map = document.querySelector('.skp');
        return map && map.dataset.ready && (!dims || !!map.querySelector('.skp-plot').layout.scene
          === (dims === 3)) }""",
        arg=dims,
        timeout=WAIT,
    )


def pixel(page: "Page", row: int) -> tuple[float, float]:
    """Where a row of the probe lies on the screen by plotly's own axes and camera."""
    x, y = page.evaluate(
        """row => {
        const div = document.querySelector('.skp-plot'), full = div._fullLayout;
        const now = document.querySelector('.skp').places(), box = div.getBoundingClientRect();
        if (!full.scene) return [
          box.x + full.xaxis._offset + full.xaxis.d2p(now[2 * row]),
          box.y + full.yaxis._offset + full.yaxis.d2p(now[2 * row + 1])];
        const scene = full.scene._scene, c = scene.glplot.cameraParams;
        let v = [0, 1, 2].map(k => now[3 * row + k] * scene.dataScale[k]).concat(1);
        for (const m of [c.model, c.view, c.projection])
          v = [0, 1, 2, 3].map(r => m[r] * v[0] + m[4 + r] * v[1] + m[8 + r] * v[2]
            + m[12 + r] * v[3]);
        return [box.x + (v[0] / v[3] + 1) / 2 * box.width,
                box.y + (1 - v[1] / v[3]) / 2 * box.height]; }""",
        row,
    )
    return float(x), float(y)


def link_of(page: "Page") -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def clicked(page: "Page", name: str) -> None:
    page.wait_for_function(
        "name => new URL(location).searchParams.get('point') === name", arg=name, timeout=WAIT
    )


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("dims", [2, 3])
def test_a_click_shows_the_item_and_its_neighbours(
    page: "Page", url: str, root: Path, dims: int
) -> None:
    probe = Run(root / "shapes").probe()
    open_map(page, f"{url}/embeddings?run=shapes&dims={dims}D")
    ready(page, dims)
    place = pixel(page, 22)
    page.mouse.move(*place)
    tip = page.locator(".skp-tip")
    tip.wait_for(timeout=WAIT)
    hovered = int(str(tip.get_attribute("data-row")))
    page.wait_for_function("document.querySelector('.skp-tip img').naturalWidth > 0")
    page.mouse.click(*place)
    clicked(page, str(probe.ids[hovered]))
    near = page.locator(".st-key-card_near figure")
    near.first.wait_for(timeout=WAIT)
    assert near.count() == 6
    # At a point's own place there is that point, or one that hides it.
    gap = np.hypot(*np.subtract(place, pixel(page, hovered)))
    assert gap < 12
    label = str(probe.ids[hovered]).split("/")[2]
    assert label in page.locator(".st-key-card_clicked").inner_text()


@pytest.mark.browser
@pytest.mark.slow
def test_after_filtering_the_right_picture_belongs_to_the_right_point(
    page: "Page", url: str, root: Path
) -> None:
    probe = Run(root / "shapes").probe()
    open_map(page, f"{url}/embeddings?run=shapes")
    page.locator(".skp-chip", has_text="circle").click()
    page.wait_for_function("document.querySelector('.skp').dataset.shown === '24'", timeout=WAIT)
    page.wait_for_function(
        "new URL(location).searchParams.get('hide') === 'class:circle'", timeout=WAIT
    )
    for at in range(24, 36):
        # Of the photos, rows 18 to 35, the first six are circles, which are not there any more.
        page.mouse.move(*pixel(page, at))
        page.locator(".skp-tip").wait_for(timeout=WAIT)
        row = int(str(page.locator(".skp-tip").get_attribute("data-row")))
        assert probe.labels[row] != 0
    page.mouse.click(*pixel(page, 24))
    page.locator(".st-key-card_near figure").first.wait_for(timeout=WAIT)
    row = list(probe.ids).index(link_of(page)["point"][0])
    gap = np.hypot(*np.subtract(pixel(page, 24), pixel(page, row)))
    assert gap < 12


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("dims", [2, 3])
def test_a_lasso_lists_what_is_in_it(page: "Page", url: str, root: Path, dims: int) -> None:
    probe = Run(root / "shapes").probe()
    open_map(page, f"{url}/embeddings?run=shapes&dims={dims}D")
    ready(page, dims)
    places = [pixel(page, at) for at in range(36)]
    stage = page.locator(".skp-stage").bounding_box()
    assert stage is not None
    left, right = stage["x"] + 3, 0.0
    middle = sorted(x for x, _ in places)[17:19]
    right = sum(middle) / 2
    inside = {at for at, (x, _) in enumerate(places) if x < right}
    top, bottom = min(y for _, y in places) - 20, max(y for _, y in places) + 20
    page.get_by_role("button", name="Lasso").click()
    page.mouse.move(left, top)
    page.mouse.down()
    for corner in ((right, top), (right, bottom), (left, bottom)):
        page.mouse.move(*corner, steps=4)
    page.mouse.up()
    page.get_by_text(f"Lasso: {len(inside)} items selected").wait_for(timeout=WAIT)
    page.wait_for_function("new URL(location).searchParams.has('lasso')", timeout=WAIT)
    assert rows_of(link_of(page)["lasso"][0], 36) == tuple(sorted(inside))
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
    assert {row["id"] for row in rows} == {str(probe.ids[at]) for at in inside}


@pytest.mark.browser
@pytest.mark.slow
def test_play_moves_the_points_and_the_slider_chooses_the_epoch(page: "Page", url: str) -> None:
    open_map(page, f"{url}/embeddings?run=shapes&epoch=1")
    before = pixel(page, 18)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(
        "document.querySelector('.skt output').textContent === 'epoch 3'", timeout=WAIT
    )
    page.get_by_text("epoch 3 of 3").wait_for(timeout=WAIT)
    assert np.hypot(*np.subtract(pixel(page, 18), before)) > 2
    page.get_by_role("slider", name="Epoch").press("Home")
    page.get_by_text("epoch 1 of 3").wait_for(timeout=WAIT)
    # The points are there when the slider's own mark is: the label says it from half-way on.
    page.wait_for_function(
        "document.querySelector('.skt input').style.getPropertyValue('--part') === '0%'",
        timeout=WAIT,
    )
    assert np.allclose(pixel(page, 18), before, atol=1.5)


@pytest.mark.browser
@pytest.mark.long
def test_a_copied_link_shows_the_same_view_to_somebody_else(
    page: "Page", stranger: "Page", url: str
) -> None:
    open_map(page, f"{url}/embeddings?run=shapes&epoch=2&dims=3D&sketch={HOUSE.to_text()}")
    ready(page, 3)
    page.locator(".skp-chip", has_text="square").dblclick()
    page.wait_for_function("new URL(location).searchParams.get('only') === 'square'", timeout=WAIT)
    page.mouse.click(*pixel(page, 26))
    page.locator(".st-key-card_near figure").first.wait_for(timeout=WAIT)
    box = page.locator(".skp-stage").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 330, steps=8)
    page.mouse.up()
    # The click before has told of a camera already: the one that was turned is waited for.
    page.wait_for_function(TURNED, arg=START, timeout=WAIT)
    page.wait_for_function("document.querySelector('.skp').dataset.star", timeout=WAIT)
    open_map(stranger, page.url)
    ready(stranger, 3)
    stranger.wait_for_function("document.querySelector('.skp').dataset.star", timeout=WAIT)
    stranger.locator(".st-key-card_near figure").first.wait_for(timeout=WAIT)
    assert stranger.locator(".skp").get_attribute("data-shown") == "12"
    assert np.allclose(pixel(stranger, 26), pixel(page, 26), atol=4)
    for key in ("point", "only", "epoch", "dims", "camera"):
        assert link_of(stranger)[key] == link_of(page)[key]
