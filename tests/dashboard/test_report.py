"""A report opened from disk in a real browser that has no network."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.report import LARGEST, make_report
from core.runs import Run

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAPER = {"light": "rgb(251, 250, 247)", "dark": "rgb(21, 23, 28)"}


@pytest.fixture(scope="module")
def written(shapes_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sent")
    shutil.copytree(shapes_run, folder / "again")
    runs = [Run(shapes_run), Run(folder / "again")]
    return make_report(runs, folder / "report.html")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_a_report_opens_without_a_network(
    browser: "Browser", written: Path, scheme: str, width: int
) -> None:
    assert written.stat().st_size < LARGEST
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    context.set_offline(True)
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url.partition(":")[0]))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(written.as_uri())
    pictures = page.evaluate(
        "() => [...document.images].map(image => image.complete && image.naturalWidth)"
    )
    assert len(pictures) > 80
    assert all(pictures)
    assert set(asked) <= {"file", "data"}
    assert not said
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == PAPER[scheme]
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    # What is wide scrolls by itself, and what is folded opens without a script.
    page.locator("summary").first.click()
    assert page.locator("details[open] table").first.is_visible()
    colour = "(part) => getComputedStyle(part).borderTopColor"
    right = page.locator("figure.right").first.evaluate(colour)
    assert right != page.locator("figure.wrong").first.evaluate(colour)
    context.close()
