"""Reads the Prometheus metrics of a server."""

import re
import time
import urllib.request

MODEL = re.compile(r'model="[^"]*",?')
LINE = re.compile(r"^([a-zA-Z_:][\w:]*)(\{[^}]*\})? (\S+)", re.MULTILINE)


def parse(page: str) -> dict[str, float]:
    """Returns values by name and labels, summed over models."""
    values: dict[str, float] = {}
    for name, labels, value in LINE.findall(page):
        key = name + MODEL.sub("", labels).replace("{}", "")
        values[key] = values.get(key, 0.0) + float(value)
    return values


def scrape(url: str, api_key: str | None = None) -> dict[str, float]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {api_key}"} if api_key else {})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return parse(answer.read().decode())


def settled(url: str, api_key: str | None = None, patience: float = 60) -> dict[str, float]:
    """Waits until no request is running or waiting, then scrapes."""
    end = time.monotonic() + patience
    while True:
        now = scrape(url, api_key)
        if not now["dam_requests_running"] and not now["dam_requests_waiting"]:
            time.sleep(0.3)
            return scrape(url, api_key)
        if time.monotonic() > end:
            raise SystemExit("Requests are still running although every client has disconnected")
        time.sleep(0.1)
