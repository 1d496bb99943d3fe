"""How fast the Studies page is: a real server, a real browser, a study of 200 trials.

    python -m benchmarks.studies [--json] [--trials 200] [--epochs 50] [--rounds 9]

Every trial has a run directory with all its epochs, made by the real writers with made-up numbers.
`open_s`: from a click on the page's name in the open dashboard to the last figure drawn, median
over people. `link_open_s`: the same from a link that somebody follows with an empty browser, which
first loads all of the dashboard; `first_open_s`: that for the first person, when the server has
read nothing yet. `filter_s`: from a click on a state to the last figure that follows it, median.
The clock is the page's own. `importance_s`: from the first page open to importance shown, which is
worked out aside and holds nothing up. Chromium renders without a graphics card here.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.dashboard import Server
from benchmarks.made_study import make_study
from benchmarks.yardstick import report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WAIT = 180_000
PAUSE = 1000
"""Milliseconds that a person rests on the first page."""
FIGURES = 4
"""Those that show trials: history, all settings, the landscape, slices."""
SHOWN = """([names, figures, told, rows]) => {
  const drawn = [...document.querySelectorAll('.sk-plot')].map((plot) => plot.drawn || [])
    .filter((trials) => trials.length);
  const right = drawn.length === figures
    && drawn.every((trials) => [...trials].sort().join() === names.join())
    && document.querySelector('.st-key-card_filter .sk-label')?.textContent === told;
  window.figured = right ? (window.figured || performance.now()) : 0;
  const table = document.querySelector('[data-testid="stDataFrame"] canvas [role="grid"]');
  if (!right || table?.getAttribute('aria-rowcount') !== String(rows + 1)) return false;
  return (Math.max(window.figured, window.tabled) - (window.clicked || 0)) / 1000;
}"""
"""Seconds from the click to the frame that has all of it: each figure and the filter's words say
so at once, the table by its last stroke before it tells those who can't see it, a fifth of a second
later, how many rows it has, its head among them."""
WATCHED = """for (const name of ['fillText', 'drawImage']) {
  const paint = CanvasRenderingContext2D.prototype[name];
  CanvasRenderingContext2D.prototype[name] = function (...what) {
    if (this.canvas.closest?.('[data-testid="stDataFrame"]')) window.tabled = performance.now();
    return paint.apply(this, what);
  };
}"""
"""Keeps the time of the table's last stroke."""
CLICKED = """addEventListener('click', () => {
  [window.clicked, window.figured] = [performance.now(), 0];
}, true)"""


class Study:
    """The study as a page shows it."""

    def __init__(self, path: Path) -> None:
        from core.studies import Study as Read

        read = Read(path)
        self.tries, self.rows = read.first_tries(), read.trials()
        self.states = self.tries["state"].value_counts().index.tolist()

    def shown(self, state: str | None) -> list[object]:
        """What `SHOWN` waits for: the trials of a state in every figure, the rows of the table.

        None is without a filter.
        """
        tries, rows = (
            frame if state is None else frame[frame["state"] == state]
            for frame in (self.tries, self.rows)
        )
        told = f"{len(tries)} of {len(self.tries)} trials shown"
        return [sorted(tries["trial"]), FIGURES, told, len(rows)]


def reach(server: Server) -> None:
    """Wait until the server answers; what a page needs it loads when the first is asked for."""
    while server.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


def until_shown(page: Page, study: Study, state: str | None = None) -> float:
    """Seconds from the click, or from the start of the page's loading, to all of it shown."""
    found = page.wait_for_function(SHOWN, arg=study.shown(state), timeout=WAIT)
    return float(found.json_value())


def arrived(browser: Browser) -> Page:
    """A new person's page."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.add_init_script(WATCHED)
    return page


def linked(browser: Browser, url: str, study: Study) -> tuple[Page, float]:
    """A new person's page by a link, and how long it took."""
    page = arrived(browser)
    page.goto(f"{url}/studies", timeout=WAIT, wait_until="commit")
    return page, until_shown(page, study)


def opened(browser: Browser, url: str, study: Study) -> tuple[Page, float]:
    """A new person's page by its name in the dashboard, and how long it took."""
    page = arrived(browser)
    page.goto(url, timeout=WAIT)
    page.locator(".sk-header").wait_for(timeout=WAIT)
    page.wait_for_timeout(PAUSE)
    page.evaluate(CLICKED)
    page.get_by_role("link", name="Studies").click()
    return page, until_shown(page, study)


def filtered(page: Page, study: Study, rounds: int) -> list[float]:
    """Seconds for each filter by a state, and for each time it is taken away again."""
    page.evaluate(CLICKED)
    taken = []
    for at in range(rounds):
        state = study.states[at % len(study.states)]
        for expected in (state, None):
            page.locator("[data-testid=stButtonGroup] button", has_text=f"{state} ").click()
            taken.append(until_shown(page, study, expected))
    return taken


def measured(folder: Path, given: argparse.Namespace) -> dict[str, object]:
    """All figures."""
    from playwright.sync_api import sync_playwright

    study = Study(make_study(folder / "runs" / "search", trials=given.trials, epochs=given.epochs))
    server = Server(folder / "runs")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        reach(server)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
            )
            page, first = linked(browser, server.url, study)
            weighed = "() => document.body.innerText.includes('By fANOVA') && performance.now()"
            importance = page.wait_for_function(weighed, timeout=WAIT).json_value()
            filtered(page, study, len(study.states))  # importance of these is known from now on
            page.wait_for_function(weighed, timeout=WAIT)
            taken: dict[str, list[float]] = {"open_s": [], "link_open_s": []}
            for _ in range(given.rounds):
                for name, way in (("link_open_s", linked), ("open_s", opened)):
                    page.context.close()
                    page, seconds = way(browser, server.url, study)
                    taken[name].append(seconds)
            filters = filtered(page, study, given.rounds)
            browser.close()
    finally:
        server.stop()
    return {
        "trials": given.trials,
        "epochs": given.epochs,
        "figures": FIGURES + 1,
        "first_open_s": round(first, 3),
        **{name: round(statistics.median(values), 3) for name, values in taken.items()},
        **{f"{name}_all": [round(s, 3) for s in values] for name, values in taken.items()},
        "filter_s": round(statistics.median(filters), 3),
        "filters_s": [round(seconds, 3) for seconds in filters],
        "importance_s": round(importance / 1000, 1),
    }


def main() -> None:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measured(Path(folder), given)
    report("studies", figures, as_json=given.json)


if __name__ == "__main__":
    main()
