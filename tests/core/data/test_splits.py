from __future__ import annotations

import dataclasses
import os
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.classlists import ZERO_SHOT, shipped_list
from core.data.items import Collection, Domain, Item, make_collection, read_collection
from core.data.splits import ASIDE, TEST, split_collection
from tests.core.data.trees import shared, sketchy_tree


def invented(classes: dict[str, tuple[int, int, int]], source: str = "made") -> Collection:
    """class -> (photos with two sketches each, photos alone, sketches alone)."""
    items: list[Item] = []

    def add(domain: Domain, label: str, name: str, group: str = "") -> str:
        unique = f"{source}/{domain}/{label}/{name}"
        items.append(Item(unique, domain, label, group or unique, source, ""))
        return unique

    for label, (traced, alone, free) in classes.items():
        for number in range(traced):
            group = add("photo", label, f"t{number}")
            for k in range(2):
                add("sketch", label, f"t{number}-{k}", group)
        for number in range(alone):
            add("photo", label, f"a{number}")
        for number in range(free):
            add("sketch", label, f"f{number}")
    return make_collection(items, (), "invented")


Classes = dict[str, tuple[int, int, int]]
counts = st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
collections = st.dictionaries(
    st.sampled_from(["ant", "bat", "cow", "door", "owl"]), counts, min_size=1
).filter(lambda classes: any(sum(number) for number in classes.values()))


@given(collections, st.integers(0, 5))
def test_seen_keeps_shares_within_one_group_and_represents_classes(
    classes: Classes, seed: int
) -> None:
    collection = invented(classes)
    splits = split_collection(collection, "seen", seed=seed)
    photo_side = {i.id: s for i, s in zip(collection.photos, splits.photo_sides, strict=True)}
    sketch_side = {i.id: s for i, s in zip(collection.sketches, splits.sketch_sides, strict=True)}
    for label, (traced, alone, free) in classes.items():
        strata = [
            [photo_side[f"made/photo/{label}/t{n}"] for n in range(traced)],
            [photo_side[f"made/photo/{label}/a{n}"] for n in range(alone)],
            [sketch_side[f"made/sketch/{label}/f{n}"] for n in range(free)],
        ]
        for sides in strata:
            got = np.bincount(np.array(sides, dtype=int), minlength=3)
            assert np.abs(got - len(sides) * np.array([0.8, 0.1, 0.1])).max() <= 1
            if len(sides) >= 5:
                assert got.min() >= 1


@given(collections, st.integers(0, 5))
def test_sketches_lie_with_their_photo(classes: Classes, seed: int) -> None:
    splits = split_collection(invented(classes), "seen", seed=seed)
    traced = np.flatnonzero(splits.targets >= 0)
    assert len(traced) == sum(2 * number[0] for number in classes.values())
    np.testing.assert_array_equal(
        splits.sketch_sides[traced], splits.photo_sides[splits.targets[traced]]
    )


@given(collections, st.randoms(use_true_random=False))
def test_splits_do_not_hang_on_order(classes: Classes, dice: random.Random) -> None:
    collection = invented(classes)
    shuffled = list(collection.items)
    dice.shuffle(shuffled)
    again = make_collection(shuffled, (), "elsewhere")
    assert split_collection(again, "seen").digest == split_collection(collection, "seen").digest


def test_a_seed_changes_the_split_and_adding_a_class_does_not() -> None:
    classes = {"ant": (20, 5, 9), "bat": (20, 0, 0)}
    first = split_collection(invented(classes), "seen")
    assert split_collection(invented(classes), "seen", seed=1).digest != first.digest
    more = split_collection(invented({**classes, "cow": (30, 0, 0)}), "seen")
    sides = dict(zip([i.id for i in more.collection.photos], more.photo_sides, strict=True))
    assert [sides[i.id] for i in first.collection.photos] == first.photo_sides.tolist()


def test_mending_a_damaged_item_moves_no_other() -> None:
    whole = invented({"ant": (0, 30, 30)})
    lost = whole.items[7]
    damaged = dataclasses.replace(
        whole, items=tuple(i for i in whole.items if i is not lost), lost=(lost,)
    )
    before, after = split_collection(damaged, "seen"), split_collection(whole, "seen")
    side = dict(zip([i.id for i in whole.photos], after.photo_sides, strict=True))
    assert before.photo_sides.tolist() == [side[i.id] for i in damaged.photos]


@pytest.mark.parametrize("protocol", ZERO_SHOT)
def test_zero_shot_keeps_unseen_classes_out_of_training(protocol: str) -> None:
    unseen = shipped_list(protocol)
    classes = dict.fromkeys((*unseen, "my own class", "another"), (3, 2, 1))
    splits = split_collection(invented(classes), protocol)
    assert set(splits.class_names("test")) == set(unseen)
    assert set(splits.class_names("train")) == {"my own class", "another"}
    test = {i.label for i in splits.collection.photos} - {"my own class", "another"}
    assert len(splits.photos("test")) == 5 * len(test)
    assert len(splits.queries("test")) == 7 * len(test)
    assert splits.absent == ()


