"""What a person does, in a real browser on the real server: draw, undo, erase, share a link."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
from PIL import Image

from tests.made_run import break_run, shape

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WAIT = 120_000
"""Milliseconds; the first look at a gallery loads torch, perhaps on a busy machine."""
BAR = [(0.2, 0.5), (0.8, 0.5)]
POST = [(0.5, 0.2), (0.5, 0.8)]


@pytest.fixture(scope="module")
def root(shapes_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("browsed")
    shutil.copytree(shapes_run, root / "shapes")
    shutil.copytree(shapes_run, root / "shapes-again")
    break_run(root / "broken")
    return root


@pytest.fixture(scope="module")
def url(root: Path, dashboard_server: Callable[[Path], str]) -> str:
    return dashboard_server(root)


def visit(page: "Page", address: str) -> None:
    page.set_default_timeout(WAIT)
    page.goto(address)
    page.locator(".sk-header").wait_for(timeout=WAIT)


def pull(page: "Page", points: Sequence[tuple[float, float]]) -> None:
    """Pull the pen, or whatever tool is chosen, through points given as shares of the canvas."""
    canvas = page.locator(".paper canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=12)
    page.mouse.up()


def ink(page: "Page") -> int:
    """Dark pixels on the canvas."""
    return int(
        page.locator(".paper canvas").evaluate(
            """(canvas) => {
                const pen = canvas.getContext("2d");
                const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
                let dark = 0;
                for (let at = 0; at < data.length; at += 4) dark += data[at] < 128;
                return dark;
            }"""
        )
    )


def sketch_in_link(page: "Page") -> str:
    return page.url.partition("sketch=")[2].partition("&")[0]


def answered(page: "Page", before: str = "") -> str:
    """Wait until the link holds another sketch than before and its photos are there."""
    page.wait_for_function(
        "(before) => (new URL(location).searchParams.get('sketch') || '') !== before",
        arg=before,
        timeout=WAIT,
    )
    page.locator(".sk-grid figure:not(.blank)").first.wait_for(timeout=WAIT)
    return sketch_in_link(page)


def test_drawing_with_the_mouse_brings_photos(page: "Page", url: str) -> None:
    visit(page, f"{url}/draw?run=shapes")
    pull(page, BAR)
    one = answered(page)
    assert page.locator(".sk-grid figure").count() == 8
    assert page.locator(".sk-picture img").count() == 1
    assert "of 8" in page.locator(".sk-votes").inner_text()
    pull(page, POST)
    two = answered(page, one)
    page.get_by_label("Undo").click()
    assert answered(page, two) == one
    page.get_by_label("Redo").click()
    assert answered(page, one) == two


def test_the_eraser_takes_ink_from_what_is_asked(page: "Page", url: str) -> None:
    visit(page, f"{url}/draw?run=shapes")
    pull(page, BAR)
    one = answered(page)
    pull(page, POST)
    two = answered(page, one)
    drawn = ink(page)
    page.get_by_label("Eraser").click()
    pull(page, [(0.5, 0.15), (0.5, 0.4)])
    three = answered(page, two)
    assert three != one
    assert ink(page) < drawn
    page.get_by_label("Clear").click()
    page.wait_for_function("() => !new URL(location).searchParams.has('sketch')", timeout=WAIT)
    assert ink(page) == 0
    page.locator(".sk-grid figure.blank").first.wait_for(timeout=WAIT)


def test_a_copied_link_opens_the_same_view_for_somebody_else(
    page: "Page", stranger: "Page", url: str
) -> None:
    visit(page, f"{url}/draw?run=shapes&epoch=2")
    pull(page, BAR)
    answered(page)
    page.get_by_text("16", exact=True).click()
    page.wait_for_url("**k=16**", timeout=WAIT)
    page.locator(".sk-grid figure").nth(15).wait_for(timeout=WAIT)
    titles = "(all) => all.map((figure) => figure.title)"
    mine = page.locator(".sk-grid figure").evaluate_all(titles)
    visit(stranger, page.url)
    stranger.locator(".sk-grid figure").nth(15).wait_for(timeout=WAIT)
    assert stranger.locator(".sk-grid figure").evaluate_all(titles) == mine
    assert "epoch 2 of 3" in stranger.locator(".sk-checkpoint").inner_text()
    assert ink(stranger) > 500
    assert stranger.url == page.url


def test_the_sketch_goes_along_to_other_pages_and_back(page: "Page", url: str) -> None:
    visit(page, f"{url}/draw?run=shapes")
    pull(page, BAR)
    drawn = answered(page)
    page.get_by_role("link", name="Curves").click()
    page.locator(".js-plotly-plot").first.wait_for(timeout=WAIT)
    page.wait_for_url("**/curves?**sketch=**", timeout=WAIT)
    page.get_by_role("link", name="Draw").click()
    page.locator(".sk-grid figure:not(.blank)").first.wait_for(timeout=WAIT)
    page.wait_for_function("() => new URL(location).searchParams.has('sketch')", timeout=WAIT)
    assert sketch_in_link(page) == drawn
    assert ink(page) > 500


def test_surprise_me_marks_right_and_wrong(page: "Page", url: str) -> None:
    visit(page, f"{url}/draw?run=shapes")
    page.get_by_role("button", name="Surprise me").click()
    answered(page)
    marked = page.locator(".sk-grid figure.right, .sk-grid figure.wrong")
    marked.first.wait_for(timeout=WAIT)
    assert marked.count() == 8
    assert "this is a" in page.locator(".sk-note").inner_text()
    pull(page, BAR)
    page.locator(".sk-grid figure:not(.right):not(.wrong):not(.blank)").first.wait_for(timeout=WAIT)


def test_a_picture_can_be_uploaded_and_a_broken_one_is_told(
    page: "Page", url: str, tmp_path: Path
) -> None:
    Image.fromarray(shape("circle", 1, photo=False, size=300)).save(tmp_path / "circle.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    visit(page, f"{url}/draw?run=shapes")
    page.get_by_role("button", name="Upload a sketch").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "broken.png")
    page.locator(".sk-trouble").wait_for(timeout=WAIT)
    assert "broken.png" in page.locator(".sk-trouble").inner_text()
    page.locator("input[type=file]").set_input_files(tmp_path / "circle.png")
    answered(page)
    assert ink(page) > 500


def test_a_finger_draws_on_a_phone(browser: "Browser", url: str) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    visit(page, f"{url}/draw?run=shapes")
    canvas = page.locator(".paper canvas")
    canvas.wait_for()
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    before = page.locator("[data-testid=stMain]").evaluate("(main) => main.scrollTop")
    touch = context.new_cdp_session(page)
    x = box["x"] + box["width"] / 2
    heights = np.linspace(0.8, 0.2, 12) * box["height"] + box["y"]
    for kind, y in [("touchStart", heights[0]), *(("touchMove", y) for y in heights)]:
        points = [{"x": x, "y": float(y)}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    answered(page)
    assert ink(page) > 100
    assert page.locator("[data-testid=stMain]").evaluate("(main) => main.scrollTop") == before
    wide = page.evaluate("() => document.documentElement.scrollWidth")
    assert wide <= 390
    context.close()


def test_home_shows_pictures_and_leads_to_drawing(page: "Page", url: str) -> None:
    visit(page, url)
    page.locator(".sk-example img").first.wait_for(timeout=WAIT)
    assert page.locator(".sk-example").count() == 3
    assert "broken can't be read" in page.locator(".sk-trouble").inner_text()
    page.get_by_role("button", name="Draw one yourself").click()
    page.locator(".paper canvas").wait_for(timeout=WAIT)
    assert page.url.startswith(f"{url}/draw")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["", "draw", "curves"])
def test_the_theme_is_ours_and_nothing_scrolls_sideways(
    page: "Page", url: str, address: str, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    visit(page, f"{url}/{address}")
    paper = page.locator(".stApp").evaluate("(app) => getComputedStyle(app).backgroundColor")
    assert paper == {"light": "rgb(251, 250, 247)", "dark": "rgb(21, 23, 28)"}[scheme]
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("(main) => main.scrollWidth <= main.clientWidth")
