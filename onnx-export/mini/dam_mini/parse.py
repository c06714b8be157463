"""Extracts the facts that an answer claims.

Looks for the vocabulary, not for exact sentences, so other models' wording can be judged too. Sentence similarity
would not do: a wrong colour can score above a right paraphrase.
"""

from __future__ import annotations

import re

from . import backgrounds, facts, palette, shapes, thing as things, vocabulary

NAMES = sorted([*vocabulary.THINGS, *shapes.SHAPES, "shape"], key=len, reverse=True)
MOTION_WORDS = {
    "left": r"to the left|leftwards?",
    "right": r"to the right|rightwards?",
    "up": r"mov(?:es?|ing) up|upwards?|rises?",
    "down": r"mov(?:es?|ing) down|downwards?|falls?",
    "approaching": r"com(?:es?|ing) closer|approach|closer",
    "leaving": r"mov(?:es?|ing) away|leav|away",
    "turning": r"turn|rotat|around",
    "still": r"stay(?:s|ing)? (?:still|in place)|does not move|stationary|nowhere",
}
ONE_WORD_MOTIONS = ("left", "right", "up", "down")
"""Directions that may be the whole answer."""


def first_of(words: list[str], text: str) -> str:
    """The word that comes first in the text; the longest if several start at the same place."""
    best, at = "", len(text) + 1
    for word in sorted(words, key=len, reverse=True):
        found = re.search(rf"\b{re.escape(word)}\b", text)
        if found and found.start() < at:
            best, at = word, found.start()
    return best


def is_unknown(text: str) -> bool:
    """Whether the answer says that the thing is not recognised."""
    first = text.lower().split(". ")[0]
    return ("recogni" in first and "background" not in first) or text.strip(" .").lower() == "unknown"


def name(text: str) -> str:
    """The name claimed in the first sentence."""
    if is_unknown(text):
        return things.UNKNOWN_NAME
    return first_of(NAMES, text.lower().split(". ")[0])


def colour(text: str) -> str:
    """The main colour claimed in the first sentence."""
    text = text.lower().replace("gray", "grey").split(". ")[0]
    if palette.MIXED in text or "multicolour" in text or "multicolor" in text:
        return palette.MIXED
    mainly = re.search(r"mainly (\w+)", text)
    return mainly[1] if mainly else first_of(palette.NAMES, text)


def texture(text: str) -> str:
    """The claimed pattern; "plain" if the answer names none."""
    return first_of(shapes.TEXTURES, text.lower()) or "plain"


def size(text: str) -> str:
    """The claimed size."""
    found = first_of(["small", "medium-sized", "medium", "large"], text.lower())
    return "medium-sized" if found == "medium" else found


def letter(text: str) -> str:
    """The claimed letter."""
    found = re.search(r"letter ([A-Z])\b", text) or re.fullmatch(r"\W*([A-Z])\W*", text)
    return found[1] if found else ""


def position(text: str) -> str:
    """The claimed cell of the 3 x 3 grid."""
    text = text.lower().replace("-", " ")
    found = re.search(r"at the ((?:top|bottom)? ?(?:left|right|cent(?:re|er))?|top|bottom) of the", text)
    word = (found[1] if found else first_of([*facts.POSITIONS, "center"], text)).strip()
    return word.replace("center", "centre")


def background(text: str) -> str:
    """The claimed background."""
    return first_of(backgrounds.BACKGROUNDS, text.lower())


def count(text: str) -> int:
    """The claimed number; 0 if there is none."""
    word = first_of([*facts.NUMBERS, *"12345678"], text.lower())
    return int(word) if word.isdigit() else facts.NUMBERS.index(word) if word else 0


def motion(text: str) -> str:
    """The claimed motion."""
    if text.lower().strip(" .") in ONE_WORD_MOTIONS:
        return text.lower().strip(" .")
    for word, pattern in MOTION_WORDS.items():
        if re.search(rf"\b(?:{pattern})", text.lower()):
            return word
    return ""


def neighbour(text: str) -> tuple[str, str]:
    """The claimed neighbour and its side; empty strings if the answer names none."""
    side = first_of(["on its left", "on its right", "above it", "below it"], text.lower())
    return name(text), side


def refuses(text: str) -> bool:
    """Whether the answer is a refusal."""
    return bool(
        re.search(
            r"can only answer in english|can(?:no|')t (?:tell|know|say)|cannot (?:tell|know|say)|don't know",
            text.lower(),
        )
    )
