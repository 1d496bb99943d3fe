"""`sketchy study` and `sketchy tune` before any cluster is started: what they say and refuse."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from core.settings import override, to_dict, with_settings
from trainer.cli import app
from trainer.recipes import read_recipe
from trainer.search.plan import Plan
from trainer.search.record import Record, Trial
from trainer.search.space import read_space, settings_of


def run(*words: str) -> str:
    """What a command prints; its errors are raised."""
    told = CliRunner().invoke(app, [*words], catch_exceptions=False)
    assert told.exit_code == 0
    return told.stdout


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A runs root with a study of ten trials, two seeds of two of them."""
    config = override(read_recipe("small"), ["train.epochs=6", "train.lr=2e-3"])
    space = read_space([], config)
    plan = Plan(recipe="small", spec="builtin", config=config, space=space, trials=10, seeds=2)
    (tmp_path / "weights").mkdir()
    record = Record(tmp_path / "weights", plan.to_info())
    record.save_info(state="complete")
    for number in range(10):
        settings = {"loss.w_d": 0.01 * 2**number, "loss.w_t": 1.0, "loss.margin": 0.2}
        stopped = number in (1, 2)
        record.put(
            make_trial(
                f"{number:03d}",
                0.5 + number / 100,
                settings=settings,
                epochs=2 if stopped else 6,
                state="stopped" if stopped else "complete",
            )
        )
    for group, value in (("000", 0.5), ("009", 0.7)):
        for seed in (1, 2):
            settings = dict(record.trials[group].settings)
            name = f"{group}-s{seed}"
            record.put(
                make_trial(name, value + seed / 1000, group=group, seed=seed, settings=settings)
            )
    return tmp_path


def make_trial(name: str, value: float, **more: Any) -> Trial:
    given = {"name": name, "group": name, "seed": 0, "state": "complete", "epochs": 6}
    return Trial(**{**given, "best_value": value, "best_epoch": 2, **more})


def test_a_study_in_json(runs: Path) -> None:
    summary = json.loads(run("study", "weights", "--json", "--runs", str(runs)))
    assert summary["trials"] == {"complete": 12, "stopped": 2}
    assert summary["best"]["trial"] == "009"
    assert summary["verdict"]["outcome"] == "better"
    assert summary["repeats"][0] == pytest.approx(
        {"group": "009", "seeds": 2, "mean": 0.7015, "std": 0.000707}, abs=1e-5
    )
    assert next(iter(summary["importance"]["values"])) == "loss.w_d"
    assert summary["early_stopping"]["epochs_run"] == 8 * 6 + 2 * 2
    assert len(summary["weights_table"]["index"]) == 4


def test_a_study_in_words(runs: Path) -> None:
    told = run("study", "weights", "--runs", str(runs))
    assert "best trial 009: map_all 0.5900 in epoch 2" in told
    assert "trial 009: 0.7015 ± 0.0007 over 2 seeds" in told
    assert "beats the recipe's default" in told
    assert "importance by fANOVA" in told
    assert "early stopping: 52 epochs run of 60 in full, 13% saved" in told


def test_a_promoted_recipe_trains_the_same_configuration(runs: Path) -> None:
    recipe = runs / "best.yaml"
    run("study", "weights", "--promote", str(recipe), "--runs", str(runs))
    expected = override(read_recipe("small"), ["train.epochs=6", "train.lr=2e-3"])
    expected = with_settings(expected, {"loss.w_d": 5.12, "loss.w_t": 1.0, "loss.margin": 0.2})
    assert to_dict(read_recipe(str(recipe))) == to_dict(expected)
    other = runs / "other.yaml"
    run("study", "weights", "--promote", str(other), "--trial", "003", "--runs", str(runs))
    assert settings_of(read_recipe(str(other)), ["loss.w_d"]) == {"loss.w_d": 0.08}
    with pytest.raises(ValueError, match="exists: choose another name"):
        run("study", "weights", "--promote", str(recipe), "--runs", str(runs))
    with pytest.raises(ValueError, match=r"must end in \.yaml"):
        run("study", "weights", "--promote", str(runs / "best.json"), "--runs", str(runs))
    with pytest.raises(ValueError, match="no trial '77' in study weights"):
        run("study", "weights", "--promote", "x.yaml", "--trial", "77", "--runs", str(runs))


def test_what_a_recipe_file_sets_is_taken_as_it_is(tmp_path: Path) -> None:
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(
        "base: tiny\n"
        "set:\n"
        "  data.steps_per_epoch: null\n"
        "  train: {epochs: 3}\n"
        "  loss.word_vectors: 'a: #b'\n"
    )
    config, tiny = read_recipe(str(recipe)), read_recipe("tiny")
    assert config.data.steps_per_epoch is None
    assert config.loss.word_vectors == "a: #b"
    # A group keeps what it does not name as the base has it.
    assert config.train == dataclasses.replace(tiny.train, epochs=3)
    recipe.write_text("base: tiny\n")
    assert read_recipe(str(recipe)) == tiny


def test_a_promoted_recipe_may_unset_what_its_base_sets(tmp_path: Path) -> None:
    config = override(read_recipe("tiny"), ["data.steps_per_epoch=null"])
    plan = Plan(recipe="tiny", spec="builtin", config=config, space=read_space([], config))
    (tmp_path / "weights").mkdir()
    record = Record(tmp_path / "weights", plan.to_info())
    record.take_over()
    record.put(make_trial("000", 0.5, settings=settings_of(config, plan.space)))
    recipe = tmp_path / "best.yaml"
    run("study", "weights", "--promote", str(recipe), "--runs", str(tmp_path))
    assert read_recipe(str(recipe)) == config


@pytest.mark.parametrize("settings", ["[train.epochs, 3]", "train.epochs=3", "''", "0"])
def test_what_sets_nothing_by_name_is_refused(tmp_path: Path, settings: str) -> None:
    recipe = tmp_path / "wrong.yaml"
    recipe.write_text(f"base: tiny\nset: {settings}\n")
    with pytest.raises(ValueError, match=r"wrong\.yaml has set: .*names with values are needed"):
        read_recipe(str(recipe))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["study", "none"], "no study 'none' under .*: there are weights"),
        (["study", "weights", "--trial", "1"], "it needs --promote"),
        (["tune", "--study", "a/b"], "may hold no '/'"),
        (["tune", "--study", "weights"], "study 'weights' exists"),
        (["tune", "--study", "x", "--sampler", "best"], "--sampler is 'best'"),
        (["tune", "--study", "x", "--space", "w_d=log:1"], "space loss.w_d=log:1: allowed are"),
        (["tune", "--study", "x", "--data", "folder:/none"], "/none does not exist"),
        (["tune", "--study", "weights", "--resume", "--recipe", "tiny"], "--recipe can't be used"),
        (["tune", "--study", "weights", "--resume", "--trials", "5"], "has 10 already"),
    ],
)
def test_mistakes_are_named(runs: Path, words: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run(*words, "--runs", str(runs))
    assert not (runs / "x").exists()
