"""A server process that can be killed, drained and started again."""

import shlex
import signal
import subprocess
import time
import urllib.error
import urllib.request

from .door import free_port


class Backend:
    """`command` starts it; `{port}` in it is replaced. Output goes to `log`."""

    def __init__(self, command: str, log):
        self.port = free_port()
        self._command, self._log = shlex.split(command.replace("{port}", str(self.port))), log

    def start(self, patience: float = 120) -> "Backend":
        self._process = subprocess.Popen(self._command, stdout=self._log, stderr=self._log)
        end = time.monotonic() + patience
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"not ready: {shlex.join(self._command)}")
            time.sleep(0.1)
        return self

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """As kill -9 does."""
        self._process.kill()

    def drain(self) -> None:
        """Asks it to finish what it has and go."""
        self._process.send_signal(signal.SIGTERM)

    def exit_code(self, patience: float = 60) -> int:
        return self._process.wait(patience)

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(10)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False
