"""How far rankings agree: in what they hold, and in their order.

Shape suffixes: Q rankings of one side, K first items of each, best first, none twice.
"""

import numpy as np
import numpy.typing as npt

PERSISTENCE = 0.9
"""RBO's p: the first 10 items carry 86 % of its weight."""

Ranked = npt.NDArray[np.integer]
Shares = npt.NDArray[np.float64]


def jaccard(one_QK: Ranked, other_QK: Ranked) -> Shares:
    """Of all items among the first K of either ranking, the share that both hold: (Q,), 0…1.

    J = |A ∩ B| / |A ∪ B|; the order within the K does not count.

    Raises:
        ValueError: the two differ in shape, or hold nothing.

    >>> jaccard(np.array([[1, 2, 3]]), np.array([[3, 2, 9]])).tolist()
    [0.5]
    """
    both = _met(one_QK, other_QK).sum(axis=(1, 2))
    return np.asarray(both / (2 * one_QK.shape[1] - both), np.float64)


def rank_biased_overlap(one_QK: Ranked, other_QK: Ranked, p: float = PERSISTENCE) -> Shares:
    """RBO of the first K, extrapolated from depth K: (Q,), 0…1; 1 for the same order.

    RBO_ext = X_K/K · p^K + (1−p)/p · Σ_{d=1…K} X_d/d · p^d, where X_d is the number of items that
    both hold among their first d (Webber, Moffat and Zobel, 2010, equation 30). Early places count
    more: a reader goes on from each place to the next with probability p.

    Raises:
        ValueError: the two differ in shape, hold nothing, or p is not between 0 and 1.

    >>> same = np.array([[4, 8, 15]])
    >>> round(float(rank_biased_overlap(same, same)[0]), 9)
    1.0
    """
    if not 0 < p < 1:
        raise ValueError(f"p is {p}: a number between 0 and 1 is needed")
    met = _met(one_QK, other_QK)
    depths = np.arange(1, met.shape[1] + 1)
    # An item that stands at places i and j is among the first d of both from max(i, j) on.
    at = np.maximum(depths[:, None], depths[None, :])
    fresh = np.stack([(met & (at == depth)).sum(axis=(1, 2)) for depth in depths], axis=1)
    agreement = fresh.cumsum(axis=1) / depths
    weights = p**depths
    return np.asarray(
        agreement[:, -1] * weights[-1] + (1 - p) / p * (agreement * weights).sum(axis=1),
        np.float64,
    )


def _met(one_QK: Ranked, other_QK: Ranked) -> npt.NDArray[np.bool_]:
    """(Q, K, K): whether place i of one and place j of the other are the same item."""
    if one_QK.shape != other_QK.shape or one_QK.ndim != 2 or not one_QK.shape[1]:
        raise ValueError(
            f"rankings of shapes {one_QK.shape} and {other_QK.shape} can't be compared: "
            "two of the same (Q, K) are needed"
        )
    return np.asarray(one_QK[:, :, None] == other_QK[:, None, :])
