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
faults = []
for _ in range(5):  # aligned blocks need some rounds to find their places
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(4):
        (torch.ones(big) + 1).sum()
    faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
print(min(faults))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
def test_large_blocks_are_reused_and_not_mapped_anew() -> None:
    faults = {
        way: int(subprocess.check_output([sys.executable, "-c", FAULTS, way]))
        for way in ("kept", "default")
    }
    assert faults["kept"] < faults["default"] / 10, faults
