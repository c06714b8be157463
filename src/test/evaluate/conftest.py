"""A stub of an OpenAI-compatible server on loopback, and the program under test."""

import base64
import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from evaluate import __main__, endpoint, report

RESOURCES = Path(__file__).resolve().parents[1] / "resources" / "evaluate"
DLC = RESOURCES / "dlc"


def resource(name: str) -> Any:
    return json.loads((RESOURCES / name).read_text("utf-8"))


class Reply(Exception):
    """Raised by an answer: another response than a whole one."""

    def __init__(self, status: int = 200, body: bytes = b"", headers: dict[str, str] | None = None, cut: bool = False):
        super().__init__(status)
        self.status, self.body, self.headers, self.cut = status, body, headers or {}, cut


def completion(text: Any) -> bytes:
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]}).encode()


class Stub:
    """Answers chat completions with `answer(request)`. Holds the requests and those whose answers were sent whole."""

    def __init__(self, answer: Callable[[dict[str, Any]], str]):
        self.requests: list[dict[str, Any]] = []
        self.answered: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.paths: list[str] = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments: Any) -> None:
                pass

            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                stub.requests.append(request)
                stub.keys.append(self.headers.get("Authorization"))
                stub.paths.append(self.path)
                try:
                    reply = Reply(body=completion(answer(request)))
                except Reply as other:
                    reply = other
                self.send_response(reply.status)
                self.send_header("Content-Length", str(len(reply.body) + (10 if reply.cut else 0)))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)
                self.wfile.flush()
                if reply.cut:
                    self.close_connection = True
                elif reply.status == 200:
                    stub.answered.append(request)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "chart: draws the chart, which takes a second")


@pytest.fixture(autouse=True)
def charts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "chart" not in request.keywords:
        monkeypatch.setattr(report.Report, "_draw", lambda self, file: None)


Serve = Callable[[Callable[[dict[str, Any]], str]], Stub]


@pytest.fixture
def serve() -> Iterator[Serve]:
    stubs: list[Stub] = []

    def start(answer: Callable[[dict[str, Any]], str]) -> Stub:
        stubs.append(Stub(answer))
        return stubs[-1]

    yield start
    for stub in stubs:
        stub.server.shutdown()
        stub.server.server_close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between attempts are short."""
    monkeypatch.setattr(endpoint, "LONGEST_PAUSE", 0.01)


def evaluate(*arguments: object) -> int:
    return __main__.main([str(one) for one in arguments])


def start(*arguments: object) -> subprocess.Popen[str]:
    """The program as a process of its own."""
    command = [sys.executable, "-m", "evaluate", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ)


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def prompt_of(request: dict[str, Any]) -> str:
    return str(request["messages"][-1]["content"])


def picture_of(request: dict[str, Any]) -> Image.Image:
    """The RGBA picture that was sent."""
    url = request["messages"][0]["content"][0]["image_url"]["url"]
    return Image.open(io.BytesIO(base64.b64decode(url.split(",")[1])))


def question_of(request: dict[str, Any]) -> str:
    return str(request["messages"][0]["content"][1]["text"])


def golden_judge() -> Callable[[dict[str, Any]], str]:
    """Answers as the judge of the golden file did."""
    known = {
        prompt: response
        for entry in resource("dlc/captions_eval.json").values()
        if isinstance(entry, dict)
        for prompt, response in zip(entry["prompt"], entry["response"], strict=True)
    }
    return lambda request: known[prompt_of(request)]


def golden_captioner() -> Callable[[dict[str, Any]], str]:
    """Describes a region with its caption in the golden file, known by the size of its picture and mask."""
    from evaluate.dlc import benchmark

    captions = resource("dlc/captions.json")
    known = {}
    for region in benchmark.read(DLC).regions():
        with Image.open(region.picture) as image:
            mask = region.mask(image.height, image.width)
            known[image.size, int(mask.sum())] = captions[region.id]

    def answer(request: dict[str, Any]) -> str:
        picture = picture_of(request)
        return str(known[picture.size, int((np.asarray(picture)[..., 3] == 255).sum())])

    return answer
