"""Run a study from wherever its folder says it is: search, then repeat the best trials."""

import logging
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

from rich.console import Console

from core.data.packs import open_or_build_pack
from core.data.splits import split_collection
from core.runs import Run
from core.studies import STUDY_FILE, Study
from core.studies.reader import DEFAULT_TRIAL, driver_alive
from trainer.loop import Stopped, train
from trainer.search.plan import Plan
from trainer.search.record import Record, Trial, open_record
from trainer.search.sampling import propose
from trainer.search.screen import Screen
from trainer.search.space import settings_of
from trainer.search.task import RESTARTS, Loop, Shared

REPEATED = 2
"""How many of the best trials are repeated with --seeds, beside the default."""
ORPHAN_SECONDS = 60.0
# Tune's own log files, tables and warnings: the study's files and the screen say it all.
QUIET = {
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_STRICT_METRIC_CHECKING": "1",
    "TUNE_GLOBAL_CHECKPOINT_S": "3600",
    "RAY_TRAIN_ENABLE_V2_MIGRATION_WARNINGS": "0",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
}


def run_study(
    path: Path,
    plan: Plan,
    *,
    resume: bool = False,
    address: str | None = None,
    loop: Loop = train,
    console: Console | None = None,
) -> Study:
    """Run a search, or go on with one, until every trial has ended.

    Args:
        path: the study's folder; its name is the study's.
        plan: what to search; of a study that exists, what `plan_of` says, or with more trials.
        resume: go on with the study if it exists.
        address: a running Ray cluster; a local one is started by default.
        loop: the training loop.
        console: where to tell; stderr by default.

    Raises:
        ValueError: the study exists (without `resume`), is being run, or can't be run here.
        Stopped: SIGTERM or Ctrl-C came; the study can be resumed.
    """
    path = path.absolute()
    record = _begin(path, plan, resume)
    screen = Screen(record, console)
    if _is_done(record, plan):
        record.save_info(state="complete", reason="")
        return Study(path)
    packs = pack_data(plan)
    with _environment(), _session(address), _settled(record), _signals():
        from trainer.search.nodes import build_packs, check_shared, cpus_per_trial, living_nodes

        if len(living_nodes()) > 1:
            check_shared(path)
            for size, framing in packs:
                build_packs(plan.spec, size, framing)
        shared = Shared(
            study=path,
            token=record.info["driver"]["token"],
            spec=plan.spec,
            config=plan.config,
            recipe=plan.recipe,
            cpus=cpus_per_trial(plan.concurrent, plan.gpus_per_trial),
            gpus=plan.gpus_per_trial,
            workers=plan.workers_per_trial,
            loop=loop,
        )
        _check_room(shared, screen, growing=address is not None)
        _search(record, plan, shared, screen)
        _repeat(record, plan, shared, screen)
    record.save_info(state="complete", reason="")
    shutil.rmtree(path / ".ray", ignore_errors=True)
    return Study(path)


def pack_data(plan: Plan) -> list[tuple[int, str]]:
    """Pack the data once, before any trial, in every size and framing that the search may take.

    A wrong path or an impossible split fails here.
    """
    names = ("model.image_size", "data.framing")
    own = settings_of(plan.config, names)
    axes = [plan.space[name].ends if name in plan.space else (own[name],) for name in names]
    packs = list(product(*axes))
    for size, framing in packs:
        pack = open_or_build_pack(plan.spec, size, framing)
        split_collection(pack.collection, plan.config.data.protocol, seed=plan.config.data.seed)
    return packs


def _begin(path: Path, plan: Plan, resume: bool) -> Record:
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


def _search(record: Record, plan: Plan, shared: Shared, screen: Screen) -> None:
    mine = [trial for trial in record.trials.values() if trial.name == trial.group]

    def another() -> Trial | None:
        tried = [trial for trial in record.trials.values() if trial.name == trial.group]
        number = len(tried)
        if number >= plan.trials:
            return None
        settings = (
            propose(plan.space, plan.sampler, plan.config.train.seed, tried, number, plan.trials)
            if number
            else settings_of(plan.config, plan.space)
        )
        name = f"{number:03d}"
        seed = plan.config.train.seed
        return Trial(name=name, group=name, seed=seed, settings=settings)

    waiting = [trial for trial in mine if not trial.ended]
    if not waiting and len(mine) >= plan.trials:
        return
    from trainer.search.scheduler import make_scheduler

    _tune(record, plan, shared, screen, make_scheduler(plan, record), waiting, another)


def _repeat(record: Record, plan: Plan, shared: Shared, screen: Screen) -> None:
    """Repeat the default and the best trials with seeds of their own, all of them in full.

    Every group gets the same new seeds. The trials that were chosen for their values don't count
    again: their luck is in those values.
    """
    for trial in repeats_due(record, plan):
        record.trials.setdefault(trial.name, trial)
    waiting = [t for t in record.trials.values() if t.name != t.group and not t.ended]
    if not waiting:
        return
    from ray.tune.schedulers import FIFOScheduler

    record.save_trials()
    _tune(record, plan, shared, screen, FIFOScheduler(), waiting, lambda: None)


