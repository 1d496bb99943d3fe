"""Studies are read from their two files alone, and claim nothing that seeds don't show."""

import json
import os
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.studies import Dimension, Study, importance, judge, list_studies, parse_dimension

SPACE = {"loss.w_d": "log:0.001:10", "loss.w_t": "log:0.1:10", "loss.margin": "uniform:0.05:0.5"}
COLUMNS = ["trial", "group", "seed", *SPACE, "state", "epochs", "best_value", "best_epoch"]


def write_study(path: Path, rows: list[dict[str, Any]], **info: Any) -> Study:
    path.mkdir(parents=True, exist_ok=True)
    content = {
        "format": 1,
        "created": "2026-01-01T00:00:00+00:00",
        "state": "complete",
        "objective": "map_all",
        "recipe": "tiny",
        "epochs": 9,
        "space": SPACE,
        **info,
    }
    (path / "study.json").write_text(json.dumps(content), encoding="utf-8")
    frame = pd.DataFrame(rows, columns=[*COLUMNS, "seconds", "node", "reason"])
    frame.to_csv(path / "trials.csv", index=False)
    return Study(path)


def row(trial: str, value: float | None, w_d: float = 0.1, **more: Any) -> dict[str, Any]:
    return {
        "trial": trial,
        "group": trial.partition("-")[0],
        "seed": 0,
        "loss.w_d": w_d,
        "loss.w_t": 1.0,
        "loss.margin": 0.2,
        "state": "complete",
        "epochs": 9,
        "best_value": value,
        "best_epoch": 4,
        "seconds": 3.0,
        **more,
    }


def repeated(trial: str, values: list[float]) -> list[dict[str, Any]]:
    return [row(f"{trial}-s{seed}", value) for seed, value in enumerate(values, 1)]


def test_best_trial_by_value_then_by_mean_over_seeds(tmp_path: Path) -> None:
    single = [row("000", 0.5), row("001", 0.8), row("002", 0.7)]
    assert write_study(tmp_path / "a", single).best() == "001"
    seeds = repeated("000", [0.5, 0.52]) + repeated("001", [0.6, 0.5]) + repeated("002", [0.7, 0.6])
    study = write_study(tmp_path / "b", single + seeds)
    assert study.best() == "002"
    assert study.repeats()["group"].tolist() == ["002", "001", "000"]
    assert study.repeats()["mean"].tolist() == pytest.approx([0.65, 0.55, 0.51])
    assert study.repeats()["std"][0] == pytest.approx(np.std([0.7, 0.6], ddof=1))
    assert study.settings("001") == {"loss.w_d": 0.1, "loss.w_t": 1.0, "loss.margin": 0.2}
    with pytest.raises(ValueError, match="no trial '9' in study b: there are 000, 001"):
        study.settings("9")


def test_nothing_is_claimed_without_seeds(tmp_path: Path) -> None:
    verdict = write_study(tmp_path / "a", [row("000", 0.1), row("001", 0.9)]).verdict()
    assert verdict.outcome == "no claim"
    assert "001" in verdict.text
    assert "--seeds" in verdict.text


def test_a_clear_difference_is_claimed_and_a_blurred_one_is_not() -> None:
    default = repeated("000", [0.50, 0.51, 0.49])
    clear = pd.DataFrame([row("001", 0.9), *default, *repeated("001", [0.70, 0.71, 0.69])])
    found = judge(clear, "000", "map_all")
    assert found.outcome == "better"
    assert found.group == "001"
    assert found.p_value is not None
    assert found.p_value < 0.001
    # The chosen trial's own lucky value is far ahead; its repeats are not.
    blurred = pd.DataFrame([row("001", 0.9), *default, *repeated("001", [0.45, 0.56, 0.52])])
    found = judge(blurred, "000", "map_all")
    assert found.outcome == "default holds"
    assert found.group == "000"


def test_a_default_that_nothing_got_past_holds() -> None:
    rows = [row("000", 0.5), row("001", 0.3, state="stopped"), *repeated("000", [0.5, 0.52])]
    found = judge(pd.DataFrame(rows), "000", "map_all")
    assert (found.outcome, found.group) == ("default holds", "000")
    assert "0.5100 over 2 seeds" in found.text


def test_p_value_is_welchs_times_the_candidates() -> None:
    from scipy.stats import ttest_ind

    values = {"000": [0.5, 0.52, 0.49], "001": [0.55, 0.5, 0.56], "002": [0.4, 0.5, 0.45]}
    rows = [entry for name, seeds in values.items() for entry in repeated(name, seeds)]
    expected = ttest_ind(values["001"], values["000"], equal_var=False, alternative="greater")
    found = judge(pd.DataFrame(rows), "000", "map_all")
    assert found.p_value == pytest.approx(2 * expected.pvalue)


