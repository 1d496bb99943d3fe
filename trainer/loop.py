"""The one training loop: plain torch, with or without Ray, with or without a process group.

Every random number is a function of (seed, epoch, step), so nothing random has to be saved: a run
that stops anywhere and goes on makes the same weights as one that never stopped.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from core.data.augment import augment_photos, augment_sketches
from core.data.batches import Batch
from core.losses import LossTerms
from trainer.config import Config, domain_strength
from trainer.journal import Journal
from trainer.optimizer import learning_rate, set_learning_rate
from trainer.outcomes import Failed, Stopped
from trainer.session import Session

__all__ = ["Failed", "Job", "Report", "Stopped", "train", "train_epoch", "train_step"]

Report = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, kw_only=True)
class Job:
    """One run to train: picklable, so that it travels to workers as it is."""

    path: Path
    """The run directory, made before by `trainer.launch.prepare_run`; absolute."""
    spec: str
    """The data, e.g. `builtin` or `sketchy:/data/sketchy`."""
    config: Config
    """Everything else."""


def train(job: Job, *, report: Report | None = None, device: torch.device | None = None) -> None:
    """Train a run from wherever its directory says it is to its last epoch.

    Args:
        job: the run.
        report: called by every process with each epoch's metrics row.
        device: where to train; by default the GPU if there is one.

    Raises:
        Stopped: a stop was requested (`core.runs.request_stop`); the run can be resumed.
        Failed: the loss is not a number any more, or the disk is full; the epochs before are kept.
        ValueError: the data and the configuration do not fit.
    """
    session = Session(job.path, job.spec, job.config, device)
    journal = Journal(session)
    for epoch in range(session.first_epoch, job.config.train.epochs + 1):
        if session.out_of_patience():
            break
        train_epoch(session, journal, epoch)
        row = journal.finish_epoch(session.validate(epoch))
        session.write_epoch(row)
        if report:
            report(row)
    session.finish()


def train_epoch(session: Session, journal: Journal, epoch: int) -> None:
    """All steps of an epoch that are left; raises as `train` does."""
    journal.start_epoch(epoch)
    for step, batch in session.remaining_batches(epoch):
        terms = train_step(session, batch, epoch, step)
        journal.add_step(step, terms, len(batch.sketches) + len(batch.photos))
        # Between two steps of the optimiser, gradients that were added up would be lost.
        if session.steps_after(step) and session.must_stop():
            journal.check()
            session.interrupt(epoch, step + 1, journal.sums())
            raise Stopped(f"stopped in epoch {epoch} after step {step + 1}")
    journal.check()


def train_step(session: Session, batch: Batch, epoch: int, step: int) -> LossTerms:
    """One batch forward and backward, and a step of the optimiser when enough have been added up.

    Returns the batch's loss terms, still on the device.
    """
    config, device, learner = session.config, session.device, session.learner
    generator = session.seed_step(epoch, step)
    size = config.train.image_size or config.model.image_size
    of_sketches, of_photos = session.shares
    sketches, photos = moved(batch.sketches, device), moved(batch.photos, device)
    sketches = augment_sketches(sketches, generator, config.augment, size, of_sketches)
    photos = augment_photos(photos, generator, config.augment, size, of_photos)

    done = (epoch - 1) * session.steps + step
    set_learning_rate(
        learner.optimizer, learning_rate(config.train, done, config.train.epochs * session.steps)
    )
    reversal = domain_strength(config, epoch)
    last = session.steps_after(step)
    with learner.gradients_synced(last), learner.autocast():
        terms: LossTerms = learner.model(
            sketches,
            photos,
            moved(batch.sketch_labels, device),
            moved(batch.photo_labels, device),
            reversal,
            generator,
        )
        learner.backward(terms.total, session.batches_in_step(step))
    if last:
        learner.step()
    return terms


def moved(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    """The tensor on the device; on its way while the host goes on, where the device allows it."""
    return tensor.to(device, non_blocking=True)
