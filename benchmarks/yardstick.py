"""What every benchmark shares: the machine's name, peak memory, and where results are kept."""

from __future__ import annotations

import datetime
import json
import os
import platform
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import torch

RESULTS = Path(__file__).parent / "results"


def hardware() -> dict[str, object]:
    """The machine and libraries a figure belongs to, and how busy the machine was."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        model = names[0] if names else model
    gpu = {"gpu": torch.cuda.get_device_name()} if torch.cuda.is_available() else {}
    return {
        **gpu,
        "cpu": model,
        "cores": os.cpu_count(),
        "torch": torch.__version__,
        "torch_threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "date": datetime.date.today().isoformat(),
        "load_average": round(os.getloadavg()[0], 2),
    }


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock time of one call."""
    start = perf_counter()
    work()
    return perf_counter() - start


def peak_memory_mb() -> float:
    """The most memory this process ever held (resident)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def report(name: str, figures: dict[str, object], *, as_json: bool) -> None:
    """Store figures in results/<name>.json and print them: one JSON object, or a line each."""
    figures = {**figures, "hardware": hardware()}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    if as_json:
        print(json.dumps(figures))
        return
    for key, value in figures.items():
        print(f"{key:>30}  {value}")
