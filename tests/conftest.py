"""What all tests share: their environment, and the order in which they come."""

import os
from pathlib import Path

import pytest

ENVIRONMENT = {
    # Threads that spin while they wait take the core from the test beside them: a thin network
    # then needs four times as long.
    "OMP_WAIT_POLICY": "PASSIVE",
    # Ray's workers step back behind all others: on a busy machine they don't run for minutes.
    "RAY_worker_niceness": "0",
    "RAY_raylet_start_wait_time_s": "120",
    # A process starts in seconds, most of them imports: Ray should start none before it knows what
    # for, keep those that may be used again, and not look out for machines that a cloud takes back.
    "RAY_prestart_worker_first_driver": "0",
    "RAY_idle_worker_killing_time_threshold_ms": "600000",
    "RAY_TRAIN_ENABLE_PREEMPTION_WATCHER": "0",
    "RAY_TRAIN_HEALTH_CHECK_INTERVAL_S": "0.5",
}
HEAVY = ("ray", "long", "browser", "slow")
"""Marks of what takes long, longest first."""
TRIES, SECONDS = 3, 400
"""Of a test that starts Ray or a browser: how often it may try, and how long unless it says so."""


def pytest_configure() -> None:
    """Before anything that reads it is imported, and for every process that a test starts."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first, so that the short ones even out what two processes do.

    Tests with Ray or a browser wait for other processes, which a busy machine can starve: each may
    try again, which pytest tells, and none may hang.
    """
    places: dict[Path, int] = {}
    for item in items:
        marks = {mark.name for mark in item.iter_markers()}
        if marks & {"ray", "browser"}:
            item.add_marker(pytest.mark.flaky(reruns=TRIES - 1))
            if not item.get_closest_marker("timeout"):
                item.add_marker(pytest.mark.timeout(SECONDS))
        place = min((HEAVY.index(name) for name in marks & set(HEAVY)), default=len(HEAVY))
        places[item.path] = min(place, places.get(item.path, place))
    items.sort(key=lambda item: places[item.path])


@pytest.fixture(scope="session", autouse=True)
def _pack_cache(tmp_path_factory: pytest.TempPathFactory) -> object:
    """One cache of packs for all tests that don't set their own."""
    patch = pytest.MonkeyPatch()
    patch.setenv("SKETCHY_CACHE", str(tmp_path_factory.mktemp("packs")))
    yield
    patch.undo()
