"""Reads which choice an answer takes, by the rules of the published script."""

from collections.abc import Sequence

LETTERS = "abcde"


class Malformed(ValueError):
    """The published script crashes on this answer: it is empty, or its letter is past the choices."""


def read(answer: str, choices: Sequence[str]) -> int | None:
    """The index of the choice, or None if the answer fits none. Raises Malformed."""
    said = answer.strip().lower()
    offered = [choice.strip().lower() for choice in choices]

    contained = []
    for index, (letter, choice) in enumerate(zip(LETTERS, offered, strict=False)):
        if said in (choice, f"{letter}. {choice}", letter):
            return index
        if choice in said:
            contained.append(index)
    if len(contained) == 1:
        return contained[0]

    if not said:
        raise Malformed("empty")
    if said[0] in LETTERS and (len(said) == 1 or said[1] == "."):
        return _letter(said[0], len(offered))
    if contained:
        # The one that begins last; of several that begin there the longest, then the first.
        return max(contained, key=lambda index: (said.index(offered[index]), len(offered[index]), -index))
    containing = [index for index, choice in enumerate(offered) if said in choice]
    if containing:
        return max(containing, key=lambda index: (len(offered[index]), -index))
    if said[0] in LETTERS and said[1] == "\n":
        return _letter(said[0], len(offered))
    return None


def _letter(letter: str, count: int) -> int:
    index = LETTERS.index(letter)
    if index >= count:
        raise Malformed(f"letter {letter.upper()} of {count} choices")
    return index
