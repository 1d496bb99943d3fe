"""Names of files as they are now, for keys."""

import os
from pathlib import Path

Stamp = tuple[tuple[int, int], ...]


def stamp(*paths: Path | str) -> Stamp:
    """Modification time and size of files, zeros for one that is missing."""
    stamps = []
    for path in paths:
        try:
            status = os.stat(path)
            stamps.append((status.st_mtime_ns, status.st_size))
        except FileNotFoundError:
            stamps.append((0, 0))
    return tuple(stamps)
