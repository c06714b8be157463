"""The things the model is taught to name, with the code points of their emoji, and some it must not name.

Knows words and code points only; the pictures are art.py's matter.
"""

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
}
"""Taught by name."""

UNKNOWN = (
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
    "1fa9c 1faa3 2696-fe0f 2699-fe0f 2709-fe0f 270f-fe0f 26f8-fe0f 26f2 26e9-fe0f 1f3db-fe0f"
).split()
"""Never named. Every fifth is kept for evaluation: the model meets it there for the first time."""


def unknown(held_out: bool) -> list[str]:
    return [code for i, code in enumerate(UNKNOWN) if (i % 5 == 4) == held_out]


def with_article(phrase: str) -> str:
    if phrase.split()[-1] in PLURAL:
        return phrase
    return ("an " if phrase[0] in "aeiou" else "a ") + phrase


PLURAL = ("grapes", "scissors")
