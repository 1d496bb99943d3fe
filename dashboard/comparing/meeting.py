"""What the page knows of the checkpoints it compares, gathered once per script run."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.comparison import Differences, Ground, Seeds, differences
from core.dataset import Samples
from core.gallery import Gallery
from core.replay import Probe
from core.runs import Run, RunSummary
from core.studies import short_name
from dashboard import cached, checkpoint, drawing, state
from dashboard.cached import comparing as kept
from dashboard.checkpoint import Checkpoint
from dashboard.comparing.choice import LETTERS

TOLD = 3
"""Settings that differ which are named under a checkpoint's answers."""


@dataclass(frozen=True)
class Meeting:
    """Two to four checkpoints, and what they are compared on."""

    points: Sequence[Checkpoint]
    galleries: Sequence[Gallery]
    """Each run's own photos."""
    ground: Ground
    """What they share."""
    drawings: Samples
    """The drawings that the first checkpoint is asked, by the rows of `ground`."""

    @property
    def letters(self) -> str:
        """What the checkpoints are called: A, B, …."""
        return LETTERS[: len(self.points)]

    @property
    def runs(self) -> list[Run]:
        """The checkpoints' runs; one stands twice where two epochs of it are compared."""
        return [point.view.run for point in self.points]

    @cached_property
    def probes(self) -> list[Probe | None]:
        """The runs' probes."""
        return [drawing.probe_of(run) for run in self.runs]

    @cached_property
    def differences(self) -> Differences:
        """Settings in which the runs differ."""
        return differences(self.runs)

    @cached_property
    def seeds(self) -> list[Seeds | None]:
        """Each checkpoint's spread over seeds, where more than one was run."""
        found = checkpoint.usable(cached.summaries(state.runs_root()))
        spreads = []
        for point in self.points:
            mine = next((run for run in found if run.path == point.view.run.path), None)
            alike = [
                run.path
                for run in found
                if mine is not None and run.state == "complete" and _alike(run, mine)
            ]
            spreads.append(kept.seeds(point.view.run, point.epoch, alike))
        return spreads

    def rows(self, place: int) -> npt.NDArray[np.intp]:
        """Rows of a checkpoint's gallery that it searches: the shared ones, or its own if none."""
        if len(self.ground.photos):
            return self.ground.photos.rows[place]
        gallery = self.galleries[place]
        held_out = np.flatnonzero(gallery.splits == "test")
        whole = self.ground.searched == "all" or not len(held_out)
        return np.arange(len(gallery)) if whole else held_out

    def told(self, place: int) -> str:
        """A checkpoint's value of its objective, and the settings in which it differs."""
        point = self.points[place]
        name = point.view.run.objective
        row = point.view.metrics[point.view.metrics["epoch"] == point.epoch]
        parts = []
        if name in row and len(row) and row[name].notna().all():
            parts.append(f"{checkpoint.metric_name(name)} {float(row[name].iloc[0]):.3f}")
        spread = self.seeds[place]
        found = spread.mean_std(name) if spread else None
        if spread and found:
            parts = [
                f"{checkpoint.metric_name(name)} {found[0]:.3f} ± {found[1]:.3f} "
                f"over {len(spread.runs)} seeds"
            ]
        apart = [
            f"{short_name(setting).rpartition('.')[2]} {values[place]}"
            for setting, values in self.differences.differing.items()
            if not setting.startswith("data.")
        ]
        return " · ".join(parts + apart[:TOLD])


def _alike(run: RunSummary, other: RunSummary) -> bool:
    """Whether two runs may differ in their seed alone, as far as a list of runs tells."""
    return (run.recipe, run.data, run.epochs_planned) == (
        other.recipe,
        other.data,
        other.epochs_planned,
    )
