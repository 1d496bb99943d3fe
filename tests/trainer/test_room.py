"""Whether what is to run fits on the machines there are."""

import pytest

from trainer.room import missing_room, places

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


def test_what_does_not_fit_is_said() -> None:
    assert missing_room(2, {"CPU": 4}, TWO) == ""
    assert missing_room(4, {"CPU": 4, "GPU": 0.5}, TWO) == (
        "4 workers with 4 CPUs and 0.5 GPUs each don't fit: there are 12 CPUs and 1 GPUs on 2 "
        "machines"
    )
