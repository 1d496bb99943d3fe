"""Ray Train's set-up of a worker that trains by itself."""

from dataclasses import dataclass

from ray.train.backend import BackendConfig


@dataclass
class Alone(BackendConfig):
    """No process group: one worker has nobody to talk to.

    Ray's controller, which only watches, then need not import torch: seconds of every start.
    """

    backend: str = "none"
    """Asked for by TorchTrainer; names no library."""
