"""How answers and class names are cleaned before they are compared. Two protocols are in use."""

from collections.abc import Callable


def osprey_answer(text: str) -> str:
    """What follows the first colon (up to a second one), without full stops and commas."""
    text = text.strip()
    return _spaced(text.split(":")[1] if ":" in text else text, ".:,")


def osprey_class(text: str) -> str:
    return _spaced(text, "_:")


def pixelrefer(text: str) -> str:
    return _spaced(text, "_:,.()").strip().lower()


def _spaced(text: str, signs: str) -> str:
    return text.translate({ord(sign): " " for sign in signs})


PROTOCOLS: dict[str, tuple[Callable[[str], str], Callable[[str], str]]] = {
    "osprey": (osprey_answer, osprey_class),
    "pixelrefer": (pixelrefer, pixelrefer),
}
"""By name: how an answer and how a class name is cleaned."""


def word_iou(answer: str, name: str) -> float:
    """Words in both of all words in either; 0 where there is none."""
    said, true = set(answer.lower().split()), set(name.lower().split())
    return len(said & true) / len(said | true) if said | true else 0.0
