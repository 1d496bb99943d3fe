"""Listing, deleting and importing runs, and galleries of other photos."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner, Result

from core.gallery import list_galleries
from core.runs import Run
from tests.core.test_runs import make_writer, write_epoch
from tests.core.test_workshop_import import content
from tests.trainer.conftest import MakeJob
from trainer.cli import app
from trainer.loop import train


def sketchy(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(app, list(arguments), input=answer)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A runs root with a complete run, a trial of a study, and a broken run."""
    writer = make_writer(tmp_path / "one")
    for epoch, score in ((1, 0.25), (2, 0.5)):
        write_epoch(writer, epoch, score)
    writer.set_status("complete")
    make_writer(tmp_path / "margins/t3", study="margins").set_status("stopped", "by a person")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad/run.json").write_text("{")
    return tmp_path


def test_runs_are_listed(root: Path) -> None:
    shown = sketchy("runs", "--runs", str(root)).stdout
    lines = {line.split()[0]: line for line in shown.splitlines()}
    assert "2/4" in lines["one"]
    assert "map_all 0.5000 in 2" in lines["one"]
    assert "complete" in lines["one"]
    assert "MB" in lines["one"]
    assert "stopped: by a person" in lines["margins/t3"]
    assert "damaged" in lines["bad"]
    told = json.loads(sketchy("runs", "--runs", str(root), "--json").stdout)
    assert {run["name"]: run["study"] for run in told}["margins/t3"] == "margins"
    assert "no runs under" in sketchy("runs", "--runs", str(root / "none")).stdout


def test_a_run_is_deleted_when_the_answer_is_yes(root: Path) -> None:
    asked = sketchy("runs", "--runs", str(root), "rm", "one", answer="n\n")
    assert "Delete one (2 epochs" in asked.stdout
    assert (root / "one").exists()
    assert sketchy("runs", "--runs", str(root), "rm", "one", answer="y\n").exit_code == 0
    assert not (root / "one").exists()
    assert sketchy("runs", "rm", "margins/t3", "--yes", "--runs", str(root)).exit_code == 0
    assert not (root / "margins/t3").exists()


def test_a_wrong_name_among_several_deletes_nothing(root: Path) -> None:
    result = sketchy("runs", "rm", "one", "two", "--yes", "--runs", str(root))
    assert "no run 'two'" in str(result.exception)
    assert (root / "one").exists()


def test_a_run_in_training_is_not_deleted(root: Path) -> None:
    make_writer(root / "busy").set_status("running")
    result = sketchy("runs", "rm", "busy", "--yes", "--runs", str(root))
    assert "is being trained" in str(result.exception)
    assert (root / "busy").exists()


@pytest.mark.slow
def test_a_workshop_checkpoint_becomes_a_run(tmp_path: Path) -> None:
    torch.save(content(), tmp_path / "checkpoint.pth")
    data = "builtin?photos=10&sketches=10&words=cat,sun"
    arguments = ["import", str(tmp_path / "checkpoint.pth"), "--name=old", f"--data={data}"]
    result = sketchy(*arguments, "--runs", str(tmp_path))
    assert result.exit_code == 0, result.exception
    assert "epoch 17, workshop_map 0.4375" in result.stdout
    run = Run(tmp_path / "old")
    assert run.epochs() == run.weight_epochs() == [17]
    assert run.encoders(17).photo.config.backbone == "vgg16_bn"
    assert run.replay(17).sketch_attention.shape[1:] == (7, 7)
    assert run.class_names == ("cat", "sun")
    with pytest.raises(ValueError, match="can't go on"):
        run.last_state()
    again = sketchy(*arguments, "--runs", str(tmp_path))
    assert "choose another name" in str(again.exception)


def test_other_photos_become_a_gallery(make_job: MakeJob, tmp_path: Path) -> None:
    job = make_job("one", "train.epochs=1")
    train(job, device=torch.device("cpu"))
    random = np.random.default_rng(0)
    for name in ("a", "b", "c"):
        (tmp_path / "holiday").mkdir(exist_ok=True)
        picture = Image.fromarray(random.integers(0, 255, (40, 50, 3), dtype=np.uint8))
        picture.save(tmp_path / f"holiday/{name}.jpg")
    result = sketchy("gallery", "one", "--data", str(tmp_path / "holiday"), "--runs", str(tmp_path))
    assert "3 photos, 1 classes" in result.stdout, result.exception
    (gallery,) = list_galleries(Run(job.path))
    assert len(gallery) == 3
    assert gallery.spec == f"folder:{tmp_path / 'holiday'}"
    assert list(gallery.path.glob("embeddings-0001-*.npy"))
