"""Everything a training process holds: data, model, optimiser, and what it writes."""

import contextlib
import hashlib
import time
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import torch

from core.allocator import keep_freed_memory
from core.data.augment import Share
from core.data.batches import Batch
from core.data.packs import open_or_build_pack
from core.data.splits import split_collection
from core.distributed import barrier, rank, world_size
from core.evaluate import evaluate
from core.probe import choose_probe, probe_pictures, replay_probe
from core.runs import Run, RunWriter, stop_requested
from trainer.accord import FAIL, GO_ON, STOP, Accord
from trainer.config import Config
from trainer.learner import Learner
from trainer.sampling import build_batches


class Session:
    """One process's part of a run; only rank 0 writes."""

    def __init__(
        self, path: Path, spec: str, config: Config, device: torch.device | None = None
    ) -> None:
        self.path, self.config = Path(path), config
        self.rank, self.world = rank(), world_size()
        self.device = device or torch.device("cuda" if torch.cuda.is_available() else "cpu")
        if self.device.type == "cpu":
            keep_freed_memory()
        self.pack = open_or_build_pack(spec, config.pack_size, config.data.framing, progress=False)
        self.splits = split_collection(
            self.pack.collection, config.data.protocol, seed=config.data.seed
        )
        self.batches = build_batches(
            self.pack, self.splits, config, rank=self.rank, world=self.world
        )
        self.steps = self.batches.steps
        self.shares = self._shares()
        self.failure = ""
        self.best_score: float | None = None
        self.best_epoch = self.last_epoch = 0
        self._accord = Accord()
        fresh = not Run(self.path).epochs()
        self.learner = Learner(config, self.pack.class_names, self.device, load_weights=fresh)
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

    def steps_after(self, step: int) -> bool:
        """Whether the optimiser steps after this batch: at the end of each accumulation."""
        return (step + 1) % self.config.train.accumulate == 0 or step + 1 == self.steps

    def batches_in_step(self, step: int) -> int:
        """How many batches the optimiser's step averages that this batch belongs to.

        The last step of an epoch may have fewer than `train.accumulate`.
        """
        most = self.config.train.accumulate
        return min(most, self.steps - step // most * most)

    def must_stop(self) -> bool:
        """Whether a stop was requested; all processes get the same answer.

        Raises:
            Failed: rank 0 has found that training can't go on (`failure`).
        """
        asked = self.writer is not None and stop_requested(self.path)
        word = self._accord.word(FAIL if self.failure else STOP if asked else GO_ON)
        if word == FAIL:
            self._fail(self.failure)
        return word == STOP

    def go_on_unless(self, problem: str) -> None:
        """End training on every process if rank 0 names a problem; nothing otherwise.

        Raises:
            Failed: with rank 0's problem; the run's status says it too.
        """
        if self._accord.word(FAIL if problem else GO_ON) == FAIL:
            self._fail(problem)

    def validate(self, epoch: int) -> dict[str, float]:
        """Retrieval metrics of the validation split, and the seconds they took."""
        started = time.perf_counter()
        diverged = f"diverged: epoch {epoch} left weights that are not finite numbers"
        self.go_on_unless("" if self.learner.is_finite() else f"{diverged}; try a lower train.lr")
        encoders = self.learner.encoders.eval()
        result = evaluate(
            encoders, self.config.model, self.pack, self.splits, "valid", device=self.device
        )
        self.learner.objective.train()
        return {**result.values, "evaluation_seconds": round(time.perf_counter() - started, 3)}

    def write_epoch(self, row: Mapping[str, Any]) -> None:
        """Judge the epoch and, on rank 0, write it."""
        epoch = int(row["epoch"])
        score = float(row[self.config.train.objective])
        if self.best_score is None or score > self.best_score:
            self.best_score, self.best_epoch = score, epoch
        self.last_epoch = epoch
        problem = ""
        if self.writer:
            try:
                self._write(row)
            except OSError as error:
                problem = error.strerror or str(error)
        self.go_on_unless(problem)

    def out_of_patience(self) -> bool:
        """Whether early stopping is on and the objective has not risen for long enough."""
        patience = self.config.train.patience
        return bool(patience) and self.last_epoch - self.best_epoch >= patience

    def interrupt(self, epoch: int, step: int, sums: Mapping[str, float]) -> None:
        """Keep a half-trained epoch, so that going on repeats no step."""
        problem = ""
        if self.writer:
            try:
                self.writer.write_interrupted(self._state(epoch, step, sums))
                self.writer.set_status("stopped", f"asked to stop in epoch {epoch} at step {step}")
            except OSError as error:
                problem = error.strerror or str(error)
        self.go_on_unless(problem)

    def finish(self) -> None:
        """Say that the run is complete, and whether it ended early."""
        if self.writer:
            early = self.last_epoch < self.config.train.epochs
            reason = f"no better epoch after {self.best_epoch}: stopped early" if early else ""
            self.writer.set_status("complete", reason)

    def tell(self, **progress: Any) -> None:
        """Refresh the status file with how far the run is."""
        if self.writer:
            # Only people read it: an epoch that can't be written is what ends training.
            with contextlib.suppress(OSError):
                self.writer.set_status("running", durable=False, best=self.best_score, **progress)

    def warn(self, message: str) -> None:
        """Keep a warning with the run and print it."""
        if self.writer:
            self.writer.add_warning(message)
            warnings.warn(message, stacklevel=2)

    def _write(self, row: Mapping[str, Any]) -> None:
        assert self.writer is not None
        half = self.config.train.half_weights
        weights = {
            name: value.half() if half and value.is_floating_point() else value
            for name, value in self.learner.encoders.state_dict().items()
        }
        replay = replay_probe(
            self.learner.encoders.eval(), self.probe, self.pack, device=self.device
        )
        self.learner.objective.train()
        self.writer.write_epoch(
            row,
            weights={name: value.cpu() for name, value in weights.items()},
            replay=replay,
            training_state=self._state(int(row["epoch"]), 0, {}),
            keep=self.config.train.keep,
        )

    def _fail(self, problem: str) -> NoReturn:
        if self.writer:
            # On a full disk even this may not go; whoever started the run gets the error itself.
            with contextlib.suppress(OSError):
                self.writer.set_status("failed", problem)
        self._accord.fail(problem)

    def _shares(self) -> tuple[Share | None, Share | None]:
        """Where this process's sketches and photos stand in the global batch."""
        if self.world == 1:
            return None, None
        plan = self.batches.plan(1)
        totals = plan.sketches.shape[1], plan.photos.shape[1]
        places = self.batches.share(*(np.arange(total) for total in totals))
        of_sketches, of_photos = (
            Share(torch.from_numpy(mine).to(self.device), total)
            for mine, total in zip(places, totals, strict=True)
        )
        return of_sketches, of_photos

    def _restore(self) -> None:
        self.first_epoch, self._first_step = 1, 0
        self.resumed_sums: dict[str, float] = {}
        run = Run(self.path)
        problems = run.problems()
        state = run.last_state(problems)
        if self.writer:
            for problem in problems:
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
            **self.learner.state_dict(),
            "best_score": self.best_score,
            "best_epoch": self.best_epoch,
        }

    def _load_state(self, state: dict[str, Any]) -> None:
        self.learner.load_state_dict(state)
        self.best_score, self.best_epoch = state["best_score"], state["best_epoch"]
        half = state["step"] > 0
        self.last_epoch = state["epoch"] - half
        self.first_epoch = state["epoch"] + (not half)
        self._first_step, self.resumed_sums = state["step"], state["sums"]
