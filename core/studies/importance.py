"""How much each searched setting matters for the result."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from core.studies.space import Dimension

MIN_TRIALS = 8
"""Fewer scored trials say nothing about importance."""
METHOD = "fANOVA (Hutter et al. 2014), as in optuna.importance, on the trials' best values"


@dataclass(frozen=True, kw_only=True)
class Importance:
    """The share of the results' variance that each setting explains."""

    values: dict[str, float] = field(default_factory=dict)
    """Dotted setting -> share in [0, 1], the greatest first; they sum to 1. Empty if unknown."""
    method: str = METHOD
    """The method, by name."""
    trials: int = 0
    """Trials that it was computed from."""
    reason: str = ""
    """Why there are no values; empty if there are."""


def importance(trials: pd.DataFrame, space: Mapping[str, Dimension]) -> Importance:
    """Functional ANOVA over a random forest fitted to (settings → best value).

    Trials stopped early count with the best value they reached: left out, the bad regions would
    be missing and every setting would look unimportant. So it says what matters for being good
    *under this search*, a little exaggerated where early stopping cut.

    Args:
        trials: rows of `trials.csv` with the settings' columns and `best_value`; repeats with
            other seeds should not be among them.
        space: the searched settings.
    """
    scored = trials.dropna(subset=["best_value"])
    # The recipe's default may lie outside the searched ranges, which the method can't take.
    inside = [
        all(dimension.contains(row[name]) for name, dimension in space.items())
        for row in scored.to_dict("records")
    ]
    scored = scored[inside]
    count = len(scored)
    if count < MIN_TRIALS:
        return Importance(
            trials=count, reason=f"{count} trials have a value: at least {MIN_TRIALS} are needed"
        )
    if scored["best_value"].nunique() < 2:
        return Importance(trials=count, reason="all trials have the same value")
    return Importance(trials=count, values=_fanova(scored, space))


def _fanova(scored: pd.DataFrame, space: Mapping[str, Dimension]) -> dict[str, float]:
    import optuna
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances

    distributions = optuna_distributions(space)
    with quiet_optuna():
        study = optuna.create_study(direction="maximize")
        for row in scored.to_dict("records"):
            study.add_trial(
                optuna.trial.create_trial(
                    params={str(name): row[name] for name in space},
                    distributions=distributions,
                    value=float(row["best_value"]),
                )
            )
        values = get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=0))
    return {name: float(value) for name, value in values.items()}


def optuna_distributions(space: Mapping[str, Dimension]) -> dict[str, Any]:
    """The space in Optuna's words."""
    from optuna import distributions as of

    return {
        name: of.CategoricalDistribution(dimension.values)
        if dimension.kind == "choice"
        else of.IntDistribution(int(dimension.low), int(dimension.high))
        if dimension.kind == "int"
        else of.FloatDistribution(dimension.low, dimension.high, log=dimension.kind == "log")
        for name, dimension in space.items()
    }


@contextmanager
def quiet_optuna() -> Iterator[None]:
    """Keep Optuna from logging each study, and from warning that a sampler is experimental."""
    import optuna

    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(verbosity)
