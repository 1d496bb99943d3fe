"""Whether what is to run fits on the machines there are."""

from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.runs import Run
from tests.trainer.conftest import SPEC, MakeJob, thin_config
from trainer.launch import launch
from trainer.room import check_gpus, check_room, cpus_each, missing_room, places
from trainer.search.task import Shared

TWO = [{"CPU": 8.0, "GPU": 1.0}, {"CPU": 4.0}]


@pytest.mark.parametrize(
    ("need", "count"),
    [
        ({"CPU": 1}, 12),
        ({"CPU": 3}, 3),
        ({"CPU": 5}, 1),
        ({"CPU": 9}, 0),
        ({"CPU": 1, "GPU": 0}, 12),
        ({"CPU": 1, "GPU": 1}, 1),
        ({"CPU": 1, "GPU": 1 / 3}, 3),
        ({"CPU": 4, "GPU": 0.25}, 2),
    ],
)
def test_each_process_needs_one_machine(need: dict[str, float], count: int) -> None:
    assert places(need, TWO) == count


@pytest.mark.parametrize(
    ("count", "gpus", "cpus"),
    [
        (None, 0, 1),
        (1, 0, 8),  # never more than one machine has
        (2, 0, 4),  # 6 each would be even, but the second machine has 4
        (3, 0, 4),
        (5, 0, 2),
        (50, 0, 1),
        (1, 1, 8),
        (4, 0.25, 2),
        (1, 2, 16),
    ],
)
def test_cpus_are_an_even_share_of_what_there_is(
    monkeypatch: pytest.MonkeyPatch, count: int | None, gpus: float, cpus: int
) -> None:
    found(monkeypatch, *TWO)
    assert cpus_each(count, gpus) == cpus
    found(monkeypatch)
    assert cpus_each(count, gpus) == 1


@pytest.mark.parametrize(
    ("given", "each"),
    [
        ({}, {"CPU": 1.0}),
        ({"workers": 4}, {"CPU": 1.0}),
        ({"workers": 2, "cpus": 5}, {"CPU": 2.0}),
        ({"workers": 2, "cpus": 8, "gpus": 2}, {"CPU": 4.0, "GPU": 1.0}),
    ],
)
def test_the_workers_of_a_trial_share_what_it_has(
    given: dict[str, Any], each: dict[str, float]
) -> None:
    config = thin_config()
    shared = Shared(study=Path(), token="", spec=SPEC, config=config, recipe="tiny", **given)
    assert shared.each == each


@pytest.mark.parametrize(("workers", "each"), [(1, 0), (1, 0.25), (1, 2), (4, 0), (4, 1)])
def test_gpus_are_whole_or_for_one_alone(workers: int, each: float) -> None:
    check_gpus(workers, each)


@pytest.mark.parametrize(
    ("workers", "each", "said"),
    [(2, 0.5, "0.5 GPU for each of 2 workers: allowed are"), (1, 1.5, "1.5 GPU for a worker")],
)
def test_gpus_that_cannot_be_given_out_are_refused(workers: int, each: float, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check_gpus(workers, each)


def test_what_does_not_fit_is_said() -> None:
    assert missing_room(2, {"CPU": 4}, TWO) == ""
    assert missing_room(4, {"CPU": 4, "GPU": 0.5}, TWO) == (
        "no room for 4 workers of 4 CPU and 0.5 GPU, only for 2: there are 12 CPU and 1 GPU"
    )
    assert missing_room(1, {"CPU": 9}, TWO).startswith("no room for 1 worker of 9 CPU, only for 0:")


@pytest.mark.parametrize(
    ("count", "machines", "fits"),
    [
        (1, [2.0], True),
        (2, [2.0], True),
        (4, [2.0], False),
        (4, [2.0, 2.0], True),
        (4, [0.0, 3.0], False),
    ],
)
def test_what_does_not_fit_is_refused_here_and_waits_on_a_cluster(
    monkeypatch: pytest.MonkeyPatch, count: int, machines: list[float], fits: bool
) -> None:
    found(monkeypatch, *({"CPU": cpus} for cpus in machines))
    told: list[str] = []
    need = {"CPU": 1.0}
    ask = partial(check_room, count, need, say=told.append, options=("--many", "--each"))
    if fits:
        ask(growing=False)
    else:
        with pytest.raises(ValueError, match=r"no room for 4 .* give less to --many or --each, or"):
            ask(growing=False)
    assert not told
    ask(growing=True)
    assert ("waiting for the cluster to grow" in "".join(told)) is not fits


@pytest.mark.parametrize(
    ("each", "said"), [(0, ["training on CPUs; idle GPUs: 2, which --each asks for"]), (1, [])]
)
def test_idle_gpus_are_told(monkeypatch: pytest.MonkeyPatch, each: int, said: list[str]) -> None:
    found(monkeypatch, {"CPU": 8.0, "GPU": 2.0}, {"CPU": 4.0})
    told: list[str] = []
    need = {"CPU": 1.0, "GPU": each}
    check_room(1, need, growing=False, say=told.append, options=("--many", "--each"))
    assert told == said


def test_a_run_that_does_not_fit_says_how_it_goes_on(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.launch.ray_session", lambda address: nullcontext(True))
    found(monkeypatch, {"CPU": 2.0})
    job = make_job("one")
    with pytest.raises(
        ValueError, match=r"no room for 4 workers of 1 CPU, only for 2: .* --resume"
    ):
        launch(job, workers=4)
    status = Run(job.path).status
    assert (status["state"], status["reason"][:7]) == ("failed", "no room")


def found(monkeypatch: pytest.MonkeyPatch, *machines: dict[str, float]) -> None:
    nodes = [{"Resources": machine} for machine in machines]
    monkeypatch.setattr("trainer.room.living_nodes", lambda: nodes)
