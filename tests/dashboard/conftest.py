"""A small run made by the real writer, a server over it, and a browser."""

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

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.replay import Probe, Replay
from core.runs import Run, RunWriter
from core.settings import to_dict

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

SIZE = 32
CLASSES = ("circle", "square", "triangle")
COLOURS = {"circle": (214, 69, 60), "square": (52, 120, 190), "triangle": (60, 160, 90)}
PER_CLASS = 6
START_SECONDS = 180
WINDOW: Any = {"viewport": {"width": 1280, "height": 900}}
"""What a browser is opened with, unless a test says otherwise."""


def shape(name: str, seed: int, *, photo: bool, size: int = SIZE) -> np.ndarray:
    """A coloured shape (size, size, 3), or its outline (size, size), placed by the seed."""
    random = np.random.default_rng(seed)
    big = size * 4
    image = Image.new("RGB", (big, big), (235, 232, 224) if photo else (255, 255, 255))
    draw = ImageDraw.Draw(image)
    radius = big * random.uniform(0.28, 0.4)
    x, y = big / 2 + random.uniform(-0.08, 0.08, 2) * big
    style: dict[str, Any] = (
        {"fill": COLOURS[name]} if photo else {"outline": (0, 0, 0), "width": max(2, big // 40)}
    )
    if name == "circle":
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), **style)
    elif name == "square":
        draw.rectangle((x - radius, y - radius, x + radius, y + radius), **style)
    else:
        corners = [(x, y - radius), (x + radius, y + radius), (x - radius, y + radius)]
        draw.polygon(corners, **style)
    small = image.resize((size, size), Image.Resampling.LANCZOS)
    return np.asarray(small if photo else small.convert("L"))


def write_run(
    path: Path, *, epochs: int = 3, study: str = "", gallery: bool = True, seed: int = 0
) -> Run:
    """A complete run of two tiny real encoders with random weights, others for each seed."""
    import torch

    from core.gallery import build_gallery
    from core.models.encoder import EncoderConfig, build_encoders

    torch.manual_seed(seed)
    config = EncoderConfig(backbone="resnet10-8-8-16-16", image_size=SIZE, embedding_dim=16)
    writer = RunWriter.create(
        path,
        config={"model": to_dict(config), "train": {"epochs": epochs, "seed": seed}},
        recipe="tiny",
        data={"spec": "shapes", "protocol": "seen", "seed": 0, "image_size": SIZE,
              "framing": "ink", "fingerprint": "0123abcd"},
        class_names=CLASSES,
        seed=seed,
        epochs_planned=epochs,
        study=study,
    )  # fmt: skip
    probe, pictures = _probe()
    writer.set_status("running")
    writer.write_probe(probe, pictures)
    for epoch in range(1, epochs + 1):
        encoders = build_encoders(config)
        writer.write_epoch(
            _row(epoch, epochs, seed),
            weights=encoders.state_dict(),
            replay=_replay(epoch + 100 * seed, probe),
            training_state={"epoch": epoch},
        )
    writer.set_status("complete")
    run = Run(path)
    if gallery:
        items = [(f"shapes/photo/{name}/{i}", name, "test", "") for name in CLASSES
                 for i in range(PER_CLASS)]  # fmt: skip
        photos = (shape(name, i, photo=True, size=96) for name in CLASSES
                  for i in range(PER_CLASS))  # fmt: skip
        build_gallery(run, items, photos)
    return run


def _probe() -> tuple[Probe, list[np.ndarray]]:
    names = [(name, i) for name in CLASSES for i in range(PER_CLASS)]
    count = len(names)
    labels = np.array([CLASSES.index(name) for name, _ in names] * 2, np.int64)
    ids = [f"shapes/{kind}/{name}/{i}" for kind in ("sketch", "photo") for name, i in names]
    probe = Probe(
        ids=np.array(ids),
        labels=labels,
        is_photo=np.arange(2 * count) >= count,
        splits=np.array(["test"] * 2 * count),
        focus_sketches=np.arange(0, count, 3),
        focus_photos=np.arange(count, 2 * count, 3),
    )
    pictures = [shape(name, 100 + i, photo=False) for name, i in names]
    pictures += [shape(name, i, photo=True) for name, i in names]
    return probe, pictures


def _replay(number: int, probe: Probe) -> Replay:
    random = np.random.default_rng(number)
    embeddings = random.normal(size=(len(probe.ids), 16)).astype(np.float16)
    focus = len(probe.focus_sketches)
    maps = random.random((focus, 2, 2))
    maps /= maps.sum(axis=(1, 2), keepdims=True)
    photos = np.flatnonzero(probe.is_photo)
    return Replay(
        embeddings=embeddings,
        sketch_attention=maps.astype(np.float16),
        photo_attention=maps.astype(np.float16),
        retrieved=np.stack([random.permutation(photos)[:10] for _ in range(focus)]),
        scores=np.sort(random.random((focus, 10)).astype(np.float32))[:, ::-1],
    )


def _row(epoch: int, epochs: int, seed: int) -> dict[str, float]:
    part = epoch / epochs
    return {
        "epoch": epoch,
        "loss_total": 1.2 - part,
        "loss_triplet": 0.9 - 0.8 * part,
        "loss_domain": 0.3 - 0.1 * part,
        "lambda_d": part,
        "discriminator_accuracy": 0.9 - 0.4 * part,
        "lr": 1e-3 * (1.01 - part),
        "map_all": 0.3 + 0.5 * part + 0.01 * seed,
        "p_at_10": 0.2 + 0.6 * part,
        "images_per_s": 900.0 + epoch,
        "seconds": 4.0,
    }


def break_run(path: Path) -> None:
    """A folder that looks like a run and is none."""
    path.mkdir(parents=True)
    (path / "run.json").write_text('{"format": 1, "created": ', encoding="utf-8")


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
