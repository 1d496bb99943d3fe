"""Everything a training process holds: data, model, optimiser, and what it writes."""

import hashlib
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from core.data.batches import Batch, PKBatches, TripletBatches
from core.data.packs import open_or_build_pack
from core.data.splits import split_collection
from core.distributed import barrier, is_initialised, rank, world_size
from core.evaluate import evaluate
from core.models.encoder import TwoEncoders
from core.probe import choose_probe, probe_pictures, replay_probe
from core.runs import Run, RunWriter, stop_requested
from trainer.config import Config
from trainer.objective import Objective
from trainer.optimizer import build_optimizer


class Session:
    """One process's part of a run; only rank 0 writes."""

    def __init__(
        self, path: Path, spec: str, config: Config, device: torch.device | None = None
    ) -> None:
        self.path, self.config = Path(path), config
        self.rank, self.world = rank(), world_size()
        self.device = device or torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.pack = open_or_build_pack(spec, config.pack_size, config.data.framing, progress=False)
        self.splits = split_collection(
            self.pack.collection, config.data.protocol, seed=config.data.seed
        )
        self.batches = self._make_batches()
        self.steps = self.batches.steps
        self._check_validation()
        self._build_model()
        self.writer = RunWriter(self.path) if self.rank == 0 else None
        self.probe = choose_probe(self.pack, self.splits, seed=config.data.seed)
        self._restore()
        if self.writer:
            self.writer.write_probe(self.probe, probe_pictures(self.probe, self.pack))

    def remaining_batches(self, epoch: int) -> Iterator[tuple[int, Batch]]:
        """(step, batch) of an epoch, from where an interrupted one stopped."""
        start = self._first_step if epoch == self.first_epoch else 0
        return enumerate(self.batches.epoch(epoch, start_step=start), start)

    def seed_step(self, epoch: int, step: int) -> torch.Generator:
        """Seed torch for one step and return a generator for the step's own draws.

        Both depend on (seed, epoch, step) alone. The generator gives every process the same
        numbers, which mining over the gathered batch needs.
        """
        text = f"{self.config.train.seed}/{epoch}/{step}"
        seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=7).digest(), "big")
        torch.manual_seed(seed + self.rank)
        return torch.Generator(self.device).manual_seed(seed)

    def autocast(self) -> AbstractContextManager[Any]:
        """Mixed precision where the configuration and the device want it."""
        enabled = self._dtype is not torch.float32
        return torch.autocast(self.device.type, self._dtype, enabled=enabled)

    def gradients_synced(self, last: bool) -> AbstractContextManager[Any]:
        """Processes average their gradients only in the last batch of an accumulation."""
        if isinstance(self.model, DistributedDataParallel) and not last:
            return self.model.no_sync()
        return nullcontext()

    def optimizer_step(self) -> None:
        """Clip, step, clear, and move the running mean of the weights."""
        if self.config.train.clip:
            self.scaler.unscale_(self.optimizer)
            torch.nn.utils.clip_grad_norm_(self.objective.parameters(), self.config.train.clip)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        if self.ema:
            self.ema.update_parameters(self.objective.encoders)

    def must_stop(self) -> bool:
        """Whether a stop was requested; all processes get the same answer."""
        wanted = self.writer is not None and stop_requested(self.path)
        if not is_initialised():
            return wanted
        flag = torch.tensor(int(wanted), device=self.device)
        dist.broadcast(flag, 0)
        return bool(flag.item())

    def validate(self) -> dict[str, float]:
        """Retrieval metrics of the validation split, and the seconds they took."""
        started = time.perf_counter()
        encoders = self.encoders.eval()
        result = evaluate(
            encoders, self.config.model, self.pack, self.splits, "valid", device=self.device
        )
        self.objective.train()
        return {**result.values, "evaluation_seconds": round(time.perf_counter() - started, 3)}

    @property
    def encoders(self) -> TwoEncoders:
        """The encoders that are evaluated and kept: the running mean if there is one."""
        return self.ema.module if self.ema else self.objective.encoders

    def write_epoch(self, row: Mapping[str, Any]) -> None:
        """Judge the epoch and, on rank 0, write it."""
        epoch = int(row["epoch"])
        score = float(row[self.config.train.objective])
        if self.best_score is None or score > self.best_score:
            self.best_score, self.best_epoch = score, epoch
        self.last_epoch = epoch
        if not self.writer:
            return
        half = self.config.train.half_weights
        weights = {
            name: value.half() if half and value.is_floating_point() else value
            for name, value in self.encoders.state_dict().items()
        }
        self.objective.eval()
        replay = replay_probe(self.encoders.eval(), self.probe, self.pack, device=self.device)
        self.objective.train()
        self.writer.write_epoch(
            row,
            weights={name: value.cpu() for name, value in weights.items()},
            replay=replay,
            training_state=self._state(epoch, 0, {}),
            keep=self.config.train.keep,
        )

    def out_of_patience(self) -> bool:
        """Whether early stopping is on and the objective has not risen for long enough."""
        patience = self.config.train.patience
        return bool(patience) and self.last_epoch - self.best_epoch >= patience

    def interrupt(self, epoch: int, step: int, sums: Mapping[str, float]) -> None:
        """Keep a half-trained epoch, so that going on repeats no step."""
        if self.writer:
            self.writer.write_interrupted(self._state(epoch, step, sums))
            self.writer.set_status("stopped", f"asked to stop in epoch {epoch} at step {step}")

    def finish(self) -> None:
        """Say that the run is complete, and whether it ended early."""
        if self.writer:
            early = self.last_epoch < self.config.train.epochs
            reason = f"no better epoch after {self.best_epoch}: stopped early" if early else ""
            self.writer.set_status("complete", reason)

    def tell(self, **progress: Any) -> None:
        """Refresh the status file with how far the run is."""
        if self.writer:
            self.writer.set_status("running", durable=False, best=self.best_score, **progress)

    def warn(self, message: str) -> None:
        """Keep a warning with the run and print it."""
        if self.writer:
            self.writer.add_warning(message)
            warnings.warn(message, stacklevel=2)

    def _check_validation(self) -> None:
        sketches, photos = self.splits.queries("valid"), self.splits.gallery("valid")
        if not len(sketches) or not len(photos):
            raise ValueError(
                f"nothing to validate on: {len(sketches)} sketches and {len(photos)} photos are "
                f"held out under protocol {self.config.data.protocol}"
            )

    def _make_batches(self) -> PKBatches | TripletBatches:
        data, seed = self.config.data, self.config.train.seed
        if data.sampling == "triplets":
            return TripletBatches(
                self.pack,
                self.splits,
                batch_size=data.classes_per_batch * data.per_class,
                seed=seed,
                rank=self.rank,
                world=self.world,
                steps_per_epoch=data.steps_per_epoch,
            )
        return PKBatches(
            self.pack,
            self.splits,
            classes_per_batch=data.classes_per_batch,
            per_class=data.per_class,
            seed=seed,
            rank=self.rank,
            world=self.world,
            steps_per_epoch=data.steps_per_epoch,
        )

    def _build_model(self) -> None:
        train = self.config.train
        torch.manual_seed(train.seed)
        fresh = not Run(self.path).epochs()
        self.objective = Objective(self.config, self.pack.class_names, load_weights=fresh)
        if train.channels_last:
            self.objective = self.objective.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        if train.batch_norm == "sync":
            self.objective = torch.nn.SyncBatchNorm.convert_sync_batchnorm(self.objective)
        self.objective = self.objective.to(self.device).train()
        self.optimizer = build_optimizer(self.objective, train)
        self.ema = (
            AveragedModel(
                self.objective.encoders,
                multi_avg_fn=get_ema_multi_avg_fn(train.ema),
                use_buffers=True,
            )
            if train.ema
            else None
        )
        self._dtype = autocast_dtype(train.precision, self.device)
        fp16 = self._dtype is torch.float16
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=fp16)
        self.model: torch.nn.Module = self.objective
        if train.compile:
            self.model = torch.compile(self.model)  # type: ignore[assignment]
        if is_initialised():
            ids = [self.device.index or 0] if self.device.type == "cuda" else None
            self.model = DistributedDataParallel(self.model, device_ids=ids)

    def _restore(self) -> None:
        self.first_epoch, self._first_step = 1, 0
        self.resumed_sums: dict[str, float] = {}
        self.best_score: float | None = None
        self.best_epoch = self.last_epoch = 0
        run = Run(self.path)
        state = run.last_state()
        if self.writer:
            for problem in run.problems():
                self.warn(f"{problem}; going on from the epoch before")
            self.writer.drop_after(state["epoch"] - bool(state["step"]) if state else 0)
        barrier()
        if state:
            self._load_state(state)

    def _state(self, epoch: int, step: int, sums: Mapping[str, float]) -> dict[str, Any]:
        # step > 0: that many steps of `epoch` are done; 0: the whole epoch is.
        return {
            "epoch": epoch,
            "step": step,
            "sums": dict(sums),
            "objective": self.objective.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
            "ema": self.ema.state_dict() if self.ema else None,
            "best_score": self.best_score,
            "best_epoch": self.best_epoch,
        }

    def _load_state(self, state: dict[str, Any]) -> None:
        self.objective.load_state_dict(state["objective"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scaler.load_state_dict(state["scaler"])
        if self.ema:
            self.ema.load_state_dict(state["ema"])
        self.best_score, self.best_epoch = state["best_score"], state["best_epoch"]
        half = state["step"] > 0
        self.last_epoch = state["epoch"] - half
        self.first_epoch = state["epoch"] + (not half)
        self._first_step, self.resumed_sums = state["step"], state["sums"]


def autocast_dtype(precision: str, device: torch.device) -> torch.dtype:
    """The dtype of autocast: `auto` takes bf16 on a GPU that has it, fp32 elsewhere."""
    if precision == "auto":
        gains = device.type == "cuda" and torch.cuda.is_bf16_supported()
        return torch.bfloat16 if gains else torch.float32
    return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]
