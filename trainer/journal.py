"""What a run tells while it trains: sums over the epoch, and a status twice a second."""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch

from core.losses import LossTerms, collapse_warning
from trainer.config import domain_strength

if TYPE_CHECKING:
    from trainer.session import Session

STATUS_SECONDS = 0.5
TERMS = {
    "loss_total": "total",
    "loss_triplet": "triplet",
    "loss_domain": "domain",
    "loss_semantic": "semantic",
    "loss_classification": "classification",
    "discriminator_accuracy": "discriminator_accuracy",
    "active_triplets": "active_triplets",
    "embedding_std": "embedding_std",
}
"""Column of metrics.csv -> field of LossTerms."""


class Journal:
    """Adds up what the steps of an epoch say and keeps the run's status file fresh.

    The sums stay on the device: reading one waits for it, so that is done at most twice a second.
    """

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._resumed = session.resumed_sums
        self._told = 0.0

    def start_epoch(self, epoch: int) -> None:
        """Set every sum to what an interrupted part of this epoch left, or to 0."""
        self.epoch = epoch
        carried, self._resumed = self._resumed, {}
        self._images = int(carried.get("images", 0))
        self._steps = int(carried.get("steps", 0))
        self._seconds_before = carried.get("seconds", 0.0)
        self._started = time.perf_counter()
        device = self._session.device
        sums = [carried.get(name, 0.0) for name in TERMS]
        # The last place counts the steps whose loss was a number: a step that breaks a network
        # is found by it later, without waiting for the device at every step.
        self._sums = torch.tensor([*sums, float(self._steps)], device=device)

    def add_step(self, step: int, terms: LossTerms, images: int) -> None:
        """Add one batch; `images` counts this process's sketches and photos."""
        values = [getattr(terms, field).detach().float() for field in TERMS.values()]
        self._sums += torch.stack([*values, torch.isfinite(values[0]).float()])
        self._images += images * self._session.world
        self._steps += 1
        now = time.perf_counter()
        if self._session.writer and now - self._told > STATUS_SECONDS:
            self._told = now
            # Only this process looks in mid-epoch: the others are told when all meet again.
            self._session.failure = self._problem()
            self._session.tell(
                epoch=self.epoch, step=step + 1, steps=self._session.steps, **self._means()
            )

    def check(self) -> None:
        """End training if a loss of this epoch was not a number; waits for the device."""
        self._session.go_on_unless(self._problem())

    def sums(self) -> dict[str, float]:
        """The sums so far, for an interrupted epoch to go on with."""
        return {
            **dict(zip(TERMS, self._sums.tolist()[:-1], strict=True)),
            "images": self._images,
            "steps": self._steps,
            "seconds": self._elapsed(),
        }

    def finish_epoch(self, scores: Mapping[str, float]) -> dict[str, Any]:
        """The epoch's row of metrics.csv: means of the terms, rates, and the validation scores."""
        session = self._session
        trained = self._elapsed() - scores["evaluation_seconds"]
        row = {
            "epoch": self.epoch,
            **self._means(),
            "lambda_d": domain_strength(session.config, self.epoch),
            "lr": max(group["lr"] for group in session.learner.optimizer.param_groups),
            **scores,
            "seconds": round(trained, 3),
            "images_per_s": round(self._images / max(trained, 1e-9), 1),
        }
        warning = collapse_warning(
            triplet=row["loss_triplet"],
            active_triplets=row["active_triplets"],
            embedding_std=row["embedding_std"],
            margin=session.config.loss.margin,
        )
        if warning:
            session.warn(f"epoch {self.epoch}: {warning}")
        return row

    def _elapsed(self) -> float:
        return self._seconds_before + time.perf_counter() - self._started

    def _means(self) -> dict[str, float]:
        means = [total / max(self._steps, 1) for total in self._sums.tolist()[:-1]]
        rate = self._images / max(self._elapsed(), 1e-9)
        return {**dict(zip(TERMS, means, strict=True)), "images_per_s": round(rate, 1)}

    def _problem(self) -> str:
        """Which step gave a loss that is no number; empty if none did. Waits for the device."""
        whole = int(self._sums[-1].item())
        if whole == self._steps:
            return ""
        return (
            f"diverged: the loss of epoch {self.epoch}, step {whole + 1} of {self._session.steps} "
            "is not a finite number; try a lower train.lr"
        )
