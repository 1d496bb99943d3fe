"""Proposals that survive a crash, and a record that the run directories can rebuild."""

import contextlib
import csv
import dataclasses
import itertools
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from core.replay import Replay
from core.runs import Run, RunWriter
from core.runs.layout import read_json, write_json
from core.settings import override
from core.studies import Study, parse_dimension
from core.studies.layout import PULSE_FILE
from tests.trainer.conftest import SPEC, thin_config
from trainer.launch import prepare_run
from trainer.loop import Failed, Job
from trainer.recipes import read_recipe
from trainer.search.driver import is_done, repeats_due, trials_due
from trainer.search.opening import begin
from trainer.search.plan import Plan, plan_of
from trainer.search.pulse import beats, pulse
from trainer.search.record import Record, Trial, open_record, refreshed
from trainer.search.sampling import grid, propose
from trainer.search.screen import trial_line
from trainer.search.space import read_space, settings_of
from trainer.search.task import Shared
from trainer.search.trial import run_trial
from trainer.search.workers import _train_in_worker, train_with_workers
from trainer.session import Session

SPACE = {
    "loss.w_d": parse_dimension("w_d", "log:0.001:10"),
    "loss.margin": parse_dimension("margin", "uniform:0.05:0.5"),
}


def make_trial(number: int, value: float | None = None, **more: Any) -> Trial:
    settings = {"loss.w_d": 0.1, "loss.margin": 0.2}
    given = {"name": f"{number:03d}", "group": f"{number:03d}", "seed": 0, "settings": settings}
    return Trial(**{**given, "best_value": value, **more})


def searched(sampler: str, trials: int, seed: int = 0) -> list[Trial]:
    """A search without training: the value is best at w_d = 0.1 and margin = 0.2."""
    tried = [make_trial(0, 0.5, state="complete", epochs=9)]
    for number in range(1, trials):
        settings = propose(SPACE, sampler, seed, tried, number, trials)
        value = -abs(math.log10(settings["loss.w_d"]) + 1) - abs(settings["loss.margin"] - 0.2)
        tried.append(make_trial(number, value, settings=settings, state="complete", epochs=9))
    return tried


@pytest.mark.parametrize("sampler", ["optuna", "random"])
def test_a_proposal_depends_on_the_past_alone(sampler: str) -> None:
    tried = searched(sampler, 14)
    for number in (3, 13):
        again = propose(SPACE, sampler, 0, tried[:number], number, 14)
        assert again == tried[number].settings
    assert len({str(trial.settings) for trial in tried[1:]}) == 13
    for trial in tried[1:]:
        assert all(SPACE[name].contains(value) for name, value in trial.settings.items())


def test_tpe_closes_in_where_random_does_not() -> None:
    def late(sampler: str) -> float:
        found = [searched(sampler, 40, seed)[25:] for seed in range(3)]
        return float(np.mean([trial.best_value for trials in found for trial in trials]))

    assert late("optuna") > late("random") + 0.2


def test_running_stopped_and_diverged_trials_are_learned_from() -> None:
    past = [
        make_trial(0, 0.5, state="complete", epochs=9),
        make_trial(1, 0.4, state="stopped", epochs=3),
        make_trial(2, state="failed", reason="diverged: loss is nan"),
        make_trial(3, state="failed", reason="its process was killed 3 times"),
        make_trial(4, state="running"),
        make_trial(5, 0.9, state="complete", group="000", name="000-s1"),
    ]
    proposed = propose(SPACE, "optuna", 0, past, 6, 6)
    # A trial that a machine lost says nothing of its settings, and neither does a repeat.
    assert proposed == propose(SPACE, "optuna", 0, [past[i] for i in (0, 1, 2, 4)], 6, 6)


def test_diverged_settings_are_avoided() -> None:
    def proposals(bad: bool) -> list[float]:
        past = []
        for i, w_d in enumerate(np.geomspace(0.001, 10, 24)):
            settings = {"loss.w_d": float(w_d), "loss.margin": 0.2}
            broken = bad and w_d > 1
            # Otherwise the larger, the better.
            state, value = ("failed", None) if broken else ("complete", float(i))
            past.append(
                make_trial(i, value, settings=settings, state=state, epochs=9, reason="diverged: x")
            )
        draws = [propose(SPACE, "optuna", seed, past, 24, 30) for seed in range(10)]
        return [draw["loss.w_d"] for draw in draws]

    assert np.median(proposals(bad=False)) > 1
    assert np.median(proposals(bad=True)) < 1


