"""What Ray Train starts for a run on one machine."""

from ray.train.torch import TorchTrainer

from trainer.sparing import UNUSED, LocalTrainer


def names(trainer: TorchTrainer) -> set[str]:
    made = trainer._create_default_callbacks()  # type: ignore[attr-defined]
    return {type(callback).__name__ for callback in made}


def test_a_run_of_our_own_session_starts_what_ray_does_but_for_what_it_has_no_use_for() -> None:
    """Fails where Ray has given these parts other names: starts then take longer again."""
    usual = names(TorchTrainer(print))
    assert usual > UNUSED
    assert names(LocalTrainer(print)) == usual - UNUSED
