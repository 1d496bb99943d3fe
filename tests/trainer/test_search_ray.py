"""The search on a cluster of two machines: faults, early stopping, kills and lost machines."""

import io
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from rich.console import Console

from core.runs import Run
from core.settings import override, to_dict
from core.studies import Study
from tests.trainer.paper_loop import (
    DIES,
    DIES_ONCE,
    DIVERGES,
    GATE,
    PATIENCE_SECONDS,
    RAISES,
    STARVES,
    nodes,
    paper_loop,
    trained,
)
from trainer.recipes import read_recipe
from trainer.search.driver import run_study
from trainer.search.plan import Plan, plan_of
from trainer.search.space import read_space, settings_of

pytestmark = pytest.mark.ray
ROOT = Path(__file__).parent.parent.parent
SPEC = "builtin?photos=30&sketches=12&words=cat,star,house,fish"
WEIGHTS = ("loss.w_d", "loss.w_t", "loss.margin")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two machines of one core each, as Ray sees it."""
    import ray
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 1, "include_dashboard": False, "include_log_monitor": False}
    made = Cluster(initialize_head=True, head_node_args=head)
    made.add_node(num_cpus=1)
    ray.init(address=made.address, log_to_driver=False, logging_level="ERROR")  # type: ignore[arg-type]
    made.wait_for_nodes()
    yield made
    ray.shutdown()
    made.shutdown()


def paper_plan(
    *,
    epochs: int = 4,
    settings: tuple[str, ...] = (),
    searched: tuple[str, ...] = ("loss.w_d=log:1e-3:10",),
    **more: Any,
) -> Plan:
    """A plan over w_d alone, unless `searched` says otherwise."""
    fixed = [f"train.epochs={epochs}", "model.image_size=32", *settings]
    config = override(read_recipe("tiny"), fixed)
    names = {entry.partition("=")[0] for entry in searched}
    space = read_space(searched, config, pinned=[name for name in WEIGHTS if name not in names])
    given = {"recipe": "tiny", "spec": SPEC, "config": config, "space": space}
    return Plan(**{**given, "sampler": "random", **more})


def run_paper(path: Path, plan: Plan, **more: Any) -> tuple[Study, str]:
    """The study, and what was printed."""
    told = io.StringIO()
    study = run_study(path, plan, loop=paper_loop, console=Console(file=told, width=200), **more)
    return study, told.getvalue()


@pytest.fixture(scope="module")
def whole(cluster: Any, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A study whose trials all ran to their end, with repeats; its default weighs L_d too much."""
    plan = paper_plan(epochs=9, trials=9, scheduler="none", seeds=2, settings=("loss.w_d=9",))
    return run_paper(tmp_path_factory.mktemp("studies") / "whole", plan)[0]


def wait_until(true: Callable[[], bool]) -> None:
    """Wait for something that another process does."""
    for _ in range(PATIENCE_SECONDS * 20):
        if true():
            return
        threading.Event().wait(0.05)
    raise TimeoutError("it never came")


