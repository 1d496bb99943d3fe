"""Batches of a split: which rows (a pure function of seed, epoch and step), then pixels."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from core.data.packs import Pack
from core.data.splits import Splits

Rows = npt.NDArray[np.int64]
_AHEAD = 2
"""Batches that are read while the one before is used."""


@dataclass(frozen=True)
class Batch:
    """One rank's share of a global batch; images are NCHW views of NHWC memory (channels_last)."""

    sketches: torch.Tensor
    """(B, 1, S, S) uint8."""
    photos: torch.Tensor
    """(M, 3, S, S) uint8; of triplets the positives, then the negatives."""
    sketch_labels: torch.Tensor
    """(B,) int64, places in the pack's class_names."""
    photo_labels: torch.Tensor
    """(M,) int64."""
    sketch_rows: Rows
    """(B,) rows of the pack."""
    photo_rows: Rows
    """(M,) rows of the pack."""


@dataclass(frozen=True)
class Plan:
    """Rows of an epoch's global batches: (steps, B) sketches and (steps, M) photos."""

    sketches: Rows
    photos: Rows


class _Sampler:
    """What both samplings share: pools by class, ranks, steps, reading ahead."""

    def __init__(
        self, pack: Pack, splits: Splits, *, seed: int, rank: int, world: int, side: str
    ) -> None:
        if not 0 <= rank < world:
            raise ValueError(f"rank {rank} is not below the world's size {world}")
        self.pack, self.seed, self.rank, self.world = pack, seed, rank, world
        self.photo_labels, self.sketch_labels = pack.photo_labels, pack.sketch_labels
        if len(splits.photo_sides) != len(pack.photos) or len(splits.sketch_sides) != len(
            pack.sketches
        ):
            raise ValueError(
                f"the split is of {len(splits.photo_sides)} photos and {len(splits.sketch_sides)} "
                f"sketches, the pack holds {len(pack.photos)} and {len(pack.sketches)}: split "
                "pack.collection"
            )
        self.targets = splits.targets
        photos, sketches = splits.photos(side), splits.sketches(side)
        names = pack.class_names
        photo_pools = _pools(photos, self.photo_labels, len(names))
        sketch_pools = _pools(sketches, self.sketch_labels, len(names))
        both = [c for c in range(len(names)) if len(photo_pools[c]) and len(sketch_pools[c])]
        self.photo_pools = [photo_pools[c] for c in both]
        self.sketch_pools = [sketch_pools[c] for c in both]
        self.in_training = set(photos.tolist())
        self.sketch_count = sum(len(pool) for pool in self.sketch_pools)
        self.class_count = len(both)
        if self.class_count < 2:
            raise ValueError(
                f"training needs 2 classes with photos and sketches on the {side} side, "
                f"{pack.spec} has {self.class_count}"
            )

    steps: int

    def plan(self, epoch: int) -> Plan:
        """Rows of every step of an epoch, the same on every rank."""
        raise NotImplementedError

    def share(self, sketches: Rows, photos: Rows) -> tuple[Rows, Rows]:
        """Rows of a global batch that are for this rank."""
        raise NotImplementedError

    def __len__(self) -> int:
        return self.steps

    def epoch(self, epoch: int, start_step: int = 0) -> Iterator[Batch]:
        """Batches of an epoch from `start_step` on; reading runs ahead on a thread of its own."""
        if not 0 <= start_step <= self.steps:
            raise ValueError(f"start_step is {start_step}, an epoch has {self.steps} steps")
        plan = self.plan(epoch)
        waiting: deque[Future[Batch]] = deque()
        reader = ThreadPoolExecutor(1, thread_name_prefix="batches")
        try:
            for step in range(start_step, self.steps):
                waiting.append(reader.submit(self._read, plan.sketches[step], plan.photos[step]))
                if len(waiting) > _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            reader.shutdown(wait=False, cancel_futures=True)

    def _read(self, sketches: Rows, photos: Rows) -> Batch:
        sketches, photos = self.share(sketches, photos)
        return Batch(
            sketches=torch.from_numpy(self.pack.gather("sketch", sketches)).permute(0, 3, 1, 2),
            photos=torch.from_numpy(self.pack.gather("photo", photos)).permute(0, 3, 1, 2),
            sketch_labels=torch.from_numpy(self.sketch_labels[sketches]),
            photo_labels=torch.from_numpy(self.photo_labels[photos]),
            sketch_rows=sketches,
            photo_rows=photos,
        )


