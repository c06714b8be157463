"""Sentence similarity by all-MiniLM-L6-v2 in ONNX: mean of the token embeddings, cosine."""

import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..problem import Problem

LONGEST = 256
"""Tokens; the rest of a text is left out, as the model's authors do."""
BATCH = 64
VARIABLE = "DAM_MINILM"
"""Set by scripts/evaluate."""
NAMES = (
    ("all-minilm-l6-v2.onnx", "all-minilm-l6-v2-tokenizer.json"),
    ("model.onnx", "tokenizer.json"),
    ("onnx/model.onnx", "tokenizer.json"),
)
"""In the jar of langchain4j; in a folder; in the folder of the Hugging Face repository."""


class MiniLM:
    """`MiniLM(path).similarity(pairs)`. The path is a jar or a folder that holds the fp32 model and its tokenizer."""

    def __init__(self, path: Path):
        try:
            import onnxruntime
            from tokenizers import Tokenizer
        except ImportError as error:
            raise Problem("the packages for keywords are missing; scripts/evaluate keywords installs them") from error
        model, tokenizer = _read(path)
        self._session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        self._inputs = {given.name for given in self._session.get_inputs()}
        self._tokenizer: Any = Tokenizer.from_str(tokenizer.decode())
        self._tokenizer.enable_truncation(LONGEST)
        self._tokenizer.enable_padding()

    def similarity(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """The cosine of each pair."""
        texts = sorted({text for pair in pairs for text in pair}, key=lambda text: (len(text), text))
        rows = {text: number for number, text in enumerate(texts)}
        parts = [self._embed(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)]
        vectors = np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)
        return [float(vectors[rows[a]] @ vectors[rows[b]]) for a, b in pairs]

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors [N, 384]."""
        encoded = self._tokenizer.encode_batch(list(texts))
        mask = np.array([one.attention_mask for one in encoded], np.int64)
        feed = {
            "input_ids": np.array([one.ids for one in encoded], np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        found = self._session.run(None, {name: feed[name] for name in self._inputs})[0]
        weights = mask[..., None].astype(np.float32)
        vectors = (found * weights).sum(1) / weights.sum(1) if found.ndim == 3 else found
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


def located(given: Path | None) -> Path:
    """The path that was given, or the one that scripts/evaluate found."""
    path = given or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if path is None:
        raise Problem("all-MiniLM-L6-v2 is missing: run scripts/evaluate, or give --minilm FOLDER", 2)
    return path


def _read(path: Path) -> tuple[bytes, bytes]:
    for model, tokenizer in NAMES:
        if path.is_dir() and (path / model).is_file() and (path / tokenizer).is_file():
            return (path / model).read_bytes(), (path / tokenizer).read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as jar:
                if {model, tokenizer} <= set(jar.namelist()):
                    return jar.read(model), jar.read(tokenizer)
    raise Problem(f"{path} holds no ONNX all-MiniLM-L6-v2: expected a jar or folder with model.onnx and tokenizer.json")
