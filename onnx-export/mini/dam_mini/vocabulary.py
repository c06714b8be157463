"""The things the model is taught to name, with the code points of their emoji, and some it must not name.

Knows words and code points only; the pictures are art.py's matter.
"""

from __future__ import annotations

import functools

THINGS: dict[str, str] = {
    "cat": "1f408",
    "dog": "1f415",
    "fish": "1f41f",
    "butterfly": "1f98b",
    "elephant": "1f418",
    "turtle": "1f422",
    "penguin": "1f427",
    "frog": "1f438",
    "car": "1f697",
    "bus": "1f68c",
    "bicycle": "1f6b2",
    "aeroplane": "2708-fe0f",
    "rocket": "1f680",
    "sailing boat": "26f5",
    "apple": "1f34e",
    "banana": "1f34c",
    "pizza": "1f355",
    "strawberry": "1f353",
    "guitar": "1f3b8",
    "key": "1f511",
    "umbrella": "2602-fe0f",
    "watermelon": "1f349",
    "house": "1f3e0",
    "tree": "1f333",
    "mushroom": "1f344",
    "alarm clock": "23f0",
    "crown": "1f451",
    "balloon": "1f388",
    "football": "26bd",
    "snowman": "26c4",
    "octopus": "1f419",
    "snail": "1f40c",
    "owl": "1f989",
    "panda": "1f43c",
    "whale": "1f433",
    "tractor": "1f69c",
    "grapes": "1f347",
    "carrot": "1f955",
    "book": "1f4d5",
    "pineapple": "1f34d",
    "hamburger": "1f354",
    "doughnut": "1f369",
    "top hat": "1f3a9",
    "cactus": "1f335",
    "sunflower": "1f33b",
    "tulip": "1f337",
    "hammer": "1f528",
    "scissors": "2702-fe0f",
    "bell": "1f514",
    "camera": "1f4f7",
    "bird": "1f426",
    "bee": "1f41d",
    "ladybird": "1f41e",
    "pig": "1f437",
    "helicopter": "1f681",
    "cake": "1f370",
    "ice cream": "1f366",
    "candle": "1f56f-fe0f",
    "gift": "1f381",
    "light bulb": "1f4a1",
    "drum": "1f941",
    "trumpet": "1f3ba",
    "trophy": "1f3c6",
    "anchor": "2693",
    "glasses": "1f453",
    "cup of coffee": "2615",
    "cherries": "1f352",
    "lemon": "1f34b",
    "pear": "1f350",
    "aubergine": "1f346",
    "sweetcorn": "1f33d",
    "bread": "1f35e",
    "chips": "1f35f",
    "wine glass": "1f377",
    "beer": "1f37a",
    "spider": "1f577-fe0f",
    "snake": "1f40d",
    "horse": "1f40e",
    "crab": "1f980",
    "palm tree": "1f334",
    "maple leaf": "1f341",
    "castle": "1f3f0",
    "telephone": "260e-fe0f",
    "television": "1f4fa",
    "watch": "231a",
    "pencil": "270f-fe0f",
    "magnifying glass": "1f50d",
    "padlock": "1f512",
    "spanner": "1f527",
    "shirt": "1f455",
    "dress": "1f457",
    "backpack": "1f392",
    "fire": "1f525",
    "snowflake": "2744-fe0f",
    "rainbow": "1f308",
    "ghost": "1f47b",
    "pumpkin": "1f383",
    "hourglass": "231b",
    "bomb": "1f4a3",
    "traffic light": "1f6a6",
    "globe": "1f30d",
    "cloud": "2601-fe0f",
    "sun": "2600-fe0f",
    "skull": "1f480",
    "jeans": "1f456",
    "toilet": "1f6bd",
}
"""Taught by name."""

