"""What a cluster can hold: Ray would wait for room for ever, and NCCL fails when it starts."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def living_nodes() -> list[dict[str, Any]]:
    """The cluster's machines that are up, as Ray describes them."""
    import ray

    return [node for node in ray.nodes() if node["Alive"]]


def cpus_each(count: int | None, gpus: float) -> int:
    """CPUs (threads) for each of `count` processes: an even share, never more than a machine has.

    With GPUs, a GPU's share of its machine's cores; else the cluster's cores over the processes
    that run at once; 1 where neither is known (a cluster that has not grown its workers yet).

    Args:
        count: how many run at once; None where that is unknown.
        gpus: GPUs of each.
    """
    resources = [node.get("Resources", {}) for node in living_nodes()]
    if gpus:
        shares = [r["CPU"] * gpus / r["GPU"] for r in resources if r.get("GPU")]
        return max(1, math.floor(min(shares, default=1)))
    cores = [int(r["CPU"]) for r in resources if r.get("CPU", 0) >= 1]
    if not count or not cores:
        return 1
    most = max(1, sum(cores) // count)
    # As many as asked for must fit, each on one machine.
    fitting = [c for c in range(1, most + 1) if sum(own // c for own in cores) >= count]
    return max(fitting, default=1)


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


def check_room(
    count: int,
    need: Mapping[str, float],
    *,
    growing: bool,
    say: Callable[[str], None],
    options: tuple[str, str],
) -> None:
    """Refuse what would wait for ever, and tell of GPUs that nothing was asked to use.

    Args:
        count: processes that run at once.
        need: resources of each by Ray's names, e.g. `{"CPU": 2, "GPU": 0.5}`.
        growing: whether the cluster may yet get machines: then what doesn't fit waits for them.
        say: tells a person one line.
        options: of the command: how many processes, and GPUs of each.

    Raises:
        ValueError: there is no room, and there will be none.
    """
    machines = [node.get("Resources", {}) for node in living_nodes()]
    gpus = sum(machine.get("GPU", 0) for machine in machines)
    if gpus and not need.get("GPU"):
        say(f"training on CPUs; idle GPUs: {gpus:g}, which {options[1]} asks for")
    problem = missing_room(count, need, machines)
    if problem and not growing:
        raise ValueError(
            f"{problem}; give less to {' or '.join(options)}, or the --address of a cluster"
        )
    if problem:
        say(f"{problem}: waiting for the cluster to grow")


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
