"""Read torch's own files without running anything that they may hold."""

from pathlib import Path
from typing import Any


def read_tensors(path: Path) -> Any:
    """What a file of `torch.save` holds: tensors, numbers, texts, and lists and dicts of them.

    Raises:
        OSError: the file can't be opened.
        ValueError: it holds anything else, or is damaged; the message says how, in one line.
    """
    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    # Damaged bytes are read as orders to the unpickler: any error may come of them.
    except Exception as error:
        lines = str(error).strip().splitlines()
        raise ValueError(lines[0] if lines else type(error).__name__) from error
