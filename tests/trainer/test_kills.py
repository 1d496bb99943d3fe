"""A training run is hard to kill: whatever dies, it ends complete, with every epoch once."""

import csv
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.runs import Run
from tests.trainer.conftest import SPEC, THIN
from trainer.launch import prepare_run, resume_config
from trainer.loop import train

pytestmark = [pytest.mark.ray, pytest.mark.slow]
PATIENCE_SECONDS = 300


class Training:
    """`sketchy train` in a process of its own."""

    def __init__(self, runs: Path, *extra: str, epochs: int = 3, steps: int = 4) -> None:
        self.path = runs / "run"
        settings = [f"--set={text}" for text in (*THIN, f"data.steps_per_epoch={steps}")]
        command = [sys.executable, "-m", "trainer", "train", "--run=run", f"--runs={runs}"]
        command += [f"--data={SPEC}", f"--epochs={epochs}"]
        command += settings if "--resume" not in extra else []
        self.process = subprocess.Popen(
            [*command, *extra],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_for_epoch(self, epoch: int) -> None:
        """Until the epoch is complete and a step of the next has begun."""
        self.wait_until(lambda: self.status().get("epoch", 0) > epoch)

    def wait_for_a_step(self, dead: set[int]) -> None:
        """Until a process that is not one of the dead has trained a step."""

        def happened() -> bool:
            status = self.status()
            alive = status.get("state") == "running" and status["pid"] not in dead
            return alive and "step" in status

        self.wait_until(happened)

    def wait_until(self, happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not happened():
            try:
                self.process.wait(0.05)
                raise AssertionError(f"training ended too soon: {self.process.communicate()}")
            except subprocess.TimeoutExpired:
                assert time.monotonic() < deadline, "training takes too long"

    def status(self) -> dict:
        return Run(self.path).status if (self.path / "run.json").exists() else {}

    def end(self) -> tuple[int, str]:
        """Exit code and stderr."""
        _, said = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, said


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Training]]:
    """Start `sketchy train`; whatever still runs at the end is ended."""
    started: list[Training] = []

    def begin(*extra: str, **more: int) -> Training:
        started.append(Training(tmp_path / "runs", *extra, **more))
        return started[-1]

    yield begin
    for training in started:
        if training.process.poll() is None:
            training.process.kill()
            training.process.wait()


def parent_of(pid: int) -> int:
    """A process's parent; 0 if it has ended."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return 0
    return 0 if state == "Z" else int(parent)


def descendants(pid: int) -> set[int]:
    """Every process that a process has started, and those that they started."""
    parents = {int(entry.name): 0 for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    parents = {child: parent_of(child) for child in parents}
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return family - {pid}


def wait_for_end(family: set[int]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while alive := [pid for pid in family if parent_of(pid)]:
        assert time.monotonic() < deadline, f"processes {alive} are left behind"
        threading.Event().wait(0.2)


def assert_complete(path: Path, epochs: int) -> None:
    with open(path / "metrics.csv", encoding="utf-8") as file:
        assert [int(row["epoch"]) for row in csv.DictReader(file)] == list(range(1, epochs + 1))
    assert Run(path).status["state"] == "complete"
    assert Run(path).problems() == []


def stop(training: Training, number: signal.Signals) -> None:
    """Send a signal that asks for an end: the run stops in one line that says how to go on."""
    training.process.send_signal(number)
    code, said = training.end()
    lines = [line for line in said.splitlines() if not line.startswith("epoch ")]
    assert code == 130, said
    assert len(lines) == 1, said
    assert "asked to stop in epoch" in lines[0]
    assert "--resume" in lines[0]
    assert Run(training.path).status["state"] == "stopped"
    assert (training.path / "interrupted.pt").exists()


def test_ctrl_c_stops_a_run_that_goes_on_from_there(start: Callable[..., Training]) -> None:
    training = start(epochs=2, steps=40)
    training.wait_for_epoch(1)
    family = descendants(training.process.pid)
    stop(training, signal.SIGINT)
    wait_for_end(family)
    # Without Ray: the start of another session of it takes long, and is tested below.
    config = resume_config(training.path, [])
    train(prepare_run(training.path, SPEC, config, recipe="tiny", resume=True))
    assert_complete(training.path, 2)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_run_survives_whatever_is_killed(start: Callable[..., Training]) -> None:
    """SIGTERM, then SIGKILL: each time the run goes on, and nothing is left behind.

    The last time two workers go on, of which one is killed: it is started again.
    """
    training = start(epochs=3, steps=40)
    training.wait_for_epoch(1)
    family = descendants(training.process.pid)
    # Ray takes this signal for itself: that it is ours can only be seen with Ray.
    stop(training, signal.SIGTERM)
    training = start("--resume", epochs=3)
    training.wait_for_a_step(family)
    killed = descendants(training.process.pid)
    assert len(killed) > 2
    training.process.kill()
    training.process.wait()
    family |= killed
    training = start("--resume", "--workers=2", epochs=3)
    training.wait_for_a_step(family)
    worker = training.status()["pid"]
    assert worker != training.process.pid
    os.kill(worker, signal.SIGKILL)
    code, said = training.end()
    assert code == 0, said
    assert_complete(training.path, 3)
    assert Run(training.path).status["pid"] != worker
    # Ray's agents look for the killed driver's raylet only now and then.
    wait_for_end(family)


@pytest.mark.long
def test_a_full_disk_is_told_and_leaves_the_epochs(tmp_path: Path) -> None:
    if os.geteuid() or not shutil.which("mount"):
        pytest.skip("mounting a small disk needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(disk)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        training = Training(disk, epochs=60)
        code, said = training.end()
        assert code == 2, said
        error = [line for line in said.splitlines() if not line.startswith("epoch ")]
        assert len(error) == 1, said
        assert error[0].startswith("sketchy: the disk is full")
        run = Run(training.path)
        assert run.status["state"] in ("failed", "interrupted")
        last = run.epochs()[-1]
        assert 1 <= last < 60
        assert run.encoders(last) is not None
    finally:
        if "training" in locals() and training.process.poll() is None:
            training.process.kill()
            training.process.wait()
        subprocess.run(["umount", "-l", str(disk)], check=True)
