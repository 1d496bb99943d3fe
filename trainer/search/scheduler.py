"""ASHA in epochs, and how it learns of what was run before this driver."""

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

from ray.tune.schedulers import ASHAScheduler, FIFOScheduler, TrialScheduler

from core.runs import Run, request_stop
from trainer.search.plan import Plan
from trainer.search.record import Record, Trial

SCORE, EPOCH = "score", "epoch"


class EpochASHA(ASHAScheduler):
    """Ray's ASHA (Li et al. 2020), with the epoch as its unit of time.

    Epochs that a trial has behind it when it is started again count for the others, but never
    stop the trial itself: that was decided when they were run. Neither does the last epoch: there
    is nothing left to save.

    Args:
        ask: where given, a trial that ASHA stops is asked to end instead of being killed: called
            with its name. Ray Train's workers, killed with their trial, leave their reservations
            behind (ray#54305), and the next trial waits for ever.
        settings: what Ray's scheduler takes.
    """

    def __init__(self, ask: Callable[[str], None] | None = None, **settings: Any) -> None:
        super().__init__(**settings)
        self._ask = ask
        self.asked: set[str] = set()

    def on_trial_result(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> str:
        """Ray's decision, unless the epoch is a past one or the last."""
        decision: str = super().on_trial_result(tune_controller, trial, result)
        spared = result.get("past") or result.get(EPOCH, 0) >= self._max_t
        if spared or decision == TrialScheduler.CONTINUE:
            return TrialScheduler.CONTINUE
        if self._ask is None:
            return decision
        name = str(trial.config["trial"])
        if name not in self.asked:
            self.asked.add(name)
            self._ask(name)
        return TrialScheduler.CONTINUE


def make_scheduler(plan: Plan, record: Record) -> Any:
    """The plan's scheduler, knowing every trial of the search that has ended."""
    if plan.scheduler == "none":
        return FIFOScheduler()
    several = plan.workers_per_trial > 1
    asha = EpochASHA(
        ask=(lambda name: request_stop(record.path / name)) if several else None,
        time_attr=EPOCH,
        metric=SCORE,
        mode="max",
        max_t=plan.epochs,
        grace_period=plan.grace_period,
        reduction_factor=plan.reduction,
        stop_last_trials=False,
    )
    replay(asha, record, (trial for trial in record.trials.values() if trial.ended))
    return asha


def replay(asha: EpochASHA, record: Record, ended: Iterable[Trial]) -> None:
    """Tell ASHA the epochs of ended trials, as it heard them from the driver before."""
    for trial in ended:
        path = record.path / trial.name
        if trial.name != trial.group or not (path / "run.json").is_file():
            continue
        run = Run(path)
        stand_in = SimpleNamespace(trial_id=f"before-{trial.name}")
        asha.on_trial_add(None, stand_in)  # type: ignore[arg-type]
        for row in run.metrics().to_dict("records"):
            told = {EPOCH: int(row["epoch"]), SCORE: float(row[run.objective]), "past": True}
            asha.on_trial_result(None, stand_in, told)
