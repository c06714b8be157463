"""Skips tests that need the fetched art or torch if these are missing."""

import importlib.util

import pytest

from dam_mini import art

needs_art = pytest.mark.skipif(
    not art.is_there() or importlib.util.find_spec("skimage") is None,
    reason="the emoji art or scikit-image is missing: run pip install .[train] and python -m dam_mini.art",
)
needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="torch is not installed: pip install .[train]"
)
