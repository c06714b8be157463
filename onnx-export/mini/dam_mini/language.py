"""Questions about a region, and true answers to them.

Knows wording only; the truth comes as Facts. Every answer is one that evaluation can take apart again
(parse.py). What the model cannot know is answered by UNANSWERABLE.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from . import backgrounds, disclosure, palette, shapes, vocabulary
from .facts import MOTIONS, NUMBERS, Facts
from .vocabulary import with_article

DEFAULT_IMAGE = "Describe the masked region in detail."
DEFAULT_VIDEO = (
    "Given the video in the form of a sequence of frames above, describe the object in the masked "
    "region in the video in detail."
)
UNANSWERABLE = "I can't tell that from the picture."
UNRECOGNISED = "object I don't recognise"

DETAIL_VIDEO = [
    DEFAULT_VIDEO,
    DEFAULT_VIDEO,
    "Describe the object in the masked region in the video in detail.",
    "Describe the masked region in detail.",
    "Describe the masked region.",
]
DETAIL = [
    DEFAULT_IMAGE,
    DEFAULT_IMAGE,
    "Describe the masked region.",
    "Give a detailed description of the masked region.",
    "What can you see in the mask? Describe it in detail.",
    "Describe this in detail.",
]
BRIEF = [
    "Describe the masked region briefly.",
    "Describe the masked region in a few words.",
    "Short description please.",
    "Describe it in one short sentence.",
]
QUESTIONS: dict[str, list[str]] = {
    "name": ["What is this?", "What is it?", "Name the masked object.", "What object is in the mask?"],
    "word": ["What is it? Answer in one word.", "Describe the masked region in one word.", "One word: what is this?"],
    "colour": ["What colour is it?", "What color is it?", "What colour is the masked object?", "Which colour?"],
    "texture": ["What pattern does it have?", "Is it plain, striped, dotted or checkered?", "What texture does it have?"],
    "size": ["How big is it?", "What size is it?", "Is it small, medium-sized or large?"],
    "position": ["Where is it?", "Where in the picture is it?", "Where is the masked object in the image?"],
    "background": ["What is the background?", "What is behind it?", "Where was this picture taken?", "What scene is it in?"],
    "count": ["How many things are in the picture?", "How many objects are there?", "Count all objects in the image."],
    "neighbour": ["What is next to it?", "What is the nearest object?", "Which object is closest to it?"],
    "letter": ["What is written on it?", "Which letter is on it?", "Read the text on it."],
    "motion": ["How does it move?", "What does it do?", "Which way does it move?"],
}
CANNOT_KNOW = [
    "Who owns it?",
    "How much does it cost?",
    "How old is it?",
    "Who made it?",
    "What does it weigh?",
    "What does it smell like?",
    "When was this picture taken?",
    "What will happen next?",
    "What is inside it?",
    "What is its price?",
    "Who took the picture?",
    "What does it sound like?",
]


@dataclass(frozen=True)
class Turn:
    """One question with its true answer; `fact` names what it asks for."""

    fact: str
    question: str
    answer: str


def names() -> list[str]:
    """Every name the model is taught to say."""
    return [*vocabulary.THINGS, *(shapes.SHAPES if disclosure.SHAPE_NAMES else ["shape"])]


def colour_clause(f: Facts) -> str:
    """For things whose name does not carry the colour: ", mainly red"; nothing where no colour prevails."""
    if f.kind == "shape":
        return ""
    return f", of {palette.MIXED}" if f.colour == palette.MIXED else f", mainly {f.colour}"


def subject(f: Facts, say: frozenset[str]) -> str:
    """A noun phrase with article, size and letter as far as these are said; plural names take no article."""
    words = UNRECOGNISED if f.kind == "unknown" else f.phrase
    if f.size and "size" in say:
        words = f"{f.size} {words}"
    if f.said not in vocabulary.PLURAL:
        words = with_article_before(words) + words
    letter = f" with {written(f)} on it" if f.letter and "letter" in say else ""
    return words + letter + colour_clause(f)


def written(f: Facts) -> str:
    return f"the letter {f.letter}" if disclosure.LETTERS else "a letter"


def with_article_before(words: str) -> str:
    return "an " if words[0] in "aeiou" else "a "


def capital(text: str) -> str:
    return text[0].upper() + text[1:]


def detail(f: Facts, rng: random.Random, say: frozenset[str] = disclosure.DETAIL) -> str:
    """The detailed description: what, size, colour, texture, letter, ground, position, motion, as far as said."""
    opening = rng.choice(["", "This is ", "The masked region shows "])
    first = capital(opening + subject(f, say)) + "."
    place, at = backgrounds.PLACES[f.background], f"at the {f.position} of the picture"
    if not f.position or "position" not in say:
        second = f" It is {place}."
    else:
        second = rng.choice([f" It is {place}, {at}.", f" It is {at}, {place}."])
    return first + second + (f" It {MOTIONS[disclosure.told_motion(f.motion)]}." if f.motion else "")


def brief(f: Facts) -> str:
    if f.kind == "unknown":
        return capital(with_article(UNRECOGNISED)) + colour_clause(f) + "."
    return capital(with_article(f.phrase)) + "."


def _choice(f: Facts, fact: str, rng: random.Random) -> Turn:
    if fact == "colour":
        right, others, ask = f.colour, palette.NAMES, "What colour is it?"
    elif fact == "name":
        right, others, ask = f.said, names(), "What is it?"
    else:
        right, others, ask = f.background, backgrounds.BACKGROUNDS, "What is the background?"
    options = rng.sample([o for o in others if o != right], 2)
    k = rng.randint(0, 2)
    options.insert(k, right)
    a, b, c = options
    return Turn(f"choice of {fact}", f"{ask} A) {a} B) {b} C) {c}", f"{'ABC'[k]}) {right}")


def _yes_no(f: Facts, fact: str, rng: random.Random) -> Turn:
    """Half of the time about a wrong value, whose answer says the right one."""
    true = rng.random() < 0.5
    if fact == "colour":
        asked = f.colour if true else rng.choice([c for c in palette.NAMES if c != f.colour])
        question, right = f"Is it {asked}?", f.colour
    else:
        asked = f.said if true else rng.choice([n for n in names() if n != f.said])
        question, right = f"Is it {with_article(asked)}?", with_article(f.said)
    return Turn(f"yes or no, {fact}", question, "Yes." if true else f"No, it is {right}.")


def turns(f: Facts, rng: random.Random) -> list[Turn]:
    """Every fair question about the region, each once, in no particular order; details come first."""
    ask = rng.choice(DETAIL_VIDEO if f.motion else DETAIL)
    found = [Turn("detail", ask, detail(f, rng)), Turn("brief", rng.choice(BRIEF), brief(f))]

    def add(fact: str, answer: str) -> None:
        found.append(Turn(fact, rng.choice(QUESTIONS[fact]), answer))

    known = f.kind != "unknown"
    add("name", capital(with_article(f.said)) + "." if known else brief(f))
    add("word", capital(f.said) + "." if known else "Unknown.")
    add("background", capital(f.background) + ".")
    if f.size:
        add("size", capital(f.size) + ".")
    if f.kind == "shape":
        add("colour", capital(f.colour) + ".")
        add("texture", capital(f.texture) + ".")
        add("letter", capital(written(f)) + "." if f.letter else "Nothing.")
    elif f.colour == palette.MIXED:
        add("colour", capital(f.colour) + ".")
    else:
        add("colour", f"Mainly {f.colour}.")
    if f.position_is_sharp:
        add("position", f"At the {f.position} of the picture.")
    if f.count:
        add("count", capital(NUMBERS[f.count]) + ".")
    if f.neighbour:
        add("neighbour", f"{capital(f.neighbour)}, {f.relation}.")
    elif f.alone:
        add("neighbour", "Nothing.")
    if f.motion:
        add("motion", f"It {MOTIONS[disclosure.told_motion(f.motion)]}.")
    if f.kind == "shape":
        found += [_choice(f, "colour", rng), _yes_no(f, "colour", rng)]
    if known and (disclosure.SHAPE_NAMES or f.kind != "shape"):
        found += [_choice(f, "name", rng), _yes_no(f, "name", rng)]
    found.append(_choice(f, "background", rng))
    found.append(Turn("cannot know", rng.choice(CANNOT_KNOW), UNANSWERABLE))
    return found
