"""Read a run directory. Nothing here runs code from a file: JSON, CSV, safetensors and npz only."""

import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.replay import Probe, Replay, read_probe, read_replay
from core.runs import layout
from core.runs.processes import is_alive
from core.settings import from_dict
from core.tensor_files import read_tensors

if TYPE_CHECKING:
    import torch

    from core.models.encoder import TwoEncoders

# A running job writes at least once an epoch; a silent one on another host counts as lost after.
STALE_SECONDS = 6 * 3600


class Run:
    """One training run on disk.

    Args:
        path: the run's folder, with `run.json` in it.
        root: the runs folder that it lies under, where that is known: the run's name comes from it.

    Raises:
        ValueError: no run there, a newer format, or a damaged `run.json`; the message names it.
    """

    def __init__(self, path: Path, root: Path | None = None) -> None:
        self.path = Path(path)
        self._root = root
        file = self.path / layout.RUN_FILE
        if not file.is_file():
            raise ValueError(f"no run at {self.path}: it has no {layout.RUN_FILE}")
        self.info: dict[str, Any] = layout.read_json(file)
        version = self.info.get("format") if isinstance(self.info, dict) else None
        if not isinstance(version, int):
            raise ValueError(f"{file} is damaged: it names no format version")
        if version > layout.FORMAT_VERSION:
            raise ValueError(
                f"{self.path} has run format {version}, this version reads up to "
                f"{layout.FORMAT_VERSION}: update sketchy"
            )

    @property
    def name(self) -> str:
        """`NAME` or `STUDY/NAME`: the way to its folder from the runs root.

        Where no root is known, the study is the one that the run was started in: one that was
        renamed or copied since has another name by then, so that this only serves messages.
        """
        if self._root is not None:
            return run_name(self._root, self.path)
        study = self.info.get("study")
        return f"{study}/{self.path.name}" if study else self.path.name

    @property
    def config(self) -> dict[str, Any]:
        """The whole configuration as nested plain values: `data`, `model`, `loss`, `train` …."""
        return self.info["config"]

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes; an item's label is an index into them."""
        return tuple(self.info["class_names"])

    @property
    def status(self) -> dict[str, Any]:
        """`state` (running, interrupted, complete, stopped, failed), `reason`, `updated`, …."""
        try:
            status = layout.read_json(self.path / layout.STATUS_FILE)
        except (OSError, ValueError):
            return {"state": "interrupted", "reason": "its status file is missing or damaged"}
        if status.get("state") == "running" and not _alive(status):
            return {**status, "state": "interrupted", "reason": "its process has ended"}
        return status

    def epochs(self) -> list[int]:
        """Complete epochs, ascending, counted from 1; a damaged one is left out."""
        return layout.complete_epochs(self.path)

    def weight_epochs(self) -> list[int]:
        """Epochs that kept their weights, ascending."""
        return [epoch for epoch in self.epochs() if self._file(epoch, "WEIGHTS").exists()]

    def best_epoch(self) -> int:
        """The epoch with weights that is best by the run's own objective; the last one if none is.

        Raises:
            ValueError: no epoch kept weights yet.
        """
        kept = self.weight_epochs()
        if not kept:
            raise ValueError(f"run {self.name} has no epoch with weights yet")
        frame, objective = self.metrics(), self.objective
        if objective not in frame or frame[objective].isna().all():
            return kept[-1]
        scores = frame.set_index("epoch")[objective].reindex(kept)
        return kept[-1] if scores.isna().all() else kept[int(scores.argmax())]

    @property
    def objective(self) -> str:
        """The metrics column by which epochs are judged, higher is better."""
        return self.info.get("objective", "map_all")

    def metrics(self) -> pd.DataFrame:
        """One row per complete epoch: `epoch`, every loss term and every metric, as logged."""
        rows = list(layout.epoch_rows(self.path).values())
        return pd.DataFrame(rows) if rows else pd.DataFrame({"epoch": pd.Series(dtype=int)})

    def weights(self, epoch: int) -> dict[str, "torch.Tensor"]:
        """The two encoders' parameters of one epoch, on the CPU, in fp32.

        Raises:
            ValueError: that epoch kept no weights; the message says which did.
        """
        from safetensors.torch import load_file

        path = self._file(epoch, "WEIGHTS")
        if not path.exists() or epoch not in self.epochs():
            kept = ", ".join(str(kept) for kept in self.weight_epochs()) or "none"
            raise ValueError(f"run {self.name} has no weights of epoch {epoch}: kept are {kept}")
        loaded = load_file(path)
        return {k: v.float() if v.is_floating_point() else v for k, v in loaded.items()}

    def encoders(self, epoch: int) -> "TwoEncoders":
        """The two encoders as they were after `epoch`, in evaluation mode, on the CPU."""
        from core.models.encoder import EncoderConfig, build_encoders

        config = from_dict(EncoderConfig, self.config["model"], "model.")
        encoders = build_encoders(config, load_weights=False)
        encoders.load_state_dict(self.weights(epoch), strict=True)
        return encoders.eval()

    def training_state(self, epoch: int) -> dict[str, Any]:
        """What training needs to go on after `epoch`; read with `weights_only`.

        Raises:
            ValueError: it is damaged; the message names the file.
        """
        return _read_state(self._file(epoch, "STATE"))

    def last_state(self, problems: list[str] | None = None) -> dict[str, Any] | None:
        """The latest state that training can go on from, or None if it must start anew.

        An interrupted epoch counts if it follows directly on the last complete one. A state that
        can't be read is passed over for the one before, and said so in `problems`.

        Raises:
            ValueError: there are complete epochs, and none that training can go on from.
        """
        told = [] if problems is None else problems
        resumable = self.resumable_epochs()
        path = self.path / layout.INTERRUPTED_FILE
        if path.exists():
            try:
                state = _read_state(path)
                if state["epoch"] == (resumable[-1] if resumable else 0) + 1:
                    return state
            except ValueError as error:
                told.append(str(error))
        for epoch in reversed(resumable):
            try:
                return self.training_state(epoch)
            except ValueError as error:
                told.append(f"epoch {epoch}: {error}")
        if self.epochs():
            raise ValueError(
                f"run {self.name} can't go on: none of its {len(self.epochs())} epochs holds a "
                "readable training state"
            )
        return None

    def warnings(self) -> list[str]:
        """What training warned of, oldest first."""
        path = self.path / layout.WARNINGS_FILE
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def resumable_epochs(self) -> list[int]:
        """Complete epochs that kept their training state, ascending."""
        return [epoch for epoch in self.epochs() if self._file(epoch, "STATE").exists()]

    def problems(self) -> list[str]:
        """One line for each epoch folder that can't be read."""
        told = [layout.epoch_problem(self.path, epoch) for epoch in layout.epoch_folders(self.path)]
        return [problem for problem in told if problem]

    def probe(self) -> Probe:
        """The fixed samples that every epoch's replay shows."""
        return read_probe(self.path / layout.PROBE)

    def replay(self, epoch: int) -> Replay:
        """What `epoch` made of the probe."""
        return read_replay(self._file(epoch, "REPLAY"))

    def _file(self, epoch: int, kind: str) -> Path:
        return layout.epoch_folder(self.path, epoch) / getattr(layout, f"{kind}_FILE")


def run_name(root: Path, path: Path) -> str:
    """The name of the run in that folder under the runs root: what `run_path` finds it by."""
    return path.relative_to(root).as_posix()


def _read_state(path: Path) -> dict[str, Any]:
    try:
        state = read_tensors(path)
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} can't be read: {error}") from error
    if not isinstance(state, dict) or not {"epoch", "step"} <= set(state):
        raise ValueError(f"{path} can't be read: it is no training state")
    return state


def _alive(status: dict[str, Any]) -> bool:
    seen = float(status.get("updated", 0))
    if status.get("host") != socket.gethostname():
        return time.time() - seen < STALE_SECONDS
    return is_alive(status.get("pid"), seen)
