"""Judges an answer to a freely worded question: whether it is right, and whether it has the requested form."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import answers, backgrounds, disclosure, palette, parse
from .facts import Facts
from .language import Turn

FEW, SHORT = 8, 15
"""Maximum words of an answer "in a few words" and of a brief one."""


@dataclass(frozen=True)
class Verdict:
    """The judgement of one answer."""

    right: bool
    formed: bool


def judge(turn: Turn, f: Facts, answer: str) -> Verdict:
    """The verdict on an answer to a turn about a region with these facts."""
    if plain(answer) == plain(turn.answer):
        return Verdict(True, True)
    return Verdict(right(turn, f, answer), all(formed(form, answer) for form in turn.form.split("+")))


def plain(text: str) -> str:
    """The text in British spelling and lower case, without punctuation."""
    text = text.lower().replace("gray", "grey").replace("color", "colour").replace("center", "centre")
    return " ".join(re.findall(r"[a-z0-9']+", text))


def right(turn: Turn, f: Facts, answer: str) -> bool:
    """Whether the answer claims what was asked for, and the claim is true."""
    fact = turn.fact
    if fact in ("cannot know", "other language"):
        return parse.refuses(answer) and sentences(answer) == 1
    if fact in ("describe", "detail"):
        return described(turn, f, answer)
    if fact.startswith("yes or no"):
        return yes_no(turn, fact.split(", ")[1], answer)
    if fact.startswith("choice of"):
        if not turn.form and re.fullmatch(r"\(?[ABC]\W*", answer):
            return turn.answer.startswith(f"{answer.strip('(')[0]}) ")
        said, true = (re.sub(r"^\(?[ABC][):.]+ *", "", t) for t in (answer, turn.answer))
        return turn.form != "letter only" and plain(said.removeprefix("It is ")) == plain(true.removeprefix("It is "))
    if fact == "list":
        return listed(turn.answer, answer)
    if fact == "neighbour":
        claimed, side = parse.neighbour(answer)
        return claimed == f.neighbour_said and side in ("", f.relation)
    if fact in ("brightness", "bigger"):
        return parse.first_of(["brighter", "darker", "bigger", "smaller"], answer.lower()) == (
            f.brightness if fact == "brightness" else f.bigger
        )
    if fact == "largest":
        return plain(answer).startswith(f.largest)
    if fact == "background":
        return parse.background(answer) == f.background and (bool(f.background) or says_unknown(answer))
    return parsed(fact, answer) == parsed(fact, turn.answer) != ("motion", "")


def listed(true: str, answer: str) -> bool:
    """Whether the answer has the facts of the true one in the same order, and nothing else."""
    values = re.split(r", | and ", plain_list(true))
    pattern = r"(?:,? and |, )".join(re.escape(v) for v in values)
    return bool(re.fullmatch(pattern, plain_list(answer)))


def plain_list(text: str) -> str:
    """A list in lower case and British spelling, without the beginning of a sentence."""
    text = text.lower().replace("gray", "grey").replace("color", "colour").replace("center", "centre")
    return re.sub(r"^(?:it|this) is ", "", text.strip(" ."))


def says_unknown(answer: str) -> bool:
    """Whether the answer says that something is not recognised."""
    return "recogni" in answer.lower() or plain(answer) == "unknown"


def parsed(fact: str, answer: str) -> tuple[str, object]:
    """What an answer claims about a fact."""
    return fact, {
        "name": parse.name,
        "colour": parse.colour,
        "texture": lambda text: parse.first_of(["plain", "striped", "dotted", "checkered"], text.lower()),
        "size": parse.size,
        "position": parse.position,
        "background": parse.background,
        "count": parse.count,
        "letter": lambda text: parse.letter(text) or plain(text).startswith("nothing"),
        "motion": parse.motion,
    }[fact](answer)


def described(turn: Turn, f: Facts, answer: str) -> bool:
    """Whether a description has the requested name and colour and nothing false."""
    forms = set(turn.form.split("+"))
    if parse.name(answer) != f.said:
        return False
    short = forms & {"word", "name only", "few", "no colour"}
    if not short and parse.colour(answer) != f.colour:
        return False
    ground, place = parse.background(answer), parse.position(answer) if "at the" in answer else ""
    if ground not in ("", f.background) or (place and f.position_is_sharp and place != f.position):
        return False
    if turn.fact == "detail" and f.motion:
        return parse.motion(answer) == disclosure.told_motion(f.motion)
    size = parse.size(answer)
    return not size or not f.size or size == f.size


def yes_no(turn: Turn, fact: str, answer: str) -> bool:
    """Whether the yes or no is right, and so is the value named with it."""
    said, true = plain(answer), plain(turn.answer)
    if said.split(" ")[:1] != true.split(" ")[:1]:
        return False
    if " " not in said or " " not in true:
        return True
    return parsed(fact, answer.split(", ", 1)[-1]) == parsed(fact, turn.answer.split(", ", 1)[-1])


def sentences(answer: str) -> int:
    """Number of sentences."""
    return len([s for s in re.split(r"[.!?]+(?:\s|$)", answer) if s.strip()])


def formed(form: str, answer: str) -> bool:
    """Whether the answer has the form."""
    words = answer.split()
    bare = answer.strip(" .").lower()
    if form == "name only":
        bare = re.sub(r"^(?:an?|the) ", "", bare)
        words = bare.split()
    if form in ("word", "name only"):
        return len(words) == 1 or bare in {n.lower() for n in (*answers.names(), *backgrounds.BACKGROUNDS)}
    if form == "letter only":
        return bool(re.fullmatch(r"\W*[ABC]\W*", answer))
    if form == "few":
        return len(words) <= FEW and sentences(answer) == 1
    if form == "brief":
        return len(words) <= SHORT and sentences(answer) == 1
    if form == "sentence":
        verb = re.search(r"\b(?:is|are|has|have|moves|comes|stays|goes|recogni[sz]e|tell|shows|answer)\b", answer)
        return sentences(answer) == 1 and len(words) >= 3 and bool(verb)
    if form == "detail":
        return len(words) >= 6
    if form == "no colour":
        return not re.search(rf"\b(?:{'|'.join(palette.NAMES)}|{palette.MIXED})\b", answer.lower())
    return True
