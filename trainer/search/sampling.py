"""Which settings to try next: a function of what has been tried, so that it survives any crash."""

import hashlib
import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.studies import Dimension
from core.studies.importance import optuna_distributions, quiet_optuna

if TYPE_CHECKING:
    import optuna

    from trainer.search.record import Trial

SAMPLERS = ("optuna", "random", "grid")
# TPE learns from the first trials; before that it draws at random, as Bergstra et al. 2011 do.
STARTUP = 10


def propose(
    space: Mapping[str, Dimension],
    sampler: str,
    seed: int,
    tried: Sequence["Trial"],
    number: int,
    total: int,
) -> dict[str, Any]:
    """Settings for trial `number` (from 1; trial 0 is the recipe's own) of `total`.

    The study's past is handed to Optuna anew each time, and the draws are seeded by
    (seed, number): a search that was killed proposes what it would have proposed.

    Args:
        space: dotted setting -> what may be tried.
        sampler: `optuna` (multivariate TPE, Bergstra et al. 2011), `random` or `grid`.
        seed: the search's seed.
        tried: every trial so far, those still running too.
        number: the trial's number.
        total: trials of the search, trial 0 included.

    Raises:
        IndexError: every point of the grid has been tried; `untried` says so before.
    """
    if sampler == "grid":
        return untried(space, [trial.settings for trial in tried], total)[0]
    import optuna

    draws = int.from_bytes(hashlib.blake2b(f"{seed}/{number}".encode(), digest_size=4).digest())
    with quiet_optuna():
        chosen: optuna.samplers.BaseSampler
        if sampler == "random":
            chosen = optuna.samplers.RandomSampler(seed=draws)
        else:
            chosen = optuna.samplers.TPESampler(
                seed=draws,
                multivariate=True,  # what matters most is the ratio of w_d to w_t
                constant_liar=True,  # trials run at once must not crowd in one place
                n_startup_trials=min(STARTUP, max(2, total // 3)),
            )
        study = optuna.create_study(direction="maximize", sampler=chosen)
        distributions = optuna_distributions(space)
        study.add_trials(_frozen(trial, space, distributions) for trial in _usable(tried, space))
        asked = study.ask(distributions)
    return {name: dimension.rounded(asked.params[name]) for name, dimension in space.items()}


def grid(space: Mapping[str, Dimension], count: int) -> list[dict[str, Any]]:
    """An even grid of at most `count` points: every choice, and as many points a range as fit.

    Raises:
        ValueError: two points a range make more than `count`; the message says how many.
    """
    fitting: list[dict[str, Any]] = []
    for points in range(2, count + 1):
        axes = [dimension.points(points) for dimension in space.values()]
        combined = [dict(zip(space, values, strict=True)) for values in itertools.product(*axes)]
        if len(combined) > count or len(combined) == len(fitting):
            break
        fitting = combined
    if not fitting:
        needed = 1
        for dimension in space.values():
            needed *= len(dimension.points(2))
        raise ValueError(
            f"a grid over {len(space)} settings has {needed} points or more: --trials must be "
            f"{needed + 1} or more (one runs the recipe's own settings), not {count + 1}"
        )
    return fitting


def untried(
    space: Mapping[str, Dimension], tried: Sequence[Mapping[str, Any]], total: int
) -> list[dict[str, Any]]:
    """Points of the grid for `total` trials that none of the tried settings is, in order.

    A search that was made longer has a finer grid: points that it shares with the one before are
    not tried again.
    """
    return [
        point
        for point in grid(space, total - 1)
        if not any(all(_same(point[name], old[name]) for name in space) for old in tried)
    ]


def _same(value: Any, old: Any) -> bool:
    if isinstance(value, float) and isinstance(old, int | float):
        # What was read from trials.csv may differ in its last bit.
        return math.isclose(value, old, rel_tol=1e-9)
    return bool(value == old)


def _usable(tried: Sequence["Trial"], space: Mapping[str, Dimension]) -> list["Trial"]:
    """Trials that tell of the settings: no repeats, no machine's failures, nothing outside."""
    return [
        trial
        for trial in tried
        if trial.group == trial.name
        and (trial.state != "failed" or trial.diverged)
        and all(dimension.contains(trial.settings[name]) for name, dimension in space.items())
    ]


def _frozen(
    trial: "Trial", space: Mapping[str, Dimension], distributions: dict[str, Any]
) -> "optuna.trial.FrozenTrial":
    import optuna

    scored = trial.best_value is not None
    if trial.state == "complete" and scored:
        state = optuna.trial.TrialState.COMPLETE
    elif trial.state in ("stopped", "failed"):
        # TPE ranks pruned trials by how far they came, then by value; one that diverged told no
        # value and ranks last: its settings are known to be bad.
        state = optuna.trial.TrialState.PRUNED
    else:
        state = optuna.trial.TrialState.RUNNING
    reached = state is optuna.trial.TrialState.PRUNED and scored and not trial.diverged
    return optuna.trial.create_trial(
        state=state,
        params={name: trial.settings[name] for name in space},
        distributions=distributions,
        value=trial.best_value if state is optuna.trial.TrialState.COMPLETE else None,
        intermediate_values={trial.epochs: float(trial.best_value or 0)} if reached else None,
    )
