"""How questions are worded: what is asked, the form that is wished for, and the manners around both.

Knows phrases only; the truth is none of its business. A fifth of the phrases is kept for evaluation: `pick`
never returns one of those for training.

A question is asked in one of three ways: as a question of its own ("What colour is {it}?"), as a noun phrase
that follows a request ("the colour of {it}"), or as a clause that does ("what colour {it} is").
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

KEPT_EVERY, KEPT_AT = 5, 3
"""Of each list every fifth phrase, from the fourth on, is only for evaluation."""


@dataclass(frozen=True)
class Phrases:
    """The ways to ask for one fact."""

    questions: list[str]
    nouns: list[str]
    clauses: list[str]


def shown(phrases: list[str], held_out: bool) -> list[str]:
    """The phrases for training, or those that are kept for evaluation."""
    return [p for i, p in enumerate(phrases) if (i % KEPT_EVERY == KEPT_AT) == held_out]


IT = [
    "it", "this", "it", "this thing", "this object", "the masked object", "it", "the object in the mask", "the thing in the mask",
    "the marked object", "that", "the object", "the thing", "the masked thing", "it", "the highlighted object", "the selected object",
    "the thing that is marked", "the masked region", "the object in the masked region", "the region", "the marked thing",
    "the highlighted thing", "the selected region", "the object I marked", "the thing I selected", "the highlighted region", "that object",
]  # fmt: skip
"""What the region is called."""

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

REQUESTS_NOUN = [
    "Tell me {x}.", "Give me {x}.", "Please give me {x}.", "State {x}.", "I need {x}.", "{x}?", "Name {x}.", "Please state {x}.", "{x}, please.",
    "I'd like to have {x}.", "Could you give me {x}?", "Say {x}.", "Can you tell me {x}?", "Please tell me {x}.", "Find {x}.", "{x}",
    "I want {x}.", "Give {x}.", "Just tell me {x}.", "Report {x}.",
]  # fmt: skip
REQUESTS_CLAUSE = [
    "Tell me {x}.", "Please tell me {x}.", "Can you tell me {x}?", "Could you please tell me {x}?", "I'd like to know {x}.", "Do you know {x}?",
    "Say {x}.", "I want to know {x}.", "Could you say {x}?", "Would you tell me {x}?", "Please say {x}.", "I wonder {x}.", "Let me know {x}.",
    "Can you see {x}?", "Would you mind telling me {x}?",
]  # fmt: skip
AROUND = [
    "{q}", "{q}", "{q}", "Would you help me? {q}", "Please: {q}", "Hi! {q}", "Hello, {q}", "{q} Thanks!", "Excuse me, {q}", "{q} Thank you.", "Quick question: {q}",
    "Look at the picture. {q}", "I have a question: {q}", "Have a look. {q}", "Hey, {q}", "Look at the mask. {q}", "{q} Please.", "So, {q}", "My question is: {q}",
    "Kindly answer: {q}", "{q} Thanks in advance.", "One question: {q}",
]  # fmt: skip

FORMS: dict[str, tuple[list[str], list[str]]] = {
    "word": (
        [
            "In one word:", "Answer with one word:", "One word:", "With one word:", "In a single word:", "One word only:", "Use one word:",
            "Answer in one word:", "In just one word:", "Reply with a single word:",
        ],
        [
            "Answer in one word.", "One word only.", "Use one word.", "Reply with one word.", "One word, please.", "Answer with a single word.",
            "Just one word.", "In one word.", "Give a one-word answer.", "Keep it to one word.",
        ],
    ),
    "few": (
        [
            "In a few words:", "Use a few words:", "With a few words:", "Answer in a few words:", "In two or three words:", "A few words only:",
            "In just a few words:", "In no more than a few words:", "In as few words as possible:", "Using only a few words:",
        ],
        [
            "Answer in a few words.", "A few words are enough.", "Use only a few words.", "In a few words, please.", "Just a few words.", "In a few words.",
            "Reply in a few words.", "No more than a few words.", "Only a few words.", "Keep it to a few words.",
        ],
    ),
    "brief": (
        [
            "Briefly:", "In short:", "Be brief:", "Short answer:", "Answer briefly:", "Keep it short:", "Short and simple:", "Quickly:", "To be brief:", "In brief:",
        ],
        [
            "Answer briefly.", "Be brief.", "Keep it short.", "A short answer, please.", "Short answer.", "In short.", "Briefly, please.", "Please be brief.",
            "Make it short.", "Keep the answer short.",
        ],
    ),
    "sentence": (
        [
            "In one sentence:", "Answer in one sentence:", "With one sentence:", "Using one full sentence:", "In a full sentence:", "In a complete sentence:",
            "Use one sentence:", "One sentence:", "In a single sentence:", "Write one sentence:",
        ],
        [
            "Answer in one sentence.", "Use a full sentence.", "In one sentence, please.", "One sentence, please.", "Reply in a complete sentence.", "In one sentence.",
            "Answer with a whole sentence.", "Answer in a single sentence.", "Just one sentence.", "A full sentence, please.",
        ],
    ),
    "detail": (
        [
            "In detail:", "Be detailed:", "As detailed as you can:", "With all details:", "With details:", "Thoroughly:", "At length:", "In full detail:",
            "In great detail:", "With as many details as possible:",
        ],
        [
            "In detail, please.", "Be detailed.", "In detail.", "Give all details.", "Answer in detail.", "With all details.", "Be thorough.", "Go into detail.",
            "Include the details.", "Give me every detail.",
        ],
    ),
    "name only": (
        [
            "Just the name:", "Only the name:", "Name only:", "Answer with the name only:", "Only its name:", "Give just the name:", "Nothing but the name:",
            "The name and nothing else:", "Just its name:", "With the name alone:",
        ],
        [
            "Only the name.", "Just the name.", "Name only, please.", "Give only the name.", "Answer with just the name.", "Nothing but the name.", "Only its name, please.",
            "The name alone is enough.", "The name is enough.", "Just give the name.",
        ],
    ),
    "no colour": (
        [
            "Without the colour:", "Without naming colours:", "Leave out the colour:", "Without any colours:", "Don't mention colours:", "Not mentioning the colour:",
            "Without mentioning its colour:", "No colours:", "Leaving out colours:", "Ignore the colour:",
        ],
        [
            "Leave out the colour.", "Don't mention the colour.", "Without the colour.", "Do not name any colours.", "No colours, please.", "Without colours.",
            "Don't say its colour.", "Skip the colour.", "Omit the colour.", "But without its colour.",
        ],
    ),
    "letter only": (
        [
            "Answer with the letter only:", "Only the letter:", "Just the letter:", "Reply with the option's letter:", "Choose a letter:", "Letter only:",
            "With the letter alone:", "Give only the letter:", "Pick the letter:", "Answer with A, B or C:",
        ],
        [
            "Answer with the letter only.", "Only the letter.", "Just the letter.", "Reply with a single letter.", "Give only the letter.", "Letter only, please.",
            "Answer A, B or C.", "Just the letter, please.", "Choose the letter.", "The letter is enough.",
        ],
    ),
}  # fmt: skip
"""What a wished form is asked for with: before the question, and after it."""

YES_NO = [
    "Is {it} {x}?", "Is it {x}?", "{it} is {x}, isn't it?", "Would you say {it} is {x}?", "Is it true that {it} is {x}?", "Can you confirm that {it} is {x}?", "Yes or no: is {it} {x}?",
    "Is {it} {x}, yes or no?", "Do you think {it} is {x}?", "Is it {x}, yes or no?", "Is that {x}?", "Could {it} be {x}?", "Am I right that {it} is {x}?",
    "Would it be right to say {it} is {x}?", "Tell me if {it} is {x}.", "Tell me whether {it} is {x}.", "True or false: {it} is {x}?", "I think {it} is {x}. Is that right?",
    "Please check whether {it} is {x}.", "{it} is {x}, right?",
]  # fmt: skip
"""Questions for yes or no; {x} is what may be true."""

CHOICES = [
    "{q} {options}", "{q} Choose: {options}", "{q} Pick one: {options}", "{q} Select the right one: {options}", "{q} Options: {options}", "Choose the right answer. {q} {options}",
    "{q} Is it {options}?", "{q} One of these: {options}", "Which is right? {q} {options}", "{q}\n{options}",
]  # fmt: skip

LISTS = [
    "List {x}.", "Name {x}.", "What are {x}?", "Give {x}.", "Tell me {x}.", "Please list {x}.", "I'd like to know {x}.", "State {x}.", "Can you list {x}?",
    "Can you tell me {x}?", "Make a list of {x}.", "{x}?", "Give me {x}, please.", "Write down {x}.", "Please give {x}.",
]  # fmt: skip
"""Requests for several facts; {x} is "its colour, size and position"."""

PARTS: dict[str, list[str]] = {
    "name": ["name", "name", "kind", "identity", "name"],
    "colour": ["colour", "colour", "main colour", "hue", "colour"],
    "size": ["size", "size", "rough size", "dimensions", "size"],
    "texture": ["pattern", "pattern", "texture", "design", "pattern"],
    "position": ["position", "place in the picture", "location", "whereabouts", "place"],
    "background": ["background", "surroundings", "background", "setting", "background"],
}
"""What the facts of a list are called."""

CANNOT_KNOW = [
    "Who owns it?", "How much does it cost?", "How old is it?", "What is the price of it?", "Who made it?", "What does it weigh?", "What does it smell like?",
    "When was this picture taken?", "What's the weather like?", "What will happen next?", "What is inside it?", "What is its price?", "Who took the picture?",
    "What is the name of the owner?", "What does it sound like?", "Who is this person?", "What is his name?", "What is her name?", "What brand is it?", "What is the person called?",
    "How expensive is this?", "Where can I buy it?", "What time is it?", "Is it going to rain today?", "How warm is it there?", "What is the temperature?",
    "What day was it?", "What did it cost?", "How heavy is it?", "In which year was it made?", "What is the capital of France?", "What is two plus two?",
    "Who painted this?", "Which company makes it?", "Is it for sale?", "Whose is it?", "Does it taste good?", "How does it feel to the touch?", "How fast is it?",
    "Who lives there?", "What country is this?", "Where does it come from?", "How long has it been there?", "What's the weather tomorrow?", "Is it new or used?",
    "What happened before?", "Who put it there?", "Why is it there?", "What is the phone number?", "Who does it belong to?", "What is the owner thinking?",
    "How many calories does it have?", "Is it alive?", "How much would you pay for it?", "What model is it?", "Tell me a joke.", "Write a poem.",
    "Who is the president?", "What's your name?", "What camera took this picture?", "Who drew it?", "What's it worth?", "Is it sunny today?", "How much money is it worth?",
    "What is the name of the person in the picture?", "Will it be cold tomorrow?", "How tall is it in metres?", "What does it eat?", "What is its serial number?",
    "Which shop sells it?", "Translate this word.", "What is the date?", "How many people own one?", "What are you thinking?", "What is the recipe?",
]  # fmt: skip
"""What no picture of this kind can tell."""

OTHER_LANGUAGES = [
    "Was ist das?", "Welche Farbe hat es?", "Qu'est-ce que c'est?", "Wo ist es?", "¿Qué es esto?", "De quelle couleur est-ce?", "¿De qué color es?", "Che cos'è?",
    "¿Dónde está?", "Beschreibe den markierten Bereich.", "Décrivez la région masquée.", "Describe la región marcada, por favor.", "Di che colore è?", "Wie groß ist es?",
    "O que é isto?", "Wat is dit?", "Où est-il?", "Was siehst du auf dem Bild?", "Quelle est sa taille?", "Welke kleur heeft het?", "Qué ves en la imagen?",
    "Beschreibe es kurz.", "Combien d'objets y a-t-il?", "Wie viele Dinge sind zu sehen?", "Dov'è?", "Cosa vedi?", "Co to jest?", "Hvad er det?", "Vad är det här?",
    "Mikä tämä on?", "Что это?", "这是什么?", "これは何ですか?", "Какого цвета?", "Answer in German: what is it?", "Answer in French.", "What is it? Reply in Spanish.",
    "Describe it in Italian.", "Was ist im Hintergrund?", "Please answer in German.", "What is this in French?", "Bitte beschreibe das Objekt.", "Que voyez-vous?",
    "Describe it in Japanese.", "¿Cuántos objetos hay?", "Quanti oggetti ci sono?", "Say it in Dutch.", "Qual é a cor?", "Hoe groot is het?", "Was für ein Gegenstand ist das?",
]  # fmt: skip
"""Questions in other languages, or for answers in them."""

AMERICAN = {
    "colour": "color", "grey": "gray", "recognise": "recognize", "neighbour": "neighbor", "centre": "center", "checkered": "checkered", "aeroplane": "airplane",
    "doughnut": "donut", "aubergine": "eggplant", "metres": "meters", "ladybird": "ladybug", "sailing boat": "sailboat",
}  # fmt: skip


def pick(phrases: list[str], rng: random.Random, held_out: bool = False) -> str:
    """One of the phrases for training, or of those that are kept for evaluation."""
    return rng.choice(shown(phrases, held_out))


def american(text: str) -> str:
    """The same in American spelling."""
    for british, word in AMERICAN.items():
        text = re.sub(british, word, text)
        text = re.sub(british.capitalize(), word.capitalize(), text)
    return text


def slip(text: str, rng: random.Random) -> str:
    """The text with one typing slip in a word of five letters or more, if there is one."""
    words = [m for m in re.finditer(r"[A-Za-z]{5,}", text)]
    if not words:
        return text
    word = rng.choice(words)
    k = rng.randrange(word.start() + 1, word.end() - 1)
    kind = rng.randrange(3)
    if kind == 0:
        return text[:k] + text[k + 1] + text[k] + text[k + 2 :]
    return text[:k] + text[k + 1 :] if kind == 1 else text[:k] + text[k] + text[k:]


def capital(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def ask(fact: str, rng: random.Random, held_out: bool = False) -> str:
    """A way to ask for a fact, with no form wished for."""
    phrases = ASKS[fact]
    lot = rng.random()
    if lot < 0.55 or (lot < 0.75 and not phrases.nouns):
        core = pick(phrases.questions, rng, held_out)
    elif lot < 0.75:
        core = pick(REQUESTS_NOUN, rng).replace("{x}", pick(phrases.nouns, rng, held_out))
    else:
        core = pick(REQUESTS_CLAUSE, rng).replace("{x}", pick(phrases.clauses, rng, held_out))
    return capital(referring(core, rng))


def referring(text: str, rng: random.Random) -> str:
    """The phrase with the region called by one of its names; the second time it is "it"."""
    return text.replace("{it}", pick(IT, rng), 1).replace("{it}", "it")


def formed(question: str, form: str, rng: random.Random, held_out: bool = False) -> str:
    """The question with a wish for a form, before or after it; the forms are joined by "+"."""
    for one in filter(None, form.split("+")):
        before, after = FORMS[one]
        if rng.random() < 0.4:
            lead = pick(before, rng, held_out)
            tail = (
                question[0].lower() + question[1:] if rng.random() < 0.5 and not question.startswith("I ") else question
            )
            question = f"{lead} {tail}"
        else:
            question = f"{question} {pick(after, rng, held_out)}"
    return question


def mannered(question: str, rng: random.Random) -> str:
    """The question as people type it: with manners around it, in American spelling, in lower case, without its last
    sign, with a slip of the keys."""
    if rng.random() < 0.3:
        question = pick(AROUND, rng).replace("{q}", question)
    if rng.random() < 0.4:
        question = american(question)
    if rng.random() < 0.2:
        question = question.lower()
    if rng.random() < 0.2:
        question = question.rstrip("?.!")
        if rng.random() < 0.3:
            question = re.sub(r"[?.!,:]", "", question)
    return slip(question, rng) if rng.random() < 0.08 else question
