"""The model under evaluation: a server over HTTP, or the torch model in this process."""

from __future__ import annotations

import base64
import io
import itertools
import json
import os
import urllib.request
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from PIL import Image

from . import focal, prompt
from .case import Case

if TYPE_CHECKING:
    from torch import Tensor


class Asker(Protocol):
    def answers(self, cases: Iterable[Case]) -> Iterator[tuple[Case, str]]:
        """Each case with its greedy answer, in any order."""


class HttpAsker:
    """Any OpenAI-compatible endpoint; the region is the alpha channel of a PNG."""

    def __init__(self, base_url: str, model: str, timeout: float = 60) -> None:
        self.url, self.model, self.timeout = base_url.rstrip("/") + "/chat/completions", model, timeout

    def answers(self, cases: Iterable[Case]) -> Iterator[tuple[Case, str]]:
        for case in cases:
            yield case, self.ask(case)

    def ask(self, case: Case) -> str:
        parts: list[dict[str, Any]] = [{"type": "text", "text": case.question}]
        for image in case.rgba():
            file = io.BytesIO()
            image.save(file, "PNG")
            data = base64.b64encode(file.getvalue()).decode()
            parts.append({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}})
        body = {
            "model": self.model,
            "temperature": 0,
            "max_tokens": 128,
            "messages": [{"role": "user", "content": parts}],
        }
        headers = {"Content-Type": "application/json"}
        if "OPENAI_API_KEY" in os.environ:
            headers["Authorization"] = "Bearer " + os.environ["OPENAI_API_KEY"]
        request = urllib.request.Request(self.url, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=self.timeout) as response:
            return json.load(response)["choices"][0]["message"]["content"]


class TorchAsker:
    """A checkpoint or run folder in torch. `ablation` is "no context" (global features zeroed) or "other context"
    (global features of another picture in the batch)."""

    def __init__(self, folder: Path, ablation: str = "", batch: int = 32) -> None:
        import sentencepiece
        import torch

        from . import checkpoint

        self.torch, self.ablation, self.batch = torch, ablation, batch
        is_run = (folder / "state.pt").exists()
        self.model = checkpoint.of_run(folder) if is_run else checkpoint.read(folder)
        file = folder / "tokenizer.model" if is_run else folder / "llm" / "tokenizer.model"
        self.text = sentencepiece.SentencePieceProcessor(model_file=str(file))

    def answers(self, cases: Iterable[Case]) -> Iterator[tuple[Case, str]]:
        cases = iter(cases)
        while chunk := list(itertools.islice(cases, 4 * self.batch)):
            yield from self._chunk(chunk)

    def _chunk(self, chunk: list[Case]) -> Iterator[tuple[Case, str]]:
        """Encodes each frame once, then batches the cases that share a question."""
        frames = {(id(p), id(m)): (p, m) for c in chunk for p, m in zip(c.pictures, c.masks, strict=True)}
        encoded: dict[tuple[int, int], Tensor] = {}
        keys = list(frames)
        for at in range(0, len(keys), self.batch):
            some = keys[at : at + self.batch]
            encoded |= zip(some, self._encode([frames[k] for k in some]), strict=True)
        asked: dict[tuple[str, int], list[Case]] = defaultdict(list)
        for case in chunk:
            asked[case.question, len(case.pictures)].append(case)
        for (question, count), same in asked.items():
            shown = [[encoded[id(p), id(m)] for p, m in zip(c.pictures, c.masks, strict=True)] for c in same]
            image = self.torch.stack([self.torch.cat(parts) for parts in shown])
            before, after = prompt.split(self.text, question, count)
            for case, ids in zip(same, self.model.answer(before, image, after), strict=True):
                yield case, self.text.decode(ids).strip()

    def _encode(self, frames: list[tuple[Image.Image, np.ndarray]]) -> Tensor:
        """Image embeddings [N, I, H]."""
        torch, vision = self.torch, self.model.vision
        pixels = np.stack([focal.pixel_bytes(p, m, self.model.config.image_size) for p, m in frames])
        whole = torch.from_numpy((pixels[:, :4] == pixels[:, 4:]).all((1, 2, 3)))
        x = torch.from_numpy(focal.LEVELS[pixels])
        with torch.no_grad():
            z = vision.global_features(x)
            if self.ablation == "no context":
                z, whole = torch.zeros_like(z), torch.zeros_like(whole)
            elif self.ablation == "other context":
                z, whole = z.roll(len(z) // 2, 0), torch.zeros_like(whole)
            return vision.projector(vision.regional_features(x, z, whole))
