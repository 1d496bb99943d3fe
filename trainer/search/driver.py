"""Run a study from wherever its folder says it is: search, then repeat the best trials."""

import shutil
from pathlib import Path

from rich.console import Console

from core.data.decode import Framing
from core.studies import Study
from core.studies.reader import DEFAULT_TRIAL
from trainer.loop import train
from trainer.room import check_room, cpus_each, living_nodes
from trainer.search.opening import begin, pack_data
from trainer.search.plan import Plan
from trainer.search.pulse import pulse
from trainer.search.record import Record, Trial
from trainer.search.sampling import propose, untried
from trainer.search.screen import Screen, say
from trainer.search.space import settings_of
from trainer.search.task import Loop, Shared
from trainer.search.tuning import quiet_tune, run_trials, settled, term_is_interrupt

OPTIONS = ("--workers-per-trial", "--gpus-per-trial")
"""Of `sketchy tune`: what decides how much room a trial takes."""
REPEATED = 2
"""How many of the best trials are repeated with --seeds, beside the default."""


def run_study(
    path: Path,
    plan: Plan,
    *,
    resume: bool = False,
    address: str | None = None,
    loop: Loop = train,
    console: Console | None = None,
) -> Study:
    """Run a search, or go on with one, until every trial has ended.

    Args:
        path: the study's folder; its name is the study's.
        plan: what to search; of a study that exists, what `plan_of` says, or with more trials.
        resume: go on with the study if it exists.
        address: a running Ray cluster; a local one is started by default.
        loop: the training loop.
        console: where to tell; stderr by default.

    Raises:
        ValueError: the study exists (without `resume`), is being run, or can't be run here.
        Stopped: SIGTERM or Ctrl-C came; the study can be resumed.
    """
    path, console = path.absolute(), console or Console(stderr=True)
    record = begin(path, plan, resume, lambda line: say(console, line))
    screen = Screen(record, console)
    if is_done(record, plan):
        record.save_info(state="complete", reason="")
        return Study(path)
    from trainer.launch import ray_session

    with settled(record), pulse(path), quiet_tune(address), term_is_interrupt():
        packs = pack_data(plan)
        with ray_session(address):
            shared = _share(record, plan, packs, loop)
            check_room(
                shared.workers,
                shared.each,
                growing=address is not None,
                say=screen.say,
                options=OPTIONS,
            )
            _search(record, plan, shared, screen)
            _repeat(record, plan, shared, screen)
    record.save_info(state="complete", reason="")
    shutil.rmtree(path / ".ray", ignore_errors=True)
    return Study(path)


def _share(record: Record, plan: Plan, packs: list[tuple[int, Framing]], loop: Loop) -> Shared:
    """What every trial gets, once every machine is known to see the study and to have the data."""
    from trainer.search.nodes import build_packs, check_shared

    if len(living_nodes()) > 1:
        check_shared(record.path)
        for size, framing in packs:
            build_packs(plan.spec, size, framing)
    return Shared(
        study=record.path,
        token=record.info["driver"]["token"],
        spec=plan.spec,
        config=plan.config,
        recipe=plan.recipe,
        cpus=cpus_each(plan.concurrent, plan.gpus_per_trial),
        gpus=plan.gpus_per_trial,
        workers=plan.workers_per_trial,
        loop=loop,
    )


def _search(record: Record, plan: Plan, shared: Shared, screen: Screen) -> None:
    def another() -> Trial | None:
        tried = _tried(record)
        number = len(tried)
        if number >= trials_due(record, plan):
            return None
        settings = (
            propose(plan.space, plan.sampler, plan.config.train.seed, tried, number, plan.trials)
            if number
            else settings_of(plan.config, plan.space)
        )
        name = f"{number:03d}"
        seed = plan.config.train.seed
        return Trial(name=name, group=name, seed=seed, settings=settings)

    waiting = [trial for trial in _tried(record) if not trial.ended]
    if not waiting and len(_tried(record)) >= trials_due(record, plan):
        return
    from trainer.search.scheduler import make_scheduler

    scheduler, total = make_scheduler(plan, record), _planned(record, plan)
    run_trials(record, plan, shared, screen, scheduler, total, waiting, another)


def _repeat(record: Record, plan: Plan, shared: Shared, screen: Screen) -> None:
    """Repeat the default and the best trials with seeds of their own, all of them in full.

    Every group gets the same new seeds. The trials that were chosen for their values don't count
    again: their luck is in those values.
    """
    for trial in repeats_due(record, plan):
        record.trials.setdefault(trial.name, trial)
    waiting = [t for t in record.trials.values() if t.name != t.group and not t.ended]
    if not waiting:
        return
    from ray.tune.schedulers import FIFOScheduler

    record.save_trials()
    total = len(record.trials)
    run_trials(record, plan, shared, screen, FIFOScheduler(), total, waiting, lambda: None)


def trials_due(record: Record, plan: Plan) -> int:
    """How many trials the search comes to, repeats not counted: a grid may have fewer points."""
    if plan.sampler != "grid":
        return plan.trials
    tried = [trial.settings for trial in _tried(record)]
    tried = tried or [settings_of(plan.config, plan.space)]
    return min(plan.trials, len(tried) + len(untried(plan.space, tried, plan.trials)))


def repeats_due(record: Record, plan: Plan) -> list[Trial]:
    """The repeats that the plan asks for: of the default and the best complete trials."""
    if plan.seeds < 2:
        return []
    trials = list(record.trials.values())
    scored = [
        trial
        for trial in _tried(record)
        if trial.name != DEFAULT_TRIAL
        and trial.state == "complete"
        and trial.best_value is not None
    ]
    scored.sort(key=lambda trial: -(trial.best_value or 0))
    # Groups that have repeats already keep them, should a longer search have found better ones.
    begun = [trial.group for trial in trials if trial.name != trial.group]
    best = [trial.name for trial in scored[:REPEATED]]
    groups = dict.fromkeys([DEFAULT_TRIAL, *begun, *best])
    first = plan.config.train.seed + 1
    return [
        Trial(
            name=f"{group}-s{seed}",
            group=group,
            seed=seed,
            settings=record.trials[group].settings,
        )
        for seed in range(first, first + plan.seeds)
        for group in groups
    ]


def is_done(record: Record, plan: Plan) -> bool:
    """Whether every trial that the plan asks for has ended, repeats included."""
    if not all(trial.ended for trial in record.trials.values()):
        return False
    if len(_tried(record)) < trials_due(record, plan):
        return False
    return all(trial.name in record.trials for trial in repeats_due(record, plan))


def _planned(record: Record, plan: Plan) -> int:
    repeated = sum(trial.name != trial.group for trial in record.trials.values())
    due = 0 if plan.seeds < 2 else plan.seeds * (REPEATED + 1)
    return trials_due(record, plan) + max(repeated, due)


def _tried(record: Record) -> list[Trial]:
    """The search's own trials, without repeats, in the order in which they were proposed."""
    return [trial for trial in record.trials.values() if trial.name == trial.group]