@pytest.mark.long
def test_faulty_trials_are_recorded_and_the_study_goes_on(
    cluster: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    margins = [RAISES, DIVERGES, DIES, DIES_ONCE, STARVES, 0.3]
    searched = ("loss.margin=choice:" + ",".join(map(str, margins)),)
    plan = paper_plan(searched=searched, sampler="grid", trials=7, scheduler="none")
    study, told = run_paper(tmp_path / "faults", plan)
    frame = study.trials().set_index("loss.margin")
    reasons = frame["reason"].to_dict()
    assert frame["state"].value_counts().to_dict() == {"failed": 4, "complete": 3}
    assert reasons[RAISES] == "RuntimeError: the loop fell over"
    assert reasons[DIVERGES] == "diverged: loss_total is nan in epoch 2"
    assert reasons[DIES].startswith("its process was killed 3 times")
    assert reasons[STARVES] == "out of memory: no room"
    # Killed once, it went on from its first epoch: only the one that was cut short ran twice.
    assert trained(study.path / frame["trial"][DIES_ONCE]) == [1, 2, 2, 3, 4]
    assert frame["epochs"][DIES_ONCE] == 4
    assert Run(study.path / frame["trial"][RAISES]).status["state"] == "failed"
    assert study.state == "complete"
    assert len([line for line in told.splitlines() if line.startswith("trial ")]) == 7
    noise = capfd.readouterr()
    assert noise.out == ""
    assert "ray" not in noise.err.lower()


def test_asha_stops_the_bad_and_keeps_the_best(whole: Study, tmp_path: Path) -> None:
    plan = paper_plan(epochs=9, trials=9, grace=1, reduction=3, settings=("loss.w_d=9",))
    study, _ = run_paper(tmp_path / "asha", plan)
    frame, full = study.trials(), whole.first_tries()
    assert set(full["state"]) == {"complete"}
    assert set(frame["state"]) == {"complete", "stopped"}
    assert frame["loss.w_d"].tolist() == pytest.approx(full["loss.w_d"].tolist())
    assert frame["best_value"].max() == pytest.approx(full["best_value"].max())
    assert study.saved()["share"] < 0.8
    for row in frame[frame["state"] == "stopped"].to_dict("records"):
        status = Run(study.path / row["trial"]).status
        assert row["reason"] == f"stopped early by ASHA at epoch {row['epochs']}"
        assert (status["state"], status["reason"]) == ("stopped", row["reason"])
        assert trained(study.path / row["trial"]) == list(range(1, row["epochs"] + 1))
    names = {Run(study.path / name).name for name in frame["trial"]}
    assert names == {f"asha/{name}" for name in frame["trial"]}


def test_seeds_decide_whether_the_best_beats_the_default(whole: Study) -> None:
    verdict = whole.verdict()
    assert verdict.outcome == "better"
    assert whole.repeats()["seeds"].tolist() == [2, 2, 2]
    assert verdict.group == whole.best() == whole.repeats()["group"][0] != "000"


@pytest.mark.long
def test_a_killed_driver_loses_no_epoch(cluster: Any, tmp_path: Path) -> None:
    path = tmp_path / "killed"
    first = subprocess.Popen(
        [sys.executable, "-m", "tests.trainer.paper_study", str(path), "4", cluster.address],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    wait_until(lambda: complete(path) >= 1)
    (path / GATE).touch()
    wait_until(lambda: bool(running(path)) and min(running(path)) >= 2)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert Study(path).state == "interrupted"
    finished = [row["trial"] for row in ended(path)]
    untouched = {name: (path / name / "status.json").stat().st_mtime_ns for name in finished}
    (path / GATE).unlink()
    study, _ = run_paper(path, plan_of(path), resume=True)
    frame = study.trials()
    assert frame["trial"].tolist() == ["000", "001", "002", "003"]
    assert set(frame["state"]) == {"complete"}
    for name in frame["trial"]:
        assert trained(path / name) == [1, 2, 3, 4]
    for name, time in untouched.items():
        assert (path / name / "status.json").stat().st_mtime_ns == time
    assert run_paper(path, plan_of(path), resume=True)[0].state == "complete"


@pytest.mark.long
def test_trials_run_on_both_machines_and_survive_the_loss_of_one(
    cluster: Any, tmp_path: Path
) -> None:
    doomed = cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    path = tmp_path / "lost"
    path.mkdir()
    found: list[Study] = []
    plan = paper_plan(trials=5, scheduler="none")
    search = threading.Thread(target=lambda: found.append(run_paper(path, plan)[0]))
    search.start()
    wait_until(lambda: (path / "study.json").exists())
    names = ("000", "001", "002")
    for name in names:
        (path / f"{GATE}-{name}").touch()
    wait_until(lambda: len(running(path)) >= 3 and min(running(path)) >= 2)
    where = {name: nodes(path / name) for name in names}
    assert len(set().union(*where.values())) == 3
    lost = doomed.node_id
    (moved,) = [name for name, ids in where.items() if ids == {lost}]
    cluster.remove_node(doomed, allow_graceful=False)
    for name in names:
        if name != moved:
            (path / f"{GATE}-{name}").unlink()
    wait_until(lambda: nodes(path / moved) > {lost})
    (path / f"{GATE}-{moved}").unlink()
    search.join(4 * PATIENCE_SECONDS)
    frame = found[0].trials()
    assert frame["state"].tolist() == ["complete"] * 5
    for name in frame["trial"]:
        assert trained(path / name) == [1, 2, 3, 4]


@pytest.mark.long
def test_trials_of_two_workers_are_stopped_without_a_trace(cluster: Any, tmp_path: Path) -> None:
    import ray
    from ray.util import placement_group_table

    plan = paper_plan(
        trials=2,
        epochs=3,
        grace=1,
        reduction=2,
        workers_per_trial=2,
        concurrent=1,
        settings=("loss.w_d=0.1",),
    )
    path = tmp_path / "workers"
    found: list[Study] = []
    search = threading.Thread(target=lambda: found.append(run_paper(path, plan)[0]))
    search.start()
    wait_until(lambda: (path / "study.json").exists())
    (path / f"{GATE}-001").touch()
    search.join(4 * PATIENCE_SECONDS)
    frame = found[0].trials()
    assert frame["state"].tolist() == ["complete", "stopped"]
    assert frame["reason"][1].startswith("stopped early by ASHA at epoch")
    assert trained(path / "000") == [1, 2, 3]
    assert Run(path / "001").status["state"] == "stopped"
    # A stopped trial's workers and their reservations must not stay behind (ray#54305).
    wait_until(lambda: ray.available_resources().get("CPU") == 2)
    left = {entry["state"] for entry in placement_group_table().values()}
    assert left == {"REMOVED"}


def test_from_the_search_to_a_recipe_on_the_command_line(cluster: Any, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from trainer.cli import app

    given = ["--runs", str(tmp_path / "runs")]
    small = ["epochs=1", "keep=best+last"]
    batch = ["steps_per_epoch=2", "classes_per_batch=4", "per_class=2", "pack_size=32"]
    fixed = [f"train.{text}" for text in small] + [f"data.{text}" for text in batch]
    settings = [word for text in [*fixed, "model.image_size=32"] for word in ("--set", text)]
    told = CliRunner().invoke(
        app,
        ["tune", "--study", "real", "--data", SPEC, "--trials", "2", *given, *settings],
        catch_exceptions=False,
    )
    assert told.exit_code == 0
    assert "one seed each shows nothing" in told.stdout
    told = CliRunner().invoke(app, ["study", "real", "--json", *given], catch_exceptions=False)
    summary = json.loads(told.stdout)
    assert summary["trials"] == {"complete": 2}
    best = summary["best"]
    recipe = tmp_path / "best.yaml"
    CliRunner().invoke(
        app, ["study", "real", "--promote", str(recipe), *given], catch_exceptions=False
    )
    config = read_recipe(str(recipe))
    assert settings_of(config, best["settings"]) == best["settings"]
    run = Run(tmp_path / "runs" / "real" / best["trial"])
    assert run.config["loss"] == to_dict(config)["loss"]
    assert run.metrics()["map_all"].max() == pytest.approx(best["value"])


def test_a_folder_that_a_machine_does_not_see_is_refused(cluster: Any, tmp_path: Path) -> None:
    import ray

    from trainer.search.nodes import check_shared

    check_shared(tmp_path)
    here = ray.get_runtime_context().get_node_id()

    def read_here_only(file: str) -> str:
        mine = ray.get_runtime_context().get_node_id() == here
        return Path(file).read_text() if mine else ""

    with pytest.raises(ValueError, match=r"is not shared: .* can't read"):
        check_shared(tmp_path, read=read_here_only)
    assert not list(tmp_path.iterdir())


def test_what_is_refused_leaves_no_study_behind(whole: Study, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no room for 1 worker of 1 CPU and 1 GPU, only for 0"):
        run_paper(tmp_path / "gpu", paper_plan(gpus_per_trial=1))
    assert not (tmp_path / "gpu").exists()
    before = whole.trials()
    with pytest.raises(ValueError, match="study 'whole' exists"):
        run_paper(whole.path, paper_plan(trials=2, epochs=1))
    pd.testing.assert_frame_equal(whole.trials(), before)


def ended(path: Path) -> list[dict[str, Any]]:
    frame = table(path)
    return frame[frame["state"] == "complete"].to_dict("records")  # type: ignore[return-value]


def complete(path: Path) -> int:
    return len(ended(path))


def running(path: Path) -> list[int]:
    """Epochs of the trials that are running."""
    frame = table(path)
    return [int(epochs) for epochs in frame.loc[frame["state"] == "running", "epochs"]]


def table(path: Path) -> pd.DataFrame:
    file = path / "trials.csv"
    if not file.exists():
        return pd.DataFrame({"trial": [], "state": [], "epochs": []})
    return Study(path).trials()
