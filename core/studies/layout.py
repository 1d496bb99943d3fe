"""Names of a study's files, columns and states, shared by those who read and write them."""

FORMAT_VERSION = 1
STUDY_FILE = "study.json"
TRIALS_FILE = "trials.csv"
PULSE_FILE = ".pulse"
"""Its driver writes another number there every few seconds; gone when the search has ended."""

STATES = ("queued", "running", "complete", "stopped", "failed")
"""What a trial can be; `stopped` was ended early by the scheduler or by a person."""
LEADING = ("trial", "group", "seed")
TRAILING = ("state", "epochs", "best_value", "best_epoch", "seconds", "node", "reason")
"""Columns of trials.csv around the searched settings, which go by their dotted names."""

SHORT_NAMES = {"w_d": "loss.w_d", "w_t": "loss.w_t", "margin": "loss.margin"}
"""What the three settings that the search is made for may be called."""


def short_name(setting: str) -> str:
    """`loss.w_d` as people say it: `w_d`; any other setting keeps its dotted name."""
    return next((short for short, name in SHORT_NAMES.items() if name == setting), setting)
