"""Every page in a session without a browser: with runs, without, with a broken one, from a link."""

import json
import shlex
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.gallery import list_galleries
from core.runs import Run, RunWriter
from dashboard import jobs, photos, state
from dashboard.jobs import Job
from dashboard.router import GROUPS
from dashboard.sketch import Sketch
from tests.made_run import CLASSES, SIZE, break_run, shape, write_run

APP = Path(state.__file__).parent / "app.py"
PAGES = [module for entries in GROUPS.values() for module, _ in entries]
HOUSE = Sketch(strokes=((14, ((200, 500), (500, 200), (800, 500), (800, 900), (200, 900))),))
WAIT = 60
NO_RUNS = ("No runs yet", ["demo", "train"])
EMPTY = {"studies": ("No studies yet", ["tune"])}
"""What a page says where there is nothing to show, and the commands that it names."""


def open_page(page: str, **link: str | list[str]) -> AppTest:
    """A new session that opens a page by its address."""
    at = AppTest.from_file(str(APP), default_timeout=WAIT)
    for name, value in link.items():
        at.query_params[name] = value
    at._page_hash = page_hash(page)
    at.run()
    assert not at.exception, at.exception
    return at


def page_hash(page: str) -> str:
    from streamlit.util import calc_hash

    return calc_hash("" if page == "home" else page)


def html(at: AppTest) -> str:
    return "\n".join(str(piece.proto.body) for piece in at.get("html"))


def finish(at: AppTest) -> AppTest:
    """Wait for the background jobs that the page started, then run it again."""
    for job in list(jobs._registry()[0].values()):
        assert job.thread is not None
        job.thread.join(timeout=WAIT)
        assert not job.error, job.error
    return at.run()


def surprise(at: AppTest) -> AppTest:
    return next(button for button in at.button if button.label == "Surprise me").click().run()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_on_a_folder_with_runs(runs_root: Path, page: str) -> None:
    at = open_page(page)
    told = html(at)
    assert "sk-header" in told
    assert "checkpoint" in told
    assert "fault of ours" not in told


@pytest.mark.parametrize("page", PAGES)
def test_a_page_without_runs_tells_the_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.setenv("SKETCHY_RUNS", str(tmp_path / "nothing"))
    at = open_page(page)
    told, commands = EMPTY.get(page, NO_RUNS)
    assert told in html(at)
    assert [block.value.split()[1] for block in at.code] == commands


@pytest.mark.parametrize("page", PAGES)
def test_a_page_with_nothing_but_a_broken_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    break_run(tmp_path / "runs" / "broken")
    monkeypatch.setenv("SKETCHY_RUNS", str(tmp_path / "runs"))
    told = html(open_page(page))
    assert "fault of ours" not in told
    assert ("is damaged" if page == "home" else EMPTY.get(page, NO_RUNS)[0]) in told


@pytest.mark.parametrize("run", ["broken", "nowhere", "../../etc", "<b>x</b>"])
@pytest.mark.parametrize("page", PAGES)
def test_a_link_to_a_run_that_is_none(runs_root: Path, page: str, run: str) -> None:
    told = html(open_page(page, run=run))
    assert "sk-trouble" in told
    assert "fault of ours" not in told
    assert "<b>x</b>" not in told


def test_home_tells_of_runs_that_failed_and_not_of_those_that_were_stopped(runs_root: Path) -> None:
    RunWriter(runs_root / "shapes").set_status("stopped", "stopped early by ASHA at epoch 1")
    RunWriter(runs_root / "shapes-again").set_status("failed", "the disk is full")
    told = html(open_page("home"))
    assert "shapes-again is failed: the disk is full" in told
    assert "ASHA" not in told


def test_a_link_opens_the_same_view(runs_root: Path) -> None:
    link = {"run": "shapes", "epoch": "2", "sketch": HOUSE.to_text(), "k": "16", "class": "circle"}
    at = finish(open_page("draw", **link))
    assert at.session_state["draw.k"] == 16
    assert at.session_state["draw.class"] == ["circle"]
    assert "epoch 2 of 3" in html(at)
    assert html(at).count('class="sk-tile') == 0
    assert "6 of 6" in html(at)
    written = {name: at.query_params[name] for name in at.query_params}
    assert {
        name: [value] if isinstance(value, str) else value for name, value in written.items()
    } == {name: [value] for name, value in link.items()}


