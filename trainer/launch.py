"""Start, resume and stop a run: prepare its directory, hand the loop to Ray Train, watch it."""

import contextlib
import logging
import os
import pickle
import shutil
import socket
import sys
import time
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.data.packs import Pack, open_or_build_pack
from core.data.readers import absolute_spec
from core.data.splits import split_collection
from core.runs import Run, RunWriter, clear_stop
from core.settings import from_dict, override, to_dict
from core.studies.layout import STUDY_FILE
from trainer.config import Config, with_absolute_paths
from trainer.loop import Failed, Job, Stopped, train
from trainer.room import check_room, cpus_each
from trainer.sampling import check_shares, check_validation, fit_to_classes
from trainer.signals import beside_main, stop_on_signals
from trainer.watch import Watch

ERROR_FILE = "error.txt"
"""Where a run keeps the traceback of what ended it."""
OPTIONS = ("--workers", "--gpus-per-worker")
"""Of `sketchy train`: what decides how much room a run takes."""
RESTARTS = 3
"""How often Ray starts the workers again after one died, each time from the last epoch."""
ORPHANS_SECONDS = 20.0
"""How long the workers of a driver that was killed are waited for."""
OWN_SESSION = {
    # Nobody takes this machine back, as clouds do with theirs: no process need look out for it.
    "RAY_TRAIN_ENABLE_PREEMPTION_WATCHER": "0",
    # Whether workers live and are done is asked every so often. A run's end waits for it several
    # times, by Ray's default for 2 s each.
    "RAY_TRAIN_HEALTH_CHECK_INTERVAL_S": "0.5",
}
"""Environment of a session of Ray that starts and ends with a command."""


def prepare_run(
    path: Path,
    spec: str,
    config: Config,
    *,
    recipe: str,
    resume: bool,
    study: str = "",
    workers: int = 1,
) -> Job:
    """Make the run's directory, or check that an existing one can go on with these settings.

    The data is packed here, before any worker or GPU is asked for, so that a wrong path or an
    impossible split fails at once.

    Raises:
        ValueError: the name is taken, another process trains the run, its data has changed, or
            data, configuration and number of workers do not fit.
    """
    path, spec, config = path.absolute(), absolute_spec(spec), with_absolute_paths(config)
    if (path / STUDY_FILE).exists():
        raise ValueError(f"{path.name!r} is a study at {path}: choose another name for the run")
    pack = open_or_build_pack(spec, config.pack_size, config.data.framing)
    splits = split_collection(pack.collection, config.data.protocol, seed=config.data.seed)
    config, changed = fit_to_classes(config, pack, splits)
    check_shares(config, workers)
    check_validation(config, splits)
    if (path / "run.json").exists() and resume:
        _check_resumable(Run(path), pack, alone=not study)
        planned = config.train.epochs
        writer = RunWriter.resume(path, config=to_dict(config), epochs_planned=planned)
        clear_stop(path)
    else:
        writer = RunWriter.create(
            path,
            config=to_dict(config),
            recipe=recipe,
            data=describe_data(pack, spec, config),
            class_names=pack.class_names,
            seed=config.train.seed,
            epochs_planned=config.train.epochs,
            objective=config.train.objective,
            study=study,
        )
    if changed:
        writer.add_warning(changed)
        warnings.warn(changed, stacklevel=2)
    writer.set_status("running")
    return Job(path=path, spec=spec, config=config)


def _check_resumable(run: Run, pack: Pack, *, alone: bool) -> None:
    then = run.info["data"]["fingerprint"]
    if then != pack.digest:
        raise ValueError(
            f"run {run.name} can't go on: the data {run.info['data']['spec']} has changed since "
            f"(fingerprint {pack.digest[:8]}, it was {then[:8]}); start a new run"
        )
    # Workers outlive a driver that was killed by a second or two. Trials have a driver that knows.
    deadline = time.monotonic() + ORPHANS_SECONDS
    while alone and _is_trained_elsewhere(run):
        if time.monotonic() > deadline:
            raise ValueError(
                f"run {run.name} is being trained by process {run.status.get('pid')}: stop that "
                "first"
            )
        time.sleep(0.25)


def _is_trained_elsewhere(run: Run) -> bool:
    """Whether another process of this machine is at the run; of other machines nothing is known."""
    status = run.status
    here = status.get("host") == socket.gethostname() and status.get("pid") != os.getpid()
    return status["state"] == "running" and here


def resume_config(path: Path, assignments: list[str]) -> Config:
    """The configuration that a run was started with; only its number of epochs may change."""
    others = [text for text in assignments if not text.startswith("train.epochs=")]
    if others:
        raise ValueError(
            f"--set {others[0]} can't be used with --resume: a run keeps its settings, only "
            "--epochs may change"
        )
    return override(from_dict(Config, Run(path).config), assignments)


def check_same_start(run: Run, *, recipe: str | None, spec: str | None) -> None:
    """ValueError if a run that is to go on was started with another recipe or other data."""
    told = {"--recipe": recipe, "--data": absolute_spec(spec) if spec else None}
    then = {"--recipe": run.info["recipe"], "--data": run.info["data"]["spec"]}
    for option, value in told.items():
        if value not in (None, then[option]):
            raise ValueError(
                f"{option} {value} can't be used with --resume: run {run.name} was started with "
                f"{then[option]}"
            )


