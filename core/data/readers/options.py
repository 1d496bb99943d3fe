"""Options behind the `?` of a spec."""

from __future__ import annotations

from collections.abc import Iterable


def refuse_unknown(source: str, options: dict[str, str], allowed: Iterable[str]) -> None:
    """ValueError for an option that `source` does not have."""
    known = tuple(allowed)
    for name in options:
        if name not in known:
            offer = ", ".join(known) if known else "none"
            raise ValueError(f"'{source}' has no option '{name}': allowed are {offer}")


def whole_number(source: str, options: dict[str, str], name: str, default: int, low: int) -> int:
    """Option `name` as an integer of at least `low`; ValueError otherwise."""
    text = options.get(name, str(default))
    try:
        number = int(text)
    except ValueError:
        number = low - 1
    if number < low:
        raise ValueError(f"'{source}?{name}={text}': a whole number of at least {low} is needed")
    return number


def choice(
    source: str, options: dict[str, str], name: str, default: str, allowed: tuple[str, ...]
) -> str:
    """Option `name`, one of `allowed`; ValueError otherwise."""
    value = options.get(name, default)
    if value not in allowed:
        raise ValueError(f"'{source}?{name}={value}': allowed are {', '.join(allowed)}")
    return value
