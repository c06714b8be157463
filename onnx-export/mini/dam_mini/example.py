"""Training examples as NumPy arrays: one region's pixels, packed turns, and labels for the auxiliary heads.

A packed sequence holds several turns about one picture. Each turn attends to the beginning of the prompt, the picture
and itself, at the positions that it would have alone, so training computes exactly what is deployed.
"""

from __future__ import annotations

import dataclasses
import random
from dataclasses import dataclass

import numpy as np
import sentencepiece

from . import backgrounds, drawn_mask, facts, focal, language, palette, preamble, prompt, shapes, vocabulary
from .clip import REVERSED, Clip
from .facts import Facts
from .language import Turn
from .scene import Scene
from .thing import Thing

IGNORE = -100
SHARED = -2
"""Segment that all turns attend to."""
TURN_TOKENS = 256
LONG_TOKENS = 512
"""Tokens for turns after a long preamble."""
CLIP_TOKENS = 144
PREAMBLE_SHARE = 0.12
"""Share of the ordinary rows that start with a short preamble."""
OTHER_GROUND = "other ground"
PATCH_NAMES = [*vocabulary.THINGS, *shapes.SHAPES, "unknown", "card", *backgrounds.BACKGROUNDS, OTHER_GROUND]
PATCH_COLOURS = [*palette.NAMES, palette.MIXED, "ground"]
PATCH_TEXTURES = [*shapes.TEXTURES, "art", "ground"]
PATCH_CENTRES = [False, True]
"""Whether the patch contains the centre of a thing, for counting."""
PATCH_LETTERS = ["", *shapes.LETTERS]
LETTER_REACH = 0.3
"""Patches closer than this to the centre of a thing belong to its letter, in shares of its sides."""
TURNS = 8
POOLED = {
    "name": PATCH_NAMES,
    "colour": PATCH_COLOURS,
    "texture": shapes.TEXTURES,
    "letter": ["", *shapes.LETTERS],
    "size": ["small", "medium-sized", "large"],
    "position": facts.POSITIONS,
    "background": [*backgrounds.BACKGROUNDS, OTHER_GROUND],
    "count": list(range(1, 9)),
    "neighbour": PATCH_NAMES,
    "relation": ["on its left", "on its right", "above it", "below it"],
    "turn": list(range(TURNS)),
}
"""Labels of the auxiliary heads on pooled features."""
POOLED_WEIGHTS = {"count": 8.0}
"""Loss weights of the pooled labels; 1 if not listed."""


@dataclass(frozen=True)
class Packed:
    """Turns in one row; `positions` count from the end of the picture."""

    ids: np.ndarray
    targets: np.ndarray
    positions: np.ndarray
    segments: np.ndarray


@dataclass(frozen=True)
class Example:
    pixels: np.ndarray  # bytes [8, S, S]
    packed: Packed
    patches: np.ndarray  # [2 views, 5 kinds, grid * grid]
    pooled: np.ndarray  # [len(POOLED)]
    facts: Facts


def pack(
    tokenizer: sentencepiece.SentencePieceProcessor,
    turns: list[Turn],
    frames: int = 1,
    room: int = TURN_TOKENS,
    before: str = "",
) -> Packed:
    """Packs as many turns as fit; targets are the answers and the end token, shifted by one.

    The common beginning of the questions (the preamble `before`) is stored once, in the shared segment.
    """
    ids, positions = np.zeros(room, np.int64), np.zeros(room, np.int64)
    targets, segments = np.full(room, IGNORE, np.int64), np.full(room, -1, np.int64)
    questions = [prompt.split(tokenizer, before + turn.question, frames)[1] for turn in turns]
    shared = common(questions) if before else []
    at = len(shared)
    if at > room:
        return pack(tokenizer, turns, frames, room)
    ids[:at], positions[:at], segments[:at] = shared, np.arange(at), SHARED
    for k, (turn, question) in enumerate(zip(turns, questions, strict=True)):
        own = question[len(shared) :]
        answer = [*tokenizer.encode(turn.answer), prompt.END]
        whole = own + answer[:-1]
        n = len(whole)
        if at + n > room:
            continue
        ids[at : at + n] = whole
        targets[at + len(own) - 1 : at + n] = answer
        positions[at : at + n] = len(shared) + np.arange(n)
        segments[at : at + n] = k
        at += n
    return Packed(ids, targets, positions, segments)


def common(rows: list[list[int]]) -> list[int]:
    """The common beginning of all rows."""
    same = 0
    while all(len(row) > same and row[same] == rows[0][same] for row in rows):
        same += 1
    return rows[0][:same]


def is_alone(scene: Scene, thing: Thing) -> bool:
    """Whether no other thing is visible in the box, with some slack."""
    x0, y0, x1, y1 = thing.box
    slack = round(0.08 * max(x1 - x0, y1 - y0))
    window = np.s_[max(y0 - slack, 0) : y1 + slack, max(x0 - slack, 0) : x1 + slack]
    return not any(t.mask[window].any() for t in scene.things if t is not thing)


