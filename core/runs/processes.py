"""Whether the process that a file names is still the one that wrote it."""

import psutil

SECONDS = 10.0
"""How far a machine's clock and the times of its processes may be apart."""


def is_alive(pid: object, seen: float) -> bool:
    """Whether the process of this machine that had the pid at a time (s since 1970) still is.

    Pids are given again, soon after a restart: a process that began after that is another one.
    """
    try:
        began: float = psutil.Process(int(str(pid))).create_time()
    except psutil.AccessDenied:
        return True
    except (psutil.Error, ValueError):
        return False
    return began < seen + SECONDS
