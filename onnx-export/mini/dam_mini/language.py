"""Training and evaluation turns: a question about a region with its true answer.

Decides what is asked and how often. Phrases come from wording.py and composed.py, answers from answers.py.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from . import answers, backgrounds, composed, disclosure, manners, palette, shapes, unanswerable, wording
from .answers import MOVING, place, value
from .facts import POSITIONS, Facts
from .phrases import capital, pick
from .vocabulary import with_article

DEFAULT_IMAGE = "Describe the masked region in detail."
DEFAULT_VIDEO = (
    "Given the video in the form of a sequence of frames above, describe the object in the masked "
    "region in the video in detail."
)
QUESTIONS: dict[str, str] = {
    "name": "What is this?",
    "word": "What is it? Answer in one word.",
    "brief": "Describe the masked region in a few words.",
    "colour": "What colour is it?",
    "texture": "What pattern does it have?",
    "size": "How big is it?",
    "position": "Where is it?",
    "background": "What is the background?",
    "count": "How many things are in the picture?",
    "neighbour": "What is next to it?",
    "letter": "What is written on it?",
    "motion": "How does it move?",
}
"""The plainest question for each fact."""
FORMS = ("word", "few", "brief", "sentence")
"""Forms of an answer that can be requested for every fact."""


@dataclass(frozen=True)
class Turn:
    """One question with its true answer; `fact` names what it asks about, `form` the requested form of the answer."""

    fact: str
    question: str
    answer: str
    form: str = ""


def others(f: Facts, fact: str) -> list[str]:
    """Wrong values of a fact, as they read in a sentence."""
    if fact == "name":
        return [with_article(n) for n in answers.names() if n != f.said]
    if fact == "colour":
        return [c for c in palette.NAMES if c != f.colour]
    if fact == "texture":
        return [t for t in shapes.TEXTURES if t != f.texture]
    if fact == "size":
        return [s for s in ("small", "medium-sized", "large") if s != f.size]
    if fact == "position":
        return [f"at the {p}" for p in POSITIONS if p != f.position]
    if fact == "motion":
        return [m for k, m in MOVING.items() if k != disclosure.told_motion(f.motion)]
    return [p for g, p in backgrounds.PLACES.items() if g != f.background]


COMPOSED_SHARE = 0.55
"""Share of the training questions that are composed from parts."""


def composes(rng: random.Random, held_out: bool) -> bool:
    """Whether the next phrase is composed; never in evaluation."""
    return not held_out and rng.random() < COMPOSED_SHARE


def asked_for(fact: str, rng: random.Random, held_out: bool) -> str:
    """A question for a fact or a description, without a requested form."""
    if composes(rng, held_out):
        if fact == "describe":
            return capital(wording.referring(composed.describe(rng), rng))
        if composed.can(fact):
            return capital(wording.referring(composed.ask(fact, rng), rng))
    return wording.ask(fact, rng, held_out)


def yes_no(f: Facts, fact: str, form: str, rng: random.Random, held_out: bool = False) -> Turn | None:
    """A yes/no question; half of them name a wrong value, and the answer corrects it."""
    right = (MOVING[disclosure.told_motion(f.motion)] if f.motion else "") if fact == "motion" else value(f, fact)
    if not right or (fact == "colour" and f.colour == palette.MIXED):
        return None
    true = rng.random() < 0.5 and not (fact == "name" and f.kind == "unknown")
    asked = right.removeprefix("mainly ") if true else rng.choice(others(f, fact))
    pattern = rng.choice(composed.YES_NO) if composes(rng, held_out) else pick(wording.YES_NO, rng, held_out)
    question = capital(wording.referring(pattern.replace("{x}", asked), rng))
    if form == "word":
        answer = "Yes." if true else "No."
    elif true:
        answer = f"Yes, it is {right}." if form == "sentence" else "Yes."
    else:
        answer = f"No, {right}." if form == "few" else f"No, it is {right}."
    return Turn(f"yes or no, {fact}", question, answer, form)


MARKS = ["{a}) {x}", "({a}) {x}", "{a}: {x}", "{a}. {x}"]


def choice(f: Facts, fact: str, form: str, rng: random.Random, held_out: bool = False) -> Turn | None:
    """A choice of three options, lettered or not."""
    if fact == "colour":
        right, wrong = f.colour, [c for c in palette.NAMES if c != f.colour]
    elif fact == "name":
        right, wrong = f.said if f.kind != "unknown" else "", [n for n in answers.names() if n != f.said]
    elif fact == "background":
        right, wrong = f.background, [b for b in backgrounds.BACKGROUNDS if b != f.background]
    else:
        right, wrong = value(f, fact), others(f, fact)
    if not right:
        return None
    options = rng.sample(wrong, 2)
    k = rng.randint(0, 2)
    options.insert(k, right)
    lettered = form == "letter only" or rng.random() < 0.5
    if lettered:
        mark = rng.choice(MARKS)
        shown = rng.choice([" ", " ", "\n", ", "]).join(mark.format(a="ABC"[i], x=o) for i, o in enumerate(options))
    else:
        shown = f"{options[0]}, {options[1]} or {options[2]}" + rng.choice(["?", "?", ".", ""])
    asked = asked_for(fact, rng, held_out)
    pattern = pick(wording.CHOICES, rng, held_out)
    question = pattern.replace("{q}", asked).replace("{options}", shown).replace("{it}", "it")
    if form == "letter only":
        answer = f"{'ABC'[k]}."
    elif form == "sentence":
        said = {"name": with_article(f.said), "background": place(f)}.get(fact, right)
        answer = f"It {'has' if right == palette.MIXED else 'is'} {said}."
    elif form == "word" and fact in ("colour", "position"):
        answer = answers.reply(f, fact, form)
    elif lettered and form != "word":
        answer = f"{'ABC'[k]}) {right}"
    else:
        answer = capital(right) + "."
    return Turn(f"choice of {fact}", question, answer, form)


def several(f: Facts, form: str, rng: random.Random, held_out: bool = False) -> Turn | None:
    """A request for two or three facts; the answer lists them in the same order."""
    possible = [k for k in ("name", "colour", "size", "texture", "position", "background") if value(f, k)]
    if f.kind == "unknown":
        possible.remove("name")
    if len(possible) < 2:
        return None
    asked = rng.sample(possible, min(len(possible), rng.choice([2, 2, 3])))
    words = [composed.part(k, rng) if composes(rng, held_out) else pick(wording.PARTS[k], rng, held_out) for k in asked]
    listed = f"{', '.join(words[:-1])} and {words[-1]}"
    listed = rng.choice([f"its {listed}", f"its {listed}", f"the {listed} of {{it}}", f"{{it}}'s {listed}", listed])
    question = capital(wording.referring(pick(wording.LISTS, rng, held_out).replace("{x}", listed), rng))
    values = [value(f, k) for k in asked]
    if form == "sentence":
        answer = f"It is {', '.join(values[:-1])} and {values[-1]}."
    else:
        answer = capital(", ".join(values)) + "."
    return Turn("list", question, answer, form)


ASKED = {
    "name": 2.0,
    "colour": 1.4,
    "texture": 0.7,
    "size": 1.3,
    "position": 1.5,
    "background": 1.2,
    "count": 1.9,
    "neighbour": 0.8,
    "letter": 1.0,
    "motion": 4.0,
    "brightness": 0.7,
    "bigger": 0.7,
    "largest": 0.7,
}
"""Relative frequency of each fact."""
JUDGED = ("name", "colour", "size", "position", "background", "texture")
"""Facts for yes/no questions, choices and lists."""
KINDS = ["fact", "describe", "yes or no", "choice", "list", "cannot know", "other language"]
WEIGHTS = [0.46, 0.14, 0.14, 0.1, 0.07, 0.06, 0.03]
"""Relative frequency of each kind in evaluation."""
TAUGHT = [0.37, 0.13, 0.19, 0.08, 0.14, 0.06, 0.03]
"""Relative frequency in training, higher for kinds that are hard to learn."""


def form_of(kind: str, fact: str, rng: random.Random) -> str:
    """A form that fits a question of this kind; often none."""
    if kind == "describe":
        forms = [
            "",
            "word",
            "few",
            "brief",
            "sentence",
            "detail",
            "name only",
            "no colour",
            "no colour+brief",
            "sentence+no colour",
        ]
        return rng.choices(forms, [2, 1, 1, 1, 1, 1.5, 1, 1, 0.3, 0.3])[0]
    if kind == "choice":
        return rng.choices(["", "letter only", "word", "sentence"], [0.5, 0.25, 0.1, 0.15])[0]
    if kind == "list":
        return rng.choices(["", "brief", "sentence"], [0.6, 0.15, 0.25])[0]
    if kind == "fact" and fact == "name":
        return rng.choices(["", *FORMS, "name only"], [0.35, 0.15, 0.1, 0.1, 0.15, 0.15])[0]
    return rng.choices(["", *FORMS], [0.45, 0.2, 0.08, 0.12, 0.15])[0]


def turn(f: Facts, kind: str, rng: random.Random, held_out: bool = False) -> Turn | None:
    """A question of one kind with its answer; None if these facts cannot answer one."""
    made: Turn | None = None
    if kind in ("cannot know", "other language"):
        unknowable = kind == "cannot know"
        if composes(rng, held_out):
            asked = unanswerable.cannot_know(rng) if unknowable else unanswerable.other_language(rng)
        else:
            asked = pick(unanswerable.CANNOT_KNOW if unknowable else unanswerable.OTHER_LANGUAGES, rng, held_out)
        made = Turn(kind, asked, answers.UNANSWERABLE if unknowable else answers.ENGLISH_ONLY)
        form = ""
    elif kind == "fact":
        fact = rng.choices(list(ASKED), list(ASKED.values()))[0]
        form = form_of(kind, fact, rng)
        answer = answers.reply(f, fact, form)
        made = Turn(fact, asked_for(fact, rng, held_out), answer, form) if answer else None
    elif kind == "describe":
        form = form_of(kind, "", rng)
        made = Turn(kind, asked_for(kind, rng, held_out), answers.described(f, form, rng), form)
    else:
        fact = rng.choice([*JUDGED, "motion"] if kind == "yes or no" and f.motion else JUDGED)
        form = form_of(kind, fact, rng)
        if kind == "yes or no":
            made = yes_no(f, fact, form, rng, held_out)
        else:
            made = choice(f, fact, form, rng, held_out) if kind == "choice" else several(f, form, rng, held_out)
    if made is None:
        return None
    question = manners.formed(made.question, form, rng, held_out and rng.random() < 0.5)
    return Turn(made.fact, manners.mannered(question, rng), made.answer, form)


def turns(f: Facts, rng: random.Random, count: int = 16) -> list[Turn]:
    """A detailed description, then questions of all kinds."""
    plain = DEFAULT_VIDEO if f.motion else DEFAULT_IMAGE
    ask = (
        plain
        if rng.random() < 0.7
        else manners.mannered(manners.formed(wording.ask("describe", rng), "detail", rng), rng)
    )
    found = [Turn("detail", ask, answers.detail(f, rng), "detail")]
    while len(found) <= count:
        one = turn(f, rng.choices(KINDS, TAUGHT)[0], rng)
        if one:
            found.append(one)
    return found