def repeats_due(record: Record, plan: Plan) -> list[Trial]:
    """The repeats that the plan asks for; the groups stay those of repeats that exist already."""
    if plan.seeds < 2:
        return []
    trials = list(record.trials.values())
    groups = list(dict.fromkeys(trial.group for trial in trials if trial.name != trial.group))
    if not groups:
        scored = [
            trial
            for trial in trials
            if trial.state == "complete"
            and trial.best_value is not None
            and trial.name != DEFAULT_TRIAL
        ]
        scored.sort(key=lambda trial: -(trial.best_value or 0))
        groups = [DEFAULT_TRIAL, *(trial.name for trial in scored[:REPEATED])]
    first = plan.config.train.seed + 1
    return [
        Trial(
            name=f"{group}-s{seed}",
            group=group,
            seed=seed,
            settings=record.trials[group].settings,
        )
        for seed in range(first, first + plan.seeds)
        for group in groups
    ]


def _is_done(record: Record, plan: Plan) -> bool:
    mine = [trial for trial in record.trials.values() if trial.name == trial.group]
    if len(mine) < plan.trials or not all(trial.ended for trial in record.trials.values()):
        return False
    return all(trial.name in record.trials for trial in repeats_due(record, plan))


def _tune(
    record: Record,
    plan: Plan,
    shared: Shared,
    screen: Screen,
    scheduler: Any,
    waiting: list[Trial],
    another: Callable[[], Trial | None],
) -> None:
    """Let Ray Tune run trials until there are none; raises Stopped if it was interrupted."""
    from ray import tune

    from trainer.search.following import Proposals, Recorder, name_of
    from trainer.search.scheduler import SCORE
    from trainer.search.trial import run_trial

    one = shared.workers == 1
    # With Ray Train's workers the trial itself only waits; they reserve their own machines.
    room = {"cpu": float(shared.cpus), "gpu": shared.gpus} if one else {"cpu": 0.0}
    tuner = tune.Tuner(
        tune.with_resources(tune.with_parameters(run_trial, shared=shared), room),
        tune_config=tune.TuneConfig(
            metric=SCORE if plan.scheduler == "none" else None,
            mode="max" if plan.scheduler == "none" else None,
            search_alg=Proposals(record, waiting, another),
            scheduler=scheduler,
            num_samples=-1,
            max_concurrent_trials=plan.concurrent,
            reuse_actors=one,
            trial_name_creator=name_of,
            trial_dirname_creator=name_of,
        ),
        run_config=tune.RunConfig(
            name="tune",
            storage_path=str(record.path / ".ray"),
            failure_config=tune.FailureConfig(max_failures=RESTARTS),
            callbacks=[Recorder(record, screen)],
            verbose=0,
        ),
    )
    with screen.following(_planned(record, plan)):
        tuner.fit()
    unfinished = [trial for trial in record.trials.values() if not trial.ended]
    if unfinished or another() is not None:
        raise Stopped(f"stopped with {len(unfinished)} trials under way")


def _planned(record: Record, plan: Plan) -> int:
    repeated = sum(trial.name != trial.group for trial in record.trials.values())
    due = 0 if plan.seeds < 2 else plan.seeds * (REPEATED + 1)
    return plan.trials + max(repeated, due)


def _check_room(shared: Shared, screen: Screen, *, growing: bool) -> None:
    """A trial that fits on no machine would wait for ever; a cluster that grows may yet hold it."""
    from trainer.search.nodes import living_nodes

    workers = shared.workers
    need = {"CPU": max(1, shared.cpus // workers), "GPU": shared.gpus / workers}
    has = [node.get("Resources", {}) for node in living_nodes()]
    if any(all(own.get(kind, 0) >= much for kind, much in need.items()) for own in has):
        return
    text = f"a trial needs {need['CPU']} CPUs and {need['GPU']:g} GPUs, which no machine here has"
    if not growing:
        raise ValueError(f"{text}: lower --gpus-per-trial, or give the --address of a cluster")
    screen.say(f"{text} yet: waiting for the cluster to grow")


@contextmanager
def _session(address: str | None) -> Iterator[None]:
    from trainer.launch import ray_session

    with ray_session(address):
        yield


@contextmanager
def _settled(record: Record) -> Iterator[None]:
    """However the search ends, no trial stays marked as running by a driver that is gone."""
    try:
        yield
    except BaseException as error:
        for trial in list(record.trials.values()):
            if trial.state == "running":
                record.change(trial.name, state="queued")
        record.save_info(state="stopped", reason=" ".join(str(error).split())[:300])
        raise


@contextmanager
def _environment() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in QUIET}
    os.environ.update(QUIET)
    logger = logging.getLogger("ray.tune")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


@contextmanager
def _signals() -> Iterator[None]:
    """SIGTERM ends a search as Ctrl-C does: Tune catches that and winds up."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
