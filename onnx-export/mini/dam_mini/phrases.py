"""The listed ways to ask for each fact. Every fifth phrase of a list is kept for evaluation (`shown`).

A fact is asked for in one of three ways: with a question of its own ("What colour is {it}?"), with a noun phrase
after a request ("the colour of {it}"), or with a clause after a request ("what colour {it} is").
"""

from __future__ import annotations

import random
from dataclasses import dataclass

KEPT_EVERY, KEPT_AT = 5, 3
"""Of each list, every fifth phrase from the fourth on is kept for evaluation."""


@dataclass(frozen=True)
class Phrases:
    """The ways to ask for one fact."""

    questions: list[str]
    nouns: list[str]
    clauses: list[str]


def shown(phrases: list[str], held_out: bool) -> list[str]:
    """The phrases for training, or those for evaluation."""
    return [p for i, p in enumerate(phrases) if (i % KEPT_EVERY == KEPT_AT) == held_out]


ASKS: dict[str, Phrases] = {
    "name": Phrases(
        [
            "What is {it}?", "What do you see?", "What kind of thing is {it}?", "What object is {it}?", "What am I looking at?",
            "What's {it}?", "What is shown here?", "What would you call {it}?", "What is in the mask?", "What is {it} called?",
            "What does the mask show?", "Can you name {it}?", "What have I marked?", "Do you recognise {it}?", "What is that in the mask?",
            "What sort of object is {it}?", "Which object is {it}?", "What is marked?", "What could {it} be?", "What is it that I marked?",
            "Which thing is marked here?", "What is this supposed to be?", "What is the object in the mask?", "Which object do you see?",
            "What thing is {it}?",
        ],
        [
            "the name of {it}", "the name of the masked object", "the kind of object", "the object in the mask", "the name of the thing",
            "the object", "what you see in the mask", "the name of this object", "the type of thing", "the name for {it}", "the identity of {it}", "its identity",
        ],
        [
            "what {it} is", "what that is", "what {it} is called", "what you see", "which object {it} is", "what kind of thing {it} is",
            "what I marked", "what the mask shows", "what is marked", "what is in the mask",
        ],
    ),
    "colour": Phrases(
        [
            "What colour is {it}?", "Which colour does {it} have?", "What is the colour of {it}?", "What colour does {it} have?",
            "Which colour is {it}?", "What is {it}'s colour?", "What's the main colour of {it}?", "What hue is {it}?", "What is its colour?",
            "Which colour is {it} mostly?", "What colour would you say {it} is?", "What colour is {it} mainly?", "In which colour is {it}?",
            "What are the colours of {it}?", "What colour is the object?", "Which colour?", "What colour?", "How is {it} coloured?",
            "What is the main colour?", "Of what colour is {it}?", "What colour has {it}?", "Which colour do you see on {it}?",
            "What's its colour?", "What colour do you see?", "What colour does {it} show?",
        ],
        [
            "the colour of {it}", "its colour", "its main colour", "the main colour of {it}", "the colour", "the colour of the object",
            "the colour that {it} has", "the object's colour", "the hue of {it}", "the colour of the thing in the mask",
        ],
        [
            "what colour {it} is", "which colour {it} has", "which colour {it} is", "what its colour is", "what colour {it} has",
            "what the main colour of {it} is", "which colour you see", "what colour {it} mainly is", "how {it} is coloured",
            "what the colour of {it} is",
        ],
    ),
    "texture": Phrases(
        [
            "What pattern does {it} have?", "What texture does {it} have?", "Is {it} plain, striped, dotted or checkered?",
            "Which pattern does {it} have?", "What is the pattern of {it}?", "What is its pattern?", "Does {it} have a pattern?",
            "Which pattern do you see on {it}?", "How is {it} patterned?", "What is the texture of {it}?", "What pattern is on {it}?",
            "What kind of pattern does {it} have?", "What pattern?", "What's the pattern on {it}?", "Which texture does {it} show?",
            "What does its surface look like?", "What pattern covers {it}?", "What is its texture?", "Which pattern is {it} filled with?",
            "What pattern can you see on {it}?",
        ],
        [
            "the pattern of {it}", "its pattern", "its texture", "the pattern on {it}", "the texture of {it}", "the pattern",
            "the kind of pattern on {it}", "the object's pattern", "the texture", "the pattern it has", "the design of {it}", "its design",
        ],
        [
            "what pattern {it} has", "which pattern {it} has", "what its pattern is", "what texture {it} has", "what the pattern of {it} is",
            "which pattern is on {it}", "how {it} is patterned", "what pattern you see", "which texture {it} has", "what its texture is",
        ],
    ),
    "size": Phrases(
        [
            "How big is {it}?", "What size is {it}?", "Is {it} small, medium-sized or large?", "How large is {it}?", "What is the size of {it}?",
            "What is its size?", "Which size does {it} have?", "How small or large is {it}?", "How much of the picture does {it} take up?",
            "What size does {it} have?", "How big does {it} look?", "How big is {it} in the picture?", "What size?", "What's its size?",
            "Is {it} large or small?", "How large does {it} appear?", "Of what size is {it}?", "How big would you say {it} is?",
            "How large is {it} in this image?", "How big is the object?",
        ],
        [
            "the size of {it}", "its size", "the size of the object", "how big {it} looks", "the object's size", "the size",
            "its size in the picture", "the approximate size of {it}", "its rough size", "the size that {it} has", "the dimensions of {it}", "its dimensions",
        ],
        [
            "how big {it} is", "how large {it} is", "what size {it} is", "what its size is", "which size {it} has", "what size {it} has",
            "how big {it} appears", "how large {it} looks", "whether {it} is small or large", "what the size of {it} is",
        ],
    ),
    "position": Phrases(
        [
            "Where is {it}?", "Where in the picture is {it}?", "Where is {it} in the image?", "Where can I find {it}?", "Where do you see {it}?",
            "In which part of the picture is {it}?", "What is the position of {it}?", "What is its position?", "Where is {it} located?",
            "Where does {it} lie in the picture?", "In which corner or side is {it}?", "Whereabouts is {it}?", "What's the location of {it}?",
            "In what part of the image is {it} located?", "Where exactly is {it}?", "Where is {it} placed?", "Which part of the picture is {it} in?",
            "Where's {it}?", "At which place in the picture is {it}?", "Where in the image can {it} be found?", "On which side is {it}?",
            "Which area of the image is {it} in?", "Where is {it} in this picture?", "Where does {it} appear in the image?", "Where is {it} in the frame?",
        ],
        [
            "the position of {it}", "its position", "its position in the picture", "the location of {it}", "the place where {it} is", "its place",
            "where {it} is in the picture", "its location", "the position of the object in the image", "the part of the picture {it} is in", "its whereabouts", "the whereabouts of {it}",
        ],
        [
            "where {it} is", "where in the picture {it} is", "where {it} is located", "in which part of the image {it} is", "where to find {it}",
            "where you see {it}", "what its position is", "where {it} is placed", "where I can find {it}", "in which corner {it} is",
        ],
    ),
    "background": Phrases(
        [
            "What is the background?", "What is behind {it}?", "Where was this picture taken?", "What scene is {it} in?", "What does the background show?",
            "What is in the background?", "What kind of background is it?", "What's behind {it}?", "What is the setting?", "In what scenery is {it}?",
            "What surroundings is {it} in?", "What's the background?", "Which background is there?", "What kind of place is this?",
            "What does the scene look like?", "In what kind of place is {it}?", "What scene is this?", "What is the scene?", "What environment is {it} in?",
            "What surrounds {it}?", "What is the backdrop?", "What background do you see?", "What is around {it}?", "What setting is {it} in?",
            "In front of what background is {it}?",
        ],
        [
            "the background", "the scene", "the background of the picture", "the setting", "the surroundings of {it}", "the scenery",
            "the background behind {it}", "the backdrop", "the place this shows", "the kind of background",
        ],
        [
            "what the background is", "what is behind {it}", "what scene {it} is in", "what the background shows", "what is in the background",
            "what kind of place this is", "where this picture was taken", "what the setting is", "what surrounds {it}", "what scene this is",
        ],
    ),
    "count": Phrases(
        [
            "How many things are in the picture?", "How many objects are there?", "How many objects do you see?", "How many things can you see?",
            "How many objects are in the image?", "How many things are there altogether?", "What is the number of objects?", "How many items are shown?",
            "How many things does the picture show?", "How many objects can be seen in total?", "How many are there?", "How many objects in all?",
            "What number of things are in the image?", "How many things are there in this picture?", "How many objects does the image contain?",
            "How many separate things do you count?", "How many items are in the picture?", "How many objects?", "How many things in total?",
            "What is the total number of things?",
        ],
        [
            "the number of things", "the number of objects in the picture", "the total number of objects", "the count of things",
            "how many things there are", "the number of items", "the object count", "the number of things in the image", "the total",
            "the number of objects you see",
        ],
        [
            "how many things are in the picture", "how many objects there are", "how many objects you see", "how many items the image shows",
            "how many things there are", "how many things you can count", "how many objects are in the image", "how many there are",
            "how many things you see", "what the number of objects is",
        ],
    ),
    "neighbour": Phrases(
        [
            "What is next to {it}?", "What is the nearest object?", "Which object is closest to {it}?", "What is beside {it}?", "What's near {it}?",
            "What is nearest to {it}?", "Which thing is next to {it}?", "What is its nearest neighbour?", "What lies next to {it}?",
            "What thing is closest to {it}?", "What's next to {it}?", "What other object is near {it}?", "Which thing is nearest?",
            "What stands beside {it}?", "What is close to {it}?", "Which object is nearest to {it}?", "What is the closest thing?",
            "What is the neighbour of {it}?", "What object is right next to {it}?", "What is by its side?",
        ],
        [
            "the nearest thing", "the object closest to {it}", "the thing next to {it}", "its nearest neighbour", "the object next to {it}",
            "its neighbour", "the closest object", "the thing nearest to {it}", "the object beside {it}", "the thing beside {it}",
        ],
        [
            "what is next to {it}", "which object is closest to {it}", "what is beside {it}", "which thing is nearest to {it}", "what is near {it}",
            "what stands next to {it}", "what its nearest neighbour is", "what is closest to {it}", "what thing is next to {it}", "what lies beside {it}",
        ],
    ),
    "letter": Phrases(
        [
            "What is written on {it}?", "Which letter is on {it}?", "What letter is on {it}?", "What does {it} say?", "What can you read on {it}?",
            "Is there text on {it}?", "What text is on {it}?", "What letter do you see on {it}?", "What is the letter on {it}?", "What does the text say?",
            "Which letter does {it} have?", "Is anything written on {it}?", "What writing is on {it}?", "Which letter can be read on {it}?",
            "What stands written on {it}?", "What letter does {it} carry?", "What is printed on {it}?", "Can you read the text on {it}?",
            "What does it say on {it}?", "Which character is on {it}?",
        ],
        [
            "the letter on {it}", "the text on {it}", "what is written on {it}", "the writing on {it}", "the letter that is on {it}", "the letter",
            "any text on {it}", "the character on {it}", "the letter you see", "the inscription on {it}",
        ],
        [
            "what is written on {it}", "which letter is on {it}", "what letter is on {it}", "which letter you see", "what {it} says",
            "what you can read on {it}", "what the text says", "which letter {it} has", "whether there is text on {it}", "what is printed on {it}",
        ],
    ),
    "motion": Phrases(
        [
            "How does {it} move?", "What does {it} do?", "Which way does {it} move?", "In which direction does {it} move?", "What is the motion of {it}?",
            "Where does {it} go?", "How is {it} moving?", "Where is {it} going?", "What movement does {it} make?", "In what direction is {it} moving?",
            "What is {it} doing?", "Does {it} move?", "What happens to {it}?", "Which direction does {it} go in?", "How does its position change?",
            "What motion do you see?", "What is its direction of movement?", "How does {it} move in the video?", "Which way is {it} going?",
            "What does {it} do in the video?",
        ],
        [
            "the motion of {it}", "its movement", "the direction of its movement", "the way {it} moves", "its motion", "the movement of {it}",
            "its direction", "how {it} moves", "what {it} does", "the direction in which {it} moves",
        ],
        [
            "how {it} moves", "which way {it} moves", "what {it} does", "where {it} goes", "in which direction {it} moves", "how {it} is moving",
            "what {it} is doing", "where {it} is going", "whether {it} moves", "what happens to {it}",
        ],
    ),
    "describe": Phrases(
        [
            "Describe {it}.", "What can you say about {it}?", "Can you describe {it}?", "How would you describe {it}?", "Describe what you see.",
            "What does {it} look like?", "Describe the masked region.", "Give a description of {it}.", "Tell me about {it}.", "Describe what is in the mask.",
            "Write a description of {it}.", "What do you see in the mask?", "Caption {it}.", "Write a caption for {it}.", "Provide a description of {it}.",
            "Give me a caption for {it}.", "How does {it} look?", "Describe the object.", "Tell me what you see.", "Explain what is shown in the mask.",
        ],
        [
            "a description of {it}", "a description", "a caption for {it}", "a description of the masked region", "a description of what you see",
            "a caption", "something about {it}", "a description of the object", "a summary of what is in the mask", "a description of this thing",
        ],
        [
            "what {it} looks like", "what you can see in the mask", "how {it} looks", "how you would describe {it}", "what you see there",
            "what is shown in the mask", "what can be seen there", "what the marked thing looks like", "all about {it}", "what the region shows",
        ],
    ),
    "brightness": Phrases(
        [
            "Is {it} brighter or darker than the background?", "Is {it} lighter or darker than its surroundings?", "Compared with the background, is {it} brighter or darker?",
            "Is {it} darker or brighter than what surrounds it?", "How bright is {it} compared with its surroundings?", "Does {it} look brighter or darker than the ground?",
            "Is {it} darker or lighter than what is behind it?", "Brighter or darker than the background?", "How does its brightness compare with the background?",
            "Is {it} lighter or darker than the area around it?",
        ],
        [
            "the brightness of {it} compared with the background", "its brightness against the surroundings", "how bright {it} is against the background",
            "its brightness in comparison with the background", "the brightness of {it} relative to its surroundings",
        ],
        [
            "whether {it} is brighter or darker than the background", "if {it} is lighter or darker than its surroundings", "whether {it} is darker or brighter than the ground",
            "if {it} is brighter or darker than what is around it", "whether {it} is lighter or darker than what is behind it",
        ],
    ),
    "bigger": Phrases(
        [
            "Is {it} bigger or smaller than the thing next to it?", "Compared with the nearest object, is {it} bigger or smaller?", "Is {it} smaller or bigger than its neighbour?",
            "Is {it} larger or smaller than the nearest thing?", "How big is {it} compared with its neighbour?", "Is {it} larger or smaller than the object beside it?",
            "Bigger or smaller than the object next to it?", "How does its size compare with the thing beside it?", "Is {it} bigger or smaller than its nearest neighbour?",
            "Is {it} smaller or larger than the closest object?",
        ],
        [
            "the size of {it} compared with its neighbour", "its size in comparison with the nearest thing", "how big {it} is against the thing next to it",
            "its size relative to its neighbour", "the size of {it} compared with the nearest object",
        ],
        [
            "whether {it} is bigger or smaller than the thing next to it", "if {it} is larger or smaller than its neighbour", "whether {it} is smaller or bigger than the nearest object",
            "if {it} is bigger or smaller than what is beside it", "whether {it} is larger or smaller than the closest thing",
        ],
    ),
    "largest": Phrases(
        [
            "Is {it} the largest thing in the picture?", "Is {it} the biggest object?", "Is {it} the biggest thing here?", "Is nothing in the picture bigger than {it}?",
            "Of all the objects, is {it} the largest?", "Is {it} bigger than all the others?", "Is {it} the largest object in the image?", "Is {it} larger than everything else?",
            "Is {it} the biggest of all?", "Among all things, is {it} the biggest?",
        ],
        [],
        [
            "whether {it} is the largest thing in the picture", "if {it} is the biggest object", "whether {it} is bigger than all the others", "if {it} is the largest of all",
            "whether {it} is the biggest thing here",
        ],
    ),
}  # fmt: skip
"""The phrases for each fact."""


def pick(phrases: list[str], rng: random.Random, held_out: bool = False) -> str:
    """A random phrase of those for training, or of those for evaluation."""
    return rng.choice(shown(phrases, held_out))


def capital(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]
