"""Parameter groups, optimisers and the learning rate at each step."""

import torch
from torch import nn

from core.schedules import stepped, warmup_cosine
from trainer.config import TrainConfig
from trainer.muon import MuonAdamW


def build_optimizer(model: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """AdamW, Muon or SGD over four groups: backbone or not, decayed or not.

    Each group keeps `scale`, its share of the learning rate. Vectors (biases, norms) are not
    decayed; parameters that need no gradient are left out. Muon takes the backbone's matrices and
    convolutions; of the small rest, prototypes and heads among it, rows stand for themselves.
    """
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            key = (".backbone." in f".{name}", parameter.ndim > 1)
            groups.setdefault(key, []).append(parameter)
    parameters = [
        {
            "params": members,
            "scale": config.backbone_lr_scale if backbone else 1.0,
            "weight_decay": config.weight_decay if decayed else 0.0,
            "orthogonal": config.optimizer == "muon" and backbone and decayed,
        }
        for (backbone, decayed), members in sorted(groups.items())
    ]
    if config.optimizer == "sgd":
        return torch.optim.SGD(parameters, lr=config.lr, momentum=0.9)
    if config.optimizer == "muon":
        return MuonAdamW(parameters, lr=config.lr)
    # One call for all parameters: a small network would spend a twentieth of a step on the others.
    return torch.optim.AdamW(parameters, lr=config.lr, fused=True)


def learning_rate(config: TrainConfig, step: int, steps: int) -> float:
    """The learning rate of step `step` (from 0) of `steps` in the whole run."""
    warmup = round(config.warmup * steps)
    if config.schedule == "cosine":
        return warmup_cosine(step, steps, base=config.lr, warmup=warmup)
    rise = min(1.0, (step + 1) / warmup) if warmup else 1.0
    if config.schedule == "steps":
        milestones = (round(0.6 * steps), round(0.85 * steps))
        return rise * stepped(step, base=config.lr, milestones=milestones)
    return config.lr * rise


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Give every group its share of the rate."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group["scale"]
