"""What is searched: defaults, additions, and ranges that fit the embeddings."""

from pathlib import Path

import pytest

from core.settings import override, with_settings
from tests.trainer.conftest import SPEC, thin_config
from trainer.config import Config
from trainer.recipes import read_recipe
from trainer.search.opening import pack_data
from trainer.search.plan import Plan, plan_of
from trainer.search.record import Record
from trainer.search.space import read_space, settings_of


def texts(entries: list[str], config: Config, pinned: tuple[str, ...] = ()) -> dict[str, str]:
    return {name: str(kind) for name, kind in read_space(entries, config, pinned).items()}


def unnormalised() -> Config:
    return override(read_recipe("tiny"), ["model.normalise=false"])


def test_the_margin_range_follows_the_embeddings() -> None:
    weights = {"loss.w_d": "log:0.001:10", "loss.w_t": "log:0.1:10"}
    assert texts([], read_recipe("tiny")) == {**weights, "loss.margin": "uniform:0.05:0.5"}
    assert texts([], unnormalised()) == {**weights, "loss.margin": "uniform:0.3:2"}
    cosine = override(unnormalised(), ["loss.distance=cosine"])
    assert texts([], cosine)["loss.margin"] == "uniform:0.05:0.5"


def test_entries_add_and_replace_and_files_replace_all(tmp_path: Path) -> None:
    config = read_recipe("tiny")
    added = texts(["train.lr=log:1e-4:1e-2", "w_t=uniform:1:2"], config)
    assert list(added) == ["loss.w_d", "loss.w_t", "loss.margin", "train.lr"]
    assert added["loss.w_t"] == "uniform:1:2"
    file = tmp_path / "space.yaml"
    file.write_text("margin: uniform:0.1:0.3\nloss.negatives: choice:random,hard\n")
    assert list(texts([str(file)], config)) == ["loss.margin", "loss.negatives"]


def test_what_is_set_by_hand_is_not_searched() -> None:
    config = override(read_recipe("tiny"), ["loss.w_t=2"])
    assert list(texts([], config, ("loss.w_t",))) == ["loss.w_d", "loss.margin"]
    with pytest.raises(ValueError, match="both set and searched"):
        texts(["w_t=log:1:2"], config, ("loss.w_t",))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("loss.wd=log:1:2", "unknown setting loss.wd: allowed here are w_d"),
        ("loss.negatives=choice:random,easy", "easy"),
        ("w_d=uniform:-1:1", "w_d is -1.0"),
        ("train.epochs=int:1:9", "every trial plans the same epochs"),
        ("train.seed=int:1:9", "--seeds"),
        ("nowhere.yaml", "neither NAME=KIND nor a readable file"),
        ("margin=uniform:0.3:2", "for unnormalised embeddings and these are normalised"),
        ("model.normalise=choice:true,false", "search them in two studies"),
    ],
)
def test_what_can_not_be_searched_is_named(entry: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_space([entry], read_recipe("tiny"))


def test_a_normalised_margin_range_is_refused_without_normalisation() -> None:
    with pytest.raises(ValueError, match=r"model.normalise is false\): uniform:0.3:2 is usual"):
        read_space(["margin=uniform:0.05:0.5"], unnormalised())


def test_settings_go_in_and_come_out() -> None:
    settings = {"loss.w_d": 3e-05, "loss.negatives": "hard", "model.shared": True}
    config = with_settings(read_recipe("tiny"), settings)
    assert settings_of(config, settings) == settings


def make_plan(**more: object) -> Plan:
    config = read_recipe("tiny")
    given = {"recipe": "tiny", "spec": "builtin", "config": config, "space": read_space([], config)}
    return Plan(**{**given, **more})  # type: ignore[arg-type]


def test_a_plan_survives_its_study_file(tmp_path: Path) -> None:
    plan = make_plan(trials=7, seeds=3, grace=2, reduction=4, concurrent=2, sampler="random")
    record = Record(tmp_path, plan.to_info())
    record.take_over()
    assert plan_of(tmp_path) == plan
    assert record.info["scheduler"] == {
        "name": "asha",
        "time_unit": "epoch",
        "grace_period": 2,
        "reduction_factor": 4,
        "max_epochs": read_recipe("tiny").train.epochs,
    }
    assert {"sketchy", "python", "torch", "ray", "optuna"} <= set(record.info["versions"])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sampler": "best"}, "--sampler is 'best': allowed are optuna, random, grid"),
        ({"scheduler": "pbt"}, "--scheduler is 'pbt'"),
        ({"grace": 999}, "--grace is 999: 1 to "),
        ({"trials": 1}, "--trials is 1: 2 or more"),
        ({"workers_per_trial": 0}, "--workers-per-trial is 0"),
        ({"workers_per_trial": 2, "gpus_per_trial": 1}, "0.5 GPU for each of 2 workers"),
        ({"sampler": "grid", "trials": 8}, "--trials must be 9 or more"),
    ],
)
def test_an_impossible_plan_is_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_plan(**settings)


def test_batches_that_workers_can_not_share_are_refused_before_anything_starts() -> None:
    few = {"spec": SPEC, "config": thin_config()}
    # Eight sketches: four classes are all that this data has, two of each.
    pack_data(make_plan(**few, workers_per_trial=4))
    with pytest.raises(ValueError, match=r"a batch of 8 sketches .* by 3 workers: 1, 2, 4, 8 can"):
        pack_data(make_plan(**few, workers_per_trial=3))
    # Neither end of the range shows it: 4 classes of 2 to 4, for 8 workers.
    space = read_space(["data.per_class=int:2:4"], thin_config())
    with pytest.raises(ValueError, match="a batch of 12 sketches"):
        pack_data(make_plan(**few, space=space, workers_per_trial=8))
