"""Muon: momentum made orthogonal, for the convolutions and matrices of a small network.

Jordan et al., 2024, "Muon: An optimizer for hidden layers in neural networks". torch's own takes
matrices only, no convolutions, and computes in bfloat16, which a CPU without it does ten times as
slowly.

Shape suffixes: N matrices of one shape, R rows, C columns.
"""

import math
from typing import Any

import torch
from torch import nn

# A polynomial of the fifth degree that takes singular values in 0…1 close to 1 in few steps (the
# coefficients are Jordan's): that they only come close costs nothing in training.
_LINEAR, _CUBIC, _QUINTIC = 3.4445, -4.7750, 2.0315
_STEPS = 5
_MOMENTUM = 0.95


class MuonAdamW(torch.optim.AdamW):
    """Muon for the groups that say `orthogonal`, AdamW for the others, under one learning rate.

    An orthogonal step is scaled to the size of AdamW's steps (Liu et al., 2025, "Muon is scalable
    for LLM training"), so that a learning rate and a weight decay mean the same for both.
    """

    def __init__(self, groups: list[dict[str, Any]], lr: float) -> None:
        super().__init__(groups, lr=lr, fused=True)
        # A fused AdamW skips steps of infinite gradients by itself; Muon leaves that to the scaler.
        self._step_supports_amp_scaling = False

    def step(self, closure: Any = None) -> Any:
        """Move every parameter that has a gradient; returns what a closure returns."""
        groups = self.param_groups
        try:
            self.param_groups = [group for group in groups if not group.get("orthogonal")]
            loss = super().step(closure)
        finally:
            self.param_groups = groups
        for group in groups:
            if group.get("orthogonal"):
                self._step_orthogonal(group)
        return loss

    @torch.no_grad()
    def _step_orthogonal(self, group: dict[str, Any]) -> None:
        # Layers of one shape (both encoders have each) go through the matrix products together.
        alike: dict[torch.Size, list[nn.Parameter]] = {}
        for parameter in group["params"]:
            if parameter.grad is not None:
                alike.setdefault(parameter.shape, []).append(parameter)
        for shape, members in alike.items():
            directions = [self._direction(parameter) for parameter in members]
            steps_NRC = orthogonalised(torch.stack([d.flatten(1) for d in directions]))
            size = group["lr"] * 0.2 * math.sqrt(max(steps_NRC.shape[1:]))
            for parameter, step_RC in zip(members, steps_NRC, strict=True):
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.add_(step_RC.view(shape), alpha=-size)

    def _direction(self, parameter: nn.Parameter) -> torch.Tensor:
        """The gradient with Nesterov's momentum."""
        gradient = parameter.grad
        assert gradient is not None
        state = self.state[parameter]
        if "momentum" not in state:
            # AdamW looks for a step in whatever state it loads.
            state["momentum"], state["step"] = torch.zeros_like(parameter), torch.zeros(())
        momentum: torch.Tensor = state["momentum"]
        momentum.lerp_(gradient, 1 - _MOMENTUM)
        return gradient.lerp(momentum, _MOMENTUM)


def orthogonalised(matrices_NRC: torch.Tensor) -> torch.Tensor:
    """Matrices with the same singular vectors and singular values near 1, by Newton-Schulz.

    (N, R, C), float32. Values come out within about 0.7…1.2, tiny ones below.
    """
    if matrices_NRC.shape[1] > matrices_NRC.shape[2]:
        return orthogonalised(matrices_NRC.mT).mT
    norms_N11 = torch.linalg.matrix_norm(matrices_NRC, keepdim=True)
    x_NRC = matrices_NRC / norms_N11.clamp_min(1e-7)
    for _ in range(_STEPS):
        gram_NRR = x_NRC @ x_NRC.mT
        gram_NRR = torch.baddbmm(gram_NRR, gram_NRR, gram_NRR, beta=_CUBIC, alpha=_QUINTIC)
        x_NRC = torch.baddbmm(x_NRC, gram_NRR, x_NRC, beta=_LINEAR)
    return x_NRC
