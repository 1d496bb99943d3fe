"""SIGTERM and Ctrl-C ask a run to stop, heard while others work."""

import signal
import threading
from pathlib import Path

import pytest

from core.runs.layout import stop_requested
from trainer.signals import beside_main, stop_on_signals


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_asks_and_the_second_ends(tmp_path: Path, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with stop_on_signals(tmp_path):
        assert not stop_requested(tmp_path)
        signal.raise_signal(number)
        assert stop_requested(tmp_path)
        assert signal.getsignal(number) is signal.SIG_DFL
    assert signal.getsignal(number) is before


def test_a_signal_is_heard_while_the_work_goes_on_beside(tmp_path: Path) -> None:
    asked = threading.Event()

    def work() -> str:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
        for _ in range(500):
            if stop_requested(tmp_path):
                asked.set()
                break
            threading.Event().wait(0.01)
        return "done"

    with stop_on_signals(tmp_path):
        assert beside_main(work) == "done"
    assert asked.is_set()


def test_what_the_work_raises_is_raised_in_the_main_thread() -> None:
    with pytest.raises(ValueError, match="no such thing"):
        beside_main(lambda: (_ for _ in ()).throw(ValueError("no such thing")))
