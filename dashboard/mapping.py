"""Maps of a run's probe, those that are kept and the job at the others; for any page."""

from core.projection import EpochMaps, Method, Projection, project_aside, project_epochs
from core.runs import Run
from dashboard import cached
from dashboard.jobs import Job, Report, job

METHODS: dict[str, Method] = {"PCA": "pca", "t-SNE": "tsne", "UMAP": "umap"}
"""Methods as people call them."""
PATIENCE = 1.5
"""Seconds that a page waits for maps that may be ready at once."""


def maps_of(run: Run, settings: Projection, first: int) -> tuple[EpochMaps, Job | None]:
    """The maps there are, and the job that makes the others, that of the epoch `first` first."""
    found = cached.maps(run, settings)
    if not found.missing:
        return found, None

    def work(tell: Report) -> None:
        make = project_epochs if settings.method == "pca" else project_aside
        make(run, settings, first=first, progress=tell)

    name = next(name for name, method in METHODS.items() if method == settings.method)
    started = job(("maps", str(run.path), settings.key), f"Making the {name} maps", work)
    if settings.method == "pca" and started.thread is not None:
        started.thread.join(PATIENCE)
    found = cached.maps(run, settings)
    return found, started if found.missing else None