def test_a_grid_fits_the_trials() -> None:
    points = grid(SPACE, 10)
    assert len(points) == 9
    assert points[0] == {"loss.w_d": 0.001, "loss.margin": 0.05}
    assert {point["loss.w_d"] for point in points} == {0.001, 0.1, 10}
    assert propose(SPACE, "grid", 0, [], 1, 11) == points[0]
    choices = {"a": parse_dimension("a", "choice:x,y"), "b": parse_dimension("b", "int:1:2")}
    assert len(grid(choices, 50)) == 4
    with pytest.raises(ValueError, match="--trials must be 5 or more"):
        grid(SPACE, 3)


def grid_search(record: Record, plan: Plan) -> list[dict[str, Any]]:
    """Run a grid's trials to their end, without training; what was tried, the default first."""
    while len(record.trials) < trials_due(record, plan):
        tried, number = list(record.trials.values()), len(record.trials)
        settings = settings_of(plan.config, plan.space)
        if number:
            settings = propose(plan.space, "grid", 0, tried, number, plan.trials)
        record.put(make_trial(number, 0.5, settings=settings, state="complete"))
    return [dict(trial.settings) for trial in record.trials.values()]


def test_a_grid_ends_with_its_points_and_a_longer_one_goes_on_from_there(tmp_path: Path) -> None:
    config = read_recipe("tiny")
    space = read_space([], config)
    plan = Plan(
        recipe="tiny", spec="builtin", config=config, space=space, sampler="grid", trials=20
    )
    record = Record(tmp_path, plan.to_info())
    record.take_over()
    assert trials_due(record, plan) == 9
    first = grid_search(record, plan)
    assert first[1:] == grid(plan.space, 19)
    assert is_done(record, plan)
    # From the files, as a resumed search has it.
    record, plan = open_record(tmp_path), dataclasses.replace(plan, trials=28)
    assert not is_done(record, plan)
    assert trials_due(record, plan) == 28
    longer = grid_search(record, plan)
    assert longer[:9] == first
    every = grid(plan.space, 27)
    assert len(every) == 27
    assert all(longer.count(point) == 1 for point in every)
    assert is_done(record, plan)


def test_the_recipes_own_settings_are_a_point_of_the_grid(tmp_path: Path) -> None:
    config = override(read_recipe("tiny"), ["loss.w_d=0.001"])
    space = {"loss.w_d": SPACE["loss.w_d"]}
    plan = Plan(recipe="tiny", spec="builtin", config=config, space=space, sampler="grid", trials=4)
    record = Record(tmp_path, plan.to_info())
    record.take_over()
    assert trials_due(record, plan) == 3
    assert [tried["loss.w_d"] for tried in grid_search(record, plan)] == [0.001, 0.1, 10]


def begin_record(path: Path) -> Record:
    config = read_recipe("tiny")
    space = read_space(["w_t=log:0.1:10"], config)
    plan = Plan(recipe="tiny", spec="builtin", config=config, space=space, seeds=2)
    record = Record(path, plan.to_info())
    record.take_over()
    for number in range(4):
        settings = {"loss.w_d": 0.1 + number, "loss.w_t": 1.0, "loss.margin": 0.2}
        record.put(make_trial(number, settings=settings, state="running"))
    return record


def write_run(path: Path, values: list[float], state: str = "", reason: str = "") -> None:
    writer = RunWriter.create(
        path,
        config={},
        recipe="tiny",
        data={},
        class_names=("a",),
        seed=0,
        epochs_planned=12,
        study=path.parent.name,
    )
    empty = np.zeros((1, 1), np.float32)
    for epoch, value in enumerate(values, 1):
        row = {"epoch": epoch, "map_all": value, "seconds": 1.5, "evaluation_seconds": 0.5}
        writer.write_epoch(
            row,
            weights={"w": torch.zeros(1)},
            replay=Replay(
                embeddings=empty.astype(np.float16),
                sketch_attention=empty[None].astype(np.float16),
                photo_attention=empty[None].astype(np.float16),
                retrieved=empty.astype(np.int64),
                scores=empty,
            ),
            training_state={"epoch": epoch, "step": 0},
        )
    if state:
        writer.set_status(state, reason)


def test_a_killed_study_is_rebuilt_from_its_runs(tmp_path: Path) -> None:
    path = tmp_path / "study"
    path.mkdir()
    begin_record(path)
    write_run(path / "000", [0.2, 0.6, 0.5], "complete")
    write_run(path / "001", [0.1, 0.3])
    write_run(path / "002", [0.1, math.nan], "failed", "diverged: loss is nan")
    rebuilt = open_record(path).trials
    assert [trial.state for trial in rebuilt.values()] == ["complete", "queued", "failed", "queued"]
    assert (rebuilt["000"].best_value, rebuilt["000"].best_epoch) == (0.6, 2)
    assert (rebuilt["001"].epochs, rebuilt["001"].best_value) == (2, 0.3)
    assert rebuilt["001"].seconds == pytest.approx(4.0)
    assert rebuilt["002"].diverged
    assert rebuilt["003"].epochs == 0
    # What was rebuilt is what the files say, each trial once.
    assert Study(path).trials()["trial"].tolist() == ["000", "001", "002", "003"]


