"""The loop without Ray: resuming is exact, and what goes wrong is told and leaves the run whole."""

import csv
import math
import os
import random
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch

from core.runs import Run, request_stop
from tests.trainer.conftest import MakeJob, thin_config
from trainer.launch import resume_config
from trainer.loop import Failed, Job, Stopped, train
from trainer.objective import Objective
from trainer.session import Session

CPU = torch.device("cpu")
TIMES = {"seconds", "evaluation_seconds", "images_per_s"}


class Crash(Exception):
    """What ends training at a chosen place, as a killed process would."""


def crash_after(epoch: int) -> Any:
    def report(row: dict[str, Any]) -> None:
        if row["epoch"] == epoch:
            raise Crash

    return report


def tensors(value: Any, name: str = "") -> dict[str, Any]:
    """Every leaf of a nested state, by name."""
    if isinstance(value, dict):
        parts = [tensors(inner, f"{name}/{key}") for key, inner in value.items()]
        return {key: leaf for part in parts for key, leaf in part.items()}
    return {name: value}


def assert_same_run(one: Path, other: Path) -> None:
    """Both ended in the same weights, optimiser and running means, to the bit."""
    epoch = Run(one).epochs()[-1]
    assert Run(other).epochs()[-1] == epoch
    states = [tensors(Run(path).training_state(epoch)) for path in (one, other)]
    states += [tensors(Run(path).weights(epoch)) for path in (one, other)]
    for first, second in (states[:2], states[2:]):
        assert first.keys() == second.keys()
        for name, leaf in first.items():
            same = torch.equal(leaf, second[name]) if torch.is_tensor(leaf) else True
            assert same, f"{name} differs"
    rows = [Run(path).metrics().drop(columns=list(TIMES)) for path in (one, other)]
    assert rows[0].to_dict() == rows[1].to_dict()


def epochs_in_csv(path: Path) -> list[int]:
    with open(path / "metrics.csv", encoding="utf-8") as file:
        return [int(row["epoch"]) for row in csv.DictReader(file)]


def train_without_warnings(job: Job) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        train(job, device=CPU)


@pytest.mark.parametrize(
    "extra",
    [
        (),
        ("train.ema=0.8", "train.accumulate=2", "model.head_dropout=0.2"),
        ("train.optimizer=sgd", "data.sampling=triplets", "loss.negatives=random"),
        ("train.optimizer=adamw",),
    ],
    ids=["plain", "mean, accumulation and dropout", "triplets", "adamw"],
)
def test_three_epochs_and_three_more_are_six(make_job: MakeJob, extra: tuple[str, ...]) -> None:
    straight = make_job("straight", "train.epochs=6", *extra)
    train(straight, device=CPU)
    broken = make_job("broken", "train.epochs=6", *extra)
    with pytest.raises(Crash):
        train(broken, report=crash_after(3), device=CPU)
    train(make_job("broken", "train.epochs=6", *extra, resume=True), device=CPU)
    assert_same_run(straight.path, broken.path)
    assert epochs_in_csv(broken.path) == [1, 2, 3, 4, 5, 6]
    assert Run(broken.path).status["state"] == "complete"


def test_a_stop_in_the_middle_of_an_epoch_changes_nothing(make_job: MakeJob) -> None:
    extra = ("train.epochs=3", "train.ema=0.8", "train.accumulate=2")
    straight, stopped = make_job("straight", *extra), make_job("stopped", *extra)
    train(straight, device=CPU)
    with pytest.raises(Stopped, match="epoch 2 after step 2"):
        train(stopped, report=lambda row: request_stop(stopped.path), device=CPU)
    run = Run(stopped.path)
    assert run.status["state"] == "stopped"
    assert run.epochs() == [1]
    assert (stopped.path / "interrupted.pt").exists()
    train(make_job("stopped", *extra, resume=True), device=CPU)
    assert_same_run(straight.path, stopped.path)
    assert not (stopped.path / "interrupted.pt").exists()


