"""Recovers a checkpoint from a bundle, to continue training where only the bundle was kept.

`python -m sam_mini.recover --bundle FOLDER --out FOLDER` needs the exporter of this repository (`pip install -e ..`).

The exporter runs on two checkpoints of the same dimensions whose values are numbers of places. Wherever a constant of
the bundle is a copy, transposed, split or sorted, it shows the place that each of its values came from. Four layers are
stored as products of two; each is split again into factors of equal size. Weights come back as they were stored, so
those of a float16 bundle are rounded.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from onnx_export.core.precision import Device, Precision
from onnx_export.sam2.attention import write_attention
from onnx_export.sam2.mask import write_mask
from onnx_export.sam2.memory import write_mask_prompt, write_memory
from onnx_export.sam2.picture import write_picture
from onnx_export.sam2.video_parts import VideoParts

from . import checkpoint
from .config import ModelConfig
from .model import Segmenter

GRAPHS = ("picture", "mask", "mask_prompt", "memory", "attention")
MOST = 1 << 24
"""Numbers of places up to here are exact in float32."""


@dataclass(frozen=True)
class Product:
    """Two layers, the second after the first, that a graph holds as one; and where: graph and shape of the weight."""

    first: str
    second: str
    graph: str
    shape: tuple[int, int]


def products(config: ModelConfig) -> list[Product]:
    """In the order in which each graph holds them."""
    c, last = config.channels, len(config.widths) - 1
    found = [
        Product(
            f"vision_encoder.neck.convs.{last - level}",
            f"mask_decoder.conv_s{level}",
            "picture",
            (config.widths[level], c // (8 >> level)),
        )
        for level in (0, 1)
    ]
    for i in range(config.memory_layers):
        name = f"memory_attention.layers.{i}.cross_attn_image"
        found.append(Product(f"{name}.v_proj", f"{name}.o_proj", "attention", (config.memory, c)))
    return found


def constants(graph: Path) -> list[np.ndarray]:
    """The constants of a graph in their order, in float32 or as they are."""
    found = [numpy_helper.to_array(it, str(graph.parent)) for it in onnx.load(graph).graph.initializer]
    return [it.astype(np.float32) if it.dtype == np.float16 else it for it in found]


def write_graphs(folder: Path, out: Path) -> None:
    """The graphs of a checkpoint in float32."""
    parts, as_it_is = VideoParts(folder), Precision.FP32
    out.mkdir()
    write_picture(out / "picture.onnx", parts, as_it_is, Device.CPU)
    write_mask(out / "mask.onnx", parts)
    write_mask_prompt(out / "mask_prompt.onnx", parts)
    write_memory(out / "memory.onnx", parts, as_it_is)
    write_attention(out / "attention.onnx", parts, as_it_is)


@torch.no_grad()
def numbered(model: Segmenter, sign: int) -> Segmenter:
    """Fills a model with the numbers of its values: i, or -1 - i."""
    first = 0
    for value in model.state_dict().values():
        numbers = torch.arange(first, first + value.numel())
        value.copy_((numbers if sign > 0 else -1 - numbers).view(value.shape))
        first += value.numel()
    if first > MOST:
        raise ValueError(f"the model has {first} values: only {MOST} can be told apart")
    return model


def balanced(weight: np.ndarray, through: int) -> tuple[np.ndarray, np.ndarray]:
    """[out, in] as [out, through] @ [through, in], with singular values shared equally."""
    u, s, v = np.linalg.svd(weight.astype(np.float64), full_matrices=False)
    mixed = np.linalg.qr(np.random.default_rng(0).normal(size=(through, through)))[0][:, : len(s)]
    return (u * s**0.5) @ mixed.T, mixed @ (s[:, None] ** 0.5 * v)


@torch.no_grad()
def recover(bundle: Path, config: ModelConfig) -> Segmenter:
    """The model that a bundle of fp32 or fp16 was exported from; what no graph holds is zero.

    Raises
    ------
    ValueError
        If the bundle was written for other dimensions or by another exporter, or a weight is not in it.
    """
    model = Segmenter(config)
    state = model.state_dict()
    sizes = [it.numel() for it in state.values()]
    values, known = np.zeros(sum(sizes), np.float32), np.zeros(sum(sizes), bool)
    joined: dict[str, list[np.ndarray]] = {}
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for sign in (1, -1):
            checkpoint.write(numbered(Segmenter(config), sign), work / f"checkpoint{sign}")
            write_graphs(work / f"checkpoint{sign}", work / f"graphs{sign}")
        for graph in GRAPHS:
            ups, downs, own = (constants(it / f"{graph}.onnx") for it in (work / "graphs1", work / "graphs-1", bundle))
            if [it.shape for it in ups] != [it.shape for it in own]:
                raise ValueError(f"{bundle / graph}.onnx is not of these dimensions, or of another exporter")
            mixed = []
            for up, down, value in zip(ups, downs, own, strict=True):
                if (up == down).all():
                    continue  # no weights in it
                if (up + down == -1).all():
                    at = up.astype(np.int64)
                    values[at], known[at] = value, True
                else:
                    mixed.append(value)
            joined[graph] = mixed
    found = dict(zip(state, torch.from_numpy(values).split(sizes), strict=True))
    seen = dict(zip(state, torch.from_numpy(known).split(sizes), strict=True))
    for product in products(config):
        weight = next(i for i, it in enumerate(joined[product.graph]) if it.shape == product.shape)
        matrix, bias = (joined[product.graph].pop(weight) for _ in range(2))
        second, first = balanced(matrix.T, config.channels)
        whole: dict[str, np.ndarray] = {
            f"{product.second}.weight": second,
            f"{product.first}.weight": first,
            f"{product.second}.bias": bias,
        }
        found |= {key: torch.from_numpy(it.astype(np.float32)) for key, it in whole.items()}
        for key in (*whole, f"{product.first}.bias"):
            seen[key] = torch.ones(1, dtype=torch.bool)
    missing = [k for k, it in seen.items() if not it.all() and k not in checkpoint.UNUSED]
    if missing:
        raise ValueError(f"{bundle} lacks {', '.join(missing)}")
    model.load_state_dict({k: found[k].view(v.shape) for k, v in state.items()})
    return model.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description="Recover a checkpoint from a bundle, to continue training it.")
    parser.add_argument("--bundle", type=Path, required=True, help="of the built-in model's dimensions, fp16 or fp32")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    checkpoint.write(recover(arguments.bundle, ModelConfig()), arguments.out)
    print(arguments.out)


if __name__ == "__main__":
    main()
