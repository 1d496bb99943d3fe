"""Building packs: decoded by several processes, resumable after a kill, complete or absent."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap

from core.data.decode import Framing
from core.data.index import write_index
from core.data.items import Collection, Domain, Item, Problem
from core.data.packkeys import FORMAT, pack_digest
from core.data.packs import CHANNELS, HEAD, PROBLEMS, Pack, Pixels, open_pack
from core.data.progress import progress_bar
from core.data.workers import STEMS, Broken, Target, Unit, run_units

_LOG = logging.getLogger(__name__)
_UNIT = 32
"""Items that a process decodes at a time; also what a kill may cost."""
_DONE = "done.jsonl"
Rows = dict[Domain, dict[int, Problem]]
"""Broken rows by domain."""


def build_pack(
    collection: Collection,
    size: int,
    framing: Framing,
    folder: Path,
    *,
    progress: bool = True,
    processes: int | None = None,
) -> Pack:
    """Decode a collection into `folder`, which appears when it is complete.

    A build that was killed goes on where it stopped; a second builder waits for the first.
    Errors: ValueError when not one item decodes, OSError when the disk is too small.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = folder.with_name(folder.name + ".partial")
    with _only_one(folder.with_name(folder.name + ".lock")):
        if not folder.is_dir():
            # Taken before the work: a source that changes meanwhile gives another pack next time.
            digest = pack_digest(collection, size, framing)
            _allocate(collection, size, aside)
            done = _read_done(aside)
            todo = [unit for unit in plan_units(collection) if unit.number not in done]
            _fill_all(todo, Target(str(aside), size, framing), aside / _DONE, progress, processes)
            broken: Rows = {"photo": {}, "sketch": {}}
            for domain, rows in _read_done(aside).values():
                broken[domain].update(rows)
            _finish(collection, aside, broken)
            _write_head(collection, size, framing, digest, aside)
            os.replace(aside, folder)
            _tell(folder, len(collection.items), sum(map(len, broken.values())))
    return open_pack(folder)


def without_broken(
    collection: Collection, *, progress: bool = True, processes: int | None = None
) -> Collection:
    """The collection with what can't be decoded moved to `lost` and `problems`, nothing packed.

    A sketch whose lines are too faint to frame is found by packing alone.
    """
    units = plan_units(collection)
    sides = dict(_sides(collection))
    lost: dict[str, Item] = {}
    problems = list(collection.problems)
    with progress_bar("checking", len(collection.items), shown=progress) as advance:
        target = Target(None, 0, "whole")
        for unit, broken in run_units(units, target, _workers(processes, len(units))):
            for row, problem in broken:
                item = sides[unit.domain][row]
                lost[item.id] = item
                problems.append(problem)
            advance(len(unit.items))
    return replace(
        collection,
        items=tuple(item for item in collection.items if item.id not in lost),
        lost=tuple(lost[key] for key in sorted(lost)),
        problems=tuple(sorted(problems, key=lambda problem: (problem.path, problem.kind))),
    )


def plan_units(collection: Collection) -> list[Unit]:
    """The work in pieces: rows that follow each other and share a source and a class."""
    units: list[Unit] = []
    for domain, items in _sides(collection):
        start = 0
        for _, run in groupby(items, key=lambda item: (item.source, item.path == "", item.label)):
            members = tuple(run)
            for first in range(0, len(members), _UNIT):
                part = members[first : first + _UNIT]
                units.append(Unit(len(units), domain, start + first, part))
            start += len(members)
    return units


def _sides(collection: Collection) -> tuple[tuple[Domain, tuple[Item, ...]], ...]:
    return ("photo", collection.photos), ("sketch", collection.sketches)


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # freed by the system if this process dies
        yield


def _allocate(collection: Collection, size: int, aside: Path) -> None:
    aside.mkdir(exist_ok=True)
    paths = {domain: aside / f"{STEMS[domain]}.raw" for domain in CHANNELS}
    if all(path.is_file() for path in paths.values()):
        return
    (aside / _DONE).unlink(missing_ok=True)
    shapes = {d: (len(items), size, size, CHANNELS[d]) for d, items in _sides(collection)}
    need = sum(int(np.prod(shape)) for shape in shapes.values())
    free = shutil.disk_usage(aside).free
    if need > free:
        raise OSError(f"the pack needs {need:,} bytes, {aside.parent} has {free:,} left")
    for domain, shape in shapes.items():
        fresh = paths[domain].with_suffix(".new")
        open_memmap(fresh, mode="w+", dtype=np.uint8, shape=shape)
        os.replace(fresh, paths[domain])


