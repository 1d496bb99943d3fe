"""Compare checkpoints: on what they share, by what they find, and by what they were given."""

from core.comparison.differences import Differences, differences
from core.comparison.ground import Ground, Shared, find_ground, shared
from core.comparison.overlap import jaccard, rank_biased_overlap
from core.comparison.points import SharedPoints, shared_points, side_by_side
from core.comparison.scores import FIRST, Comparison, Contender, compare, rate
from core.comparison.seeds import Seeds, over_seeds

__all__ = [
    "FIRST",
    "Comparison",
    "Contender",
    "Differences",
    "Ground",
    "Seeds",
    "Shared",
    "SharedPoints",
    "compare",
    "differences",
    "find_ground",
    "jaccard",
    "over_seeds",
    "rank_biased_overlap",
    "rate",
    "shared",
    "shared_points",
    "side_by_side",
]
