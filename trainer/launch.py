"""Start, resume and stop a run: prepare its directory, hand the loop to Ray Train, watch it."""

import contextlib
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.data.packs import Pack, open_or_build_pack
from core.data.readers import absolute_spec
from core.data.splits import split_collection
from core.gallery import build_gallery, gallery_embeddings
from core.runs import Run, RunWriter, clear_stop, request_stop
from core.settings import from_dict, override, to_dict
from trainer.config import Config
from trainer.loop import Job, Stopped, train
from trainer.watch import Watch

RESTARTS = 3
"""How often Ray starts the workers again after one died, each time from the last epoch."""


def prepare_run(
    path: Path, spec: str, config: Config, *, recipe: str, resume: bool, study: str = ""
) -> Job:
    """Make the run's directory, or check that an existing one can go on with these settings.

    The data is packed here, before any worker or GPU is asked for, so that a wrong path or an
    impossible split fails at once.
    """
    path, spec = path.absolute(), absolute_spec(spec)
    pack = open_or_build_pack(spec, config.pack_size, config.data.framing)
    split_collection(pack.collection, config.data.protocol, seed=config.data.seed)
    if (path / "run.json").exists() and resume:
        writer = RunWriter.resume(path, epochs_planned=config.train.epochs)
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
    writer.set_status("running")
    return Job(path=path, spec=spec, config=config)


def resume_config(path: Path, assignments: list[str]) -> Config:
    """The configuration that a run was started with; only its number of epochs may change."""
    others = [text for text in assignments if not text.startswith("train.epochs=")]
    if others:
        raise ValueError(
            f"--set {others[0]} can't be used with --resume: a run keeps its settings, only "
            "--epochs may change"
        )
    return override(from_dict(Config, Run(path).config), assignments)


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
        ValueError: what training itself refused.
        RuntimeError: the workers failed more often than `RESTARTS`.
    """
    import ray
    import ray.train
    from ray.train.torch import TorchTrainer

    with ray_session(address), Watch(job.path), stop_on_signals(job.path):
        cpus = max(1, int(ray.cluster_resources().get("CPU", 1)) // workers)
        storage = job.path / ".ray"
        trainer = TorchTrainer(
            _train_in_worker,
            train_loop_config={"job": job, "threads": cpus},
            scaling_config=ray.train.ScalingConfig(
                num_workers=workers,
                use_gpu=gpus_per_worker > 0,
                resources_per_worker={
                    "CPU": cpus,
                    **({"GPU": gpus_per_worker} if gpus_per_worker else {}),
                },
            ),
            run_config=ray.train.RunConfig(
                name="train",
                storage_path=str(storage),
                failure_config=ray.train.FailureConfig(max_failures=RESTARTS),
            ),
        )
        try:
            trainer.fit()
        except Exception as error:
            raise _plain(error, job) from error
        finally:
            shutil.rmtree(storage, ignore_errors=True)
    state = Run(job.path).status
    if state["state"] == "stopped":
        raise Stopped(str(state["reason"]))


def write_own_gallery(path: Path, pack: Pack | None = None) -> None:
    """Keep photos and embeddings with the run, which then answers with no data at hand."""
    run = Run(path)
    data = run.info["data"]
    pack = pack or open_or_build_pack(data["spec"], data["pack_size"], data["framing"])
    splits = split_collection(pack.collection, data["protocol"], seed=data["seed"])
    names = ("train", "valid", "test", "train")
    items = [
        (item.id, item.label, names[int(side)], item.path)
        for item, side in zip(pack.collection.photos, splits.photo_sides, strict=True)
    ]
    gallery = build_gallery(run, items, (photo for photo in pack.photos))
    gallery_embeddings(run, gallery, run.best_epoch())


@contextlib.contextmanager
def ray_session(address: str | None) -> Iterator[None]:
    """A connection to the cluster at `address`, or a local one of our own that ends with us."""
    import ray

    if ray.is_initialized():
        yield
        return
    ray.init(
        address=address,
        include_dashboard=False if address is None else None,
        log_to_driver=False,
        logging_level="ERROR",
        configure_logging=True,
    )
    try:
        yield
    finally:
        ray.shutdown()


@contextlib.contextmanager
def stop_on_signals(path: Path) -> Iterator[None]:
    """Turn the first SIGTERM or Ctrl-C into a request to stop; a second one ends at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask(number: int, _frame: Any) -> None:
        request_stop(path)
        signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _train_in_worker(settings: dict[str, Any]) -> None:
    """What each Ray worker runs."""
    import ray.train
    import ray.train.torch
    import torch

    torch.set_num_threads(settings["threads"])
    os.environ.setdefault("OMP_NUM_THREADS", str(settings["threads"]))
    with contextlib.suppress(Stopped):
        train(settings["job"], report=ray.train.report, device=ray.train.torch.get_device())


def _plain(error: Exception, job: Job) -> Exception:
    """The user's error inside Ray's wrapping, if it is one; else a line that names the run."""
    seen: list[BaseException] = []
    inner: BaseException | None = error
    while inner is not None and inner not in seen:
        seen.append(inner)
        if isinstance(inner, ValueError | OSError) and type(inner).__module__ == "builtins":
            RunWriter(job.path).set_status("failed", str(inner))
            return inner
        failures = getattr(inner, "worker_failures", None) or {}
        inner = (
            next(iter(failures.values()), None) or getattr(inner, "cause", None) or inner.__cause__
        )
    RunWriter(job.path).set_status("failed", str(error).strip().splitlines()[-1][:300])
    return error
