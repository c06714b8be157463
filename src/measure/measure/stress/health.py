"""Polls /health in a thread and records the response times."""

import http.client
import threading
import time


class Health:
    """Use it as `with Health(port) as health:`; the response times are in `health.seconds`."""

    def __init__(self, port: int, every: float = 0.1):
        self._port, self._every, self._stop = port, every, threading.Event()
        self.seconds: list[float] = []
        self.failures = 0
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Health":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            start = time.perf_counter()
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
                connection.request("GET", "/health")
                good = connection.getresponse().status == 200
                connection.close()
            except OSError:
                good = False
            self.seconds.append(time.perf_counter() - start)
            self.failures += not good
