"""Two processes that share a batch train what one process trains on the whole of it."""

import errno
import socket
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import torch
import torch.distributed as dist
from torch.multiprocessing.spawn import spawn

from core.distributed import barrier
from core.runs import Run, RunWriter, clear_stop, request_stop
from tests.trainer.conftest import SPEC, thin_config
from trainer.launch import prepare_run
from trainer.loop import Failed, Job, Stopped, train
from trainer.sampling import check_shares

CPU = torch.device("cpu")
# Batch norm sees one batch or two halves, and dropout draws for each process: both stay out.
SAME = (
    "train.epochs=3",
    "train.batch_norm=frozen",
    "data.steps_per_epoch=6",
    "data.per_class=4",
    "loss.w_d=0.3",
    "loss.lambda_schedule=constant",
)
# Two processes hold triplets in another order than one, so that random negatives are other ones.
KINDS = {
    "classes": ("loss.negatives=random",),
    "triplets": ("data.sampling=triplets", "train.accumulate=2"),
}
LOSSES = ("loss_total", "loss_triplet", "loss_domain", "map_all")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        port: int = listener.getsockname()[1]
        return port


def trained(job: Job) -> str:
    """How training ended, as this process was told."""
    try:
        train(job, device=CPU)
    except (Stopped, Failed) as end:
        return str(end)
    return ""


def one_of_two(rank: int, jobs: dict[str, Job], port: int) -> None:
    """What each process does, one run after another: starting processes is what takes long."""
    torch.set_num_threads(1)
    dist.init_process_group("gloo", f"tcp://localhost:{port}", rank=rank, world_size=2)
    told = {}
    for name in KINDS:
        start = time.perf_counter()
        told[name] = trained(jobs[name])
        told[f"{name} seconds"] = f"{time.perf_counter() - start:.2f}"
    if rank == 0:
        request_stop(jobs["stopped"].path)
    barrier()
    told["stopped"] = trained(jobs["stopped"])
    if rank == 0:
        clear_stop(jobs["stopped"].path)
    barrier()
    told["went on"] = trained(jobs["stopped"])
    full = OSError(errno.ENOSPC, "the disk is full")
    with patch.object(RunWriter, "write_epoch", side_effect=full):
        told["full"] = trained(jobs["full"])
    torch.save(told, jobs["full"].path / f"told-{rank}")
    dist.destroy_process_group()


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The paths of all runs by name, and what both processes were told."""
    root = tmp_path_factory.mktemp("runs")

    def job(name: str, *extra: str) -> Job:
        config = thin_config(*SAME, *extra)
        return prepare_run(root / name, SPEC, config, recipe="tiny", resume=False)

    jobs = {name: job(name, *extra) for name, extra in KINDS.items()}
    jobs |= {name: job(name, *KINDS["classes"]) for name in ("stopped", "full")}
    spawn(one_of_two, (jobs, free_port()), nprocs=2)
    for name, extra in KINDS.items():
        alone = job(f"{name} alone", *extra)
        start = time.perf_counter()
        train(alone, device=CPU)
        print(f"{name}: one worker {time.perf_counter() - start:.2f} s", end=", ")
        print(f"two {torch.load(root / 'full/told-0')[f'{name} seconds']} s")
    return {"root": root, "told": [torch.load(root / f"full/told-{rank}") for rank in (0, 1)]}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_two_workers_follow_one_workers_curve(runs: dict[str, Any], kind: str) -> None:
    curves = [Run(runs["root"] / name).metrics() for name in (kind, f"{kind} alone")]
    assert curves[0]["epoch"].tolist() == [1, 2, 3]
    assert curves[0]["loss_total"].nunique() == 3
    for name in LOSSES:
        shared, alone = (torch.tensor(curve[name].to_numpy()) for curve in curves)
        torch.testing.assert_close(shared, alone, rtol=0, atol=1e-4)


@pytest.mark.slow
def test_both_workers_hear_a_stop_and_go_on_together(runs: dict[str, Any]) -> None:
    for told in runs["told"]:
        assert told["stopped"] == "stopped in epoch 1 after step 1"
        assert told["went on"] == ""
    weights = [Run(runs["root"] / name).weights(3) for name in ("stopped", "classes")]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


@pytest.mark.slow
def test_both_workers_end_when_the_writer_can_not_write(runs: dict[str, Any]) -> None:
    assert [told["full"] for told in runs["told"]] == ["the disk is full"] * 2
    status = Run(runs["root"] / "full").status
    assert (status["state"], status["reason"]) == ("failed", "the disk is full")


def test_a_batch_that_can_not_be_shared_is_told_before_anything_starts() -> None:
    config = thin_config("data.classes_per_batch=3", "data.per_class=3")
    with pytest.raises(ValueError, match=r"batch of 9 .* by 2 workers: 1, 3, 9 can"):
        check_shares(config, 2)


def test_shared_statistics_need_a_gpu(tmp_path: Path) -> None:
    config = thin_config("train.batch_norm=sync")
    job = prepare_run(tmp_path / "sync", SPEC, config, recipe="tiny", resume=False)
    with pytest.raises(ValueError, match="needs GPUs: allowed on a cpu are batch and frozen"):
        train(job, device=CPU)
