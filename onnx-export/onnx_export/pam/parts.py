"""The tensor names of the published layout: decoder, perceiver, projectors, and SAM 2.1, inside or beside."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import ml_dtypes
import numpy as np

from onnx_export import ExportError
from onnx_export.core.config import model_type
from onnx_export.core.layers import Floats, Linear, Norm
from onnx_export.core.tensors import TensorFolder
from onnx_export.decoder.parts import DecoderParts
from onnx_export.pam.config import load_config
from onnx_export.pam.names import POINT_TABLE, original
from onnx_export.sam2.config import MODEL_TYPE as SAM2
from onnx_export.sam2.config import ModelConfig as SamConfig
from onnx_export.sam2.parts import Attention, TwoWay, TwoWayLayer
from onnx_export.sam2.video_parts import VideoParts

MASK_TOKENS = 2
"""Mask tokens that the perceiver gets of each frame."""
FRAMES = 16
"""Frames of a clip that the decoder sees."""
_PERCEIVER, _SAM = "model.vision_resampler", "model.vision_tower.sam2_model_predictor."
_HEADS = 8
FINE, COARSE = 2, 4
"""Cells along one side of a visual token's group: in a picture and a clip's first frame, and in its other frames."""


@dataclass(frozen=True)
class Projector:
    """Two linear layers with a GELU between."""

    first: Linear
    second: Linear


class SamInside(VideoParts):
    """SAM 2.1 under the names of its own repository, as PAM's checkpoints hold it.

    Parameters
    ----------
    tensors
        The checkpoint's.
    """

    def __init__(self, config: SamConfig, tensors: TensorFolder) -> None:
        self.config = config
        self._inside = tensors

    def tensor(self, name: str, *shape: int) -> Floats:
        """One tensor as float32."""
        if name == POINT_TABLE:
            table = f"{_SAM}sam_prompt_encoder.point_embeddings"
            return np.concatenate([self._inside.read(f"{table}.{i}.weight", (1, *shape[1:])) for i in range(shape[0])])
        return self._inside.read(_SAM + original(name), shape)


class SamBeside(VideoParts):
    """SAM 2.1 from a checkpoint of its own, rounded to bfloat16 as PAM was trained with it."""

    def tensor(self, name: str, *shape: int) -> Floats:
        """One tensor, rounded, as float32."""
        return super().tensor(name, *shape).astype(ml_dtypes.bfloat16).astype(np.float32)


class Parts:
    """Reads one checkpoint.

    Parameters
    ----------
    folder
        ``config.json``, ``tokenizer.json`` and the weights.
    sam
        A checkpoint of SAM 2.1, for a folder without its weights.

    Raises
    ------
    ExportError
        If a config or a file is missing or not supported.
    """

    def __init__(self, folder: Path, sam: Path | None = None) -> None:
        self.folder = folder
        self.config = load_config(folder)
        self._tensors = TensorFolder(folder)
        self.decoder = DecoderParts(self.config.decoder, self._tensors.read)
        self.sam = self._sam(folder, sam)
        if self.sam.config.channels != self.config.channels:
            raise ExportError(
                f"config.json: mm_hidden_size = {self.config.channels} does not fit SAM's width, which is "
                f"{self.sam.config.channels}"
            )
        self.config = replace(self.config, sam=self.sam.config)
        names = self._tensors.names()
        self.sem_tokens = self._tensors.shape(f"{_PERCEIVER}.sem_tokens.weight")[0]
        self._mlp = self._tensors.shape(f"{_PERCEIVER}.layers.0.mlp.layers.0.weight")[0]
        self._layers = len({it.split(".")[3] for it in names if it.startswith(f"{_PERCEIVER}.layers.")})

    def _sam(self, folder: Path, given: Path | None) -> VideoParts:
        if given is not None:
            found = SamBeside(given)
            if not _same_model(found.config, self.config.sam):
                raise ExportError(f"{given} is not SAM 2.1 large, which Perceive Anything was trained with")
            return found
        if any(it.startswith(_SAM) for it in self._tensors.names()):
            return SamInside(self.config.sam, self._tensors)
        for outer in (folder, folder.absolute().parent):
            for beside in _sams_in(outer):
                if _same_model(beside.config, self.config.sam):
                    return beside
        raise ExportError(
            f"{folder} has no weights of SAM 2.1 large: name a checkpoint of facebook/sam2.1-hiera-large with --sam"
        )

    def tensor(self, name: str, shape: Sequence[int]) -> Floats:
        """One tensor as float32."""
        return self._tensors.read(name, shape)

    def _linear(self, name: str, out: int, into: int) -> Linear:
        return Linear(self.tensor(f"{name}.weight", (out, into)), self.tensor(f"{name}.bias", (out,)))

    def _norm(self, name: str) -> Norm:
        c = (self.config.channels,)
        return Norm(self.tensor(f"{name}.weight", c), self.tensor(f"{name}.bias", c))

    def _attention(self, name: str, inner: int) -> Attention:
        c = self.config.channels
        q, k, v = (self._linear(f"{name}.{it}_proj", inner, c) for it in "qkv")
        return Attention(q, k, v, self._linear(f"{name}.out_proj", c, inner))

    def semantic_tokens(self) -> Floats:
        """The learned queries, [tokens, channels]."""
        return self.tensor(f"{_PERCEIVER}.sem_tokens.weight", (self.sem_tokens, self.config.channels))

    def frequencies(self) -> Floats:
        """The matrix [2, channels / 2] of the perceiver's own random Fourier features."""
        name = f"{_PERCEIVER}.pe_layer.positional_encoding_gaussian_matrix"
        return self.tensor(name, (2, self.config.channels // 2))

    def two_way(self) -> TwoWay:
        """The perceiver's transformer."""
        c = self.config.channels
        layers = []
        for number in range(self._layers):
            name = f"{_PERCEIVER}.layers.{number}"
            one, two, three, four = (self._norm(f"{name}.norm{i}") for i in range(1, 5))
            layers.append(
                TwoWayLayer(
                    own=self._attention(f"{name}.self_attn", c),
                    to_picture=self._attention(f"{name}.cross_attn_token_to_image", c // 2),
                    to_tokens=self._attention(f"{name}.cross_attn_image_to_token", c // 2),
                    norms=(one, two, three, four),
                    mlp=(
                        self._linear(f"{name}.mlp.layers.0", self._mlp, c),
                        self._linear(f"{name}.mlp.layers.1", c, self._mlp),
                    ),
                )
            )
        last = self._attention(f"{_PERCEIVER}.final_attn_token_to_image", c // 2)
        return TwoWay(_HEADS, tuple(layers), last, self._norm(f"{_PERCEIVER}.norm_final_attn"))

    def coarse(self) -> Linear:
        """A group of 4 x 4 cells to the width of one of 2 x 2."""
        c = self.config.channels
        return self._linear(f"{_PERCEIVER}.proj", FINE**2 * c, COARSE**2 * c)

    def projector(self, kind: str) -> Projector:
        """To the decoder's width: ``img`` for visual tokens, ``semT`` for semantic ones."""
        h, into = self.config.decoder.hidden, self.config.channels * (FINE**2 if kind == "img" else 1)
        name = f"model.mm_projector_{kind}"
        return Projector(self._linear(f"{name}.0", h, into), self._linear(f"{name}.2", h, h))

    def newline(self, kind: str) -> Floats:
        """What follows visual tokens (``image``), semantic ones (``semT``) and each frame of a clip (``frame``)."""
        return self.tensor(f"model.{kind}_newline", (self.config.decoder.hidden,))

    def visual_tokens(self, side: int) -> int:
        """Visual tokens of a frame whose groups have ``side`` cells along one side."""
        return (self.config.sam.grid // side) ** 2

    @property
    def picture_tokens(self) -> int:
        """Positions of a picture."""
        return self.visual_tokens(FINE) + 1 + self.sem_tokens + 1

    @property
    def clip_tokens(self) -> int:
        """Positions of a clip."""
        return self.picture_tokens + 1 + (FRAMES - 1) * self.frame_tokens

    @property
    def frame_tokens(self) -> int:
        """Positions of a clip's frame but the first, which takes one more than a picture."""
        return self.visual_tokens(COARSE) + 1 + self.sem_tokens + 2


def _sams_in(folder: Path) -> list[SamBeside]:
    """The checkpoints of SAM 2.1 in a folder, which may hold anything else."""
    found = []
    with suppress(OSError):
        for it in sorted(folder.iterdir()):
            if model_type(it) == SAM2:
                with suppress(ExportError):
                    found.append(SamBeside(it))
    return found


def _same_model(one: SamConfig, other: SamConfig) -> bool:
    """Whether both are the same size of SAM 2.1. Embeddings of every size are 256 wide."""
    return [(it.width, it.blocks) for it in one.trunk.stages] == [(it.width, it.blocks) for it in other.trunk.stages]
