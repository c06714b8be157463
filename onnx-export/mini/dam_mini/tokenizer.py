"""Trains the tokenizer (SentencePiece BPE with Llama's conventions): `python -m dam_mini.tokenizer --out FILE`."""

from __future__ import annotations

import argparse
import itertools
import random
import re
import string
import struct
from collections import Counter
from pathlib import Path

import sentencepiece

from . import backgrounds, facts, language, palette, preamble, prompt, shapes, thing as things, vocabulary

SIZE = 3072


def imagined(rng: random.Random) -> facts.Facts:
    """Random facts without a picture, for text alone."""
    kind = rng.choices(["shape", "emoji", "unknown"], [0.4, 0.5, 0.1])[0]
    colour = rng.choice(palette.NAMES if kind == "shape" else [*palette.NAMES, palette.MIXED])
    texture = rng.choice(shapes.TEXTURES)
    named = {"shape": shapes.SHAPES, "emoji": list(vocabulary.THINGS), "unknown": [things.UNKNOWN_NAME]}
    name = rng.choice(named[kind])
    t = things.Thing(kind, name, rng.choice(list(things.SIZES)), 0.1, colour, texture if kind == "shape" else "")
    beside = rng.choice([*vocabulary.THINGS, *shapes.SHAPES])
    neighbour = f"{rng.choice(palette.NAMES)} {beside}" if beside in shapes.SHAPES else beside
    moving = rng.random() < 0.15
    return facts.Facts(
        kind=kind,
        name=name,
        said=name,
        phrase=t.phrase,
        colour=colour,
        texture=t.texture,
        letter=rng.choice(string.ascii_uppercase) if kind == "shape" and rng.random() < 0.3 else "",
        size="" if moving else t.size,
        position="" if moving else rng.choice(facts.POSITIONS),
        position_is_sharp=not moving,
        background=rng.choice([*backgrounds.BACKGROUNDS, backgrounds.UNKNOWN]),
        count=0 if moving else rng.randint(1, 8),
        neighbour="" if moving else vocabulary.with_article(neighbour),
        relation=rng.choice(["on its left", "on its right", "above it", "below it"]),
        alone=False,
        motion=rng.choice(list(facts.MOTIONS)) if moving else "",
        neighbour_said=beside,
        brightness=rng.choice(["brighter", "darker"]),
        bigger=rng.choice(["bigger", "smaller"]),
        largest=rng.choice(["yes", "no"]),
    )


def sentences(count: int, seed: int) -> list[str]:
    """Training lines. A colon stands for the line break before a question, so that its first word is learned
    without a space."""
    rng = random.Random(seed)
    lines = []
    for _ in range(count):
        for turn in language.turns(imagined(rng), rng):
            lines += [*f":{turn.question} ASSISTANT:".split("\n"), turn.answer]
    for _ in range(count // 3):
        lines += preamble.preamble(rng).split("\n")
    lines += [prompt.PREAMBLE + "Image: ", prompt.PREAMBLE + "Video: "] * (count // 10)
    lines += [f":{language.DEFAULT_VIDEO} ASSISTANT:"] * (count // 20)
    lines += list(string.printable[:95]) * 20
    return lines


def train(out: Path, seed: int = 1) -> None:
    """Trains a new tokenizer."""
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


def grown(model: bytes, lines: list[str], size: int = SIZE) -> bytes:
    """The tokenizer with new pieces appended until it has `size`.

    Byte-pair encoding continues from the existing pieces: the most frequent pair within words becomes a piece that
    ranks after all others, so the old merges come first, as before.
    """
    old = sentencepiece.SentencePieceProcessor(model_proto=model)
    known = {old.id_to_piece(i) for i in range(old.vocab_size())}
    words = Counter(w for line in lines for w in re.findall(r"[ ]*[^ \n]+", line))
    cut = [[old.encode_as_pieces(word.lstrip(" ")), count] for word, count in words.items()]
    cut = [[pieces, count] for pieces, count in cut if all(len(p) < 7 or not p.startswith("<0x") for p in pieces)]
    least = min(old.get_score(i) for i in range(old.vocab_size()))
    made: list[bytes] = []
    while old.vocab_size() + len(made) < size:
        pairs: Counter[tuple[str, str]] = Counter()
        for pieces, count in cut:
            for pair in itertools.pairwise(pieces):
                pairs[pair] += count
        best = next((p for p, _ in pairs.most_common() if joins(*p) and "".join(p) not in known), None)
        if best is None:
            break
        joined = "".join(best)
        known.add(joined)
        made.append(_piece(joined, least - 1 - len(made)))
        for entry in cut:
            pieces = entry[0]
            if best[0] in pieces:
                k = 0
                while k < len(pieces) - 1:
                    if (pieces[k], pieces[k + 1]) == best:
                        pieces[k : k + 2] = [joined]
                    k += 1
    return _with_pieces(model, b"".join(made))


def joins(left: str, right: str) -> bool:
    """Whether two pieces may be merged: only letters with letters, as SentencePiece does."""
    return all(c.isalpha() or c == "▁" for c in left) and right.isalpha() and len(left + right) <= 16


def _varint(n: int) -> bytes:
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes([*out, n])


def _piece(text: str, score: float) -> bytes:
    """One piece as a protobuf field of the model file."""
    raw = text.encode()
    body = b"\x0a" + _varint(len(raw)) + raw + b"\x15" + struct.pack("<f", score)
    return b"\x0a" + _varint(len(body)) + body


def _with_pieces(model: bytes, made: bytes) -> bytes:
    """The model file with pieces inserted after its own, which are its first fields."""
    at = 0
    while at < len(model) and model[at] == 0x0A:
        length = shift = 0
        at += 1
        while True:
            byte = model[at]
            length |= (byte & 127) << shift
            at, shift = at + 1, shift + 7
            if byte < 128:
                break
        at += length
    return model[:at] + made + model[at:]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Train the tokenizer on the generator's sentences.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--grow", type=Path, help="a tokenizer whose pieces are kept, and more put behind them")
    arguments = parser.parse_args()
    if arguments.grow:
        arguments.out.write_bytes(grown(arguments.grow.read_bytes(), sentences(3000, arguments.seed)))
    else:
        train(arguments.out, arguments.seed)
    print(arguments.out)
