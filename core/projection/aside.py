"""Make maps in a process of their own: t-SNE and UMAP would hold up a server's other threads."""

import json
import os
import subprocess
import sys
from collections import deque
from pathlib import Path
from threading import Thread

from core.projection.epochs import Progress
from core.projection.methods import Projection
from core.runs import Run
from core.settings import to_dict

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
LAST_LINES = 5


def project_aside(
    run: Run, settings: Projection, *, first: int | None = None, progress: Progress | None = None
) -> None:
    """As `project_epochs`, in a child process on one thread and at low priority; maps are kept.

    Raises:
        ValueError: the child said why not, in a sentence.
    """
    root = str(Path(__file__).parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    environment |= dict.fromkeys(THREADS, "1")
    command = [sys.executable, "-m", "core.projection", str(run.path.absolute())]
    command += [json.dumps(to_dict(settings)), *([] if first is None else [str(first)])]
    said: deque[str] = deque(maxlen=LAST_LINES)
    with subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        os.setpriority(os.PRIO_PROCESS, child.pid, 10)
        assert child.stdout is not None
        assert child.stderr is not None
        listener = Thread(target=said.extend, args=(child.stderr,), daemon=True)
        listener.start()
        for line in child.stdout:
            done, _, total = line.partition(" ")
            if progress is not None and done.isdigit() and total.strip().isdigit():
                progress(int(done), int(total))
        listener.join()
    if child.returncode:
        last = said[-1].strip() if said else f"it ended with {child.returncode}"
        raise ValueError(f"the {settings.method} maps could not be made: {last}")
