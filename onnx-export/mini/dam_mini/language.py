"""Questions about a region, and true answers to them in the form that was wished for.

Knows what is said; the truth comes as Facts and the wording of questions from wording.py. Every answer is one
that evaluation can take apart again (parse.py). What the model cannot know is answered by UNANSWERABLE.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from . import backgrounds, disclosure, palette, shapes, vocabulary, wording
from .facts import MOTIONS, NUMBERS, POSITIONS, Facts
from .vocabulary import with_article
from .wording import capital

DEFAULT_IMAGE = "Describe the masked region in detail."
DEFAULT_VIDEO = (
    "Given the video in the form of a sequence of frames above, describe the object in the masked "
    "region in the video in detail."
)
UNANSWERABLE = "I can't tell that from the picture."
ENGLISH_ONLY = "I can only answer in English."
UNRECOGNISED = "object I don't recognise"
NO_GROUND = "I don't recognise the background."

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
FORMS = ("word", "few", "brief", "sentence")
"""The forms that any fact may be wished for in."""


@dataclass(frozen=True)
class Turn:
    """One question with its true answer; `fact` names what it asks for and `form` how the answer is wished."""

    fact: str
    question: str
    answer: str
    form: str = ""


def names() -> list[str]:
    """Every name the model is taught to say."""
    return [*vocabulary.THINGS, *(shapes.SHAPES if disclosure.SHAPE_NAMES else ["shape"])]


def colour_clause(f: Facts) -> str:
    """For things whose name does not carry the colour: ", mainly red"."""
    if f.kind == "shape":
        return ""
    return f", of {palette.MIXED}" if f.colour == palette.MIXED else f", mainly {f.colour}"


def phrase(f: Facts, coloured: bool = True) -> str:
    """What it is in a few words, without an article."""
    if f.kind == "unknown":
        return UNRECOGNISED
    if f.kind != "shape":
        return f.name
    words = [f.colour if coloured else "", "" if f.texture == "plain" else f.texture, f.said]
    return " ".join(filter(None, words))


def subject(f: Facts, say: frozenset[str]) -> str:
    """A noun phrase with article, size, colour and letter as far as these are said; plural names take no article."""
    words = phrase(f, "colour" in say)
    if f.size and "size" in say:
        words = f"{f.size} {words}"
    if f.said not in (*vocabulary.PLURAL, *vocabulary.UNCOUNTABLE):
        words = with_article_before(words) + words
    letter = f" with {written(f)} on it" if f.letter and "letter" in say else ""
    return words + letter + (colour_clause(f) if "colour" in say else "")


def written(f: Facts) -> str:
    """How a letter is called."""
    return f"the letter {f.letter}" if disclosure.LETTERS else "a letter"


def with_article_before(words: str) -> str:
    """The article that fits before the words, with a space."""
    return "an " if words[0] in "aeiou" else "a "


def place(f: Facts, coloured: bool = True) -> str:
    """Where it stands, in words: "in a green meadow"; empty where the ground is none that the model knows."""
    return (backgrounds.PLACES if coloured else backgrounds.COLOURLESS_PLACES).get(f.background, "")


def detail(f: Facts, rng: random.Random, say: frozenset[str] = disclosure.DETAIL) -> str:
    """The detailed description: what, size, colour, texture, letter, ground, position, motion, as far as said."""
    opening = rng.choice(["", "This is ", "The masked region shows "])
    first = capital(opening + subject(f, say)) + "."
    at = f"at the {f.position} of the picture" if f.position and "position" in say else ""
    parts = [p for p in (place(f, "colour" in say), at) if p]
    if rng.random() < 0.5:
        parts.reverse()
    second = f" It is {', '.join(parts)}." if parts else ""
    return first + second + (f" It {MOTIONS[disclosure.told_motion(f.motion)]}." if f.motion else "")


def brief(f: Facts) -> str:
    """A few words for what it is, with its colour where that is a shape's or of something unknown."""
    if f.kind == "unknown":
        return capital(with_article(UNRECOGNISED)) + colour_clause(f) + "."
    return capital(with_article(f.phrase)) + "."


def one_sentence(f: Facts, say: frozenset[str]) -> str:
    """A description in one sentence."""
    parts = [p for p in (place(f, "colour" in say), f"at the {f.position} of the picture" if f.position else "") if p]
    move = f"; it {MOTIONS[disclosure.told_motion(f.motion)]}" if f.motion else ""
    return "This is " + ", ".join([subject(f, say), *parts]) + move + "."


def described(f: Facts, form: str, rng: random.Random) -> str:
    """A description in the wished form."""
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
    """The fact as it stands in a sentence after "it is"; empty where there is none that is fair to ask."""
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
    """The true answer to a question for one fact; empty where it is not fair to ask."""
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


def others(f: Facts, fact: str) -> list[str]:
    """Wrong values of a fact, as they stand in a sentence."""
    if fact == "name":
        return [with_article(n) for n in names() if n != f.said]
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


def yes_no(f: Facts, fact: str, form: str, rng: random.Random, held_out: bool = False) -> Turn | None:
    """Half of the time about a wrong value, whose answer says the right one."""
    right = (MOVING[disclosure.told_motion(f.motion)] if f.motion else "") if fact == "motion" else value(f, fact)
    if not right or (fact == "colour" and f.colour == palette.MIXED):
        return None
    true = rng.random() < 0.5 and not (fact == "name" and f.kind == "unknown")
    asked = right.removeprefix("mainly ") if true else rng.choice(others(f, fact))
    question = capital(wording.referring(wording.pick(wording.YES_NO, rng, held_out).replace("{x}", asked), rng))
    if form == "word":
        answer = "Yes." if true else "No."
    elif true:
        answer = f"Yes, it is {right}." if form == "sentence" else "Yes."
    else:
        answer = f"No, {right}." if form == "few" else f"No, it is {right}."
    return Turn(f"yes or no, {fact}", question, answer, form)


