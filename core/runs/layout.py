"""Names and small file rules of a run directory, shared by its reader and its writer."""

import json
import os
import re
from pathlib import Path
from typing import Any

FORMAT_VERSION = 1

RUN_FILE = "run.json"
STATUS_FILE = "status.json"
METRICS_FILE = "metrics.csv"
EPOCH_FILE = "epoch.json"
WEIGHTS_FILE = "weights.safetensors"
REPLAY_FILE = "replay.npz"
STATE_FILE = "training_state.pt"
INTERRUPTED_FILE = "interrupted.pt"
STOP_FILE = "stop"
WARNINGS_FILE = "warnings.txt"
EPOCHS = "epochs"
PROBE = "probe"
TENSORBOARD = "tensorboard"
GALLERY = "gallery"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ =+-]{0,99}")


def check_name(name: str) -> str:
    """Return `name` if it can be a folder's name, else raise ValueError saying what is allowed."""
    if not _NAME.fullmatch(name) or ".." in name:
        raise ValueError(
            f"run name {name!r} is not usable: letters, digits and . _ - = + are allowed, "
            "starting with a letter or digit, at most 100"
        )
    return name


def run_path(root: Path, name: str) -> Path:
    """The folder of run `name` or `study/name` under the runs root; the name is checked."""
    parts = name.split("/")
    if len(parts) > 2:
        raise ValueError(f"run name {name!r} is not usable: NAME or STUDY/NAME is needed")
    return root.joinpath(*[check_name(part) for part in parts])


def epoch_folder(run: Path, epoch: int) -> Path:
    """The folder of one epoch; epochs count from 1."""
    return run / EPOCHS / f"{epoch:04d}"


def complete_epochs(run: Path) -> list[int]:
    """Epochs whose folder is whole, ascending: a readable row and every file of the size noted."""
    return list(epoch_rows(run))


def epoch_rows(run: Path) -> dict[int, dict[str, Any]]:
    """The row of metrics of every epoch whose folder is whole, by epoch, ascending."""
    rows = {}
    for epoch in epoch_folders(run):
        try:
            rows[epoch] = _whole_row(run, epoch)
        except _UNREADABLE:
            continue
    return rows


def epoch_folders(run: Path) -> list[int]:
    """Epochs that have a folder, whole or not, ascending."""
    folder = run / EPOCHS
    names = os.listdir(folder) if folder.is_dir() else []
    return sorted(int(name) for name in names if name.isdigit())


def epoch_problem(run: Path, epoch: int) -> str | None:
    """Why an epoch can't be read, or None if it is whole.

    A file that retention removed later is not a problem: only what is there must be whole.
    """
    try:
        _whole_row(run, epoch)
    except _UNREADABLE as error:
        return f"epoch {epoch}: {error}"
    return None


_UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError)


def _whole_row(run: Path, epoch: int) -> dict[str, Any]:
    # Read for every epoch of every run when they are listed: one look at each file.
    folder = f"{run}/{EPOCHS}/{epoch:04d}"
    content = read_json(f"{folder}/{EPOCH_FILE}")
    for name, size in content["files"].items():
        try:
            found = os.stat(f"{folder}/{name}").st_size
        except FileNotFoundError:
            continue
        if found != size:
            raise ValueError(f"{name} has {found} bytes instead of {size}")
    row: dict[str, Any] = content["row"]
    return row


def read_json(path: Path | str) -> Any:
    """Parsed JSON; a damaged file raises ValueError naming it."""
    try:
        with open(path, "rb") as file:
            return json.loads(file.read().decode())
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is damaged: {error}") from error


def write_text(path: Path, text: str, *, durable: bool = True) -> None:
    """Write a file aside, flush it to disk if `durable`, and rename it: readers see old or new."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(aside, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def write_json(path: Path, value: Any, *, durable: bool = True) -> None:
    """Write JSON as `write_text` does."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n", durable=durable)


def request_stop(run: Path) -> None:
    """Ask the training of a run, wherever it is, to write what it has and stop."""
    (run / STOP_FILE).touch()


def stop_requested(run: Path) -> bool:
    """Whether somebody asked the run to stop."""
    return (run / STOP_FILE).exists()


def clear_stop(run: Path) -> None:
    """Forget a request to stop, before training goes on."""
    (run / STOP_FILE).unlink(missing_ok=True)
