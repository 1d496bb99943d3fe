"""How the C library hands memory to torch on a CPU."""

import ctypes
import functools

# malloc.h of glibc: the parameters of mallopt(3).
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4
_NEVER, _STEP = 2**31 - 1, 64 * 2**20


@functools.cache
def keep_freed_memory() -> bool:
    """Let this process reuse large freed blocks rather than give each back to the system.

    By default glibc maps every block of more than 32 MB anew, and the kernel clears its pages:
    activations of a batch are such blocks, several hundred in a step. `benchmarks/allocator.py`
    measures what is gained when they are kept. The process then holds on to the most that it ever
    used at once: for one that trains or scores and ends, not for a server. Returns False where the
    C library is not glibc.

    Source: mallopt(3) of the Linux manual pages.
    """
    try:
        library = ctypes.CDLL("libc.so.6")
        settings = {_M_MMAP_MAX: 0, _M_TRIM_THRESHOLD: _NEVER, _M_TOP_PAD: _STEP}
        return all(library.mallopt(name, value) == 1 for name, value in settings.items())
    except (OSError, AttributeError):
        return False
