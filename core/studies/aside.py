"""Importance in a process of its own: a forest over hundreds of trials takes seconds of Python,
which would hold up a server's other threads.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from core.studies.importance import Importance, importance
from core.studies.reader import Study


def importance_aside(study: Study, trials: Sequence[str]) -> Importance:
    """As `importance`, of the named trials of a study, in a child at low priority.

    Raises:
        ValueError: the child said why not, in a sentence.
    """
    root = str(Path(__file__).parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "core.studies", str(study.path.absolute())]
    environment = {**os.environ, **threads, "PYTHONPATH": os.pathsep.join(paths)}
    with subprocess.Popen(
        command, env=environment, text=True, stdin=pipe, stdout=pipe, stderr=pipe
    ) as child:
        os.setpriority(os.PRIO_PROCESS, child.pid, 10)
        told, complaint = child.communicate(json.dumps(list(trials)))
    if child.returncode:
        said = complaint.strip().splitlines()
        raise ValueError(f"importance: {said[-1] if said else f'it ended with {child.returncode}'}")
    return Importance(**json.loads(told))


def importance_as_json(path: Path, trials: Sequence[str]) -> str:
    """What the child prints."""
    study = Study(path)
    frame = study.first_tries()
    return json.dumps(asdict(importance(frame[frame["trial"].isin(trials)], study.space)))
