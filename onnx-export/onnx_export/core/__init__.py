"""What every model family needs to be exported: reading checkpoints, writing graphs, tokenizers and bundles.

Nothing in here knows a model. Families import from here, never the other way round.
"""
