"""Who makes the masks under evaluation: a server over HTTP, or the torch model in this process."""

from __future__ import annotations

import base64
import io
import json
import os
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from PIL import Image

from . import pictures, rle
from .case import Click, enlarged

if TYPE_CHECKING:
    from .clips import Clip

Box = tuple[float, float, float, float]


class Masker(Protocol):
    def mask(self, picture: Image.Image, clicks: Sequence[Click], box: Box | None = None) -> np.ndarray:
        """The best mask [H, W] of a prompt in pixels of the picture."""


def data_url(picture: Image.Image) -> str:
    """A picture as requests hold it."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


class HttpMasker:
    """`/v1/segmentations` of a server."""

    def __init__(self, base_url: str, timeout: float = 60) -> None:
        self.url, self.timeout = base_url.rstrip("/"), timeout

    def mask(self, picture: Image.Image, clicks: Sequence[Click], box: Box | None = None) -> np.ndarray:
        prompt: dict[str, Any] = {}
        if clicks:
            prompt["points"] = [[it.x + 0.5, it.y + 0.5] for it in clicks]
            prompt["labels"] = [int(it.inside) for it in clicks]
        if box:
            prompt["box"] = list(box)
        found = self.post("/segmentations", {"image": data_url(picture), "prompts": [prompt]})
        return rle.decoded(found["data"][0]["masks"][0]["rle"])

    def name(self, picture: Image.Image, model: str, click: Click | None = None) -> str:
        """What the model calls the clicked thing, or the one in the picture's alpha channel."""
        image = {"type": "image_url", "image_url": {"url": data_url(picture)}}
        content = [{"type": "text", "text": "What is it? Answer with the name only."}, image]
        body: dict[str, Any] = {"model": model, "temperature": 0, "max_tokens": 16}
        body["messages"] = [{"role": "user", "content": content}]
        if click:
            body["regions"] = [{"points": [[click.x + 0.5, click.y + 0.5]]}]
        answer = self.post("/chat/completions", body)["choices"][0]["message"]["content"]
        return str(answer).strip().lower()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """The answer to a request."""
        headers = {"Content-Type": "application/json"}
        if "OPENAI_API_KEY" in os.environ:
            headers["Authorization"] = "Bearer " + os.environ["OPENAI_API_KEY"]
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=self.timeout) as response:
            return json.load(response)


class TorchMasker:
    """A checkpoint or run folder in torch."""

    def __init__(self, folder: Path) -> None:
        import torch

        from . import checkpoint

        self.torch = torch
        self.model = checkpoint.of_run(folder) if (folder / "state.pt").exists() else checkpoint.read(folder)
        self.last: tuple[int, Any] = (0, None)
        self.embedding, self.prompt = [0.0, 0.0], [0.0, 0.0]
        """Seconds and number."""

    def mask(self, picture: Image.Image, clicks: Sequence[Click], box: Box | None = None) -> np.ndarray:
        from .decoder import Prompts
        from .model import best

        torch, model = self.torch, self.model
        features = self._features(picture)
        w, h = picture.size
        scale = np.array([pictures.SIDE / w, pictures.SIDE / h], np.float32)
        points = [*((box[:2], box[2:]) if box else ()), *((it.x + 0.5, it.y + 0.5) for it in clicks), (0, 0)]
        labels = [*((2, 3) if box else ()), *(int(it.inside) for it in clicks), -1]
        since = time.perf_counter()
        with torch.no_grad():
            prompts = Prompts(
                torch.from_numpy(np.array(points, np.float32) * scale)[None],
                torch.tensor([labels]),
                torch.zeros(1, pictures.SIDE // 4, pictures.SIDE // 4),
                torch.zeros(1, dtype=torch.bool),
            )
            found = model.decode(features, prompts)
            logits = found.masks[0, best(found)[0]].numpy()
        self._count(self.prompt, since)
        return enlarged(logits, h, w) > 0

    def _features(self, picture: Image.Image) -> Any:
        from .encoder import normalised

        if self.last[0] != id(picture):
            since = time.perf_counter()
            with self.torch.no_grad():
                pixels = self.torch.from_numpy(pictures.stretched(picture).copy())[None]
                self.last = id(picture), self.model.without_memory(self.model.encode(normalised(pixels)))
            self._count(self.embedding, since)
        return self.last[1]

    @staticmethod
    def _count(sums: list[float], since: float) -> None:
        sums[0] += time.perf_counter() - since
        sums[1] += 1

    def track(self, clip: Clip, thing: int, frame: int, by: str) -> list[np.ndarray]:
        """The masks of a thing on all frames, from a mark on one: its exact `mask`, its `box`, or a `click`."""
        from .case import next_click
        from .clicks import box as box_of
        from .decoder import Prompts
        from .encoder import normalised
        from .track import Tracker

        torch, model, side = self.torch, self.model, pictures.SIDE
        w, h = clip.pictures[0].size
        scale = np.array([side / w, side / h], np.float32)
        mask = clip.masks[frame, thing]
        with torch.no_grad():
            pixels = [torch.from_numpy(pictures.stretched(it).copy())[None] for it in clip.pictures]
            tracker = Tracker(model, [model.encode(normalised(it)) for it in pixels])
            if by == "mask":
                exact = pictures.stretched_mask(mask) > 127
                tracker.mark_masks(frame, torch.from_numpy(exact.astype(np.float32))[None])
            else:
                click, (x0, y0, x1, y1) = next_click(mask, None), box_of(mask)
                places = [(x0, y0), (x1, y1)] if by == "box" else [(click.x + 0.5, click.y + 0.5)]
                points = np.array([*places, (0, 0)], np.float32) * scale
                labels = torch.tensor([[2, 3, -1] if by == "box" else [1, -1]])
                nothing = torch.zeros(1, side // 4, side // 4), torch.zeros(1, dtype=torch.bool)
                tracker.mark_points(frame, Prompts(torch.from_numpy(points)[None], labels, *nothing))
            return [enlarged(it.logits[0].numpy(), h, w) > 0 for it in tracker.all()]
