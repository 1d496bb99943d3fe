"""Whether a process on another machine lives: what it writes must change while it is watched.

Files that a killed process left say `running` for ever, and clocks of two machines may differ: only
a change that is seen counts.
"""

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.runs.layout import write_text
from core.studies.layout import PULSE_FILE

PULSE_SECONDS = 5.0
SILENT_SECONDS = 60.0
"""What did not change for so long is dead. Meanwhile a driver writes twelve times and training a
hundred times; a network may show that some seconds late. A trial cut off from its cluster that
validates for longer ends after its epoch: it sees that the study has another driver."""
LOOK_SECONDS = 0.1


@contextlib.contextmanager
def pulse(study: Path) -> Iterator[None]:
    """Keep telling drivers on other machines that this one runs the study."""
    file, ended = study / PULSE_FILE, threading.Event()

    def beat() -> None:
        while True:
            # A disk that is full for a minute must not end the search.
            with contextlib.suppress(OSError):
                write_text(file, f"{time.time_ns()}\n", durable=False)
            if ended.wait(PULSE_SECONDS):
                return

    thread = threading.Thread(target=beat, name="pulse", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        with contextlib.suppress(OSError):
            file.unlink()


def beats(study: Path) -> bool:
    """Whether some driver tells that it runs the study; false only after SILENT_SECONDS."""
    first, started = _read(study / PULSE_FILE), time.monotonic()
    while time.monotonic() - started < SILENT_SECONDS:
        if _read(study / PULSE_FILE) != first:
            return True
        time.sleep(LOOK_SECONDS)
    return False


class Signs:
    """Remembers when signs of life of something were last seen to change."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[Any, float]] = {}

    def last(self, name: str, sign: Any) -> float | None:
        """When `sign` of `name` changed last, by `time.monotonic`; None after SILENT_SECONDS.

        The first that is seen counts as a change.
        """
        now = time.monotonic()
        if name not in self._seen or self._seen[name][0] != sign:
            self._seen[name] = (sign, now)
        last = self._seen[name][1]
        return last if now - last < SILENT_SECONDS else None


def _read(file: Path) -> str:
    # Opened, not only looked at: over a network that asks the server for the file as it is.
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        return ""
