from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data.decode import decode
from core.data.items import read_collection
from core.data.packing import build_pack, plan_units, without_broken
from core.data.packkeys import pack_folder
from core.data.packs import open_or_build_pack, open_pack
from core.data.splits import split_collection
from core.data.workers import Target, run_units
from tests.core.data.trees import REPOSITORY, photo, plain_tree


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SKETCHY_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_pack_holds_what_decode_gives(tmp_path: Path) -> None:
    spec = f"folder:{plain_tree(tmp_path / 'd', count=3)}"
    pack = open_or_build_pack(spec, 16, progress=False)
    assert pack.photos.shape == (6, 16, 16, 3)
    assert pack.sketches.shape == (6, 16, 16, 1)
    for row, item in enumerate(pack.collection.photos):
        np.testing.assert_array_equal(pack.photos[row], decode(item, 16))
    for row, item in enumerate(pack.collection.sketches):
        np.testing.assert_array_equal(pack.sketches[row], decode(item, 16))
        assert pack.sketch_labels[row] == pack.class_names.index(item.label)
    rows = [4, 0, 4]
    np.testing.assert_array_equal(pack.gather("photo", rows), pack.photos[rows])
    assert pack.collection.items == read_collection(spec).items
    assert pack.photo_labels.dtype == np.int64


def test_the_same_source_opens_the_same_pack_and_a_changed_one_another(tmp_path: Path) -> None:
    root = plain_tree(tmp_path / "d", count=2)
    first = open_or_build_pack(f"folder:{root}", 16, progress=False)
    stamp = (first.folder / "pack.json").stat().st_mtime_ns
    again = open_or_build_pack(f"folder:{root}", 16, progress=False)
    assert again.folder == first.folder
    assert (again.folder / "pack.json").stat().st_mtime_ns == stamp
    photo(root / "images" / "cat" / "p000.jpg", seed=99)
    changed = open_or_build_pack(f"folder:{root}", 16, progress=False)
    assert changed.folder != first.folder
    assert not np.array_equal(changed.photos[0], first.photos[0])
    assert open_or_build_pack(f"folder:{root}", 18, progress=False).size == 18
    assert open_or_build_pack(f"folder:{root}", 16, "whole", progress=False).framing == "whole"


def test_processes_make_the_same_pack(tmp_path: Path) -> None:
    collection = read_collection(f"folder:{plain_tree(tmp_path / 'd', 'abcdef', count=35)}")
    one = build_pack(collection, 12, "ink", tmp_path / "one", progress=False, processes=1)
    two = build_pack(collection, 12, "ink", tmp_path / "two", progress=False, processes=2)
    np.testing.assert_array_equal(one.photos, two.photos)
    np.testing.assert_array_equal(one.sketches, two.sketches)


def test_a_script_without_a_main_guard_can_pack(tmp_path: Path) -> None:
    root = plain_tree(tmp_path / "d", "abcdef", count=35)
    script = tmp_path / "script.py"
    script.write_text(
        "from core.data.packs import open_or_build_pack\n"
        f"print(open_or_build_pack('folder:{root}', 12, processes=2).photos.shape)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    run = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, env=environment, check=False
    )
    assert run.stdout.strip() == "(210, 12, 12, 3)", run.stderr


def test_damaged_items_are_left_out_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root = plain_tree(tmp_path / "d", count=4)
    (root / "images" / "cat" / "p001.jpg").write_text("no picture")
    Image.new("L", (30, 30), 255).save(root / "sketches" / "dog" / "s002.png")
    spec = f"folder:{root}"
    pack = open_or_build_pack(spec, 16, progress=False)
    assert (len(pack.photos), len(pack.sketches)) == (7, 7)
    told = {Path(problem.path).name: problem.kind for problem in pack.problems}
    assert told == {"p001.jpg": "damaged", "s002.png": "empty"}
    (line,) = caplog.messages
    assert "2 of 16 items can't be used (1 damaged, 1 empty)" in line
    assert str(pack.folder / "problems.jsonl") in line
    assert {item.id for item in pack.collection.lost} == {
        "folder/photo/cat/p001",
        "folder/sketch/dog/s002",
    }
    for row, item in enumerate(pack.collection.photos):
        np.testing.assert_array_equal(pack.photos[row], decode(item, 16))
    split_collection(pack.collection, "seen")
    checked = without_broken(read_collection(spec), progress=False)
    assert checked.items == pack.collection.items


