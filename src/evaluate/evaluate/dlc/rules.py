"""A judge without a model, for the drawn benchmark: reads the prompt as a language model would, and answers by rules.

Knows the words of the drawn benchmark's questions and the vocabulary of its pictures. It says nothing about captions of
photographs.
"""

import re
from typing import Any

from .. import prompts
from .benchmark import LETTERS

COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "grey")
VOCABULARY = {
    "colour": (*COLOURS, "several colours"),
    "background": (
        *("meadow", "beach", "night sky", "snowy field", "desert", "brick wall"),
        *("wooden table", "tiled floor", "forest", "city", "sunset sky", "stone wall"),
    ),
    "size": ("small", "medium-sized", "large"),
    "position": ("top left", "top right", "bottom left", "bottom right", "top", "bottom", "left", "right", "centre"),
    "texture": ("striped", "dotted", "checkered"),
}
SPELLINGS = {"gray": "grey", "color": "colour", "center": "centre", "multicoloured": "several colours"}
_PROMPT = re.compile(
    re.escape(prompts.DLC_JUDGE).replace(r"\{caption\}", "(?P<caption>.*)").replace(r"\{question\}", "(?P<asked>.*)"),
    re.DOTALL,
)
_RECOGNITION = re.compile(r"in the description (?:is (?:an?|the)|are) (.+?) or (?:an object|objects) of a similar type")
_OTHER = re.compile(r"The (\w+) of the .+ is mentioned, as something other than (.+)\.")
_PRESENT = re.compile(r"(?:An?|The|Any) (.+?) is mentioned\.")


class RulesJudge:
    """Answers the drawn benchmark's questions."""

    name = "rules (drawn pictures only)"

    async def answer(self, messages: list[dict[str, Any]], settings: dict[str, Any]) -> str:
        found = _PROMPT.fullmatch(messages[-1]["content"])
        if not found:
            return ""
        caption = plain(found["caption"])
        question, *lines = found["asked"].splitlines()
        choices = [line[3:] for line in lines]
        chosen = _choose(caption, question, choices)
        return f"{LETTERS[chosen]}. {choices[chosen]}" if chosen is not None else ""


def _choose(caption: str, question: str, choices: list[str]) -> int | None:
    thing = _RECOGNITION.search(question)
    if thing:
        return 0 if mentions(first_sentence(caption), thing[1]) else 1
    other = next((found for choice in choices if (found := _OTHER.fullmatch(choice))), None)
    if other:
        said = claim(other[1], caption)
        wanted = "as something other than" if said and said != other[2] else f"as {other[2]}." if said else "is not."
        return next((index for index, choice in enumerate(choices) if wanted in choice), None)
    present = next((found for choice in choices if (found := _PRESENT.fullmatch(choice))), None)
    if present:
        wanted = present[0] if mentions(caption, present[1].split(" of the ")[0]) else "No "
        return next((index for index, choice in enumerate(choices) if choice.startswith(wanted)), None)
    return None


def plain(text: str) -> str:
    """In lower case and British spelling."""
    text = text.lower()
    for american, british in SPELLINGS.items():
        text = text.replace(american, british)
    return text


def first_sentence(text: str) -> str:
    return text.split(". ")[0]


def mentions(text: str, words: str) -> bool:
    return bool(re.search(rf"\b{re.escape(words.lower())}(?:e?s)?\b", text))


def claim(attribute: str, caption: str) -> str:
    """What the caption says of an attribute; empty if it says nothing."""
    if attribute in ("colour", "texture", "size"):
        caption = first_sentence(caption)
    if attribute == "position":
        found = re.search(r"at the ([a-z -]+?) of the", caption)
        return found[1].replace("-", " ") if found else ""
    mainly = re.search(r"mainly (\w+)", caption) if attribute == "colour" else None
    if mainly and mainly[1] in COLOURS:
        return mainly[1]
    starts = [(found.start(), word) for word in VOCABULARY[attribute] if (found := re.search(rf"\b{word}\b", caption))]
    return min(starts)[1] if starts else ""
