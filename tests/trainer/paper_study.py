"""Run a study of paper trials in a process of its own, to be killed: FOLDER TRIALS ADDRESS."""

import sys
from pathlib import Path

from tests.trainer.paper_loop import paper_loop
from tests.trainer.test_search_ray import paper_plan
from trainer.search.driver import run_study

if __name__ == "__main__":
    plan = paper_plan(trials=int(sys.argv[2]), epochs=4, concurrent=1, scheduler="none")
    run_study(Path(sys.argv[1]), plan, loop=paper_loop, address=sys.argv[3])
