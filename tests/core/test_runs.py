"""The run directory's contract: what is written can be read, whatever happened in between."""

import csv
import errno
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.pictures import PictureStore, write_pictures
from core.replay import Probe, Replay
from core.runs import FORMAT_VERSION, Run, RunWriter, list_runs, remove_run, run_path


def make_writer(path: Path, **more: Any) -> RunWriter:
    return RunWriter.create(
        path,
        config={"model": {}, "loss": {"margin": 0.2}},
        recipe="tiny",
        data={"spec": "builtin", "protocol": "seen"},
        class_names=("cat", "dog"),
        seed=1,
        epochs_planned=4,
        **more,
    )


def make_replay(points: int = 6) -> Replay:
    return Replay(
        embeddings=np.zeros((points, 4), np.float16),
        sketch_attention=np.full((2, 2, 2), 0.25, np.float16),
        photo_attention=np.full((2, 2, 2), 0.25, np.float16),
        retrieved=np.zeros((2, 3), np.int64),
        scores=np.zeros((2, 3), np.float32),
    )


def write_epoch(writer: RunWriter, epoch: int, score: float = 0.5, keep: str = "all") -> None:
    writer.write_epoch(
        {"epoch": epoch, "map_all": score, "loss_total": float("nan")},
        weights={"layer": torch.full((2, 2), float(epoch))},
        replay=make_replay(),
        training_state={"epoch": epoch, "step": 0, "sums": {}},
        keep=keep,
    )


