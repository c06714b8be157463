"""The layers that only videos need: memory encoder and memory attention; knows their tensors' names and shapes."""

from __future__ import annotations

from dataclasses import dataclass

from onnx_export.core.layers import Floats, Linear, Norm
from onnx_export.sam2.parts import Attention, Conv, Parts


@dataclass(frozen=True)
class MemoryLayer:
    """A layer of the memory attention: a frame looks at itself, then at memories."""

    own: Attention
    to_memories: Attention
    norms: tuple[Norm, Norm, Norm]
    mlp: tuple[Linear, Linear]


@dataclass(frozen=True)
class FuserLayer:
    """A layer of the memory encoder; ``scale`` [channels] is that of its residual."""

    depthwise: Conv
    norm: Norm
    fc1: Linear
    fc2: Linear
    scale: Floats


class VideoParts(Parts):
    """Layers of a checkpoint, those of videos included."""

    def mask_downsample(self) -> Conv:
        """A mask of the picture's size to logits that go in as a prompt, a cell for 4x4 pixels."""
        return self.conv("mask_downsample", 1, 1, 4)

    def mask_downsampler(self) -> tuple[list[tuple[Conv, Norm]], Linear]:
        """A mask of the picture's size to the embedding's grid: convolutions, each with a norm, and one product."""
        name, layers = "memory_encoder.mask_downsampler", []
        for k in range(4):
            one, out = f"{name}.layers.{k}", 4 ** (k + 1)
            layers.append((self.conv(f"{one}.conv", out, 4**k, 3), self.norm(f"{one}.layer_norm", out)))
        return layers, self.linear(f"{name}.final_conv", self.config.channels, 4**4, (1, 1))

    def memory_features(self) -> Linear:
        """What the memory encoder makes of the embedding."""
        c = self.config.channels
        return self.linear("memory_encoder.feature_projection", c, c, (1, 1))

    def fuser_layer(self, number: int) -> FuserLayer:
        """One layer of the memory encoder."""
        name, c = f"memory_encoder.memory_fuser.layers.{number}", self.config.channels
        return FuserLayer(
            depthwise=Conv(
                self.tensor(f"{name}.depthwise_conv.weight", c, 1, 7, 7),
                self.tensor(f"{name}.depthwise_conv.bias", c),
            ),
            norm=self.norm(f"{name}.layer_norm", c),
            fc1=self.linear(f"{name}.pointwise_conv1", 4 * c, c),
            fc2=self.linear(f"{name}.pointwise_conv2", c, 4 * c),
            scale=self.tensor(f"{name}.scale", c),
        )

    def memory_projection(self) -> Linear:
        """The memory encoder's last map to a memory."""
        return self.linear("memory_encoder.projection", self.config.memory.channels, self.config.channels, (1, 1))

    def occluded(self) -> Floats:
        """What is added to the memory of a frame without the thing, [memory channels]."""
        return self.tensor("occlusion_spatial_embedding_parameter", 1, self.config.memory.channels).reshape(-1)

    def memory_rows(self) -> Floats:
        """[frames, memory channels]: how long ago a memory was made; the last row is that of prompted frames."""
        memory = self.config.memory
        name = "memory_temporal_positional_encoding"
        return self.tensor(name, memory.frames, 1, 1, memory.channels).reshape(memory.frames, -1)

    def pointer_time(self) -> Linear:
        """The encoding of a pointer's distance in time, to the memories' width."""
        name = "temporal_positional_encoding_projection_layer"
        return self.linear(name, self.config.memory.channels, self.config.channels)

    def memory_layer(self, number: int) -> MemoryLayer:
        """One layer of the memory attention."""
        name, c, m = f"memory_attention.layers.{number}", self.config.channels, self.config.memory
        one, two, three = (self.norm(f"{name}.layer_norm{i}", c) for i in range(1, 4))
        return MemoryLayer(
            own=self.attention(f"{name}.self_attn", c),
            to_memories=self.attention(f"{name}.cross_attn_image", c, m.channels),
            norms=(one, two, three),
            mlp=(self.linear(f"{name}.linear1", m.feed_forward, c), self.linear(f"{name}.linear2", c, m.feed_forward)),
        )

    def memory_norm(self) -> Norm:
        """The norm after the memory attention."""
        return self.norm("memory_attention.layer_norm", self.config.channels)
