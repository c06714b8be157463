"""What the model is taught to say, and what it is not yet taught because it would too often be wrong.

A fact that evaluation finds wrong more than once in ten is left out of the detailed description, or said
more coarsely. Train on from the weights with a switch turned when the figures allow it.
"""

from __future__ import annotations

SHAPE_NAMES = True
"""Whether a drawn shape is called by its name, or just a shape."""

DETAIL = frozenset({"colour", "texture", "background", "motion", "size", "letter", "position"})
"""What the detailed description says besides the name; all there is: see EVERYTHING."""

EVERYTHING = frozenset({"colour", "texture", "background", "motion", "size", "letter", "position"})

LETTERS = True
"""Whether a letter is read, or only that there is one."""

MORE_THINGS = False
"""Whether the forty further things are taught by name, or are among those that are not recognised."""

DESIGNS = ("noto", "twemoji")
"""The designs that the encoders learned: marks are taken on scenes in these, the trial of styles counts the others."""

TURNING = False
"""Whether turning on the spot must be told from standing still; if not, to stay in place is true of both."""


def told_motion(motion: str) -> str:
    return "still" if motion == "turning" and not TURNING else motion
