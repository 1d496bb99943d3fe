"""Where a checkpoint goes wrong: its worst queries and the classes that it takes for one another.

Shape suffixes: Q queries, N photos searched, D embedding width, C classes, K first photos.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import numpy.typing as npt

from core.dataset import RunData
from core.gallery import Gallery, gallery_embeddings
from core.runs import Run
from core.settings import from_dict

if TYPE_CHECKING:
    from core.metrics import Distance

Asked = Literal["kept", "all"]
Searched = Literal["held out", "all"]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class FailureSettings:
    """What is asked, and where."""

    asked: Asked = "kept"
    """`kept`: the held-out sketches that the run keeps; `all`: every held-out one, which takes the
    data set's pack."""
    searched: Searched = "held out"
    """The held-out photos, as an evaluation does, or `all` of the gallery."""
    first: int = 10
    """Photos of each answer that are kept and counted in the confusion."""

    def __post_init__(self) -> None:
        for name, kind in (("asked", Asked), ("searched", Searched)):
            if getattr(self, name) not in get_args(kind):
                allowed = ", ".join(get_args(kind))
                raise ValueError(f"{name} is {getattr(self, name)!r}, allowed: {allowed}")
        if self.first < 1:
            raise ValueError(f"first is {self.first}; it must be at least 1")


@dataclass(frozen=True, kw_only=True)
class Queries:
    """Sketches as an epoch's encoder sees them."""

    ids: npt.NDArray[np.str_]
    """(Q,) item ids."""
    labels: npt.NDArray[np.int64]
    """(Q,) places in the run's class names."""
    embeddings: npt.NDArray[np.floating]
    """(Q, D)."""


@dataclass(frozen=True, kw_only=True)
class Failures:
    """What one pass over the queries found."""

    ids: npt.NDArray[np.str_]
    """(Q,) ids of the sketches asked."""
    labels: npt.NDArray[np.int64]
    """(Q,) their classes, places in `classes`."""
    ap: npt.NDArray[np.float64]
    """(Q,) average precision over all photos searched, nan where none is of the class."""
    found: npt.NDArray[np.int64]
    """(Q, K) rows of the gallery, the closest first."""
    found_labels: npt.NDArray[np.int64]
    """(Q, K) their classes."""
    scores: npt.NDArray[np.float32]
    """(Q, K) their similarities."""
    classes: tuple[str, ...]
    """Names of the run's classes."""
    class_ap: npt.NDArray[np.float64]
    """(C,) mean AP of a class's sketches, nan where it has none."""
    confusion: npt.NDArray[np.int64]
    """(C, C): row = class drawn, column = class of one of the first K photos."""
    searched: int
    """Photos that were searched."""
    mean_ap: float
    """`map_all` of these queries."""

    def worst(self, count: int, label: str | None = None) -> npt.NDArray[np.intp]:
        """The queries with the lowest AP, of one class where it is given; ties by row."""
        rows = np.flatnonzero(~np.isnan(self.ap))
        if label is not None:
            rows = rows[self.labels[rows] == self.classes.index(label)]
        return rows[np.argsort(self.ap[rows], kind="stable")][:count]

    def shares(self) -> npt.NDArray[np.float64]:
        """(C, C) share of each class among the first K photos for a drawn class; nan without."""
        total = self.confusion.sum(axis=1, keepdims=True)
        out = np.full(self.confusion.shape, np.nan)
        return np.divide(self.confusion, total, out=out, where=total > 0)

    def mistaken(self, count: int) -> list[tuple[str, str]]:
        """The pairs (class drawn, class it is taken for) with the largest shares, largest first."""
        shares = np.nan_to_num(self.shares())
        np.fill_diagonal(shares, 0)
        order = np.argsort(-shares, axis=None, kind="stable")[:count]
        cells = [divmod(int(place), len(self.classes)) for place in order]
        return [(self.classes[a], self.classes[b]) for a, b in cells if shares[a, b] > 0]

    def pairs(self, drawn: str, taken: str) -> list[tuple[int, npt.NDArray[np.int64]]]:
        """Queries of the class `drawn` with their first photos of `taken`, the most of them first.

        Each is (query, places in its `found`).
        """
        a, b = self.classes.index(drawn), self.classes.index(taken)
        rows = np.flatnonzero((self.labels == a) & ~np.isnan(self.ap))
        hits = [(int(row), np.flatnonzero(self.found_labels[row] == b)) for row in rows]
        return sorted((hit for hit in hits if len(hit[1])), key=lambda hit: -len(hit[1]))