def test_a_link_with_nonsense_falls_back_to_the_defaults(runs_root: Path) -> None:
    at = finish(open_page("draw", k="7", epoch="99", sketch="!!", attention="x", other="<i>"))
    assert at.session_state["draw.k"] == 8
    assert "epoch 3 of 3" in html(at)
    assert not dict(at.query_params)


def test_a_sketch_is_answered_and_goes_along(runs_root: Path) -> None:
    at = finish(open_page("draw"))
    assert "Nothing yet" in html(at)
    strokes = [[width, [list(point) for point in path]] for width, path in HOUSE.strokes]
    at.session_state["injected drawing"] = {"strokes": strokes, "erased": [], "based": False}
    at.run()
    told = html(at)
    assert "answered in" in told
    assert told.count("<figcaption><b>") == 8
    assert 'class="right"' not in told
    at._page_hash = page_hash("home")
    at.run()
    at._page_hash = page_hash("draw")
    at.run()
    assert "answered in" in html(at)
    assert at.query_params["sketch"] == HOUSE.to_text()


def test_a_surprise_is_a_sketch_whose_class_is_known(runs_root: Path) -> None:
    at = finish(open_page("draw"))
    told = html(surprise(at))
    assert "this is a " in told
    assert 'class="right"' in told or 'class="wrong"' in told
    before = at.query_params["sketch"]
    assert surprise(at).query_params["sketch"] != before


def test_attention_is_laid_over_the_photos_on_demand(runs_root: Path) -> None:
    at = finish(open_page("draw", sketch=HOUSE.to_text()))
    plain = html(at)
    at.toggle[0].set_value(True).run()
    assert html(at) != plain
    assert at.query_params["attention"] == "True"


def test_two_people_do_not_share_a_view(runs_root: Path) -> None:
    one = open_page("draw", run="shapes", sketch=HOUSE.to_text())
    other = finish(open_page("draw", run="shapes-again"))
    assert "Nothing yet" in html(other)
    assert "sketch" not in other.query_params
    assert "shapes-again" not in html(one.run())


def test_a_run_whose_photos_are_gone_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(tmp_path / "runs" / "it's bare", epochs=1, gallery=False)
    monkeypatch.setenv("SKETCHY_RUNS", str(tmp_path / "runs"))
    for page in ("draw", "failures"):
        at = open_page(page)
        assert "bare has no photos to search yet" in html(at)
        assert "shapes, is not on this machine" in html(at)
        assert shlex.split(at.code[0].value) == ["sketchy", "query", "it's bare", "DRAWING.png"]


