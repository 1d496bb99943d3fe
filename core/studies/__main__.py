"""`python -m core.studies STUDY`: importance of a study's settings as JSON, for `importance_aside`.

The names of the trials that count come as a JSON list on the input.
"""

import json
import sys
from pathlib import Path

from core.studies.aside import importance_as_json


def main(arguments: list[str]) -> int:
    """Print the importance; on a fault print its sentence to the error stream and return 1."""
    try:
        print(importance_as_json(Path(arguments[0]), json.load(sys.stdin)))
    except (ValueError, OSError) as error:
        print(str(error), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
