"""Who makes the masks under evaluation: a server over HTTP, or the torch model in this process."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from PIL import Image

from . import pictures, rle
from .case import Click, enlarged

if TYPE_CHECKING:
    from .clips import Clip

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Prompt:
    """Clicks, a box, or both on a picture, in its pixels."""

    picture: Image.Image
    clicks: Sequence[Click] = ()
    box: Box | None = None


class Masker(Protocol):
    def masks(self, prompts: Sequence[Prompt]) -> list[np.ndarray]:
        """The best mask [H, W] of each prompt."""


def data_url(picture: Image.Image) -> str:
    """A picture as requests hold it."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


class HttpMasker:
    """`/v1/segmentations` of a server."""

    def __init__(self, base_url: str, timeout: float = 60) -> None:
        self.url, self.timeout = base_url.rstrip("/"), timeout

    def masks(self, prompts: Sequence[Prompt]) -> list[np.ndarray]:
        return [self._mask(it) for it in prompts]

    def _mask(self, prompt: Prompt) -> np.ndarray:
        asked: dict[str, Any] = {}
        if prompt.clicks:
            asked["points"] = [[it.x + 0.5, it.y + 0.5] for it in prompt.clicks]
            asked["labels"] = [int(it.inside) for it in prompt.clicks]
        if prompt.box:
            asked["box"] = list(prompt.box)
        found = self.post("/segmentations", {"image": data_url(prompt.picture), "prompts": [asked]})
        return rle.decoded(found["data"][0]["masks"][0]["rle"])

    def name(self, picture: Image.Image, model: str, click: Click | None = None) -> str:
        """What the model calls the clicked thing, or the one in the picture's alpha channel, without an article."""
        image = {"type": "image_url", "image_url": {"url": data_url(picture)}}
        content = [{"type": "text", "text": "What is it? Answer with the name only."}, image]
        body: dict[str, Any] = {"model": model, "temperature": 0, "max_tokens": 16}
        body["messages"] = [{"role": "user", "content": content}]
        if click:
            body["regions"] = [{"points": [[click.x + 0.5, click.y + 0.5]]}]
        answer = self.post("/chat/completions", body)["choices"][0]["message"]["content"]
        return re.sub(r"^(an?|the) |\.$", "", str(answer).strip().lower())

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
        self.features: dict[int, tuple[Image.Image, Any]] = {}

    def masks(self, prompts: Sequence[Prompt]) -> list[np.ndarray]:
        """All prompts have the same number of points."""
        from .decoder import Prompts
        from .encoder import Features
        from .model import best, picked

        torch, side, many = self.torch, pictures.SIDE, len(prompts)
        self._embed([it.picture for it in prompts])
        points, labels = [], []
        for it in prompts:
            scale = np.array([side / it.picture.width, side / it.picture.height], np.float32)
            corners = (it.box[:2], it.box[2:]) if it.box else ()
            places = [*corners, *((click.x + 0.5, click.y + 0.5) for click in it.clicks), (0.0, 0.0)]
            points.append(np.array(places, np.float32) * scale)
            labels.append([*(2, 3)[: len(corners)], *(int(click.inside) for click in it.clicks), -1])
        nothing = torch.zeros(many, side // 4, side // 4), torch.zeros(many, dtype=torch.bool)
        with torch.no_grad():
            each = [self.features[id(it.picture)][1] for it in prompts]
            features = Features(*(torch.cat(maps) for maps in zip(*each, strict=True)))
            found = self.model.decode(
                features, Prompts(torch.from_numpy(np.stack(points)), torch.tensor(labels), *nothing)
            )
            logits = picked(found.masks, best(found)).numpy()
        return [enlarged(own, *it.picture.size[::-1]) > 0 for own, it in zip(logits, prompts, strict=True)]

    def _embed(self, shown: list[Image.Image]) -> None:
        """Embeds the pictures that were not there in the last call, and forgets the others."""
        from .encoder import normalised

        self.features = {id(it): self.features[id(it)] for it in shown if id(it) in self.features}
        new = list({id(it): it for it in shown if id(it) not in self.features}.values())
        if new:
            with self.torch.no_grad():
                pixels = self.torch.from_numpy(np.stack([pictures.stretched(it) for it in new]))
                found = self.model.without_memory(self.model.encode(normalised(pixels)))
            for i, picture in enumerate(new):
                own = found.rows(slice(i, i + 1))
                self.features[id(picture)] = picture, (own.feat_s0, own.feat_s1, own.embed)

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
