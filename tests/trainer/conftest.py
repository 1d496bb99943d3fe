"""Small jobs that train in seconds: few words, 32 pixels, a network of three thin layers."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from core.settings import override
from trainer.config import Config
from trainer.launch import prepare_run
from trainer.loop import Job
from trainer.recipes import read_recipe

SPEC = "builtin?photos=24&sketches=24&words=cat,star,house,fish"
THIN = (
    "model.backbone=plain-8-16-24",
    "model.image_size=32",
    "model.embedding_dim=16",
    "model.head_dropout=0",
    "model.pooling=avg",
    "data.pack_size=0",
    "data.classes_per_batch=4",
    "data.per_class=2",
    "data.steps_per_epoch=4",
    "loss.w_d=0.1",
)
MakeJob = Callable[..., Job]


def thin_config(*assignments: str) -> Config:
    """A configuration that trains an epoch in a blink, with changes."""
    return override(read_recipe("tiny"), [*THIN, *assignments])


@pytest.fixture
def make_job(tmp_path: Path) -> MakeJob:
    """Make a run's directory ready to be trained: `make_job("name", "train.epochs=3", …)`."""

    def make(name: str, *assignments: str, resume: bool = False, spec: str = SPEC) -> Job:
        config = thin_config(*assignments)
        return prepare_run(tmp_path / name, spec, config, recipe="tiny", resume=resume)

    return make


@pytest.fixture(autouse=True)
def _one_thread() -> object:
    """Small tensors gain nothing from a second thread, and a loaded machine loses much."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
