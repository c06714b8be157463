"""The body of a chat completion request."""

import json
from dataclasses import dataclass, field
from typing import Any

from .pictures import PictureSource


@dataclass(frozen=True)
class Question:
    """The question about every picture, and its parameters. `extra` is merged into the body."""

    model: str
    text: str
    max_tokens: int
    pictures: PictureSource
    temperature: float = 0.0
    extra: dict[str, Any] = field(default_factory=dict)

    def body(self, serial: int) -> bytes:
        content = [
            {"type": "image_url", "image_url": {"url": self.pictures(serial)}},
            {"type": "text", "text": self.text},
        ]
        request = {
            "model": self.model,
            "messages": [{"role": "user", "content": content}],
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        return json.dumps(request | self.extra).encode()
