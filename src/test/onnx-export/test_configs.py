"""Config values: unsupported ones are refused, and unused ones change nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from random_checkpoint import RandomCheckpoint
from sentencepiece import sentencepiece_model_pb2
from small import SMALL, request, written

from onnx_export import ExportError
from onnx_export.cli import main
from onnx_export.dam.checkpoint import Checkpoint
from onnx_export.dam.config import ModelConfig, load_config
from onnx_export.dam.export import export
from onnx_export.dam.parts import Parts

ELSEWHERE = "the weights of another folder"
ACTIVATION = "another function after fc1 or gate"
ROTATION = "other angles of the rotary embedding"
BIAS = "biases that the graph does not add"
UNREADABLE = "no graph of that size"
TOKEN = "a token that there is no row for"


@pytest.mark.parametrize(
    ("part", "key", "value", "instead"),
    [
        ("root", "llm_cfg", "elsewhere/other", ELSEWHERE),
        ("root", "context_provider_cfg", None, "no context provider at all"),
        ("root", "image_aspect_ratio", "pad", "pictures padded to squares"),
        ("root", "mm_vision_select_feature", "patch", "features without the first patch"),
        ("root", "mm_vision_select_layer", None, "nothing: the published code fails"),
        ("root", "mm_vision_select_layer", 9, UNREADABLE),
        ("llm", "model_type", "qwen2", BIAS),
        ("llm", "hidden_act", "gelu", ACTIVATION),
        ("llm", "attention_bias", True, BIAS),
        ("llm", "mlp_bias", True, BIAS),
        ("llm", "rope_scaling", {"rope_type": "llama3", "factor": 8.0}, ROTATION),
        ("llm", "rope_scaling", {"type": "linear", "factor": 2.0}, ROTATION),
        ("llm", "rope_scaling", ["linear", 2], ROTATION),
        ("llm", "rope_parameters", {"rope_type": "llama3", "factor": 8.0}, ROTATION),
        ("llm", "rope_theta", "x", ROTATION),
        ("llm", "rope_theta", 10**400, ROTATION),
        ("llm", "partial_rotary_factor", 0.5, ROTATION),
        ("llm", "max_position_embeddings", 10**9, "a rotary table of 100 GB and more"),
        ("llm", "rms_norm_eps", -1, "roots of negative numbers"),
        ("llm", "eos_token_id", "</s>", TOKEN),
        ("llm", "tie_word_embeddings", "false", "a tied head: the text counts as true"),
        ("llm", "head_dim", 24, UNREADABLE),
        ("llm", "num_hidden_layers", 0, UNREADABLE),
        ("llm", "num_attention_heads", 0, UNREADABLE),
        ("llm", "num_key_value_heads", 3, UNREADABLE),
        ("llm", "vocab_size", 100, TOKEN),
        ("vision_tower", "patch_size", 0, UNREADABLE),
        ("vision_tower", "num_attention_heads", 5, UNREADABLE),
        ("vision_tower", "hidden_act", "quick_gelu", ACTIVATION),
        ("vision_tower", "num_mask_channels", 0, "features that ignore the mask"),
        ("context_provider", "num_attention_heads", 0, UNREADABLE),
        ("context_provider", "hidden_act", "gelu", ACTIVATION),
        ("context_provider", "context_provider_type", "concat", "another way of joining the views"),
        ("context_provider", "masked_cross_attn", True, "attention to masked patches alone"),
        ("context_provider", "treat_image_as_cimage", True, "context for windows that are the whole picture"),
        ("context_provider", "context_image_as_queries", True, "the two views exchanged"),
        ("context_provider", "context_provider_layer_indices", [0], "blocks without a context layer"),
        ("mm_projector", "mm_projector_type", "linear", "a projector without downsampling"),
    ],
)
def test_unsupported_values_are_refused(
    tmp_path: Path, part: str, key: str, value: object, instead: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def change(random: RandomCheckpoint) -> None:
        random.configs[part][key] = value

    checkpoint = written(tmp_path, change)
    if key == "eos_token_id":
        _without_end(checkpoint)
    assert main([str(checkpoint), str(tmp_path / "out")]) == 1, instead
    message = capsys.readouterr().err
    assert key in message and repr(value) in message and "is not supported, only" in message
    assert not (tmp_path / "out").exists()


def _without_end(checkpoint: Path) -> None:
    """Removes the end token from the tokenizer and generation_config.json, so that only config.json has one."""
    (checkpoint / "llm" / "generation_config.json").unlink()
    file = checkpoint / "llm" / "tokenizer.model"
    proto = sentencepiece_model_pb2.ModelProto.FromString(file.read_bytes())  # type: ignore[attr-defined]
    proto.trainer_spec.eos_piece = "no such piece"
    file.write_bytes(proto.SerializeToString())


@pytest.mark.parametrize(
    ("file", "key", "value", "instead"),
    [
        ("llm/tokenizer_config.json", "add_bos_token", False, "prompts that do not begin with bos"),
        ("llm/tokenizer_config.json", "add_eos_token", True, "an end token after every piece of the prompt"),
        ("llm/tokenizer_config.json", "add_prefix_space", False, "pieces without their dummy space"),
        ("llm/tokenizer_config.json", "added_tokens_decoder", ["<pad>"], "tokens without ids"),
        ("vision_tower/preprocessor_config.json", "image_mean", [0.48, 0.46, 0.41], "other values for every pixel"),
        ("vision_tower/preprocessor_config.json", "image_std", [0.27, 0.26, 0.28], "other values for every pixel"),
        ("vision_tower/preprocessor_config.json", "rescale_factor", 1 / 127.5, "other values for every pixel"),
        ("vision_tower/preprocessor_config.json", "do_normalize", False, "other values for every pixel"),
        ("vision_tower/preprocessor_config.json", "do_rescale", False, "other values for every pixel"),
        ("vision_tower/preprocessor_config.json", "size", {"height": 24, "width": 24}, "fewer patches"),
    ],
)
def test_unsupported_values_in_other_files_are_refused(
    tmp_path: Path, file: str, key: str, value: object, instead: str
) -> None:
    checkpoint = written(tmp_path)
    (checkpoint / file).write_text(json.dumps({key: value}), "utf-8")
    with pytest.raises(ExportError, match=re.escape(f"{file}: {key} = {value!r} is not")):
        load_config(checkpoint)
        pytest.fail(instead)


@pytest.mark.parametrize(("key", "value"), [("resample", 2), ("do_resize", False)])
def test_the_processors_resizing_counts_only_for_unresized_pictures(tmp_path: Path, key: str, value: object) -> None:
    """With "resize" the published code first resizes to the final size with a bicubic filter."""
    checkpoint = written(tmp_path)
    (checkpoint / "vision_tower" / "preprocessor_config.json").write_text(json.dumps({key: value}), "utf-8")
    load_config(checkpoint)
    root = json.loads((checkpoint / "config.json").read_text("utf-8"))
    (checkpoint / "config.json").write_text(json.dumps(root | {"image_aspect_ratio": None}), "utf-8")
    with pytest.raises(ExportError, match=f"{key} = {value!r} is not supported"):
        load_config(checkpoint)


def _config(tmp_path: Path, **changes: dict[str, Any]) -> ModelConfig:
    def change(random: RandomCheckpoint) -> None:
        for part, values in changes.items():
            for key, value in values.items():
                if value is ...:
                    del random.configs[part][key]
                else:
                    random.configs[part][key] = value

    return load_config(written(tmp_path, change))


@pytest.mark.parametrize(
    "changes",
    [
        {"llm": {"logits_scaling": 8.0, "residual_multiplier": 0.22, "sliding_window": 512, "pretraining_tp": 2}},
        {"llm": {"quantization_config": {"bits": 8}, "torch_dtype": "float16", "model_max_length": 9999}},
        {"llm": {"attention_bias": None, "mlp_bias": None, "partial_rotary_factor": None, "hidden_act": "swish"}},
        {"llm": {"tie_word_embeddings": None}},
        {"llm": {"tie_word_embeddings": 0, "rope_scaling": {"type": "linear", "factor": 1.0}}},
        {"llm": {"rope_scaling": {"rope_type": "default", "factor": 4.0}, "head_dim": None}},
        {"llm": {"bos_token_id": 99999, "pad_token_id": 0, "eos_token_id": None}},
        {"llm": {"eos_token_id": [2, 99999]}},
        {"llm": {key: ... for key in ("model_type", "hidden_act", "attention_bias", "rope_theta", "eos_token_id")}},
        {"vision_tower": {"num_channels": None, "hidden_act": "gelu_new", "layer_norm_eps": None, "mask_resizing": 1}},
        {"context_provider": {"crop_embedding_mode": "replace", "crop_position_single_embedding": True}},
        {"context_provider": {"image_size": 56, "patch_size": 16, "num_mask_channels": 0, "hidden_size": 7}},
        {"root": {"mm_use_im_start_end": True, "mm_use_im_patch_token": True, "s2": True, "future_key": {"a": 1}}},
        {"root": {"image_aspect_ratio": None, "mm_vision_select_feature": ...}},
        {"root": {"llm_cfg": "/home/somebody/checkpoints/llm", "vision_tower_cfg": "vision_tower"}},
        {"root": {"mask_encoder_cfg": {"architectures": ["Nothing"]}}},
    ],
)
def test_unused_values_change_nothing(tmp_path: Path, changes: dict[str, dict[str, Any]]) -> None:
    plain, changed = _config(tmp_path / "plain"), _config(tmp_path, **changes)
    assert (changed.vision, changed.context, changed.decoder) == (plain.vision, plain.context, plain.decoder)


def test_configs_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    checkpoint = written(tmp_path)
    for file in checkpoint.rglob("*.json"):
        file.write_text("\ufeff" + file.read_text("utf-8"), "utf-8")
    load_config(checkpoint)


def test_a_context_provider_without_factors_uses_one(tmp_path: Path) -> None:
    def change(random: RandomCheckpoint) -> None:
        random.configs["context_provider"]["zero_init_output"] = False
        tensors = random.parts["context_provider"]
        for name in [it for it in tensors if it.endswith("_factor")]:
            del tensors[name]

    checkpoint = written(tmp_path, change)
    with Checkpoint(checkpoint) as opened:
        layer = Parts(opened).context_layer(0)
    assert (layer.attention_factor, layer.mlp_factor) == (1, 1)
    assert export(request(checkpoint, tmp_path / "out")).embeds_error < 1e-5


@pytest.mark.parametrize(
    ("generation", "ends"),
    [
        ({"eos_token_id": [2, 7], "bos_token_id": 5, "pad_token_id": 3}, (2, 7)),
        ({"eos_token_id": 7}, (7, 2)),
        ({"eos_token_id": None}, (2,)),
        ({"eos_token_id": []}, (2,)),
        ({"eos_token_id": 99999}, (2,)),
    ],
)
def test_end_tokens_are_those_of_generate_and_the_stop_string(
    tmp_path: Path, generation: object, ends: tuple[int, ...]
) -> None:
    checkpoint = written(tmp_path)
    (checkpoint / "llm" / "generation_config.json").write_text(json.dumps(generation), "utf-8")
    assert load_config(checkpoint).decoder.eos == ends


def test_generation_defaults_are_in_the_manifest_or_a_note(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint = written(tmp_path)
    generation = {"top_k": 20, "repetition_penalty": 1.1, "temperature": 0.7, "top_p": 0.8}
    (checkpoint / "llm" / "generation_config.json").write_text(json.dumps(generation), "utf-8")
    assert main([str(checkpoint), str(tmp_path / "out")]) == 0
    assert "note: llm/generation_config.json: repetition_penalty = 1.1 is not applied" in capsys.readouterr().out
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["sampling"] == {"temperature": 0.2, "top_p": 0.9, "top_k": 20, "max_tokens": 512}


def test_rows_without_a_token_are_dropped(tmp_path: Path) -> None:
    """The published code resizes the table to the tokenizer, so these rows are never chosen."""
    checkpoint = written(tmp_path)
    with Checkpoint(checkpoint) as opened:
        decoder = opened.config.decoder
        assert decoder.tokens < decoder.vocab == SMALL.vocab
        assert (
            Parts(opened).decoder.head().shape
            == Parts(opened).decoder.token_embeddings().shape
            == (decoder.tokens, SMALL.hidden)
        )
    export(request(checkpoint, tmp_path / "out"))
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["decoder"]["vocab_size"] == decoder.tokens


def test_two_rotary_bases_are_refused(tmp_path: Path) -> None:
    parameters = {"rope_type": "default", "rope_theta": 5e5}
    with pytest.raises(ExportError, match=r"rope_theta = '10000\.0 and 500000\.0' is not supported"):
        _config(tmp_path, llm={"rope_theta": 10000.0, "rope_parameters": parameters})


@pytest.mark.parametrize(
    ("content", "message"),
    [("[" * 200_000, "is nested too deeply"), ("{oops", "is not JSON"), ("[]", "does not contain a JSON object")],
)
def test_a_config_that_is_not_json_is_named(tmp_path: Path, content: str, message: str) -> None:
    checkpoint = written(tmp_path)
    (checkpoint / "llm" / "config.json").write_text(content, "utf-8")
    with pytest.raises(ExportError, match=rf"llm/config\.json {message}"):
        load_config(checkpoint)


def test_another_model_is_refused_by_its_type(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "sam", "architectures": ["SamModel"]}')
    assert main([str(tmp_path), str(tmp_path / "out")]) == 1
    assert "config.json: model_type = 'sam' is not supported, only" in capsys.readouterr().err


def test_a_missing_config_is_named(tmp_path: Path) -> None:
    checkpoint = written(tmp_path)
    (checkpoint / "mm_projector" / "config.json").unlink()
    with pytest.raises(ExportError, match=r"mm_projector/config\.json is missing"):
        load_config(checkpoint)


def test_a_context_without_room_for_a_prompt_is_refused(tmp_path: Path) -> None:
    checkpoint = written(tmp_path, lambda random: random.configs["llm"].update(max_position_embeddings=60))
    with pytest.raises(ExportError, match=r"max_position_embeddings = 60 leaves no room"):
        export(request(checkpoint, tmp_path / "out"))
    assert list(tmp_path.iterdir()) == [checkpoint]
