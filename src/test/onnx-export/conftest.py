"""Golden data and bundles of the tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnx_export.dam.checkpoint import Checkpoint

GOLDEN = Path(__file__).parents[1] / "resources" / "golden"
FROM_PIXELS = ("blob", "soft_edge", "window_is_whole_image")


@pytest.fixture(scope="session")
def golden_checkpoint() -> Path:
    """The small checkpoint of random weights."""
    return GOLDEN / "checkpoint"


@pytest.fixture(scope="session")
def opened(golden_checkpoint: Path) -> Any:
    """The small checkpoint, opened."""
    with Checkpoint(golden_checkpoint) as checkpoint:
        yield checkpoint


@pytest.fixture(scope="session")
def references() -> dict[str, dict[str, Any]]:
    """The published code's answers, by case."""
    entries = json.loads((GOLDEN / "reference" / "reference.json").read_text("utf-8"))
    return {it["name"]: it for it in entries}


def arrays(case: str) -> Any:
    """The arrays that the published code computed for a case."""
    return np.load(GOLDEN / "reference" / f"{case}.npz")


def views(case: str) -> np.ndarray[Any, Any]:
    """The reference's pixels of a case, as the encoder's input."""
    value = arrays(case)["pixels_u8"].astype(np.float32) / np.float32(127.5) - np.float32(1)
    return value.astype(np.float16).astype(np.float32)


def sampled(value: np.ndarray[Any, Any], case: str, name: str) -> float:
    """Largest difference at the sampled indices."""
    reference = arrays(case)
    return float(np.abs(value.ravel()[reference[f"{name}_index"]] - reference[f"{name}_value"]).max())
