"""Switches for what the model learns to say.

A fact that is wrong more than once in ten evaluation cases is left out of the detailed description, or said more
coarsely. Change a switch and continue training from the weights once the figures allow it.
"""

from __future__ import annotations

SHAPE_NAMES = True
"""Whether a drawn shape is called by its name, or just "shape"."""

DETAIL = frozenset({"colour", "texture", "background", "motion", "size", "letter", "position"})
"""Facts in the detailed description, besides the name."""

EVERYTHING = frozenset({"colour", "texture", "background", "motion", "size", "letter", "position"})

LETTERS = True
"""Whether a letter is read, or only its presence is mentioned."""

MORE_THINGS = False
"""Whether the forty things of vocabulary.MORE have names, or count as unknown."""

DESIGNS = ("noto", "twemoji")
"""Designs that the encoders were trained on, used in evaluation scenes. The trial of styles covers all designs."""

TURNING = False
"""Whether turning on the spot is distinguished from standing still; if not, both "stay in place"."""


def told_motion(motion: str) -> str:
    return "still" if motion == "turning" and not TURNING else motion
