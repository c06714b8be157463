"""Reports elapsed time and peak memory."""

from __future__ import annotations

import sys
import time
from pathlib import Path


class Effort:
    """Seconds since creation, and the process's peak resident memory."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self) -> str:
        seconds = f"{time.monotonic() - self._start:.0f} s"
        peak = _peak_bytes()
        return f"{seconds}, at most {peak / (1 << 30):.2f} GiB resident" if peak else seconds


def _peak_bytes() -> int:
    """Peak resident memory in bytes; 0 if unknown."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text("ascii", "replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) << 10
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak << 10