MARKS = ["{a}) {x}", "({a}) {x}", "{a}: {x}", "{a}. {x}"]


def choice(f: Facts, fact: str, form: str, rng: random.Random, held_out: bool = False) -> Turn | None:
    """A choice of three, with letters before them or without."""
    if fact == "colour":
        right, wrong = f.colour, [c for c in palette.NAMES if c != f.colour]
    elif fact == "name":
        right, wrong = f.said if f.kind != "unknown" else "", [n for n in names() if n != f.said]
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
    asked = wording.ask(fact, rng, held_out)
    pattern = wording.pick(wording.CHOICES, rng, held_out)
    question = pattern.replace("{q}", asked).replace("{options}", shown).replace("{it}", "it")
    if form == "letter only":
        answer = f"{'ABC'[k]}."
    elif form == "sentence":
        said = {"name": with_article(f.said), "background": place(f)}.get(fact, right)
        answer = f"It {'has' if right == palette.MIXED else 'is'} {said}."
    elif form == "word" and fact in ("colour", "position"):
        answer = reply(f, fact, form)
    elif lettered and form != "word":
        answer = f"{'ABC'[k]}) {right}"
    else:
        answer = capital(right) + "."
    return Turn(f"choice of {fact}", question, answer, form)


def several(f: Facts, form: str, rng: random.Random, held_out: bool = False) -> Turn | None:
    """A list of two or three facts in the order they are asked for."""
    possible = [k for k in ("name", "colour", "size", "texture", "position", "background") if value(f, k)]
    if f.kind == "unknown":
        possible.remove("name")
    if len(possible) < 2:
        return None
    asked = rng.sample(possible, min(len(possible), rng.choice([2, 2, 3])))
    words = [wording.pick(wording.PARTS[k], rng, held_out) for k in asked]
    listed = f"{', '.join(words[:-1])} and {words[-1]}"
    listed = rng.choice([f"its {listed}", f"its {listed}", f"the {listed} of {{it}}", f"{{it}}'s {listed}", listed])
    question = capital(wording.referring(wording.pick(wording.LISTS, rng, held_out).replace("{x}", listed), rng))
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
    "count": 1.6,
    "neighbour": 0.8,
    "letter": 1.0,
    "motion": 4.0,
    "brightness": 0.7,
    "bigger": 0.7,
    "largest": 0.7,
}
"""How often each fact is asked for in training."""
JUDGED = ("name", "colour", "size", "position", "background", "texture")
"""Facts that are asked for by yes or no, in choices and in lists."""
KINDS = ["fact", "describe", "yes or no", "choice", "list", "cannot know", "other language"]
WEIGHTS = [0.46, 0.14, 0.14, 0.1, 0.07, 0.06, 0.03]
"""How often each kind is asked in evaluation."""
TAUGHT = [0.42, 0.13, 0.14, 0.08, 0.12, 0.08, 0.03]
"""How often in training: what is hard to learn comes more often."""


def form_of(kind: str, fact: str, rng: random.Random) -> str:
    """A form that fits a question of this kind; often none is wished for."""
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
    """A question of one kind with its answer; none where this kind cannot fairly be asked of these facts."""
    made: Turn | None = None
    if kind in ("cannot know", "other language"):
        some = wording.CANNOT_KNOW if kind == "cannot know" else wording.OTHER_LANGUAGES
        made = Turn(kind, wording.pick(some, rng, held_out), UNANSWERABLE if kind == "cannot know" else ENGLISH_ONLY)
        form = ""
    elif kind == "fact":
        fact = rng.choices(list(ASKED), list(ASKED.values()))[0]
        form = form_of(kind, fact, rng)
        answer = reply(f, fact, form)
        made = Turn(fact, wording.ask(fact, rng, held_out), answer, form) if answer else None
    elif kind == "describe":
        form = form_of(kind, "", rng)
        made = Turn(kind, wording.ask(kind, rng, held_out), described(f, form, rng), form)
    else:
        fact = rng.choice([*JUDGED, "motion"] if kind == "yes or no" and f.motion else JUDGED)
        form = form_of(kind, fact, rng)
        if kind == "yes or no":
            made = yes_no(f, fact, form, rng, held_out)
        else:
            made = choice(f, fact, form, rng, held_out) if kind == "choice" else several(f, form, rng, held_out)
    if made is None:
        return None
    question = wording.formed(made.question, form, rng, held_out and rng.random() < 0.5)
    return Turn(made.fact, wording.mannered(question, rng), made.answer, form)


def turns(f: Facts, rng: random.Random, count: int = 16) -> list[Turn]:
    """A detailed description, asked for plainly most of the time, then questions of all kinds."""
    plain = DEFAULT_VIDEO if f.motion else DEFAULT_IMAGE
    ask = (
        plain
        if rng.random() < 0.7
        else wording.mannered(wording.formed(wording.ask("describe", rng), "detail", rng), rng)
    )
    found = [Turn("detail", ask, detail(f, rng), "detail")]
    while len(found) <= count:
        one = turn(f, rng.choices(KINDS, TAUGHT)[0], rng)
        if one:
            found.append(one)
    return found
