"""The name of a pack: a digest of all that its pixels hang on."""

from __future__ import annotations

import hashlib
import os
from importlib import resources
from pathlib import Path

from core.data.decode import Framing
from core.data.items import Collection

FORMAT = 1
"""Version of the files below a pack's folder; another one is refused."""


def cache_root() -> Path:
    """Folder of what can be made again: the environment's SKETCHY_CACHE or ~/.cache/sketchy."""
    return Path(os.environ.get("SKETCHY_CACHE") or Path.home() / ".cache" / "sketchy").absolute()


def pack_folder(
    collection: Collection, size: int, framing: Framing, cache: Path | None = None
) -> Path:
    """Where the pack of a collection lies, built or not: named by all that its pixels hang on."""
    sources = "-".join(sorted({item.source.partition("#")[0] for item in collection.items}))
    digest = pack_digest(collection, size, framing)
    return (cache or cache_root()) / "packs" / f"{sources or 'empty'}-{size}-{digest[:20]}"


def pack_digest(collection: Collection, size: int, framing: Framing) -> str:
    """Hexadecimal digest of every item's name and file (size, time of change) and of the drawing
    code, the picture's size and the format: a changed source gives another pack.
    """
    if size < 1:
        raise ValueError(f"size is {size}: at least 1 pixel is needed")
    rendered = any(not item.path for item in collection.items)
    code = _code_digest(("strokes.py", "decode.py", *(("doodles",) if rendered else ())))
    sha = hashlib.sha256(f"{FORMAT}\0{size}\0{framing}\0{code}\n".encode())
    stats: dict[str, str] = {"": ""}
    for item in collection.items:
        if item.path not in stats:
            stats[item.path] = _stat(item.path)
        sha.update(f"{item.id}\0{item.group}\0{item.row}\0{stats[item.path]}\n".encode())
    return sha.hexdigest()


def _stat(path: str) -> str:
    try:
        found = os.stat(path)
    except OSError:
        return "gone"
    return f"{found.st_size}\0{found.st_mtime_ns}"


def _code_digest(names: tuple[str, ...]) -> str:
    """Digest of the code that draws and frames: what it makes changes with it."""
    sha = hashlib.sha256()
    here = resources.files("core.data")
    pending = [here.joinpath(name) for name in names]
    while pending:
        entry = pending.pop()
        if entry.is_dir():
            pending.extend(sorted(entry.iterdir(), key=lambda child: child.name))
        elif entry.name.endswith(".py"):
            sha.update(entry.name.encode() + entry.read_bytes())
    return sha.hexdigest()
