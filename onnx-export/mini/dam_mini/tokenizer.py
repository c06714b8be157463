"""Trains the tokenizer: a small SentencePiece BPE with Llama's conventions.

Knows the generator's sentences and SentencePiece's switches. `python -m dam_mini.tokenizer --out FILE`.
"""

from __future__ import annotations

import argparse
import random
import string
from pathlib import Path

import sentencepiece

from . import backgrounds, facts, language, palette, prompt, shapes, thing as things, vocabulary

SIZE = 1024


def imagined(rng: random.Random) -> facts.Facts:
    """Facts of a scene that nobody drew: enough for words."""
    kind = rng.choices(["shape", "emoji", "unknown"], [0.45, 0.5, 0.05])[0]
    colour = rng.choice(palette.NAMES if kind == "shape" else [*palette.NAMES, palette.MIXED])
    texture = rng.choice(shapes.TEXTURES)
    names = {"shape": shapes.SHAPES, "emoji": list(vocabulary.THINGS), "unknown": [things.UNKNOWN_NAME]}
    name = rng.choice(names[kind])
    t = things.Thing(kind, name, rng.choice(list(things.SIZES)), 0.1, colour, texture if kind == "shape" else "")
    neighbour = rng.choice([*vocabulary.THINGS, *(f"{rng.choice(palette.NAMES)} {s}" for s in shapes.SHAPES)])
    return facts.Facts(
        kind=kind,
        name=name,
        said=name,
        phrase=t.phrase.replace("shape", name) if kind == "shape" else t.phrase,
        colour=colour,
        texture=t.texture,
        letter=rng.choice(string.ascii_uppercase) if kind == "shape" and rng.random() < 0.3 else "",
        size=t.size,
        position=rng.choice(facts.POSITIONS),
        position_is_sharp=True,
        background=rng.choice(backgrounds.BACKGROUNDS),
        count=rng.randint(1, 8),
        neighbour=vocabulary.with_article(neighbour),
        relation=rng.choice(["on its left", "on its right", "above it", "below it"]),
        alone=False,
        motion=rng.choice(["", *facts.MOTIONS]),
    )


def sentences(count: int, seed: int) -> list[str]:
    """Lines as the model meets them. A colon stands for the line break before a question, so that its first
    word is learned without a space."""
    rng = random.Random(seed)
    lines = []
    for _ in range(count):
        for turn in language.turns(imagined(rng), rng):
            lines += [f":{turn.question} ASSISTANT:", turn.answer]
    lines += [prompt.PREAMBLE + "Image: ", prompt.PREAMBLE + "Video: "] * (count // 10)
    lines += [f":{language.DEFAULT_VIDEO} ASSISTANT:"] * (count // 20)
    lines += list(string.printable[:95]) * 20
    return lines


def train(out: Path, seed: int = 1) -> None:
    lines = sentences(4000, seed)
    with open(out, "wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines),
            model_writer=file,
            model_type="bpe",
            vocab_size=SIZE,
            byte_fallback=True,
            split_digits=True,
            add_dummy_prefix=True,
            remove_extra_whitespaces=False,
            allow_whitespace_only_pieces=True,
            normalization_rule_name="identity",
            character_coverage=1.0,
            unk_id=0,
            bos_id=1,
            eos_id=2,
            pad_id=-1,
            hard_vocab_limit=False,
            num_threads=1,
            minloglevel=2,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Train the tokenizer on the generator's sentences.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    train(arguments.out, arguments.seed)
    print(arguments.out)