class PKBatches(_Sampler):
    """P classes × K sketches and K photos a step.

    Classes come round in shuffled order, and so do the sketches and the photos within a class:
    nothing is drawn a second time before its class has run through. A class with fewer than K
    of a kind repeats them. The batch is global: each of `world` ranks takes an equal slice, so
    the world's size changes no batch.
    pairs: photos are, where they can be, those that the sketches trace (fine-grained training).
    Errors: ValueError when P is larger than the number of classes or P·K can't be shared equally.
    """

    def __init__(
        self,
        pack: Pack,
        splits: Splits,
        *,
        classes_per_batch: int,
        per_class: int,
        seed: int = 0,
        rank: int = 0,
        world: int = 1,
        steps_per_epoch: int | None = None,
        side: str = "train",
        pairs: bool = False,
    ) -> None:
        super().__init__(pack, splits, seed=seed, rank=rank, world=world, side=side)
        if not 1 <= classes_per_batch <= self.class_count:
            raise ValueError(
                f"classes_per_batch is {classes_per_batch}: between 1 and the "
                f"{self.class_count} classes of the {side} side is allowed"
            )
        _at_least_one("per_class", per_class)
        self.classes, self.per_class, self.pairs = classes_per_batch, per_class, pairs
        batch = classes_per_batch * per_class
        _share_out(batch, world)
        self.steps = _steps(steps_per_epoch, self.sketch_count, batch)

    def plan(self, epoch: int) -> Plan:
        """Rows of every step of an epoch, the same on every rank."""
        random = np.random.default_rng([self.seed, epoch, 0])
        rounds = self.class_count // self.classes
        orders = [random.permutation(self.class_count) for _ in range(-(-self.steps // rounds))]
        used = rounds * self.classes
        chosen = np.concatenate([order[:used] for order in orders])
        chosen = chosen[: self.steps * self.classes]
        sketches = _cycled(chosen, self.sketch_pools, self.per_class, random)
        photos = _cycled(chosen, self.photo_pools, self.per_class, random)
        if self.pairs:
            traced = self.targets[sketches]
            usable = np.isin(traced, np.fromiter(self.in_training, np.int64))
            photos = np.where(usable, traced, photos)
        return Plan(sketches.reshape(self.steps, -1), photos.reshape(self.steps, -1))

    def share(self, sketches: Rows, photos: Rows) -> tuple[Rows, Rows]:
        """One slice of equal size for each rank."""
        return _slice(sketches, self.rank, self.world), _slice(photos, self.rank, self.world)


class TripletBatches(_Sampler):
    """Triplets as the workshop draws them, each independent of the others: a sketch, a photo of
    its class, a photo of another class, all uniform and all of the training side.

    `batch_size` is the number of triplets; it must be a multiple of `world`.
    """

    def __init__(
        self,
        pack: Pack,
        splits: Splits,
        *,
        batch_size: int,
        seed: int = 0,
        rank: int = 0,
        world: int = 1,
        steps_per_epoch: int | None = None,
        side: str = "train",
    ) -> None:
        super().__init__(pack, splits, seed=seed, rank=rank, world=world, side=side)
        _at_least_one("batch_size", batch_size)
        _share_out(batch_size, world)
        self.batch_size = batch_size
        self.steps = _steps(steps_per_epoch, self.sketch_count, batch_size)

    def plan(self, epoch: int) -> Plan:
        """Rows of every step: photos hold the positives, then the negatives."""
        random = np.random.default_rng([self.seed, epoch, 1])
        shape = (self.steps, self.batch_size)
        flat = np.concatenate(self.sketch_pools)
        classes = np.repeat(np.arange(self.class_count), [len(p) for p in self.sketch_pools])
        drawn = random.integers(len(flat), size=shape)
        own = classes[drawn]
        other = (own + random.integers(1, self.class_count, size=shape)) % self.class_count
        positives, negatives = (self._photo_of(kind, random) for kind in (own, other))
        return Plan(flat[drawn], np.concatenate([positives, negatives], axis=1))

    def share(self, sketches: Rows, photos: Rows) -> tuple[Rows, Rows]:
        """One slice of the triplets for each rank, its positives first."""
        halves = np.split(photos, 2)
        mine = [_slice(half, self.rank, self.world) for half in halves]
        return _slice(sketches, self.rank, self.world), np.concatenate(mine)

    def _photo_of(self, classes: Rows, random: np.random.Generator) -> Rows:
        sizes = np.array([len(pool) for pool in self.photo_pools])
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        flat = np.concatenate(self.photo_pools)
        drawn: Rows = flat[starts[classes] + random.integers(sizes[classes])]
        return drawn


def _pools(rows: Rows, labels: Rows, classes: int) -> list[Rows]:
    mine = labels[rows]
    order = np.argsort(mine, kind="stable")
    cuts = np.searchsorted(mine[order], np.arange(classes + 1))
    return [rows[order[cuts[c] : cuts[c + 1]]] for c in range(classes)]


def _cycled(chosen: Rows, pools: list[Rows], per_class: int, random: np.random.Generator) -> Rows:
    """(len(chosen), per_class) rows: every class deals its pool out in shuffled rounds."""
    out = np.empty((len(chosen), per_class), dtype=np.int64)
    for number, pool in enumerate(pools):
        at = np.flatnonzero(chosen == number)
        need = len(at) * per_class
        rounds = [random.permutation(pool) for _ in range(-(-need // len(pool)))]
        if need:
            out[at] = np.concatenate(rounds)[:need].reshape(-1, per_class)
    return out


def _slice(rows: Rows, rank: int, world: int) -> Rows:
    share = len(rows) // world
    return rows[rank * share : (rank + 1) * share]


def _steps(asked: int | None, sketches: int, batch: int) -> int:
    if asked is None:
        return max(1, -(-sketches // batch))
    _at_least_one("steps_per_epoch", asked)
    return asked


def _share_out(batch: int, world: int) -> None:
    if batch % world:
        raise ValueError(f"a batch of {batch} can't be shared equally by {world} workers")


def _at_least_one(name: str, value: int) -> None:
    if value < 1:
        raise ValueError(f"{name} is {value}: at least 1 is needed")