def patch_labels(scene: Scene, mask: np.ndarray, grid: int) -> np.ndarray:
    """Name, colour, texture, centre and letter labels [2 views, 5 kinds, grid * grid] for the full picture and the
    crop."""
    w, h = scene.size
    index, letters = np.zeros((h, w), np.int64), np.zeros((h, w), np.int64)  # 0: background, no letter
    names, colours, textures = [scene.background or OTHER_GROUND], ["ground"], ["ground"]
    if scene.card:
        x0, y0, x1, y1 = scene.card
        index[max(y0, 0) : y1 + 1, max(x0, 0) : x1 + 1] = 1
        names, colours, textures = [*names, "card"], [*colours, "ground"], [*textures, "ground"]
    for t in scene.things:
        index[t.mask] = len(names)
        letters[t.mask] = 0
        if t.letter:
            x0, y0, x1, y1 = t.box
            reach_x, reach_y = LETTER_REACH * (x1 - x0), LETTER_REACH * (y1 - y0)
            cx, cy = t.centre
            near = np.s_[round(cy - reach_y) : round(cy + reach_y), round(cx - reach_x) : round(cx + reach_x)]
            letters[near][t.mask[near]] = PATCH_LETTERS.index(t.letter)
        names.append("unknown" if t.kind == "unknown" else t.name)
        colours.append(t.colour)
        textures.append(t.texture or "art")
    table = np.array(
        [
            [PATCH_NAMES.index(n) for n in names],
            [PATCH_COLOURS.index(c) for c in colours],
            [PATCH_TEXTURES.index(x) for x in textures],
        ]
    )
    f = focal.focal_window(mask)
    views = []
    for x0, y0, x1, y1 in ((0, 0, w, h), (f.x0, f.y0, f.x1, f.y1)):
        ys = (y0 + (np.arange(grid) + 0.5) * (y1 - y0) / grid).astype(int)
        xs = (x0 + (np.arange(grid) + 0.5) * (x1 - x0) / grid).astype(int)
        centred = np.zeros((grid, grid), np.int64)
        for t in scene.things:
            column, row = int((t.centre[0] - x0) * grid / (x1 - x0)), int((t.centre[1] - y0) * grid / (y1 - y0))
            if t.mask.any() and t.centre[0] >= x0 and t.centre[1] >= y0 and column < grid and row < grid:
                centred[row, column] = 1
        views.append(np.vstack([table[:, index[ys][:, xs].ravel()], [centred.ravel(), letters[ys][:, xs].ravel()]]))
    return np.stack(views)


def pooled_labels(f: Facts, turn: float) -> np.ndarray:
    """The index of each fact in its list of POOLED; `turn` in degrees, for emoji only."""
    shown = {
        "name": "unknown" if f.kind == "unknown" else f.name,
        "colour": f.colour,
        "texture": f.texture or None,
        "letter": f.letter if f.kind == "shape" else None,
        "size": f.size or None,
        "position": f.position if f.position_is_sharp else None,
        "background": f.background or OTHER_GROUND,
        "count": f.count or None,
        "neighbour": next((n for n in PATCH_NAMES if f.neighbour.endswith(" " + n)), None),
        "relation": f.relation or None,
        "turn": None if f.kind == "shape" else round(turn * TURNS / 360) % TURNS,
    }
    return np.array([IGNORE if shown[k] is None else POOLED[k].index(shown[k]) for k in POOLED])


def example(
    scene: Scene,
    thing: Thing,
    tokenizer: sentencepiece.SentencePieceProcessor,
    size: int,
    grid: int,
    rng: random.Random,
    long: bool = False,
) -> Example:
    """A region with turns about it, after a preamble of up to 250 words if `long`."""
    mask = drawn_mask.draw_mask(thing.mask, rng, is_alone(scene, thing))
    f = facts.facts_of(scene, thing)
    return Example(
        focal.pixel_bytes(scene.picture, mask, size),
        packed(f, tokenizer, rng, long),
        patch_labels(scene, mask, grid),
        pooled_labels(f, thing.turn),
        f,
    )


def packed(f: Facts, tokenizer: sentencepiece.SentencePieceProcessor, rng: random.Random, long: bool = False) -> Packed:
    """Packed turns about a region with these facts, some after a short preamble; all after a long one if `long`."""
    before = ""
    if long:
        before = preamble.preamble(rng)
    elif rng.random() < PREAMBLE_SHARE:
        before = preamble.files(rng) if rng.random() < 0.3 else preamble.preamble(rng, 4, 40)
    room = LONG_TOKENS if long else TURN_TOKENS
    return pack(tokenizer, language.turns(f, rng, 10 if long else 16), room=room, before=before)


@dataclass(frozen=True)
class ClipExample:
    """Eight frames with turns about three orders of them: forwards, backwards and one frame repeated."""

    pixels: np.ndarray  # bytes [FRAMES, 8, S, S]
    order: np.ndarray  # [3, FRAMES]: index of the frame at each place
    packed: list[Packed]
    facts: Facts


def clip_example(
    clip: Clip, tokenizer: sentencepiece.SentencePieceProcessor, size: int, rng: random.Random
) -> ClipExample:
    style = rng.choices(["exact", "grown", "shrunk", "coarse"], [0.7, 0.1, 0.1, 0.1])[0]
    masks = [drawn_mask.draw_mask(m, rng, style=style) for m in clip.masks]
    pixels = np.stack([focal.pixel_bytes(p, m, size) for p, m in zip(clip.pictures, masks, strict=True)])
    frames = list(range(prompt.FRAMES))
    orders = [frames, frames[::-1], [rng.randrange(prompt.FRAMES)] * prompt.FRAMES]
    return ClipExample(pixels, np.array(orders), packed_clip(clip.facts, tokenizer, rng), clip.facts)


def packed_clip(f: Facts, tokenizer: sentencepiece.SentencePieceProcessor, rng: random.Random) -> list[Packed]:
    """Packed turns about a clip forwards, backwards and still."""
    ways = [dataclasses.replace(f, motion=motion) for motion in (f.motion, REVERSED[f.motion], "still")]
    return [pack(tokenizer, language.turns(way, rng, 8), prompt.FRAMES, CLIP_TOKENS) for way in ways]
