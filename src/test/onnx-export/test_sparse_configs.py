"""Configs of an older writer: keys with defaults are missing, and there are unused keys."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import FROM_PIXELS, GOLDEN, arrays, sampled, views

from onnx_export.cli import main
from onnx_export.dam import reference
from onnx_export.dam.checkpoint import Checkpoint
from onnx_export.dam.config import load_config
from onnx_export.dam.parts import Parts
from onnx_export.decoder.reference import decode


@pytest.fixture(scope="module")
def sparse(golden_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden checkpoint with these configs, and links to weights as in the hub's cache."""
    folder = tmp_path_factory.mktemp("sparse") / "checkpoint"
    shutil.copytree(golden_checkpoint, folder, copy_function=lambda source, link: Path(link).symlink_to(source))
    for config in (GOLDEN / "configs-sparse").rglob("*.json"):
        target = folder / config.relative_to(GOLDEN / "configs-sparse")
        target.unlink()
        shutil.copy(config, target)
    return folder


def test_missing_keys_have_the_published_defaults(sparse: Path, golden_checkpoint: Path) -> None:
    full, found = load_config(golden_checkpoint), load_config(sparse)
    # The only value without a default; only padding uses it, and nothing is padded.
    decoder = replace(found.decoder, pad=full.decoder.pad)
    assert replace(found, sha256=full.sha256, decoder=decoder) == full


@pytest.mark.parametrize("case", FROM_PIXELS)
def test_the_numpy_reference_still_matches_the_published_code(
    sparse: Path, references: dict[str, dict[str, Any]], case: str
) -> None:
    with Checkpoint(sparse) as checkpoint:
        parts, expected = Parts(checkpoint), arrays(case)
        stages = reference.vision(parts, views(case))
        assert sampled(stages.global_features, case, "global_features") < 5e-6
        assert np.abs(stages.image_embeds - expected["image_embeds"]).max() < 5e-5
        embeds = reference.splice(parts, references[case]["input_ids"], -200, expected["image_embeds"])
        assert np.abs(decode(parts.decoder, embeds, last=1)[0] - expected["logits"]).max() < 1e-4


def test_they_export(sparse: Path, tmp_path: Path) -> None:
    assert main([str(sparse), str(tmp_path / "out")]) == 0
    found = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))["check"]
    assert found["logits_error"] < 2e-3 and found["agreement"] == 1
