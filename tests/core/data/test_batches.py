from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.batches import Batch, PKBatches, TripletBatches
from core.data.packs import Pack, open_or_build_pack
from core.data.splits import Splits, split_collection
from tests.core.data.trees import plain_tree, sketchy_tree

Data = tuple[Pack, Splits]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[Pack, Splits]:
    root = tmp_path_factory.mktemp("data")
    plain_tree(root / "d", ("ant", "bat", "cat", "dog", "owl"), count=13)
    pack = open_or_build_pack(f"folder:{root / 'd'}", 8, progress=False, cache=root / "c")
    return pack, split_collection(pack.collection, "seen")


def rows(batches: list[Batch]) -> list[tuple[list[int], list[int]]]:
    return [(b.sketch_rows.tolist(), b.photo_rows.tolist()) for b in batches]


def test_a_batch_is_p_classes_of_k(data: Data) -> None:
    pack, splits = data
    made = PKBatches(pack, splits, classes_per_batch=3, per_class=4)
    train_photos, train_sketches = set(splits.photos("train")), set(splits.sketches("train"))
    batches = list(made.epoch(0))
    assert len(batches) == len(made) == -(-len(train_sketches) // 12)
    for batch in batches:
        assert batch.sketches.shape == (12, 1, 8, 8)
        assert batch.photos.shape == (12, 3, 8, 8)
        assert batch.photos.dtype == torch.uint8
        assert batch.photos.is_contiguous(memory_format=torch.channels_last)
        assert batch.sketch_labels.bincount()[batch.sketch_labels.unique()].tolist() == [4, 4, 4]
        assert torch.equal(batch.sketch_labels, batch.photo_labels)
        assert set(batch.photo_rows) <= train_photos
        assert set(batch.sketch_rows) <= train_sketches
        np.testing.assert_array_equal(
            batch.photos.permute(0, 2, 3, 1).numpy(), pack.photos[batch.photo_rows]
        )
        np.testing.assert_array_equal(
            pack.sketch_labels[batch.sketch_rows], batch.sketch_labels.numpy()
        )


def test_nothing_repeats_before_its_class_has_run_through(data: Data) -> None:
    pack, splits = data
    made = PKBatches(pack, splits, classes_per_batch=5, per_class=1, steps_per_epoch=9)
    drawn = np.concatenate([batch.sketch_rows for batch in made.epoch(3)])
    assert len(set(drawn.tolist())) == 45


@pytest.mark.parametrize("kind", ["pk", "triplets"])
def test_batches_are_a_function_of_seed_epoch_and_step(data: Data, kind: str) -> None:
    def made(seed: int = 0) -> PKBatches | TripletBatches:
        if kind == "pk":
            return PKBatches(*data, classes_per_batch=2, per_class=3, seed=seed)
        return TripletBatches(*data, batch_size=6, seed=seed)

    whole = rows(list(made().epoch(2)))
    assert rows(list(made().epoch(2))) == whole
    assert rows(list(made().epoch(2, start_step=4))) == whole[4:]
    assert rows(list(made().epoch(3))) != whole
    assert rows(list(made(1).epoch(2))) != whole
    assert list(made().epoch(0, start_step=len(made()))) == []
    with pytest.raises(ValueError, match="start_step"):
        next(made().epoch(0, start_step=999))


@pytest.mark.parametrize("world", [2, 3, 6])
def test_the_global_batch_does_not_hang_on_the_world(data: Data, world: int) -> None:
    alone = list(PKBatches(*data, classes_per_batch=3, per_class=4).epoch(1))
    parts = [
        list(PKBatches(*data, classes_per_batch=3, per_class=4, rank=r, world=world).epoch(1))
        for r in range(world)
    ]
    for step, batch in enumerate(alone):
        joined = torch.cat([part[step].photos for part in parts])
        assert torch.equal(joined, batch.photos)
        joined = torch.cat([part[step].sketch_labels for part in parts])
        assert torch.equal(joined, batch.sketch_labels)


def test_triplets_share_out_by_rank(data: Data) -> None:
    alone = next(TripletBatches(*data, batch_size=8).epoch(0))
    parts = [next(TripletBatches(*data, batch_size=8, rank=r, world=2).epoch(0)) for r in (0, 1)]
    positives = torch.cat([part.photos[:4] for part in parts])
    negatives = torch.cat([part.photos[4:] for part in parts])
    assert torch.equal(torch.cat([positives, negatives]), alone.photos)


def test_triplets_are_drawn_from_training_alone(data: Data) -> None:
    pack, splits = data
    train = set(splits.photos("train"))
    for batch in TripletBatches(pack, splits, batch_size=7, steps_per_epoch=30).epoch(0):
        assert torch.equal(batch.photo_labels[:7], batch.sketch_labels)
        assert not (batch.photo_labels[7:] == batch.sketch_labels).any()
        assert set(batch.photo_rows) <= train


def test_pairs_bring_the_traced_photo(tmp_path: Path) -> None:
    root = sketchy_tree(tmp_path / "d", ("cat", "cow"), traced=6, alone=2)
    pack = open_or_build_pack(f"sketchy:{root}", 8, progress=False, cache=tmp_path / "c")
    splits = split_collection(pack.collection, "seen")
    made = PKBatches(pack, splits, classes_per_batch=2, per_class=3, pairs=True)
    for batch in made.epoch(0):
        np.testing.assert_array_equal(splits.targets[batch.sketch_rows], batch.photo_rows)


def test_reading_ahead_ends_with_the_iterator(data: Data) -> None:
    batches = PKBatches(*data, classes_per_batch=2, per_class=2).epoch(0)
    next(batches)
    readers = [t for t in threading.enumerate() if t.name.startswith("batches")]
    assert readers
    batches.close()  # type: ignore[attr-defined]
    for reader in readers:
        reader.join(timeout=10)
        assert not reader.is_alive()


def test_a_reading_error_reaches_the_loop(tmp_path: Path) -> None:
    root = plain_tree(tmp_path / "d", count=10)
    pack = open_or_build_pack(f"folder:{root}", 8, progress=False, cache=tmp_path / "c")
    made = PKBatches(
        pack, split_collection(pack.collection, "seen"), classes_per_batch=2, per_class=4
    )
    with Path(pack.folder / "photos.npy").open("r+b") as file:
        file.truncate(400)
    with pytest.raises(OSError, match="ends inside row"):
        list(made.epoch(0))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"classes_per_batch": 6}, "between 1 and the 5 classes"),
        ({"per_class": 0}, "per_class is 0"),
        ({"world": 5}, "can't be shared equally by 5"),
        ({"rank": 1}, "rank 1 is not below"),
        ({"steps_per_epoch": 0}, "steps_per_epoch is 0"),
    ],
)
def test_wrong_settings_are_named(data: Data, change: dict[str, int], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        PKBatches(*data, **{"classes_per_batch": 2, "per_class": 2, **change})  # type: ignore[arg-type]


def test_a_split_of_something_else_is_refused(data: Data, tmp_path: Path) -> None:
    root = plain_tree(tmp_path / "d", count=3)
    other = open_or_build_pack(f"folder:{root}", 8, progress=False, cache=tmp_path / "c")
    with pytest.raises(ValueError, match="the pack holds 6 and 6"):
        TripletBatches(other, data[1], batch_size=2)
    spec = f"folder:{root / 'images'}"
    photos = open_or_build_pack(spec, 8, progress=False, cache=tmp_path / "c")
    splits = split_collection(photos.collection, "seen")
    with pytest.raises(ValueError, match="needs 2 classes"):
        TripletBatches(photos, splits, batch_size=2)
