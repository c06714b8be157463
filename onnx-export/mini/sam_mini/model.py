"""The whole model. Its tensors have the published names, so its state is a checkpoint."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .config import ModelConfig
from .decoder import Fourier, MaskDecoder, Masks, PromptEncoder, Prompts, ThreeLayers
from .encoder import Features, VisionEncoder, pointwise
from .memory import BIAS, SCALE, MemoryAttention, MemoryEncoder, sine, times

PRESENT = 0.0
"""The object score above which the thing is in the picture."""
ABSENT_LOGIT = -1024.0
REACH = 32.0
"""Largest logit of a mask input."""


class Segmenter(nn.Module):
    """SAM 2.1: pictures to features, features and prompts to masks, masks to memories and back into features."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        c, m = config.channels, config.memory
        self.config = config
        self.vision_encoder = VisionEncoder(config)
        self.shared_image_embedding = Fourier(c)
        self.prompt_encoder, self.mask_decoder = PromptEncoder(config), MaskDecoder(config)
        self.memory_encoder, self.memory_attention = MemoryEncoder(config), MemoryAttention(config)
        self.object_pointer_proj = ThreeLayers(c, c, c)
        self.mask_downsample = nn.Conv2d(1, 1, 4, 4)
        self.temporal_positional_encoding_projection_layer = nn.Linear(c, m)
        self.no_memory_embedding = nn.Parameter(torch.zeros(1, 1, c))
        self.no_memory_positional_encoding = nn.Parameter(torch.zeros(1, 1, c))
        self.no_object_pointer = nn.Parameter(torch.randn(1, c) * 0.02)
        self.memory_temporal_positional_encoding = nn.Parameter(torch.randn(config.memory_frames, 1, 1, m) * 0.02)
        self.occlusion_spatial_embedding_parameter = nn.Parameter(torch.randn(1, m) * 0.02)
        self.register_buffer("place", sine(config.grid, m), persistent=False)
        nn.init.constant_(self.mask_downsample.weight, SCALE / 16)
        nn.init.constant_(self.mask_downsample.bias, BIAS)  # type: ignore[arg-type]

    # ---- pictures

    def encode(self, pixels: Tensor) -> Features:
        """Normalised pixels [B, 3, S, S]; the embedding is without `no_memory_embedding`."""
        one, two, embed = self.vision_encoder(pixels)
        decoder = self.mask_decoder
        return Features(pointwise(decoder.conv_s0, one), pointwise(decoder.conv_s1, two), embed)

    def without_memory(self, features: Features) -> Features:
        """Features as the decoder takes them for pictures and for prompted frames."""
        embed = features.embed + self.no_memory_embedding.view(-1)
        return Features(features.feat_s0, features.feat_s1, embed)

    def decode(self, features: Features, prompts: Prompts) -> Masks:
        """Everything the decoder says about N prompts on B pictures; those of a picture follow each other."""
        encoder, fourier = self.prompt_encoder, self.shared_image_embedding
        points = encoder.tokens(prompts, fourier, self.config.image)
        position = fourier.cells(self.config.grid)
        return Masks(*self.mask_decoder(features, encoder.dense(prompts), points, prompts.labels, position))

    # ---- frames

    def pointers(self, tokens: Tensor, score: Tensor) -> Tensor:
        """Object pointers [N, C] of the chosen mask tokens [N, C]."""
        found = self.object_pointer_proj(tokens)
        return torch.where((score > PRESENT)[:, None], found.float(), self.no_object_pointer)

    def marked(self, masks: Tensor) -> tuple[Tensor, Tensor]:
        """Masks [N, S, S] of 0 and 1 given as marks: their logits [N, S/4, S/4] and object scores [N]."""
        logits = F.interpolate((SCALE * masks + BIAS)[:, None], scale_factor=0.25, mode="bilinear", antialias=True)[
            :, 0
        ]
        return logits, torch.where(masks.flatten(1).any(1), 10.0, -10.0)

    def pointers_of_marks(self, features: Features, masks: Tensor) -> Tensor:
        """Object pointers of masks [N, S, S]; `features` are without `no_memory_embedding`, of N pictures."""
        many = len(masks)
        small = self.mask_downsample(masks[:, None]).float()[:, 0]
        nothing = torch.zeros(many, 2, 2), torch.full((many, 2), -1)
        found = self.decode(features, Prompts(*nothing, small, torch.ones(many, dtype=torch.bool)))
        there = torch.where(masks.flatten(1).any(1), found.score, -1.0)
        return self.pointers(found.tokens[:, 0], there)

    def remember(self, embed: Tensor, logits: Tensor, score: Tensor, prompted: bool) -> Tensor:
        """Memories [N, n, n, M] of logits [N, S/4, S/4]."""
        large = F.interpolate(logits[:, None], scale_factor=4, mode="bilinear")[:, 0]
        shares = (large > 0).float() if prompted else large.sigmoid()
        memory = self.memory_encoder(embed, SCALE * shares + BIAS).float()
        absent = (score <= PRESENT)[:, None, None, None]
        memory = memory + absent * self.occlusion_spatial_embedding_parameter
        return memory.to(torch.bfloat16).float()

    def recall(
        self, embed: Tensor, memories: list[Tensor], rows: list[int], pointers: list[Tensor], distances: list[float]
    ) -> Tensor:
        """Embeddings [N, n, n, C] that have read memories [N, n, n, M], oldest first, and pointers [N, C].

        `rows` are those of `memory_temporal_positional_encoding`, `distances` the pointers' shares of the longest.
        """
        values = [it.flatten(1, 2) for it in memories]
        place = self.place.flatten(0, 1)
        keys = [v + place + self.memory_temporal_positional_encoding[r, 0] for v, r in zip(values, rows, strict=True)]
        if pointers:
            m = self.config.memory
            parts = torch.stack(pointers, 1).unflatten(2, (-1, m))  # [N, p, C / M, M]
            code = times(torch.tensor(distances), self.config.channels)
            code = self.temporal_positional_encoding_projection_layer(code)[:, None].expand(-1, parts.shape[2], -1)
            values.append(parts.flatten(1, 2))
            keys.append((parts + code).flatten(1, 2))
        result: Tensor = self.memory_attention(embed, torch.cat(keys, 1), torch.cat(values, 1), len(memories))
        return result


def best(found: Masks) -> Tensor:
    """The number of the mask with the best predicted IoU of the three candidates, [N]."""
    return found.iou[:, 1:].argmax(1) + 1


def single(found: Masks, delta: float = 0.05, threshold: float = 0.98) -> Tensor:
    """The number of the mask for an unambiguous prompt, [N]: 0, unless that mask is unstable."""
    own = found.masks[:, 0].flatten(1)
    inner, outer = (own > delta).sum(1), (own > -delta).sum(1)
    stable = torch.where(outer > 0, inner / outer.clamp_min(1), 1.0) >= threshold
    return torch.where(stable, 0, best(found))


def picked(values: Tensor, number: Tensor) -> Tensor:
    """Of [N, 4, ...] the ones with the numbers [N]."""
    return values[torch.arange(len(number)), number]
