"""The arrays that graphs are built from; knows no file and no model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Linear:
    """A linear layer as PyTorch stores it: weight [out, in], bias [out]."""

    weight: Floats
    bias: Floats


@dataclass(frozen=True)
class Norm:
    """Weight and bias of a LayerNorm, both [hidden]."""

    weight: Floats
    bias: Floats
