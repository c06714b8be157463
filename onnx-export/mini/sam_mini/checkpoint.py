"""Reads and writes checkpoints in the published layout.

`python -m sam_mini.checkpoint --run FOLDER --out FOLDER` writes the running average of a training run.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from .config import ModelConfig
from .model import Segmenter

UNUSED = ("no_memory_positional_encoding",)


def write(model: Segmenter, out: Path) -> None:
    """Writes `config.json` and `model.safetensors`."""
    out.mkdir(parents=True, exist_ok=True)
    tensors = {k: v.detach().float().clone().contiguous() for k, v in model.state_dict().items()}
    save_file(tensors, out / "model.new", metadata={"format": "pt"})
    (out / "model.new").replace(out / "model.safetensors")
    (out / "config.json").write_text(json.dumps(model.config.published(), indent=1) + "\n")


def read(folder: Path) -> Segmenter:
    """Reads a checkpoint as a float32 model."""
    model = Segmenter(ModelConfig.read(folder))
    stored = load_file(folder / "model.safetensors")
    own = model.state_dict()
    model.load_state_dict({k: v.float() for k, v in stored.items() if k in own}, strict=False)
    missing = [k for k in own if k not in stored and k not in UNUSED]
    if missing:
        raise ValueError(f"{folder} lacks {', '.join(missing)}")
    return model.eval()


def of_run(run: Path) -> Segmenter:
    """The running average of a training run."""
    model = Segmenter(ModelConfig())
    model.load_state_dict(torch.load(run / "state.pt", weights_only=False)["average"])
    return model.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a training run's model in the published layout.")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    write(of_run(arguments.run), arguments.out)
    print(arguments.out)


if __name__ == "__main__":
    main()
