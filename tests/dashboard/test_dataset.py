"""The Dataset page: from the run alone, from the whole data set, and in a real browser."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from core import dataset
from core.data.packs import open_or_build_pack
from core.runs import Run
from tests.dashboard.test_pages import finish, html, open_page
from tests.made_run import shape

if TYPE_CHECKING:
    from playwright.sync_api import Page

WAIT = 60_000
PHOTOS = 10


@pytest.fixture
def traced(shapes_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run of Sketchy's layout whose data is at hand and packed: each photo is traced twice."""
    for name in ("circle", "square"):
        for kind in ("photo", "sketch"):
            (tmp_path / "data" / kind / "tx_000000000000" / name).mkdir(parents=True)
        for at in range(PHOTOS):
            photo = Image.fromarray(shape(name, at, photo=True))
            photo.save(tmp_path / f"data/photo/tx_000000000000/{name}/n0_{at}.jpg")
            for turn in (1, 2):
                sketch = Image.fromarray(shape(name, 50 + at, photo=False))
                sketch.save(tmp_path / f"data/sketch/tx_000000000000/{name}/n0_{at}-{turn}.png")
    monkeypatch.setenv("SKETCHY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SKETCHY_RUNS", str(tmp_path / "runs"))
    spec = f"sketchy:{tmp_path / 'data'}"
    pack = open_or_build_pack(spec, 32, progress=False, processes=1)
    data = {"spec": spec, "protocol": "seen", "seed": 0, "pack_size": 32, "framing": "ink",
            "fingerprint": pack.digest}  # fmt: skip
    path = tmp_path / "runs" / "traced"
    shutil.copytree(shapes_run, path)
    for kept in ("probe", "gallery"):
        shutil.rmtree(path / kept)
    info = json.loads((path / "run.json").read_text("utf-8"))
    told = json.dumps({**info, "data": data, "class_names": pack.class_names})
    (path / "run.json").write_text(told, "utf-8")
    return Run(path)


def test_the_run_alone_shows_its_photos_and_held_out_sketches(runs_root: Path) -> None:
    told = html(open_page("dataset", run="shapes"))
    assert "All 18 photos, and the 18 held-out sketches" in told
    assert "not on this machine" in told
    assert told.count("<figcaption>") == 12
    assert told.count("6 of 18") == 2
    assert "it was drawn from" not in told


def test_a_category_and_other_samples_of_it(runs_root: Path) -> None:
    at = open_page("dataset", run="shapes", k="12", **{"class": "square"})
    assert at.selectbox(key="dataset.class").value == "square"
    first = html(at)
    assert first.count("<figcaption><b>square") == 12
    assert first.count("6 of 6") == 2
    at = open_page("dataset", run="shapes")
    before = html(at)
    next(button for button in at.button if button.label == "Others").click().run()
    assert at.query_params["draw"] == "1"
    assert html(at) != before


def test_the_whole_data_set_with_the_photos_that_were_traced(traced: Run) -> None:
    told = html(finish(open_page("dataset")))
    assert "6 of 20" in told
    assert "6 of 40" in told
    assert "it was drawn from" in told
    assert "not on this machine" not in told
    held_out = html(finish(open_page("dataset", split="test")))
    assert "2 of 2" in held_out
    assert "4 of 4" in held_out


def test_every_pair_is_a_sketch_and_its_own_photo(traced: Run) -> None:
    pack = dataset.kept_pack(traced)
    assert pack is not None
    data = dataset.whole_data(traced, pack)
    assert len(data.sketches) == 4 * PHOTOS
    for sketch, target in zip(data.sketches.ids, data.targets, strict=True):
        photo = str(data.photos.ids[target])
        assert str(sketch).replace("/sketch/", "/photo/").rpartition("-")[0] == photo
    sides = data.photos.splits[data.targets]
    assert (sides == data.sketches.splits).all()
    rows = data.sketches.choose(5, seed=1, label="circle", split="train")
    assert len(set(rows.tolist())) == 5
    assert set(data.sketches.labels[rows]) == {"circle"}


def test_a_pack_is_found_by_its_fingerprint_or_made_anew(traced: Run, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "cache")
    assert dataset.kept_pack(traced) is None
    assert dataset.at_hand(traced)
    assert dataset.pack_again(traced).digest == traced.info["data"]["fingerprint"]
    assert dataset.kept_pack(traced) is not None
    (tmp_path / "data/sketch/tx_000000000000/circle/n0_3-1.png").unlink()
    with pytest.raises(ValueError, match="has changed since it was trained"):
        dataset.pack_again(traced)
    traced.info["data"]["fingerprint"] = "*" * 64
    assert dataset.kept_pack(traced) is None


def test_it_reads_the_data_set_when_asked(traced: Run, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "cache")
    at = open_page("dataset")
    assert "keeps no pictures yet" in html(at)
    read = next(button for button in at.button if button.label.startswith("Read"))
    # The spec may be a stranger's word: it never becomes markup.
    assert read.help.startswith(r"Reads sketchy\:/")
    read.click().run()
    at = finish(finish(at))
    assert "6 of 40" in html(at)


def test_pairs_are_told_from_the_names_that_a_run_keeps(runs_root: Path) -> None:
    run = Run(runs_root / "shapes")
    probe = run.probe()
    photo = int(np.flatnonzero(probe.ids == "shapes/photo/circle/4")[0])
    probe.ids[[0, photo]] = "sketchy/sketch/circle/4-2", "sketchy/photo/circle/4"
    probe.ids[1] = "shapes/sketch/circle/5-2"  # none of Sketchy's: its name tells nothing
    data = dataset.kept_data(run, None, probe)
    assert data.targets[0] == data.photos.rows["sketchy/photo/circle/4"]
    assert (data.targets[1:] == -1).all()
    assert np.array_equal(data.photos.labels, np.repeat(["circle", "square", "triangle"], 6))


# From here on in a real browser.


@pytest.fixture(scope="module")
def url(
    shapes_run: Path,
    tmp_path_factory: pytest.TempPathFactory,
    dashboard_server: Callable[[Path], str],
) -> str:
    root = tmp_path_factory.mktemp("sets")
    shutil.copytree(shapes_run, root / "shapes")
    return dashboard_server(root)


@pytest.mark.browser
@pytest.mark.slow
def test_a_category_is_searched_and_others_are_asked_for(page: "Page", url: str) -> None:
    page.goto(f"{url}/dataset?run=shapes")
    page.locator(".js-plotly-plot").wait_for(timeout=WAIT)
    page.get_by_role("combobox", name="Category").fill("tri")
    page.get_by_role("option", name="triangle · 6 photos, 6 sketches").click()
    page.wait_for_url("**class=triangle**", timeout=WAIT)
    page.get_by_text("6 of 6").first.wait_for(timeout=WAIT)
    captions = page.locator(".sk-grid figcaption b").all_inner_texts()
    assert captions == ["triangle"] * 12
    before = page.locator(".sk-grid img").first.get_attribute("src")
    page.get_by_role("button", name="Others").click()
    page.wait_for_url("**draw=1**", timeout=WAIT)
    page.wait_for_function(
        "before => document.querySelector('.sk-grid img').src !== before", arg=before, timeout=WAIT
    )
    page.locator(".js-plotly-plot .point").first.click(force=True)
    page.wait_for_url("**class=circle**", timeout=WAIT)
