"""Training questions composed from parts: nouns for each fact, and sentence patterns they fit into.

A composed question that equals a phrase kept for evaluation is rejected.
"""

from __future__ import annotations

import functools
import random
import re

from .phrases import ASKS, shown
from .wording import PARTS

NOUNS: dict[str, list[str]] = {
    "name": ["name", "kind of thing", "type of object", "identity", "sort of object", "kind", "right name", "usual name"],
    "colour": ["colour", "hue", "main colour", "shade", "tint", "colouring", "overall colour", "colours", "dominant colour"],
    "texture": ["pattern", "texture", "design", "surface pattern", "kind of pattern", "decoration", "patterning"],
    "size": ["size", "dimensions", "rough size", "scale", "extent", "relative size", "size in the picture"],
    "position": ["position", "location", "place", "whereabouts", "spot", "position in the image", "place in the frame", "placement"],
    "background": [
        "background", "scene", "setting", "surroundings", "environment", "scenery", "backdrop", "landscape", "kind of place", "ground",
    ],
    "neighbour": ["neighbour", "nearest neighbour", "closest neighbour", "nearest object", "closest thing"],
    "letter": ["letter", "text", "inscription", "writing", "lettering"],
    "motion": ["motion", "movement", "direction", "direction of travel", "way of moving", "course"],
}  # fmt: skip
"""Nouns for each fact, as used after "its"."""
TOTALS = [
    "number of things", "number of objects", "total", "count", "total number of things", "object count", "number of items", "sum of all things",
    "total of objects", "total count", "number of objects in view", "number of things shown", "tally",
]  # fmt: skip
"""Nouns for the count, as used after "the"."""
OWNED = [
    "the {n} of {it}",
    "its {n}",
    "{it}'s {n}",
    "the {n} {it} has",
    "the {n} of the thing",
    "the {n} of this",
    "the {n} of what I marked",
]
SCENES = [
    "the {n}",
    "the {n} of the picture",
    "the {n} of {it}",
    "the {n} in the image",
    "the {n} here",
    "the {n} it is in",
    "its {n}",
]

