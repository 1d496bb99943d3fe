"""Decoding in processes of its own: units of rows go in as lines of JSON, problems come back.

The children are plain interpreters, neither forked (the caller may hold threads and a device) nor
spawned by multiprocessing (which would run the caller's main script again).
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.data.decode import BrokenItem, Framing, check, decode_many
from core.data.items import Domain, Item, Problem, printable

STEMS: dict[Domain, str] = {"photo": "photos", "sketch": "sketches"}
Broken = list[tuple[int, Problem]]
_SERVE = "from core.data.workers import serve; serve()"
_FIELDS = tuple(Item.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Unit:
    """Neighbouring rows of one domain, filled by one process in one go."""

    number: int
    domain: Domain
    start: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """Where pictures go: `photos.raw` and `sketches.raw` in a folder; None only checks them."""

    folder: str | None
    size: int
    framing: Framing


def run_units(units: list[Unit], target: Target, workers: int) -> Iterator[tuple[Unit, Broken]]:
    """Every unit with its broken rows, as they get done; in this process where workers < 2.

    Errors: RuntimeError when a child dies, naming what it was reading.
    """
    if workers < 2:
        for unit in units:
            yield unit, fill(unit, target)
        return
    todo: queue.SimpleQueue[Unit] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[Unit, Broken] | Exception] = queue.SimpleQueue()
    for unit in units:
        todo.put(unit)
    children = [_start(target) for _ in range(workers)]
    with ThreadPoolExecutor(workers) as pool:
        try:
            for child in children:
                pool.submit(_converse, child, todo, done)
            for _ in units:
                made = done.get()
                if isinstance(made, Exception):
                    raise made
                yield made
        finally:  # also when the caller stops early: no child and no thread is left behind
            with suppress(queue.Empty):
                while True:
                    todo.get_nowait()
            for child in children:
                child.kill()


def fill(unit: Unit, target: Target) -> Broken:
    """Decode a unit into its rows (or only check it); what is wrong, by row."""
    if target.folder is None:
        made: list[Any] = [check(item) for item in unit.items]
    else:
        made = decode_many(unit.items, target.size, target.framing)
        path = Path(target.folder) / f"{STEMS[unit.domain]}.raw"
        rows = np.load(path, mmap_mode="r+", allow_pickle=False)
    broken = []
    for place, picture in enumerate(made):
        row, item = unit.start + place, unit.items[place]
        if isinstance(picture, BrokenItem):
            where = f"{item.path}@{item.row}" if item.path and item.row >= 0 else item.path
            broken.append((row, Problem(printable(where or item.id), picture.kind, str(picture))))
        elif target.folder is not None:
            rows[row] = picture
    return broken


def serve() -> None:
    """The child's part: the target on the first line of stdin, then a unit a line."""
    target = Target(**json.loads(sys.stdin.readline()))
    for line in sys.stdin:
        told = json.loads(line)
        items = tuple(Item(*fields) for fields in told.pop("items"))
        broken = fill(Unit(items=items, **told), target)
        print(json.dumps([(row, asdict(problem)) for row, problem in broken]), flush=True)


def _start(target: Target) -> subprocess.Popen[str]:
    # One thread each: numpy's own threads would fight over the same cores.
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    paths = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, sys.path)])
    child = subprocess.Popen(
        [sys.executable, "-c", _SERVE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **threads, "PYTHONPATH": paths},
        text=True,
        encoding="utf-8",
    )
    assert child.stdin is not None
    child.stdin.write(json.dumps(asdict(target)) + "\n")
    return child


def _converse(
    child: subprocess.Popen[str],
    todo: queue.SimpleQueue[Unit],
    done: queue.SimpleQueue[tuple[Unit, Broken] | Exception],
) -> None:
    assert child.stdin is not None
    assert child.stdout is not None
    with child:
        while True:
            try:
                unit = todo.get_nowait()
            except queue.Empty:
                return
            reply = ""
            with suppress(OSError):
                child.stdin.write(_line(unit))
                child.stdin.flush()
                reply = child.stdout.readline()
            if not reply:
                first, last = unit.items[0].id, unit.items[-1].id
                done.put(RuntimeError(f"a decoding process died between {first} and {last}"))
                return
            broken = [(row, Problem(**problem)) for row, problem in json.loads(reply)]
            done.put((unit, broken))


def _line(unit: Unit) -> str:
    items = [[getattr(item, field) for field in _FIELDS] for item in unit.items]
    told = {"number": unit.number, "domain": unit.domain, "start": unit.start, "items": items}
    return json.dumps(told) + "\n"
