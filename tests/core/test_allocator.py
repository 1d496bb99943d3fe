"""Memory that was freed is handed out again without the kernel's help."""

import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource, sys, torch
from core.allocator import keep_freed_memory
if sys.argv[1] == "kept":
    assert keep_freed_memory()
big = 16 * 2**20  # 64 MB of floats: past what glibc keeps by itself
for _ in range(12):  # aligned blocks need a few rounds to find their places
    (torch.ones(big) + 1).sum()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(8):
    (torch.ones(big) + 1).sum()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
def test_large_blocks_are_reused_and_not_mapped_anew() -> None:
    faults = {
        way: int(subprocess.check_output([sys.executable, "-c", FAULTS, way]))
        for way in ("kept", "default")
    }
    assert faults["kept"] < faults["default"] / 10, faults
