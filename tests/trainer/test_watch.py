"""What a person sees: a line an epoch when piped, a bar with terms and time left in a terminal."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from core.runs import RunWriter
from tests.core.test_runs import make_replay, make_writer
from trainer.watch import Watch

ROW = {
    "loss_total": 1.5,
    "loss_triplet": 0.2,
    "loss_domain": 0.6,
    "seconds": 3.0,
    "evaluation_seconds": 0.5,
    "images_per_s": 120.0,
}
LINE = re.compile(
    r"epoch +(\d+)  \d\d:\d\d:\d\d  loss 1\.5000 \(triplet 0\.2000, domain 0\.6000\)  "
    r"map_all (0\.\d{4}) \(best (0\.\d{4}) in (\d+)\)  120 images/s  3\.5 s"
)


def write(writer: RunWriter, epoch: int, score: float) -> None:
    writer.write_epoch(
        {"epoch": epoch, "map_all": score, **ROW},
        weights={},
        replay=make_replay(),
        training_state={"epoch": epoch, "step": 0},
    )


@pytest.fixture
def writer(tmp_path: Path) -> RunWriter:
    return make_writer(tmp_path / "one")


def test_piped_it_is_a_line_an_epoch(writer: RunWriter) -> None:
    write(writer, 1, 0.9)
    out = io.StringIO()
    with Watch(writer.path, Console(file=out, width=40)):
        write(writer, 2, 0.5)
        write(writer, 3, 0.95)
    told = [LINE.fullmatch(line) for line in out.getvalue().splitlines()]
    assert [match.groups() for match in told if match] == [
        ("2", "0.5000", "0.9000", "1"),
        ("3", "0.9500", "0.9500", "3"),
    ]
    assert None not in told


def test_nothing_is_said_of_a_run_without_a_new_epoch(writer: RunWriter) -> None:
    write(writer, 1, 0.9)
    out = io.StringIO()
    with Watch(writer.path, Console(file=out)):
        writer.set_status("running", epoch=2, step=1, steps=4)
    assert out.getvalue() == ""


def test_in_a_terminal_the_bar_shows_step_terms_and_best(
    writer: RunWriter,
) -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=120)
    writer.set_status(
        "running", epoch=2, step=3, steps=4, loss_total=1.25, images_per_s=99.0, best=0.875
    )
    with Watch(writer.path, console):
        write(writer, 1, 0.9)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", out.getvalue())
    assert "epoch 2/4" in shown
    assert "step 3/4  loss 1.250  99 images/s  best 0.875" in shown
    assert LINE.search(shown)
