"""How the dashboard feels: a real server, a real browser, a large run.

    python -m benchmarks.dashboard --json

`cold_start_s`: from the start of the server's process to the first photo on the Draw page.
`draw_p50_s`, `draw_p95_s`: from the pen lifted to the results shown, over a gallery of 10,000
photos; the clock is the page's own, from the browser's event to the frame that has them.
`ten_people_p95_s`: the same with ten people who draw at once as hands do it, half a second a stroke
and about a second's look at the photos; `hurried_p95_s`: without any pause between result and next
stroke. `server_mb_per_person`: what the server holds for each while all are there.
`page_p50_s`: a click in the menu to the page shown. `frames_per_s`, `longest_frame_s`: turning
20,000 points in 3D by hand. Chromium renders without a graphics card here.
"""

import argparse
import asyncio
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
import psutil

from benchmarks.dashboard_run import write_large_run
from benchmarks.yardstick import report
from dashboard.router import GROUPS
from dashboard.sketch import Sketch

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

WAIT = 120_000
PEOPLE = 10
STROKE, LOOK = 0.5, 1.0
"""Seconds that a hand takes over a stroke, and a person over the photos that it brings."""
RUN = "large"
IDLE = """document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState
  === 'notRunning'"""
LIFTED = (
    """() => {
  const looked = () => document.querySelector('.sk-picture img')?.src;
  const before = looked();
  window.shown = new Promise((done) => addEventListener('pointerup', () => {
    const lifted = performance.now();
    const look = () => {
      const photos = [...document.querySelectorAll('.sk-grid figure:not(.blank) img')];
      const there = looked() && looked() !== before && photos.length
        && photos.every((photo) => photo.complete) && """
    + IDLE
    + """;
      if (there) done((performance.now() - lifted) / 1000); else requestAnimationFrame(look);
    };
    look();
  }, { capture: true, once: true }));
}"""
)
SWITCHED = (
    """([link, title]) => new Promise((done) => {
  const clicked = performance.now();
  [...document.querySelectorAll('[data-testid="stSidebarNavLink"]')]
    .find((a) => a.href.includes(link)).click();
  const look = () => {
    const head = document.querySelector('.sk-header')?.innerText || '';
    if (head.startsWith(title) && """
    + IDLE
    + """) done((performance.now() - clicked) / 1000);
    else requestAnimationFrame(look);
  };
  look();
})"""
)
FRAMES = """() => {
  window.frames_seen = [];
  const tick = (now) => { window.frames_seen.push(now); requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
}"""


class Server:
    """The dashboard's real server in a process of its own."""

    def __init__(self, root: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = tempfile.TemporaryFile()  # noqa: SIM115
        command = [sys.executable, "-m", "dashboard", "--port", str(self.port), "--runs", str(root)]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT)

    def memory_mb(self) -> float:
        """Resident memory of the server and its children."""
        whole = psutil.Process(self.process.pid)
        return sum(p.memory_info().rss for p in (whole, *whole.children(recursive=True))) / 2**20

    def stop(self) -> None:
        """End it; an error in its log fails the benchmark."""
        self.process.terminate()
        self.process.wait(20)
        self.log.seek(0)
        said = self.log.read().decode(errors="replace")
        if " failed\n" in said or "Traceback" in said:
            raise RuntimeError(f"the server reported an error:\n{said[-3000:]}")


async def listening(port: int) -> None:
    """Wait until the server takes connections, without work for the cores it starts on."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return


async def cold_start(browser: "Browser", root: Path) -> tuple[Server, float]:
    """Start the server; seconds until the first photo is there."""
    page = await browser.new_page()
    started = time.perf_counter()
    server = Server(root)
    sketch = quote(Sketch(probe="sketch/0").to_text())
    await listening(server.port)
    await page.goto(f"{server.url}/draw?run={RUN}&sketch={sketch}", timeout=WAIT)
    photo = page.locator(".sk-grid figure:not(.blank) img").first
    await photo.wait_for(timeout=WAIT)
    taken = time.perf_counter() - started
    await page.close()
    return server, taken


async def draw(page: "Page", hand: random.Random, *, hurried: bool) -> float:
    """One stroke, at once or at a hand's pace; seconds from the pen lifted to the results shown."""
    canvas = page.locator(".paper canvas")
    box = await canvas.bounding_box()
    assert box is not None
    points = [
        (box["x"] + hand.uniform(0.1, 0.9) * box["width"],
         box["y"] + hand.uniform(0.1, 0.9) * box["height"])
        for _ in range(4)
    ]  # fmt: skip
    await page.mouse.move(*points[0])
    await page.mouse.down()
    for point in points[1:]:
        await page.mouse.move(*point, steps=5)
        if not hurried:
            await asyncio.sleep(STROKE / len(points[1:]))
    await page.evaluate(LIFTED)
    await page.mouse.up()
    return float(await page.evaluate("window.shown"))


