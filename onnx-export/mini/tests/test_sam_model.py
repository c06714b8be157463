"""The torch segmenter: what it computes equals the exporter's NumPy reference, and tracking reads what it should."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import needs_torch

pytestmark = needs_torch
GOLDEN = Path(__file__).parents[3] / "src/test/resources/golden-sam"
POINTS = {
    "click": ([[100.0, 80.0]], [1]),
    "box": ([[40.0, 30.0], [180.0, 200.0]], [2, 3]),
    "clicks": ([[100.0, 80.0], [20.0, 220.0]], [1, 0]),
}


@pytest.fixture(scope="module")
def small():
    import torch

    from sam_mini.config import ModelConfig
    from sam_mini.model import Segmenter

    torch.manual_seed(1)
    config = ModelConfig(
        image=128, channels=64, widths=(8, 16, 32, 64), heads=(1, 2, 4, 4), blocks=(1, 1, 2, 1), windows=(8, 4, 6, 4),
        global_blocks=(3,), background=4, decoder_mlp=48, iou_hidden=24, memory=32, memory_layers=1, memory_mlp=48,
    )  # fmt: skip
    return Segmenter(config).eval()


@pytest.mark.parametrize("name", POINTS)
@pytest.mark.parametrize("with_mask", [False, True])
def test_masks_are_those_of_the_exporters_reference(small, tmp_path: Path, name: str, with_mask: bool) -> None:
    reference = pytest.importorskip("onnx_export.sam2.reference")
    import torch
    from onnx_export.sam2.parts import Parts

    from sam_mini import checkpoint
    from sam_mini.decoder import SURPLUS, Prompts
    from sam_mini.encoder import normalised

    checkpoint.write(small, tmp_path)
    parts = Parts(tmp_path)
    rng = np.random.default_rng(2)
    pixels = normalised(torch.from_numpy(rng.integers(0, 256, (1, 3, 128, 128), np.uint8)))
    mask = rng.normal(0, 4, (32, 32)).astype(np.float32)
    clicked, kinds = POINTS[name]
    points, labels = np.array([*clicked, [0, 0]], np.float32) / 2, [*kinds, -1]
    wanted = reference.mask(
        parts,
        reference.picture(parts, pixels[0].numpy()),
        reference.Prompt(points, np.array(labels), mask if with_mask else None),
    )
    with torch.no_grad():
        # Two places without a token, as in a training batch.
        places = torch.cat([torch.from_numpy(points), torch.ones(2, 2)])[None]
        prompts = Prompts(
            places, torch.tensor([[*labels, SURPLUS, SURPLUS]]), torch.from_numpy(mask)[None], torch.tensor([with_mask])
        )
        found = small.decode(small.without_memory(small.encode(pixels)), prompts)
    assert np.abs(found.masks[0].numpy() - wanted.masks).max() < 1e-4
    assert np.abs(found.iou[0].numpy() - wanted.iou).max() < 1e-5
    assert abs(found.score.item() - wanted.score) < 1e-4


def test_a_checkpoint_is_read_as_it_was_written(small, tmp_path: Path) -> None:
    from sam_mini import checkpoint
    from sam_mini.config import ModelConfig

    checkpoint.write(small, tmp_path)
    again = checkpoint.read(tmp_path)
    assert ModelConfig.read(tmp_path) == small.config
    assert again.config == small.config
    for (name, a), (other, b) in zip(small.state_dict().items(), again.state_dict().items(), strict=True):
        assert name == other and (a == b).all()
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["model_type"] == "sam2_video"


def test_names_and_shapes_are_those_of_a_published_checkpoint() -> None:
    from safetensors import safe_open

    from sam_mini.config import ModelConfig
    from sam_mini.model import Segmenter

    folder = GOLDEN / "checkpoint"
    with safe_open(folder / "model.safetensors", "pt") as stored:
        own = Segmenter(ModelConfig.read(folder)).state_dict()
        names = stored.keys()
        for name in names:
            assert list(own[name].shape) == stored.get_slice(name).get_shape(), name


def test_a_tracked_frame_reads_marks_and_neighbours(small) -> None:
    import torch

    from sam_mini.track import Tracker

    torch.manual_seed(3)
    with torch.no_grad():
        features = [small.encode(torch.randn(1, 3, 128, 128)) for _ in range(4)]

        def masks(marked: float) -> list[torch.Tensor]:
            tracker = Tracker(small, features)
            mask = torch.zeros(1, 128, 128)
            mask[:, 20:80, 30:100] = marked
            tracker.mark_masks(1, mask)
            tracker.all()
            assert set(tracker.tracked) == {0, 2, 3}
            return [it.found.masks for it in tracker.tracked.values() if it.found]

        thing, nothing = masks(1.0), masks(0.0)
    assert all((a != b).any() for a, b in zip(thing, nothing, strict=True)), "every frame depends on the mark"


def test_corrections_are_where_the_mask_is_wrong() -> None:
    import torch

    from sam_mini import clicks, losses
    from sam_mini.decoder import Masks, Prompts

    torch.manual_seed(4)
    covered = torch.zeros(8, 128, 128)
    covered[:, 40:80, 40:80] = 1
    logits = torch.full((8, 4, 64, 64), -5.0)
    logits[:4, :, 20:40, 20:30] = 5  # the right half is missing
    logits[4:, :, 20:40, 20:50] = 5  # ten columns too many
    points, labels = (
        torch.from_numpy(it)[None].repeat(8, *[1] * it.ndim) for it in clicks.placed([(90.0, 100.0)], [1])
    )
    found = Masks(logits, torch.ones(8, 4), torch.ones(8), torch.zeros(8, 4, 16))
    prompts = Prompts(points, labels, torch.zeros(8, 64, 64), torch.zeros(8, dtype=torch.bool))
    after = losses.corrected(prompts, found, torch.ones(8, dtype=torch.long), covered, 1.0)
    assert after.labels[:, :3].tolist() == [[1, 1, -1]] * 4 + [[1, 0, -1]] * 4
    x, y = after.points[:, 1].T
    assert ((y >= 80) & (y < 160)).all()
    assert ((x[:4] >= 118) & (x[:4] < 160)).all() and ((x[4:] >= 158) & (x[4:] < 202)).all()
    assert after.has_mask.all() and (after.masks == logits[:, 1]).all()


def test_the_loss_prefers_the_right_mask_and_its_true_iou() -> None:
    import torch

    from sam_mini import losses

    covered = torch.zeros(2, 128, 128)
    covered[:, 30:90, 30:90] = 1
    right = torch.where(covered[:, None, ::2, ::2] > 0.5, 8.0, -8.0).expand(-1, 4, -1, -1)
    none = torch.zeros(2)
    good, reached = losses.loss(right, torch.ones(2, 4), covered, none, torch.ones(2))
    unsure, _ = losses.loss(right, torch.full((2, 4), 0.5), covered, none, torch.ones(2))
    wrong, missed = losses.loss(-right, torch.zeros(2, 4), covered, none, torch.ones(2))
    assert (reached == 1).all() and (missed < 0.01).all()
    assert good < unsure < wrong
    ignored, _ = losses.loss(-right, torch.zeros(2, 4), covered, none, none)
    assert ignored == 0


def test_updates_in_bfloat16_are_nearly_those_in_float32() -> None:
    import torch

    from dam_mini import muon

    torch.manual_seed(6)
    for many, long, wide in ((2, 48, 16), (2, 16, 48), (3, 32, 32), (2, 128, 256)):
        for gradients in (
            torch.randn(many, long, wide),
            torch.randn(many, long, 1) @ torch.randn(many, 1, wide) + 0.02 * torch.randn(many, long, wide),
        ):
            exact, near = muon.orthogonal(gradients), muon.nearly_orthogonal(gradients)
            assert torch.nn.functional.cosine_similarity(exact.flatten(), near.flatten(), 0) > 0.9
            assert torch.linalg.svdvals(near).max() < 1.7
