"""Writes a checkpoint of random weights in the published model's size and layout: 7.1 GB, one tensor at a time.

For measuring time and memory; its answers mean nothing. The exporter and the published code can load it. Every layer
has its own weights: shared weights would stay in the processor's caches and distort the figures.
"""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
from sentencepiece import sentencepiece_model_pb2

sys.path.insert(0, str(Path(__file__).parents[2] / "src" / "test" / "onnx-export"))
from random_checkpoint import Dimensions, RandomCheckpoint, train_tokenizer

PUBLISHED = Dimensions(
    image=384,
    patch=14,
    vision_hidden=1152,
    vision_intermediate=4304,
    vision_layers=27,
    vision_heads=16,
    hidden=2560,
    intermediate=6912,
    layers=32,
    heads=20,
    kv_heads=20,
    head_dim=128,
    vocab=32000,
    context=4096,
)
SHARD_BYTES = 2 << 30
Spec = tuple[tuple[int, ...], float, float]


class FullSizeCheckpoint(RandomCheckpoint):
    """Records the shape and scale of each tensor, and draws its values when it is written."""

    def _add(self, part: str, name: str, *shape: int, scale: float = 0.0, mean: float = 0.0) -> None:
        spread = scale or 1 / np.sqrt(max(1, int(np.prod(shape[1:]))))
        self.specs.setdefault(part, {})[name] = (shape, float(spread), mean)

    def __init__(self) -> None:
        self.specs: dict[str, dict[str, Spec]] = {}
        super().__init__(PUBLISHED)
        self._draws = np.random.default_rng(1)

    def write(self, folder: Path) -> None:
        self.write_configs(folder)
        for part, specs in self.specs.items():
            shards = self._shards(specs)
            names = [f"model-{i + 1:05}-of-{len(shards):05}.safetensors" for i in range(len(shards))]
            if len(shards) == 1:
                names = ["model.safetensors"]
            for name, shard in zip(names, shards, strict=True):
                print(f"{part}/{name}", flush=True)
                self._write_shard(folder / part / name, shard)
            if len(shards) > 1:
                where = {tensor: name for name, shard in zip(names, shards, strict=True) for tensor in shard}
                size = sum(2 * int(np.prod(shape)) for shape, _, _ in specs.values())
                index = {"metadata": {"total_size": size}, "weight_map": where}
                (folder / part / "model.safetensors.index.json").write_text(json.dumps(index))
        write_tokenizer(folder / "llm" / "tokenizer.model", self.dims.vocab)

    @staticmethod
    def _shards(specs: dict[str, Spec]) -> list[dict[str, Spec]]:
        shards: list[dict[str, Spec]] = [{}]
        size = 0
        for name, spec in specs.items():
            size += 2 * int(np.prod(spec[0]))
            if size > SHARD_BYTES and shards[-1]:
                shards.append({})
                size = 2 * int(np.prod(spec[0]))
            shards[-1][name] = spec
        return shards

    def _write_shard(self, file: Path, specs: dict[str, Spec]) -> None:
        header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
        offset = 0
        for name, (shape, _, _) in specs.items():
            end = offset + 2 * int(np.prod(shape))
            header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [offset, end]}
            offset = end
        encoded = json.dumps(header).encode()
        encoded += b" " * (-len(encoded) % 8)
        with file.open("wb") as out:
            out.write(struct.pack("<Q", len(encoded)) + encoded)
            for shape, scale, mean in specs.values():
                values = self._draws.standard_normal(int(np.prod(shape)), dtype=np.float32) * np.float32(scale)
                values += np.float32(mean)
                # The upper half of a float32 is the bfloat16 rounded towards zero.
                out.write((values.view(np.uint32) >> 16).astype("<u2").data)


def write_tokenizer(file: Path, pieces: int) -> None:
    """Writes a tokenizer of ``pieces`` pieces, one an embedding: the published code drops embeddings without a piece.

    Like the published tokenizer it has sixteen pieces of spaces with one score after the bytes. Rare characters fill
    the rest.
    """
    train_tokenizer(file, 400)
    proto = sentencepiece_model_pb2.ModelProto.FromString(file.read_bytes())  # type: ignore[attr-defined]
    trained = list(proto.pieces)
    first = next(i for i, it in enumerate(trained) if it.type == 1)
    kind = type(trained[0])
    spaces = [kind(piece="▁" * length, score=-1e9, type=1) for length in range(2, 17)]
    pieces_ = [*trained[:first], *spaces, *trained[first:]]
    rare = (kind(piece=chr(0x3400 + i), score=-1e6 - i, type=1) for i in range(pieces - len(pieces_)))
    del proto.pieces[:]
    proto.pieces.extend([*pieces_, *rare])
    next(it for it in proto.pieces if it.piece == "▁").score = -1e9
    proto.trainer_spec.vocab_size = pieces
    file.write_bytes(proto.SerializeToString())


if __name__ == "__main__":
    FullSizeCheckpoint().write(Path(sys.argv[1]))
