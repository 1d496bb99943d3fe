"""Turn what others trained into run directories."""

import dataclasses
from pathlib import Path

import torch

from core.data.packs import open_or_build_pack
from core.data.readers import absolute_spec
from core.data.splits import split_collection
from core.models.workshop import read_workshop_checkpoint
from core.probe import choose_probe, probe_pictures, replay_probe
from core.runs import Run, RunWriter, run_path
from core.settings import to_dict
from trainer.launch import describe_data
from trainer.recipes import read_recipe

OBJECTIVE = "workshop_map"
"""The validation mAP that the checkpoint claims, measured by the workshop's own code."""


def import_workshop(file: Path, runs: Path, name: str, spec: str, *, attention: bool = True) -> Run:
    """Make a run of a workshop checkpoint: its weights as one epoch, and what they make of a probe.

    Args:
        file: the checkpoint; nothing in it is executed.
        runs: the runs root.
        name: the new run's name.
        spec: the data that the run is to be looked at with.
        attention: whether the checkpoint was trained with attention, which it does not say.

    Raises:
        ValueError: the name is taken, or the file is no such checkpoint.
    """
    path, spec = run_path(runs, name).absolute(), absolute_spec(spec)
    if (path / "run.json").exists():
        raise ValueError(f"run {name!r} exists at {path}: choose another name")
    checkpoint = read_workshop_checkpoint(file, attention=attention)
    config = dataclasses.replace(read_recipe("workshop"), model=checkpoint.encoders_config)
    pack = open_or_build_pack(spec, config.pack_size, config.data.framing)
    splits = split_collection(pack.collection, config.data.protocol, seed=config.data.seed)
    epoch = max(1, checkpoint.epoch)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    probe = choose_probe(pack, splits, seed=config.data.seed)
    replay = replay_probe(checkpoint.encoders.to(device), probe, pack, device=device)
    writer = RunWriter.create(
        path,
        config=to_dict(config),
        recipe="workshop",
        data=describe_data(pack, spec, config),
        class_names=pack.class_names,
        seed=config.train.seed,
        epochs_planned=epoch,
        objective=OBJECTIVE,
    )
    writer.write_probe(probe, probe_pictures(probe, pack))
    # Without optimiser and schedule nothing can go on from here: the state is left empty.
    writer.write_epoch(
        {"epoch": epoch, OBJECTIVE: checkpoint.best_map},
        weights={key: value.cpu() for key, value in checkpoint.encoders.state_dict().items()},
        replay=replay,
        training_state={},
    )
    writer.set_status("complete", f"imported from {file.name}")
    return Run(path)
