"""Class lists: the published ones that ship with the package, and a person's own."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from core.data.items import normalise_name

ZERO_SHOT = ("sketchy25", "sketchy21", "tuberlin30", "quickdraw30")
"""Names of the shipped lists of unseen classes."""


def shipped_list(name: str) -> tuple[str, ...]:
    """Normalised class names of a list in `core/protocols`, in the file's order."""
    text = resources.files("core.protocols").joinpath(f"{name}.txt").read_text("utf-8")
    return _names(text)


def own_list(path: Path) -> tuple[str, ...]:
    """Normalised names in a person's file: one a line, `#` starts a comment.

    Errors: ValueError when the file is empty or not UTF-8 text.
    """
    try:
        names = _names(path.read_text("utf-8-sig"))  # some editors begin a file with a mark
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not a text file of class names (UTF-8)") from error
    if not names:
        raise ValueError(f"{path} names no class: write one a line")
    return names


def _names(text: str) -> tuple[str, ...]:
    lines = (line.partition("#")[0] for line in text.splitlines())
    return tuple(dict.fromkeys(name for line in lines if (name := normalise_name(line))))
