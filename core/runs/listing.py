"""Find runs under a root and say in one line what each is; a broken one is listed with why."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.runs import layout
from core.runs.reader import Run, run_name


@dataclass(frozen=True, kw_only=True)
class RunSummary:
    """What a list of runs shows of one run."""

    name: str
    """`NAME` or `STUDY/NAME`."""
    path: Path
    """The run's folder."""
    state: str
    """running, interrupted, complete, stopped, failed or broken."""
    reason: str = ""
    """Why it is broken, failed or interrupted; empty otherwise."""
    study: str = ""
    """The study it is a trial of; empty for a run of its own."""
    recipe: str = ""
    """The recipe it was started from."""
    data: str = ""
    """The data spec it was trained on."""
    protocol: str = ""
    """The split protocol."""
    epochs: int = 0
    """Complete epochs."""
    epochs_planned: int = 0
    """Epochs it was asked for."""
    best: float | None = None
    """The best value of the objective so far."""
    best_epoch: int | None = None
    """The epoch of that value."""
    objective: str = "map_all"
    """The metric `best` is a value of."""
    created: datetime | None = None
    """When it was started, UTC."""
    bytes: int = 0
    """Size on disk."""


def list_runs(
    root: Path, summary: Callable[[Path, Path], RunSummary] | None = None
) -> list[RunSummary]:
    """Every run at `root/NAME` and `root/STUDY/NAME`, newest first; none if `root` is missing.

    summary: says what a run is, instead of `summarise`: one that remembers, say.
    """
    found = [(summary or summarise)(path.parent, root) for path in _run_files(root)]
    found.sort(key=lambda run: run.name)
    return sorted(found, key=_started, reverse=True)


def summarise(path: Path, root: Path | None = None) -> RunSummary:
    """One run in one line; whatever is wrong with it becomes its reason, not an exception.

    root: the runs folder that it lies under, where that is known: its name comes from it.
    """
    size = _size(path)
    try:
        run = Run(path, root)
        rows = layout.epoch_rows(path)
        values = {epoch: row.get(run.objective) for epoch, row in rows.items()}
        scores = {epoch: float(v) for epoch, v in values.items() if v is not None and v == v}
        best = max(scores, key=lambda epoch: scores[epoch], default=None)
        status = run.status
        return RunSummary(
            name=run.name,
            path=path,
            state=str(status.get("state", "broken")),
            reason=str(status.get("reason", "")),
            study=run.name.rpartition("/")[0] if run.info.get("study") else "",
            recipe=str(run.info.get("recipe", "")),
            data=str(run.info.get("data", {}).get("spec", "")),
            protocol=str(run.info.get("data", {}).get("protocol", "")),
            epochs=len(rows),
            epochs_planned=int(run.info.get("epochs_planned", 0)),
            best=None if best is None else scores[best],
            best_epoch=best,
            objective=run.objective,
            created=datetime.fromisoformat(run.info["created"]),
            bytes=size,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"{type(error).__name__} {error}" if isinstance(error, KeyError) else str(error)
        name = path.name if root is None else run_name(root, path)
        return RunSummary(name=name, path=path, state="broken", reason=reason, bytes=size)


def _size(path: Path | str) -> int:
    """Bytes of all files below; of a folder that is locked or goes away, what was seen of it."""
    total = 0
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    total += _size(entry.path)
                else:
                    total += entry.stat(follow_symlinks=False).st_size
    except OSError:
        pass
    return total


def remove_run(root: Path, name: str) -> Path:
    """Delete a run's folder; only a folder under `root` with a `run.json` in it is ever deleted."""
    path = layout.run_path(root, name)
    if path.is_symlink() or not (path / layout.RUN_FILE).is_file():
        raise ValueError(f"no run {name!r} under {root}")
    shutil.rmtree(path)
    return path


def _started(run: RunSummary) -> float:
    return run.created.timestamp() if run.created else 0.0


def _run_files(root: Path) -> list[Path]:
    return [*root.glob(f"*/{layout.RUN_FILE}"), *root.glob(f"*/*/{layout.RUN_FILE}")]
