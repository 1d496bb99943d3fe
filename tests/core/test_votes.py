"""Votes are counted once each, from several threads and processes, and judged as statistics say."""

import math
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.runs import list_runs
from core.votes import FORMAT_VERSION, Tally, Votes

ROOT = Path(__file__).parents[2]


def cast(votes: Votes, ballot: str, choice: str, first: str = "one", second: str = "two") -> bool:
    return votes.cast(ballot, first, second, choice, left_was="first", sketch="s")  # type: ignore[arg-type]


def sign_test(a: int, n: int) -> float:
    """The exact two-sided p-value, by summing every outcome that is no likelier than this one."""
    chances = [math.comb(n, k) / 2**n for k in range(n + 1)]
    return sum(chance for chance in chances if chance <= chances[a] * (1 + 1e-9))


def wilson(a: int, n: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """The interval's textbook formula."""
    share = a / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return centre - half, centre + half


@pytest.mark.parametrize(("a", "b"), [(1, 0), (0, 5), (7, 7), (12, 5), (40, 61), (200, 3)])
def test_share_interval_and_p_value_are_those_of_the_formulas(a: int, b: int) -> None:
    tally = Tally(a=a, b=b, ties=9, skipped=4)
    assert tally.share == pytest.approx(a / (a + b))
    assert tally.p_value == pytest.approx(sign_test(a, a + b), rel=1e-9)
    assert tally.interval == pytest.approx(wilson(a, a + b), abs=1e-9)


def test_without_a_decided_vote_nothing_is_claimed() -> None:
    tally = Tally(ties=3, skipped=2)
    assert (tally.share, tally.interval, tally.p_value) == (None, None, None)


def test_votes_are_kept_whichever_checkpoint_was_called_first(tmp_path: Path) -> None:
    votes = Votes(tmp_path)
    assert votes.tally("one", "two") == Tally()
    assert not votes.path.exists()
    assert cast(votes, "1", "first")
    assert cast(votes, "2", "second", "two", "one")
    assert cast(votes, "3", "second")
    for ballot, choice in (("4", "tie"), ("5", "skip"), ("6", "skip")):
        assert cast(votes, ballot, choice)
    assert cast(votes, "7", "first", "one", "three")
    assert Votes(tmp_path).tally("one", "two") == Tally(a=2, b=1, ties=1, skipped=2)
    assert Votes(tmp_path).tally("two", "one") == Tally(a=1, b=2, ties=1, skipped=2)
    table = votes.table("two", "one")
    assert table["preferred"].tolist() == ["one", "one", "two", "tie", "skip", "skip"]
    assert table["left"].tolist() == ["one", "two", "one", "one", "one", "one"]


def test_a_ballot_votes_once(tmp_path: Path) -> None:
    votes = Votes(tmp_path)
    assert cast(votes, "1", "first")
    assert not cast(votes, "1", "second")
    assert votes.tally("one", "two") == Tally(a=1)


def test_threads_and_processes_vote_at_once_and_none_is_lost(tmp_path: Path) -> None:
    root = tmp_path / "runs of ours?#%"
    root.mkdir()
    code = (
        "import sys; from pathlib import Path; from core.votes import Votes\n"
        "votes, who = Votes(Path(sys.argv[1])), sys.argv[2]\n"
        "for n in range(25):\n"
        "    votes.cast(f'{who}{n}', 'one', 'two', 'first', left_was='second', sketch='s')"
    )
    voters = [
        subprocess.Popen([sys.executable, "-c", code, str(root), who], cwd=ROOT) for who in "ab"
    ]
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda n: cast(Votes(root), f"t{n}", "second"), range(40)))
    assert all(done)
    assert [voter.wait(timeout=60) for voter in voters] == [0, 0]
    assert Votes(root).tally("one", "two") == Tally(a=50, b=40)


def test_the_file_is_no_run(tmp_path: Path) -> None:
    cast(Votes(tmp_path), "1", "tie")
    assert [file.name for file in tmp_path.iterdir()] == ["votes.sqlite"]
    assert list_runs(tmp_path) == []


def test_what_can_not_be_a_vote_or_a_file_of_votes_is_told(tmp_path: Path) -> None:
    votes = Votes(tmp_path)
    with pytest.raises(ValueError, match=r"'both' .* allowed are first, second, tie, skip"):
        cast(votes, "1", "both")
    with pytest.raises(ValueError, match="one was given twice"):
        cast(votes, "1", "tie", "one", "one")
    with pytest.raises(ValueError, match="characters long"):
        votes.cast("1", "one", "two", "tie", left_was="first", sketch="s" * 10**6)
    assert not votes.path.exists()
    with pytest.raises(ValueError, match=r"votes\.sqlite can't be kept or read"):
        cast(Votes(tmp_path / "nowhere"), "1", "tie")
    votes.path.write_bytes(b"no database, but long enough to be looked at" * 100)
    with pytest.raises(ValueError, match="not a database"):
        votes.tally("one", "two")


def test_a_newer_file_is_refused_and_one_that_was_left_empty_is_used(tmp_path: Path) -> None:
    votes = Votes(tmp_path)
    votes.path.touch()
    assert votes.tally("one", "two") == Tally()
    assert cast(votes, "1", "first")
    database = sqlite3.connect(votes.path)
    assert database.execute("PRAGMA user_version").fetchone() == (FORMAT_VERSION,)
    database.execute(f"PRAGMA user_version = {FORMAT_VERSION + 1}")
    database.close()
    with pytest.raises(ValueError, match="update sketchy"):
        votes.tally("one", "two")
