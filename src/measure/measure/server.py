"""A server process on a free port, which can be killed, drained and restarted."""

import shlex
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from typing import IO, Any


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class ServerProcess:
    """Runs `command`, with `{port}` replaced. Output goes to `log`."""

    def __init__(self, command: str, log: IO[Any] | int):
        self.port = free_port()
        self._command, self._log = shlex.split(command.replace("{port}", str(self.port))), log
        self._process: subprocess.Popen[Any] | None = None

    def start(self, patience: float = 120) -> "ServerProcess":
        """Starts the server and waits until it is ready."""
        process = self._process = subprocess.Popen(self._command, stdout=self._log, stderr=self._log)
        end = time.monotonic() + patience
        while not self._ready():
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"The server did not become ready: {shlex.join(self._command)}")
            time.sleep(0.1)
        return self

    @property
    def process(self) -> "subprocess.Popen[Any]":
        if not self._process:
            raise RuntimeError("not started")
        return self._process

    @property
    def pid(self) -> int:
        return self.process.pid

    def kill(self) -> None:
        """Sends SIGKILL."""
        self.process.kill()

    def drain(self) -> None:
        """Sends SIGTERM: the server finishes its requests and exits."""
        self.process.send_signal(signal.SIGTERM)

    def exit_code(self, patience: float = 60) -> int:
        return self.process.wait(patience)

    def stop(self) -> None:
        """Kills the process if it is still running."""
        if self._process:
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait(10)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False