_OTHERS = (
    "1f004 1f380 1f383 1f3a8 1f3ab 1f3ad 1f3ae 1f3af 1f3b1 1f3b2 1f3b3 1f3bd 1f3bf 1f3c5 1f3f8 1f52e 1f6f7 "
    "1f93f 1f94b 1f9e9 1f9f5 1f9f8 1fa80 1fa81 1f30b 1f311 1f321-fe0f 1f3a1 1f3aa 1f4ba 1f525 1f570-fe0f "
    "1f5fc 1f5fd 1f6a6 1f6a7 1f6d1 1f6df 1f6f4 1f6f8 1f6f9 1f9ed 1f9f1 1f9f3 1fa90 1faa8 1fab5 231b "
    "1f32d 1f32e 1f33d 1f346 1f350 1f35a 1f35e 1f35f 1f363 1f36b 1f36d 1f373 1f377 1f37a 1f37f 1f3fa 1f52a "
    "1f944 1f950 1f951 1f953 1f95a 1f95e 1f965 1f968 1f9c0 1f9c2 1f9c5 1f9c7 1f9ca 1fad6 1f980 1f982 "
    "1f987 1f994 1f995 1f40d 1f577-fe0f 1f578-fe0f 1f43e 1f341 1f340 1f331 1f392 1f393 1f3a4 1f3a7 "
    "1f3ac 1f3b7 1f3bb 1f454 1f455 1f456 1f457 1f45c 1f45f 1f460 1f484 1f489 1f48d 1f48e 1f4a3 1f4b0 "
    "1f4bb 1f4be 1f4bf 1f4c5 1f4ca 1f4cc 1f4ce 1f4d0 1f4dc 1f4e3 1f4e6 1f4ee 1f4fa 1f4fb 1f50b 1f50c "
    "1f50d 1f512 1f526 1f527 1f529 1f52c 1f52d 1f58a-fe0f 1f58d-fe0f 1f5d1-fe0f 1f5ff 1f6aa 1f6bd 1f6c1 "
    "1f6d2 1f6e1-fe0f 1f9e2 1f9e3 1f9e4 1f9e6 1f9f2 1f9f4 1f9f9 1f9fa 1f9fb 1fa70 1fa91 1fa93 1fa9a 1fa9b "
    "1fa9c 1faa3 2696-fe0f 2699-fe0f 2709-fe0f 270f-fe0f 26f8-fe0f 26f2 26e9-fe0f 1f3db-fe0f "
    "1f0cf 1f386 1f389 1f38d 1f38e 1f38f 1f390 1f397-fe0f 1f39f-fe0f 1f3a3 1f3b0 1f3be 1f3c0 1f3c8 1f3cf "
    "1f3d1 1f3d3 1f52b 1f579-fe0f 1f5bc-fe0f 1f945 1f94a 1f94c 1f94f 1f9e7 1f9e8 1f9f6 1fa84 1fa85 1fa86 "
    "1faa1 1faa2 1faa9 265f-fe0f 26f3 1f300 1f308 1f30a 1f30d 1f30f 1f31d 1f31e 1f320 1f327-fe0f 1f329-fe0f "
    "1f32a-fe0f 1f3a0 1f3a2 1f3cd-fe0f 1f3d4-fe0f 1f3d7-fe0f 1f3df-fe0f 1f3ed 1f3f0 1f488 1f4a7 1f54b "
    "1f5fa-fe0f 1f682 1f684 1f69f 1f6a2 1f6a5 1f6ce-fe0f 1f6dd 1f6de 1f6e2-fe0f 1f6e4-fe0f 1f6f0-fe0f 1f6f5 "
    "1f6f6 1f6fc 1f9bd 1fa82 231a 2604-fe0f 2668-fe0f 26a1 26c5 26fa 26fd 2744-fe0f 1f32f 1f330 1f336-fe0f "
    "1f345 1f34b 1f351 1f352 1f356 1f357 1f358 1f359 1f35b 1f35c 1f35d 1f360 1f361 1f362 1f364 1f365 1f36a "
    "1f36c 1f36e 1f36f 1f371 1f374 1f376 1f378 1f379 1f37b 1f37c 1f37e 1f942 1f943 1f952 1f954 1f956 1f957 "
    "1f959 1f95b 1f95c 1f95d 1f95f 1f960 1f961 1f962 1f964 1f966 1f967 1f969 1f96a 1f96b 1f96c 1f96d 1f96e "
    "1f9c3 1f9c4 1f9c8 1f9c9 1fad0 1fad1 1fad2 1fad5 1fad7 1fad8 1fad9 1fada 1fadb 1f334 1f33e 1f33f 1f342 "
    "1f3f5-fe0f 1f400 1f403 1f405 1f407 1f409 1f40a 1f40e 1f40f 1f412 1f413 1f41a 1f41b 1f41c 1f421 1f428 "
    "1f42a 1f42e 1f432 1f434 1f435 1f439 1f43a 1f43d 1f43f-fe0f 1f490 1f981 1f984 1f988 1f98a 1f98c 1f98d "
    "1f98e 1f98f 1f990 1f991 1f992 1f993 1f997 1f998 1f99a 1f99e 1f99f 1f9a0 1f9a1 1f9a3 1f9a5 1f9a6 1f9a8 "
    "1f9a9 1f9aa 1f9ab 1f9ad 1fab1 1fab4 1fab6 1fab7 1fab8 1faba 1fabc 1fabd 1fabe 1f399-fe0f 1f39b-fe0f "
    "1f39e-fe0f 1f3b5 1f3b9 1f3ee 1f3f7-fe0f 1f3f9 1f458 1f459 1f45b 1f45e 1f461 1f462 1f48a 1f4b3 1f4b5 "
    "1f4b8 1f4b9 1f4bc 1f4c1 1f4c4 1f4cb 1f4cd 1f4cf 1f4dd 1f4de 1f4e0 1f4e1 1f4e5 1f4eb 1f4f0 1f4f1 1f4ff "
    "1f50a 1f517 1f5a5-fe0f 1f5a8-fe0f 1f5b1-fe0f 1f5c4-fe0f 1f5d2-fe0f 1f5dc-fe0f 1f5e1-fe0f 1f5f3-fe0f "
    "1f6ac 1f6bf 1f6cb-fe0f 1f6cd-fe0f 1f6cf-fe0f 1f97c 1f97d 1f97e 1f9af 1f9ba 1f9e5 1f9ea 1f9eb 1f9ec 1f9ee "
    "1f9ef 1f9f0 1f9f7 1f9fc 1f9fd 1f9fe 1f9ff 1fa71 1fa72 1fa78 1fa79 1fa7a 1fa7b 1fa7c 1fa83 1fa87 1fa88 "
    "1fa92 1fa96 1fa97 1fa98 1fa99 1fa9d 1fa9e 1fa9f 1faa0 1faa4 1faa5 1faa6 1faa7 1faaa 1faad 1faae "
    "2328-fe0f 260e-fe0f 2692-fe0f 2694-fe0f 2697-fe0f 26b1-fe0f 26cf-fe0f 26d1-fe0f 26d3-fe0f 2712-fe0f "
).split()
UNKNOWN = [code for code in _OTHERS if code not in THINGS.values()]
"""Never named. Every fifth is kept for evaluation: the model meets it there for the first time."""


@functools.cache
def unknown(held_out: bool) -> list[str]:
    """The code points that are never named: those for training, or those that evaluation shows first."""
    return [code for i, code in enumerate(_OTHERS) if code in UNKNOWN and (i % 5 == 4) == held_out]


def with_article(phrase: str) -> str:
    """The phrase with the article that fits, if one does."""
    if phrase.split()[-1] in (*PLURAL, *UNCOUNTABLE):
        return phrase
    return ("an " if phrase[0] in "aeiou" else "a ") + phrase


PLURAL = ("grapes", "scissors", "glasses", "cherries", "chips", "jeans")
UNCOUNTABLE = ("bread", "sweetcorn")

LEFT_OUT: frozenset[tuple[str, str]] = frozenset(
    {
        ("1f408", "emojione"),  # a face
        ("1f415", "emojione"),  # a face
        ("1f437", "fxemoji"),  # the whole animal, where all others show a face
        ("1f426", "fxemoji"),  # a head
        ("2602-fe0f", "fxemoji"),  # closed
    }
)
"""Code points and designs whose picture shows something else, or cannot be told apart."""
