"""A report holds everything it shows, escapes what it shows, and is written whole or not at all."""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from core.comparison import Contender, compare, find_ground
from core.failures import FailureSettings, find_failures
from core.gallery import open_gallery
from core.metrics import retrieval_metrics
from core.report import LARGEST, make_report
from core.report.markup import bars, number, table
from core.report.meanings import meaning
from core.report.plots import Series, lines, nice_ticks
from core.runs import Run
from tests.made_run import write_run

EVIL = "<script>alert('x')</script>"
VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """The elements of a page; every one that is opened must be closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs; nothing here may change them, except for embeddings that are kept."""
    root = tmp_path_factory.mktemp("reported")
    write_run(root / "first")
    shutil.copytree(root / "first", root / "second")
    info = json.loads((root / "second" / "run.json").read_text())
    info["config"]["train"]["epochs"] = 4
    (root / "second" / "run.json").write_text(json.dumps(info))
    return root


def report(made: Path, out: Path, *names: str) -> tuple[str, Page]:
    text = make_report([Run(made / name) for name in names], out).read_text(encoding="utf-8")
    return text, Page(text)


def test_a_page_about_one_run_holds_all_it_shows(made: Path, tmp_path: Path) -> None:
    text, page = report(made, tmp_path / "report.html", "first")
    assert len(text) < LARGEST
    pictures = [attrs["src"] or "" for tag, attrs in page.elements if tag == "img"]
    assert len(pictures) > 40
    assert all(re.match(r"data:image/(png|jpeg);base64,.{200,}", src) for src in pictures)
    assert not {tag for tag, _ in page.elements} & {"script", "link", "iframe", "object"}
    assert "http:" not in text
    assert "https:" not in text
    assert "default-src 'none'" in text
    assert "prefers-color-scheme: dark" in text
    run = Run(made / "first")
    for column in run.metrics().columns.drop("epoch"):
        assert column in page.text
    for title in ("What it finds", "Where it looks", "Curves", "Metrics", "Where it fails",
                  "Taken for what", "How well each class is found"):  # fmt: skip
        assert title in page.text
    gallery = open_gallery(run)
    assert gallery is not None
    found = find_failures(run, 3, gallery, FailureSettings())
    assert f"mean AP {found.mean_ap:.3f}" in page.text
    worst = [f"AP {found.ap[row]:.2f}" for row in found.worst(8)]
    assert [page.text.index(note) for note in worst] == sorted(page.text.index(n) for n in worst)
    marks = [attrs.get("class") for tag, attrs in page.elements if tag == "figure"]
    assert {"right", "wrong"} <= set(marks)
    # Six drawings, a frame for each of three epochs.
    assert sum(attrs.get("class") == "film" for tag, attrs in page.elements if tag == "table") == 1
    assert all(f"epoch {epoch}" in page.text for epoch in (1, 2, 3))


def test_text_from_a_run_never_becomes_markup(made: Path, tmp_path: Path) -> None:
    path = tmp_path / "runs" / "evil"
    shutil.copytree(made / "first", path)
    info = json.loads((path / "run.json").read_text())
    info |= {"class_names": [EVIL, "a&b", '"><img src=x>'], "recipe": EVIL}
    info["config"]["model"] |= {"name<i>": EVIL}
    info["data"]["spec"] = EVIL
    (path / "run.json").write_text(json.dumps(info))
    (path / "warnings.txt").write_text(EVIL, encoding="utf-8")
    shutil.rmtree(path / "gallery")
    text, page = report(tmp_path / "runs", tmp_path / "report.html", "evil")
    assert "<script" not in text
    assert "<img src=x" not in text
    assert page.text.count(EVIL) >= 5


def test_two_runs_are_compared(made: Path, tmp_path: Path) -> None:
    _, page = report(made, tmp_path / "report.html", "first", "second")
    assert "Metrics side by side" in page.text
    differ = page.text.partition("Settings that differ")[2].partition("Change in AP")[0]
    assert "train.epochs" in differ
    assert "model.backbone" not in differ
    runs = [Run(made / "first"), Run(made / "second")]
    able = []
    for run in runs:
        gallery = open_gallery(run)
        assert gallery is not None
        able.append(Contender(run=run, epoch=3, gallery=gallery))
    from core.dataset import kept_data

    data = [kept_data(one.run, one.gallery, one.run.probe()) for one in able]
    ground = find_ground([one.photos for one in data], [one.sketches for one in data])
    rated = compare(able, ground)
    changed = page.text.partition("Change in AP per class")[2]
    for name, change in rated.class_change(1):
        assert f"{name}{change:+.3f}" in changed
    assert f"mean AP {rated.mean_ap[0]:.3f} → {rated.mean_ap[1]:.3f}" in changed
    assert "first · loss_total" in page.text


