"""Whether the best trial beats the recipe's default: with several seeds of each, or not claimed."""

import math
from collections import Counter
from dataclasses import dataclass
from typing import Literal

import pandas as pd

LEVEL = 0.05
"""The probability below which a difference counts as more than the seeds' spread."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the study says about the recipe's default settings."""

    outcome: Literal["better", "default holds", "no claim"]
    """`better`: a trial beats the default beyond the seeds' spread."""
    text: str
    """The same in a sentence, with means, spreads and what was tested."""
    group: str = ""
    """The trial whose settings are the study's answer; the default's where it holds."""
    p_value: float | None = None
    """Of the test below; None without repeats."""


def repeats(trials: pd.DataFrame) -> pd.DataFrame:
    """Mean and spread of the trials that were repeated with seeds of their own.

    Only complete repeats count. The trial that was repeated is not among them: it was chosen for
    its value, so that its value is too good on average.

    Returns:
        A row per group, the best mean first: `group`, `seeds` (how many), `mean`, `std` (sample
        standard deviation; NaN for one seed).
    """
    again = trials[(trials["trial"] != trials["group"]) & (trials["state"] == "complete")]
    grouped = again.dropna(subset=["best_value"]).groupby("group", sort=True)["best_value"]
    frame = grouped.agg(seeds="count", mean="mean", std="std").reset_index()
    return frame.sort_values("mean", ascending=False, kind="stable", ignore_index=True)


def judge(trials: pd.DataFrame, default: str, objective: str) -> Verdict:
    """Compare the best repeated trial with the repeated default.

    Welch's t-test, one-sided, over the seeds; its p-value is multiplied by the number of trials
    that stood against the default (Bonferroni), since the best of them is taken.

    Args:
        trials: rows of `trials.csv`.
        default: the trial that ran the recipe's own settings.
        objective: the metric's name, for the text.
    """
    means = repeats(trials).set_index("group")
    if list(means.index) == [default] and means["seeds"].min() >= 2 and _alone(trials, default):
        mean, seeds = means["mean"].iloc[0], means["seeds"].iloc[0]
        text = f"the recipe's default holds: {objective} {mean:.4f} over {seeds} seeds, and no "
        text += "other trial came to its end"
        return Verdict(outcome="default holds", text=text, group=default)
    if default not in means.index or len(means) < 2 or means["seeds"].min() < 2:
        return _no_claim(trials, default, objective)
    rows = means.to_dict("index")
    base = rows.pop(default)
    name, best = next(iter(rows.items()))
    p_value = _welch(trials, str(name), default, candidates=len(rows))
    measured = (
        f"{objective} {best['mean']:.4f} ± {best['std']:.4f} against the default's "
        f"{base['mean']:.4f} ± {base['std']:.4f} ({best['seeds']} and {base['seeds']} seeds, "
        f"Welch p = {p_value:.2g})"
    )
    if p_value < LEVEL:
        text = f"trial {name} beats the recipe's default: {measured}"
        return Verdict(outcome="better", text=text, group=str(name), p_value=p_value)
    text = f"the recipe's default holds; trial {name} is not beyond the spread: {measured}"
    return Verdict(outcome="default holds", text=text, group=default, p_value=p_value)


def _alone(trials: pd.DataFrame, default: str) -> bool:
    """Whether nothing but the default came to its end, nor is repeated in whatever state."""
    others = trials[trials["group"] != default]
    return not ((others["trial"] != others["group"]) | (others["state"] == "complete")).any()


def _welch(trials: pd.DataFrame, group: str, default: str, candidates: int) -> float:
    # Of scipy only its special functions: scipy.stats takes a second to import.
    from scipy.special import stdtr

    def values(name: str) -> pd.Series:
        mine = (trials["group"] == name) & (trials["trial"] != name)
        return trials.loc[mine & (trials["state"] == "complete"), "best_value"].dropna()

    ours, theirs = values(group), values(default)
    if ours.std() == 0 and theirs.std() == 0:
        # No spread at all: the test divides by zero, and the means decide.
        return 0.0 if ours.mean() > theirs.mean() else 1.0
    parts = [values.var() / len(values) for values in (ours, theirs)]
    t = (ours.mean() - theirs.mean()) / math.sqrt(sum(parts))
    lengths = (len(ours), len(theirs))
    freedom = sum(parts) ** 2 / sum(
        part**2 / (length - 1) for part, length in zip(parts, lengths, strict=True)
    )
    return min(1.0, float(stdtr(freedom, -t)) * candidates)


def _no_claim(trials: pd.DataFrame, default: str, objective: str) -> Verdict:
    scored = trials[trials["trial"] == trials["group"]].dropna(subset=["best_value"])
    if scored.empty:
        return Verdict(outcome="no claim", text="no trial has a value yet")
    best = scored.iloc[int(scored["best_value"].argmax())]
    own = scored[scored["trial"] == default]
    base = f"{own['best_value'].iloc[0]:.4f} ({own['state'].iloc[0]})" if len(own) else "unknown"
    return Verdict(
        outcome="no claim",
        group=str(best["trial"]),
        text=f"trial {best['trial']} is ahead with {objective} {best['best_value']:.4f}, the "
        f"default has {base}; {_missing(trials, default)}",
    )


def _missing(trials: pd.DataFrame, default: str) -> str:
    """What a claim still lacks, in words."""
    again = trials[trials["trial"] != trials["group"]]
    if again.empty:
        return "one seed each shows nothing: repeat the top trials with --seeds"
    due = Counter(again["group"].astype(str))
    means = repeats(trials)
    done = dict(zip(means["group"].astype(str), means["seeds"], strict=True))
    short = [
        f"{name} has {done.get(name, 0)} of {due[name]}"
        for name in sorted({default, *due})
        if done.get(name, 0) < 2
    ]
    if short:
        return f"two complete repeats of each are needed: {', '.join(short)}"
    return "nothing but the default was repeated: repeat the top trials with --seeds"