def killed_elsewhere(path: Path) -> Plan:
    """A study whose driver and one of whose trials were killed on machines that others don't see.

    Returns its plan.
    """
    path.mkdir()
    record = begin_record(path)
    record.save_info(driver={**record.info["driver"], "host": "ip-10-0-0-1"})
    (path / PULSE_FILE).write_text("1\n")
    write_run(path / "000", [0.2, 0.6], "complete")
    write_run(path / "001", [0.1])
    write_status(path / "001", updated=time.time())
    return plan_of(path)


def write_status(run: Path, **more: Any) -> None:
    status = {"state": "running", "reason": "", "pid": 7, "host": "ip-10-0-0-2", **more}
    write_json(run / "status.json", status, durable=False)


@contextlib.contextmanager
def repeated(write: Callable[[int], object]) -> Iterator[None]:
    """Call `write` with a new number all the time, as a living process would."""
    ended = threading.Event()

    def go_on() -> None:
        for number in itertools.count():
            if ended.wait(0.02):
                return
            write(number)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_a_study_goes_on_when_other_machines_are_silent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("trainer.search.pulse.SILENT_SECONDS", 0.3)
    plan, told = killed_elsewhere(tmp_path / "study"), list[str]()
    record = begin(tmp_path / "study", plan, True, told.append)
    assert [trial.state for trial in record.trials.values()] == ["complete", *["queued"] * 3]
    assert record.info["driver"]["host"] == socket.gethostname()
    assert told[0].startswith("study study was run on ip-10-0-0-1")
    # One silence told of the driver and of its trial.
    assert told[1:] == []


def test_a_driver_with_a_pulse_on_another_machine_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "study"
    plan = killed_elsewhere(path)
    before = (path / "trials.csv").read_bytes()
    with (
        repeated(lambda number: (path / PULSE_FILE).write_text(f"{number}\n")),
        pytest.raises(ValueError, match=r"is being run by process \d+ on ip-10-0-0-1"),
    ):
        begin(path, plan, True, lambda line: None)
    assert (path / "trials.csv").read_bytes() == before


def test_a_trial_that_goes_on_elsewhere_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("trainer.search.pulse.SILENT_SECONDS", 0.5)
    monkeypatch.setattr("trainer.search.opening.ORPHAN_SECONDS", 0.5)
    path = tmp_path / "study"
    plan = killed_elsewhere(path)
    with (
        repeated(lambda number: write_status(path / "001", updated=time.time())),
        pytest.raises(ValueError, match="001 is still trained by process 7 on ip-10-0-0-2"),
    ):
        begin(path, plan, True, lambda line: None)


def test_a_trial_that_falls_silent_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("trainer.search.pulse.SILENT_SECONDS", 0.5)
    path, told = tmp_path / "study", list[str]()
    plan, now = killed_elsewhere(path), time.time()
    with repeated(lambda number: write_status(path / "001", updated=now + min(number, 40))):
        begin(path, plan, True, told.append)
    assert told[1] == "still running: 001; waiting until nothing is heard of them"


def test_where_nothing_is_doubtful_nothing_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "study"
    plan = killed_elsewhere(path)
    info = read_json(path / "study.json")
    here = {"pid": 2**22 + 1, "host": socket.gethostname()}
    write_json(path / "study.json", {**info, "driver": {**info["driver"], **here}})
    write_status(path / "001", **here)
    told: list[str] = []
    started = time.monotonic()
    begin(path, plan, True, told.append)
    assert time.monotonic() - started < 10
    assert told == []


