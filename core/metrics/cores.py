"""Spread independent blocks of work over the processor's cores, one thread to each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, RLock
from typing import Any, TypeVar

import torch
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

Item = TypeVar("Item")
Result = TypeVar("Result")


def spread(
    work: Callable[[Item], Result], items: Sequence[Item], device: torch.device
) -> Iterator[Result]:
    """Results of `work` in the order of `items`; on a CPU as many at a time as torch may use cores.

    A block per core needs no barrier between its steps and stays in that core's cache. Torch's own
    way, all cores on every small step, was up to three times slower here, and worse on a busy
    machine. An accelerator takes one block after the other.
    """
    cores = min(torch.get_num_threads(), len(items)) if device.type == "cpu" else 1
    if cores <= 1:
        yield from map(work, items)
        return
    ready = Barrier(cores + 1)

    def take_one_core() -> None:
        torch.set_num_threads(1)
        ready.wait()

    with _ONE_BLAS_THREAD, ThreadPoolExecutor(cores, initializer=take_one_core) as pool:
        results = pool.map(work, items)
        ready.wait()
        # Each thread has its own setting, but new threads inherit the latest: put that back.
        torch.set_num_threads(torch.get_num_threads())
        yield from results


class _OneBlasThread:
    """Numpy's products take one thread each for as long as anybody is in here.

    The setting is the whole process's. Of two who overlap and each put back what they had found,
    the later one would leave one thread for good: the first to come notes it, the last to go puts
    it back.
    """

    def __init__(self) -> None:
        self._lock = RLock()  # a generator that is dropped may leave while its thread is in here
        self._inside = 0
        self._keeper: ThreadPoolExecutor
        self._limit: Any

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                # By a thread of its own: threadpoolctl heeds nobody but who set the limit.
                self._keeper = ThreadPoolExecutor(1)
                self._limit = self._keeper.submit(self._limited).result()
            self._inside += 1

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._keeper.submit(self._limit.__exit__, None, None, None).result()
                self._keeper.shutdown()

    @staticmethod
    def _limited() -> Any:
        return ThreadpoolController().limit(limits=1, user_api="blas").__enter__()


_ONE_BLAS_THREAD = _OneBlasThread()
