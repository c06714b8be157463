"""Skips what needs the fetched art, or torch, with one line that says so."""

import importlib.util

import pytest

from dam_mini import art

needs_art = pytest.mark.skipif(
    not art.is_there() or importlib.util.find_spec("skimage") is None,
    reason="what pictures are made of is not there: pip install .[train] and python -m dam_mini.art fetch it",
)
needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="torch is not installed: pip install .[train]"
)
