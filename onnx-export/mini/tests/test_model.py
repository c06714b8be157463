"""The torch model: packed turns equal single ones, and checkpoints have the published layout."""

import json
import random
from pathlib import Path

import pytest
from conftest import needs_art, needs_torch

from dam_mini import prompt
from dam_mini.config import ModelConfig

pytestmark = needs_torch
SMALL = ModelConfig(
    image_size=48, patch_size=12, vision_hidden=32, vision_heads=2, vision_intermediate=48, blocks=2,
    hidden=32, heads=2, layers=2, intermediate=48, vocabulary=3072,
)  # fmt: skip


@pytest.fixture()
def model():
    import torch

    from dam_mini.model import DescribeAnything, initialise

    torch.manual_seed(1)
    built = DescribeAnything(SMALL)
    initialise(built)
    return built.eval()


@pytest.mark.parametrize("before", ["", "You are a helpful assistant. Be brief.\n\n"])
def test_an_answer_is_the_same_packed_and_alone(model, tmp_path: Path, before: str) -> None:
    import sentencepiece
    import torch

    from dam_mini import example, language, tokenizer

    tokenizer.train(tmp_path / "tokenizer.model")
    text = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / "tokenizer.model"))
    rng = random.Random(2)
    turns = language.turns(tokenizer.imagined(rng), rng)[:5]
    packed = example.pack(text, turns, room=320, before=before)
    assert (packed.segments == example.SHARED).any() == bool(before)
    image = torch.randn(1, SMALL.image_tokens, SMALL.hidden)
    rows = [torch.from_numpy(a)[None] for a in (packed.ids, packed.positions, packed.segments)]
    prefix = torch.tensor(prompt.split(text, "")[0])
    with torch.no_grad():
        states = model.packed(prefix, image, *rows)[0]
        for k, turn in enumerate(turns):
            ids = prompt.encode(text, before + turn.question) + text.encode(turn.answer)
            at = ids.index(prompt.IMAGE)
            embed = model.decoder.embed_tokens
            x = torch.cat([embed(torch.tensor(ids[:at]))[None], image, embed(torch.tensor(ids[at + 1 :]))[None]], 1)
            n = x.shape[1]
            seen = torch.ones(1, 1, n, n, dtype=torch.bool).tril()
            alone = model.decoder(x, torch.arange(n)[None], seen)[0][0]
            mine = states[rows[2][0] == k]
            assert torch.allclose(mine, alone[-len(mine) :], atol=1e-4), turn.question


def test_the_checkpoint_has_the_published_layout(model, tmp_path: Path) -> None:
    import torch
    from safetensors import safe_open

    from dam_mini import checkpoint

    (tmp_path / "tokenizer.model").write_bytes(b"a tokenizer")
    checkpoint.write(model, tmp_path / "tokenizer.model", tmp_path / "checkpoint")
    folder = tmp_path / "checkpoint"
    root = json.loads((folder / "config.json").read_text())
    vision = root["vision_tower_cfg"]
    assert vision["num_hidden_layers"] + root["mm_vision_select_layer"] == SMALL.blocks - 1
    for part, name in {
        "vision_tower": "vision_model.embeddings.mask_patch_embedding.weight",
        "context_provider": "context_provider_module.layers.2.cross_attn.q_proj.weight",
        "mm_projector": "layers.4.weight",
        "llm": "lm_head.weight",
    }.items():
        assert (
            json.loads((folder / part / "config.json").read_text())
            == root[f"{'mm_projector' if part == 'mm_projector' else part}_cfg"]
        )
        with safe_open(folder / part / "model.safetensors", "pt") as file:
            stored = list(file.keys())
            assert name in stored
            assert all(file.get_tensor(k).dtype == torch.bfloat16 for k in stored)
    again = checkpoint.read(folder)
    pixels, whole = torch.rand(2, 8, 48, 48), torch.tensor([False, True])
    with torch.no_grad():
        assert torch.allclose(again.vision(pixels, whole)[0], model.vision(pixels, whole)[0], atol=0.05)


def test_a_crop_of_the_whole_picture_gives_the_global_features(model) -> None:
    import torch

    pixels = torch.rand(2, 8, 48, 48)
    with torch.no_grad():
        _, r, z = model.vision(pixels, torch.tensor([True, False]))
    assert torch.equal(r[0], z[0]) and not torch.equal(r[1], z[1])


@needs_art
def test_labels_fit_the_heads() -> None:
    import tempfile

    import sentencepiece

    from dam_mini import curriculum, example, tokenizer

    with tempfile.TemporaryDirectory() as folder:
        tokenizer.train(Path(folder) / "t.model")
        text = sentencepiece.SentencePieceProcessor(model_file=str(Path(folder) / "t.model"))
        source = curriculum.examples(text, 96, 8, 1, curriculum.EASY_SCENES)
        for _ in range(60):
            e = next(source)
            assert e.patches.shape == (2, 5, 64) and e.patches.min() >= 0
            for label, choices in zip(e.pooled, example.POOLED.values(), strict=True):
                assert -100 <= label < len(choices)


def test_colour_words_are_replaced_in_answers_alone() -> None:
    import torch

    from dam_mini import example, trainer

    colours = torch.tensor([7, 8, 9])
    ids = torch.tensor([[7, 1, 7, 2, 8]] * 50)
    targets = torch.tensor([[example.IGNORE, 7, 2, 8, 3]] * 50)
    replaced = trainer.other_colours(ids, targets, colours, share=1.0)
    assert (replaced[:, 0] == 7).all(), "a question's word"
    assert (replaced[:, [1, 3]] == ids[:, [1, 3]]).all(), "no colours"
    assert set(replaced[:, 2].tolist()) == set(replaced[:, 4].tolist()) == {7, 8, 9}
    assert (trainer.other_colours(ids, targets, colours, share=0.0) == ids).all()


def test_positions_of_another_grid_are_interpolated() -> None:
    import torch

    from dam_mini import start

    ramp = torch.arange(12.0).repeat(12, 1).reshape(144, 1)
    assert start.resized(ramp, 12) is ramp
    wider = start.resized(ramp, 16).reshape(16, 16)
    assert (wider[:, 1:] > wider[:, :-1]).all() and torch.allclose(wider[0], wider[-1], atol=1e-4)


def test_a_grown_tokenizer_keeps_the_embeddings_of_its_old_pieces(tmp_path: Path) -> None:
    import sentencepiece
    import torch

    from dam_mini import start, tokenizer

    tokenizer.train(tmp_path / "old.model")
    proto = (tmp_path / "old.model").read_bytes()
    old = sentencepiece.SentencePieceProcessor(model_proto=proto)
    lines = ["Zanzibar exports cloves and nutmeg.", "The cloves of Zanzibar."] * 20
    new = sentencepiece.SentencePieceProcessor(model_proto=tokenizer.grown(proto, lines, old.vocab_size() + 8))
    assert new.vocab_size() == old.vocab_size() + 8
    assert [new.id_to_piece(i) for i in range(old.vocab_size())] == [
        old.id_to_piece(i) for i in range(old.vocab_size())
    ]
    assert len(new.encode("Zanzibar cloves")) < len(old.encode("Zanzibar cloves"))
    assert new.decode(new.encode("Zanzibar, 猫, cloves")) == "Zanzibar, 猫, cloves"
    rows = torch.randn(old.vocab_size(), 4)
    wider = start.carried(rows, old, new)
    assert torch.equal(wider[: old.vocab_size()], rows) and wider.shape == (new.vocab_size(), 4)
    assert torch.isfinite(wider).all() and wider[old.vocab_size() :].abs().sum() > 0