async def arrive(browser: "Browser", url: str) -> "Page":
    """Somebody opens the Draw page."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    await page.goto(f"{url}/draw?run={RUN}", timeout=WAIT)
    await page.locator(".paper canvas").wait_for(timeout=WAIT)
    return page


async def drawing(page: "Page", strokes: int, seed: int, *, hurried: bool) -> list[float]:
    """Seconds of each stroke of somebody who starts a new drawing every six strokes."""
    hand, taken = random.Random(seed), []
    for number in range(strokes):
        if number % 6 == 0 and await page.locator(".sk-grid figure:not(.blank)").count():
            await page.get_by_label("Clear").click()
            await page.locator(".sk-grid figure.blank").first.wait_for(timeout=WAIT)
        taken.append(await draw(page, hand, hurried=hurried))
        if not hurried:
            await asyncio.sleep(LOOK * hand.uniform(0.5, 1.5))
    return taken


async def crowd(server: Server, browser: "Browser") -> dict[str, float]:
    """Ten people who are there and draw at once, at a hand's pace and in a hurry."""
    before = server.memory_mb()
    pages = await asyncio.gather(*(arrive(browser, server.url) for _ in range(PEOPLE)))
    figures: dict[str, float] = {}
    for name, hurried in (("ten_people", False), ("hurried", True)):
        taken = await asyncio.gather(
            *(drawing(page, 6, 1 + seed, hurried=hurried) for seed, page in enumerate(pages))
        )
        figures |= percentiles(name, [seconds for person in taken for seconds in person])
    held = server.memory_mb()
    for page in pages:
        await page.context.close()
    each = round((held - before) / PEOPLE, 1)
    return {**figures, "server_mb": round(held), "server_mb_per_person": each}


async def switches(browser: "Browser", url: str, rounds: int) -> dict[str, list[float]]:
    """Seconds of every click in the menu, by page."""
    page = await browser.new_page(viewport={"width": 1280, "height": 900})
    await page.goto(f"{url}/home?run={RUN}", timeout=WAIT)
    await page.locator(".sk-header").wait_for(timeout=WAIT)
    pages = [entry for entries in GROUPS.values() for entry in entries]
    taken: dict[str, list[float]] = {title: [] for _, title in pages}
    for _ in range(rounds):
        for name, title in (*pages[1:], pages[0]):
            link = "/" if name == "home" else f"/{name}"
            taken[title].append(round(float(await page.evaluate(SWITCHED, [link, title])), 3))
    await page.close()
    return taken


async def turning(browser: "Browser", url: str, seconds: float = 4.0) -> dict[str, float]:
    """Frames while a hand turns the map in 3D."""
    page = await browser.new_page(viewport={"width": 1280, "height": 900})
    await page.goto(f"{url}/embeddings?run={RUN}&dims=3D", timeout=WAIT)
    await page.wait_for_function(
        "document.querySelector('.skp')?.dataset.ready"
        " && document.querySelector('.skp-plot').layout.scene",
        timeout=WAIT,
    )
    await page.wait_for_timeout(3000)
    box = await page.locator(".skp-stage").bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    await page.mouse.move(*middle)
    await page.mouse.down()
    await page.evaluate(FRAMES)
    end, step = time.perf_counter() + seconds, 0
    while time.perf_counter() < end:
        step += 1
        turn = step * 0.1
        x, y = middle[0] + 120 * np.sin(turn), middle[1] + 60 * np.sin(turn / 2)
        await page.mouse.move(float(x), float(y))
    seen = np.array(await page.evaluate("window.frames_seen"))
    await page.mouse.up()
    await page.close()
    gaps = np.diff(seen) / 1000
    return {
        "frames_per_s": round(float(len(gaps) / gaps.sum()), 1),
        "longest_frame_s": round(float(gaps.max()), 3),
    }


async def measured(root: Path, arguments: argparse.Namespace) -> dict[str, object]:
    """Every figure, one after the other, on one server."""
    from playwright.async_api import async_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        server, cold = await cold_start(browser, root)
        try:
            page = await arrive(browser, server.url)
            alone = await drawing(page, arguments.strokes, seed=0, hurried=True)
            await page.context.close()
            together = await crowd(server, browser)
            pages = await switches(browser, server.url, rounds=3)
            turned = await turning(browser, server.url)
        finally:
            server.stop()
        await browser.close()
    every = [taken for page in pages.values() for taken in page]
    return {
        "gallery": arguments.photos,
        "cold_start_s": round(cold, 2),
        **percentiles("draw", alone),
        "strokes": len(alone),
        "page_p50_s": round(float(np.median(every)), 3),
        "page_max_s": round(max(every), 3),
        "pages_s": pages,
        "points": arguments.points,
        **turned,
        **together,
    }


def percentiles(name: str, taken: list[float]) -> dict[str, float]:
    """p50 and p95 of seconds."""
    p50, p95 = np.percentile(taken, [50, 95])
    return {f"{name}_p50_s": round(float(p50), 3), f"{name}_p95_s": round(float(p95), 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--photos", type=int, default=10_000, help="in the gallery")
    parser.add_argument("--points", type=int, default=20_000, help="on the map")
    parser.add_argument("--strokes", type=int, default=60)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        write_large_run(root / RUN, photos=arguments.photos, points=arguments.points)
        figures = asyncio.run(measured(root, arguments))
    report("dashboard", figures, as_json=arguments.json)


if __name__ == "__main__":
    main()
