"""Open a study's folder, new or left behind by a driver that was killed, and pack its data."""

import socket
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from core.data.decode import Framing
from core.data.packs import Pack, open_or_build_pack
from core.data.splits import Splits, split_collection
from core.runs import Run
from core.runs.layout import RUN_FILE
from core.settings import with_settings
from core.studies import STUDY_FILE, Study
from core.studies.reader import driver_alive
from trainer.config import Config
from trainer.sampling import check_shares, check_validation, fit_to_classes
from trainer.search.plan import Plan
from trainer.search.pulse import LOOK_SECONDS, Signs, beats
from trainer.search.record import Record, open_record

ORPHAN_SECONDS = 60.0
"""How long the trials of a driver that was killed may still be heard of."""


def begin(path: Path, plan: Plan, resume: bool, say: Callable[[str], None]) -> Record:
    """The study's record, owned by this process from now on.

    Args:
        path: the study's folder.
        plan: what to search.
        resume: go on with the study if it exists.
        say: is told what is waited for, a minute or two where machines were lost.

    Raises:
        ValueError: the study exists (without `resume`), another process runs it or one of its
            trials, or the folder holds something else.
    """
    if (path / STUDY_FILE).exists():
        if not resume:
            raise ValueError(f"study {path.name!r} exists at {path}: choose another or --resume")
        signs, runs = Signs(), [Run(file.parent) for file in sorted(path.glob(f"*/{RUN_FILE}"))]
        # Noted before anything is waited for: one silence then tells of the driver and its trials.
        orphans = [run for run in runs if _last_heard(run, signs) is not None]
        _refuse_living_driver(Study(path), say)
        record = open_record(path)
        record.info |= {"trials": plan.trials, "seeds": plan.seeds, "concurrent": plan.concurrent}
        record.take_over()
        _wait_for_orphans(orphans, signs, say)
        return record
    if path.exists() and any(path.iterdir()):
        raise ValueError(f"{path} holds something that is no study: choose another name")
    path.mkdir(parents=True, exist_ok=True)
    record = Record(path, plan.to_info())
    record.take_over()
    record.save_trials()
    return record


def _refuse_living_driver(study: Study, say: Callable[[str], None]) -> None:
    """ValueError if the process that ran the study last still does, here or elsewhere."""
    if study.info["state"] != "running" or not driver_alive(study.info, study.path):
        return
    host, pid = study.info["driver"]["host"], study.info["driver"]["pid"]
    here = host == socket.gethostname()
    if not here:
        say(f"study {study.name} was run on {host}: watching for a minute whether it still is")
    if here or beats(study.path):
        raise ValueError(f"study {study.name!r} is being run by process {pid} on {host}")


def _wait_for_orphans(orphans: list[Run], signs: Signs, say: Callable[[str], None]) -> None:
    """Let trials of a killed driver die before their runs are opened again.

    They end by themselves: Ray ends its workers, and a trial that sees another driver's token in
    study.json stops after its epoch. Those on a machine that was lost are silent.

    Raises:
        ValueError: one goes on for longer than ORPHAN_SECONDS.
    """
    deadline, told = time.monotonic() + ORPHAN_SECONDS, False
    while orphans := [run for run in orphans if not _is_silent(run, signs, deadline)]:
        if not told:
            names = ", ".join(run.path.name for run in orphans)
            say(f"still running: {names}; waiting until nothing is heard of them")
            told = True
        time.sleep(LOOK_SECONDS)


def _is_silent(run: Run, signs: Signs, deadline: float) -> bool:
    """Whether a trial has ended or died; ValueError if it was heard of after the deadline."""
    heard = _last_heard(run, signs)
    if heard is not None and heard > deadline:
        status = run.status
        raise ValueError(
            f"trial {run.path.name} is still trained by process {status.get('pid')} on "
            f"{status.get('host')}: end it and resume again"
        )
    return heard is None


def _last_heard(run: Run, signs: Signs) -> float | None:
    """When a run's process last gave a sign of life, by `time.monotonic`; None if it is dead.

    A process of this machine is asked for. One of another machine has to change its status.
    """
    status = run.status
    if status["state"] != "running":
        return None
    if status.get("host") == socket.gethostname():
        return time.monotonic()
    return signs.last(run.path.name, status.get("updated"))


def pack_data(plan: Plan) -> list[tuple[int, Framing]]:
    """Pack the data once, before any trial, in every size and framing that the search may take.

    A wrong path or an impossible split fails here, and so do batches that don't fit data or
    workers.
    """
    names = ("model.image_size", "data.pack_size", "data.framing")
    configs = _variants(plan, {name: d.ends for name, d in plan.space.items() if name in names})
    packs = list(dict.fromkeys((config.pack_size, config.data.framing) for config in configs))
    for size, framing in packs:
        pack = open_or_build_pack(plan.spec, size, framing)
        data = plan.config.data
        splits = split_collection(pack.collection, data.protocol, seed=data.seed)
    _check_batches(plan, pack, splits)
    return packs


def _check_batches(plan: Plan, pack: Pack, splits: Splits) -> None:
    """ValueError if a trial's workers can't share its batch equally, or nothing can judge it."""
    names = ("data.sampling", "data.classes_per_batch", "data.per_class")
    workers = plan.workers_per_trial
    # One worker takes any batch.
    searched = plan.space if workers > 1 else {}
    tried = {name: d.all_values() for name, d in searched.items() if name in names}
    for config in _variants(plan, tried):
        check_shares(fit_to_classes(config, pack, splits)[0], workers)
    check_validation(plan.config, splits)


def _variants(plan: Plan, tried: Mapping[str, Sequence[Any]]) -> list[Config]:
    """The plan's configuration with every combination of some settings' values."""
    combined = product(*tried.values())
    return [with_settings(plan.config, dict(zip(tried, c, strict=True))) for c in combined]
