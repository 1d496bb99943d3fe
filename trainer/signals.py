"""SIGTERM and Ctrl-C as a request to stop, heard while others work."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from core.runs import request_stop

T = TypeVar("T")


@contextlib.contextmanager
def stop_on_signals(path: Path) -> Iterator[None]:
    """Turn the first SIGTERM or Ctrl-C into a request to stop; a second one ends at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask(number: int, _frame: Any) -> None:
        request_stop(path)
        signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def beside_main(work: Callable[[], T]) -> T:
    """The result of `work`, done in a thread of its own while this one listens to signals.

    Ray Train takes Ctrl-C for itself when it is started in the main thread, and then aborts the
    workers in the middle of a step.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, name="training", daemon=True)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
