"""Open a study's folder, new or left behind by a driver that was killed, and pack its data."""

import time
from itertools import product
from pathlib import Path

from core.data.decode import Framing
from core.data.packs import open_or_build_pack
from core.data.splits import split_collection
from core.runs import Run
from core.studies import STUDY_FILE, Study
from core.studies.reader import driver_alive
from trainer.search.plan import Plan
from trainer.search.record import Record, open_record
from trainer.search.space import with_settings

ORPHAN_SECONDS = 60.0


def begin(path: Path, plan: Plan, resume: bool) -> Record:
    """The study's record, owned by this process from now on.

    Raises:
        ValueError: the study exists (without `resume`), another process runs it, or the folder
            holds something else.
    """
    if (path / STUDY_FILE).exists():
        if not resume:
            raise ValueError(f"study {path.name!r} exists at {path}: choose another or --resume")
        study = Study(path)
        if study.info["state"] == "running" and driver_alive(study.info, path):
            host, pid = study.info["driver"]["host"], study.info["driver"]["pid"]
            raise ValueError(f"study {path.name!r} is being run by process {pid} on {host}")
        record = open_record(path)
        record.info |= {"trials": plan.trials, "seeds": plan.seeds, "concurrent": plan.concurrent}
        record.take_over()
        _wait_for_orphans(record)
        return record
    if path.exists() and any(path.iterdir()):
        raise ValueError(f"{path} holds something that is no study: choose another name")
    path.mkdir(parents=True, exist_ok=True)
    record = Record(path, plan.to_info())
    record.take_over()
    record.save_trials()
    return record


def _wait_for_orphans(record: Record) -> None:
    """Let trials of a killed driver die before their runs are opened again.

    They end by themselves: Ray ends its workers, and a trial that sees another driver's token in
    study.json stops after its epoch.
    """
    deadline = time.monotonic() + ORPHAN_SECONDS
    for trial in record.trials.values():
        path = record.path / trial.name
        while not trial.ended and (path / "run.json").is_file():
            status = Run(path).status
            if status["state"] != "running":
                break
            if time.monotonic() > deadline:
                raise ValueError(
                    f"trial {trial.name} is still trained by process {status.get('pid')} on "
                    f"{status.get('host')}: end it and resume again"
                )
            time.sleep(0.1)


def pack_data(plan: Plan) -> list[tuple[int, Framing]]:
    """Pack the data once, before any trial, in every size and framing that the search may take.

    A wrong path or an impossible split fails here.
    """
    names = [n for n in ("model.image_size", "data.pack_size", "data.framing") if n in plan.space]
    ends = product(*(plan.space[name].ends for name in names))
    configs = [with_settings(plan.config, dict(zip(names, values, strict=True))) for values in ends]
    packs = list(dict.fromkeys((config.pack_size, config.data.framing) for config in configs))
    for size, framing in packs:
        pack = open_or_build_pack(plan.spec, size, framing)
        split_collection(pack.collection, plan.config.data.protocol, seed=plan.config.data.seed)
    return packs
