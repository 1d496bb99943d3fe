"""Blind votes: which of two checkpoints people preferred without knowing which was which.

They are kept in one SQLite file beside the runs, so that everybody who looks at these runs adds to
one count. Several people, in several processes, may vote at once: each vote is one transaction, and
who comes second waits. The file is opened for a moment at a time; it is never kept open.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

import pandas as pd

VOTES_FILE = "votes.sqlite"
FORMAT_VERSION = 1
"""Version of the table below, kept as SQLite's `user_version`. A reader refuses a newer one."""
LEVEL = 0.95
"""Confidence of the interval."""
WAIT = 15.0
"""Seconds that a vote waits for others to be written."""
LONGEST = 200_000
"""Characters of a sketch that are kept; the longest drawing that a canvas sends is far below."""

Choice = Literal["first", "second", "tie", "skip"]

_TABLE = """
CREATE TABLE votes (
    ballot TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    first TEXT NOT NULL,
    second TEXT NOT NULL,
    left_was TEXT NOT NULL CHECK (left_was IN ('first', 'second')),
    choice TEXT NOT NULL CHECK (choice IN ('first', 'second', 'tie', 'skip')),
    sketch TEXT NOT NULL
)
"""
_BETWEEN = """
SELECT at,
    CASE choice WHEN 'first' THEN first WHEN 'second' THEN second ELSE choice END,
    CASE left_was WHEN 'first' THEN first ELSE second END,
    sketch
FROM votes
WHERE (first = ? AND second = ?) OR (first = ? AND second = ?)
ORDER BY at, ballot
"""


@dataclass(frozen=True, kw_only=True)
class Tally:
    """The votes between two checkpoints, A and B."""

    a: int = 0
    """Votes for A."""
    b: int = 0
    """Votes for B."""
    ties: int = 0
    """Voters who saw no difference; they don't count towards the share."""
    skipped: int = 0
    """Voters who did not want to judge."""

    @property
    def decided(self) -> int:
        """Votes for one of the two."""
        return self.a + self.b

    @property
    def share(self) -> float | None:
        """A's share of the decided votes, 0…1; None without any."""
        return self.a / self.decided if self.decided else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of that share (Wilson, 1927); None without a decided vote."""
        if not self.decided:
            return None
        found = self._test().proportion_ci(confidence_level=LEVEL, method="wilson")
        return float(found.low), float(found.high)

    @property
    def p_value(self) -> float | None:
        """How likely votes at least as uneven are if people see no difference: the sign test.

        Exact and two-sided, over the decided votes; None without any.
        """
        return float(self._test().pvalue) if self.decided else None

    def _test(self) -> Any:
        from scipy.stats import binomtest

        return binomtest(self.a, self.decided, 0.5)


class Votes:
    """The votes kept beside the runs of one folder.

    Args:
        root: the runs folder; the file is made with the first vote.
    """

    def __init__(self, root: Path) -> None:
        self.path = Path(root) / VOTES_FILE

    def cast(
        self,
        ballot: str,
        first: str,
        second: str,
        choice: Choice,
        *,
        left_was: Literal["first", "second"],
        sketch: str,
    ) -> bool:
        """Keep one vote; False where that ballot has voted already, which changes nothing.

        Args:
            ballot: a name that no other ballot has.
            first: one checkpoint, named so that other weights have another name.
            second: the other one.
            choice: the one preferred, `tie`, or `skip`.
            left_was: which of them was shown on the left.
            sketch: what was drawn, as text.

        Raises:
            ValueError: a choice that is none, twice the same checkpoint, a sketch that is too
                long, or a file that can't be written.
        """
        if choice not in get_args(Choice) or left_was not in ("first", "second"):
            allowed = ", ".join(get_args(Choice))
            raise ValueError(f"vote {choice!r} (left: {left_was!r}) is none: allowed are {allowed}")
        if first == second:
            raise ValueError(f"a vote needs two checkpoints: {first} was given twice")
        if len(sketch) > LONGEST:
            raise ValueError(f"the sketch is {len(sketch)} characters long, allowed are {LONGEST}")
        now = datetime.now(UTC).isoformat(timespec="seconds")
        row = (ballot, now, first, second, left_was, choice, sketch)
        with self._opened() as database:
            done = database.execute(
                "INSERT INTO votes VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (ballot) DO NOTHING",
                row,
            )
            return done.rowcount == 1

    def tally(self, a: str, b: str) -> Tally:
        """The votes between two checkpoints, whichever of them was called first."""
        preferred = [row.preferred for row in self.table(a, b).itertuples()]
        return Tally(
            a=preferred.count(a),
            b=preferred.count(b),
            ties=preferred.count("tie"),
            skipped=preferred.count("skip"),
        )

    def table(self, a: str, b: str) -> pd.DataFrame:
        """Every vote between two checkpoints, oldest first: at, preferred, left, sketch."""
        columns = ("at", "preferred", "left", "sketch")
        if not self.path.is_file() or not self.path.stat().st_size:
            return pd.DataFrame(columns=columns, dtype=str)
        with self._opened(write=False) as database:
            found = database.execute(_BETWEEN, (a, b, b, a)).fetchall()
        return pd.DataFrame(found, columns=columns, dtype=str)

    @contextmanager
    def _opened(self, *, write: bool = True) -> Iterator[sqlite3.Connection]:
        """The database in a transaction that ends with the block; made if it is to be written."""
        # To read it is opened for writing too, where that is allowed: a vote that was cut off in
        # its middle is then undone.
        mode = "rwc" if write else "rw"
        address = f"{self.path.absolute().as_uri()}?mode={mode}"
        try:
            # Python's own transactions start too late for two writers: they are begun by hand.
            opened = sqlite3.connect(address, uri=True, timeout=WAIT, isolation_level=None)
            with closing(opened) as database:
                # The file may be a stranger's: nothing that its schema holds is run.
                database.execute("PRAGMA trusted_schema = OFF")
                database.execute("BEGIN IMMEDIATE" if write else "BEGIN")
                self._fit(database, write)
                yield database
                database.execute("COMMIT")
        except sqlite3.Error as error:
            raise ValueError(f"votes in {self.path} can't be kept or read: {error}") from error

    def _fit(self, database: sqlite3.Connection, write: bool) -> None:
        """Make the table in a new file that is to be written; refuse one of a newer version."""
        version = int(database.execute("PRAGMA user_version").fetchone()[0])
        if version > FORMAT_VERSION:
            raise ValueError(
                f"{self.path} has votes of format {version}, this version reads up to "
                f"{FORMAT_VERSION}: update sketchy"
            )
        if version == 0 and write:
            database.execute(_TABLE)
            database.execute(f"PRAGMA user_version = {FORMAT_VERSION}")