def test_shipped_lists_are_the_published_ones() -> None:
    assert [len(shipped_list(name)) for name in ZERO_SHOT] == [25, 21, 30, 30]
    assert "palm tree" in shipped_list("quickdraw30")
    for name, file in (("sketchy21", "sketchy21"), ("tuberlin30", "tuberlin30")):
        lines = shared("protocols", f"zse_test_class_{file}.txt").read_text().splitlines()
        published = {line.replace("_", " ").replace("-", " ") for line in lines if line}
        assert set(shipped_list(name)) == published


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_an_unseen_class_is_found_however_it_is_spelt(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "unseen.txt").write_text("Palm_Tree\n# mine\n\nhot-air balloon\n", encoding)
    collection = invented({"palm tree": (5, 0, 0), "hot air balloon": (5, 0, 0), "cat": (9, 0, 0)})
    splits = split_collection(collection, str(tmp_path / "unseen.txt"))
    assert splits.class_names("train") == ("cat",)
    assert splits.class_names("test") == ("hot air balloon", "palm tree")


@pytest.mark.parametrize(
    ("protocol", "told"),
    [
        ("zeroshot", "unknown protocol 'zeroshot'.*sketchy25"),
        ("sketchy21", "fits no class"),
        ("typo.txt", "classes that the data lack: kat"),
        ("all.txt", "leaves no class"),
        ("empty.txt", "names no class"),
        ("binary.txt", "not a text file"),
    ],
)
def test_wrong_protocols_are_named(tmp_path: Path, protocol: str, told: str) -> None:
    (tmp_path / "typo.txt").write_text("kat\ndog\n")
    (tmp_path / "all.txt").write_text("cat\ndog\n")
    (tmp_path / "empty.txt").write_text("# nothing\n")
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\x00")
    given_name = str(tmp_path / protocol) if protocol.endswith(".txt") else protocol
    with pytest.raises(ValueError, match=told):
        split_collection(invented({"cat": (3, 0, 0), "dog": (3, 0, 0)}), given_name)


def test_generalised_galleries() -> None:
    classes = dict.fromkeys((*shipped_list("sketchy21"), "cat", "dog", "ant"), (10, 10, 10))
    collection = invented(classes)
    plain = split_collection(collection, "sketchy21")
    wide = split_collection(collection, "sketchy21", generalised="gallery20")
    extra = np.setdiff1d(wide.gallery("test"), plain.gallery("test"))
    assert abs(len(extra) - 0.2 * 60) <= 1
    np.testing.assert_array_equal(wide.queries("test"), plain.queries("test"))
    assert not np.intersect1d(extra, wide.photos("train")).size
    both = split_collection(collection, "sketchy21", generalised="sempcyc20")
    assert len(both.gallery("test")) - len(plain.gallery("test")) == pytest.approx(420 / 5, abs=45)
    assert len(both.queries("test")) > len(plain.queries("test"))
    with pytest.raises(ValueError, match="needs a zero-shot protocol"):
        split_collection(collection, "seen", generalised="gallery20")
    with pytest.raises(ValueError, match="allowed are"):
        split_collection(collection, "sketchy21", generalised="half")  # type: ignore[arg-type]


def test_leaks_are_refused_and_named() -> None:
    splits = split_collection(invented({"ant": (12, 0, 0), "bat": (12, 0, 0)}), "seen")
    sides = splits.sketch_sides.copy()
    row = int(np.flatnonzero(sides == 0)[0])
    sides[row] = TEST
    with pytest.raises(ValueError, match=splits.collection.sketches[row].id):
        dataclasses.replace(splits, sketch_sides=sides)
    zero = split_collection(invented({"bat": (5, 0, 0), "my own": (5, 0, 0)}), "sketchy21")
    trained = np.where(zero.photo_sides == TEST, 0, zero.photo_sides).astype(np.int8)
    trained_sketches = np.where(zero.sketch_sides == TEST, 0, zero.sketch_sides).astype(np.int8)
    with pytest.raises(ValueError, match=r"made/photo/bat/t0 is of an unseen class.*and 12 more"):
        dataclasses.replace(zero, photo_sides=trained, sketch_sides=trained_sketches)
    aside = np.full_like(trained, ASIDE)
    with pytest.raises(ValueError, match="unseen class"):
        dataclasses.replace(zero, photo_sides=aside)


def test_unknown_split() -> None:
    with pytest.raises(ValueError, match="allowed are train, valid, test"):
        split_collection(invented({"ant": (3, 0, 0)}), "seen").photos("eval")


def test_creation_order_and_root_change_nothing(tmp_path: Path) -> None:
    first = sketchy_tree(tmp_path / "a", ("cat", "bat", "cow"), traced=6, alone=12)
    second = sketchy_tree(
        tmp_path / "elsewhere" / "b", ("cat", "bat", "cow"), traced=6, alone=12, shuffle=3
    )
    one, two = (read_collection(f"sketchy:{root}") for root in (first, second))
    for protocol in ("seen", "sketchy21"):
        assert split_collection(one, protocol).digest == split_collection(two, protocol).digest


def test_real_sketchy_zero_shot_numbers(tmp_path: Path) -> None:
    root = shared("data", "sketchy-mini")
    splits = split_collection(read_collection(f"sketchy:{root}"), "sketchy21")
    assert len(splits.class_names("train")) == 104
    assert len(splits.class_names("test")) == 21
    assert not set(splits.class_names("train")) & set(splits.class_names("test"))
    total = sum(len(splits.photos(s)) for s in ("train", "valid", "test"))
    assert total == 2375
    # The same files, listed by a file system in another order, under another name.
    files = sorted(path for path in root.rglob("*") if path.is_file())
    np.random.default_rng(1).shuffle(files)
    for path in files:
        copy = tmp_path / "renamed" / path.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, copy)
        except OSError:
            shutil.copy(path, copy)
    again = split_collection(read_collection(f"sketchy:{tmp_path / 'renamed'}"), "sketchy21")
    assert again.digest == splits.digest
