"""The maps of a run's probe at every epoch, aligned with one another.

The first map made is that of the epoch asked for, from nothing, so that there is something to see
at once. From there the others grow outwards: each epoch starts from the nearest one that has a map
and is turned over it. So neighbouring epochs are always alike, whichever side training went on,
and epochs that come later continue from the last. PCA has no start; each epoch has its own axes,
those that show it best, turned over its neighbour's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.projection.methods import Coords, Projection, project
from core.projection.neighbours import trustworthiness
from core.projection.store import KeptMaps, source_of
from core.runs import Run

Progress = Callable[[int, int], None]
"""Called with the epochs done and the epochs in all."""


@dataclass(frozen=True, kw_only=True)
class EpochMaps:
    """Aligned maps by epoch."""

    coords: dict[int, Coords]
    """Epoch -> (P, dims) in the probe's order, ascending by epoch."""
    trust: dict[int, float | None]
    """Epoch -> trustworthiness of its map, None where there are too few points to say."""
    problems: dict[int, str]
    """Epoch -> why it has no map, in a sentence."""
    missing: tuple[int, ...] = ()
    """Epochs whose map is still to be made."""


def project_epochs(
    run: Run,
    settings: Projection,
    *,
    first: int | None = None,
    progress: Progress | None = None,
) -> EpochMaps:
    """Every complete epoch's map of the probe; those that are kept already are only read.

    Two processes that ask at once compute once. An epoch whose embeddings are damaged or not finite
    is told in `problems` and the others go on.

    Args:
        run: the run.
        settings: the method, dimensions and seed.
        first: the epoch to begin with where no map is kept yet; the last one by default.
        progress: called at the start and after every epoch.

    Raises:
        ValueError: the run has no complete epoch, or `first` is none of them.
    """
    epochs = run.epochs()
    if not epochs:
        raise ValueError(f"run {run.name} has no epoch yet")
    if first is not None and first not in epochs:
        raise ValueError(f"run {run.name} has no epoch {first}: it has {epochs[0]} to {epochs[-1]}")
    kept = KeptMaps(run, settings)
    with kept.locked():
        maps = kept_maps(run, settings)
        order = growth(maps.missing, tuple(maps.coords), epochs[-1] if first is None else first)
        for place, epoch in enumerate(order):
            if progress is not None:
                progress(len(epochs) - len(order) + place, len(epochs))
            _grow(run, kept, maps, epoch)
    if progress is not None:
        progress(len(epochs), len(epochs))
    return EpochMaps(
        coords=dict(sorted(maps.coords.items())), trust=maps.trust, problems=maps.problems
    )


def kept_maps(run: Run, settings: Projection) -> EpochMaps:
    """The maps that are kept now; nothing is computed."""
    kept = KeptMaps(run, settings)
    coords: dict[int, Coords] = {}
    trust: dict[int, float | None] = {}
    problems: dict[int, str] = {}
    missing = []
    for epoch in run.epochs():
        about = kept.about(epoch)
        try:
            source = source_of(run.replay(epoch).embeddings) if about else ""
        except ValueError as error:
            problems[epoch] = str(error)
            continue
        found = kept.read(epoch, source) if about else None
        if found is not None:
            coords[epoch], trust[epoch] = found, about.get("trustworthiness")
        elif about.get("problem") and about.get("source") == source:
            problems[epoch] = str(about["problem"])
        else:
            missing.append(epoch)
    return EpochMaps(coords=coords, trust=trust, problems=problems, missing=tuple(missing))


def growth(missing: Sequence[int], done: Sequence[int], first: int) -> list[int]:
    """The order in which missing maps are made: `first`, then always the epoch nearest to one done.

    Of two that are equally near, the one nearer to `first` comes first, then the later one.
    """
    waiting, known, order = set(missing), list(done), []
    if not known and first in waiting:
        order, known = [first], [first]
        waiting.remove(first)
    while waiting:
        chosen = min(
            waiting,
            key=lambda epoch: (_gap(epoch, known), abs(epoch - first), -epoch),
        )
        waiting.remove(chosen)
        known.append(chosen)
        order.append(chosen)
    return order


def _gap(epoch: int, known: Sequence[int]) -> int:
    return min((abs(epoch - other) for other in known), default=0)


def _grow(run: Run, kept: KeptMaps, maps: EpochMaps, epoch: int) -> None:
    """Make and keep the map of one epoch, starting from the nearest there is."""
    try:
        embeddings = run.replay(epoch).embeddings
    except ValueError as error:
        maps.problems[epoch] = str(error)
        kept.write(epoch, None, source="", problem=str(error))
        return
    alike = [other for other, coords in maps.coords.items() if len(coords) == len(embeddings)]
    nearby = min(alike, key=lambda other: (abs(other - epoch), -other), default=None)
    source = source_of(embeddings)
    try:
        before = None if nearby is None else maps.coords[nearby]
        coords = project(embeddings, previous=before, settings=kept.settings)
    except ValueError as error:
        # Kept too: asking again would find the same.
        maps.problems[epoch] = str(error)
        kept.write(epoch, None, source=source, problem=str(error))
        return
    trust = _trust(embeddings, coords)
    kept.write(epoch, coords, source=source, trustworthiness=trust, started_from=nearby)
    maps.coords[epoch], maps.trust[epoch] = coords, trust


def _trust(embeddings: np.ndarray, coords: Coords) -> float | None:
    try:
        return trustworthiness(np.asarray(embeddings, np.float32), coords)
    except ValueError:
        return None  # a probe of a handful of points has a map, but nothing to judge it by
