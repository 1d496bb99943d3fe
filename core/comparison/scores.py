"""Checkpoints rated on the same drawings over the same photos.

Shape suffixes: M checkpoints, Q drawings, N photos, C classes, K first photos, D embedding width.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.comparison.ground import Ground
from core.comparison.overlap import jaccard, rank_biased_overlap
from core.dataset import RunData
from core.failures import Progress, all_queries, kept_queries
from core.gallery import Gallery, gallery_embeddings
from core.runs import Run
from core.settings import from_dict

if TYPE_CHECKING:
    from core.metrics import Distance

FIRST = 10
"""Photos of each answer that are kept, and by which agreement is measured."""


@dataclass(frozen=True, kw_only=True)
class Contender:
    """One checkpoint, and where it searches."""

    run: Run
    epoch: int
    """An epoch that kept its weights."""
    gallery: Gallery
    """The run's own gallery."""
    whole: RunData | None = None
    """Every drawing of its data set; None to ask those that the run keeps."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What the checkpoints make of the ground that they share."""

    ground: Ground
    classes: tuple[str, ...]
    """Names of the shared classes."""
    labels: npt.NDArray[np.int64]
    """(Q,) the drawings' classes, places in `classes`."""
    ap: npt.NDArray[np.float64]
    """(M, Q) average precision over all shared photos, nan where none is of the class."""
    class_ap: npt.NDArray[np.float64]
    """(M, C) mean AP of a class's drawings, nan where it has none."""
    mean_ap: npt.NDArray[np.float64]
    """(M,) `map_all` of these drawings over these photos."""
    found: npt.NDArray[np.int64]
    """(M, Q, K) places among the shared photos, the closest first."""

    def change(self, to: int, since: int = 0) -> npt.NDArray[np.float64]:
        """(Q,) AP of checkpoint `to` less that of `since`; positive where `to` is better."""
        return self.ap[to] - self.ap[since]

    def class_change(self, to: int, since: int = 0) -> list[tuple[str, float]]:
        """Each class with its change in mean AP, the largest gain first; ties by name."""
        change = self.class_ap[to] - self.class_ap[since]
        known = [
            (name, float(value))
            for name, value in zip(self.classes, change, strict=True)
            if not np.isnan(value)
        ]
        return sorted(known, key=lambda pair: (-pair[1], pair[0]))

    def order(self, to: int, since: int = 0) -> npt.NDArray[np.intp]:
        """Drawings that could be rated, the largest gain first; ties by row."""
        change = self.change(to, since)
        rows = np.flatnonzero(~np.isnan(change))
        return rows[np.argsort(-change[rows], kind="stable")]

    def agreement(self, one: int, other: int) -> tuple[float, float]:
        """Mean Jaccard and mean RBO of two checkpoints' first K photos over all drawings."""
        pair = self.found[one], self.found[other]
        return float(jaccard(*pair).mean()), float(rank_biased_overlap(*pair).mean())


def compare(
    contenders: Sequence[Contender], ground: Ground, *, progress: Progress | None = None
) -> Comparison:
    """Ask every checkpoint the shared drawings over the shared photos.

    Args:
        contenders: two checkpoints or more.
        ground: what they share, as `find_ground` found it for their galleries and drawings.
        progress: called as embeddings are made.

    Raises:
        ValueError: nothing is shared, or no drawing's class has a photo.
    """
    from core.evaluate import distance_of
    from core.models.encoder import EncoderConfig

    if not len(ground.photos) or not len(ground.drawings):
        raise ValueError(
            f"nothing can be rated: {len(ground.drawings)} drawings and {len(ground.photos)} "
            "photos are shared"
        )
    asked, searched, distances = [], [], []
    for place, one in enumerate(contenders):
        step = None if progress is None else _part(progress, place, len(contenders))
        photos = gallery_embeddings(one.run, one.gallery, one.epoch, progress=step)
        searched.append(np.asarray(photos[ground.photos.rows[place]], np.float32))
        asked.append(_drawings(one, ground.drawings.ids, step))
        distances.append(distance_of(from_dict(EncoderConfig, one.run.config["model"], "model.")))
    return rate(asked, searched, distances, ground)


def rate(
    asked: Sequence[npt.NDArray[np.floating]],
    searched: Sequence[npt.NDArray[np.floating]],
    distances: Sequence["Distance"],
    ground: Ground,
) -> Comparison:
    """Rank the shared photos for each shared drawing, for every checkpoint.

    Args:
        asked: for each checkpoint its embeddings of the drawings, (Q, D).
        searched: for each checkpoint its embeddings of the photos, (N, D).
        distances: for each checkpoint how its embeddings are compared.
        ground: what the rows are.
    """
    from core.metrics import retrieval_metrics
    from core.retrieval import Index

    classes = ground.classes
    # A photo of unknown class is searched too, as one of a class that nobody draws.
    photo_labels = _places(ground.photos.labels, classes)
    labels = _places(ground.drawings.labels, classes)
    first = min(FIRST, len(ground.photos))
    metrics, found = [], []
    for drawings_QD, photos_ND, distance in zip(asked, searched, distances, strict=True):
        metrics.append(
            retrieval_metrics(
                drawings_QD,
                photos_ND,
                labels,
                photo_labels,
                class_count=len(classes) + 1,
                ks=(first,),
                distance=distance,
                confusion_k=first,
            )
        )
        hits = Index(photos_ND, distance=distance).search(drawings_QD, first)
        found.append(np.asarray(hits.indices))
    return Comparison(
        ground=ground,
        classes=classes,
        labels=labels,
        ap=np.stack([one.per_query_ap for one in metrics]),
        class_ap=np.stack([one.per_class_ap[:-1] for one in metrics]),
        mean_ap=np.array([one.values["map_all"] for one in metrics]),
        found=np.stack(found).astype(np.int64),
    )


def _drawings(
    one: Contender, ids: npt.NDArray[np.str_], progress: Progress | None
) -> npt.NDArray[np.float32]:
    """The checkpoint's embeddings of the drawings `ids`, in their order, (Q, D)."""
    if one.whole is None:
        queries = kept_queries(one.run, one.epoch)
    else:
        queries = all_queries(one.run, one.epoch, one.whole, progress)
    places = {str(name): row for row, name in enumerate(queries.ids)}
    rows = [places[str(name)] for name in ids]
    return np.asarray(queries.embeddings[rows], np.float32)


def _places(labels: npt.NDArray[np.str_], classes: tuple[str, ...]) -> npt.NDArray[np.int64]:
    places = {name: place for place, name in enumerate(classes)} | {"": len(classes)}
    return np.array([places[str(label)] for label in labels], np.int64)


def _part(progress: Progress, place: int, parts: int) -> Progress:
    return lambda done, total: progress(place * total + done, parts * total)
