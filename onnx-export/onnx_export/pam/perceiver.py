"""Builds perceiver.onnx: what SAM's mask decoder saw of a frame, to the embeddings that the decoder reads.

Always in float32, weights in the graph's precision with at least 16 bits: it is a hundredth of the work.
"""

from __future__ import annotations

from pathlib import Path

from onnx import TensorProto

from onnx_export.core.graph import GraphWriter
from onnx_export.core.precision import Device, Precision
from onnx_export.pam.parts import COARSE, FINE, MASK_TOKENS, Parts, Projector
from onnx_export.sam2.mask import positions, transformer


def write_perceiver(file: Path, parts: Parts, precision: Precision) -> None:
    """Writes the graph; docs/bundle.md describes its inputs and outputs.

    A frame's embeddings are its visual tokens, a newline, its semantic tokens, another newline, and that of frames,
    which pictures leave out.
    """
    c, h, cells = parts.config.channels, parts.config.decoder.hidden, parts.config.sam.grid**2
    stored = precision if precision is Precision.FP32 else Precision.FP16
    with GraphWriter(file, stored, Device.CPU) as g:
        seen = g.input("seen", TensorProto.FLOAT, [1, cells, c])
        tokens = g.input("tokens", TensorProto.FLOAT, [1, MASK_TOKENS, c])
        queries = g.node("Concat", tokens, g.constant(parts.semantic_tokens()[None]), axis=1)
        position = positions(parts.frequencies(), parts.config.sam.grid)
        queries, picture = transformer(g, parts.two_way(), position, queries, seen)
        sem = g.node(
            "Slice", queries, g.integers(MASK_TOKENS), g.integers(MASK_TOKENS + parts.sem_tokens), g.integers(1)
        )
        fine = _visual(g, parts, picture, FINE)
        coarse = g.linear(_visual(g, parts, picture, COARSE), parts.coarse())
        image, semantic = parts.projector("img"), _projected(g, sem, parts.projector("semT"))
        both = g.node("Concat", fine, coarse, axis=1)
        projected = _projected(g, both, image)
        counts = [parts.visual_tokens(it) for it in (FINE, COARSE)]
        visual = g.node("Split", projected, g.integers(*counts), outputs=2, axis=1)
        newlines = [g.constant(parts.newline(it)[None, None]) for it in ("image", "semT", "frame")]
        for name, count, own in zip(("picture_embeds", "frame_embeds"), counts, visual, strict=True):
            rows = g.node("Concat", own, newlines[0], semantic, *newlines[1:], axis=1)
            g.output(rows, name, TensorProto.FLOAT, [1, count + parts.sem_tokens + 3, h])
        g.output(sem, "sem_tokens", TensorProto.FLOAT, [1, parts.sem_tokens, c])


def _visual(g: GraphWriter, parts: Parts, picture: str, side: int) -> str:
    """Groups of side x side cells, column by column: [1, groups, side * side * channels]."""
    across, c = parts.config.sam.grid // side, parts.config.channels
    cells = g.node("Reshape", picture, g.integers(across, side, across, side, c))
    together = g.node("Transpose", cells, perm=[2, 0, 1, 3, 4])
    return str(g.node("Reshape", together, g.integers(1, across * across, side * side * c)))


def _projected(g: GraphWriter, value: str, projector: Projector) -> str:
    hidden = g.node("Gelu", g.linear(value, projector.first), approximate="none")
    return g.linear(str(hidden), projector.second)
