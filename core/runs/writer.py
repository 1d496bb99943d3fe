"""Write a run directory: one writer (rank 0), every epoch complete or absent."""

import csv
import errno
import io
import os
import platform
import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

import core
from core.replay import Probe, Replay, write_probe, write_replay
from core.runs import layout
from core.runs.events import EventLog
from core.runs.reader import Run

if TYPE_CHECKING:
    import numpy as np
    import torch

Retention = str  # "all", "every N" or "best+last"
# Two, so that a damaged last epoch can be replaced by training on from the one before.
STATES_KEPT = 2
FULL = ("write", "space", "iostream", "unexpected pos")
"""What errors say, other than `OSError`, that are a full disk's."""


def parse_retention(keep: str) -> tuple[Literal["all", "every", "best+last"], int]:
    """Read `all`, `every N` or `best+last`; anything else is a ValueError."""
    if keep in ("all", "best+last"):
        return keep, 1  # type: ignore[return-value]
    kind, _, number = keep.partition(" ")
    if kind == "every" and number.isdigit() and int(number) > 0:
        return "every", int(number)
    raise ValueError(f"setting keep is {keep!r}: allowed are 'all', 'every N' and 'best+last'")


class RunWriter:
    """Writes one run. Create with `create` for a new run, `resume` to go on with one."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.run = Run(self.path)
        self._events = EventLog(self.path)

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        config: Mapping[str, Any],
        recipe: str,
        data: Mapping[str, Any],
        class_names: tuple[str, ...],
        seed: int,
        epochs_planned: int,
        objective: str = "map_all",
        study: str = "",
    ) -> "RunWriter":
        """Start a new run folder; one that already holds a run is an error."""
        if (path / layout.RUN_FILE).exists():
            raise ValueError(f"run {path.name!r} exists at {path}: choose another name or --resume")
        (path / layout.EPOCHS).mkdir(parents=True, exist_ok=True)
        info = {
            "format": layout.FORMAT_VERSION,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "study": study,
            "recipe": recipe,
            "seed": seed,
            "epochs_planned": epochs_planned,
            "objective": objective,
            "data": dict(data),
            "class_names": list(class_names),
            "versions": _versions(),
            "config": dict(config),
        }
        layout.write_json(path / layout.RUN_FILE, info)
        return cls(path)

    @classmethod
    def resume(cls, path: Path, *, config: Mapping[str, Any], epochs_planned: int) -> "RunWriter":
        """Go on with a run, from now on with this configuration and number of epochs."""
        writer = cls(path)
        now = {"config": dict(config), "epochs_planned": epochs_planned}
        if any(writer.run.info[name] != value for name, value in now.items()):
            writer.run.info.update(now)
            layout.write_json(path / layout.RUN_FILE, writer.run.info)
        return writer

    def drop_after(self, epoch: int) -> None:
        """Remove every epoch folder after `epoch` and every half-written one.

        What is no folder was not written here (a file manager's, say) and stays; so does a link.
        """
        for entry in (self.path / layout.EPOCHS).iterdir():
            if entry.is_symlink() or not entry.is_dir():
                continue
            if not entry.name.isdigit() or int(entry.name) > epoch:
                shutil.rmtree(entry)
        self._write_metrics()

    def set_status(
        self, state: str, reason: str = "", *, durable: bool = True, **more: Any
    ) -> None:
        """Say what the run is doing: running, complete, stopped or failed; and how far it is."""
        status = {"state": state, "reason": reason, "updated": time.time(), **more}
        status |= {"pid": os.getpid(), "host": socket.gethostname()}
        layout.write_json(self.path / layout.STATUS_FILE, status, durable=durable)

    def add_warning(self, message: str) -> None:
        """Append a line to warnings.txt; a message is kept once."""
        path = self.path / layout.WARNINGS_FILE
        if message not in self.run.warnings():
            with open(path, "a", encoding="utf-8") as file:
                file.write(f"{message}\n")

    def write_interrupted(self, state: "Mapping[str, Any]") -> None:
        """Keep a half-trained epoch; the next whole epoch replaces it."""
        import torch

        path = self.path / layout.INTERRUPTED_FILE
        aside = path.with_name(f".{path.name}")
        with _naming_full_disk(self.path, aside):
            torch.save(dict(state), aside)
            aside.rename(path)

    def write_probe(self, probe: Probe, pictures: "list[np.ndarray]") -> None:
        """Keep the fixed probe and its pictures; done once, at the start."""
        folder, aside = self.path / layout.PROBE, self.path / f".{layout.PROBE}"
        if folder.exists():
            return
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        write_probe(aside, probe, pictures)
        aside.rename(folder)

    def write_epoch(
        self,
        row: Mapping[str, Any],
        *,
        weights: "Mapping[str, torch.Tensor]",
        replay: Replay,
        training_state: Mapping[str, Any],
        keep: str = "all",
    ) -> None:
        """Write one whole epoch, aside and then renamed, and apply the retention rule.

        Args:
            row: `epoch` (from 1) and every number to log, by name.
            weights: both encoders' parameters, as they are to be kept (fp16 or fp32).
            replay: what this epoch makes of the probe; kept for every epoch.
            training_state: everything needed to go on; kept for the last epochs only.
            keep: which epochs keep weights: `all`, `every N` or `best+last`.
        """
        import torch
        from safetensors.torch import save_file

        parse_retention(keep)
        folder = layout.epoch_folder(self.path, int(row["epoch"]))
        aside = folder.with_name(f".{folder.name}")
        shutil.rmtree(aside, ignore_errors=True)
        with _naming_full_disk(self.path, aside):
            aside.mkdir(parents=True)
            save_file({k: v.contiguous() for k, v in weights.items()}, aside / layout.WEIGHTS_FILE)
            write_replay(aside / layout.REPLAY_FILE, replay)
            torch.save(dict(training_state), aside / layout.STATE_FILE)
            sizes = {entry.name: entry.stat().st_size for entry in aside.iterdir()}
            layout.write_json(aside / layout.EPOCH_FILE, {"row": dict(row), "files": sizes})
            shutil.rmtree(folder, ignore_errors=True)
            aside.rename(folder)
        (self.path / layout.INTERRUPTED_FILE).unlink(missing_ok=True)
        with _naming_full_disk(self.path):
            self._write_metrics()
        self._retain(keep)

    def _retain(self, keep: str) -> None:
        kind, step = parse_retention(keep)
        epochs = self.run.epochs()
        for epoch in epochs[:-STATES_KEPT]:
            (layout.epoch_folder(self.path, epoch) / layout.STATE_FILE).unlink(missing_ok=True)
        if kind == "all":
            return
        kept = {self.run.best_epoch(), epochs[-1]}
        if kind == "every":
            kept |= {epoch for epoch in epochs if epoch % step == 0}
        for epoch in epochs:
            if epoch not in kept:
                path = layout.epoch_folder(self.path, epoch) / layout.WEIGHTS_FILE
                path.unlink(missing_ok=True)

    def _write_metrics(self) -> None:
        """Write metrics.csv anew from the epochs: they are the truth, the file is for people."""
        frame = self.run.metrics()
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(frame.columns)
        for record in frame.itertuples(index=False):
            writer.writerow(["" if pd.isna(value) else value for value in record])
        layout.write_text(self.path / layout.METRICS_FILE, buffer.getvalue())
        self._events.update(frame.to_dict("records"))  # type: ignore[arg-type]


@contextmanager
def _naming_full_disk(run: Path, half_written: Path | None = None) -> Iterator[None]:
    """Remove what was half written, and tell a full disk from other errors.

    The libraries that write tensors report a full disk as errors of their own that do not say so:
    torch by where it was when there was no room, in the middle of a tensor or at the file's end.
    """
    try:
        yield
    except Exception as error:
        free = shutil.disk_usage(run).free
        if half_written is not None and half_written.is_dir():
            shutil.rmtree(half_written)
        elif half_written is not None:
            half_written.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno != errno.ENOSPC:
            raise
        if isinstance(error, OSError) or any(word in str(error).lower() for word in FULL):
            raise OSError(
                errno.ENOSPC,
                f"the disk is full: {free >> 20} MB were left at {run}; the epochs written before "
                "are whole, free some space and resume",
            ) from error
        raise


def _versions() -> dict[str, str]:
    import torch

    return {
        "sketchy": core.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
    }
