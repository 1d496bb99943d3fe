"""One word for all processes of a run: whether to go on, stop, or give up."""

from typing import NoReturn

import torch
import torch.distributed as dist

from core.distributed import is_initialised
from trainer.outcomes import Failed

GO_ON, STOP, FAIL = 0, 1, 2


class Accord:
    """Rank 0 decides, the others follow: a process that acted alone would leave them waiting.

    The processes talk over the network, so that no GPU is waited for. Without a process group
    every answer is one's own.
    """

    def __init__(self) -> None:
        self._group = dist.new_group(backend="gloo") if is_initialised() else None

    def word(self, mine: int) -> int:
        """Rank 0's word, on every process; all must ask."""
        if self._group is None:
            return mine
        told = torch.tensor(mine)
        dist.broadcast(told, 0, group=self._group)
        return int(told)

    def fail(self, problem: str) -> NoReturn:
        """Raise Failed with rank 0's problem; all must call it."""
        told = [problem]
        if self._group is not None:
            dist.broadcast_object_list(told, 0, group=self._group)
        raise Failed(told[0])
