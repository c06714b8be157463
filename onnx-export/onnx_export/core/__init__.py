"""Shared by all model families: reads checkpoints, writes graphs, tokenizers and bundles.

Knows no model. Families import from here, never the other way round.
"""
