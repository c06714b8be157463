"""What surrounds a question: the requested form of the answer, polite words, spelling and typing slips."""

from __future__ import annotations

import random
import re

from .phrases import pick

AROUND = [
    "{q}", "{q}", "{q}", "Would you help me? {q}", "Please: {q}", "Hi! {q}", "Hello, {q}", "{q} Thanks!", "Excuse me, {q}", "{q} Thank you.", "Quick question: {q}",
    "Look at the picture. {q}", "I have a question: {q}", "Have a look. {q}", "Hey, {q}", "Look at the mask. {q}", "{q} Please.", "So, {q}", "My question is: {q}",
    "Kindly answer: {q}", "{q} Thanks in advance.", "One question: {q}",
]  # fmt: skip

FORMS: dict[str, tuple[list[str], list[str]]] = {
    "word": (
        [
            "In one word:", "Answer with one word:", "One word:", "With one word:", "In a single word:", "One word only:", "Use one word:",
            "Answer in one word:", "In just one word:", "Reply with a single word:",
        ],
        [
            "Answer in one word.", "One word only.", "Use one word.", "Reply with one word.", "One word, please.", "Answer with a single word.",
            "Just one word.", "In one word.", "Give a one-word answer.", "Keep it to one word.",
        ],
    ),
    "few": (
        [
            "In a few words:", "Use a few words:", "With a few words:", "Answer in a few words:", "In two or three words:", "A few words only:",
            "In just a few words:", "In no more than a few words:", "In as few words as possible:", "Using only a few words:",
        ],
        [
            "Answer in a few words.", "A few words are enough.", "Use only a few words.", "In a few words, please.", "Just a few words.", "In a few words.",
            "Reply in a few words.", "No more than a few words.", "Only a few words.", "Keep it to a few words.",
        ],
    ),
    "brief": (
        [
            "Briefly:", "In short:", "Be brief:", "Short answer:", "Answer briefly:", "Keep it short:", "Short and simple:", "Quickly:", "To be brief:", "In brief:",
        ],
        [
            "Answer briefly.", "Be brief.", "Keep it short.", "A short answer, please.", "Short answer.", "In short.", "Briefly, please.", "Please be brief.",
            "Make it short.", "Keep the answer short.",
        ],
    ),
    "sentence": (
        [
            "In one sentence:", "Answer in one sentence:", "With one sentence:", "Using one full sentence:", "In a full sentence:", "In a complete sentence:",
            "Use one sentence:", "One sentence:", "In a single sentence:", "Write one sentence:",
        ],
        [
            "Answer in one sentence.", "Use a full sentence.", "In one sentence, please.", "One sentence, please.", "Reply in a complete sentence.", "In one sentence.",
            "Answer with a whole sentence.", "Answer in a single sentence.", "Just one sentence.", "A full sentence, please.",
        ],
    ),
    "detail": (
        [
            "In detail:", "Be detailed:", "As detailed as you can:", "With all details:", "With details:", "Thoroughly:", "At length:", "In full detail:",
            "In great detail:", "With as many details as possible:",
        ],
        [
            "In detail, please.", "Be detailed.", "In detail.", "Give all details.", "Answer in detail.", "With all details.", "Be thorough.", "Go into detail.",
            "Include the details.", "Give me every detail.",
        ],
    ),
    "name only": (
        [
            "Just the name:", "Only the name:", "Name only:", "Answer with the name only:", "Only its name:", "Give just the name:", "Nothing but the name:",
            "The name and nothing else:", "Just its name:", "With the name alone:",
        ],
        [
            "Only the name.", "Just the name.", "Name only, please.", "Give only the name.", "Answer with just the name.", "Nothing but the name.", "Only its name, please.",
            "The name alone is enough.", "The name is enough.", "Just give the name.",
        ],
    ),
    "no colour": (
        [
            "Without the colour:", "Without naming colours:", "Leave out the colour:", "Without any colours:", "Don't mention colours:", "Not mentioning the colour:",
            "Without mentioning its colour:", "No colours:", "Leaving out colours:", "Ignore the colour:",
        ],
        [
            "Leave out the colour.", "Don't mention the colour.", "Without the colour.", "Do not name any colours.", "No colours, please.", "Without colours.",
            "Don't say its colour.", "Skip the colour.", "Omit the colour.", "But without its colour.",
        ],
    ),
    "letter only": (
        [
            "Answer with the letter only:", "Only the letter:", "Just the letter:", "Reply with the option's letter:", "Choose a letter:", "Letter only:",
            "With the letter alone:", "Give only the letter:", "Pick the letter:", "Answer with A, B or C:",
        ],
        [
            "Answer with the letter only.", "Only the letter.", "Just the letter.", "Reply with a single letter.", "Give only the letter.", "Letter only, please.",
            "Answer A, B or C.", "Just the letter, please.", "Choose the letter.", "The letter is enough.",
        ],
    ),
}  # fmt: skip
"""Requests for a form of the answer: those before the question, and those after it."""

AMERICAN = {
    "colour": "color", "grey": "gray", "recognise": "recognize", "neighbour": "neighbor", "centre": "center", "checkered": "checkered", "aeroplane": "airplane",
    "doughnut": "donut", "aubergine": "eggplant", "metres": "meters", "ladybird": "ladybug", "sailing boat": "sailboat",
}  # fmt: skip


def american(text: str) -> str:
    """The same in American spelling."""
    for british, word in AMERICAN.items():
        text = re.sub(british, word, text)
        text = re.sub(british.capitalize(), word.capitalize(), text)
    return text


def slip(text: str, rng: random.Random) -> str:
    """The text with one typing slip in a word of five letters or more, if there is one."""
    words = [m for m in re.finditer(r"[A-Za-z]{5,}", text)]
    if not words:
        return text
    word = rng.choice(words)
    k = rng.randrange(word.start() + 1, word.end() - 1)
    kind = rng.randrange(3)
    if kind == 0:
        return text[:k] + text[k + 1] + text[k] + text[k + 2 :]
    return text[:k] + text[k + 1 :] if kind == 1 else text[:k] + text[k] + text[k:]


def formed(question: str, form: str, rng: random.Random, held_out: bool = False) -> str:
    """The question with a request for a form before or after it; several forms are joined by "+"."""
    for one in filter(None, form.split("+")):
        before, after = FORMS[one]
        if rng.random() < 0.4:
            lead = pick(before, rng, held_out)
            tail = (
                question[0].lower() + question[1:] if rng.random() < 0.5 and not question.startswith("I ") else question
            )
            question = f"{lead} {tail}"
        else:
            question = f"{question} {pick(after, rng, held_out)}"
    return question


def mannered(question: str, rng: random.Random) -> str:
    """The question as people type it: with polite words, American spelling, lower case, missing punctuation or a
    typing slip, each some of the time."""
    if rng.random() < 0.3:
        question = pick(AROUND, rng).replace("{q}", question)
    if rng.random() < 0.4:
        question = american(question)
    if rng.random() < 0.2:
        question = question.lower()
    if rng.random() < 0.2:
        question = question.rstrip("?.!")
        if rng.random() < 0.3:
            question = re.sub(r"[?.!,:]", "", question)
    return slip(question, rng) if rng.random() < 0.08 else question