ASK_BEING: dict[str, list[str]] = {
    "name": [
        "what", "what kind of thing", "which object", "what object", "what thing", "what sort of thing", "what type of object", "which thing",
    ],
    "colour": ["what colour", "which colour", "what hue", "what shade", "what main colour", "of what colour", "which shade"],
    "size": ["how big", "how large", "what size", "of what size", "how small or large", "how small or big", "how sizeable"],
    "position": [
        "where", "whereabouts", "in which part of the picture", "in what part of the image", "in which area", "on which side", "in which corner",
        "at which place", "where in the picture", "where in the frame", "at what spot",
    ],
    "background": [
        "in what environment", "in what scene", "in which setting", "in what kind of place", "in what surroundings", "in which scenery",
        "in front of what", "against what background", "on what ground", "in what landscape",
    ],
}  # fmt: skip
"""Question words that take "is it"."""
BEING = [
    "{w} is {it}?", "{w} might {it} be?", "{w} may {it} be?", "{w} do you think {it} is?", "{w} would you say {it} is?", "{w} does {it} seem to be?",
    "{w} does {it} appear to be?", "{w} do you find {it} is?", "{w} is {it} in your view?", "{w} is {it} here?", "{w} is {it} exactly?",
    "{w} exactly is {it}?", "{w} is {it} really?", "{w} should I say {it} is?", "{w} do you believe {it} is?", "{it} is {w}?", "{w} can {it} be?",
    "{w} must {it} be?", "{w} would {it} be?", "{w} was {it}, again?", "{w} is {it} then?",
]  # fmt: skip
ASK_HAVING: dict[str, list[str]] = {
    "colour": [
        "what colour",
        "which colour",
        "what hue",
        "what shade",
        "what colours",
        "which colours",
        "what tint",
        "what main colour",
    ],
    "texture": [
        "what pattern",
        "which pattern",
        "what texture",
        "what design",
        "what kind of pattern",
        "what sort of pattern",
        "which design",
    ],
    "size": ["what size", "which size", "what dimensions", "what extent"],
    "position": ["what position", "what place in the picture", "which location", "what place"],
    "background": ["what background", "what surroundings", "which backdrop", "what setting"],
    "letter": ["what letter", "which letter", "what text", "which character", "what inscription"],
}
"""Question words that take "does it have"."""
HAVING = [
    "{w} does {it} have?", "{w} has {it} got?", "{w} does {it} show?", "{w} do you see on {it}?", "{w} can I see on {it}?", "{w} would you say {it} has?",
    "{w} do you think {it} has?", "{w} might {it} have?", "{w} does {it} seem to have?", "{it} has {w}?", "{w} is {it} in?", "{w} can be seen on {it}?",
]  # fmt: skip
HELD = [
    "{w} does {it} have?", "{w} has {it} got?", "{w} would you say {it} has?", "{w} do you think {it} has?", "{w} might {it} have?",
    "{w} does {it} seem to have?", "{it} has {w}?",
]  # fmt: skip
"""Patterns for facts that cannot be seen on the thing itself."""
PAIRS: dict[str, tuple[list[str], list[str]]] = {
    "size": (
        ["how much room", "how much space", "what share of the image", "what part of the whole", "how much of the frame"],
        ["does {it} fill", "does {it} need", "does {it} take", "is covered by {it}", "is filled by {it}", "does {it} cover"],
    ),
    "letter": (
        ["what", "which letter", "what letter", "what text", "which character", "what writing"],
        [
            "is on {it}", "is written on {it}", "can be read on {it}", "do you read on {it}", "is painted on {it}", "can you see written on {it}",
            "stands on {it}", "is to be read on {it}", "is printed across {it}",
        ],
    ),
    "count": (
        ["how many things", "how many objects", "how many items", "how many separate things", "how many different objects", "what number of objects"],
        [
            "are there", "are in the picture", "are shown", "are visible", "do you count", "can you count", "are in the scene", "does the picture hold",
            "are to be seen", "does this image show", "are in view", "are in front of us", "would you count", "are there in all", "do you find here",
        ],
    ),
    "neighbour": (
        ["what", "which object", "what object", "which thing", "what thing", "what else", "which other thing"],
        [
            "is next to {it}", "is beside {it}", "is near {it}", "is nearest to {it}", "is closest to {it}", "lies near {it}", "is alongside {it}",
            "stands close to {it}", "is right beside {it}", "do you see next to {it}", "is by the side of {it}", "is found next to {it}", "comes closest to {it}",
        ],
    ),
    "motion": (
        ["how", "which way", "in which direction", "in what direction", "where", "in what way", "which direction"],
        [
            "does {it} move", "does {it} go", "is {it} moving", "is {it} going", "does {it} travel", "is {it} heading", "does {it} shift", "has {it} moved",
            "does {it} move over time", "does {it} change its place",
        ],
    ),
    "background": (
        ["what", "what kind of place", "which scene", "what sort of scenery", "what landscape", "what environment"],
        [
            "is behind {it}", "is around {it}", "surrounds {it}", "do you see behind {it}", "can be seen around {it}", "is there behind {it}", "is shown behind {it}",
            "lies behind {it}", "does the picture show around {it}",
        ],
    ),
}  # fmt: skip
"""Beginnings and endings of questions; any pair asks for the fact."""
OF_NOUN = [
    "What is {x}?", "What's {x}?", "What would {x} be?", "What might {x} be?", "What is {x}, please?", "What about {x}?", "And {x}?", "Do you know {x}?",
    "Can you see {x}?", "Identify {x}.", "Determine {x}.", "Specify {x}.", "Indicate {x}.", "Write {x}.", "Provide {x}.", "Mention {x}.", "Work out {x}.",
    "Which is {x}?", "What do you take {x} to be?", "Could I have {x}?", "May I know {x}?", "I am looking for {x}.", "Answer with {x}.", "Output {x}.",
    "Return {x}.", "Tell me about {x}.", "How would you describe {x}?", "Describe {x}.", "I'm interested in {x}.", "Let me have {x}.", "Fill in {x}.",
    "{x}:", "What do you think {x} is?", "What would you call {x}?", "I was asked for {x}.", "Is there any way to tell {x}?",
]  # fmt: skip
OF_CLAUSE = [
    "Identify {x}.", "Determine {x}.", "Do you see {x}?", "Can you work out {x}?", "Find out {x}.", "Please find out {x}.", "I'm asking {x}.", "Explain {x}.",
    "Describe {x}.", "Guess {x}.", "I need to know {x}.", "Are you able to tell {x}?", "Any idea {x}?", "Help me see {x}.", "Work out {x}.", "Do tell me {x}.",
    "Show me {x}.", "Check {x}.", "I can't see {x}.", "Can you say {x}?", "Is it clear {x}?", "I'd love to know {x}.", "Write {x}.", "Please say {x}.",
    "The question is {x}.", "May I ask {x}?",
]  # fmt: skip


@functools.cache
def kept(fact: str) -> frozenset[str]:
    """The phrases for a fact that are kept for evaluation."""
    phrases = ASKS[fact]
    lists = (phrases.questions, phrases.nouns, phrases.clauses)
    return frozenset(bare(p) for some in lists for p in shown(some, True))


def bare(text: str) -> str:
    """The phrase in lower case without punctuation, with "it" for the region."""
    text = re.sub(r"\{it\}|\bits\b|\bthe object's\b", "it", text.lower().replace("{it}'s", "it"))
    return " ".join(re.findall(r"[a-z]+", text))


