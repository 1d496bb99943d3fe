"""Figures of a study: every trial has its place, in the scale of what it stands for."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.made_study import make_study
from core.studies import Dimension, Study, interpolate
from dashboard import setting_axis, study_charts
from dashboard.parallel_chart import parallel
from dashboard.plots import Figure, Scale, scale_over

ENDS = st.floats(-1e6, 1e6).map(lambda value: round(value, 6))
INSET = setting_axis.INSET


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return Study(make_study(tmp_path_factory.mktemp("searched") / "s", trials=24, epochs=4))


@pytest.fixture(scope="module")
def tries(study: Study) -> pd.DataFrame:
    found = study.first_tries()
    return found.assign(order=range(len(found)))


@given(low=ENDS, high=ENDS, most=st.integers(3, 12))
def test_numbers_of_a_scale_are_round_few_and_say_their_value(
    low: float, high: float, most: int
) -> None:
    scale = Scale(min(low, high), max(low, high) + 1e-3)
    told = scale.numbers(most)
    assert 1 <= len(told) <= most
    assert all(float(text) == value for value, text in told)
    slack = 1e-6 * (scale.high - scale.low)
    assert all(scale.low - slack <= value <= scale.high + slack for value, _ in told)
    steps = np.diff([value for value, _ in told])
    assert not len(steps) or np.allclose(steps, steps[0], rtol=1e-3)


def test_a_scale_of_whole_numbers_has_no_halves() -> None:
    assert [text for _, text in Scale(0, 3).numbers(8, whole=True)] == ["0", "1", "2", "3"]


def test_values_stand_between_foot_and_head_and_equal_ones_in_the_middle() -> None:
    scale = scale_over([2.0, float("nan"), 4.0], foot=0.1, head=0.9)
    assert scale.places([2.0, 3.0, 4.0]).tolist() == pytest.approx([0.1, 0.5, 0.9])
    assert scale_over([7.0, 7.0]).places([7.0]).tolist() == pytest.approx([0.5])
    assert np.isfinite(scale_over([]).places([0.5])).all()


def test_a_setting_stands_in_its_own_scale_and_beyond_it_where_it_is_outside() -> None:
    log = Dimension(kind="log", low=1e-3, high=10)
    inner = 1 - 2 * INSET
    beyond = inner * setting_axis.BEYOND
    found = setting_axis.places([1e-3, 0.1, 10, 500, 0.0], log)
    assert found.tolist() == pytest.approx(
        [INSET, 0.5, 1 - INSET, 1 - INSET + beyond, INSET - beyond]
    )
    assert setting_axis.ticks(log) == [
        (pytest.approx(INSET + share * inner), text)
        for share, text in zip(
            np.linspace(0, 1, 5), ("0.001", "0.01", "0.1", "1", "10"), strict=True
        )
    ]
    choice = Dimension(kind="choice", values=("random", "semihard", "hard"))
    assert [text for _, text in setting_axis.ticks(choice)] == ["random", "semihard", "hard"]
    assert setting_axis.places(["hard", "none"], choice).tolist() == pytest.approx(
        [1 - INSET, INSET - beyond]
    )


def test_history_shows_each_trial_at_its_value_and_the_best_so_far(
    study: Study, tries: pd.DataFrame
) -> None:
    figure = study_charts.history(tries, "map_all", "003")
    (panel,) = figure.panels
    assert list(figure.trials) == tries["trial"].tolist()
    assert list(figure.looks) == tries["state"].tolist()
    assert figure.chosen == "003"
    known = tries["best_value"].notna().to_numpy()
    assert panel.marks is not None
    heights = np.array(panel.marks.y)
    slope = np.polyfit(tries["best_value"][known], heights[known], 1)
    assert heights[known] == pytest.approx(np.polyval(slope, tries["best_value"][known]))
    assert (np.diff(panel.marks.x) > 0).all()
    (best,) = panel.lines
    assert np.array(best.y) == pytest.approx(np.maximum.accumulate(heights[known]))
    assert best.told[-1] == f"best so far {tries['best_value'].max():.4f}"


def test_a_trial_without_a_value_lies_at_the_foot_and_its_line_ends_early(
    study: Study, tries: pd.DataFrame
) -> None:
    tries = tries.assign(best_value=tries["best_value"].mask(tries["state"] == "failed"))
    missing = tries["best_value"].isna().to_numpy()
    assert missing.any()
    (panel,) = study_charts.history(tries, "map_all", None).panels
    assert panel.marks is not None
    heights = np.array(panel.marks.y)
    assert heights[missing].max() < heights[~missing].min()
    (panel,) = parallel(tries, study.space, "map_all", None).panels
    assert panel.threads is not None
    assert [ink == "bad" for ink in panel.threads.inks] == missing.tolist()
    assert np.isnan(panel.threads.y_NA[:, -1]).tolist() == missing.tolist()
    assert panel.marks is not None
    assert not np.isnan(panel.marks.y).any()
    assert set(np.array(panel.marks.x)[missing]) == {panel.rulers[-2].x}


def test_each_line_goes_through_its_trial_s_settings(study: Study, tries: pd.DataFrame) -> None:
    figure = parallel(tries, study.space, "map_all", None)
    (panel,) = figure.panels
    assert [ruler.title for ruler in panel.rulers] == [
        "w_d", "w_t", "margin", "train.lr", "loss.negatives", "map_all"
    ]  # fmt: skip
    threads = panel.threads
    assert threads is not None
    shares = (np.log10(tries["loss.w_d"]) + 3) / 4
    assert threads.y_NA[:, 0] == pytest.approx((INSET + (1 - 2 * INSET) * shares).to_numpy())
    assert sorted(threads.order) == list(range(24))
    assert threads.order[-1] == int(tries["best_value"].argmax())
    assert threads.strengths[threads.order[-1]] == 1
    assert list(threads.dotted) == (tries["state"] == "stopped").tolist()


def test_landscape_and_slices_share_their_places(study: Study, tries: pd.DataFrame) -> None:
    x, y = "loss.w_d", "loss.w_t"
    field = interpolate(tries, study.space, x, y)
    assert field is not None
    (plane,) = study_charts.landscape(tries, study.space, x, y, field, None).panels
    surface = plane.surface
    assert surface is not None
    assert surface.x == pytest.approx(np.linspace(INSET, 1 - INSET, 33), abs=1e-4)
    known = surface.values_YX[~np.isnan(surface.values_YX)]
    assert surface.levels[0] <= known.min()
    assert surface.levels[-1] >= known.max()
    assert (np.diff(surface.levels) > 0).all()
    slices = study_charts.slices(tries, study.space, None)
    assert plane.marks is not None
    assert [panel.x.title for panel in slices.panels[:2]] == [plane.x.title, plane.y.title]
    for panel, places in zip(slices.panels, (plane.marks.x, plane.marks.y), strict=False):
        assert panel.marks is not None
        assert panel.marks.x == places
    assert study_charts.landscape(tries, study.space, x, "loss.negatives", None, None)


def test_figures_become_json_without_nan(study: Study, tries: pd.DataFrame) -> None:
    strange = tries.assign(best_value=tries["best_value"].mask(tries["state"] == "failed"))
    field = interpolate(strange, study.space, "loss.w_d", "loss.w_t")
    figures: list[Figure] = [
        study_charts.history(strange, "<i>", None),
        parallel(strange, study.space, "<i>", "000"),
        study_charts.landscape(strange, study.space, "loss.w_d", "loss.w_t", field, None),
        study_charts.slices(strange, study.space, None),
        study_charts.importance({"loss.w_d": 0.75, "train.lr": 0.25}),
    ]
    for figure in figures:
        sent = json.loads(json.dumps(figure.payload(), allow_nan=False))
        assert sent["trials"] in ([], tries["trial"].tolist())
        assert len(sent["panels"]) == len(figure.panels)
    first, second = figures[-1].panels[0].bars
    assert (first.text, first.strong, second.text, second.strong) == ("75.0%", True, "25.0%", False)
    assert (first.value, second.value) == (0.75, 0.25)
    assert first.length == 1 == pytest.approx(3 * second.length)


def test_one_trial_without_a_value_is_a_figure_too(study: Study, tries: pd.DataFrame) -> None:
    one = tries.iloc[:1].assign(best_value=float("nan"))
    for figure in (
        study_charts.history(one, "map_all", None),
        parallel(one, study.space, "map_all", None),
        study_charts.slices(one, study.space, None),
    ):
        json.dumps(figure.payload(), allow_nan=False)
        assert list(figure.trials) == ["000"]
