"""Which settings of several runs differ."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.runs import Run
from core.settings import flatten

ABSENT = "–"
"""What is shown where a run was written before a setting existed."""
SEED = "train.seed"
_DATA = ("spec", "fingerprint")
_DIGITS = 8


@dataclass(frozen=True, kw_only=True)
class Differences:
    """Settings of several runs, side by side."""

    differing: dict[str, tuple[str, ...]]
    """Dotted setting -> its value in each run, as text; in the order of the configuration."""
    equal: int
    """Settings that all runs have alike."""


def differences(runs: Sequence[Run]) -> Differences:
    """Compare every setting, and the data by its spec and its content."""
    flat = [settings_of(run) for run in runs]
    names = list(dict.fromkeys(name for one in flat for name in one))
    texts = {name: tuple(_text(one[name]) if name in one else ABSENT for one in flat)
             for name in names}  # fmt: skip
    differing = {name: values for name, values in texts.items() if len(set(values)) > 1}
    return Differences(differing=differing, equal=len(names) - len(differing))


def settings_of(run: Run) -> dict[str, Any]:
    """Every setting of a run under its dotted name, with `data.spec` and `data.fingerprint`."""
    data = run.info.get("data", {})
    told = {f"data.{name}": data[name] for name in _DATA if name in data}
    return told | flatten(run.config)


def settings_key(run: Run) -> str:
    """A text that two runs have alike exactly if they differ in nothing but `train.seed`."""
    flat = settings_of(run) | {"split": [run.info.get("data", {}).get("seed"), run.class_names]}
    flat.pop(SEED, None)
    return json.dumps(flat, sort_keys=True, default=list)


def _text(value: Any) -> str:
    """A value as people write it in `--set`."""
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        return ", ".join(_text(part) for part in value) or "none"
    if isinstance(value, str) and len(value) == 64 and not set(value) - set("0123456789abcdef"):
        return value[:_DIGITS]
    return str(value) or "none"
