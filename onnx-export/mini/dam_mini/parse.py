"""Takes an answer apart: which facts it claims.

Knows the model's vocabulary, not its exact sentences, so that another model's wording can be judged too.
Sentence similarity is no judge: a wrong colour can score above a right paraphrase.
"""

from __future__ import annotations

import re

from . import backgrounds, facts, palette, shapes, thing as things, vocabulary

NAMES = sorted([*vocabulary.THINGS, *shapes.SHAPES, "shape"], key=len, reverse=True)
MOTION_WORDS = {
    "left": r"to the left|leftwards?",
    "right": r"to the right|rightwards?",
    "up": r"moves? up|upwards?|rises?",
    "down": r"moves? down|downwards?|falls?",
    "approaching": r"comes? closer|approach",
    "leaving": r"moves? away|leav",
    "turning": r"turn|rotat",
    "still": r"stays? (?:still|in place)|does not move|stationary",
}


def first_of(words: list[str], text: str) -> str:
    """The word that comes first in the text, the longest where several start together."""
    best, at = "", len(text) + 1
    for word in sorted(words, key=len, reverse=True):
        found = re.search(rf"\b{re.escape(word)}\b", text)
        if found and found.start() < at:
            best, at = word, found.start()
    return best


def is_unknown(text: str) -> bool:
    return "recogni" in text.lower() or text.strip(" .").lower() == "unknown"


def name(text: str) -> str:
    if is_unknown(text):
        return things.UNKNOWN_NAME
    return first_of(NAMES, text.lower().split(". ")[0])


def colour(text: str) -> str:
    text = text.lower().replace("gray", "grey").split(". ")[0]
    if palette.MIXED in text:
        return palette.MIXED
    mainly = re.search(r"mainly (\w+)", text)
    return mainly[1] if mainly else first_of(palette.NAMES, text)


def texture(text: str) -> str:
    """An answer that names no pattern claims there is none."""
    return first_of(shapes.TEXTURES, text.lower()) or "plain"


def size(text: str) -> str:
    found = first_of(["small", "medium-sized", "medium", "large"], text.lower())
    return "medium-sized" if found == "medium" else found


def letter(text: str) -> str:
    found = re.search(r"letter ([A-Z])\b", text) or re.fullmatch(r"\W*([A-Z])\W*", text)
    return found[1] if found else ""


def position(text: str) -> str:
    found = re.search(r"at the ((?:top|bottom)? ?(?:left|right|cent(?:re|er))?|top|bottom) of the", text.lower())
    word = (found[1] if found else first_of(facts.POSITIONS, text.lower())).strip()
    return word.replace("center", "centre")


def background(text: str) -> str:
    return first_of(backgrounds.BACKGROUNDS, text.lower())


def count(text: str) -> int:
    word = first_of([*facts.NUMBERS, *"12345678"], text.lower())
    return int(word) if word.isdigit() else facts.NUMBERS.index(word) if word else 0


def motion(text: str) -> str:
    for word, pattern in MOTION_WORDS.items():
        if re.search(rf"\b(?:{pattern})", text.lower()):
            return word
    return ""


def neighbour(text: str) -> tuple[str, str]:
    """The nearest thing's name and where it is; ("", "") for an answer that there is none."""
    side = first_of(["on its left", "on its right", "above it", "below it"], text.lower())
    return name(text), side


def refuses(text: str) -> bool:
    return bool(re.search(r"can(?:no|')t (?:tell|know|say)|cannot (?:tell|know|say)|don't know", text.lower()))
