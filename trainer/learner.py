"""What learns: the network with its losses, its optimiser, and the running mean of its weights."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch.nn.parallel import DistributedDataParallel
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from core.distributed import is_initialised
from core.models.encoder import TwoEncoders
from trainer.config import Config
from trainer.objective import Objective
from trainer.optimizer import build_optimizer


class Learner:
    """The weights of a run and how they move; the same on every process.

    Args:
        config: the run's configuration.
        class_names: the classes, for the losses that know them.
        device: where it lives.
        load_weights: start from the configuration's pre-trained weights, not from random ones.

    Raises:
        ValueError: the configuration asks for what the device can't do.
    """

    def __init__(
        self,
        config: Config,
        class_names: tuple[str, ...],
        device: torch.device,
        *,
        load_weights: bool = True,
    ) -> None:
        train = self.config = config.train
        self.device, self.dtype = device, autocast_dtype(train.precision, device)
        if train.batch_norm == "sync" and device.type != "cuda":
            raise ValueError(
                f"setting train.batch_norm is 'sync', which needs GPUs: allowed on a {device.type} "
                "are batch and frozen"
            )
        torch.manual_seed(train.seed)
        self.objective = Objective(config, class_names, load_weights=load_weights)
        if train.channels_last:
            self.objective = self.objective.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        if train.batch_norm == "sync":
            self.objective = torch.nn.SyncBatchNorm.convert_sync_batchnorm(self.objective)
        self.objective = self.objective.to(device).train()
        self.optimizer = build_optimizer(self.objective, train)
        self.ema = mean_of_weights(self.objective.encoders, train.ema) if train.ema else None
        self.scaler = torch.amp.GradScaler(device.type, enabled=self.dtype is torch.float16)
        self.model: torch.nn.Module = self.objective
        if train.compile:
            self.model = torch.compile(self.model)  # type: ignore[assignment]
        if is_initialised():
            ids = [device.index or 0] if device.type == "cuda" else None
            self.model = DistributedDataParallel(self.model, device_ids=ids)

    @property
    def encoders(self) -> TwoEncoders:
        """The encoders that are evaluated and kept: the running mean if there is one."""
        kept = self.ema.module if self.ema else self.objective.encoders
        assert isinstance(kept, TwoEncoders)
        return kept

    def autocast(self) -> AbstractContextManager[Any]:
        """Mixed precision where the configuration and the device want it."""
        enabled = self.dtype is not torch.float32
        return torch.autocast(self.device.type, self.dtype, enabled=enabled)

    def backward(self, loss: torch.Tensor, batches: int) -> None:
        """Add a batch's share to the gradients: one of so many that are averaged."""
        self.scaler.scale(loss / batches).backward()

    def gradients_synced(self, last: bool) -> AbstractContextManager[Any]:
        """Processes average their gradients only in the last batch of an accumulation."""
        if isinstance(self.model, DistributedDataParallel) and not last:
            return self.model.no_sync()
        return nullcontext()

    def step(self) -> None:
        """Clip, step, clear, and move the running mean of the weights."""
        if self.config.clip:
            self.scaler.unscale_(self.optimizer)
            torch.nn.utils.clip_grad_norm_(self.objective.parameters(), self.config.clip)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        if self.ema:
            self.ema.update_parameters(self.objective.encoders)

    def is_finite(self) -> bool:
        """Whether every weight is a number; waits for the device."""
        whole = [value.detach().isfinite().all() for value in self.encoders.parameters()]
        return bool(torch.stack(whole).all())

    def state_dict(self) -> dict[str, Any]:
        """Everything that moves while training, for `load_state_dict`."""
        return {
            "objective": self.objective.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
            "ema": self.ema.state_dict() if self.ema else None,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` gave."""
        self.objective.load_state_dict(state["objective"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scaler.load_state_dict(state["scaler"])
        if self.ema:
            self.ema.load_state_dict(state["ema"])


def mean_of_weights(encoders: TwoEncoders, decay: float) -> AveragedModel:
    """A running mean of weights and batch statistics, which follows at rate 1 - decay."""
    return AveragedModel(encoders, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True)


def autocast_dtype(precision: str, device: torch.device) -> torch.dtype:
    """The dtype of autocast: `auto` takes bf16 on a GPU that has it, fp32 elsewhere."""
    if precision == "auto":
        gains = device.type == "cuda" and torch.cuda.is_bf16_supported()
        return torch.bfloat16 if gains else torch.float32
    return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]