def test_a_number_of_epochs_that_was_changed_stays_changed(make_job: MakeJob) -> None:
    train(make_job("one", "train.epochs=1"), device=CPU)
    path = make_job("one", "train.epochs=3", resume=True).path
    assert resume_config(path, []).train.epochs == 3
    assert Run(path).info["epochs_planned"] == 3


def test_the_last_batches_of_an_epoch_are_averaged_over_as_many_as_they_are(
    make_job: MakeJob,
) -> None:
    job = make_job("one", "train.accumulate=3", "data.steps_per_epoch=5")
    session = Session(job.path, job.spec, job.config, CPU)
    assert [session.batches_in_step(step) for step in range(5)] == [3, 3, 3, 2, 2]
    assert [session.steps_after(step) for step in range(5)] == [False, False, True, False, True]


def test_files_that_settings_name_are_named_from_the_root(
    make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("unseen.txt").write_text("cat\n", encoding="utf-8")
    job = make_job("one", "data.protocol=unseen.txt")
    assert job.config.data.protocol == str(tmp_path / "unseen.txt")
    assert Run(job.path).config["data"]["protocol"] == str(tmp_path / "unseen.txt")
    Path("seen").write_text("cat\n", encoding="utf-8")
    assert make_job("two", "data.protocol=seen").config.data.protocol == "seen"


@pytest.mark.parametrize("harm", ["cut", "scrambled"])
def test_a_damaged_last_epoch_is_trained_again(make_job: MakeJob, harm: str) -> None:
    straight, damaged = (make_job(name, "train.epochs=3") for name in ("straight", "damaged"))
    train(straight, device=CPU)
    with pytest.raises(Crash):
        train(damaged, report=crash_after(2), device=CPU)
    state = damaged.path / "epochs/0002/training_state.pt"
    size = state.stat().st_size
    if harm == "cut":
        os.truncate(state, size // 2)
    else:
        state.write_bytes(random.Random(0).randbytes(size))
    with pytest.warns(UserWarning, match=r"epoch 2: .*training_state\.pt"):
        train(make_job("damaged", "train.epochs=3", resume=True), device=CPU)
    assert_same_run(straight.path, damaged.path)
    assert epochs_in_csv(damaged.path) == [1, 2, 3]
    assert "going on from the epoch before" in Run(damaged.path).warnings()[0]


def test_a_run_without_any_training_state_is_not_thrown_away(make_job: MakeJob) -> None:
    job = make_job("kept", "train.epochs=1")
    train(job, device=CPU)
    (job.path / "epochs/0001/training_state.pt").unlink()
    with pytest.raises(ValueError, match="can't go on"):
        train(make_job("kept", "train.epochs=1", resume=True), device=CPU)
    assert Run(job.path).weight_epochs() == [1]


def test_a_loss_that_is_no_number_ends_the_run(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    strength = {1: 0.5, 2: math.nan}
    monkeypatch.setattr("trainer.loop.domain_strength", lambda config, epoch: strength[epoch])
    job = make_job("wild", "train.epochs=3")
    # The gradient of step 1 breaks the weights; step 2 is the first to see it.
    with pytest.raises(Failed, match="diverged: the loss of epoch 2, step 2 of 4"):
        train(job, device=CPU)
    run = Run(job.path)
    assert run.status["state"] == "failed"
    assert run.status["reason"].startswith("diverged: ")
    assert run.epochs() == [1]
    assert run.encoders(1) is not None


def test_weights_that_are_no_numbers_are_not_kept(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.loop.domain_strength", lambda config, epoch: math.nan)
    job = make_job("wild", "train.epochs=2", "data.steps_per_epoch=1")
    with pytest.raises(Failed, match="diverged: epoch 1 left weights"):
        train(job, device=CPU)
    assert Run(job.path).epochs() == []


def test_early_stopping_ends_and_stays_ended(make_job: MakeJob) -> None:
    # Nothing moves, so nothing gets better after the first epoch.
    still = ("train.lr=1e-20", "train.batch_norm=frozen", "train.patience=2", "train.epochs=6")
    job = make_job("still", *still)
    train_without_warnings(job)
    run = Run(job.path)
    assert run.epochs() == [1, 2, 3]
    assert run.status["state"] == "complete"
    assert "no better epoch after 1" in run.status["reason"]
    train_without_warnings(make_job("still", *still, resume=True))
    assert Run(job.path).epochs() == [1, 2, 3]


def test_retention_of_a_trained_run(make_job: MakeJob) -> None:
    job = make_job("few", "train.epochs=4", "train.keep=best+last")
    train(job, device=CPU)
    run = Run(job.path)
    assert run.epochs() == [1, 2, 3, 4]
    assert set(run.weight_epochs()) == {run.best_epoch(), 4}
    scores = run.metrics()["map_all"].tolist()
    assert scores.index(max(scores)) + 1 == run.best_epoch()
    assert run.resumable_epochs() == [3, 4]
    assert all(run.replay(epoch).retrieved.size for epoch in run.epochs())


def test_a_batch_of_more_classes_than_there_are_is_made_smaller(make_job: MakeJob) -> None:
    with pytest.warns(UserWarning, match="classes_per_batch is 4 instead of 32"):
        job = make_job("wide", "data.classes_per_batch=32")
    assert job.config.data.classes_per_batch == 4
    assert Run(job.path).config["data"]["classes_per_batch"] == 4
    assert Run(job.path).warnings()


def test_memory_is_flat_over_twenty_epochs(make_job: MakeJob) -> None:
    if not Path("/proc/self/statm").exists():
        pytest.skip("resident memory is read from /proc")
    held: list[int] = []

    def report(row: dict[str, Any]) -> None:
        held.append(int(Path("/proc/self/statm").read_text().split()[1]))

    job = make_job("long", "train.epochs=20", "data.steps_per_epoch=2")
    train(job, report=report, device=CPU)
    growth = held[-1] / held[2] - 1
    print(f"resident memory grew by {growth:.2%} from epoch 3 to 20")
    assert growth < 0.05


def test_changed_data_is_not_gone_on_with(make_job: MakeJob) -> None:
    job = make_job("one", "train.epochs=1")
    other = "builtin?photos=25&sketches=24&words=cat,star,house,fish"
    with pytest.raises(ValueError, match="has changed since"):
        make_job("one", "train.epochs=1", resume=True, spec=other)
    assert Run(job.path).epochs() == []


def test_a_run_in_training_is_left_alone(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job("busy", "train.epochs=1")
    monkeypatch.setattr("trainer.launch.ORPHANS_SECONDS", 0.0)
    status = job.path / "status.json"
    status.write_text(status.read_text().replace(f'"pid": {os.getpid()}', f'"pid": {os.getppid()}'))
    with pytest.raises(ValueError, match=f"being trained by process {os.getppid()}"):
        make_job("busy", "train.epochs=1", resume=True)


def test_training_pictures_may_be_smaller_than_those_asked_about(make_job: MakeJob) -> None:
    job = make_job("small", "train.epochs=1", "model.image_size=48", "train.image_size=32")
    shapes = set()
    hook = torch.nn.modules.module.register_module_forward_pre_hook(
        lambda module, given: (
            shapes.add(given[0].shape[-1]) if isinstance(module, Objective) else None
        )
    )
    try:
        train(job, device=CPU)
    finally:
        hook.remove()
    assert shapes == {32}
    assert Run(job.path).encoders(1).photo.config.image_size == 48


def test_a_transformer_takes_one_size_only() -> None:
    config = thin_config("model.backbone=vit_tiny_patch16_224", "train.image_size=32")
    with pytest.raises(ValueError, match=r"train.image_size is 32: backbone 'vit_tiny.*' takes"):
        Objective(config, ("cat", "dog"))


def test_training_pictures_have_a_least_size() -> None:
    with pytest.raises(ValueError, match=r"setting train.image_size is 24: out of range"):
        thin_config("train.image_size=24")