def describe_data(pack: Pack, spec: str, config: Config) -> dict[str, Any]:
    """What `run.json` says of the data; enough to find it and to tell whether it has changed."""
    return {
        "spec": spec,
        "protocol": config.data.protocol,
        "seed": config.data.seed,
        "pack_size": config.pack_size,
        "framing": config.data.framing,
        "fingerprint": pack.digest,
        "photos": len(pack.photos),
        "sketches": len(pack.sketches),
    }


def launch(
    job: Job, *, workers: int = 1, gpus_per_worker: float = 0, address: str | None = None
) -> None:
    """Train under Ray Train and show how it goes; returns when the run is complete.

    Raises:
        Stopped: SIGTERM or Ctrl-C came, and the run has written what it needs to go on.
        ValueError: what training itself refused, or why the workers failed more often than
            `RESTARTS`.
    """
    import ray.train
    from ray.train.torch import TorchTrainer

    from trainer.sparing import Alone, LocalTrainer

    with ray_session(address) as ours, Watch(job.path), stop_on_signals(job.path):
        cpus = cpus_each(workers, gpus_per_worker)
        share = {"CPU": float(cpus), **({"GPU": gpus_per_worker} if gpus_per_worker else {})}
        try:
            check_room(workers, share, growing=not ours, say=_tell, options=OPTIONS)
        except ValueError as error:
            RunWriter(job.path).set_status("failed", str(error))
            raise ValueError(f"{error}, and --resume") from error
        storage = job.path / ".ray"
        trainer = (LocalTrainer if ours else TorchTrainer)(
            _train_in_worker,  # type: ignore[arg-type]
            # Packed, and without a process group for one worker: Ray's controller, which opens what
            # it hands on, then need not import torch, seconds of every start.
            train_loop_config={"job": pickle.dumps(job), "threads": cpus},
            torch_config=Alone() if workers == 1 else None,  # type: ignore[arg-type]
            scaling_config=ray.train.ScalingConfig(
                num_workers=workers, use_gpu=gpus_per_worker > 0, resources_per_worker=share
            ),
            run_config=ray.train.RunConfig(
                name="train",
                storage_path=str(storage),
                failure_config=ray.train.FailureConfig(max_failures=RESTARTS),
            ),
        )
        try:
            problem = getattr(beside_main(trainer.fit), "return_value", "")
        except Exception as error:
            raise _plain(error, job) from error
        finally:
            shutil.rmtree(storage, ignore_errors=True)
    if problem:
        raise ValueError(problem)
    state = Run(job.path).status
    if state["state"] == "stopped":
        raise Stopped(str(state["reason"]))
    if state["state"] == "failed":
        raise ValueError(str(state["reason"]))


def _tell(line: str) -> None:
    print(line, file=sys.stderr)


@contextlib.contextmanager
def ray_session(address: str | None) -> Iterator[bool]:
    """A connection to the cluster at `address`, or a local one of our own that ends with us.

    Yields whether it is our own.
    """
    import ray

    if ray.is_initialized():
        yield False
        return
    # Without an address Ray would join whatever cluster runs here, and end with it.
    address_or_local = address or os.environ.get("RAY_ADDRESS") or "local"
    ours = address_or_local == "local"
    if ours:
        for name, value in OWN_SESSION.items():
            os.environ.setdefault(name, value)
    ray.init(
        address=address_or_local,
        include_dashboard=False if address is None else None,
        log_to_driver=False,
        logging_level=logging.ERROR,
        configure_logging=True,
    )
    try:
        yield ours
    finally:
        ray.shutdown()


def _train_in_worker(settings: dict[str, Any]) -> str:
    """What each Ray worker runs; returns what went wrong by the user's doing, empty if nothing.

    Ray starts workers again that raise. That helps where one was killed, and never where a user
    has to act: what they have to know is returned, or, where other workers would wait for this
    one, written to the run's status, which the workers read when they come again.
    """
    import ray.train
    import ray.train.torch
    import torch

    job: Job = pickle.loads(settings["job"])
    if Run(job.path).status["state"] == "failed":
        return ""
    torch.set_num_threads(settings["threads"])
    os.environ.setdefault("OMP_NUM_THREADS", str(settings["threads"]))
    try:
        train(job, report=ray.train.report, device=ray.train.torch.get_device())
    except Stopped:
        return ""
    except Failed as error:
        return str(error)
    except (ValueError, OSError) as error:
        with contextlib.suppress(OSError):
            RunWriter(job.path).set_status("failed", str(error))
        if ray.train.get_context().get_world_size() > 1:
            raise
        return str(error)
    return ""


def _plain(error: Exception, job: Job) -> Failed:
    """One line that says what happened, without Ray's wrapping; the run keeps the whole story."""
    cause = _innermost(error)
    text = " ".join(str(cause).split())[:300]
    told = text if isinstance(cause, ValueError | OSError) else f"{type(cause).__name__}: {text}"
    with contextlib.suppress(OSError):
        story = "".join(traceback.format_exception(error))
        (job.path / ERROR_FILE).write_text(story, encoding="utf-8")
        RunWriter(job.path).set_status("failed", told)
    return Failed(f"training failed: {told} (more in {job.path / ERROR_FILE})")


def _innermost(error: BaseException) -> BaseException:
    """What a worker raised, inside what Ray made of it."""
    failures = getattr(error, "worker_failures", None) or {}
    inner = next(iter(failures.values()), None) or getattr(error, "cause", None) or error.__cause__
    return _innermost(inner) if isinstance(inner, BaseException) else error
