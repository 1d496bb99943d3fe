"""Take the README's picture: the Draw page of a real dashboard, answering a drawing of a cat.

    python -m benchmarks.screenshots RUNS [--run NAME] [--seed 20012]

RUNS holds a run of the built-in set (`sketchy train --recipe tiny --data builtin --run first --runs
RUNS`). The drawing is one that no run has been trained on. It needs chromium and playwright, and
writes docs/images/draw.png: 1280 pixels wide, light, with a palette so that it stays small.
"""

import argparse
import contextlib
import io
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
from PIL import Image

from core.data.doodles.sketches import draw
from dashboard.sketch import GRID, Sketch

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "draw.png"
WIDTH, HEIGHT = 1280, 760
PEN = 14
"""Width of the pen, in thousandths of the canvas."""
PATIENCE = 600.0
"""Seconds that a server may take to start, or a page to be ready."""


def cat(seed: int) -> Sketch:
    """A drawing of a cat as if it had been drawn on the canvas."""
    strokes = [np.rint(stroke * GRID).astype(int).tolist() for stroke in draw("cat", seed)]
    return Sketch(strokes=tuple((PEN, tuple((x, y) for x, y in path)) for path in strokes))


@contextlib.contextmanager
def served(runs: Path) -> Iterator[str]:
    """The address of a dashboard over a runs folder, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "dashboard", "--port", str(port), "--runs", str(runs)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    address, end = f"http://127.0.0.1:{port}", time.monotonic() + PATIENCE
    try:
        while time.monotonic() < end and server.poll() is None:
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=2),
            ):
                break
            time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait(20)


def photographed(address: str) -> bytes:
    """The page at an address as PNG, once it holds eight photos and nothing moves any more."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light", device_scale_factor=1
        )
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(address)
        page.get_by_text("answered in").wait_for()
        page.locator("[data-testid='stStatusWidget']").wait_for(state="hidden")
        page.wait_for_function("[...document.images].every(image => image.complete)")
        taken: bytes = page.screenshot(animations="disabled")
        browser.close()
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("runs", type=Path, help="folder of runs")
    parser.add_argument("--run", default="first")
    parser.add_argument("--seed", type=int, default=20012, help="of the drawing")
    given = parser.parse_args()
    link = urlencode({"run": given.run, "sketch": cat(given.seed).to_text()})
    with served(given.runs) as address:
        taken = Image.open(io.BytesIO(photographed(f"{address}/draw?{link}"))).convert("RGB")
    PICTURE.parent.mkdir(exist_ok=True)
    taken.quantize(256).save(PICTURE, optimize=True)
    print(f"{PICTURE}: {PICTURE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
