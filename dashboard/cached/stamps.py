"""Names of files as they are now, for keys."""

from pathlib import Path

Stamp = tuple[tuple[int, int], ...]


def stamp(*paths: Path) -> Stamp:
    """Modification time and size of files, zeros for one that is missing."""
    stamps = []
    for path in paths:
        try:
            status = path.stat()
            stamps.append((status.st_mtime_ns, status.st_size))
        except FileNotFoundError:
            stamps.append((0, 0))
    return tuple(stamps)
