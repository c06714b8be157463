"""The tensor names of the published layout: reads the four parts layer by layer as float32 arrays.

Linear weights are as stored, [out, in]. The graphs and the NumPy reference both read through here, so that each name
and shape is written down once.
"""

from __future__ import annotations

from dataclasses import dataclass

from onnx_export.core.layers import Floats, Linear, Norm
from onnx_export.dam.checkpoint import Checkpoint
from onnx_export.decoder.parts import DecoderParts

TOWER = "vision_model"


@dataclass(frozen=True)
class AttentionBlock:
    """One transformer block of the vision tower, or one layer of the context provider with its gates."""

    norm1: Norm
    q: Linear
    k: Linear
    v: Linear
    out: Linear
    norm2: Norm
    fc1: Linear
    fc2: Linear
    attention_factor: float = 1.0
    mlp_factor: float = 1.0

    def linears(self) -> dict[str, Linear]:
        """The six products by name."""
        return {"q": self.q, "k": self.k, "v": self.v, "out": self.out, "fc1": self.fc1, "fc2": self.fc2}


@dataclass(frozen=True)
class Embeddings:
    """Patch weights [hidden, 3, p, p] and [hidden, 1, p, p], their biases [hidden], positions [grid*grid, hidden]."""

    patch: Linear
    mask: Linear
    position: Floats


@dataclass(frozen=True)
class Projector:
    """LayerNorm over 4*hidden, then two linear layers."""

    norm: Norm
    first: Linear
    second: Linear


class Parts:
    """Reads one checkpoint."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint
        self.config = checkpoint.config
        self.decoder = DecoderParts(
            checkpoint.config.decoder, lambda name, shape: checkpoint.tensor("llm", name, shape)
        )

    def _linear(self, part: str, name: str, out: int, into: int) -> Linear:
        return Linear(
            self._checkpoint.tensor(part, f"{name}.weight", (out, into)),
            self._checkpoint.tensor(part, f"{name}.bias", (out,)),
        )

    def _norm(self, part: str, name: str, size: int) -> Norm:
        return Norm(
            self._checkpoint.tensor(part, f"{name}.weight", (size,)),
            self._checkpoint.tensor(part, f"{name}.bias", (size,)),
        )

    def embeddings(self) -> Embeddings:
        """The weights that turn pixels into the first hidden state."""
        v = self.config.vision
        name = f"{TOWER}.embeddings"

        def convolution(kind: str, channels: int) -> Linear:
            weight = self._checkpoint.tensor(
                "vision_tower", f"{name}.{kind}.weight", (v.hidden, channels, v.patch, v.patch)
            )
            return Linear(weight, self._checkpoint.tensor("vision_tower", f"{name}.{kind}.bias", (v.hidden,)))

        position = self._checkpoint.tensor(
            "vision_tower", f"{name}.position_embedding.weight", (v.grid * v.grid, v.hidden)
        )
        return Embeddings(convolution("patch_embedding", 3), convolution("mask_patch_embedding", 1), position)

    def vision_block(self, layer: int) -> AttentionBlock:
        """Block of the vision tower."""
        v = self.config.vision
        return self._block("vision_tower", f"{TOWER}.encoder.layers.{layer}", "self_attn", v.hidden, v.intermediate)

    def context_layer(self, layer: int) -> AttentionBlock:
        """Layer of the context provider; its factors are used without tanh (published code, unlike the paper)."""
        name = f"context_provider_module.layers.{layer}"
        context = self.config.context
        block = self._block("context_provider", name, "cross_attn", self.config.vision.hidden, context.intermediate)
        if not context.gated:
            return block
        factors = [
            float(self._checkpoint.tensor("context_provider", f"{name}.{kind}_factor", (1,))[0])
            for kind in ("attn", "mlp")
        ]
        return AttentionBlock(**{**block.__dict__, "attention_factor": factors[0], "mlp_factor": factors[1]})

    def _block(self, part: str, name: str, attention: str, hidden: int, intermediate: int) -> AttentionBlock:
        return AttentionBlock(
            norm1=self._norm(part, f"{name}.layer_norm1", hidden),
            q=self._linear(part, f"{name}.{attention}.q_proj", hidden, hidden),
            k=self._linear(part, f"{name}.{attention}.k_proj", hidden, hidden),
            v=self._linear(part, f"{name}.{attention}.v_proj", hidden, hidden),
            out=self._linear(part, f"{name}.{attention}.out_proj", hidden, hidden),
            norm2=self._norm(part, f"{name}.layer_norm2", hidden),
            fc1=self._linear(part, f"{name}.mlp.fc1", intermediate, hidden),
            fc2=self._linear(part, f"{name}.mlp.fc2", hidden, intermediate),
        )

    def projector(self) -> Projector:
        """The weights that turn four neighbouring patches into one embedding."""
        wide = 4 * self.config.vision.hidden
        hidden = self.config.decoder.hidden
        return Projector(
            self._norm("mm_projector", "layers.1", wide),
            self._linear("mm_projector", "layers.2", hidden, wide),
            self._linear("mm_projector", "layers.4", hidden, hidden),
        )
