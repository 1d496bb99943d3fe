"""Two ways measured in turn, so that a busy machine disturbs both alike."""

from collections.abc import Callable
from time import process_time

from benchmarks.yardstick import seconds


class Timed:
    """Seconds of every call, on the clock and of the processor."""

    def __init__(self, work: Callable[[], None]) -> None:
        self.work = work
        self.wall: list[float] = []
        self.processor: list[float] = []

    def __call__(self) -> None:
        """Do the work and note what it took."""
        before = process_time()
        self.wall.append(seconds(self.work))
        self.processor.append(process_time() - before)


def in_turn(first: Timed, second: Timed, rounds: int) -> None:
    """Call both in every round; every other round starts with the second."""
    for number in range(rounds):
        for work in (first, second) if number % 2 == 0 else (second, first):
            work()


def by_round(over: list[float], under: list[float]) -> list[float]:
    """What one took over what the other took, round by round."""
    return [round(a / b, 4) for a, b in zip(over, under, strict=True)]
