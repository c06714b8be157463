"""What is said about a region: true answers in the requested form.

Facts come in, sentences go out. Evaluation can parse every sentence back into its facts (parse.py).
"""

from __future__ import annotations

import random

from . import backgrounds, disclosure, palette, shapes, vocabulary
from .facts import MOTIONS, NUMBERS, Facts
from .phrases import capital
from .vocabulary import with_article

UNANSWERABLE = "I can't tell that from the picture."
ENGLISH_ONLY = "I can only answer in English."
UNRECOGNISED = "object I don't recognise"
NO_GROUND = "I don't recognise the background."

MOTION_WORDS = {
    "left": "Left.",
    "right": "Right.",
    "up": "Up.",
    "down": "Down.",
    "approaching": "Closer.",
    "leaving": "Away.",
    "still": "Nowhere.",
    "turning": "Around.",
}
MOVING = {
    "left": "moving to the left",
    "right": "moving to the right",
    "up": "moving up",
    "down": "moving down",
    "approaching": "coming closer",
    "leaving": "moving away",
    "still": "staying in place",
}


def names() -> list[str]:
    """All names that the model learns to say."""
    return [*vocabulary.THINGS, *(shapes.SHAPES if disclosure.SHAPE_NAMES else ["shape"])]


def colour_clause(f: Facts) -> str:
    """ ", mainly red"; empty for shapes, whose phrase already has the colour."""
    if f.kind == "shape":
        return ""
    return f", of {palette.MIXED}" if f.colour == palette.MIXED else f", mainly {f.colour}"


def phrase(f: Facts, coloured: bool = True) -> str:
    """The thing in a few words, without an article."""
    if f.kind == "unknown":
        return UNRECOGNISED
    if f.kind != "shape":
        return f.name
    words = [f.colour if coloured else "", "" if f.texture == "plain" else f.texture, f.said]
    return " ".join(filter(None, words))


def subject(f: Facts, say: frozenset[str]) -> str:
    """A noun phrase with article and the facts of `say`; plural names take no article."""
    words = phrase(f, "colour" in say)
    if f.size and "size" in say:
        words = f"{f.size} {words}"
    if f.said not in (*vocabulary.PLURAL, *vocabulary.UNCOUNTABLE):
        words = with_article_before(words) + words
    letter = f" with {written(f)} on it" if f.letter and "letter" in say else ""
    return words + letter + (colour_clause(f) if "colour" in say else "")


def written(f: Facts) -> str:
    """The letter, or "a letter" if letters are not disclosed."""
    return f"the letter {f.letter}" if disclosure.LETTERS else "a letter"


def with_article_before(words: str) -> str:
    """ "a " or "an ", whichever fits."""
    return "an " if words[0] in "aeiou" else "a "


def place(f: Facts, coloured: bool = True) -> str:
    """The background as a phrase, such as "in a green meadow"; empty if it has no name."""
    return (backgrounds.PLACES if coloured else backgrounds.COLOURLESS_PLACES).get(f.background, "")


def detail(f: Facts, rng: random.Random, say: frozenset[str] = disclosure.DETAIL) -> str:
    """The detailed description with the facts of `say`."""
    opening = rng.choice(["", "This is ", "The masked region shows "])
    first = capital(opening + subject(f, say)) + "."
    at = f"at the {f.position} of the picture" if f.position and "position" in say else ""
    parts = [p for p in (place(f, "colour" in say), at) if p]
    if rng.random() < 0.5:
        parts.reverse()
    second = f" It is {', '.join(parts)}." if parts else ""
    return first + second + (f" It {MOTIONS[disclosure.told_motion(f.motion)]}." if f.motion else "")


def brief(f: Facts) -> str:
    """A few words; shapes and unknown things come with their colour."""
    if f.kind == "unknown":
        return capital(with_article(UNRECOGNISED)) + colour_clause(f) + "."
    return capital(with_article(f.phrase)) + "."


def one_sentence(f: Facts, say: frozenset[str]) -> str:
    """A description in one sentence."""
    parts = [p for p in (place(f, "colour" in say), f"at the {f.position} of the picture" if f.position else "") if p]
    move = f"; it {MOTIONS[disclosure.told_motion(f.motion)]}" if f.motion else ""
    return "This is " + ", ".join([subject(f, say), *parts]) + move + "."


