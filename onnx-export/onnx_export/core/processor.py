"""What this processor is, as far as it decides how a decoder for the CPU is written."""

from __future__ import annotations

import platform


def prefers_per_token() -> bool:
    """Whether per-token products prefill faster than per-block ones and decode as fast.

    Measured on x86-64 with AMX, with VNNI alone and with neither: so on all three. Not measured elsewhere.
    """
    return platform.machine().lower() in ("x86_64", "amd64")
