"""TensorBoard's event files, beside metrics.csv: a scalar for every column of every epoch.

The file is written here, record by record, and not by a library's background thread: a full disk
is then an error where it happens, and nothing stays open between epochs.
"""

import os
import struct
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from core.runs.layout import EPOCH_FILE, TENSORBOARD, epoch_folder

_PREFIX = "events.out.tfevents."


class EventLog:
    """Keeps `tensorboard/` equal to the rows of metrics.csv; each epoch is a step, there once."""

    def __init__(self, run: Path) -> None:
        self._run, self._folder = run, run / TENSORBOARD
        self._written: list[int] | None = None

    def update(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Append the rows that came on top; write the file anew if others have changed.

        The first call writes it anew, so that a run which goes on repeats no step.
        """
        rows = list(rows)
        epochs = [int(row["epoch"]) for row in rows]
        written = self._written
        if written is None or epochs[: len(written)] != written:
            self._start()
            written = []
        fresh = b"".join(_record(row, self._time(row)) for row in rows[len(written) :])
        if fresh:
            with open(self._path, "ab") as file:
                file.write(fresh)
        self._written = epochs

    def _time(self, row: Mapping[str, Any]) -> float:
        """When the epoch was written, seconds since 1970."""
        return (epoch_folder(self._run, int(row["epoch"])) / EPOCH_FILE).stat().st_mtime

    def _start(self) -> None:
        from tensorboardX.proto.event_pb2 import Event

        wall_time = time.time()
        self._folder.mkdir(exist_ok=True)
        for old in self._folder.glob(f"{_PREFIX}*"):
            old.unlink()
        # A new name: TensorBoard reads on in files that it knows and would miss a rewritten one.
        self._path = self._folder / f"{_PREFIX}{int(wall_time * 1000)}.{os.getpid()}"
        first = Event(wall_time=wall_time, file_version="brain.Event:2")
        self._path.write_bytes(_framed(first.SerializeToString()))


def _record(row: Mapping[str, Any], wall_time: float) -> bytes:
    """One epoch as an event."""
    from tensorboardX.proto.event_pb2 import Event
    from tensorboardX.proto.summary_pb2 import Summary

    values = [
        Summary.Value(tag=_tag(name), simple_value=float(value))
        for name, value in row.items()
        if name != "epoch" and isinstance(value, int | float)
    ]
    event = Event(wall_time=wall_time, step=int(row["epoch"]), summary=Summary(value=values))
    framed: bytes = _framed(event.SerializeToString())
    return framed


def _tag(name: str) -> str:
    """TensorBoard groups charts by what comes before the slash, and allows no brackets."""
    group, plain = "metrics", name.replace("[", "_").replace("]", "")
    if name.startswith("loss_"):
        group, plain = "loss", plain.removeprefix("loss_")
    return f"{group}/{plain}"


def _framed(data: bytes) -> bytes:
    """A record: its length, and both as checksummed (TFRecord's masked CRC-32C)."""
    from tensorboardX.record_writer import masked_crc32c

    length = struct.pack("<Q", len(data))
    sums = (struct.pack("<I", masked_crc32c(part)) for part in (length, data))
    return length + next(sums) + data + next(sums)