def test_photos_are_kept_when_they_are_asked_for(
    runs_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.data.packs import open_or_build_pack

    run = write_run(runs_root / "bare", epochs=1, gallery=False)
    folder = photos_in(runs_root.parent / "mine", drawings=True)
    pack = open_or_build_pack(f"folder:{folder}", SIZE)
    told = json.loads((run.path / "run.json").read_text())
    told["data"] |= {"spec": f"folder:{folder}", "fingerprint": pack.digest, "pack_size": SIZE}
    told["class_names"] = list(pack.class_names)
    (run.path / "run.json").write_text(json.dumps(told))
    # Packed here, as a study's trials are: nobody has to ask.
    shutil.copytree(run.path, runs_root / "trial")
    at = finish(open_page("draw", run="trial"))
    assert len(list_galleries(Run(runs_root / "trial"))) == 1
    # The pack is gone: reading a folder that a run names is the person's decision.
    monkeypatch.setenv("SKETCHY_CACHE", str(runs_root.parent / "empty"))
    at = open_page("draw", run="bare")
    assert "bare has no photos to search yet" in html(at)
    assert not list_galleries(run)
    press = next(button for button in at.button if button.label == "Keep its photos")
    finish(press.click().run())
    (kept,) = list_galleries(Run(run.path))
    assert len(kept) == len(CLASSES)


def test_other_photos_are_kept_with_a_run_and_searched(
    runs_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.photos.local", lambda: True)
    at = finish(open_page("draw", run="shapes", sketch=HOUSE.to_text()))
    assert "over 18 photos" in html(at)
    run = Run(runs_root / "shapes")
    at.text_input(key="photos_spec").set_value("nowhere").run()
    assert "unknown data &#x27;nowhere&#x27;" in trouble_of(at)
    at.text_input(key="photos_spec").set_value(str(photos_in(runs_root.parent / "mine"))).run()
    at = finish(finish(finish(at)))
    (_, other) = list_galleries(run)
    assert at.query_params["photos"] in (other.key, [other.key])
    assert "over 3 photos" in html(at)
    at = finish(open_page("draw", run="shapes", sketch=HOUSE.to_text(), photos=other.key))
    assert "over 3 photos" in html(at)
    at.radio[0].set_value("").run()
    assert "over 18 photos" in html(at)
    assert "photos" not in at.query_params


def test_folders_are_opened_for_this_computer_alone(
    runs_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for address, local in (("127.0.0.1", True), ("localhost", True), ("::1", True),
                           ("0.0.0.0", False), ("", False), ("demo.example", False)):  # fmt: skip
        monkeypatch.setattr("streamlit.get_option", lambda _name, told=address: told)
        assert photos.local() is local
    monkeypatch.undo()
    monkeypatch.setenv("SKETCHY_RUNS", str(runs_root))
    monkeypatch.setattr("dashboard.photos.local", lambda: False)
    assert not list(open_page("draw", run="shapes").text_input)


def photos_in(folder: Path, *, drawings: bool = False) -> Path:
    """A folder of three photos, with three drawings where asked."""
    for name in CLASSES:
        for kind in ("images", "sketches") if drawings else ("",):
            place = folder / kind / name
            place.mkdir(parents=True)
            picture = shape(name, 7, photo=kind != "sketches", size=48)
            Image.fromarray(picture).save(place / "one.png")
    return folder


def trouble_of(at: AppTest) -> str:
    """What the page says went wrong, once its jobs have ended."""
    for job in list(jobs._registry()[0].values()):
        assert job.thread is not None
        job.thread.join(timeout=WAIT)
    return html(at.run())


def test_the_epoch_is_changed_in_the_sidebar(runs_root: Path) -> None:
    at = open_page("home", run="shapes")
    assert "epoch 3 of 3 · best" in html(at)
    at.select_slider[0].set_value(1).run()
    assert "epoch 1 of 3" in html(at)
    assert at.query_params["epoch"] == "1"
    at.selectbox[0].set_value("shapes-again").run()
    assert at.query_params["run"] == "shapes-again"
    assert "epoch" not in at.query_params


def test_curves_overlay_several_runs(runs_root: Path) -> None:
    at = open_page("curves", run=["shapes", "shapes-again"], smoothing="0.6", log="True")
    assert at.multiselect[0].value == ["shapes", "shapes-again"]
    assert len(at.get("plotly_chart")) >= 5
    assert "shapes-again · loss_total" in at.get("plotly_chart")[0].proto.spec
    at.multiselect[0].set_value(["shapes"]).run()
    assert at.query_params["run"] == "shapes"


def test_home_filters_its_runs(runs_root: Path) -> None:
    at = open_page("home", search="again")
    assert at.dataframe[0].value["run"].tolist() == ["shapes-again"]
    at.text_input[0].set_value("no such run").run()
    assert "No run matches" in html(at)
    at.text_input[0].set_value("").run()
    assert sorted(at.dataframe[0].value["run"]) == ["broken", "shapes", "shapes-again"]


def tick(at: AppTest, rows: list[int], table: str = "") -> AppTest:
    """Tick these rows of Home's table, as a browser tells it; `table` names one seen before."""
    states = at._tree.get_widget_states()
    told = json.dumps({"selection": {"rows": rows, "columns": [], "cells": []}})
    states.widgets.add(id=table or at.dataframe[0].proto.id, string_value=told)
    return at._run(states)


def test_a_run_is_ticked_and_another_before_the_page_has_changed(runs_root: Path) -> None:
    at = open_page("home")
    names = at.dataframe[0].value["run"].tolist()
    rows = [names.index("shapes"), names.index("shapes-again")]
    table = at.dataframe[0].proto.id
    at = tick(at, rows[:1])
    assert at.query_params["run"] == "shapes"
    at = tick(at, rows, table)
    assert at.query_params["run"] == ["shapes", "shapes-again"]
    assert at.dataframe[0].proto.id == table
    # Chosen in the sidebar: the table starts anew, with other rows ticked.
    at.selectbox[0].set_value("shapes-again").run()
    assert at.dataframe[0].proto.id != table
    assert at.query_params["run"] == "shapes-again"


def test_a_row_opens_the_run_of_its_folder(shapes_run: Path, runs_root: Path) -> None:
    for study in ("weights", "weights-old"):
        shutil.copytree(shapes_run, runs_root / study / "000")
        file = runs_root / study / "000" / "run.json"
        told = json.loads(file.read_text()) | {"study": "weights"}
        file.write_text(json.dumps(told))
    at = open_page("home")
    shown = at.dataframe[0].value
    (row,) = shown.index[shown["study"] == "weights-old"]
    at = tick(at, [int(row)])
    assert at.query_params["run"] == "weights-old/000"
    assert "<b>weights-old/000</b>" in html(at)


def test_home_lists_its_runs_though_one_is_damaged(runs_root: Path) -> None:
    for items in runs_root.glob("shapes/gallery/*/items.npz"):
        items.write_bytes(b"no archive")
    for run in ("shapes", "nowhere"):
        at = open_page("home", run=run)
        assert sorted(at.dataframe[0].value["run"]) == ["broken", "shapes", "shapes-again"]
        assert ("items.npz can&#x27;t be read" if run == "shapes" else "no run at") in html(at)


def test_text_of_a_run_never_becomes_markup(runs_root: Path) -> None:
    file = runs_root / "shapes" / "status.json"
    file.write_text(json.dumps({"state": "![x](//y.z)", "reason": "<img src=x>"}))
    at = open_page("home", run="shapes")
    assert r"\!\[x\]\(//y\.z\)" in at.button_group[0].options
    assert "&lt;img src=x&gt;" in html(at)


def watching() -> None:
    import streamlit as st

    from dashboard import mine, pieces

    for watch in (pieces.watch, mine.watch):
        watch(st.session_state["job"])


def test_text_of_a_job_never_becomes_markup() -> None:
    title = "photos of ![x](//y.z)"
    at = AppTest.from_function(watching)
    at.session_state["job"] = Job(title)
    at.run()
    told = [piece.proto.text for piece in at.get("progress")]
    assert len(told) == 2
    assert all(text.startswith(r"photos of \!\[x\]\(//y\.z\) · starting") for text in told)
    at.session_state["job"] = Job(title, error="![x](//y.z)", finished=True)
    at.run()
    assert not at.error
    assert html(at).count(f"{title}: ![x](//y.z)</div>") == 2


def leaving() -> None:
    import streamlit as st

    from dashboard import state

    page = st.session_state.get("page", "failures")
    state.start(page)
    if page == "failures":
        st.text_input("Asked", key=state.bind("asked", ""))
        # The page ends here while its work runs.


def test_a_setting_stays_though_the_page_is_left_before_its_end() -> None:
    at = AppTest.from_function(leaving).run()
    at.text_input[0].set_value("all").run()
    for page in ("home", "failures"):
        at.session_state["page"] = page
        at.run()
    assert at.text_input[0].value == "all"


@pytest.mark.parametrize(
    ("error", "told"),
    [(ValueError("the sketch is too <big>"), "the sketch is too &lt;big&gt;"),
     (KeyError("secret"), "a fault of ours")],
)  # fmt: skip
def test_what_goes_wrong_in_a_part_of_a_page_is_told_once(
    runs_root: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, told: str
) -> None:
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr("dashboard.mine.prepared", fails)
    at = open_page("replay", run="shapes", show="my sketch")
    assert told in html(at)
    assert html(at).count('class="sk-trouble"') == 1
    assert "secret" not in html(at)


def test_every_part_that_runs_by_itself_tells_what_went_wrong() -> None:
    files = sorted(APP.parent.rglob("*.py"))
    after = [
        (file.name, following)
        for file in files
        for lines in [file.read_text(encoding="utf-8").splitlines()]
        for line, following in pairwise(lines)
        if line.startswith("@st.fragment")
    ]
    assert len(after) > 5
    assert [pair for pair in after if not pair[1].startswith("@faults.told(")] == []
