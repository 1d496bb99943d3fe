"""What all tests share."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def _pack_cache(tmp_path_factory: pytest.TempPathFactory) -> object:
    """One cache of packs for all tests that don't set their own."""
    patch = pytest.MonkeyPatch()
    patch.setenv("SKETCHY_CACHE", str(tmp_path_factory.mktemp("packs")))
    yield
    patch.undo()