def test_failed_repeats_and_a_lone_seed_make_no_claim() -> None:
    rows = [*repeated("000", [0.5, 0.5]), *repeated("001", [0.9, 0.9])]
    rows[-1]["state"] = "failed"
    assert judge(pd.DataFrame(rows), "000", "map_all").outcome == "no claim"


@pytest.mark.parametrize(
    ("more", "missing"),
    [
        ([row("001-s1", 0.9, state="running"), row("001-s2", None, state="queued")],
         "two complete repeats of each are needed: 001 has 0 of 2"),
        ([row("001-s1", None, state="failed")], "001 has 0 of 1"),
        ([row("001-s1", 0.9)], "001 has 1 of 1"),
        ([], "nothing but the default was repeated"),
    ],
)  # fmt: skip
def test_a_default_does_not_hold_while_others_are_not_repeated(
    more: list[dict[str, Any]], missing: str
) -> None:
    rows = [row("000", 0.5), row("001", 0.9), *repeated("000", [0.5, 0.52]), *more]
    found = judge(pd.DataFrame(rows), "000", "map_all")
    assert (found.outcome, found.group) == ("no claim", "001")
    assert missing in found.text


def test_a_default_does_not_hold_by_one_seed() -> None:
    rows = [row("000", 0.5), row("001", 0.3, state="stopped"), *repeated("000", [0.5, 0.52])]
    rows[-1]["state"] = "running"
    found = judge(pd.DataFrame(rows), "000", "map_all")
    assert found.outcome == "no claim"
    assert "000 has 1 of 2" in found.text


def test_importance_finds_the_setting_that_matters() -> None:
    rng = np.random.default_rng(0)
    space = {name: parse_dimension(name, text) for name, text in SPACE.items()}
    frame = pd.DataFrame(
        {
            "loss.w_d": 10 ** rng.uniform(-3, 1, 60),
            "loss.w_t": 10 ** rng.uniform(-1, 1, 60),
            "loss.margin": rng.uniform(0.05, 0.5, 60),
        }
    )
    frame["best_value"] = 0.5 - 0.1 * np.log10(frame["loss.w_d"])
    found = importance(frame, space)
    assert next(iter(found.values)) == "loss.w_d"
    assert found.values["loss.w_d"] > 0.8
    assert sum(found.values.values()) == pytest.approx(1)
    assert "fANOVA" in found.method
    assert found.trials == 60


def test_importance_says_why_there_is_none() -> None:
    space = {"loss.w_d": parse_dimension("loss.w_d", "log:0.001:10")}
    few = pd.DataFrame([row("000", 0.5), row("001", None)])
    assert importance(few, space).reason == "1 trials have a value: at least 8 are needed"
    same = pd.DataFrame([row(f"{i:03d}", 0.5) for i in range(9)])
    assert importance(same, space).reason == "all trials have the same value"
    # A default outside the searched range is left out, not an error.
    outside = pd.DataFrame([row("000", 0.1, w_d=0.0)] + [row(f"{i}", 0.5) for i in range(1, 9)])
    assert importance(outside, space).trials == 8


def test_the_table_holds_the_best_of_each_cell(tmp_path: Path) -> None:
    rows = [
        row("000", 0.5, w_d=0.002),
        row("001", 0.6, w_d=0.003),
        row("002", 0.9, w_d=9.0),
        row("003", 0.4, w_d=20.0),  # outside the range: in the nearest cell
    ]
    table = write_study(tmp_path / "a", rows).table("loss.w_d", "loss.w_t", bins=4)
    assert table.shape == (4, 4)
    values = table.to_numpy()
    assert values[~np.isnan(values)].tolist() == [0.6, 0.9]
    assert table.index[0] == "0.001…0.01"
    assert table.loc["1…10"].max() == 0.9
    with pytest.raises(ValueError, match="lr was not searched"):
        write_study(tmp_path / "a", rows).table("train.lr", "loss.w_t")


def test_what_early_stopping_saved_counts_ended_trials_only(tmp_path: Path) -> None:
    rows = [
        row("000", 0.5),
        row("001", 0.4, state="stopped", epochs=3),
        row("002", None, state="failed", epochs=1),
        row("003", 0.4, state="running", epochs=2),
    ]
    saved = write_study(tmp_path / "a", rows).saved()
    assert saved == {"epochs_run": 12, "epochs_full": 18, "share": 12 / 18}


