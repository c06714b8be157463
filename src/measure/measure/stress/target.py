"""The server under test: its process, its memory, and good requests to it."""

import argparse
import json
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

from .. import metrics
from ..arguments import MODEL
from ..client import Endpoint
from ..pictures import drawn
from ..question import Question
from ..server import ServerProcess
from ..toolchain import java_home

Report = dict[str, Any]
Options = argparse.Namespace


class Target:
    """Use it as `with Target(command, log) as target:`. Starts the server and kills it at the end."""

    def __init__(self, command: str, log: Path):
        self._log = log.open("ab")
        self._server = ServerProcess(command, self._log)

    def __enter__(self) -> "Target":
        self._server.start()
        self.port = self._server.port
        self.address = ("127.0.0.1", self.port)
        self.base = f"http://127.0.0.1:{self.port}"
        self.endpoint = Endpoint.of(f"{self.base}/v1")
        return self

    def __exit__(self, *error: object) -> None:
        self._server.stop()
        self._log.close()

    def resident(self) -> int:
        """Resident memory in bytes. scripts/serve replaces itself by the server, so the process id is the same."""
        lines = Path(f"/proc/{self._server.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS"))

    def weight(self) -> int:
        """Resident memory plus used heap after a collection. Needs a heap that is resident from the start."""
        jcmd = java_home() / "bin" / "jcmd"
        subprocess.run([jcmd, str(self._server.pid), "GC.run"], check=True, stdout=subprocess.DEVNULL)
        heap = sum(
            value for name, value in self.metrics().items() if name.startswith('jvm_memory_used_bytes{area="heap"')
        )
        return self.resident() + int(heap)

    def metrics(self) -> dict[str, float]:
        return metrics.scrape(f"{self.base}/metrics")

    def settled(self) -> dict[str, float]:
        """Waits until no request is running or waiting, then returns the metrics."""
        return metrics.settled(f"{self.base}/metrics")

    def text(self, body: bytes) -> str:
        """Returns the text of a whole answer."""
        whole = json.dumps(json.loads(body) | {"stream": False, "stream_options": None}).encode()
        request = urllib.request.Request(f"{self.base}/v1/chat/completions", whole)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return str(json.load(answer)["choices"][0]["message"]["content"])


def bodies(
    number: int, seed: int, max_tokens: int, size: tuple[int, int] = (224, 168), distinct: int = 0
) -> list[bytes]:
    """Returns streaming requests about pictures drawn from `seed`, all different unless `distinct` limits them."""
    question = Question(MODEL, "", max_tokens, drawn(*size, seed, distinct), 0.0, {"ignore_eos": True})
    return [question.body(serial) for serial in range(number)]
