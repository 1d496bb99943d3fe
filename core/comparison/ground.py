"""The ground that checkpoints meet on: the photos, drawings and classes that all of them have.

Runs may have learned from different data sets, or from parts of one. What they have in common is
found by the items' ids, and only that is compared.

Shape suffixes: M checkpoints, N shared photos, Q shared drawings.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.dataset import Samples

Names = npt.NDArray[np.str_]
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Shared:
    """Items of one kind that all checkpoints have; column i is the same item for each of them."""

    ids: Names
    """(n,) in the order of the first checkpoint."""
    labels: Names
    """(n,) class names."""
    rows: Rows
    """(M, n) the item's row in each checkpoint's own list."""
    had: tuple[int, ...]
    """Items that each checkpoint brought."""

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def whole(self) -> bool:
        """Whether nobody has anything that another lacks."""
        return all(count == len(self.ids) for count in self.had)


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What checkpoints are compared on."""

    photos: Shared
    """The photos searched."""
    drawings: Shared
    """The drawings asked."""
    searched: str
    """`held out`, or `all`: which photos count."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes with a shared photo or drawing, in order of name."""
        return tuple(str(n) for n in np.union1d(self.photos.labels, self.drawings.labels) if n)

    def told(self, names: Sequence[str]) -> str:
        """The same in a sentence for people; `names` are what the checkpoints are called."""
        kind = "held-out photos" if self.searched == "held out" else "photos"
        photos, drawings = self.photos, self.drawings
        everybody = f"{', '.join(names[:-1])} and {names[-1]}"
        if not len(photos):
            return f"{everybody} share no {kind}: each answers from its own, and nothing is rated."
        if not len(drawings):
            return (
                f"{everybody} share {len(photos):,} {kind}, but no held-out drawing of which all "
                "of them keep a copy: no answer is rated."
            )
        told = f"{len(drawings):,} held-out drawings over {len(photos):,} {kind}"
        if photos.whole and drawings.whole:
            return f"All are asked the same: {told}."
        each = [
            f"{name} has {asked:,} and {found:,} of them"
            for name, asked, found in zip(names, drawings.had, photos.had, strict=True)
        ]
        return (
            f"They do not know the same data and are compared on what they share: {told}, of "
            f"{len(self.classes):,} classes. {'; '.join(each)}."
        )


def find_ground(
    photos: Sequence[Samples], drawings: Sequence[Samples], searched: str = "held out"
) -> Ground:
    """What the checkpoints share.

    Args:
        photos: each checkpoint's photos.
        drawings: each checkpoint's held-out drawings.
        searched: `held out`: only photos that every run held out, so that none has learned them;
            or `all`.

    Raises:
        ValueError: `searched` is something else.
    """
    if searched not in ("held out", "all"):
        raise ValueError(f"searched is {searched!r}, allowed: held out, all")
    return Ground(
        photos=shared(photos, only="test" if searched == "held out" else ""),
        drawings=shared(drawings, only="test"),
        searched=searched,
    )


def shared(sides: Sequence[Samples], *, only: str = "") -> Shared:
    """Items that all sides have under one id and in one class; of split `only` where it is given.

    A class that is not known to one of them is no reason to leave an item out, but one that two
    call differently is.
    """
    wanted = [np.flatnonzero((side.splits == only) | (only == "")) for side in sides]
    ids = [side.ids[rows] for side, rows in zip(sides, wanted, strict=True)]
    common = ids[0]
    for other in ids[1:]:
        common = common[np.isin(common, other)]
    rows, labels = [], []
    for side, mine, names in zip(sides, wanted, ids, strict=True):
        order = np.argsort(names, kind="stable")
        places = order[np.searchsorted(names[order], common)] if len(common) else order[:0]
        rows.append(mine[places])
        labels.append(side.labels[mine[places]])
    agreed = np.ones(len(common), bool)
    known = labels[0]
    for other in labels[1:]:
        agreed &= (known == other) | (known == "") | (other == "")
        known = np.where(known == "", other, known)
    return Shared(
        ids=common[agreed],
        labels=known[agreed],
        rows=np.stack(rows)[:, agreed].astype(np.intp),
        had=tuple(len(mine) for mine in wanted),
    )
