"""One trial: what Ray Tune calls in a trial's process. Nothing here decides; it trains and tells.

A trial's run directory is where it goes on from, so that a trial which is started again (its
machine was lost, the driver was killed) repeats no complete epoch.
"""

import contextlib
import os
import socket
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core.runs import Run, RunWriter
from core.runs.layout import write_text
from core.settings import with_settings
from trainer.loop import Failed, Job, Stopped
from trainer.search.task import Diverged, Shared, Superseded, check_finite, token_of
from trainer.search.workers import spent, train_with_workers

Tell = Callable[[dict[str, Any]], None]
SEEN_SECONDS = 30.0
OWNER_FILE = ".owner"


def run_trial(config: dict[str, Any], *, shared: Shared) -> None:
    """Train one trial from wherever its run directory says it is, and report each epoch to Tune.

    Whatever the trial itself does wrong is caught and reported as its end, so that Ray restarts
    only what it should: a process that was killed.

    Args:
        config: `trial` (its name), `seed`, and `settings` (dotted names to values).
        shared: the study.
    """
    from ray import tune

    teller = _Teller(shared, config["trial"], tune.report)
    path = shared.study / config["trial"]
    ended: dict[str, Any] = {"ended": "complete", "reason": ""}
    try:
        _check_study(shared)
        job = _prepare(path, config, shared)
        teller.repeat_past(Run(path))
        if shared.workers > 1:
            train_with_workers(job, shared)
        else:
            with _limited(shared):
                shared.loop(job, report=teller.epoch, device=_device(shared))
        ended["reason"] = Run(path).status.get("reason", "")
    except Superseded:
        return
    except Stopped as stop:
        ended = {"ended": "stopped", "reason": str(stop)}
    except Exception as error:
        ended = {"ended": "failed", "reason": _why(error)}
        # On a full disk even this may not go; Tune, which is told, has it from here.
        with contextlib.suppress(OSError):
            if (path / "run.json").is_file():
                RunWriter(path).set_status("failed", ended["reason"])
                (path / "error.txt").write_text(traceback.format_exc(), encoding="utf-8")
    teller.end(ended)


class _Teller:
    """Turns the loop's epochs into reports, and its own time into seconds."""

    def __init__(self, shared: Shared, name: str, tell: Tell) -> None:
        self._shared, self._name, self._tell = shared, name, tell
        # A process on a machine that Ray has given up may live on: the run belongs to the last.
        self._owner, self._mine = shared.study / name / OWNER_FILE, uuid.uuid4().hex
        self._seconds = 0.0
        self._resumed_at = time.perf_counter()

    def repeat_past(self, run: Run) -> None:
        """Take the run over, and report its epochs so far for the scheduler to know them."""
        write_text(self._owner, self._mine, durable=False)
        for row in run.metrics().to_dict("records"):
            self._seconds += float(row["seconds"]) + float(row["evaluation_seconds"])
            self._send({str(name): value for name, value in row.items()}, past=True)
        self._resumed_at = time.perf_counter()

    def epoch(self, row: dict[str, Any]) -> None:
        """Report one epoch of the loop; waits until Tune has decided whether to go on."""
        check_finite(row, self._shared.config.train.objective)
        if token_of(self._shared.study) != self._shared.token:
            raise Superseded
        if self._owner.read_text(encoding="utf-8") != self._mine:
            raise Superseded
        self._seconds += time.perf_counter() - self._resumed_at
        self._send(row)
        self._resumed_at = time.perf_counter()

    def end(self, ended: dict[str, Any]) -> None:
        """Report how the trial ended."""
        self._seconds += time.perf_counter() - self._resumed_at
        several = self._shared.workers > 1
        seconds = spent(self._shared.study / self._name) if several else self._seconds
        self._tell({**ended, "seconds": round(seconds, 3), **self._who()})

    def _send(self, row: dict[str, Any], past: bool = False) -> None:
        score = row[self._shared.config.train.objective]
        report = {"epoch": int(row["epoch"]), "score": float(score), "past": past}
        self._tell({**report, "seconds": round(self._seconds, 3), **self._who()})

    def _who(self) -> dict[str, Any]:
        return {"trial": self._name, "node": socket.gethostname()}


def _check_study(shared: Shared) -> None:
    # Over a network an older study.json, or none, may be seen for some seconds.
    deadline = time.monotonic() + SEEN_SECONDS
    while (token := token_of(shared.study)) != shared.token and time.monotonic() < deadline:
        time.sleep(0.5)
    if token and token != shared.token:
        raise Superseded
    if not token:
        raise ValueError(
            f"machine {socket.gethostname()} does not see {shared.study}: runs must lie on "
            "storage that every machine of the cluster shares"
        )


def _prepare(path: Path, config: dict[str, Any], shared: Shared) -> Job:
    from trainer.launch import prepare_run

    chosen = with_settings(shared.config, {**config["settings"], "train.seed": config["seed"]})
    return prepare_run(
        path,
        shared.spec,
        chosen,
        recipe=shared.recipe,
        resume=True,
        study=shared.study.name,
        workers=shared.workers,
    )


@contextlib.contextmanager
def _limited(shared: Shared) -> Iterator[None]:
    """The trial's share of the machine's cores; a trial on a GPU starts with its memory empty."""
    import torch

    torch.set_num_threads(shared.cpus)
    os.environ["OMP_NUM_THREADS"] = str(shared.cpus)
    if shared.gpus:
        torch.cuda.empty_cache()
    yield


def _device(shared: Shared) -> Any:
    import torch

    return torch.device("cuda", 0) if shared.gpus else torch.device("cpu")


def _why(error: Exception) -> str:
    """One line for the reason column."""
    text = " ".join(str(error).split())[:300]
    if isinstance(error, Diverged | Failed):
        # Written for people, and what tells a trial that diverged: it stands as it is.
        return text
    memory = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    start = "out of memory" if memory else type(error).__name__
    return f"{start}: {text}" if text else start
