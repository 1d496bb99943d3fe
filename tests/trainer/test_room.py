"""Whether what is to run fits on the machines there are."""

import pytest

from core.runs import Run
from tests.trainer.conftest import MakeJob
from trainer.launch import _check_room
from trainer.room import check_gpus, missing_room, places
from trainer.search import nodes

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


def test_a_run_that_does_not_fit_here_is_refused_and_waits_on_a_cluster(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(nodes, "living_nodes", lambda: [{"Resources": {"CPU": 2.0}}])
    path = make_job("one").path
    _check_room(path, 2, {"CPU": 1.0}, growing=False)
    _check_room(path, 4, {"CPU": 1.0}, growing=True)
    assert "no room for 4 workers of 1 CPU" in capsys.readouterr().err
    assert Run(path).status["state"] == "running"
    with pytest.raises(ValueError, match="resume with fewer --workers"):
        _check_room(path, 4, {"CPU": 1.0}, growing=False)
    assert Run(path).status["state"] == "failed"
