"""A trial with several training processes: Ray Train's workers, started inside the trial."""

import shutil
import socket
from pathlib import Path
from typing import Any

import pandas as pd

from core.runs import Run, RunWriter
from trainer.loop import Failed, Job, Stopped
from trainer.search.task import RESTARTS, Diverged, Shared, check_finite


def train_with_workers(job: Job, shared: Shared) -> None:
    """Train a run with `shared.workers` processes; rank 0's epochs reach Tune as they come.

    Raises:
        Failed: training can't go on: the loss or the objective is no longer a number, or the disk
            is full.
        Stopped: somebody asked the run to stop.
    """
    import ray.train
    from ray.train.torch import TorchTrainer
    from ray.tune.integration.ray_train import TuneReportCallback

    storage = shared.study / ".ray" / "train"
    trainer = TorchTrainer(
        _train_in_worker,  # type: ignore[arg-type]
        train_loop_config={"job": job, "threads": int(shared.each["CPU"]), "shared": shared},
        scaling_config=ray.train.ScalingConfig(
            num_workers=shared.workers, use_gpu=shared.gpus > 0, resources_per_worker=shared.each
        ),
        run_config=ray.train.RunConfig(
            name=job.path.name,
            storage_path=str(storage),
            failure_config=ray.train.FailureConfig(max_failures=RESTARTS),
            callbacks=[TuneReportCallback()],  # type: ignore[list-item]
        ),
    )
    try:
        problem = getattr(trainer.fit(), "return_value", "")
    finally:
        shutil.rmtree(storage / job.path.name, ignore_errors=True)
    status = Run(job.path).status
    if problem or status["state"] == "failed":
        raise Failed(problem or status["reason"])
    if status["state"] == "stopped":
        raise Stopped(status["reason"])


def _train_in_worker(settings: dict[str, Any]) -> str:
    """What each Ray Train worker of a trial runs; returns why training can't go on, or nothing.

    Raised, that would make Ray start the workers again, to come to the same end.
    """
    import ray.train
    import ray.train.torch
    import torch

    shared: Shared = settings["shared"]
    torch.set_num_threads(settings["threads"])

    def report(row: dict[str, Any]) -> None:
        check_finite(row, shared.config.train.objective)
        ray.train.report(
            {
                "epoch": int(row["epoch"]),
                "score": float(row[shared.config.train.objective]),
                "past": False,
                "trial": settings["job"].path.name,
                "node": socket.gethostname(),
                "seconds": spent(settings["job"].path),
            }
        )

    try:
        shared.loop(settings["job"], report=report, device=ray.train.torch.get_device())
    except Stopped:
        return ""
    except Failed as error:
        return str(error)
    except Diverged as error:
        # The loop knows nothing of it; a Ray that hands back no values leaves only the status.
        if ray.train.get_context().get_world_rank() == 0:
            RunWriter(settings["job"].path).set_status("failed", str(error))
        return str(error)
    return ""


def spent(run: Path) -> float:
    """Seconds that a run's epochs took; without the half minute in which its workers start."""
    frame = Run(run).metrics() if (run / "run.json").is_file() else pd.DataFrame()
    if not len(frame):
        return 0.0
    return round(float(frame["seconds"].sum() + frame["evaluation_seconds"].sum()), 3)
