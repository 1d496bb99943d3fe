"""One map of one set of embeddings, by PCA, t-SNE or UMAP.

All three are deterministic for a seed and start from the same place: the two or three directions
of most variance, or the map before. Shape suffixes: P points, D embedding width.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.projection.alignment import turned_onto
from core.projection.neighbours import nearest

Method = Literal["pca", "tsne", "umap"]
METHODS: tuple[Method, ...] = ("pca", "tsne", "umap")
Coords = npt.NDArray[np.float32]

FORMAT = 1
"""Grows when the same settings would give another map."""
FEWEST = 10
"""Points that t-SNE and UMAP need."""
_COLD_UMAP, _WARM_UMAP = (300, 1.0), (120, 0.05)
"""Rounds and learning rate of UMAP from nothing, and from the map before.

Gentle from the map before: it must not shake what has not changed. A map of noise still became one
of tight clusters this way, as trustworthy (0.990) as from nothing (0.989)."""
_COLD_TSNE, _WARM_TSNE = (250, 400), (0, 120)
"""Rounds of t-SNE with and without exaggeration."""
_LARGE = 5000
"""Points from which on t-SNE's interpolation is faster than its tree."""


@dataclass(frozen=True, kw_only=True)
class Projection:
    """What decides a map besides the embeddings."""

    method: Method = "pca"
    """pca, tsne or umap."""
    dims: int = 2
    """2 or 3."""
    seed: int = 0
    """Decides what t-SNE and UMAP draw by chance."""
    neighbours: int = 15
    """Neighbours that UMAP keeps together."""
    min_dist: float = 0.25
    """How close UMAP packs them."""
    perplexity: float = 30.0
    """Neighbours, roughly, that t-SNE keeps together."""

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"method is {self.method!r}: allowed are {', '.join(METHODS)}")
        if self.dims not in (2, 3):
            raise ValueError(f"dims is {self.dims}: allowed are 2 and 3")
        if self.neighbours < 2:
            raise ValueError(f"neighbours is {self.neighbours}: at least 2 are needed")
        if not 0 <= self.min_dist < 1:
            raise ValueError(f"min_dist is {self.min_dist}: from 0 to below 1 is allowed")
        if not self.perplexity >= 2:
            raise ValueError(f"perplexity is {self.perplexity}: at least 2 is needed")

    @property
    def key(self) -> str:
        """A folder name of the settings and the format."""
        told = json.dumps({"format": FORMAT, **asdict(self)}, sort_keys=True)
        digest = hashlib.blake2b(told.encode(), digest_size=4).hexdigest()
        return f"{self.method}-{self.dims}-{digest}"


def project(
    embeddings_PD: npt.NDArray[np.floating],
    method: Method = "pca",
    dims: int = 2,
    seed: int = 0,
    previous: Coords | None = None,
    *,
    settings: Projection | None = None,
) -> Coords:
    """Coordinates (P, dims) float32 of embeddings (P, D), aligned with `previous` where given.

    PCA keeps the embeddings' scale; the others have none. With `previous` (P, dims), the same
    points' places at another epoch, t-SNE and UMAP start there and go on briefly; every method's
    result is then turned over it (`turned_onto`).

    Args:
        embeddings_PD: finite numbers.
        method: pca, tsne or umap.
        dims: 2 or 3.
        seed: as in `Projection`.
        previous: the map to stay close to.
        settings: in place of method, dims and seed.

    Raises:
        ValueError: embeddings that are not finite, too few points, or settings out of range.
    """
    settings = settings or Projection(method=method, dims=dims, seed=seed)
    points = np.ascontiguousarray(embeddings_PD, np.float32)
    _check(points, settings, previous)
    if not _spread(points):
        # Collapsed: every embedding is the same, and so is every place.
        return np.zeros((len(points), settings.dims), np.float32)
    if previous is not None and not _spread(previous):
        previous = None
    if settings.method == "pca":
        coords = _pca(points, settings.dims)
    elif settings.method == "tsne":
        coords = _tsne(points, settings, previous)
    else:
        coords = _umap(points, settings, previous)
    if previous is None:
        return coords
    return turned_onto(coords, previous, scale=settings.method != "pca")