@pytest.mark.parametrize(
    ("gone", "told", "absent"),
    [
        ("gallery", "keeps no photos to search", "Where it fails"),
        ("probe", "does not show its fixed samples", "Where it looks"),
        ("epochs/*/weights.safetensors", "kept no weights", "Where it fails"),
        ("epochs/*/replay.npz", "what epoch 3 made of them", "Where it looks"),
    ],
)
def test_what_a_copied_run_lacks_is_told(
    made: Path, tmp_path: Path, gone: str, told: str, absent: str
) -> None:
    shutil.copytree(made / "first", tmp_path / "copy")
    for path in tmp_path.glob(f"copy/{gone}"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    _, page = report(tmp_path, tmp_path / "report.html", "copy")
    assert told in page.text
    assert absent not in page.text
    assert "Curves" in page.text
    assert ("What it finds" in page.text) == (gone in ("gallery", "epochs/*/weights.safetensors"))
    both = make_report([Run(made / "first"), Run(tmp_path / "copy")], tmp_path / "both.html")
    assert "Settings that differ" in Page(both.read_text(encoding="utf-8")).text


def test_a_file_is_replaced_only_by_force_and_never_by_half(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, run = tmp_path / "report.html", Run(made / "first")
    out.write_text("mine")
    with pytest.raises(ValueError, match=r"report\.html exists: choose another name or --force"):
        make_report([run], out)
    with pytest.raises(ValueError, match=r"must end in \.html"):
        make_report([run], tmp_path / "report.pdf", force=True)
    with pytest.raises(ValueError, match="there is no folder"):
        make_report([run], tmp_path / "none" / "report.html")
    with pytest.raises(ValueError, match="1 to 8 different runs: named are first, first"):
        make_report([run, run], out, force=True)
    monkeypatch.setattr("core.report.page.LARGEST", 1000)
    with pytest.raises(ValueError, match="would have 0 MB, more than 0: name fewer than 1 runs"):
        make_report([run], out, force=True)
    monkeypatch.undo()
    assert out.read_text() == "mine"
    told: list[str] = []
    make_report([run], out, force=True, told=lambda title, done, total: told.append(title))
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert told[0] == "reading first"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_run_without_an_epoch_has_nothing_to_report(tmp_path: Path) -> None:
    write_run(tmp_path / "young", epochs=1, gallery=False)
    shutil.rmtree(tmp_path / "young" / "epochs")
    with pytest.raises(ValueError, match="run young has no finished epoch to report"):
        make_report([Run(tmp_path / "young")], tmp_path / "report.html")


def test_every_metric_has_a_meaning() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(12) % 3
    found = retrieval_metrics(
        rng.normal(size=(12, 4)), rng.normal(size=(12, 4)), labels, labels, class_count=3, ks=(5,)
    )
    assert len(found.values) > 8
    assert all(meaning(name) for name in found.values)
    assert "classes" in meaning("map_at_5[minRK,macro]")
    assert "first 5" in meaning("map_at_5[minRK,macro]")
    assert meaning("unheard_of") == ""


@pytest.mark.parametrize(("low", "high"), [(0.02, 0.97), (0, 193), (-3, 1e-3), (0.5, 0.5), (0, 0)])
def test_ticks_are_round_and_hold_the_values(low: float, high: float) -> None:
    ticks = nice_ticks(low, high)
    assert ticks[0] <= low
    assert ticks[-1] >= high
    assert 2 <= len(ticks) <= 8
    steps = np.diff(ticks)
    assert steps == pytest.approx(np.full(len(steps), steps[0]))


def test_lines_leave_gaps_and_bars_have_signs() -> None:
    points = [(1, 0.0), (2, 1.0), (3, float("nan")), (4, 0.5), (5, 0.25)]
    chart = Page(lines([Series(name="a<b", points=points)], "A & B"))
    drawn = [attrs["points"] for tag, attrs in chart.elements if tag == "polyline"]
    assert [str(one).count(",") for one in drawn] == [2, 2, 2]  # the last is the legend's
    assert "a<b" in chart.text
    assert sum(tag == "circle" for tag, _ in chart.elements) == 4
    assert lines([Series(name="none", points=[(1, float("nan"))])], "none") == ""
    shown = bars([("up", 0.5), ("down", -0.25)], signed=True)
    assert 'class="gain" style="left:50.0%;width:50.0%"' in shown
    assert 'class="loss" style="left:25.0%;width:25.0%"' in shown
    assert "class=best>2<" in table(("m", "a", "b"), [("x", "1", "2")], [2])
    assert [number(v) for v in (0.12345, 3, float("nan"), 1e-6, "x")] == [
        "0.1235", "3", "–", "1e-06", "x"
    ]  # fmt: skip
