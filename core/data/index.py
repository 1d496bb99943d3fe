"""A pack's index: items as columns in an Arrow file, memory-mapped, free of pickles."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa  # type: ignore[import-untyped]
from pyarrow import ipc

from core.data.items import Domain, Item

# Paths are bytes: a file system's names need not be UTF-8.
_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("label", pa.int32()),
        ("group", pa.string()),
        ("source", pa.dictionary(pa.int32(), pa.string())),
        ("path", pa.binary()),
        ("row", pa.int64()),
    ]
)


def write_index(path: Path, items: Sequence[Item], class_names: Sequence[str]) -> None:
    """Write the columns of items of one domain, in their order."""
    places = {name: place for place, name in enumerate(class_names)}
    columns = [
        pa.array([item.id for item in items], pa.string()),
        pa.array([places[item.label] for item in items], pa.int32()),
        pa.array([item.group for item in items], pa.string()),
        pa.array([item.source for item in items], pa.string()).dictionary_encode(),
        pa.array([os.fsencode(item.path) for item in items], pa.binary()),
        pa.array([item.row for item in items], pa.int64()),
    ]
    table = pa.table(columns, schema=_SCHEMA)
    with pa.OSFile(str(path), "wb") as sink, ipc.new_file(sink, _SCHEMA) as writer:
        writer.write_table(table)


def read_index(path: Path) -> pa.Table:
    """Memory-mapped table that `write_index` wrote; ValueError when it is anything else."""
    try:
        table = ipc.open_file(pa.memory_map(str(path))).read_all()
    except (pa.ArrowInvalid, OSError) as error:
        raise ValueError(f"{path} is no index of a pack: {error}") from error
    if table.schema.names != _SCHEMA.names or table.schema.types != _SCHEMA.types:
        raise ValueError(f"{path} is no index of a pack: its columns are {table.schema.names}")
    if any(column.null_count for column in table.columns):
        raise ValueError(f"{path} is no index of a pack: values are missing")
    return table


def labels_of(table: pa.Table) -> npt.NDArray[np.int64]:
    """(N,) class numbers."""
    # Read from the buffers: pyarrow's own conversion imports pandas, half a second for nothing.
    parts = [
        np.frombuffer(part.buffers()[1], np.int32, len(part), part.offset * 4)
        for part in table.column("label").chunks
        if len(part)
    ]
    return np.concatenate([np.empty(0, np.int64), *parts]).astype(np.int64)


def items_in(table: pa.Table, domain: Domain, class_names: Sequence[str]) -> Iterable[Item]:
    """The items again, in their order."""
    names = tuple(table.column(name).to_pylist() for name in _SCHEMA.names)
    for unique, label, group, source, path, row in zip(*names, strict=True):
        yield Item(unique, domain, class_names[label], group, source, os.fsdecode(path), row)
