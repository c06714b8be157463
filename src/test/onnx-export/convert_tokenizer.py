"""Writes the tokenizer.json of a SentencePiece model, for the Java tests: convert_tokenizer.py MODEL OUT"""

from __future__ import annotations

import sys
from pathlib import Path

from onnx_export.core.sentencepiece import SentencePieceModel

if __name__ == "__main__":
    model, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.parent.mkdir(parents=True, exist_ok=True)
    SentencePieceModel(model).write(out)
