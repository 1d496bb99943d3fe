"""What a person looks at in a study: filtered trials, the field between them, broken studies."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.studies import (
    TrialFilter,
    importance,
    interpolate,
    parse_dimension,
    read_filter,
    survey_studies,
)
from core.studies.aside import importance_aside
from core.studies.field import REACH
from tests.core.test_studies import SPACE, row, write_study

DIMENSIONS = {name: parse_dimension(name, text) for name, text in SPACE.items()}
CHOICE = {**DIMENSIONS, "model.shared": parse_dimension("model.shared", "choice:true,false")}


def frame() -> pd.DataFrame:
    rows = [
        row("000", 0.5, w_d=0.0),
        row("001", 0.8, w_d=0.01),
        row("002", 0.2, w_d=1.0, state="stopped"),
        row("003", None, w_d=9.0, state="failed"),
    ]
    return pd.DataFrame(rows).assign(**{"model.shared": [True, False, True, False]})


def kept(chosen: TrialFilter) -> list[str]:
    return frame().loc[chosen.rows(frame()), "trial"].tolist()


def test_each_part_of_a_filter_leaves_trials_out() -> None:
    assert kept(TrialFilter()) == ["000", "001", "002", "003"]
    assert not TrialFilter().active
    assert kept(TrialFilter(states=("stopped", "failed"))) == ["002", "003"]
    # A trial without a value is not between any two.
    assert kept(TrialFilter(value=(0.5, None))) == ["000", "001"]
    assert kept(TrialFilter(value=(None, 0.5))) == ["000", "002"]
    # An open end lets a default through that lies outside the searched range.
    assert kept(TrialFilter(ranges={"loss.w_d": (None, 0.01)})) == ["000", "001"]
    assert kept(TrialFilter(ranges={"loss.w_d": (0.001, 1.0)})) == ["001", "002"]
    assert kept(TrialFilter(choices={"model.shared": (True,)})) == ["000", "002"]
    both = TrialFilter(states=("complete",), ranges={"loss.w_d": (0.001, None)})
    assert kept(both) == ["001"]


def test_a_filter_comes_back_from_its_link() -> None:
    chosen = TrialFilter(
        states=("complete",),
        value=(0.25, None),
        ranges={"loss.w_d": (0.00123, 1.5), "loss.margin": (None, 0.4)},
        choices={"model.shared": (False,)},
    )
    texts = chosen.texts()
    assert texts == ["loss.w_d:0.00123..1.5", "loss.margin:..0.4", "model.shared:False"]
    assert read_filter(CHOICE, states=["complete"], value="0.25..", settings=texts) == chosen


def test_a_link_from_elsewhere_leaves_what_fits() -> None:
    found = read_filter(
        CHOICE,
        states=["complete", "<b>"],
        value="nan..1e999",
        settings=["train.lr:1..2", "loss.w_d:x..1", "loss.w_t", "model.shared:maybe", "", ":"],
    )
    assert found == TrialFilter(states=("complete",), ranges={"loss.w_d": (None, 1.0)})


def test_the_field_follows_the_trials_and_is_blank_far_from_them() -> None:
    rng = np.random.default_rng(0)
    count = 150
    trials = pd.DataFrame(
        {"loss.w_d": 10 ** rng.uniform(-3, -1, count), "loss.w_t": 10 ** rng.uniform(-1, 1, count)}
    )
    truth = 0.5 + 0.1 * (np.log10(trials["loss.w_d"]) + 2) ** 2
    trials["best_value"] = truth + rng.normal(0, 0.005, count)
    # A default of 0 has no place on a log axis: it is left out, not an error.
    trials = pd.concat([trials, pd.DataFrame([{**trials.iloc[0], "loss.w_d": 0.0}])])
    field = interpolate(trials, DIMENSIONS, "loss.w_d", "loss.w_t")
    assert field is not None
    assert field.values_YX.shape == (len(field.y), len(field.x))
    x = np.log10(np.array(field.x, float))
    inside = (x > -2.8) & (x < -1.2)
    error = field.values_YX[8:-8, inside] - (0.5 + 0.1 * (x[inside] + 2) ** 2)
    assert np.abs(error).max() < 0.03
    # No trial has a w_d above 0.1: beyond the reach of the kernel nothing is claimed.
    blank = x > -1 + REACH * field.bandwidth * 4 + 0.1
    assert blank.any()
    assert np.isnan(field.values_YX[:, blank]).all()


def test_there_is_no_field_over_a_choice_or_a_handful() -> None:
    trials = pd.concat([frame()] * 3)
    assert interpolate(trials, CHOICE, "loss.w_d", "model.shared") is None
    assert interpolate(frame(), CHOICE, "loss.w_d", "loss.w_t") is None


@pytest.mark.parametrize(
    ("name", "value", "share"),
    [("loss.w_d", 0.1, 0.5), ("loss.w_d", 0.0, np.nan), ("loss.margin", 0.05, 0.0),
     ("model.shared", False, 1.0), ("model.shared", "x", np.nan)],
)  # fmt: skip
def test_a_value_has_a_place_in_its_range(name: str, value: object, share: float) -> None:
    assert CHOICE[name].share(value) == pytest.approx(share, nan_ok=True)


def test_studies_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    write_study(tmp_path / "good", [row("000", 0.5)])
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / "study.json").write_text('{"format": 1, ', encoding="utf-8")
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "study.json").write_text('{"format": 1}', encoding="utf-8")
    found, broken = survey_studies(tmp_path)
    assert [study.name for study in found] == ["good"]
    assert sorted(broken) == ["bare", "cut"]
    assert "damaged: no objective, state, space, epochs" in broken["bare"]


def test_a_column_of_words_is_damage(tmp_path: Path) -> None:
    study = write_study(tmp_path / "a", [row("000", 0.5, seconds="soon")])
    with pytest.raises(ValueError, match="damaged: column seconds holds what is no number"):
        study.trials()
    assert write_study(tmp_path / "b", []).trials().empty


@pytest.mark.slow
def test_importance_aside_is_the_same_importance(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rows = [row(f"{i:03d}", 0.5 - 0.1 * w, w_d=10**w) for i, w in enumerate(rng.uniform(-3, 1, 14))]
    study = write_study(tmp_path / "a", rows)
    names = study.trials()["trial"].tolist()[:12]
    mine = importance(study.trials().iloc[:12], study.space)
    assert importance_aside(study, names) == mine
    assert mine.trials == 12
    (study.path / "study.json").unlink()
    with pytest.raises(ValueError, match="importance: no study at"):
        importance_aside(study, names)
