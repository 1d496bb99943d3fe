"""Figures: every column finds a group, smoothing keeps gaps, runs are told apart."""

import numpy as np
import pandas as pd

from dashboard import charts


def frame(**columns: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"epoch": [1, 2, 3], **columns})


def test_every_column_is_in_exactly_one_group() -> None:
    columns = [
        "epoch", "loss_total", "loss_new", "lambda_d", "map_all[macro]", "map_all", "p_at_10",
        "acc_at_1", "lr", "images_per_s", "something_else",
    ]  # fmt: skip
    groups = charts.metric_groups(columns)
    found = [column for group in groups.values() for column in group]
    assert sorted(found) == sorted(columns[1:])
    assert groups["Mean average precision"] == ["map_all", "map_all[macro]"]
    assert groups["More"] == ["something_else"]


def test_smoothing_is_a_mean_of_what_was_seen() -> None:
    np.testing.assert_allclose(charts.smoothed([3, 3, 3], 0.9), 3)
    np.testing.assert_allclose(charts.smoothed([1, 4], 0.5), [1, (0.25 * 1 + 0.5 * 4) / 0.75])
    np.testing.assert_allclose(charts.smoothed([1, 5, 2], 0.0), [1, 5, 2])
    gap = charts.smoothed([1, np.nan, 4], 0.5)
    assert np.isnan(gap[1])
    np.testing.assert_allclose(gap[2], 3)


def test_runs_have_colours_and_columns_have_dashes() -> None:
    runs = {"a": frame(x=[1, 2, 3], y=[3, 2, 1]), "b": frame(x=[2, 3, 4])}
    traces = charts.curves(runs, ["x", "y", "z"]).data
    assert [trace.name for trace in traces] == ["a · x", "a · y", "b · x"]
    assert traces[0].line.color == traces[1].line.color != traces[2].line.color
    assert traces[0].line.dash == traces[2].line.dash != traces[1].line.dash


def test_smoothed_lines_keep_the_values_behind_them() -> None:
    figure = charts.curves({"a": frame(x=[1.0, 5.0, 3.0])}, ["x"], smoothing=0.6, log=True)
    raw, smooth = figure.data
    assert list(raw.y) == [1, 5, 3]
    assert not raw.showlegend
    np.testing.assert_allclose(list(smooth.y), charts.smoothed([1, 5, 3], 0.6))
    assert figure.layout.yaxis.type == "log"


def test_many_columns_start_with_a_few() -> None:
    columns = {f"p_at_{k}": [0.1, 0.2, 0.3] for k in range(1, 8)}
    figure = charts.curves({"a": frame(**columns)}, list(columns))
    shown = [trace.visible for trace in figure.data]
    assert shown == [True] * charts.SHOWN + ["legendonly"] * (7 - charts.SHOWN)
