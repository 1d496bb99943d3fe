"""The gathered loss on two processes gives the gradient of one process."""

import socket
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as dist
from torch import nn
from torch.multiprocessing.spawn import spawn
from torch.nn.parallel import DistributedDataParallel

from core import distributed
from core.losses import LossConfig, TotalLoss
from core.mining import NEGATIVES

WORLD = 2
SKETCHES, PHOTOS, INPUT, DIM = 8, 16, 6, 5


def pieces(negatives: str) -> tuple[nn.Module, TotalLoss]:
    torch.manual_seed(1)
    encoder = nn.Sequential(nn.Linear(INPUT, 12), nn.Tanh(), nn.Linear(12, DIM))
    words = torch.randn(4, 3)
    config = LossConfig(negatives=negatives, w_d=0.8, w_s=0.5, margin=0.7)
    return encoder, TotalLoss(config, DIM, words)


def global_batch() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(2)
    labels = torch.arange(SKETCHES) % 4, torch.arange(PHOTOS) % 4
    return torch.randn(SKETCHES, INPUT), torch.randn(PHOTOS, INPUT), *labels


def gradients(*modules: nn.Module) -> list[torch.Tensor]:
    return [p.grad.clone() for m in modules for p in m.parameters() if p.grad is not None]


def one_process(negatives: str) -> tuple[float, list[torch.Tensor]]:
    encoder, loss = pieces(negatives)
    sketches, photos, sketch_labels, photo_labels = global_batch()
    terms = loss(
        encoder(sketches),
        encoder(photos),
        sketch_labels,
        photo_labels,
        lambda_d=0.4,
        generator=torch.Generator().manual_seed(3),
    )
    terms.total.backward()
    return terms.total.item(), gradients(encoder, loss)


def one_of_two(rank: int, negatives: str) -> dict[str, Any]:
    encoder, loss = pieces(negatives)
    wrapped = DistributedDataParallel(encoder)
    parts = [part.chunk(WORLD)[rank] for part in global_batch()]
    embeddings = wrapped(torch.cat(parts[:2]))  # one forward pass a step, as DDP expects
    by_domain = embeddings.tensor_split([len(parts[0])])
    terms = loss(
        *(distributed.gather_with_gradient(part) for part in by_domain),
        *(distributed.gather(part) for part in parts[2:]),
        lambda_d=0.4,
        generator=torch.Generator().manual_seed(3),
    )
    terms.total.backward()
    return {"loss": terms.total.detach(), "gradients": gradients(encoder, loss)}


def worker(rank: int, port: int, folder: str) -> None:
    torch.set_num_threads(1)
    address = f"tcp://127.0.0.1:{port}"
    dist.init_process_group("gloo", init_method=address, rank=rank, world_size=WORLD)
    result: dict[str, Any] = {negatives: one_of_two(rank, negatives) for negatives in NEGATIVES}
    result["rank"] = distributed.rank()
    result["world_size"] = distributed.world_size()
    torch.save(result, Path(folder) / f"{rank}.pt")
    distributed.barrier()
    dist.destroy_process_group()


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def test_two_processes_give_the_gradient_of_one(tmp_path: Path) -> None:
    spawn(worker, args=(free_port(), str(tmp_path)), nprocs=WORLD)
    for rank in range(WORLD):
        result = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        assert result["rank"] == rank
        assert result["world_size"] == WORLD
        for negatives in NEGATIVES:
            expected_loss, expected = one_process(negatives)
            assert result[negatives]["loss"].item() == pytest.approx(expected_loss, abs=1e-6)
            assert len(result[negatives]["gradients"]) == len(expected) == 10
            for got, want in zip(result[negatives]["gradients"], expected, strict=True):
                assert want.abs().max() > 1e-4  # a gradient that is there to be compared
                assert torch.allclose(got, want, atol=1e-5, rtol=0)


def test_everything_works_without_a_process_group() -> None:
    assert not distributed.is_initialised()
    assert distributed.rank() == 0
    assert distributed.world_size() == 1
    distributed.barrier()
    tensor = torch.ones(2, 3, requires_grad=True)
    assert distributed.gather_with_gradient(tensor) is tensor
    assert distributed.gather(tensor) is tensor
