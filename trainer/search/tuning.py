"""Hand trials to Ray Tune, quietly, and come back when all have ended."""

import contextlib
import logging
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

from trainer.loop import Stopped
from trainer.search.plan import Plan
from trainer.search.record import Record, Trial
from trainer.search.screen import Screen
from trainer.search.task import RESTARTS, Shared

# Tune's own log files, tables and warnings: the study's files and the screen say it all.
QUIET = {
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "RAY_AIR_NEW_OUTPUT": "0",
    "TUNE_DISABLE_STRICT_METRIC_CHECKING": "1",
    "TUNE_GLOBAL_CHECKPOINT_S": "3600",
    "RAY_TRAIN_ENABLE_V2_MIGRATION_WARNINGS": "0",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
}


def run_trials(
    record: Record,
    plan: Plan,
    shared: Shared,
    screen: Screen,
    scheduler: Any,
    total: int,
    waiting: list[Trial],
    another: Callable[[], Trial | None],
) -> None:
    """Let Ray Tune run trials until there are none; raises Stopped if it was interrupted."""
    from ray import tune

    from trainer.search.following import Proposals, Recorder, name_of
    from trainer.search.scheduler import SCORE
    from trainer.search.trial import run_trial

    one = shared.workers == 1
    shutil.rmtree(record.path / ".ray", ignore_errors=True)
    # With Ray Train's workers the trial itself only waits; they reserve their own machines. Tune
    # takes no reservation of nothing: a megabyte stands for it.
    bundle = {"CPU": float(shared.cpus), "GPU": shared.gpus} if one else {"memory": 2.0**20}
    room = tune.PlacementGroupFactory([bundle])
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
            callbacks=[Recorder(record, screen, getattr(scheduler, "asked", ()))],
            verbose=0,
        ),
    )
    with screen.following(total):
        tuner.fit()
    unfinished = [trial for trial in record.trials.values() if not trial.ended]
    if unfinished or another() is not None:
        raise Stopped(f"stopped with {len(unfinished)} trials under way")


@contextlib.contextmanager
def settled(record: Record) -> Iterator[None]:
    """However the search ends, no trial stays marked as running by a driver that is gone."""
    try:
        yield
    except BaseException as error:
        if not record.trials:
            # Refused before it began: the name is free again.
            shutil.rmtree(record.path)
            raise
        for trial in list(record.trials.values()):
            if trial.state == "running":
                record.change(trial.name, state="queued")
        record.save_info(state="stopped", reason=" ".join(str(error).split())[:300])
        raise


@contextlib.contextmanager
def quiet_tune(address: str | None) -> Iterator[None]:
    """Keep Tune from printing and logging, in this process and in those that it starts.

    Without an address (or one in the environment, as a submitted job has it) Ray would join
    whatever cluster it finds on this machine; a search then starts its own.
    """
    wanted = dict(QUIET)
    if address is None:
        wanted["RAY_ADDRESS"] = os.environ.get("RAY_ADDRESS") or "local"
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    logger = logging.getLogger("ray.tune")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        # Ray prints there when a process dies; the trial's line says it, on stderr.
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
            yield
    finally:
        logger.setLevel(level)
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


@contextlib.contextmanager
def term_is_interrupt() -> Iterator[None]:
    """SIGTERM ends a search as Ctrl-C does: Tune catches that and winds up."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
