"""Writes SentencePiece's ids of awkward texts for the Java tests. Run it when the texts change."""

from __future__ import annotations

import json
from pathlib import Path

import sentencepiece
from test_tokenizer import TEXTS, _random_texts

HERE = Path(__file__).parent
MODEL = HERE.parent / "resources" / "golden" / "checkpoint" / "llm" / "tokenizer.model"
OUT = HERE.parent / "model" / "resources" / "tokenizer" / "golden-corpus.json"


if __name__ == "__main__":
    processor = sentencepiece.SentencePieceProcessor(model_file=str(MODEL))
    corpus = [{"text": text, "ids": processor.encode(text)} for text in (*TEXTS, *_random_texts(150))]
    OUT.write_text(json.dumps(corpus, indent=None, separators=(",", ":")) + "\n", "utf-8")