def test_a_collection_without_a_picture_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "d" / "cat").mkdir(parents=True)
    (tmp_path / "d" / "cat" / "a.jpg").write_bytes(b"")
    with pytest.raises(ValueError, match=r"none of the 1 items .* decodes.*a\.jpg"):
        open_or_build_pack(f"folder:{tmp_path / 'd'}", 16, progress=False)


def test_photos_alone_and_sketches_alone(tmp_path: Path) -> None:
    photo(tmp_path / "d" / "a.jpg")
    pack = open_or_build_pack(f"folder:{tmp_path / 'd'}", 16, progress=False)
    assert pack.sketches.shape == (0, 16, 16, 1)
    assert pack.gather("sketch", []).shape == (0, 16, 16, 1)
    with pytest.raises(IndexError):
        pack.gather("sketch", [0])


def test_a_pack_travels_to_another_process(tmp_path: Path) -> None:
    pack = open_or_build_pack(f"folder:{plain_tree(tmp_path / 'd', count=2)}", 16, progress=False)
    pack.gather("photo", [0])
    again = pickle.loads(pickle.dumps(pack))
    np.testing.assert_array_equal(again.gather("photo", [1]), pack.photos[[1]])


def test_a_killed_build_goes_on_where_it_stopped(tmp_path: Path, cache: Path) -> None:
    root = plain_tree(tmp_path / "d", "abcdefgh", count=40)
    spec = f"folder:{root}"
    collection = read_collection(spec)
    folder = pack_folder(collection, 64, "ink")
    code = (
        "from core.data.packs import open_or_build_pack;"
        f"open_or_build_pack({spec!r}, 64, progress=False, processes=1)"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    child = subprocess.Popen([sys.executable, "-c", code], env=environment)
    log = folder.with_name(folder.name + ".partial") / "done.jsonl"
    deadline = time.monotonic() + 120
    while not (log.is_file() and log.read_text().count("unit") >= 3):
        assert child.poll() is None, "the build ended before it could be killed"
        assert time.monotonic() < deadline
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert not folder.exists()
    with log.open("a") as file:
        file.write('{"unit": 9999, "dom')  # a torn last line
    done = {json.loads(s)["unit"] for s in log.read_text().splitlines()[:-1] if s}
    raw = folder.with_name(folder.name + ".partial") / "photos.raw"
    marked = np.load(raw, mmap_mode="r+")
    first = next(unit for unit in plan_units(collection) if unit.number in done)
    marked[first.start] = 77  # is kept only if the unit is not decoded again
    marked.flush()
    pack = open_or_build_pack(spec, 64, progress=False, processes=1)
    assert (pack.photos[first.start] == 77).all()
    for row in range(first.start + 1, len(pack.photos)):
        np.testing.assert_array_equal(pack.photos[row], decode(pack.collection.photos[row], 64))
    assert not list(cache.rglob("*.partial"))


def test_a_child_that_dies_is_named(tmp_path: Path) -> None:
    collection = read_collection(f"folder:{plain_tree(tmp_path / 'd', 'abcd', count=20)}")
    units = plan_units(collection)
    target = Target(str(tmp_path / "gone"), 16, "ink")  # its first write fails
    with pytest.raises(RuntimeError, match="a decoding process died between folder/"):
        list(run_units(units, target, 2))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("pack.json", "{}", "lacks 'format'"),
        ("pack.json", '{"format": 99}', "has format 99, this version reads 1"),
        ("pack.json", "not json", "is no pack"),
        ("photos.arrow", "garbage", "is no index"),
        ("pack.json", None, "labels beyond the classes"),
        ("photos.npy", "garbage", "photos.npy|pickle|magic|parse"),
    ],
)
def test_a_strangers_pack_is_refused(
    tmp_path: Path, name: str, content: str | None, told: str
) -> None:
    pack = open_or_build_pack(f"folder:{plain_tree(tmp_path / 'd', count=2)}", 16, progress=False)
    if content is None:
        head = json.loads((pack.folder / name).read_text())
        content = json.dumps({**head, "class_names": ["cat"]})
    (pack.folder / name).write_text(content)
    with pytest.raises(ValueError, match=told):
        open_pack(pack.folder)


def test_no_pack_at_all(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"is no pack: it lacks pack\.json"):
        open_pack(tmp_path)


def test_sizes_are_checked(tmp_path: Path) -> None:
    collection = read_collection(f"folder:{plain_tree(tmp_path / 'd', count=2)}")
    with pytest.raises(ValueError, match="size is 0"):
        open_or_build_pack(collection, 0, progress=False)
    with pytest.raises(ValueError, match="processes is 0"):
        open_or_build_pack(collection, 8, progress=False, processes=0)
