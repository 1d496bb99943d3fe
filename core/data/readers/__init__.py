"""From a spec such as `sketchy:A+tuberlin:B` to a collection with one vocabulary."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl

from core.data.items import Collection, Item, Problem, make_collection
from core.data.readers.builtin import read_builtin
from core.data.readers.folder import read_folder
from core.data.readers.listing import Found
from core.data.readers.quickdraw import read_quickdraw
from core.data.readers.sketchy import read_sketchy
from core.data.readers.tuberlin import read_tuberlin

Reader = Callable[[Path, str, dict[str, str]], Found]

READERS: dict[str, Reader] = {
    "folder": read_folder,
    "quickdraw": read_quickdraw,
    "sketchy": read_sketchy,
    "tuberlin": read_tuberlin,
}
KINDS = ("builtin", *READERS)
_ALLOWED = "builtin, sketchy:PATH, tuberlin:PATH, quickdraw:PATH, folder:PATH, joined with +"
# A '+' parts two specs only where a kind follows, so that a folder may have one in its name.
_PLUS = re.compile(r"\+(?=[a-z]{2,}:|builtin(?:\?|\+|$))")


def read_spec(spec: str) -> Collection:
    """Collection of every part of `spec`; a kind met again gets the source name `kind#2`."""
    seen: Counter[str] = Counter()
    items: list[Item] = []
    problems: list[Problem] = []
    parts = [(part, *split_part(part, spec)) for part in _PLUS.split(spec)]
    for part, kind, path, options in parts:
        seen[kind] += 1
        source = kind if seen[kind] == 1 else f"{kind}#{seen[kind]}"
        if kind == "builtin":
            found = read_builtin(source, options)
        else:
            found = READERS[kind](existing_folder(path, part), source, options)
        items.extend(found.items)
        problems.extend(found.problems)
    return make_collection(items, problems, spec)


def absolute_spec(spec: str) -> str:
    """The spec with absolute folders: it means the same in whichever folder a worker runs."""
    parts = []
    for part in _PLUS.split(spec):
        kind, path, _ = split_part(part, spec)
        if path:
            root = str(existing_folder(path, part))
            part = f"{kind}:{root}{part[len(kind) + 1 + len(path) :]}"
        parts.append(part)
    return "+".join(parts)


def split_part(part: str, spec: str) -> tuple[str, str, dict[str, str]]:
    """(kind, path, options) of one part of a spec.

    Errors: ValueError for an unknown kind, a missing path or an option without a value.
    """
    body, _, query = part.partition("?") if "=" in part.partition("?")[2] else (part, "", "")
    kind, _, path = body.partition(":")
    if kind not in KINDS:
        raise ValueError(f"unknown data '{part}' in '{spec}': allowed are {_ALLOWED}")
    if kind == "builtin" and path:
        raise ValueError(f"'{part}' has a path, but builtin is made here and takes none")
    if kind != "builtin" and not path:
        raise ValueError(f"'{part}' lacks a folder: write {kind}:PATH")
    return kind, path, dict(parse_qsl(query, keep_blank_values=True))


def existing_folder(path: str, part: str) -> Path:
    """Absolute folder of a part of a spec; ValueError when it is not there."""
    root = Path(path).expanduser().absolute()
    if not root.is_dir():
        what = "is a file, not a folder" if root.exists() else "does not exist"
        raise ValueError(f"'{part}': {root} {what}")
    return root
