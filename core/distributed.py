"""Process-group questions that also have an answer without a process group."""

from typing import Any

import torch
import torch.distributed as dist


def is_initialised() -> bool:
    """True inside an initialised process group."""
    return dist.is_available() and dist.is_initialized()


def world_size() -> int:
    """Number of processes; 1 without a process group."""
    return dist.get_world_size() if is_initialised() else 1


def rank() -> int:
    """Number of this process, from 0; 0 without a process group."""
    return dist.get_rank() if is_initialised() else 0


def barrier() -> None:
    """Wait for every process; nothing without a process group."""
    if is_initialised():
        dist.barrier()


def gather(tensor: torch.Tensor) -> torch.Tensor:
    """Every process's tensor, concatenated along the first dimension in rank order; no gradient.

    All processes must pass the same shape. Without a process group (or with one process) the
    tensor itself.
    """
    if world_size() == 1:
        return tensor
    parts = [
        torch.empty(tensor.shape, dtype=tensor.dtype, device=tensor.device)
        for _ in range(world_size())
    ]
    dist.all_gather(parts, tensor.contiguous())
    return torch.cat(parts)


class _GatherWithGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, tensor: torch.Tensor) -> torch.Tensor:
        ctx.count = tensor.shape[0]
        return gather(tensor)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
        total = gradient.contiguous().clone()
        dist.all_reduce(total)
        start = rank() * ctx.count
        return total[start : start + ctx.count]


def gather_with_gradient(tensor: torch.Tensor) -> torch.Tensor:
    """Every process's rows (B, …) as one global batch (W·B, …), through which gradients flow.

    The factor: W processes compute the same loss L on the same global batch. The backward pass
    sums the gradients that all of them hold for this process's rows, which is W·∂L/∂rows;
    DistributedDataParallel then averages the parameters' gradients over the processes (a factor
    1/W on a sum over their rows), so what the optimizer sees is exactly ∂L/∂θ, the gradient of
    one process on the whole batch. Without DistributedDataParallel, average the gradients
    likewise. Parameters of the loss itself (discriminator, projection) already have the global
    gradient on every process: they need no averaging, and averaging equal values leaves them as
    they are. Where processes compute different losses (unequal random negatives), the result is
    the gradient of the mean of their losses.

    Networks with batch norm see W batches instead of one, unless it is synchronised. All
    processes must pass the same number of rows. Without a process group the tensor itself.
    """
    if world_size() == 1:
        return tensor
    gathered: torch.Tensor = _GatherWithGradient.apply(tensor)
    return gathered