def can(fact: str) -> bool:
    """Whether questions for this fact can be composed."""
    return fact in NOUNS or fact in PAIRS


def ask(fact: str, rng: random.Random) -> str:
    """A question for a fact, with {it} in place of the region."""
    while True:
        parts = _composed(fact, rng)
        if not any(bare(p) in kept(fact) for p in parts):
            return parts[-1]


def _composed(fact: str, rng: random.Random) -> tuple[str, ...]:
    """A question, after the noun phrase or clause that it contains, if any."""
    ways = [
        k
        for k, words in (("noun", NOUNS), ("being", ASK_BEING), ("having", ASK_HAVING), ("pair", PAIRS))
        if fact in words
    ]
    way = rng.choice([*ways, "noun"] if fact in NOUNS else [*ways, "total"] if fact == "count" else ways)
    if way in ("noun", "total"):
        forms = (
            SCENES
            if fact == "background"
            else ["the {n}", "the {n} in the picture", "the {n} here"]
            if way == "total"
            else OWNED
        )
        noun = rng.choice(forms).replace("{n}", rng.choice(NOUNS[fact] if way == "noun" else TOTALS))
        return noun, rng.choice(OF_NOUN).replace("{x}", noun)
    if way == "pair":
        first, second = PAIRS[fact]
        core = f"{rng.choice(first)} {rng.choice(second)}"
        return core, f"{core}?"
    words, sentences = (
        (ASK_BEING, BEING)
        if way == "being"
        else (ASK_HAVING, HELD if fact in ("size", "position", "background") else HAVING)
    )
    word = rng.choice(words[fact])
    if rng.random() < 0.3:
        core = f"{word} {{it}} {'is' if way == 'being' else 'has'}"
        return core, rng.choice(OF_CLAUSE).replace("{x}", core)
    return (rng.choice(sentences).replace("{w}", word),)


def part(fact: str, rng: random.Random) -> str:
    """A noun for a fact in a list."""
    taught = [n for n in NOUNS[fact] if n not in shown(PARTS[fact], True)]
    return rng.choice(taught)


YES_NO = [
    "Is it right that {it} is {x}?", "Is it correct that {it} is {x}?", "Would you agree that {it} is {x}?", "Do you agree that {it} is {x}?",
    "Do you believe {it} is {x}?", "Would it be fair to say that {it} is {x}?", "Would it be correct to say {it} is {x}?", "Can one say that {it} is {x}?",
    "Check if {it} is {x}.", "Can you check whether {it} is {x}?", "Verify that {it} is {x}.", "Please verify whether {it} is {x}.", "Say whether {it} is {x}.",
    "Please say if {it} is {x}.", "I believe {it} is {x}. Correct?", "{it} is {x}. True?", "{it} is {x}, correct?", "{it} is {x}. Yes or no?",
    "Answer yes or no: is {it} {x}?", "Might {it} be {x}?", "Can {it} be {x}?", "Does it look as if {it} is {x}?", "Find out whether {it} is {x}.",
    "I'd like to know whether {it} is {x}.", "Do you find that {it} is {x}?", "Someone said {it} is {x}. Is that true?", "I say {it} is {x}. Am I right?",
    "So {it} is {x}?", "{it} is {x}?", "Are you sure that {it} is {x}?", "Does it seem to you that {it} is {x}?", "Look whether {it} is {x}.",
    "Is {it} really {x}?", "Is {it} maybe {x}?", "Would you call it true that {it} is {x}?", "Should I say {it} is {x}?", "Please confirm that {it} is {x}.",
]  # fmt: skip
"""More yes/no questions, for training only."""
_DESCRIBE = [
    "What can be said about {it}?", "Please describe {it}.", "Could you describe {it} for me?", "Let me have a description of {it}.", "Say something about {it}.",
    "What do you notice about {it}?", "Write about {it}.", "Put {it} into words.", "Say what there is to see.", "Make a caption for {it}.", "Depict {it} in words.",
    "Sum up {it}.", "Summarise what you see.", "Sketch {it} in words.", "I can't see the picture. What does {it} look like?", "Help me picture {it}.",
    "What should I know about {it}?", "Give an account of {it}.", "Talk about {it}.", "Report on {it}.", "Do a description of {it}.", "What do we have here?",
    "Give me all you see of {it}.", "Please caption {it}.", "A description of {it}, please.", "Tell me everything about {it}.", "Introduce {it}.", "Characterise {it}.",
    "How could one describe {it}?", "Give me a summary.", "Summarise {it}.", "I want a summary of {it}.", "Outline what you see.",
    "What is to be seen in the mask?", "Tell me how {it} looks.", "Tell me what {it} looks like, please.", "Could I have a description of {it}?",
]  # fmt: skip


def describe(rng: random.Random) -> str:
    """A request for a description."""
    while bare(made := rng.choice(_DESCRIBE)) in kept("describe"):
        pass
    return made
