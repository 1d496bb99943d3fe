"""A runs folder, a server over it, and a browser."""

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.made_run import break_run, write_run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

START_SECONDS = 180
WINDOW: Any = {"viewport": {"width": 1280, "height": 900}}
"""What a browser is opened with, unless a test says otherwise."""


@pytest.fixture(autouse=True)
def _main_stays() -> Iterator[None]:
    """Streamlit puts a page's script in the place of `__main__`.

    Processes that later tests start would run that script, long gone, before anything else.
    """
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(scope="session")
def shapes_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one complete run; copy it before changing it."""
    root = tmp_path_factory.mktemp("runs")
    write_run(root / "shapes")
    return root / "shapes"


@pytest.fixture
def runs_root(shapes_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A runs folder with two runs and a broken one, named by SKETCHY_RUNS."""
    root = tmp_path / "runs"
    shutil.copytree(shapes_run, root / "shapes")
    shutil.copytree(shapes_run, root / "shapes-again")
    break_run(root / "broken")
    monkeypatch.setenv("SKETCHY_RUNS", str(root))
    return root


@pytest.fixture(scope="session")
def dashboard_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[Path], str]]:
    """Start the real server over a runs folder: `url = dashboard_server(root)`."""
    started: dict[Path, tuple[subprocess.Popen[bytes], str, Path]] = {}

    def start(root: Path) -> str:
        if root not in started:
            started[root] = _serve(root, tmp_path_factory.mktemp("server"))
        return started[root][1]

    yield start
    for process, _, _ in started.values():
        process.terminate()
    for process, _, log in started.values():
        process.wait(timeout=20)
        said = log.read_text(errors="replace")
        assert "eprecat" not in said, said
        # The server itself reports tabs that close while it writes to them; that is not ours.
        assert " failed\n" not in said, said


def _serve(root: Path, elsewhere: Path) -> tuple[subprocess.Popen[bytes], str, Path]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    repository = str(Path(__file__).parents[2])
    paths = [repository, *filter(None, [os.environ.get("PYTHONPATH")])]
    log = (elsewhere / "server.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard", "--port", str(port), "--runs", str(root)],
        cwd=elsewhere,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    log.close()
    url = f"http://127.0.0.1:{port}"
    _wait_for(url, process, elsewhere / "server.log")
    return process, url, elsewhere / "server.log"


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    import threading
    import time

    pause, end = threading.Event(), time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):
                return
        except OSError:
            pause.wait(0.1)
    process.kill()
    raise AssertionError(f"the server did not answer:\n{log.read_text(errors='replace')}")


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Chromium; without one a test is skipped, but fails where CI=true."""
    sync_api = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        reason = "no chromium on the path"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def tabs(browser: "Browser") -> Iterator[list["Page"]]:
    """Two people's tabs, for all tests: to compile a page's scripts takes longer than all else.

    Chromium keeps what it compiled for as long as a tab shows the same site.
    """
    people = [browser.new_context(**WINDOW) for _ in range(2)]
    yield [person.new_page() for person in people]
    for person in people:
        person.close()


@pytest.fixture
def page(tabs: list["Page"]) -> Iterator["Page"]:
    """A tab as a fresh person has it; errors in its console fail the test."""
    with _watched(tabs[0]) as tab:
        yield tab


@pytest.fixture
def stranger(tabs: list["Page"]) -> Iterator["Page"]:
    """Somebody else's tab, for a link that was sent to them."""
    with _watched(tabs[1]) as tab:
        yield tab


@contextmanager
def _watched(tab: "Page") -> Iterator["Page"]:
    faults: list[str] = []

    def failed(error: Exception) -> None:
        faults.append(str(error))

    def said(message: "ConsoleMessage") -> None:
        _note(message, faults)

    tab.on("pageerror", failed)
    tab.on("console", said)
    yield tab
    tab.remove_listener("pageerror", failed)
    tab.remove_listener("console", said)
    _forget(tab)
    assert not faults, faults


def _forget(tab: "Page") -> None:
    """Leave nothing of a person in the tab, nor of what they set."""
    if tab.url.startswith("http"):
        tab.evaluate("localStorage.clear(); sessionStorage.clear()")
    tab.context.clear_cookies()
    tab.goto("about:blank")
    tab.mouse.move(0, 0)
    tab.set_viewport_size(WINDOW["viewport"])
    tab.emulate_media(color_scheme="light", reduced_motion="no-preference")
    tab.set_default_timeout(30_000)


def _note(said: "ConsoleMessage", faults: list[str]) -> None:
    # Streamlit looks for its own root below a page's address first, which the browser reports.
    if said.type == "error" and "/_stcore/" not in said.location["url"]:
        faults.append(said.text)
