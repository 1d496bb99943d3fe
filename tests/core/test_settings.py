"""Settings: strict both ways, and overridable by name."""

from dataclasses import dataclass, field
from typing import Literal

import pytest

from core.settings import flatten, from_dict, override, to_dict, with_settings


@dataclass(frozen=True, kw_only=True)
class Inner:
    rate: float = 0.1
    kind: Literal["a", "b"] = "a"
    sizes: tuple[int, ...] = (1, 2)


@dataclass(frozen=True, kw_only=True)
class Outer:
    inner: Inner = field(default_factory=Inner)
    steps: int | None = None
    name: str = "x"
    on: bool = False


def test_round_trip() -> None:
    config = Outer(inner=Inner(rate=2.0, kind="b", sizes=(3,)), steps=4)
    assert from_dict(Outer, to_dict(config)) == config


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("inner.rate=1e-3", Outer(inner=Inner(rate=1e-3))),
        ("inner.rate=2", Outer(inner=Inner(rate=2.0))),
        ("inner.kind=b", Outer(inner=Inner(kind="b"))),
        ("inner.sizes=[5, 6]", Outer(inner=Inner(sizes=(5, 6)))),
        ("steps=null", Outer()),
        ("steps=7", Outer(steps=7)),
        ("on=true", Outer(on=True)),
        ("name=7", Outer(name="7")),
        ("name=a: [b", Outer(name="a: [b")),
    ],
)
def test_override(assignment: str, expected: Outer) -> None:
    assert override(Outer(), [assignment]) == expected


@pytest.mark.parametrize(
    ("assignment", "told"),
    [
        ("inner.rat=1", "inner.rat: allowed here are rate, kind, sizes"),
        ("inner.kind=c", "allowed are a, b"),
        ("inner.rate=fast", "type float"),
        ("steps=1.5", "type int"),
        ("on=1", "type bool"),
        ("inner=3", "is a group"),
        ("name.first=a", "has no parts"),
        ("name", "has no value"),
    ],
)
def test_a_wrong_override_names_what_is_allowed(assignment: str, told: str) -> None:
    with pytest.raises(ValueError, match="setting") as error:
        override(Outer(), [assignment])
    assert told in str(error.value)


def test_values_are_taken_as_they_are() -> None:
    config = Outer(steps=3, name="a: [b")
    assert with_settings(config, {"steps": None, "inner.sizes": [4]}) == Outer(
        inner=Inner(sizes=(4,)), name="a: [b"
    )
    with pytest.raises(ValueError, match=r"unknown setting inner\.rat: allowed here are rate"):
        with_settings(config, {"inner.rat": 1})


def test_an_unknown_key_is_never_ignored() -> None:
    with pytest.raises(ValueError, match=r"unknown setting inner\.margn"):
        from_dict(Outer, {"inner": {"margn": 1.0}})


def test_flatten() -> None:
    assert flatten({"a": {"b": 1, "c": {"d": 2}}, "e": 3}) == {"a.b": 1, "a.c.d": 2, "e": 3}
