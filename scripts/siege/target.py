"""The server under siege: a process on loopback, its memory, and good requests to it."""

import json
import os
import subprocess
import time
import urllib.request
from pathlib import Path

from benchmark.exchange import Endpoint
from benchmark.pictures import drawn
from benchmark.question import Question
from benchmark.scrape import scrape
from doorcheck.backend import Backend

MODEL = "describe_anything_model"


class Target:
    """`with Target(command, log) as target:` starts it and kills it at the end."""

    def __init__(self, command: str, log: Path):
        self._log = log.open("ab")
        self._backend = Backend(command, self._log)

    def __enter__(self) -> "Target":
        self._backend.start()
        self.port = self._backend.port
        self.address = ("127.0.0.1", self.port)
        self.base = f"http://127.0.0.1:{self.port}"
        self.endpoint = Endpoint.of(f"{self.base}/v1")
        return self

    def __exit__(self, *error: object) -> None:
        self._backend.stop()
        self._log.close()

    def resident(self) -> int:
        """Bytes of resident memory of the process that listens, which scripts/serve has become by `exec`."""
        lines = Path(f"/proc/{self._backend.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS"))

    def weight(self) -> int:
        """Resident memory and, where the heap is resident from the start, what of it is in use after a collection."""
        jcmd = Path(os.environ["JAVA_HOME"]) / "bin/jcmd" if "JAVA_HOME" in os.environ else "jcmd"
        subprocess.run([jcmd, str(self._backend.pid), "GC.run"], check=True, stdout=subprocess.DEVNULL)
        heap = sum(value for name, value in self.metrics().items() if name.startswith('jvm_memory_used_bytes{area="heap"'))
        return self.resident() + int(heap)

    def metrics(self) -> dict[str, float]:
        return scrape(f"{self.base}/metrics")

    def settled(self, patience: float = 60) -> dict[str, float]:
        """Metrics when nothing is under way any more."""
        end = time.monotonic() + patience
        while True:
            now = self.metrics()
            if not now["dam_requests_running"] and not now["dam_requests_waiting"]:
                time.sleep(0.2)
                return self.metrics()
            if time.monotonic() > end:
                raise SystemExit("requests are still under way though every caller has left")
            time.sleep(0.1)

    def text(self, body: bytes) -> str:
        """A whole answer's text."""
        whole = json.dumps(json.loads(body) | {"stream": False, "stream_options": None}).encode()
        request = urllib.request.Request(f"{self.base}/v1/chat/completions", whole)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["choices"][0]["message"]["content"]


def bodies(number: int, seed: int, max_tokens: int, size: tuple[int, int] = (224, 168), distinct: int = 0) -> list[bytes]:
    """Streaming requests about pictures drawn from `seed`; all different unless `distinct` says otherwise."""
    question = Question(MODEL, "", max_tokens, drawn(*size, seed, distinct), 0.0, {"ignore_eos": True})
    return [question.body(serial) for serial in range(number)]