def _check(points: Coords, settings: Projection, previous: Coords | None) -> None:
    if points.ndim != 2:
        raise ValueError(f"embeddings have shape {points.shape}: (points, width) is needed")
    if not np.isfinite(points).all():
        raise ValueError("the embeddings hold values that are not finite: training has diverged")
    fewest = 1 if settings.method == "pca" else FEWEST
    if len(points) < fewest:
        raise ValueError(f"{settings.method} needs {fewest} points or more, here are {len(points)}")
    if points.shape[1] < settings.dims:
        raise ValueError(f"embeddings {points.shape[1]} wide have no {settings.dims} dimensions")
    if previous is not None and previous.shape != (len(points), settings.dims):
        raise ValueError(
            f"the map before has shape {previous.shape}: {(len(points), settings.dims)} is needed"
        )


def _spread(points: Coords) -> bool:
    """Whether there is more than one place, seen against the size of the numbers."""
    width = float(np.ptp(points, axis=0).max(initial=0.0))
    return width > 1e-6 * max(1e-12, float(np.abs(points).max(initial=0.0)))


def _pca(points: Coords, dims: int) -> Coords:
    centred = points.astype(np.float64) - points.mean(axis=0, dtype=np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :dims]
    # An axis has no sign of its own: its largest part is made positive.
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(dims)])
    return (centred @ axes).astype(np.float32)


def _start(points: Coords, dims: int, seed: int, size: float) -> npt.NDArray[np.float64]:
    """The principal axes at a given size, with a grain of noise for points that coincide."""
    start = _pca(points, dims).astype(np.float64)
    start *= size / max(float(np.abs(start).max()), 1e-12)
    return start + np.random.default_rng(seed).normal(scale=size * 1e-4, size=start.shape)


def _tsne(points: Coords, settings: Projection, previous: Coords | None) -> Coords:
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    perplexity = min(settings.perplexity, (len(points) - 1) / 3)
    count = min(len(points) - 1, int(3 * perplexity))
    rows, distances = nearest(points, points, count, skip=np.arange(len(points)))
    affinities = PerplexityBasedNN(
        perplexity=perplexity, knn_index=PrecomputedNeighbors(rows, distances), n_jobs=1
    )
    if previous is None:
        exaggerated, plain = _COLD_TSNE
        start = _start(points, settings.dims, settings.seed, 1e-4)
    else:
        exaggerated, plain = _WARM_TSNE
        start = previous.astype(np.float64) - previous.mean(axis=0)
    interpolated = settings.dims == 2 and len(points) >= _LARGE
    layout = TSNEEmbedding(
        start,
        affinities,
        n_jobs=1,
        random_state=settings.seed,
        negative_gradient_method="fft" if interpolated else "bh",
    )
    if exaggerated:
        layout.optimize(exaggerated, exaggeration=12, momentum=0.5, inplace=True)
    layout.optimize(plain, momentum=0.8, inplace=True)
    return np.array(layout, np.float32)


def _umap(points: Coords, settings: Projection, previous: Coords | None) -> Coords:
    # Imported here: it takes seconds, and compiles for seconds more at its first use.
    from umap.layouts import optimize_layout_euclidean
    from umap.umap_ import find_ab_params, fuzzy_simplicial_set, make_epochs_per_sample

    count = len(points)
    near = min(settings.neighbours, count) - 1
    rows, distances = nearest(points, points, near, skip=np.arange(count))
    # UMAP counts a point as the first of its own neighbours.
    rows = np.concatenate([np.arange(count)[:, None], rows], axis=1)
    distances = np.concatenate([np.zeros((count, 1), np.float32), distances], axis=1)
    random = np.random.RandomState(settings.seed)
    graph = fuzzy_simplicial_set(
        points, near + 1, random, "euclidean", knn_indices=rows.astype(np.int32),
        knn_dists=distances,
    )[0].tocoo()  # fmt: skip
    rounds, rate = _COLD_UMAP if previous is None else _WARM_UMAP
    graph.data[graph.data < graph.data.max() / rounds] = 0
    graph.eliminate_zeros()
    if previous is None:
        start = _start(points, settings.dims, settings.seed, 10.0).astype(np.float32)
    else:
        # Not through UMAP's own `init`: it stretches each axis to one length, which is a jump.
        start = np.array(previous, np.float32, order="C")
    a, b = find_ab_params(1.0, settings.min_dist)
    state = random.randint(-(2**31) + 1, 2**31 - 1, 3).astype(np.int64)
    steps = make_epochs_per_sample(graph.data, rounds)
    layout = optimize_layout_euclidean(
        start, start, graph.row, graph.col, rounds, count, steps, a, b, state,
        1.0, rate, 5.0, move_other=True,
    )  # fmt: skip
    return np.array(layout, np.float32)
