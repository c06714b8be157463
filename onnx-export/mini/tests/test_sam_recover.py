"""What is recovered from a bundle is what it was exported from."""

from pathlib import Path

import numpy as np
import pytest
from conftest import needs_torch

pytestmark = needs_torch


@pytest.fixture(scope="module")
def recovery():
    pytest.importorskip("onnx_export.sam2")
    from sam_mini import recover

    return recover


@pytest.fixture(scope="module")
def small():
    import torch

    from sam_mini.config import ModelConfig
    from sam_mini.model import Segmenter

    torch.manual_seed(5)
    config = ModelConfig(
        image=128, channels=64, widths=(8, 16, 32, 64), heads=(1, 2, 4, 4), blocks=(1, 1, 2, 1), windows=(8, 4, 6, 4),
        global_blocks=(3,), background=4, decoder_mlp=48, iou_hidden=24, memory=32, memory_layers=2, memory_mlp=48,
    )  # fmt: skip
    model = Segmenter(config).eval()
    with torch.no_grad():
        for value in model.parameters():
            if value.ndim == 1:
                value.add_(torch.randn(value.shape) * 0.1)
    return model


@pytest.fixture(scope="module")
def bundle(recovery, small, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from sam_mini import checkpoint

    work = tmp_path_factory.mktemp("bundle")
    checkpoint.write(small, work / "checkpoint")
    recovery.write_graphs(work / "checkpoint", work / "graphs")
    return work / "graphs"


def test_every_tensor_comes_back_but_those_that_are_stored_as_products(recovery, small, bundle: Path) -> None:
    found, wanted = recovery.recover(bundle, small.config).state_dict(), small.state_dict()
    joined = {it for product in recovery.products(small.config) for it in (product.first, product.second)}
    compared = [k for k in wanted if k.rsplit(".", 1)[0] not in joined and k != "no_memory_positional_encoding"]
    assert len(compared) == len(wanted) - 4 * 4 - 1
    for name in compared:
        assert (found[name] == wanted[name]).all(), name
    for product in recovery.products(small.config):

        def whole(state: dict, product=product) -> tuple:
            first, second = (state[f"{it}.weight"].flatten(1).double() for it in (product.first, product.second))
            before, after = (state[f"{it}.bias"].double() for it in (product.first, product.second))
            return second @ first, second @ before + after

        for a, b in zip(whole(found), whole(wanted), strict=True):
            assert (a - b).abs().max() < 1e-5, product


def test_the_same_bundle_is_exported_again(recovery, small, bundle: Path, tmp_path: Path) -> None:
    from sam_mini import checkpoint

    checkpoint.write(recovery.recover(bundle, small.config), tmp_path / "checkpoint")
    recovery.write_graphs(tmp_path / "checkpoint", tmp_path / "graphs")
    for graph in recovery.GRAPHS:
        first, again = (recovery.constants(it / f"{graph}.onnx") for it in (bundle, tmp_path / "graphs"))
        for a, b in zip(first, again, strict=True):
            assert np.abs(a - b).max() < 1e-5


def test_a_bundle_of_other_dimensions_is_refused(recovery, bundle: Path) -> None:
    from sam_mini.config import ModelConfig

    with pytest.raises(ValueError, match="not of these dimensions"):
        recovery.recover(bundle, ModelConfig())
