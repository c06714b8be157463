"""Muon: momentum with orthogonalised updates, by four polynomial steps in float32.

Takes matrices only; those of one shape are batched, which makes it cheap on a CPU. Keller Jordan and others, 2024;
updates are scaled as in Moonlight (0.2 * sqrt of the longer side).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import torch
from torch import Tensor

COEFFICIENTS = (
    (8.28721201814563, -23.595886519098837, 17.300387312530933),
    (4.107059111542203, -2.9478499167379106, 0.5448431082926601),
    (3.9486908534822946, -2.908902115962949, 0.5518191394370137),
    (3.3184196573706015, -2.488488024314874, 0.51004894012372),
)
"""Coefficients of the four steps (Amsel and others, 2025: The Polar Express)."""

ROOM = 1.01
"""How far singular values may be out of range because of bfloat16."""


def orthogonal(x: Tensor) -> Tensor:
    """The nearest matrices [K, M, N] with all singular values close to one.

    The polynomials are computed on Gram matrices of the short side, which is cheaper for oblong matrices.
    """
    tall = x.shape[1] > x.shape[2]
    x = x.mT if tall else x
    x = x / (x.norm(dim=(1, 2), keepdim=True) * 1.01 + 1e-7)
    gram = x @ x.mT
    eye = torch.eye(len(gram[0]))
    product = eye.expand_as(gram)
    for a, b, c in COEFFICIENTS:
        step = a * eye + b * gram + c * (gram @ gram)
        product = step @ product
        gram = step @ gram @ step
    x = product @ x
    return x.mT if tall else x


def nearly_orthogonal(x: Tensor) -> Tensor:
    """The same in bfloat16 and less exact, three times as fast on a CPU that multiplies it.

    Rounding may lift a singular value out of the range in which the polynomials keep it small, so the range is wider.
    """
    tall = x.shape[1] > x.shape[2]
    x = x.mT if tall else x
    x = (x / (x.norm(dim=(1, 2), keepdim=True) * 1.02 + 1e-7)).bfloat16()
    for coefficients in COEFFICIENTS:
        a, b, c = (it / ROOM ** (2 * i + 1) for i, it in enumerate(coefficients))
        gram = x @ x.mT
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    x = x.float()
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float,
        momentum: float = 0.95,
        weight_decay: float = 0.05,
        halved: bool = False,
    ) -> None:
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))
        self.orthogonal = nearly_orthogonal if halved else orthogonal

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Updates every matrix that has a gradient."""
        for group in self.param_groups:
            shapes = defaultdict(list)
            for p in group["params"]:
                if p.grad is not None:
                    shapes[p.shape].append(p)
            for shape, members in shapes.items():
                updates = []
                for p in members:
                    state = self.state[p]
                    if not state:
                        state["momentum"] = torch.zeros_like(p)
                    state["momentum"].lerp_(p.grad, 1 - group["momentum"])
                    updates.append(p.grad.lerp(state["momentum"], group["momentum"]))
                scale = group["lr"] * 0.2 * max(shape) ** 0.5
                for p, o in zip(members, self.orthogonal(torch.stack(updates)), strict=True):
                    p.mul_(1 - group["lr"] * group["weight_decay"]).add_(o, alpha=-scale)
