"""Skips what needs the fetched art, or torch, with one line that says so."""

import importlib.util

import pytest

from dam_mini import art

needs_art = pytest.mark.skipif(not art.is_there(), reason="emoji art is not there: python -m dam_mini.art fetches it")
needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="torch is not installed: pip install .[train]"
)
