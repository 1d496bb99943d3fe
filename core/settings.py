"""Configurations as frozen dataclasses: strict conversion from and to plain dictionaries.

A configuration lives with the code it configures. This module only moves it: to JSON and back,
and through `--set a.b=value` overrides. An unknown key or a value of the wrong type is an error
that names what is allowed; nothing is ignored.
"""

import dataclasses
import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import yaml

T = TypeVar("T")


def to_dict(config: Any) -> dict[str, Any]:
    """The configuration as nested plain dictionaries and lists, ready for JSON."""
    return {field.name: _plain(getattr(config, field.name)) for field in dataclasses.fields(config)}


def from_dict(cls: type[T], values: Mapping[str, Any], where: str = "") -> T:
    """Build `cls` from plain values; unknown keys, wrong types and bad values raise ValueError."""
    hints = typing.get_type_hints(cls)
    names = [field.name for field in dataclasses.fields(cls) if field.init]  # type: ignore[arg-type]
    for key in values:
        if key not in names:
            raise ValueError(f"unknown setting {where}{key}: allowed are {', '.join(names)}")
    built = {key: _typed(hints[key], value, f"{where}{key}") for key, value in values.items()}
    return cls(**built)


def override(config: T, assignments: Iterable[str]) -> T:
    """A copy of `config` with `a.b=value` assignments applied; values are read as YAML."""
    for assignment in assignments:
        path, equals, text = assignment.partition("=")
        if not equals:
            raise ValueError(f"setting {assignment!r} has no value: write it as name=value")
        try:
            value = yaml.safe_load(text)
        except yaml.YAMLError:
            value = text
        config = _replace(config, path.strip().split("."), value, path.strip())
    return config


def with_settings(config: T, values: Mapping[str, Any]) -> T:
    """A copy of `config` with dotted settings replaced; the values are taken as they are."""
    for name, value in values.items():
        config = _replace(config, name.split("."), value, name)
    return config


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested dictionaries as one level with dotted keys, in order."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat.update(flatten(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return to_dict(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def _replace(config: Any, path: list[str], value: Any, whole: str) -> Any:
    names = [field.name for field in dataclasses.fields(config)]
    head, rest = path[0], path[1:]
    if head not in names:
        raise ValueError(f"unknown setting {whole}: allowed here are {', '.join(names)}")
    current = getattr(config, head)
    if rest:
        if not dataclasses.is_dataclass(current):
            raise ValueError(f"unknown setting {whole}: {head} has no parts")
        return dataclasses.replace(config, **{head: _replace(current, rest, value, whole)})
    hint = typing.get_type_hints(type(config))[head]
    if dataclasses.is_dataclass(current) and not isinstance(value, Mapping):
        parts = ", ".join(f"{whole}.{field.name}" for field in dataclasses.fields(current))
        raise ValueError(f"setting {whole} is a group: set one of {parts}")
    return dataclasses.replace(config, **{head: _typed(hint, value, whole)})


def _typed(hint: Any, value: Any, where: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        inner = [argument for argument in arguments if argument is not type(None)]
        return _first_that_fits(inner, value, where)
    if origin is typing.Literal:
        if value not in arguments:
            allowed = ", ".join(str(argument) for argument in arguments)
            raise ValueError(f"setting {where} is {value!r}: allowed are {allowed}")
        return value
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise ValueError(f"setting {where} is {value!r}: a list is needed")
        element = arguments[0]
        return tuple(_typed(element, item, f"{where}[{i}]") for i, item in enumerate(value))
    if dataclasses.is_dataclass(hint):
        if isinstance(value, Mapping):
            return from_dict(typing.cast(type, hint), value, f"{where}.")
        raise ValueError(f"setting {where} is {value!r}: a group of settings is needed")
    return _scalar(hint, value, where)


def _first_that_fits(hints: list[Any], value: Any, where: str) -> Any:
    error: ValueError | None = None
    for hint in hints:
        try:
            return _typed(hint, value, where)
        except ValueError as problem:
            error = problem
    raise error or ValueError(f"setting {where} is {value!r}: not allowed")


def _scalar(hint: Any, value: Any, where: str) -> Any:
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if hint is float and isinstance(value, str):
        # YAML reads 1e-3 as text because it has no dot; a person means the number.
        try:
            return float(value)
        except ValueError:
            pass
    if hint is int and isinstance(value, int) and not isinstance(value, bool):
        return value
    if hint is bool and isinstance(value, bool):
        return value
    if hint is str and isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value)
    raise ValueError(f"setting {where} is {value!r}: a value of type {hint.__name__} is needed")
