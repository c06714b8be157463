"""Phrases for questions: what the region is called, requests, yes/no patterns, choices and lists."""

from __future__ import annotations

import random

from .phrases import ASKS, capital, pick

IT = [
    "it", "this", "it", "this thing", "this object", "the masked object", "it", "the object in the mask", "the thing in the mask",
    "the marked object", "that", "the object", "the thing", "the masked thing", "it", "the highlighted object", "the selected object",
    "the thing that is marked", "the masked region", "the object in the masked region", "the region", "the marked thing",
    "the highlighted thing", "the selected region", "the object I marked", "the thing I selected", "the highlighted region", "that object",
]  # fmt: skip
"""Names for the region."""

REQUESTS_NOUN = [
    "Tell me {x}.", "Give me {x}.", "Please give me {x}.", "State {x}.", "I need {x}.", "{x}?", "Name {x}.", "Please state {x}.", "{x}, please.",
    "I'd like to have {x}.", "Could you give me {x}?", "Say {x}.", "Can you tell me {x}?", "Please tell me {x}.", "Find {x}.", "{x}",
    "I want {x}.", "Give {x}.", "Just tell me {x}.", "Report {x}.",
]  # fmt: skip
REQUESTS_CLAUSE = [
    "Tell me {x}.", "Please tell me {x}.", "Can you tell me {x}?", "Could you please tell me {x}?", "I'd like to know {x}.", "Do you know {x}?",
    "Say {x}.", "I want to know {x}.", "Could you say {x}?", "Would you tell me {x}?", "Please say {x}.", "I wonder {x}.", "Let me know {x}.",
    "Can you see {x}?", "Would you mind telling me {x}?",
]  # fmt: skip

YES_NO = [
    "Is {it} {x}?", "Is it {x}?", "{it} is {x}, isn't it?", "Would you say {it} is {x}?", "Is it true that {it} is {x}?", "Can you confirm that {it} is {x}?", "Yes or no: is {it} {x}?",
    "Is {it} {x}, yes or no?", "Do you think {it} is {x}?", "Is it {x}, yes or no?", "Is that {x}?", "Could {it} be {x}?", "Am I right that {it} is {x}?",
    "Would it be right to say {it} is {x}?", "Tell me if {it} is {x}.", "Tell me whether {it} is {x}.", "True or false: {it} is {x}?", "I think {it} is {x}. Is that right?",
    "Please check whether {it} is {x}.", "{it} is {x}, right?",
]  # fmt: skip
"""Yes/no questions about {x}."""

CHOICES = [
    "{q} {options}", "{q} Choose: {options}", "{q} Pick one: {options}", "{q} Select the right one: {options}", "{q} Options: {options}", "Choose the right answer. {q} {options}",
    "{q} Is it {options}?", "{q} One of these: {options}", "Which is right? {q} {options}", "{q}\n{options}",
]  # fmt: skip

LISTS = [
    "List {x}.", "Name {x}.", "What are {x}?", "Give {x}.", "Tell me {x}.", "Please list {x}.", "I'd like to know {x}.", "State {x}.", "Can you list {x}?",
    "Can you tell me {x}?", "Make a list of {x}.", "{x}?", "Give me {x}, please.", "Write down {x}.", "Please give {x}.",
]  # fmt: skip
"""Requests for several facts; {x} is "its colour, size and position"."""

PARTS: dict[str, list[str]] = {
    "name": ["name", "name", "kind", "identity", "name"],
    "colour": ["colour", "colour", "main colour", "hue", "colour"],
    "size": ["size", "size", "rough size", "dimensions", "size"],
    "texture": ["pattern", "pattern", "texture", "design", "pattern"],
    "position": ["position", "place in the picture", "location", "whereabouts", "place"],
    "background": ["background", "surroundings", "background", "setting", "background"],
}
"""Names of the facts in a list."""


def ask(fact: str, rng: random.Random, held_out: bool = False) -> str:
    """A question for a fact, without a requested form."""
    phrases = ASKS[fact]
    lot = rng.random()
    if lot < 0.55 or (lot < 0.75 and not phrases.nouns):
        core = pick(phrases.questions, rng, held_out)
    elif lot < 0.75:
        core = pick(REQUESTS_NOUN, rng).replace("{x}", pick(phrases.nouns, rng, held_out))
    else:
        core = pick(REQUESTS_CLAUSE, rng).replace("{x}", pick(phrases.clauses, rng, held_out))
    return capital(referring(core, rng))


def referring(text: str, rng: random.Random) -> str:
    """The phrase with a name for the region in place of {it}; repeated mentions become "it"."""
    return text.replace("{it}", pick(IT, rng), 1).replace("{it}", "it")