def _read_done(aside: Path) -> dict[int, tuple[Domain, dict[int, Problem]]]:
    """Units that are written with their broken rows; a line that a kill tore counts for none."""
    done: dict[int, tuple[Domain, dict[int, Problem]]] = {}
    path = aside / _DONE
    for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            continue
        rows = {row: Problem(**problem) for row, problem in entry["broken"]}
        done[entry["unit"]] = entry["domain"], rows
    return done


def _fill_all(
    todo: list[Unit], target: Target, log_path: Path, progress: bool, processes: int | None
) -> None:
    total = sum(len(unit.items) for unit in todo)
    bar = progress_bar(f"packing at {target.size} px", total, shown=progress)
    with log_path.open("a", encoding="utf-8") as log, bar as advance:
        log.write("\n")  # ends a line that a kill tore
        for unit, broken in run_units(todo, target, _workers(processes, len(todo))):
            log.write(_entry(unit, broken) + "\n")
            log.flush()
            advance(len(unit.items))


def _entry(unit: Unit, broken: Broken) -> str:
    rows = [(row, asdict(problem)) for row, problem in broken]
    return json.dumps({"unit": unit.number, "domain": unit.domain, "broken": rows})


def _workers(asked: int | None, units: int) -> int:
    if asked is not None and asked < 1:
        raise ValueError(f"processes is {asked}: at least 1 is needed")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    # A process takes half a second to start: too few units are sooner done here.
    return min(asked or cores or 1, cores or 1, units // 4)


def _finish(collection: Collection, aside: Path, broken: Rows) -> None:
    """Drop broken rows, write indexes and problems. ValueError when nothing is left."""
    problems = [*collection.problems, *(p for rows in broken.values() for p in rows.values())]
    if len(problems) - len(collection.problems) == len(collection.items):
        first = f", the first: {problems[-1].path}: {problems[-1].reason}" if problems else ""
        count = len(collection.items)
        raise ValueError(f"none of the {count} items of {collection.spec} decodes{first}")
    for domain, items in _sides(collection):
        keep = [row for row in range(len(items)) if row not in broken[domain]]
        lost = [items[row] for row in sorted(broken[domain])]
        stem = aside / STEMS[domain]
        _compact(stem.with_suffix(".raw"), stem.with_suffix(".npy"), keep, len(items))
        kept = [items[row] for row in keep]
        write_index(stem.with_suffix(".arrow"), kept, collection.class_names)
        write_index(aside / f"lost_{STEMS[domain]}.arrow", lost, collection.class_names)
    lines = (json.dumps(asdict(problem)) + "\n" for problem in problems)
    (aside / PROBLEMS).write_text("".join(lines), "utf-8")


def _compact(raw: Path, packed: Path, keep: list[int], count: int) -> None:
    if len(keep) == count:
        os.replace(raw, packed)
        return
    source: Pixels = np.load(raw, mmap_mode="r", allow_pickle=False)
    target = open_memmap(packed, mode="w+", dtype=np.uint8, shape=(len(keep), *source.shape[1:]))
    for first in range(0, len(keep), _UNIT):
        part = keep[first : first + _UNIT]
        target[first : first + len(part)] = source[part]
    target.flush()
    raw.unlink()


def _write_head(
    collection: Collection, size: int, framing: Framing, digest: str, aside: Path
) -> None:
    counts = {d: len(np.load(aside / f"{STEMS[d]}.npy", mmap_mode="r")) for d in CHANNELS}
    head = {
        "format": FORMAT,
        "spec": collection.spec,
        "size": size,
        "framing": framing,
        "digest": digest,
        "counts": counts,
        "class_names": list(collection.class_names),
    }
    (aside / HEAD).write_text(json.dumps(head, indent=1), "utf-8")
    (aside / _DONE).unlink()


def _tell(folder: Path, count: int, broken: int) -> None:
    if broken:
        kinds = Counter(problem.kind for problem in open_pack(folder).problems)
        told = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
        _LOG.warning(
            "%d of %d items can't be used (%s): see %s", broken, count, told, folder / PROBLEMS
        )
