"""Writes the tokenizer.json of a SentencePiece model alone, for the Java tests: convert_tokenizer.py MODEL OUT"""

from __future__ import annotations

import sys
from pathlib import Path

from sentencepiece import sentencepiece_model_pb2

from dam_export.config import DecoderShape
from dam_export.tokenizer import write_tokenizer

if __name__ == "__main__":
    model, out = Path(sys.argv[1]), Path(sys.argv[2])
    pieces = sentencepiece_model_pb2.ModelProto.FromString(model.read_bytes()).pieces
    out.parent.mkdir(parents=True, exist_ok=True)
    shape = DecoderShape(64, 128, 1, 4, 4, 16, len(pieces), 512, 1e-6, 1e4, False, bos=1, eos=(2,), pad=-1)
    write_tokenizer(model, shape, out)