def test_a_search_has_a_pulse_until_it_ends(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("trainer.search.pulse.PULSE_SECONDS", 0.02)
    with pulse(tmp_path):
        assert beats(tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_table_is_whole_at_any_moment(tmp_path: Path) -> None:
    record = begin_record(tmp_path)
    reason = 'ValueError: a "quoted", comma'
    record.change("001", state="failed", reason=reason)
    with open(tmp_path / "trials.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["state"] for row in rows] == ["running", "failed", "running", "running"]
    assert rows[1]["reason"] == reason
    assert rows[1]["best_value"] == ""
    assert {entry.name for entry in tmp_path.iterdir()} == {"study.json", "trials.csv"}


def test_the_best_and_the_default_are_repeated_with_the_same_new_seeds(tmp_path: Path) -> None:
    record = begin_record(tmp_path)
    for number, value in enumerate((0.1, 0.5, 0.7, 0.6)):
        record.change(f"{number:03d}", state="complete", best_value=value)
    record.change("003", state="stopped")
    config = read_recipe("tiny")
    plan = Plan(recipe="tiny", spec="", config=config, space=read_space([], config), seeds=2)
    due = repeats_due(record, plan)
    expected = itertools.product(("1", "2"), ("000", "002", "001"))
    assert [trial.name for trial in due] == [f"{group}-s{seed}" for seed, group in expected]
    assert {trial.seed for trial in due} == {1, 2}
    assert due[1].settings == record.trials["002"].settings


def test_a_trial_in_a_line() -> None:
    trial = make_trial(3, 0.51234, state="stopped", epochs=3, best_epoch=2, reason="why")
    line = trial_line(trial, "map_all")
    assert line.startswith("trial 003 stopped  map_all 0.5123 in epoch 2  w_d 0.1 margin 0.2")
    assert line.endswith("3 epochs  0 s  (why)")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("Task was killed due to the node running low on memory.", "out of memory: its process"),
        ("The actor died because its node has died.", "its machine was lost 3 times"),
        (
            "The actor is dead because its worker process has died. Worker exit type: SYSTEM_ERROR",
            "its process was killed 3 times, as",
        ),
        ("Failure # 1\nModuleNotFoundError: No module named 'x'\n", "its process could not be run"),
        ("", "its process could not be run: Ray gives no reason"),
    ],
)
def test_rays_errors_become_one_line(error: str, reason: str) -> None:
    from trainer.search.following import why_it_died

    told = why_it_died(error)
    assert told.startswith(reason)
    assert "\n" not in told


def study_to_run(path: Path, **more: Any) -> Shared:
    """A study with a driver, and what its trials are given."""
    config = thin_config("train.epochs=1")
    plan = Plan(recipe="tiny", spec=SPEC, config=config, space=read_space([], config))
    path.mkdir()
    record = Record(path, plan.to_info())
    record.take_over()
    token = record.info["driver"]["token"]
    return Shared(study=path, token=token, spec=SPEC, config=config, recipe="tiny", **more)


def diverging(job: Job, *, report: Any, device: Any = None) -> None:
    """A loop whose session finds that its loss is not a number."""
    session = Session(job.path, job.spec, job.config, torch.device("cpu"))
    session.go_on_unless("diverged: the loss of epoch 1, step 2 of 4 is not a finite number")


def test_a_trial_whose_loop_diverged_says_so_to_the_sampler(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told: list[dict[str, Any]] = []
    monkeypatch.setattr("ray.tune.report", told.append)
    shared = study_to_run(tmp_path / "study", loop=diverging)
    settings = {"loss.w_d": 0.1, "loss.margin": 0.2}
    run_trial({"trial": "001", "seed": 0, "settings": settings}, shared=shared)
    (end,) = told
    trial = make_trial(1, state=end["ended"], reason=end["reason"])
    assert trial.diverged
    assert trial.reason.startswith("diverged: the loss of epoch 1, step 2 of 4")
    status = Run(shared.study / "001").status
    assert (status["state"], status["reason"]) == ("failed", trial.reason)
    assert refreshed(make_trial(1), shared.study / "001").diverged


def test_a_worker_whose_loop_diverged_is_not_started_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("ray.train.torch.get_device", lambda: torch.device("cpu"))
    shared = study_to_run(tmp_path / "study", loop=diverging, workers=2)
    job = prepare_run(shared.study / "001", SPEC, shared.config, recipe="tiny", resume=False)
    # What it raised would make Ray start it again.
    why = _train_in_worker({"job": job, "threads": 1, "shared": shared})
    assert why.startswith("diverged: the loss of epoch 1")


def test_what_workers_return_ends_their_trial(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from ray.train import UserCallback

    answers = SimpleNamespace(return_value="diverged: the loss of epoch 1")
    callback = "ray.tune.integration.ray_train.TuneReportCallback"
    monkeypatch.setattr(callback, UserCallback)
    monkeypatch.setattr("ray.train.torch.TorchTrainer.__init__", lambda self, *_, **__: None)
    monkeypatch.setattr("ray.train.torch.TorchTrainer.fit", lambda self: answers)
    shared = study_to_run(tmp_path / "study", workers=2)
    job = prepare_run(shared.study / "001", SPEC, shared.config, recipe="tiny", resume=False)
    with pytest.raises(Failed, match=r"^diverged: the loss of epoch 1$"):
        train_with_workers(job, shared)
