"""Neighbours in the original space: the ground that every map stands on.

Shape suffixes: P points, Q queries, D embedding width, k neighbours.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]

PLACED_BY = 8
"""Neighbours that say where a new point lies."""
JUDGED = 600
"""Points by which a map is judged; ranks need memory in the square of their number."""
_CELLS = 1 << 24
"""Distances held at once."""


def nearest(
    queries_QD: Floats, embeddings_PD: Floats, k: int, *, skip: npt.NDArray[np.intp] | None = None
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]:
    """The k nearest points of each query by Euclidean distance, exactly: (Q, k) rows, distances.

    Ties go to the lower row. Of embeddings of length 1, Euclidean order is cosine order.

    Args:
        queries_QD: what to ask for.
        embeddings_PD: what to look through.
        k: from 1 to the number of points that may be answered.
        skip: (Q,) for each query a row that is no answer: itself, where it is one of the points.

    Raises:
        ValueError: k is out of that range.
    """
    points = np.ascontiguousarray(embeddings_PD, np.float32)
    queries = np.ascontiguousarray(queries_QD, np.float32)
    most = len(points) - (skip is not None)
    if not 1 <= k <= most:
        raise ValueError(f"{k} neighbours were asked for: 1 to {most} are there")
    centre = points.mean(axis=0)
    points, queries = points - centre, queries - centre
    squares = (points**2).sum(axis=1)
    rows = np.empty((len(queries), k), np.intp)
    distances = np.empty((len(queries), k), np.float32)
    chunk = max(1, _CELLS // len(points))
    for start in range(0, len(queries), chunk):
        part = queries[start : start + chunk]
        found = squares - 2 * (part @ points.T) + (part**2).sum(axis=1)[:, None]
        if skip is not None:
            found[np.arange(len(part)), skip[start : start + chunk]] = np.inf
        order = _smallest(found, k)
        rows[start : start + chunk] = order
        # Again from the difference: the expanded square loses what is close to zero.
        gaps = points[order] - part[:, None]
        distances[start : start + chunk] = np.sqrt((gaps**2).sum(axis=2))
    return rows, distances


def place(query: Floats, embeddings_PD: Floats, coords: Floats, k: int = PLACED_BY) -> Floats:
    """Where an embedding (D,) lies on a map (P, dims) of others: (dims,) coordinates.

    The mean of its k nearest points' places, each weighted by one over its squared distance: a
    point of the map comes to lie on itself, whichever method made the map.

    Raises:
        ValueError: the query is not finite, or of another width than the embeddings.
    """
    query = np.asarray(query, np.float32)
    if query.shape != embeddings_PD.shape[1:] or not np.isfinite(query).all():
        raise ValueError(
            f"an embedding of shape {query.shape} can't be placed among {embeddings_PD.shape}: "
            "finite numbers of the same width are needed"
        )
    rows, distances = nearest(query[None], embeddings_PD, min(k, len(embeddings_PD)))
    squares = distances[0].astype(np.float64) ** 2
    weights = 1 / np.maximum(squares, 1e-12)
    return np.asarray((weights[:, None] * coords[rows[0]]).sum(axis=0) / weights.sum())


def nearest_photo_right(
    embeddings_PD: Floats, labels_P: npt.NDArray[np.integer], is_photo_P: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """For each point whether the nearest photo, other than itself, is of its class: (P,).

    Raises:
        ValueError: fewer than two photos.
    """
    photos = np.flatnonzero(is_photo_P)
    if len(photos) < 2:
        raise ValueError(f"{len(photos)} photos: two are needed to ask for the nearest one")
    right = np.zeros(len(labels_P), bool)
    for rows, skip in ((np.flatnonzero(~is_photo_P), None), (photos, np.arange(len(photos)))):
        if len(rows):
            found, _ = nearest(embeddings_PD[rows], embeddings_PD[photos], 1, skip=skip)
            right[rows] = labels_P[photos[found[:, 0]]] == labels_P[rows]
    return right


def trustworthiness(embeddings_PD: Floats, coords: Floats, k: int = 10, *, seed: int = 0) -> float:
    """How far neighbours on the map are neighbours in truth, from 0 to 1 (Venna and Kaski, 2001).

    1 minus the mean penalty of each point's k neighbours on the map, by how far down the original
    order they stand. Judged on `JUDGED` points, drawn by the seed, where there are more.

    Raises:
        ValueError: too few points: the measure is defined for more than 1.5 k.
    """
    if len(embeddings_PD) > JUDGED:
        drawn = np.random.default_rng(seed).choice(len(embeddings_PD), JUDGED, replace=False)
        embeddings_PD, coords = embeddings_PD[drawn], coords[drawn]
    count = len(embeddings_PD)
    if k < 1 or 2 * count <= 3 * k + 1:
        raise ValueError(f"{count} points can't be judged by {k} neighbours: more are needed")
    each = np.arange(count)
    order, _ = nearest(embeddings_PD, embeddings_PD, count - 1, skip=each)
    ranks = np.zeros((count, count), np.int64)
    ranks[each[:, None], order] = np.arange(1, count)
    close, _ = nearest(coords, coords, k, skip=each)
    penalty = np.maximum(ranks[each[:, None], close] - k, 0).sum()
    return float(1 - penalty * 2 / (count * k * (2 * count - 3 * k - 1)))


def _smallest(values: npt.NDArray[np.float32], k: int) -> npt.NDArray[np.intp]:
    """Columns of the k smallest of each row, ascending, ties by column."""
    if k * 4 >= values.shape[1]:
        return np.argsort(values, axis=1, kind="stable")[:, :k]
    edge = np.partition(values, k - 1, axis=1)[:, k - 1]
    out = np.empty((len(values), k), np.intp)
    for row, limit in enumerate(edge):
        near = np.flatnonzero(values[row] <= limit)
        out[row] = near[np.argsort(values[row, near], kind="stable")[:k]]
    return out
