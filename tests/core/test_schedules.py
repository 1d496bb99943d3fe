import math

import pytest

from core.schedules import lambda_d, stepped, warmup_cosine


@pytest.mark.parametrize(
    ("epoch", "expected"),
    [(0, 0.0), (4, 0.0), (5, 0.0), (6, 0.05), (15, 0.5), (24, 0.95), (25, 1.0), (26, 1.0)],
)
def test_linear_is_the_workshops_between_epochs_5_and_25(epoch: int, expected: float) -> None:
    # whatever the length of the run, as long as the schedule is not scaled to it
    for epochs in (26, 50, 200):
        assert lambda_d(epoch, epochs, "linear", scaled=False) == pytest.approx(expected)


def test_linear_scaled_takes_the_middle_two_thirds_of_any_run() -> None:
    for epochs in (3, 12, 30, 90):
        assert lambda_d(epochs / 6, epochs, "linear") == pytest.approx(0.0)
        assert lambda_d(epochs / 2, epochs, "linear") == pytest.approx(0.5)
        assert lambda_d(epochs * 5 / 6, epochs, "linear") == pytest.approx(1.0)
    for epoch in range(31):  # a run of the reference length is the workshop's
        unscaled = lambda_d(epoch, 30, "linear", scaled=False)
        assert lambda_d(epoch, 30, "linear") == pytest.approx(unscaled)


def test_ganin_follows_the_formula_and_ends_near_one() -> None:
    for epoch in (0, 1, 7.5, 20):
        expected = 2 / (1 + math.exp(-10 * epoch / 20)) - 1
        assert lambda_d(epoch, 20, "ganin", scaled=False) == pytest.approx(expected)
    assert lambda_d(0, 20, "ganin") == 0.0
    assert 0.999 < lambda_d(20, 20, "ganin") < 1.0
    assert lambda_d(40, 20, "ganin") == lambda_d(20, 20, "ganin")


def test_constant_and_maximum() -> None:
    assert lambda_d(0, 10, "constant", maximum=0.3) == 0.3
    assert lambda_d(15, 30, "linear", maximum=0.4) == pytest.approx(0.2)
    assert lambda_d(10, 20, "ganin", maximum=2.0) == pytest.approx(2 * lambda_d(10, 20, "ganin"))


@pytest.mark.parametrize("schedule", ["linear", "ganin"])
def test_lambda_never_falls(schedule: str) -> None:
    values = [lambda_d(epoch / 4, 30, schedule) for epoch in range(130)]
    assert values == sorted(values)
    assert values[0] == 0.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1, 10, "cosine"), "'cosine'; allowed: linear, ganin, constant"),
        ((1, 0, "linear"), "epochs is 0"),
        ((-1, 10, "linear"), "epoch -1"),
    ],
)
def test_lambda_refuses(arguments: tuple[float, float, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lambda_d(*arguments)


def test_warmup_cosine() -> None:
    rates = [warmup_cosine(step, 100, base=0.8, warmup=4, final=0.1) for step in range(121)]
    assert rates[:4] == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert rates[4] == pytest.approx(0.8)
    assert rates[52] == pytest.approx(0.45)  # half way: the mean of base and final
    assert rates[100:] == pytest.approx([0.1] * 21)
    assert rates[4:] == sorted(rates[4:], reverse=True)
    for step in (10, 30, 77):
        share = (step - 4) / 96
        assert rates[step] == pytest.approx(0.1 + 0.7 * (1 + math.cos(math.pi * share)) / 2)
    with pytest.raises(ValueError, match="warmup is 100"):
        warmup_cosine(0, 100, base=1.0, warmup=100)


def test_stepped() -> None:
    rates = [stepped(step, base=1.0, milestones=(3, 5), factor=0.5) for step in range(7)]
    assert rates == [1.0, 1.0, 1.0, 0.5, 0.5, 0.25, 0.25]
