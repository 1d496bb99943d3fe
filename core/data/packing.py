"""Building packs: decoded by several processes, resumable after a kill, complete or absent."""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import multiprocessing
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import resources
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap

from core.data.decode import BrokenItem, Framing, decode_many
from core.data.index import write_index
from core.data.items import Collection, Domain, Item, Problem, printable
from core.data.packs import CHANNELS, FORMAT, HEAD, PROBLEMS, STEMS, Pack, Pixels, open_pack
from core.data.progress import Advance, progress_bar

_LOG = logging.getLogger(__name__)
_UNIT = 32
"""Items that a process decodes at a time; also what a kill may cost."""
_DONE = "done.jsonl"
_CODE = ("strokes.py", "decode.py", "doodles")


@dataclass(frozen=True, slots=True)
class Unit:
    """Neighbouring rows of one domain, filled by one process in one go."""

    domain: Domain
    start: int
    items: tuple[Item, ...]


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
    sha = hashlib.sha256(f"{FORMAT}\0{size}\0{framing}\0{_code_digest()}\n".encode())
    stats: dict[str, str] = {"": ""}
    for item in collection.items:
        if item.path not in stats:
            stats[item.path] = _stat(item.path)
        sha.update(f"{item.id}\0{item.group}\0{item.row}\0{stats[item.path]}\n".encode())
    return sha.hexdigest()


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
            units = _units(collection)
            _allocate(collection, size, aside)
            done = _read_done(aside)
            todo = {n: unit for n, unit in enumerate(units) if n not in done}
            _fill_all(todo, aside, size, framing, progress, processes)
            broken = {row: p for at in _read_done(aside).values() for row, p in at}
            _finish(collection, size, framing, aside, broken, digest)
            os.replace(aside, folder)
            _tell(folder, len(collection.items), len(broken))
    return open_pack(folder)


def _stat(path: str) -> str:
    try:
        found = os.stat(path)
    except OSError:
        return "gone"
    return f"{found.st_size}\0{found.st_mtime_ns}"


def _code_digest() -> str:
    """Digest of the code that draws and frames: what it makes changes with it."""
    sha = hashlib.sha256()
    here = resources.files("core.data")
    pending = [here.joinpath(name) for name in _CODE]
    while pending:
        entry = pending.pop()
        if entry.is_dir():
            pending.extend(sorted(entry.iterdir(), key=lambda child: child.name))
        elif entry.name.endswith(".py"):
            sha.update(entry.name.encode() + entry.read_bytes())
    return sha.hexdigest()


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # freed by the system if this process dies
        yield


def _units(collection: Collection) -> list[Unit]:
    units = []
    sides: tuple[tuple[Domain, tuple[Item, ...]], ...] = (
        ("photo", collection.photos),
        ("sketch", collection.sketches),
    )
    for domain, items in sides:
        start = 0
        for _, run in groupby(items, key=lambda item: (item.source, item.path == "", item.label)):
            members = tuple(run)
            for first in range(0, len(members), _UNIT):
                part = members[first : first + _UNIT]
                units.append(Unit(domain, start + first, part))
            start += len(members)
    return units


def _allocate(collection: Collection, size: int, aside: Path) -> None:
    aside.mkdir(exist_ok=True)
    counts: dict[Domain, int] = {
        "photo": len(collection.photos),
        "sketch": len(collection.sketches),
    }
    need = sum(counts[domain] * size * size * channels for domain, channels in CHANNELS.items())
    paths = {domain: aside / f"{STEMS[domain]}.raw" for domain in CHANNELS}
    if all(path.is_file() for path in paths.values()):
        return
    (aside / _DONE).unlink(missing_ok=True)
    free = shutil.disk_usage(aside).free
    if need > free:
        raise OSError(f"the pack needs {need:,} bytes, {aside.parent} has {free:,} left")
    for domain, channels in CHANNELS.items():
        shape = (counts[domain], size, size, channels)
        fresh = paths[domain].with_suffix(".new")
        open_memmap(fresh, mode="w+", dtype=np.uint8, shape=shape)
        os.replace(fresh, paths[domain])


def _read_done(aside: Path) -> dict[int, list[tuple[tuple[str, int], Problem]]]:
    """Unit -> its broken rows, of all units that are written; a torn last line counts for none."""
    done: dict[int, list[tuple[tuple[str, int], Problem]]] = {}
    path = aside / _DONE
    for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            continue
        done[entry["unit"]] = [
            ((entry["domain"], row), Problem(**problem)) for row, problem in entry["broken"]
        ]
    return done