def described(f: Facts, form: str, rng: random.Random) -> str:
    """A description in the requested form."""
    forms = set(form.split("+"))
    say = disclosure.DETAIL - {"colour"} if "no colour" in forms else disclosure.DETAIL
    if forms & {"word", "name only"}:
        return capital(f.said) + "." if f.kind != "unknown" else "Unknown."
    if "few" in forms:
        return brief(f) if "no colour" not in forms else capital(with_article(phrase(f, False))) + "."
    if "brief" in forms:
        where = place(f, "colour" in say) or (f"at the {f.position}" if f.position else "")
        return capital(subject(f, say - {"letter"})) + (f", {where}" if where else "") + "."
    return one_sentence(f, say) if "sentence" in forms else detail(f, rng, say)


def value(f: Facts, fact: str) -> str:
    """The fact as it reads after "it is"; empty if it is missing or ambiguous."""
    if fact == "name":
        return with_article(f.said)
    if fact == "colour":
        return (
            f.colour if f.kind == "shape" else f"of {f.colour}" if f.colour == palette.MIXED else f"mainly {f.colour}"
        )
    if fact == "texture":
        return f.texture if f.kind == "shape" else ""
    if fact == "size":
        return f.size
    if fact == "position":
        return f"at the {f.position}" if f.position and f.position_is_sharp else ""
    return place(f)


def reply(f: Facts, fact: str, form: str) -> str:
    """The true answer to a question about one fact; empty if the fact is missing or ambiguous."""
    word, sentence, few = form == "word" or form == "name only", form == "sentence", form in ("few", "brief")
    known = f.kind != "unknown"
    if fact == "name":
        if not known:
            return "Unknown." if word else "I don't recognise this object." if sentence else brief(f)
        if sentence:
            return f"{'These are' if f.said in vocabulary.PLURAL else 'It is'} {with_article(f.said)}."
        return capital(f.said if word else with_article(f.said)) + "."
    if fact == "colour":
        if f.colour == palette.MIXED:
            return "Multicoloured." if word else f"It has {f.colour}." if sentence else capital(f.colour) + "."
        if word:
            return capital(f.colour) + "."
        return f"It is {value(f, fact)}." if sentence else capital(value(f, fact)) + "."
    if fact in ("texture", "size"):
        said = value(f, fact)
        return "" if not said else f"It is {said}." if sentence else capital(said) + "."
    if fact == "position":
        if not value(f, fact):
            return ""
        if word:
            return capital(f.position.replace(" ", "-")) + "."
        return (
            f"It is at the {f.position} of the picture."
            if sentence
            else f"At the {f.position}{'' if few else ' of the picture'}."
        )
    if fact == "background":
        if not f.background:
            return "Unknown." if word else NO_GROUND
        return f"It is {place(f)}." if sentence else capital(place(f) if few else f.background) + "."
    if fact == "count":
        if not f.count:
            return ""
        number, things = NUMBERS[f.count], "thing" if f.count == 1 else "things"
        if sentence:
            return f"There {'is' if f.count == 1 else 'are'} {number} {things} in the picture."
        return capital(f"{number} {things}" if few else number) + "."
    if fact == "neighbour":
        if not f.neighbour:
            return "" if not f.alone else "There is nothing else in the picture." if sentence else "Nothing."
        if word:
            return capital(f.neighbour_said) + "."
        if sentence:
            return f"The nearest thing is {f.neighbour}, {f.relation}."
        return capital(f.neighbour) + ("." if few else f", {f.relation}.")
    if fact == "letter":
        if f.kind != "shape":
            return ""
        if not f.letter:
            return "Nothing is written on it." if sentence else "Nothing."
        return (
            f"{capital(written(f))} is written on it."
            if sentence
            else f"{f.letter}."
            if word
            else capital(written(f)) + "."
        )
    if fact == "motion":
        told = disclosure.told_motion(f.motion) if f.motion else ""
        return (
            ""
            if not told
            else MOTION_WORDS[told]
            if word
            else capital(MOTIONS[told]) + "."
            if few
            else f"It {MOTIONS[told]}."
        )
    if fact == "brightness":
        return (
            ""
            if not f.brightness
            else f"It is {f.brightness} than the background."
            if sentence
            else capital(f.brightness) + "."
        )
    if fact == "bigger":
        return (
            ""
            if not f.bigger
            else f"It is {f.bigger} than the thing next to it."
            if sentence
            else capital(f.bigger) + "."
        )
    if not f.largest:
        return ""
    if sentence:
        return "Yes, it is the largest thing." if f.largest == "yes" else "No, it is not the largest thing."
    return capital(f.largest) + "."
