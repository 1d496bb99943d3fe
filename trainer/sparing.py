"""What Ray Train need not start for one machine, or for one worker."""

from dataclasses import dataclass
from typing import Any

from ray.train.backend import BackendConfig
from ray.train.torch import TorchTrainer

UNUSED = {"DatasetsCallback", "PlacementGroupCleanerCallback"}
"""Each starts a process: for Ray Data, which isn't used here, and for reservations that outlive
their session, which one that ends with it doesn't leave."""


@dataclass
class Alone(BackendConfig):
    """No process group: one worker has nobody to talk to.

    Ray's controller, which only watches, then need not import torch: seconds of every start.
    """

    backend: str = "none"
    """Asked for by TorchTrainer; names no library."""


class LocalTrainer(TorchTrainer):
    """Ray Train in a session that starts and ends with a command: two processes fewer to start.

    Overrides what Ray doesn't promise to keep. Under another name there it is never called, and a
    start takes some seconds longer.
    """

    def _create_default_callbacks(self) -> list[Any]:
        made = super()._create_default_callbacks()  # type: ignore[misc]
        return [callback for callback in made if type(callback).__name__ not in UNUSED]
