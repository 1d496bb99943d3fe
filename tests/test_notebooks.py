"""Both notebooks run to their end on the built-in set and show what they talk about."""

import base64
import io
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from PIL import Image

FOLDER = Path(__file__).parent.parent / "docs" / "notebooks"
NAMES = ("training", "performance")
LARGEST = 40_000
"""Bytes of a notebook without its outputs."""


class Executed:
    """A notebook after its run: what its cells printed, drew and showed."""

    def __init__(self, notebook: Any) -> None:
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        assert all(cell.execution_count for cell in cells)
        outputs = [output for cell in cells for output in cell.outputs]
        streams = [output for output in outputs if output.output_type == "stream"]
        self.printed = "".join(output.text for output in streams if output.name == "stdout")
        self.warned = "".join(output.text for output in streams if output.name == "stderr")
        shown = [output.data for output in outputs if "data" in output]
        self.figures: list[Any] = [
            data["application/vnd.plotly.v1+json"]
            for data in shown
            if "application/vnd.plotly.v1+json" in data
        ]
        self.sheets = [picture(data["image/png"]) for data in shown if "image/png" in data]
        self.tables = [data["text/plain"] for data in shown if "text/html" in data]

    def figure(self, *names: str) -> dict[str, Any]:
        """The traces, by name, of the figure that has all of these."""
        for figure in self.figures:
            traces = {trace.get("name", ""): trace for trace in figure["data"]}
            if set(names) <= set(traces):
                return traces
        raise AssertionError(f"no figure has {names}")


def picture(encoded: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(encoded)))


def execute(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Executed:
    """Run a notebook as a person would, in a fresh kernel; an error in a cell is raised."""
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources=resources).execute()
    return Executed(notebook)


def size_of(columns: int, rows: int, side: int = 96, gap: int = 6) -> tuple[int, int]:
    return columns * (side + gap) - gap, rows * (side + gap) - gap


@pytest.mark.parametrize("name", NAMES)
def test_they_are_stored_without_outputs(name: str) -> None:
    path = FOLDER / f"{name}.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert path.stat().st_size < LARGEST


def test_there_are_no_others() -> None:
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == set(NAMES)


@pytest.mark.long
def test_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = execute("training", tmp_path, monkeypatch)
    assert ran.warned == ""
    assert [sheet.size for sheet in ran.sheets] == [size_of(8, 3), size_of(8, 1), size_of(8, 5)]

    schedules = ran.figure("linear", "ganin", "constant")
    linear = dict(zip(schedules["linear"]["x"], schedules["linear"]["y"], strict=True))
    assert (linear[5.0], linear[15.0], linear[25.0]) == (0.0, 0.5, 1.0)
    assert schedules["ganin"]["y"][0] == 0.0
    assert schedules["ganin"]["y"] == sorted(schedules["ganin"]["y"])
    assert set(schedules["constant"]["y"]) == {1.0}

    assert "backward [-0.5, -0.5, -0.5]" in ran.printed
    picked = ran.figure("p and random n", "p and semihard n", "p and hard n")
    negative = {name: values(trace["x"])[1] for name, trace in picked.items() if name[0] == "p"}
    assert negative["p and hard n"] < values(picked["p and hard n"]["x"])[0]
    assert negative["p and semihard n"] > values(picked["p and semihard n"]["x"])[0]

    epochs = re.findall(r"epoch +(\d+)  L_tot (\S+)  mAP (\S+)", ran.printed)
    assert [int(epoch) for epoch, _, _ in epochs] == list(range(1, 11))
    assert float(epochs[-1][1]) < 0.5 * float(epochs[0][1])
    assert float(epochs[-1][2]) > 0.4, "six words: chance is about 0.25"
    losses = ran.figure("loss_total", "loss_triplet", "loss_domain", "loss_classification")
    assert all(len(values(trace["y"])) == 10 for trace in losses.values())
    assert ran.figure("lambda_d", "discriminator_accuracy", "map_all", "p_at_5")


@pytest.mark.long
def test_performance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = execute("performance", tmp_path, monkeypatch)
    assert ran.warned == ""
    by_hand = next(table for table in ran.tables if "by hand" in table)
    # (1 + 2/3 + 3/4 + 1/2) / 4; then 29/12 divided by three hits, and by four cats.
    for name, value in (("map_all", 0.7292), ("[hits]", 0.8056), ("[minRK]", 0.6042)):
        assert re.search(rf"{re.escape(name)} +{value} +{value}", by_hand), name

    kinds = ran.figure("map_at_K[hits]", "map_at_K[minRK]")
    hits, least = (values(kinds[f"map_at_K[{kind}]"]["y"]) for kind in ("hits", "minRK"))
    assert all(a >= b for a, b in zip(hits, least, strict=True))
    assert hits[4] > 1.5 * least[4]
    assert hits[-1] == pytest.approx(least[-1])

    assert any("map_at_5[minRK]" in table and "test side" in table for table in ran.tables)
    assert any(trace["type"] == "heatmap" for figure in ran.figures for trace in figure["data"])
    assert "8 of 8" in re.sub(r"epoch \d of", "8 of", ran.printed)
    assert re.search(r"\d+ strokes -> \(56, 56\) pixels -> 256 numbers", ran.printed)
    assert re.search(r"answered in \d+ ms over 180 photos", ran.printed)
    assert [sheet.size for sheet in ran.sheets] == [size_of(6, 4), size_of(8, 1), size_of(8, 2)]

    maps = [figure for figure in ran.figures if figure["data"][-1].get("name") == "our cat"]
    assert [figure["layout"]["title"]["text"] for figure in maps] == ["pca", "tsne"]
    trusted = re.findall(r"trustworthiness of \w+: (\S+)", ran.printed)
    assert all(0.5 < float(trust) <= 1 for trust in trusted)
    assert len(trusted) == 2


def values(numbers: Any) -> list[float]:
    """Numbers of a trace: a plain list, or bytes in base64 with their type beside them."""
    if isinstance(numbers, dict):
        import numpy as np

        content = base64.b64decode(numbers["bdata"])
        return [float(number) for number in np.frombuffer(content, numbers["dtype"])]
    return [float(number) for number in numbers]