def find_failures(
    run: Run,
    epoch: int,
    gallery: Gallery,
    settings: FailureSettings,
    *,
    whole: RunData | None = None,
    progress: Progress | None = None,
) -> Failures:
    """Ask an epoch its sketches over the run's gallery.

    Args:
        run: the run.
        epoch: an epoch that kept its weights.
        gallery: the run's own gallery.
        settings: what is asked, and where.
        whole: every sketch of the data set; needed where all are asked.
        progress: called as embeddings are made.

    Raises:
        ValueError: there is nothing to ask or to search, or the run lacks what it takes.
    """
    from core.evaluate import distance_of
    from core.models.encoder import EncoderConfig

    if settings.asked == "kept":
        queries = kept_queries(run, epoch)
    elif whole is None:
        raise ValueError("all sketches can't be asked: the data set's pack is not there")
    else:
        queries = all_queries(run, epoch, whole, progress)
    photos = gallery_embeddings(run, gallery, epoch, progress=progress)
    config = from_dict(EncoderConfig, run.config["model"], "model.")
    return failures_of(
        queries, gallery, photos, run.class_names, settings, distance=distance_of(config)
    )


def kept_queries(run: Run, epoch: int) -> Queries:
    """The probe's sketches, embedded when the epoch ended; nothing is computed."""
    probe, replay = run.probe(), run.replay(epoch)
    rows = np.flatnonzero(~probe.is_photo)
    return Queries(
        ids=probe.ids[rows], labels=probe.labels[rows], embeddings=replay.embeddings[rows]
    )


def all_queries(run: Run, epoch: int, whole: RunData, progress: Progress | None = None) -> Queries:
    """Every held-out sketch of the data set, embedded now."""
    from core.evaluate import embed

    rows = np.flatnonzero(whole.sketches.splits == "test")
    if whole.sketches.fetch is None or not len(rows):
        raise ValueError(f"the data of run {run.name} has no held-out sketches to ask")
    embeddings = embed(
        run.encoders(epoch).sketch,
        whole.sketches.fetch,
        rows,
        batch_size=64,
        progress=None if progress is None else lambda done: progress(done, len(rows)),
    )
    labels = _places(whole.sketches.labels[rows], run.class_names)
    return Queries(ids=whole.sketches.ids[rows], labels=labels, embeddings=embeddings)


def failures_of(
    queries: Queries,
    gallery: Gallery,
    photos_ND: npt.NDArray[np.floating],
    classes: tuple[str, ...],
    settings: FailureSettings,
    *,
    distance: "Distance" = "cosine",
) -> Failures:
    """Rank the gallery for each query: average precisions and confusion from one pass.

    Raises:
        ValueError: no sketches, no held-out photos, or no sketch whose class has a photo.
    """
    from core.metrics import retrieval_metrics
    from core.retrieval import Index

    labels_N = _places(gallery.labels, classes)
    wanted = labels_N >= 0
    if settings.searched == "held out":
        wanted &= gallery.splits == "test"
    rows = np.flatnonzero(wanted)
    if not len(queries.ids) or not len(rows):
        raise ValueError(
            f"there is nothing to compare: {len(queries.ids)} sketches, {len(rows)} photos of "
            f"known classes ({settings.searched})"
        )
    first = min(settings.first, len(rows))
    asked = np.asarray(queries.embeddings, np.float32)
    table = np.asarray(photos_ND[rows], np.float32)
    metrics = retrieval_metrics(
        asked,
        table,
        queries.labels,
        labels_N[rows],
        class_count=len(classes),
        ks=(first,),
        distance=distance,
        confusion_k=first,
    )
    hits = Index(table, distance=distance).search(asked, first)
    found = rows[np.asarray(hits.indices)]
    return Failures(
        ids=queries.ids,
        labels=queries.labels,
        ap=metrics.per_query_ap,
        found=found,
        found_labels=labels_N[found],
        scores=np.asarray(hits.scores, np.float32),
        classes=classes,
        class_ap=metrics.per_class_ap,
        confusion=metrics.confusion,
        searched=len(rows),
        mean_ap=metrics.values["map_all"],
    )


def _places(labels: npt.NDArray[np.str_], classes: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """Places of class names, -1 for one that the run does not know."""
    places = {name: place for place, name in enumerate(classes)}
    return np.array([places.get(str(label), -1) for label in labels], np.int64)
