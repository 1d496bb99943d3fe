"""What a person gets wrong is one line on stderr that names it, exit code 2, and no traceback."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import torch
from PIL import Image

from core.gallery.making import keep_own_photos
from core.runs import Run
from tests.trainer.conftest import SPEC, thin_config
from trainer.cli import main
from trainer.launch import prepare_run
from trainer.loop import train


@pytest.fixture(autouse=True)
def _warnings_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line says for its whole process how warnings look; that of the tests goes on."""
    monkeypatch.setattr(warnings, "formatwarning", warnings.formatwarning)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runs root with one trained run and pictures good and bad beside it."""
    root = tmp_path_factory.mktemp("errors")
    config = thin_config("train.epochs=1")
    job = prepare_run(root / "runs/good", SPEC, config, recipe="tiny", resume=False)
    train(job, device=torch.device("cpu"))
    keep_own_photos(Run(job.path))
    picture = Image.new("L", (64, 64), 255)
    picture.paste(0, (20, 20, 40, 44))
    picture.save(root / "good.png")
    whole = (root / "good.png").read_bytes()
    (root / "cut.png").write_bytes(whole[: len(whole) // 2])
    (root / "empty.png").write_bytes(b"")
    (root / "words.png").write_text("not a picture\nat all")
    (root / "runs/searched").mkdir()
    (root / "runs/searched/study.json").write_text("{}")
    prepare_run(root / "others/demo", SPEC, config, recipe="tiny", resume=False)
    Image.new("L", (64, 64), 255).save(root / "blank.png")
    return root


def sketchy(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "trainer", *arguments],
        capture_output=True,
        text=True,
        cwd=root,
        env={**os.environ, "SKETCHY_RUNS": str(root / "runs"), "OMP_NUM_THREADS": "1"},
        timeout=300,
    )


WRONG = {
    "recipe": (["train", "--run=a", "--recipe=tinny"], "tinny"),
    "recipe file": (["train", "--run=a", "--recipe=no.yaml"], "no.yaml"),
    "data": (["train", "--run=a", "--data=skechy:/data"], "skechy"),
    "data folder": (["train", "--run=a", "--data=folder:/no/where"], "/no/where"),
    "words": (["train", "--run=a", "--data=builtin?words=cat,zebu"], "zebu"),
    "setting": (["train", "--run=a", "--set", "loss.w_z=1"], "loss.w_z"),
    "GPUs": (["train", "--run=a", "--workers=2", "--gpus-per-worker=0.5"], "0.5 GPU"),
    "value": (["train", "--run=a", "--set", "train.optimizer=adamm"], "adamm"),
    "range": (["train", "--run=a", "--set", "train.lr=-1"], "train.lr"),
    "seed": (["train", "--run=a", "--set", "train.seed=-1"], "train.seed is -1"),
    "objective": (
        ["train", "--run=a", f"--data={SPEC}", "--set", "train.objective=map_at_5"],
        "map_at_5[hits], map_at_5[minRK]",
    ),
    "nothing held out": (
        ["train", "--run=a", "--data=builtin?photos=2&sketches=2&words=cat,star"],
        "nothing to validate on",
    ),
    "shares": (["train", "--run=a", f"--data={SPEC}", "--workers=5"], "by 5 workers"),
    "resumed with a recipe": (["train", "--run=good", "--resume", "--recipe=small"], "small"),
    "resumed with data": (["train", "--run=good", "--resume", "--data=builtin"], "builtin"),
    "a study's name": (["train", "--run=searched", f"--data={SPEC}"], "'searched' is a study"),
    "removing a study": (["runs", "rm", "searched", "--yes"], "searched is a study"),
    "a demo of one's own": (["demo", "--runs=others"], "is not the demo's"),
    "name": (["train", "--run=../a"], "'..'"),
    "taken": (["train", "--run=good", f"--data={SPEC}"], "good"),
    "run": (["evaluate", "god"], "god"),
    "epoch": (["evaluate", "good", "--epoch=7"], "epoch 7"),
    "split": (["evaluate", "good", "--split=tset"], "tset"),
    "no run": (["query", "god", "good.png"], "god"),
    "K": (["query", "good", "good.png", "-k", "0"], "-k is 0"),
    "missing picture": (["query", "good", "gone.png"], "gone.png"),
    "empty picture": (["query", "good", "empty.png"], "empty.png"),
    "cut picture": (["query", "good", "cut.png"], "cut.png"),
    "no picture": (["query", "good", "words.png"], "words.png"),
    "blank picture": (["query", "good", "blank.png"], "blank.png"),
    "folder for a picture": (["query", "good", "runs"], "runs"),
    "removing nothing": (["runs", "rm", "god"], "god"),
    "importing nothing": (["import", "no.pth", "--name=a"], "no.pth"),
    "importing a picture": (["import", "good.png", "--name=a"], "good.png"),
    "gallery of nothing": (["gallery", "good", "--data=folder:/no/where"], "/no/where"),
}


def assert_one_line(code: object, said: str, named: str) -> None:
    lines = said.strip().splitlines()
    assert code == 2, said
    assert len(lines) == 1, said
    assert lines[0].startswith("sketchy: ")
    assert named in lines[0]


@pytest.mark.parametrize("case", WRONG)
def test_one_line_names_what_is_wrong(
    runs: Path,
    case: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    arguments, named = WRONG[case]
    monkeypatch.chdir(runs)
    monkeypatch.setenv("SKETCHY_RUNS", str(runs / "runs"))
    monkeypatch.setattr(sys, "argv", ["sketchy", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    out, said = capfd.readouterr()
    assert_one_line(end.value.code, said, named)
    assert out == ""
    assert not (runs / "runs/a").exists()


def test_a_warning_is_one_line_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["sketchy", "--help"])
    with pytest.raises(SystemExit):
        main()
    said = warnings.formatwarning("3 classes\nto train on", UserWarning, "/house/cli.py", 94)
    assert said == "sketchy: 3 classes to train on\n"


@pytest.mark.slow
@pytest.mark.parametrize("case", ["setting", "data folder", "cut picture"])
def test_so_does_a_process_of_its_own(runs: Path, case: str) -> None:
    arguments, named = WRONG[case]
    done = sketchy(runs, *arguments)
    assert_one_line(done.returncode, done.stderr, named)


def test_a_good_question_is_answered(runs: Path) -> None:
    done = sketchy(runs, "query", "good", "good.png", "-k", "3")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 3
    assert Run(runs / "runs/good").status["state"] == "complete"
