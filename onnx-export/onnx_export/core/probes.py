"""Texts on which two BPE tokenizers of one vocabulary would differ. Knows pieces and scores, not how either encodes.

SentencePiece applies the merge of the best score first and, of equal scores, the leftmost. A tokenizer.json ranks its
merges instead, so two pieces that share a score come out in a fixed order. Whether that changes any ids depends on
which merges meet in a text. The probes are therefore built from the pieces that share a score: side by side,
overlapping, in long runs, and between pieces that merge with their ends.

Each probe is to be encoded alone, where the dummy space in front of it may take part in merges, and between separators,
where nothing outside does.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

MARK = "▁"

# Enough to reach the same verdict as all short texts on thousands of random vocabularies with ties.
_FEW = 40
_LEAST = 2_000
_NEIGHBOURS = 6


def probes(scores: dict[str, float], seed: int = 0) -> list[str]:
    """Texts for a vocabulary, distinct and the same in every run.

    Parameters
    ----------
    scores
        The score of every piece that text can be encoded to, by piece.
    """
    draw = random.Random(seed)
    pieces = list(scores)
    found = dict.fromkeys(pieces)
    groups = tied(scores)
    neighbours = _Neighbours(scores)
    count = max(_LEAST, len(pieces))
    for group in groups:
        found |= dict.fromkeys(_of_group(group, neighbours, draw, max(200, count // len(groups))))
    for _ in range(count):
        left = draw.choice(pieces)
        right = neighbours.after(left, draw) if draw.random() < 0.5 else draw.choice(pieces)
        found |= dict.fromkeys(_joins(left, right))
    for _ in range(count // 2):
        found["".join(draw.choices(pieces, k=draw.randint(2, 12)))] = None
    texts = dict.fromkeys(it.replace(MARK, " ") for it in found)
    # SentencePiece puts a space in front of every text, so a text without its own leading space starts with that one.
    return list(texts | dict.fromkeys(it[1:] for it in texts if it[0] == " "))


def separator(scores: dict[str, float]) -> str:
    """A character that no piece contains, so that nothing merges across it."""
    used = set().union(*scores)
    return next(it for it in map(chr, [*range(1, 32), *range(0xE000, 0xF8FF)]) if it not in used)


def tied(scores: dict[str, float]) -> list[list[str]]:
    """Groups of two or more pieces that share a score and are each a merge of two shorter ones."""
    groups = defaultdict(list)
    for piece, score in scores.items():
        if len(piece) > 1:
            groups[score].append(piece)
    return [it for it in groups.values() if len(it) > 1]


class _Neighbours:
    """Finds pieces that begin where another ends, or end where it begins; the best scores come first."""

    def __init__(self, scores: dict[str, float]) -> None:
        self._from: dict[str, list[str]] = defaultdict(list)
        self._to: dict[str, list[str]] = defaultdict(list)
        for piece in sorted(scores, key=lambda it: (-scores[it], it)):
            self._from[piece[0]].append(piece)
            self._to[piece[-1]].append(piece)

    def after(self, piece: str, draw: random.Random) -> str:
        """A piece that begins with one of the characters of ``piece``, or ``piece`` itself."""
        return draw.choice(self._from.get(draw.choice(piece), [piece]))

    def around(self, piece: str, draw: random.Random) -> tuple[list[str], list[str]]:
        """A few pieces that may overlap the beginning of ``piece``, and a few that may overlap its end."""
        return self._few(self._to.get(piece[0], []), draw), self._few(self._from.get(piece[-1], []), draw)

    @staticmethod
    def _few(pieces: Sequence[str], draw: random.Random) -> list[str]:
        best = pieces[:_NEIGHBOURS]
        rest = pieces[_NEIGHBOURS:]
        return [*best, *draw.sample(rest, min(len(rest), _NEIGHBOURS))]


def _of_group(group: list[str], neighbours: _Neighbours, draw: random.Random, count: int) -> Iterator[str]:
    """Probes for pieces of one score. Every pair of a small group; of a large one a sample, overlapping ones first."""
    if len(group) <= _FEW:
        pairs: Iterable[tuple[str, str]] = ((a, b) for a in group for b in group)
        members = group
    else:
        starting = defaultdict(list)
        for piece in group:
            starting[piece[0]].append(piece)
        first = draw.choices(group, k=max(_FEW**2, count))
        pairs = ((it, draw.choice(starting.get(draw.choice(it), group))) for it in first)
        members = draw.sample(group, _FEW)
    for left, right in pairs:
        for text in _joins(left, right):
            yield text
            before, behind = neighbours.around(text, draw)
            yield draw.choice(["", *before]) + text + draw.choice(["", *behind])
    outside: list[str] = []
    for piece in members:
        before, behind = neighbours.around(piece, draw)
        outside += before + behind
        yield from (piece * times for times in range(2, 6))
        for other in before:
            yield from _joins(other, piece)
        for other in behind:
            yield from _joins(piece, other)
        if len(set(piece)) == 1:
            yield from _runs(piece[0], 4 * len(piece) + 3, before, behind)
    # Every intermediate merge on the way to a piece may meet a neighbour.
    parts = [*members, *members, *outside, *(it for piece in members for it in piece)]
    for _ in range(count):
        text = draw.choice(parts)
        for part in draw.choices(parts, k=draw.randint(1, 11)):
            text = draw.choice(list(_joins(text[-24:], part))) if draw.random() < 0.3 else text + part
        yield text


def _runs(character: str, longest: int, before: list[str], behind: list[str]) -> Iterator[str]:
    for length in range(1, longest + 1):
        run = character * length
        yield run
        for other in before:
            yield other + run
        for other in behind:
            yield run + other
        for first, last in zip(before, behind, strict=False):
            yield first + run + last


def _joins(left: str, right: str) -> Iterator[str]:
    """Both pieces side by side, and overlapping wherever the end of one is the beginning of the other."""
    yield left + right
    for shared in range(1, min(len(left), len(right))):
        if left.endswith(right[:shared]):
            yield left + right[shared:]
