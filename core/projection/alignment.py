"""Turn one map over another, so that a point's move between two epochs is its own."""

import numpy as np
import numpy.typing as npt


def turned_onto(
    coords: npt.NDArray[np.floating], onto: npt.NDArray[np.floating], *, scale: bool
) -> npt.NDArray[np.float32]:
    """`coords` (P, dims) moved, turned, mirrored and perhaps scaled to lie best over `onto`.

    The orthogonal Procrustes solution (Schönemann, 1966): distances within the map are kept, or
    all multiplied by one number where `scale` is true. Where one of the two is a single place
    there is nothing to turn, and only the centres are laid together.
    """
    moved = np.asarray(coords, np.float64)
    fixed = np.asarray(onto, np.float64)
    centre = fixed.mean(axis=0)
    moved, fixed = moved - moved.mean(axis=0), fixed - centre
    left, sizes, right = np.linalg.svd(moved.T @ fixed)
    total = float((moved**2).sum())
    if total == 0 or sizes.sum() == 0:
        return (moved + centre).astype(np.float32)
    size = float(sizes.sum()) / total if scale else 1.0
    return (moved @ (left @ right) * size + centre).astype(np.float32)
