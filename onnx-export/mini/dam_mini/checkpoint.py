"""Reads and writes checkpoints in the published layout.

`python -m dam_mini.checkpoint --run FOLDER --out FOLDER` writes the running average of a training run.

The layout has one unused vision block and context layer (select layer -2) and a post_layernorm; they are written as
zeros.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from .config import ModelConfig
from .model import DescribeAnything

TOWER = "vision_model."
PROVIDER = "context_provider_module."


def _published(model: DescribeAnything) -> dict[str, dict[str, Tensor]]:
    """Tensors by part and published name."""
    vision, last = model.vision, model.config.blocks
    tower = {f"{TOWER}embeddings.{k}": v for k, v in vision.embeddings.state_dict().items()}
    provider = {}
    for i in range(last + 1):
        block, context = vision.blocks[min(i, last - 1)], vision.context[min(i, last - 1)]
        used = i < last
        for k, v in block.state_dict().items():
            tower[f"{TOWER}encoder.layers.{i}.{k}"] = v if used else torch.zeros_like(v)
        for k, v in context.state_dict().items():
            provider[f"{PROVIDER}layers.{i}.{k}"] = v if used else torch.zeros_like(v)
    hidden = model.config.vision_hidden
    tower[f"{TOWER}post_layernorm.weight"] = torch.zeros(hidden)
    tower[f"{TOWER}post_layernorm.bias"] = torch.zeros(hidden)
    projector = vision.projector.state_dict()
    llm = {f"model.{k}": v for k, v in model.decoder.state_dict().items() if not k.startswith("lm_head")}
    head = model.decoder.embed_tokens if model.decoder.lm_head is None else model.decoder.lm_head
    llm["lm_head.weight"] = head.weight
    return {"vision_tower": tower, "context_provider": provider, "mm_projector": projector, "llm": llm}


def write(model: DescribeAnything, tokenizer: Path, out: Path) -> None:
    """Writes to a temporary folder beside `out`, then renames it."""
    out.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=out.name, dir=out.parent))
    config = model.config
    configs = {
        "vision_tower": config.vision_tower(),
        "context_provider": config.context_provider(),
        "mm_projector": config.mm_projector(),
        "llm": config.llm(),
    }
    for part, tensors in _published(model).items():
        folder = work / part
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(configs[part], indent=1))
        stored = {k: v.detach().to(torch.bfloat16).clone().contiguous() for k, v in tensors.items()}
        save_file(stored, folder / "model.safetensors", metadata={"format": "pt"})
    (work / "config.json").write_text(json.dumps(config.root(), indent=1))
    (work / "vision_tower" / "preprocessor_config.json").write_text(json.dumps(_preprocessor(config), indent=1))
    shutil.copy(tokenizer, work / "llm" / "tokenizer.model")
    (work / "llm" / "tokenizer_config.json").write_text(json.dumps(_tokenizer_config(), indent=1))
    (work / "llm" / "generation_config.json").write_text(
        json.dumps({"_from_model_config": True, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}, indent=1)
    )
    (work / "llm" / "special_tokens_map.json").write_text(
        json.dumps({"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<unk>"}, indent=1)
    )
    work.chmod(0o755)
    if out.exists():
        old = Path(tempfile.mkdtemp(prefix="old", dir=out.parent))
        out.rename(old / "checkpoint")
        work.rename(out)
        shutil.rmtree(old)
    else:
        work.rename(out)


def read(folder: Path) -> DescribeAnything:
    """Reads a checkpoint, sharded or not, as a float32 model."""
    config = ModelConfig.read(folder)
    model = DescribeAnything(config)
    model.decoder.lm_head = torch.nn.Linear(config.hidden, config.vocabulary, bias=False)
    state: dict[str, Tensor] = {}
    for part in ("vision_tower", "context_provider", "mm_projector", "llm"):
        for file in sorted((folder / part).glob("*.safetensors")):
            for name, tensor in load_file(file).items():
                ours = _ours(part, name, config.blocks)
                if ours:
                    state[ours] = tensor.float()
    model.load_state_dict(state)
    return model.eval()


def _ours(part: str, name: str, blocks: int) -> str | None:
    """Our name of a published tensor; None for unused ones."""
    if part == "mm_projector":
        return f"vision.projector.{name}"
    if part == "llm":
        return "decoder." + name.removeprefix("model.")
    name = name.removeprefix(TOWER).removeprefix(PROVIDER)
    if name.startswith("embeddings."):
        return f"vision.{name}"
    layer = re.fullmatch(r"(?:encoder\.)?layers\.(\d+)\.(.+)", name)
    if layer is None or int(layer[1]) >= blocks:
        return None
    return f"vision.{'blocks' if part == 'vision_tower' else 'context'}.{layer[1]}.{layer[2]}"


def _preprocessor(config: ModelConfig) -> dict[str, Any]:
    return {
        "do_convert_rgb": True,
        "do_normalize": True,
        "do_rescale": True,
        "do_resize": True,
        "image_mean": [0.5, 0.5, 0.5],
        "image_processor_type": "SiglipImageProcessor",
        "image_std": [0.5, 0.5, 0.5],
        "resample": 3,
        "rescale_factor": 1 / 255,
        "size": {"height": config.image_size, "width": config.image_size},
    }


def _tokenizer_config() -> dict[str, Any]:
    return {
        "add_bos_token": True,
        "add_eos_token": False,
        "bos_token": "<s>",
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "pad_token": "<unk>",
        "legacy": True,
        "model_max_length": 4096,
        "padding_side": "right",
        "tokenizer_class": "LlamaTokenizer",
    }


def of_run(run: Path) -> DescribeAnything:
    """The running average of a training run."""
    state = torch.load(run / "state.pt", weights_only=False)
    sizes = state.get("config") or {"vocabulary": len(state["average"]["decoder.embed_tokens.weight"])}
    model = DescribeAnything(ModelConfig(**sizes))
    model.load_state_dict(state["average"])
    return model.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a training run's model in the published layout.")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    write(of_run(arguments.run), arguments.run / "tokenizer.model", arguments.out)
    print(arguments.out)


if __name__ == "__main__":
    main()
