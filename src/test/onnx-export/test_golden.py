"""Compares the NumPy reference and the graphs with the published code; deliberate mistakes must be detected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import FROM_PIXELS, GOLDEN, arrays, sampled, views

from onnx_export.core import graph
from onnx_export.core.precision import Device, Precision
from onnx_export.dam import reference, runner, vision
from onnx_export.dam.checkpoint import Checkpoint
from onnx_export.dam.parts import Parts
from onnx_export.dam.preprocess import write_picture, write_region
from onnx_export.decoder.graph import write_decoder
from onnx_export.decoder.reference import decode
from onnx_export.decoder.runner import DecoderRun

FEATURES, EMBEDS, LOGITS = 5e-6, 5e-5, 2e-3


@pytest.mark.parametrize("case", FROM_PIXELS)
def test_numpy_encoder_matches_the_published_code(opened: Checkpoint, case: str) -> None:
    stages = reference.vision(Parts(opened), views(case))
    assert sampled(stages.global_features, case, "global_features") < FEATURES
    assert sampled(stages.regional_features, case, "regional_features") < FEATURES
    assert np.abs(stages.image_embeds - arrays(case)["image_embeds"]).max() < EMBEDS


@pytest.mark.parametrize("case", ["blob", "joint_video"])
def test_numpy_decoder_matches_the_published_code(
    opened: Checkpoint, references: dict[str, dict[str, Any]], case: str
) -> None:
    parts, expected = Parts(opened), arrays(case)
    embeds = reference.splice(parts, references[case]["input_ids"], -200, expected["image_embeds"])
    assert np.abs(decode(parts.decoder, embeds, last=1)[0] - expected["logits"]).max() < 1e-4


def _vision(tmp_path: Path, parts: Parts) -> Callable[[np.ndarray[Any, Any]], dict[str, Any]]:
    vision.write_vision(tmp_path / "vision.onnx", parts, Precision.FP32, Device.CPU)
    return lambda pixels: runner.encode(tmp_path, pixels)


@pytest.mark.parametrize("case", FROM_PIXELS)
def test_vision_graph_matches_the_published_code(opened: Checkpoint, tmp_path: Path, case: str) -> None:
    stages = _vision(tmp_path, Parts(opened))(views(case))
    assert sampled(stages["global_features"], case, "global_features") < FEATURES
    assert sampled(stages["regional_features"], case, "regional_features") < FEATURES
    assert np.abs(stages["image_embeds"] - arrays(case)["image_embeds"]).max() < EMBEDS


def test_frames_of_one_run_are_independent(opened: Checkpoint, tmp_path: Path) -> None:
    encode = _vision(tmp_path, Parts(opened))
    together = encode(np.concatenate([views(it) for it in FROM_PIXELS]))["image_embeds"]
    for i, case in enumerate(FROM_PIXELS):
        assert np.abs(together[i] - arrays(case)["image_embeds"][0]).max() < EMBEDS


def test_decoder_graph_matches_the_published_code(
    opened: Checkpoint, references: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    parts, expected = Parts(opened), arrays("blob")
    write_decoder(tmp_path / "decoder.onnx", parts.decoder, Precision.FP32, Device.CPU)
    (tmp_path / "embed_tokens.bin").write_bytes(parts.decoder.token_embeddings().data)
    d = parts.config.decoder
    shape = {
        "layers": d.layers,
        "kv_heads": d.kv_heads,
        "head_dim": d.head_dim,
        "hidden_size": d.hidden,
        "vocab_size": d.tokens,
        "dtype": "float32",
        "embedding_dtype": "float32",
    }
    decoder = DecoderRun(tmp_path, {"decoder": shape}, 400)
    ids = [runner.IMAGE_ID if it == -200 else it for it in references["blob"]["input_ids"]]
    logits = decoder.run(decoder.embed(ids, expected["image_embeds"][0]))
    assert np.abs(logits - expected["logits"]).max() < LOGITS
    for step, token in enumerate(expected["forced_ids"]):
        logits = decoder.run(decoder.embed([int(token)], np.empty((0, 0), np.float32)))
        top = expected["forced_logits_top_ids"][step]
        assert np.abs(logits[top] - expected["forced_logits_top"][step]).max() < LOGITS


# ---- deliberate mistakes


class Mistaken(Parts):
    """Parts whose blocks are changed as they are read."""

    def __init__(self, checkpoint: Checkpoint, **changes: Callable[[Any], Any]) -> None:
        super().__init__(checkpoint)
        self._changes = changes

    def embeddings(self) -> Any:
        return self._changes.get("embeddings", lambda it: it)(super().embeddings())

    def context_layer(self, layer: int) -> Any:
        return self._changes.get("context", lambda it: it)(super().context_layer(layer))


def _gates_through_tanh(block: Any) -> Any:
    return replace(
        block,
        attention_factor=float(np.tanh(block.attention_factor)),
        mlp_factor=float(np.tanh(block.mlp_factor)),
    )


def _without_mask(embeddings: Any) -> Any:
    return replace(embeddings, mask=replace(embeddings.mask, weight=embeddings.mask.weight * 0))


@contextmanager
def _gelu(kind_for: Callable[[str], str]) -> Iterator[None]:
    """Graphs written inside this context use another approximation of GELU."""
    original = graph.GraphWriter.node

    def node(self: Any, op: str, *inputs: str, **attributes: Any) -> Any:
        if op == "Gelu":
            attributes["approximate"] = kind_for(attributes["approximate"])
        return original(self, op, *inputs, **attributes)

    graph.GraphWriter.node = node  # type: ignore[method-assign]
    try:
        yield
    finally:
        graph.GraphWriter.node = original  # type: ignore[method-assign]


def _row_major(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    side = int(values.shape[1] ** 0.5)
    return values.reshape(-1, side, side, values.shape[2]).transpose(0, 2, 1, 3).reshape(values.shape)


def _embeds_error(tmp_path: Path, parts: Parts) -> float:
    return float(np.abs(_vision(tmp_path, parts)(views("blob"))["image_embeds"] - arrays("blob")["image_embeds"]).max())


@pytest.mark.parametrize("part", ["vision", "context"])
def test_detects_a_wrong_epsilon(opened: Checkpoint, tmp_path: Path, part: str) -> None:
    parts = Parts(opened)
    config = parts.config
    parts.config = (
        replace(config, vision=replace(config.vision, eps=1e-5))
        if part == "vision"
        else replace(config, context=replace(config.context, eps=1e-5))
    )
    assert _embeds_error(tmp_path, parts) > EMBEDS


def test_detects_a_wrong_projector_epsilon(opened: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vision, "PROJECTOR_EPS", 1e-6)
    assert _embeds_error(tmp_path, Parts(opened)) > EMBEDS


@pytest.mark.parametrize("kind", ["none", "tanh"])
def test_detects_the_wrong_gelu(opened: Checkpoint, tmp_path: Path, kind: str) -> None:
    with _gelu(lambda _: kind):
        assert _embeds_error(tmp_path, Parts(opened)) > EMBEDS


def test_detects_gates_through_tanh(opened: Checkpoint, tmp_path: Path) -> None:
    assert _embeds_error(tmp_path, Mistaken(opened, context=_gates_through_tanh)) > EMBEDS


def test_detects_a_dropped_mask(opened: Checkpoint, tmp_path: Path) -> None:
    assert _embeds_error(tmp_path, Mistaken(opened, embeddings=_without_mask)) > EMBEDS


def test_detects_row_major_tokens(opened: Checkpoint, tmp_path: Path) -> None:
    stages = _vision(tmp_path, Parts(opened))(views("blob"))
    assert np.abs(_row_major(stages["image_embeds"]) - arrays("blob")["image_embeds"]).max() > EMBEDS


def _rgba(case: str) -> Any:
    from dam_png import read_pixels

    return read_pixels(GOLDEN / "cases" / f"{case}.png")


@pytest.mark.parametrize("case", [*FROM_PIXELS, "thin_line", "tiny_image"])
def test_pixels_differ_from_pillow_by_one_level_in_a_thousand(tmp_path: Path, case: str) -> None:
    write_picture(tmp_path / "picture.onnx", 384)
    write_region(tmp_path / "region.onnx", 384)
    actual = runner.preprocess(tmp_path, _rgba(case)).ravel()
    expected = arrays(case)
    difference = np.abs(actual[expected["pixels_index"]] - expected["pixels_value"].astype(np.float32))
    assert difference.max() < 1.5 / 127.5
    assert (difference > 0.5 / 127.5).mean() <= 1e-3


def test_detects_values_not_rounded_to_float16(tmp_path: Path) -> None:
    write_picture(tmp_path / "picture.onnx", 384, round_to_half=False)
    write_region(tmp_path / "region.onnx", 384, round_to_half=False)
    actual = runner.preprocess(tmp_path, _rgba("blob")).ravel()
    expected = arrays("blob")
    same = np.abs(actual[expected["pixels_index"]] - expected["pixels_value"].astype(np.float32)) == 0
    assert same.mean() < 0.9, "rounded values would be bit-identical"
