"""`python -m core.projection RUN SETTINGS [FIRST]`: make a run's maps, telling how far it is.

For `project_aside`; SETTINGS are those of `Projection` as JSON.
"""

import json
import sys
from pathlib import Path

from core.projection.epochs import project_epochs
from core.projection.methods import Projection
from core.runs import Run
from core.settings import from_dict


def main(arguments: list[str]) -> int:
    """Print `done total` lines; on a fault print its sentence to the error stream and return 1."""
    try:
        settings = from_dict(Projection, json.loads(arguments[1]))
        first = int(arguments[2]) if len(arguments) > 2 else None
        project_epochs(
            Run(Path(arguments[0])),
            settings,
            first=first,
            progress=lambda done, total: print(done, total, flush=True),
        )
    except (ValueError, OSError) as error:
        print(str(error), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