def _fill_all(
    todo: dict[int, Unit],
    aside: Path,
    size: int,
    framing: Framing,
    progress: bool,
    processes: int | None,
) -> None:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    workers = min(processes or cores or 1, len(todo) // 2)
    total = sum(len(unit.items) for unit in todo.values())
    with (
        (aside / _DONE).open("a", encoding="utf-8") as log,
        progress_bar(f"packing at {size} px", total, shown=progress) as advance,
    ):
        if (aside / _DONE).stat().st_size:
            log.write("\n")  # ends a line that a kill tore
        if workers < 2:
            for number, unit in todo.items():
                _note(log, number, unit, fill(unit, aside, size, framing), advance)
            return
        # Spawned, not forked: the caller may hold threads and a device.
        context = multiprocessing.get_context("spawn")
        with _single_threaded(), ProcessPoolExecutor(workers, mp_context=context) as pool:
            jobs = {
                pool.submit(fill, unit, aside, size, framing): (number, unit)
                for number, unit in todo.items()
            }
            try:
                for job in as_completed(jobs):
                    number, unit = jobs[job]
                    _note(log, number, unit, job.result(), advance)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise


@contextmanager
def _single_threaded() -> Iterator[None]:
    """Children get one thread each: numpy's own threads would fight over the same cores."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def fill(unit: Unit, aside: Path, size: int, framing: Framing) -> list[tuple[int, Problem]]:
    """Decode a unit into its rows; what is wrong, by row."""
    rows: Pixels = np.load(aside / f"{STEMS[unit.domain]}.raw", mmap_mode="r+", allow_pickle=False)
    broken = []
    for place, made in enumerate(decode_many(unit.items, size, framing)):
        row, item = unit.start + place, unit.items[place]
        if isinstance(made, BrokenItem):
            where = f"{item.path}@{item.row}" if item.row >= 0 else item.path
            broken.append((row, Problem(printable(where or item.id), made.kind, str(made))))
        else:
            rows[row] = made
    return broken


def _note(
    log: object, number: int, unit: Unit, broken: list[tuple[int, Problem]], advance: Advance
) -> None:
    entry = {
        "unit": number,
        "domain": unit.domain,
        "broken": [(row, asdict(problem)) for row, problem in broken],
    }
    print(json.dumps(entry), file=log, flush=True)  # type: ignore[call-overload]
    advance(len(unit.items))


def _finish(
    collection: Collection,
    size: int,
    framing: Framing,
    aside: Path,
    broken: dict[tuple[str, int], Problem],
    digest: str,
) -> None:
    """Drop broken rows, write index and head. Only then may the folder get its name."""
    counts = {}
    sides: tuple[tuple[Domain, tuple[Item, ...]], ...] = (
        ("photo", collection.photos),
        ("sketch", collection.sketches),
    )
    for domain, items in sides:
        keep = [row for row in range(len(items)) if (domain, row) not in broken]
        lost = [item for row, item in enumerate(items) if (domain, row) in broken]
        counts[domain] = len(keep)
        _compact(aside / f"{STEMS[domain]}.raw", aside / f"{STEMS[domain]}.npy", keep, len(items))
        kept = [items[row] for row in keep]
        write_index(aside / f"{STEMS[domain]}.arrow", kept, collection.class_names)
        write_index(aside / f"lost_{STEMS[domain]}.arrow", lost, collection.class_names)
    problems = [*collection.problems, *broken.values()]
    if not sum(counts.values()):
        first = next(iter(broken.values()), None)
        why = f", the first: {first.path}: {first.reason}" if first else ""
        raise ValueError(f"none of {len(collection.items)} items of {collection.spec} decodes{why}")
    lines = [json.dumps(asdict(problem)) for problem in problems]
    (aside / PROBLEMS).write_text("".join(f"{line}\n" for line in lines), "utf-8")
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
    for path in aside.glob("*.raw"):
        path.unlink()
    (aside / _DONE).unlink()


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


def _tell(folder: Path, count: int, broken: int) -> None:
    if broken:
        kinds = Counter(problem.kind for problem in open_pack(folder).problems)
        told = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
        _LOG.warning(
            "%d of %d items can't be used (%s): see %s", broken, count, told, folder / PROBLEMS
        )
