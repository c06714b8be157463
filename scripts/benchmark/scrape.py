"""Reads a page of Prometheus metrics."""

import re
import urllib.request

LINE = re.compile(r"^([a-zA-Z_:][\w:]*)(\{[^}]*\})? (\S+)", re.MULTILINE)


def parse(page: str) -> dict[str, float]:
    """Values by name, labels included as they stand."""
    return {name + (labels or ""): float(value) for name, labels, value in LINE.findall(page)}


def scrape(url: str, api_key: str | None = None) -> dict[str, float]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {api_key}"} if api_key else {})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return parse(answer.read().decode())
