"""One searched setting: its kind and range, as text in `study.json` and in `--space`."""

import math
from dataclasses import dataclass
from typing import Any, Literal

import yaml

Kind = Literal["log", "uniform", "int", "choice"]
KINDS = "log:LOW:HIGH, uniform:LOW:HIGH, int:LOW:HIGH and choice:A,B,C"


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """A setting and the values that it may take."""

    kind: Kind
    """`log` and `uniform` draw reals, `int` whole numbers, `choice` one of `values`."""
    low: float = 0.0
    """The least value; not used by `choice`."""
    high: float = 0.0
    """The greatest value; not used by `choice`."""
    values: tuple[Any, ...] = ()
    """What `choice` chooses from: texts, numbers or true and false."""

    def __post_init__(self) -> None:
        if self.kind == "choice":
            if len(set(map(repr, self.values))) != len(self.values) or len(self.values) < 2:
                raise ValueError(f"{self}: two or more different values are needed")
            return
        if not (math.isfinite(self.low) and math.isfinite(self.high)) or self.low >= self.high:
            raise ValueError(f"{self}: the low end must be below the high end, both finite")
        if self.kind == "int" and (self.low % 1 or self.high % 1):
            raise ValueError(f"{self}: int takes whole numbers")
        if self.kind == "log" and self.low <= 0:
            raise ValueError(f"{self}: a log range starts above 0")

    def __str__(self) -> str:
        if self.kind == "choice":
            return "choice:" + ",".join(_text(value) for value in self.values)
        return f"{self.kind}:{self.low:.12g}:{self.high:.12g}"

    @property
    def ends(self) -> tuple[Any, ...]:
        """Its extreme values, or all of a choice: what a configuration must be able to take."""
        if self.kind == "choice":
            return self.values
        kind = int if self.kind == "int" else float
        return kind(self.low), kind(self.high)

    def all_values(self) -> tuple[Any, ...]:
        """Every value of a choice or of a range of whole numbers; of reals, the two ends."""
        return self.points(int(self.high - self.low) + 1) if self.kind == "int" else self.ends

    def contains(self, value: Any) -> bool:
        """Whether a value lies in the range, or is one of a choice; None, for not set, does not."""
        if self.kind == "choice":
            return value in self.values
        return value is not None and self.low <= value <= self.high

    def rounded(self, value: Any) -> Any:
        """The value with six significant digits, as people read and repeat it, within the range."""
        if self.kind in ("choice", "int"):
            return value
        return min(max(float(f"{value:.6g}"), self.low), self.high)

    def points(self, count: int) -> tuple[Any, ...]:
        """`count` values spread evenly over the range, ends included; every value of a choice.

        A range of whole numbers that holds fewer gives all it has.
        """
        if self.kind == "choice":
            return self.values
        if count == 1:
            return (self.rounded(self._at(0.5)),)
        spread = [self._at(step / (count - 1)) for step in range(count)]
        return tuple(dict.fromkeys(self.rounded(value) for value in spread))

    def share(self, value: Any) -> float:
        """Where a value lies between the ends in the range's own scale: 0 low, 1 high.

        The recipe's default may lie outside; a value that a log range can't hold is NaN, as is one
        that a choice does not know.
        """
        if self.kind == "choice":
            known = value in self.values
            return self.values.index(value) / (len(self.values) - 1) if known else math.nan
        if self.kind == "log":
            if not value > 0:
                return math.nan
            return math.log(value / self.low) / math.log(self.high / self.low)
        return float((value - self.low) / (self.high - self.low))

    def _at(self, share: float) -> float | int:
        if self.kind == "log":
            return self.low * (self.high / self.low) ** share
        value = self.low + (self.high - self.low) * share
        return round(value) if self.kind == "int" else value


def parse_dimension(name: str, text: str) -> Dimension:
    """Read `log:1e-3:10`, `uniform:0.05:0.5`, `int:1:8` or `choice:a,b,c`.

    Raises:
        ValueError: anything else; the message names the setting and what is allowed.
    """
    kind, _, rest = str(text).partition(":")
    try:
        if kind == "choice":
            values = tuple(yaml.safe_load(part) for part in rest.split(","))
            return Dimension(kind="choice", values=values)
        low, high = (float(part) for part in rest.split(":"))
    except (ValueError, yaml.YAMLError) as error:
        reason = error if "needed" in str(error) else f"allowed are {KINDS}"
        raise ValueError(f"space {name}={text}: {reason}") from error
    if kind not in ("log", "uniform", "int"):
        raise ValueError(f"space {name}={text}: allowed are {KINDS}")
    try:
        return Dimension(kind=kind, low=low, high=high)  # type: ignore[arg-type]
    except ValueError as error:
        raise ValueError(f"space {name}={error}") from error


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
