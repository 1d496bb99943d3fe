"""TensorBoard's files say what metrics.csv says, each epoch once, whatever happened."""

import struct
from pathlib import Path

import pytest
from tensorboardX.proto.event_pb2 import Event
from tensorboardX.record_writer import masked_crc32c

from core.runs import Run, RunWriter
from tests.core.test_runs import make_writer, write_epoch


def read_events(run: Path) -> list[Event]:
    """All records of the run's event files, their checksums checked."""
    events = []
    for path in sorted((run / "tensorboard").iterdir()):
        data = path.read_bytes()
        while data:
            (length,) = struct.unpack("<Q", data[:8])
            body = data[12 : 12 + length]
            sums = struct.unpack("<I", data[8:12]) + struct.unpack(
                "<I", data[12 + length : 16 + length]
            )
            assert sums == (masked_crc32c(data[:8]), masked_crc32c(body))
            events.append(Event.FromString(body))
            data = data[16 + length :]
    return events


def steps(run: Path) -> list[int]:
    return [event.step for event in read_events(run) if event.HasField("summary")]


def test_each_epoch_is_a_step_with_every_number(tmp_path: Path) -> None:
    writer = make_writer(tmp_path / "one")
    writer.drop_after(0)
    for epoch, score in ((1, 0.25), (2, 0.75)):
        write_epoch(writer, epoch, score)
    first, *rest = read_events(tmp_path / "one")
    assert first.file_version == "brain.Event:2"
    assert [event.step for event in rest] == [1, 2]
    values = {value.tag: value.simple_value for value in rest[1].summary.value}
    assert values["metrics/map_all"] == 0.75
    assert set(values) == {"metrics/map_all", "loss/total"}
    assert rest[0].wall_time == pytest.approx(
        (tmp_path / "one/epochs/0001/epoch.json").stat().st_mtime
    )


def test_a_run_that_goes_on_repeats_no_step(tmp_path: Path) -> None:
    writer = make_writer(tmp_path / "one")
    for epoch in (1, 2, 3):
        write_epoch(writer, epoch)
    (file,) = (tmp_path / "one/tensorboard").iterdir()
    with file.open("ab") as half:
        half.write(b"half a record")
    again = RunWriter(tmp_path / "one")
    again.drop_after(2)
    assert steps(tmp_path / "one") == [1, 2]
    write_epoch(again, 3)
    write_epoch(again, 4)
    assert steps(tmp_path / "one") == Run(tmp_path / "one").metrics()["epoch"].tolist()
    assert len(list((tmp_path / "one/tensorboard").iterdir())) == 1


def test_an_epoch_trained_again_replaces_its_step(tmp_path: Path) -> None:
    writer = make_writer(tmp_path / "one")
    write_epoch(writer, 1, 0.1)
    write_epoch(writer, 2, 0.2)
    writer.drop_after(1)
    write_epoch(writer, 2, 0.9)
    assert steps(tmp_path / "one") == [1, 2]
    values = {v.tag: v.simple_value for v in read_events(tmp_path / "one")[-1].summary.value}
    assert values["metrics/map_all"] == pytest.approx(0.9)
