"""Schedules as pure functions: the domain loss's λ_d over epochs, the learning rate over steps."""

import math
from collections.abc import Sequence

LAMBDA_SCHEDULES = ("linear", "ganin", "constant")
LINEAR_START, LINEAR_END = 5.0, 25.0
"""Epochs between which the workshop's λ_d rises from 0 to 1."""
LINEAR_REFERENCE = 30.0
"""Length of the run, in epochs, that LINEAR_START and LINEAR_END are scaled from: the rise then
takes the middle two thirds of any run, with a sixth before it and a sixth after it."""
GANIN_STEEPNESS = 10.0


def lambda_d(
    epoch: float,
    epochs: float,
    schedule: str = "linear",
    *,
    scaled: bool = True,
    maximum: float = 1.0,
) -> float:
    """Strength λ_d of the gradient reversal, in [0, maximum], at an epoch (not a batch).

    `epoch` is the number of epochs done (a fraction within an epoch is allowed), `epochs` the
    length of the run. `linear`: 0 before epoch 5, 1 after 25, (e-5)/20 between (the workshop's);
    `scaled` stretches 5 and 25 from a run of 30 epochs to this one. `ganin`: 2/(1+e^(-10p)) - 1
    with p the share of training done (Ganin and Lempitsky 2015), of the run's length by
    definition. `constant`: always the maximum. Raises ValueError for an unknown schedule, a run
    of no epochs, and a negative epoch or maximum.
    """
    if schedule not in LAMBDA_SCHEDULES:
        raise ValueError(f"schedule is {schedule!r}; allowed: {', '.join(LAMBDA_SCHEDULES)}")
    if epochs <= 0:
        raise ValueError(f"epochs is {epochs}; it must be above 0")
    if epoch < 0 or maximum < 0:
        raise ValueError(f"epoch {epoch} and maximum {maximum} must be 0 or more")
    if schedule == "constant":
        return maximum
    if schedule == "ganin":
        progress = min(1.0, epoch / epochs)
        return maximum * (2.0 / (1.0 + math.exp(-GANIN_STEEPNESS * progress)) - 1.0)
    stretch = epochs / LINEAR_REFERENCE if scaled else 1.0
    rise = (epoch - LINEAR_START * stretch) / ((LINEAR_END - LINEAR_START) * stretch)
    return maximum * min(1.0, max(0.0, rise))


def warmup_cosine(
    step: int, steps: int, *, base: float, warmup: int = 0, final: float = 0.0
) -> float:
    """Learning rate: a linear warm-up, then half a cosine from `base` to `final`.

    `step` counts from 0 to `steps` - 1. Step 0 of a warm-up already has base/warmup (a step at
    rate 0 would be wasted); after `steps` the rate stays at `final`. Raises ValueError where the
    warm-up is not shorter than the run.
    """
    if not 0 <= warmup < steps:
        raise ValueError(f"warmup is {warmup} steps; it must be 0 or more and below {steps}")
    if step < warmup:
        return base * (step + 1) / warmup
    progress = min(1.0, (step - warmup) / (steps - warmup))
    return final + (base - final) * 0.5 * (1.0 + math.cos(math.pi * progress))


def stepped(step: int, *, base: float, milestones: Sequence[int], factor: float = 0.1) -> float:
    """Learning rate multiplied by `factor` at each milestone that the step has reached."""
    return base * factor ** sum(step >= milestone for milestone in milestones)
