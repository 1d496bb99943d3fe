"""Film and map by themselves in a browser, without a server: their timeline, and what they tell."""

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dashboard.player import component as film
from dashboard.points import component as points

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PARTS = ("film", "map")
WAIT = 20_000
EPOCH = 800
"""Milliseconds that play gives to one."""
STAND = """async source => {
    const file = new Blob([source], { type: 'text/javascript' });
    const { default: component } = await import(URL.createObjectURL(file));
    window.sent = [];
    const setStateValue = (_, view) => window.sent.push(view);
    window.show = data => component({ data, parentElement: document.body, setStateValue });
    window.gate = Promise.resolve();
    // The frame of the map is another's; its axes are enough here.
    const axis = { _offset: 0, l2p: place => place, range: [0, 1] };
    const react = async div => Object.assign(div,
        { layout: {}, on: () => {}, _fullLayout: { xaxis: axis, yaxis: axis } });
    window.Plotly = { react, purge: () => {} };
    const { fetch } = window;
    window.fetch = async url => { await window.gate; return fetch(url); };
}"""


class Stand:
    """A component that is given data as Python gives it, in a page whose clock is ours."""

    def __init__(self, page: "Page", part: str) -> None:
        self.page, self.part = page, part
        here, scripts = points.HERE, [points.HERE / f"{name}.js" for name in points.SCRIPTS]
        if part == "film":
            here, scripts = film.HERE, list(film.SCRIPTS)
        page.set_default_timeout(WAIT)
        page.clock.install(time=0)
        page.clock.pause_at(1)
        page.set_content((here / f"{here.name}.html").read_text("utf-8"))
        page.evaluate(STAND, "\n".join(path.read_text("utf-8") for path in scripts))

    def show(self, epochs: Sequence[int], epoch: int, *, turn: int = 0, wait: bool = True) -> None:
        """Give it these epochs, of which one is chosen."""
        self.page.evaluate("data => { show(data) }", sent(epochs, epoch, turn))
        if wait:
            self.loaded()

    def loaded(self) -> None:
        self.page.locator("[data-ready]:not([data-ready=''])").wait_for()

    def pass_time(self, epochs: float) -> None:
        self.page.clock.fast_forward(round(epochs * EPOCH))

    def press(self, key: str) -> None:
        self.page.get_by_role("slider", name="Epoch", exact=True).press(key)

    def elsewhere(self) -> None:
        """Do something that has nothing to do with the epoch."""
        if self.part == "film":
            self.page.get_by_label("Raw").click()
        else:
            self.page.locator(".skp-chip").first.click()

    @property
    def epoch(self) -> int:
        return int(self.page.locator(".skt output").inner_text().removeprefix("epoch "))

    @property
    def playing(self) -> bool:
        return self.page.get_by_role("button", name="Pause").count() == 1

    @property
    def told(self) -> list[int | None]:
        """The epoch in each deed told."""
        found: list[int | None] = self.page.evaluate("sent.map(view => view.epoch)")
        return found


def sent(epochs: Sequence[int], epoch: int, turn: int) -> dict[str, Any]:
    """What Python sends, to film and map at once: two points, one sample."""
    numbers = np.arange(4 * len(epochs), dtype="<f4")

    def file(content: np.ndarray) -> str:
        return f"data:;base64,{base64.b64encode(content.tobytes()).decode()}"

    names = {"domain": ["photo", "sketch"], "split": ["test"], "correct": ["right", "wrong"]}
    colours = ["#336699", "#99ccff"]
    return {
        "key": str(list(epochs)), "epochs": list(epochs), "labels": [0, 1], "classes": ["a", "b"],
        "pictures": {"chunk": 1, "urls": []},
        "view": {"turn": turn, "epoch": epoch, "opacity": 75, "raw": False,
                 "selected": None, "lasso": [], "camera": "", "only": [], "hide": []},
        # The film's own.
        "stem": "one", "mode": "looks", "height": 2, "width": 2, "maps": file(numbers), "k": 0,
        "found": [[[]]] * len(epochs), "scores": [[[]]] * len(epochs), "inked": True,
        "samples": [{"row": -1, "label": "a", "truth": None, "picture": None}],
        # The map's own.
        "name": "one", "plotly": "", "coords": file(numbers), "count": 2, "dims": 2,
        "photos": "01", "splits": [0, 0], "names": names, "correct": [], "colouring": "class",
        "groups": [{"name": name, "colours": colours, "mark": ""} for name in "ab"],
        "star": [None] * len(epochs), "nearOf": -1, "near": [],
    }  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    ("more", "then"), [([1, 2, 5, 6, 7], [2, 5, 7]), ([1, 2, 3, 4, 5, 6], [3, 4, 6])]
)
def test_what_plays_plays_on_when_there_are_more_epochs(
    page: "Page", part: str, more: list[int], then: list[int]
) -> None:
    stand = Stand(page, part)
    stand.show([1, 2, 5], 1)
    page.get_by_role("button", name="Play").click()
    stand.pass_time(1.4)
    assert stand.epoch == 2
    stand.show(more, 1)
    assert (stand.epoch, stand.playing) == (then[0], True)
    stand.pass_time(1)
    assert (stand.epoch, stand.playing, stand.told) == (then[1], True, [])
    stand.pass_time(len(more))
    assert (stand.epoch, stand.playing, stand.told) == (then[2], False, [then[2]])


@pytest.mark.parametrize("part", PARTS)
def test_an_epoch_is_chosen_while_others_are_on_their_way(page: "Page", part: str) -> None:
    stand = Stand(page, part)
    stand.show([4, 5, 6], 4)
    page.evaluate("() => { gate = new Promise(open => { window.opened = open }) }")
    stand.show([2, 3, 4, 5, 6], 4, wait=False)
    stand.press("ArrowRight")
    assert stand.told == [5]
    page.evaluate("opened()")
    stand.loaded()
    stand.pass_time(2)
    assert (stand.epoch, stand.told) == (5, [5])


@pytest.mark.parametrize("part", PARTS)
def test_an_arrow_while_it_plays_goes_on_from_there(page: "Page", part: str) -> None:
    stand = Stand(page, part)
    stand.show([1, 2, 3, 4, 5], 1)
    page.get_by_role("button", name="Play").click()
    stand.pass_time(2.2)
    assert stand.epoch == 3
    stand.press("ArrowRight")
    stand.pass_time(2)
    assert (stand.epoch, stand.playing, stand.told) == (4, False, [4])


@pytest.mark.parametrize("part", PARTS)
def test_an_epoch_is_told_until_it_is_answered_and_by_no_other_deed(
    page: "Page", part: str
) -> None:
    stand = Stand(page, part)
    stand.show([1, 2, 3], 2)
    stand.elsewhere()
    stand.press("ArrowRight")
    stand.elsewhere()
    assert stand.told == [None, 3, 3]
    stand.show([1, 2, 3], 3, turn=3)
    stand.elsewhere()
    assert stand.told == [None, 3, 3, None]