def test_choices_keep_their_types(tmp_path: Path) -> None:
    space = {**SPACE, "model.shared": "choice:true,false", "train.accumulate": "choice:1,2"}
    path = tmp_path / "a"
    write_study(path, [], space=space)
    header = [*COLUMNS[:6], "model.shared", "train.accumulate", *COLUMNS[6:]]
    line = "000,000,0,0.1,1.0,0.2,True,2,complete,9,0.5,4,1.0,host,"
    text = ",".join([*header, "seconds", "node", "reason"]) + f"\n{line}\n"
    (path / "trials.csv").write_text(text, encoding="utf-8")
    settings = Study(path).settings("000")
    assert settings["model.shared"] is True
    assert settings["train.accumulate"] == 2
    assert isinstance(settings["train.accumulate"], int)


def test_state_tells_a_dead_driver(tmp_path: Path) -> None:
    alive = {"pid": os.getpid(), "host": socket.gethostname()}
    assert write_study(tmp_path / "a", [], state="running", driver=alive).state == "running"
    dead = {"pid": 2**22 + 1, "host": socket.gethostname()}
    assert write_study(tmp_path / "b", [], state="running", driver=dead).state == "interrupted"
    # This process has the pid of one that wrote before it began.
    study = write_study(tmp_path / "c", [], state="running", driver=alive)
    for file in study.path.iterdir():
        os.utime(file, (0, 0))
    assert study.state == "interrupted"


def test_a_driver_on_another_machine_lives_by_what_it_writes(tmp_path: Path) -> None:
    study = write_study(tmp_path, [], state="running", driver={"pid": 1, "host": "ip-10-0-0-1"})
    assert study.state == "running"
    os.utime(tmp_path / "trials.csv", (0, 0))
    assert study.state == "interrupted"
    # An epoch may take longer than that.
    (tmp_path / ".pulse").touch()
    assert study.state == "running"


def test_studies_are_listed_and_damaged_ones_left_out(tmp_path: Path) -> None:
    write_study(tmp_path / "old", [], created="2025-01-01")
    write_study(tmp_path / "new", [])
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "study.json").write_text("{", encoding="utf-8")
    assert [study.name for study in list_studies(tmp_path)] == ["new", "old"]
    with pytest.raises(ValueError, match="is damaged"):
        Study(tmp_path / "broken")
    with pytest.raises(ValueError, match="no study at"):
        Study(tmp_path / "none")
    newer = tmp_path / "newer"
    with pytest.raises(ValueError, match="format 99"):
        write_study(newer, [], format=99)


def test_a_damaged_table_is_named(tmp_path: Path) -> None:
    study = write_study(tmp_path / "a", [])
    (study.path / "trials.csv").write_text("trial,state\n000,complete\n", encoding="utf-8")
    with pytest.raises(ValueError, match="damaged: no column best_epoch, best_value"):
        study.trials()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("log:1e-3:10", Dimension(kind="log", low=0.001, high=10)),
        ("uniform:0.05:0.5", Dimension(kind="uniform", low=0.05, high=0.5)),
        ("int:1:8", Dimension(kind="int", low=1, high=8)),
        ("choice:random,2,true", Dimension(kind="choice", values=("random", 2, True))),
    ],
)
def test_kinds_are_read_and_written(text: str, expected: Dimension) -> None:
    assert parse_dimension("k", text) == expected
    assert parse_dimension("k", str(expected)) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("log:0:1", "a log range starts above 0"),
        ("log:3:1", "the low end must be below"),
        ("uniform:1", "allowed are log:LOW:HIGH"),
        ("normal:0:1", "allowed are log:LOW:HIGH"),
        ("int:0.5:3", "int takes whole numbers"),
        ("choice:a", "two or more different values"),
        ("uniform:0:inf", "both finite"),
        ("int:1:inf", "both finite"),
        ("int:nan:3", "both finite"),
    ],
)
def test_wrong_kinds_are_named(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"space k=.*{message}"):
        parse_dimension("k", text)


def test_a_setting_that_is_not_set_lies_in_no_range() -> None:
    assert not parse_dimension("k", "int:1:3").contains(None)


def test_all_values_of_a_range_of_whole_numbers() -> None:
    assert parse_dimension("k", "int:3:8").all_values() == (3, 4, 5, 6, 7, 8)
    assert parse_dimension("k", "choice:a,b").all_values() == ("a", "b")


def test_points_of_a_grid() -> None:
    assert parse_dimension("k", "log:0.01:1").points(3) == (0.01, 0.1, 1.0)
    assert parse_dimension("k", "int:1:3").points(9) == (1, 2, 3)
    assert parse_dimension("k", "choice:a,b").points(9) == ("a", "b")