def test_what_is_written_is_read(tmp_path: Path) -> None:
    writer = make_writer(tmp_path / "one")
    for epoch, score in ((1, 0.2), (2, 0.9), (3, 0.4)):
        write_epoch(writer, epoch, score)
    writer.set_status("complete")
    run = Run(tmp_path / "one")
    assert run.info["format"] == FORMAT_VERSION
    assert run.class_names == ("cat", "dog")
    assert run.epochs() == run.weight_epochs() == [1, 2, 3]
    assert run.best_epoch() == 2
    assert run.weights(2)["layer"].tolist() == [[2.0, 2.0], [2.0, 2.0]]
    assert run.metrics()["map_all"].tolist() == [0.2, 0.9, 0.4]
    assert run.replay(3).sketch_attention.shape == (2, 2, 2)
    assert run.status["state"] == "complete"
    with open(run.path / "metrics.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert rows[0]["loss_total"] == ""


def test_the_keys_of_run_json_are_a_contract(tmp_path: Path) -> None:
    make_writer(tmp_path / "one")
    info = json.loads((tmp_path / "one" / "run.json").read_text())
    assert set(info) == {
        "format", "created", "study", "recipe", "seed", "epochs_planned", "objective", "data",
        "class_names", "versions", "config",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("keep", "kept"), [("all", [1, 2, 3, 4, 5]), ("every 2", [2, 4, 5]), ("best+last", [2, 5])]
)
def test_retention(tmp_path: Path, keep: str, kept: list[int]) -> None:
    writer = make_writer(tmp_path / "one")
    for epoch, score in enumerate((0.1, 0.9, 0.3, 0.2, 0.4), 1):
        write_epoch(writer, epoch, score, keep)
    run = Run(tmp_path / "one")
    assert run.weight_epochs() == kept
    assert run.epochs() == [1, 2, 3, 4, 5]
    assert run.resumable_epochs() == [4, 5]
    assert all(len(run.replay(epoch).embeddings) == 6 for epoch in run.epochs())


def test_best_epoch_survives_retention_of_later_better_ones(tmp_path: Path) -> None:
    writer = make_writer(tmp_path / "one")
    for epoch, score in enumerate((0.5, 0.6, 0.7, 0.1), 1):
        write_epoch(writer, epoch, score, "best+last")
    assert Run(tmp_path / "one").best_epoch() == 3


@pytest.mark.parametrize("victim", ["weights.safetensors", "replay.npz", "training_state.pt"])
def test_a_truncated_epoch_is_left_out_and_told(tmp_path: Path, victim: str) -> None:
    writer = make_writer(tmp_path / "one")
    write_epoch(writer, 1)
    write_epoch(writer, 2)
    damaged = tmp_path / "one/epochs/0002" / victim
    os.truncate(damaged, damaged.stat().st_size // 2)
    run = Run(tmp_path / "one")
    assert run.epochs() == [1]
    assert victim in run.problems()[0]
    state = run.last_state()
    assert state is not None
    assert state["epoch"] == 1
    RunWriter(run.path).drop_after(1)
    assert Run(run.path).problems() == []
    assert not (run.path / "epochs/0002").exists()


def test_a_half_written_epoch_does_not_exist(tmp_path: Path) -> None:
    writer = make_writer(tmp_path / "one")
    write_epoch(writer, 1)
    (tmp_path / "one/epochs/.0002").mkdir()
    (tmp_path / "one/epochs/.0002/weights.safetensors").write_bytes(b"half")
    assert Run(tmp_path / "one").epochs() == [1]
    writer.drop_after(1)
    assert [entry.name for entry in (tmp_path / "one/epochs").iterdir()] == ["0001"]


def test_strangers_among_the_epochs_stay(tmp_path: Path) -> None:
    writer = make_writer(tmp_path / "one")
    write_epoch(writer, 1)
    write_epoch(writer, 2)
    epochs, elsewhere = tmp_path / "one" / "epochs", tmp_path / "elsewhere"
    (epochs / ".DS_Store").write_bytes(b"a file manager's")
    elsewhere.mkdir()
    (elsewhere / "precious").touch()
    (epochs / "link").symlink_to(elsewhere)
    writer.drop_after(1)
    assert sorted(entry.name for entry in epochs.iterdir()) == [".DS_Store", "0001", "link"]
    assert (elsewhere / "precious").exists()


def test_metrics_are_mended_from_the_epochs(tmp_path: Path) -> None:
    writer = make_writer(tmp_path / "one")
    write_epoch(writer, 1)
    write_epoch(writer, 2)
    (tmp_path / "one/metrics.csv").write_text("epoch,map_all\n1,0.5\n1,0.5\n7,")
    writer.drop_after(2)
    assert (tmp_path / "one/metrics.csv").read_text().count("\n") == 3
    assert Run(tmp_path / "one").metrics()["epoch"].tolist() == [1, 2]


def test_an_interrupted_epoch_is_gone_on_with_only_if_it_comes_next(tmp_path: Path) -> None:
    writer = make_writer(tmp_path / "one")
    write_epoch(writer, 1)
    writer.write_interrupted({"epoch": 2, "step": 5})
    assert Run(tmp_path / "one").last_state() == {"epoch": 2, "step": 5}
    write_epoch(writer, 2)
    state = Run(tmp_path / "one").last_state()
    assert state is not None
    assert (state["epoch"], state["step"]) == (2, 0)


def test_a_dead_process_is_an_interrupted_run(tmp_path: Path) -> None:
    writer = make_writer(tmp_path / "one")
    writer.set_status("running")
    assert Run(tmp_path / "one").status["state"] == "running"
    status = json.loads((tmp_path / "one/status.json").read_text())
    # The largest process number that Linux gives is 2**22: this one never runs.
    (tmp_path / "one/status.json").write_text(json.dumps({**status, "pid": 2**22 + 1}))
    assert Run(tmp_path / "one").status["state"] == "interrupted"
    # This process has the pid of one that wrote a day before it began.
    day_ago = {**status, "updated": status["updated"] - 86_400}
    (tmp_path / "one/status.json").write_text(json.dumps(day_ago))
    assert Run(tmp_path / "one").status["state"] == "interrupted"


def test_a_name_in_use_and_a_newer_format_are_refused(tmp_path: Path) -> None:
    make_writer(tmp_path / "one")
    with pytest.raises(ValueError, match="exists"):
        make_writer(tmp_path / "one")
    info = json.loads((tmp_path / "one/run.json").read_text())
    (tmp_path / "one/run.json").write_text(json.dumps({**info, "format": FORMAT_VERSION + 1}))
    with pytest.raises(ValueError, match="update sketchy"):
        Run(tmp_path / "one")


def test_listing_names_what_is_broken(tmp_path: Path) -> None:
    write_epoch(make_writer(tmp_path / "good"), 1, 0.7)
    make_writer(tmp_path / "study/trial", study="study")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad/run.json").write_text("{")
    listed = {run.name: run for run in list_runs(tmp_path)}
    assert set(listed) == {"good", "study/trial", "bad"}
    assert listed["good"].best == 0.7
    assert listed["bad"].state == "broken"
    assert "run.json is damaged" in listed["bad"].reason
    assert list_runs(tmp_path / "nowhere") == []


def test_a_run_that_was_moved_is_named_by_its_folder(tmp_path: Path) -> None:
    make_writer(tmp_path / "weights/000", study="weights")
    (tmp_path / "weights").rename(tmp_path / "weights-old")
    make_writer(tmp_path / "weights/000", study="weights")
    make_writer(tmp_path / "group/000")
    shutil.copytree(tmp_path / "weights/000", tmp_path / "copy")
    (tmp_path / "weights/001").mkdir()
    (tmp_path / "weights/001/run.json").write_text("{")
    listed = {run.name: run for run in list_runs(tmp_path)}
    assert set(listed) == {"weights-old/000", "weights/000", "weights/001", "group/000", "copy"}
    assert all(run_path(tmp_path, name) == run.path for name, run in listed.items())
    assert {name: run.study for name, run in listed.items() if run.study} == {
        "weights-old/000": "weights-old",
        "weights/000": "weights",
    }
    assert Run(tmp_path / "weights-old/000", tmp_path).name == "weights-old/000"


def test_a_locked_folder_in_one_run_hides_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        write_epoch(make_writer(tmp_path / name), 1, 0.7)
        (tmp_path / name / "gallery").mkdir()
    listed = os.scandir

    def refuse(folder: Any) -> Any:
        # As root a folder without permissions can still be read, so the system's answer is made up.
        if Path(folder) == tmp_path / "one" / "gallery":
            raise PermissionError(13, "Permission denied", str(folder))
        return listed(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    assert {run.name: run.best for run in list_runs(tmp_path)} == {"one": 0.7, "two": 0.7}
    assert all(run.bytes > 0 for run in list_runs(tmp_path))


@pytest.mark.parametrize("name", ["..", "../x", "a/b/c", "", ".hidden", "a/../b", "x\x00"])
def test_a_name_never_leaves_the_runs_root(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not usable"):
        run_path(tmp_path, name)


def test_remove_deletes_only_runs(tmp_path: Path) -> None:
    make_writer(tmp_path / "one")
    (tmp_path / "precious").mkdir()
    with pytest.raises(ValueError, match="no run"):
        remove_run(tmp_path, "precious")
    remove_run(tmp_path, "one")
    assert [entry.name for entry in tmp_path.iterdir()] == ["precious"]


def make_probe() -> Probe:
    return Probe(
        ids=np.array(["a", "b"]),
        labels=np.array([0, 1]),
        is_photo=np.array([False, True]),
        splits=np.array(["test", "test"]),
        focus_sketches=np.array([0]),
        focus_photos=np.array([1]),
    )


@pytest.mark.parametrize("name", ["probe.npz", "pictures.npy", "pictures.bin"])
@pytest.mark.parametrize("harm", ["missing", "empty"])
def test_a_probe_that_lacks_a_file_is_told(tmp_path: Path, name: str, harm: str) -> None:
    writer = make_writer(tmp_path / "one")
    writer.write_probe(make_probe(), [np.full((8, 8), 9, np.uint8)] * 2)
    file = tmp_path / "one" / "probe" / name
    file.unlink()
    if harm == "empty":
        file.touch()
    with pytest.raises(ValueError, match=re.escape(str(file))):
        Run(tmp_path / "one").probe()


def test_probe_round_trip(tmp_path: Path) -> None:
    writer, probe = make_writer(tmp_path / "one"), make_probe()
    sketch, photo = np.full((8, 8, 1), 9, np.uint8), np.full((8, 8, 3), 200, np.uint8)
    writer.write_probe(probe, [sketch, photo])
    read = Run(tmp_path / "one").probe()
    assert read.ids.tolist() == ["a", "b"]
    assert read.pictures is not None
    assert (read.pictures.pixels(0) == 9).all()
    assert read.pictures.pixels(1).shape == (8, 8, 3)


@pytest.mark.parametrize(
    "said",
    [
        "[enforce fail at inline_container.cc:672] . unexpected pos 216128 vs 216024",
        "PytorchStreamWriter failed writing file data/0: file write failed",
        "basic_ios::clear: iostream error",
    ],
)
def test_what_torch_says_of_a_full_disk_is_told_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    writer = make_writer(tmp_path / "one")
    write_epoch(writer, 1)

    def save(*_: Any) -> None:
        raise RuntimeError(said)

    monkeypatch.setattr(torch, "save", save)
    with pytest.raises(OSError, match="the disk is full") as told:
        write_epoch(writer, 2)
    assert told.value.errno == errno.ENOSPC
    assert Run(tmp_path / "one").epochs() == [1]
    assert [path.name for path in (tmp_path / "one" / "epochs").iterdir()] == ["0001"]


def test_a_pickled_replay_is_refused(tmp_path: Path) -> None:
    writer = make_writer(tmp_path / "one")
    write_epoch(writer, 1)
    path = tmp_path / "one/epochs/0001/replay.npz"
    np.savez(path, embeddings=np.array([{"a": 1}], dtype=object))
    info = json.loads((path.parent / "epoch.json").read_text())
    info["files"]["replay.npz"] = path.stat().st_size
    (path.parent / "epoch.json").write_text(json.dumps(info))
    with pytest.raises(ValueError, match=r"replay\.npz can't be read"):
        Run(tmp_path / "one").replay(1)


def test_an_empty_picture_store_is_valid(tmp_path: Path) -> None:
    write_pictures(tmp_path, "none", [])
    assert len(PictureStore(tmp_path, "none")) == 0
