"""Whether what is to run can be placed: Ray waits for ever, NCCL fails when it starts."""

from collections.abc import Mapping, Sequence
from typing import Any


def check_gpus(workers: int, each: float) -> None:
    """Refuse shares of GPUs that can't be given out.

    Args:
        workers: processes that train one network together.
        each: GPUs of each of them; 0 trains on CPUs.

    Raises:
        ValueError: a part of a GPU for one of several workers, or more than one that isn't whole.
    """
    if each % 1 and workers > 1:
        raise ValueError(
            f"{each:g} GPU for each of {workers} workers: allowed are whole numbers, for NCCL "
            "connects no two workers on one GPU"
        )
    if each % 1 and each > 1:
        raise ValueError(f"{each:g} GPU for a worker: allowed are parts of one and whole numbers")


def places(need: Mapping[str, float], machines: Sequence[Mapping[str, float]]) -> int:
    """How many processes find their resources at once, each on one machine.

    Args:
        need: resources of one process by Ray's names, e.g. `{"CPU": 2, "GPU": 0.5}`.
        machines: what each machine has, by the same names.
    """
    wanted = {name: much for name, much in need.items() if much > 0}
    return sum(
        # A third of a GPU three times is one GPU, whatever floating point says.
        min(int(machine.get(name, 0) / much + 1e-9) for name, much in wanted.items())
        for machine in machines
    )


def missing_room(count: int, need: Mapping[str, float], machines: Sequence[Any]) -> str:
    """One line that says what doesn't fit; empty where everything does."""
    room = places(need, machines)
    if room >= count:
        return ""
    has = {name: sum(machine.get(name, 0) for machine in machines) for name in ("CPU", "GPU")}
    each = " and ".join(f"{much:g} {name}" for name, much in need.items() if much > 0)
    workers = "1 worker" if count == 1 else f"{count} workers"
    return (
        f"no room for {workers} of {each}, only for {room}: there are {has['CPU']:g} CPU and "
        f"{has['GPU']:g} GPU"
    )
