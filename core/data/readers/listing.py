"""Listing folders of images in an order of their own, telling whatever is passed over."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.data.items import Domain, Item, Problem, normalise_name, printable

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
_HIDDEN = frozenset({"thumbs.db", "desktop.ini", "readme.txt", "readme.md", "license.txt"})


@dataclass
class Found:
    """What a reader hands back: items and problems, in no particular order."""

    items: list[Item] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def tell(self, path: str | Path, kind: str, reason: str) -> None:
        """Note something that was found and not used."""
        self.problems.append(Problem(printable(str(path)), kind, reason))


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A file that has an image's suffix, below a class folder."""

    path: str
    folder: str
    """Name of the class folder as it is spelt on disk."""
    label: str
    inner: str
    """Name below the class folder without suffix, `/`-separated, printable."""
    suffix: str


def class_folders(root: Path, found: Found) -> list[str]:
    """Names of the folders directly in `root`, sorted; hidden ones are left out."""
    return [
        entry.name
        for entry in _entries(str(root), found)
        if not entry.name.startswith(".") and _is_dir(entry, found)
    ]


def images_by_class(
    root: Path, found: Found, folders: Iterable[str] | None = None
) -> Iterator[ImageFile]:
    """Every image file below the class folders of `root`, sub-folders included, sorted by name.

    Files without an image's suffix, unreadable folders and loops of links go to `found.problems`.
    """
    for name in class_folders(root, found) if folders is None else folders:
        label = normalise_name(name)
        if not label:
            found.tell(root / name, "ignored", "the folder's name holds no class name")
            continue
        for path, inner, suffix in walk_images(str(root / name), found, root):
            yield ImageFile(path, name, label, inner, suffix)


def walk_images(top: str, found: Found, root: Path | None = None) -> Iterator[tuple[str, str, str]]:
    """(path, name below `top` without suffix, suffix) of every image below `top`, sorted.

    A link that leads to `root` or a folder above it is a loop, and so is one inside `top`.
    """
    real = Path(os.path.realpath(top if root is None else root))
    above = {str(folder) for folder in real.parents} | ({str(real)} if root else set())
    yield from _walk(top, "", found, frozenset(above))


def _walk(
    folder: str, inner: str, found: Found, above: frozenset[str]
) -> Iterator[tuple[str, str, str]]:
    real = os.path.realpath(folder)
    if real in above:
        found.tell(folder, "loop", "a link leads back to a folder above it")
        return
    for entry in _entries(folder, found):
        if entry.name.startswith("."):
            continue
        shown = f"{inner}{printable(entry.name)}"
        if _is_dir(entry, found):
            yield from _walk(entry.path, f"{shown}/", found, above | {real})
            continue
        if not _is_file(entry, found):
            continue
        stem, suffix = os.path.splitext(shown)
        if suffix.lower() in IMAGE_SUFFIXES:
            yield entry.path, stem, suffix
        elif entry.name.lower() not in _HIDDEN:
            found.tell(entry.path, "ignored", "not an image by its suffix")


def _entries(folder: str, found: Found) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        found.tell(folder, "unreadable", f"folder can't be listed: {error.strerror}")
        return []


def _is_dir(entry: os.DirEntry[str], found: Found) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself; _is_file names it
        return False


def _is_file(entry: os.DirEntry[str], found: Found) -> bool:
    try:
        if entry.is_file():
            return True
        kind, reason = "ignored", "neither a file nor a folder"
        if entry.is_symlink():
            kind, reason = "unreadable", "a link that leads nowhere"
    except OSError as error:
        kind, reason = "loop", f"a link that can't be followed: {error.strerror}"
    found.tell(entry.path, kind, reason)
    return False


def items_of(files: Iterable[ImageFile], source: str, domain: Domain) -> list[Item]:
    """Items named `source/domain/label/inner`, each its own group.

    Two files of one name (`a.jpg` beside `a.png`, or `palm tree/` beside `palm_tree/`) are told
    apart by suffix, then by the folder's spelling, so that an id never depends on listing order.
    """
    listed = list(files)
    base = [f"{source}/{domain}/{file.label}/{file.inner}" for file in listed]
    count = Counter(base)
    full = [
        name if count[name] == 1 else name + file.suffix
        for name, file in zip(base, listed, strict=True)
    ]
    count = Counter(full)
    items = []
    for name, file in zip(full, listed, strict=True):
        unique = name if count[name] == 1 else f"{name}@{printable(file.folder)}"
        items.append(Item(unique, domain, file.label, unique, source, file.path))
    return items


def first_folder(root: Path, names: Iterable[str]) -> Path | None:
    """First of `root`'s folders that is called one of `names`, whatever the case."""
    try:
        present = {entry.name.lower(): entry for entry in sorted(root.iterdir()) if entry.is_dir()}
    except OSError:
        return None
    for name in names:
        if name.lower() in present:
            return present[name.lower()]
    return None
