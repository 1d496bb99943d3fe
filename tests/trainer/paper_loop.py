"""A training loop that trains nothing: it writes real run directories with known values, at once.

What the search does with trials can be tested in seconds with it. Settings make it fail on
purpose; `trained.txt` in each run tells which epochs were really run, and where.
"""

import math
import os
import signal
import threading
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.distributed import barrier, rank
from core.replay import Replay
from core.runs import Run, RunWriter, stop_requested
from trainer.loop import Job, Stopped

RAISES, DIVERGES, DIES, DIES_ONCE, STARVES = 0.11, 0.12, 0.13, 0.14, 0.15
"""Margins that make a trial raise, diverge, be killed (always, or once), or run out of memory."""
GATE = "gate"
"""While a file of this name lies in the study's folder, all trials wait after their second epoch
and each later one; `gate-TRIAL` holds one trial."""
PATIENCE_SECONDS = 120


def paper_loop(job: Job, *, report: Any, device: Any = None) -> None:
    """Go on from the run's last epoch; the value is best at w_d = 0.1 and grows with the epochs."""
    import ray

    node = ray.get_runtime_context().get_node_id()
    done = Run(job.path).epochs()
    barrier()  # before anybody writes: all must count the same epochs
    for epoch in range(len(done) + 1, job.config.train.epochs + 1):
        row = epoch_row(job, epoch)
        if rank() == 0:
            with open(job.path / "trained.txt", "a", encoding="utf-8") as file:
                file.write(f"{epoch} {node}\n")
            misbehave(job, epoch, row)
            write_epoch(RunWriter(job.path), row)
        barrier()
        report(row)
        if epoch >= 2:
            wait_at_gate(job.path, job.path.parent / GATE)
            wait_at_gate(job.path, job.path.parent / f"{GATE}-{job.path.name}")
        if stop_requested(job.path):
            if rank() == 0:
                RunWriter(job.path).set_status("stopped", "asked to stop")
            raise Stopped("asked to stop")
    if rank() == 0:
        RunWriter(job.path).set_status("complete")


def epoch_row(job: Job, epoch: int) -> dict[str, Any]:
    """The epoch's row: best at w_d = 0.1, with a small spread over seeds."""
    loss, seed = job.config.loss, job.config.train.seed
    quality = 0.9 - 0.2 * abs(math.log10(loss.w_d) + 1) + 0.01 * ((seed * 7) % 3)
    value = quality * (1 - math.exp(-epoch / 2))
    return {
        "epoch": epoch,
        "loss_total": 1 / epoch,
        "map_all": value,
        "seconds": 0.01,
        "evaluation_seconds": 0.0,
    }


def misbehave(job: Job, epoch: int, row: dict[str, Any]) -> None:
    """Fail in the second epoch if the margin says so."""
    margin = job.config.loss.margin
    if epoch != 2:
        return
    if margin == RAISES:
        raise RuntimeError("the loop\nfell over")
    if margin == DIVERGES:
        row["loss_total"] = math.nan
    if margin == STARVES:
        raise MemoryError("no room")
    marker = job.path / "died"
    if margin == DIES or (margin == DIES_ONCE and not marker.exists()):
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def wait_at_gate(run: Path, gate: Path) -> None:
    """Wait until the gate is open or the run must stop; a forgotten one must not hang the tests."""
    for _ in range(PATIENCE_SECONDS * 20):
        if not gate.exists() or stop_requested(run):
            return
        threading.Event().wait(0.05)
    raise TimeoutError(f"{gate} was not opened")


def write_epoch(writer: RunWriter, row: dict[str, Any]) -> None:
    """The least that a complete epoch holds."""
    empty = np.zeros((1, 1, 1))
    writer.set_status("running")
    writer.write_epoch(
        row,
        weights={"w": torch.zeros(1)},
        replay=Replay(
            embeddings=empty[0].astype(np.float16),
            sketch_attention=empty.astype(np.float16),
            photo_attention=empty.astype(np.float16),
            retrieved=empty[0].astype(np.int64),
            scores=empty[0].astype(np.float32),
        ),
        training_state={"epoch": row["epoch"], "step": 0},
    )


def trained(run: Path) -> list[int]:
    """The epochs that were really run, in order."""
    lines = (run / "trained.txt").read_text(encoding="utf-8").splitlines()
    return [int(line.split()[0]) for line in lines]


def nodes(run: Path) -> set[str]:
    """The machines (Ray's ids) that ran epochs of a run."""
    lines = (run / "trained.txt").read_text(encoding="utf-8").splitlines()
    return {line.split()[1] for line in lines}
