"""Questions that get a refusal: no picture of this kind can answer them, or they are not in English."""

from __future__ import annotations

import functools
import random

from . import wording
from .composed import bare
from .phrases import capital, shown

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
"""Questions that the picture cannot answer."""

OTHER_LANGUAGES = [
    "Was ist das?", "Welche Farbe hat es?", "Qu'est-ce que c'est?", "Wo ist es?", "¿Qué es esto?", "De quelle couleur est-ce?", "¿De qué color es?", "Che cos'è?",
    "¿Dónde está?", "Beschreibe den markierten Bereich.", "Décrivez la région masquée.", "Describe la región marcada, por favor.", "Di che colore è?", "Wie groß ist es?",
    "O que é isto?", "Wat is dit?", "Où est-il?", "Was siehst du auf dem Bild?", "Quelle est sa taille?", "Welke kleur heeft het?", "Qué ves en la imagen?",
    "Beschreibe es kurz.", "Combien d'objets y a-t-il?", "Wie viele Dinge sind zu sehen?", "Dov'è?", "Cosa vedi?", "Co to jest?", "Hvad er det?", "Vad är det här?",
    "Mikä tämä on?", "Что это?", "这是什么?", "これは何ですか?", "Какого цвета?", "Answer in German: what is it?", "Answer in French.", "What is it? Reply in Spanish.",
    "Describe it in Italian.", "Was ist im Hintergrund?", "Please answer in German.", "What is this in French?", "Bitte beschreibe das Objekt.", "Que voyez-vous?",
    "Describe it in Japanese.", "¿Cuántos objetos hay?", "Quanti oggetti ci sono?", "Say it in Dutch.", "Qual é a cor?", "Hoe groot is het?", "Was für ein Gegenstand ist das?",
]  # fmt: skip
"""Questions in other languages, and requests for answers in them."""

_ATTRIBUTES = [
    "price", "owner", "age", "weight", "brand", "maker", "serial number", "model number", "smell", "taste", "sound", "temperature", "history", "inventor",
    "phone number", "address", "birthday", "password", "telephone number", "email address", "licence plate", "value in euros", "cost", "price in dollars", "purpose",
    "country of origin", "date of purchase", "manufacturer", "designer", "lifetime", "speed", "exact weight", "length in centimetres", "material cost",
    "previous owner", "batch number", "scientific name of its maker", "favourite food", "nationality", "nickname", "job", "mood", "market value", "warranty",
]  # fmt: skip
_OF_ATTRIBUTE = [
    "What is the {a} of {it}?", "What's its {a}?", "Tell me its {a}.", "Do you know the {a} of {it}?", "Can you tell me its {a}?", "Name its {a}.",
    "Give me the {a} of {it}.", "Which {a} does {it} have?", "I need the {a}.", "Its {a}?", "What is {it}'s {a}?", "What would its {a} be?", "The {a}, please.",
    "State the {a} of {it}.", "Find out its {a}.",
]  # fmt: skip
_PEOPLE = [
    "made {it}", "bought {it}", "sold {it}", "drew {it}", "invented {it}", "lost {it}", "uses {it}", "is looking at {it}", "took this photo", "sent this picture",
    "wants {it}", "built {it}", "found {it}", "gave it away", "designed {it}", "pays for {it}", "is the owner", "is the photographer", "is this man", "is this woman",
    "is the author", "will buy {it}", "sells {it}", "is the artist", "is in charge here", "wrote this", "is the king of Spain", "won the match",
]  # fmt: skip
_WEATHER = ["rain", "snow", "be sunny", "be windy", "get cold", "be warm", "storm", "freeze", "be foggy", "be hot"]
_WHEN = [
    "today",
    "tomorrow",
    "tonight",
    "this week",
    "next week",
    "on Monday",
    "soon",
    "later",
    "in the evening",
    "at the weekend",
]
_LOOSE = [
    "How {h} is {it}?", "How {h} would {it} be?", "Can you tell how {h} {it} is?", "Do you know how {h} {it} is?", "I'd like to know how {h} {it} is.",
]  # fmt: skip
_HOWS = [
    "expensive",
    "heavy",
    "old",
    "loud",
    "tasty",
    "valuable",
    "rare",
    "fast",
    "soft",
    "hot",
    "famous",
    "dangerous",
    "popular",
    "clever",
    "sweet",
    "costly",
    "cheap",
    "strong",
]
_OTHER = [
    "What is {n} plus {m}?", "What is {n} times {m}?", "How much is {n} minus {m}?", "What is the capital of {c}?", "Who rules {c}?", "Where is {c}?",
    "How many people live in {c}?", "How do I get to {c}?", "What is the weather in {c}?", "How far is it to {c}?", "Was {it} made in {c}?", "Is this in {c}?",
    "What language do they speak in {c}?", "Tell me about the history of {c}.",
]  # fmt: skip
_COUNTRIES = [
    "Italy",
    "Spain",
    "Japan",
    "Norway",
    "Brazil",
    "Canada",
    "Egypt",
    "Poland",
    "Ireland",
    "Greece",
    "Kenya",
    "China",
    "London",
    "Paris",
    "Rome",
]
_TASKS = [
    "Write a {t}.",
    "Tell me a {t}.",
    "Make up a {t}.",
    "Give me a {t}.",
    "Can you write a {t}?",
    "Please write a {t}.",
    "I need a {t}.",
    "Compose a {t}.",
]
_TEXTS = [
    "story",
    "song",
    "letter to my aunt",
    "limerick",
    "riddle",
    "recipe",
    "shopping list",
    "program in Python",
    "haiku",
    "fairy tale",
    "news report",
    "speech",
    "secret",
]
_YOU = [
    "Who are you?", "How are you?", "Who made you?", "How old are you?", "What do you like?", "Where do you live?", "What can you do?", "Do you sleep?",
    "Are you a robot?", "What is your age?", "What are you called?", "May I know your name?", "Do you have a name?", "What is your favourite colour?",
]  # fmt: skip


def cannot_know(rng: random.Random) -> str:
    """A composed question that the picture cannot answer."""
    lot = rng.random()
    if lot < 0.38:
        made = rng.choice(_OF_ATTRIBUTE).replace("{a}", rng.choice(_ATTRIBUTES))
    elif lot < 0.54:
        made = f"{rng.choice(['Who', 'Who', 'Do you know who', 'Tell me who', 'Which person'])} {rng.choice(_PEOPLE)}?"
    elif lot < 0.64:
        lead = rng.choice(["Will it", "Is it going to", "Could it", "Do you think it will", "Does it", "Should it"])
        made = f"{lead} {rng.choice(_WEATHER)} {rng.choice(_WHEN)}?"
    elif lot < 0.74:
        made = rng.choice(_LOOSE).replace("{h}", rng.choice(_HOWS))
    elif lot < 0.84:
        made = rng.choice(_OTHER).replace("{c}", rng.choice(_COUNTRIES))
        made = made.replace("{n}", str(rng.randint(1, 99))).replace("{m}", rng.choice(["two", "seven", "12", "30"]))
    elif lot < 0.93:
        made = rng.choice(_TASKS).replace("{t}", rng.choice(_TEXTS))
    else:
        made = rng.choice(_YOU)
    if bare(made) in _kept("CANNOT_KNOW"):
        return cannot_know(rng)
    return capital(wording.referring(made, rng))


@functools.cache
def _kept(name: str) -> frozenset[str]:
    """The phrases of a list that are kept for evaluation."""
    return frozenset(bare(p) for p in shown(globals()[name], True))


_LANGUAGES = [
    "German", "French", "Spanish", "Italian", "Dutch", "Japanese", "Chinese", "Russian", "Polish", "Portuguese", "Swedish", "Danish", "Finnish", "Greek",
    "Turkish", "Arabic", "Hindi", "Korean", "Czech", "Latin", "Welsh", "Irish", "Hungarian", "Norwegian", "Vietnamese", "Thai", "Hebrew", "Ukrainian",
]  # fmt: skip
_IN_LANGUAGE = [
    "What is it in {l}?", "Describe it in {l}.", "Describe {it} in {l}, please.", "Answer in {l}.", "Please reply in {l}.", "What colour is it? Answer in {l}.",
    "Say in {l} what it is.", "Tell me in {l} where it is.", "How do you say this in {l}?", "Translate it into {l}.", "Name it in {l}.", "Speak {l}.",
    "Where is {it}? In {l}, please.", "What is the {l} word for {it}?", "Use {l}.", "What is this called in {l}?", "Write the answer in {l}.", "In {l}: what is it?",
    "Give me a description in {l}.", "How big is it? Reply in {l}.",
]  # fmt: skip
_FOREIGN = [
    "Was siehst du?", "Was sehe ich hier?", "Wo befindet sich das?", "Welche Größe hat es?", "Ist es rot?", "Ist das ein Hund?", "Wie heißt das?", "Welches Muster hat es?",
    "Was steht darauf?", "Was liegt daneben?", "Was ist dahinter?", "Wie bewegt es sich?", "Was macht es?", "Kannst du das beschreiben?", "Welcher Hintergrund ist das?",
    "Bitte sag mir, was das ist.", "Ist der Gegenstand groß oder klein?", "Ein Wort: was ist das?", "Nenne die Farbe.", "Wo ist der Gegenstand im Bild?",
    "Qu'est-ce que tu vois?", "Que vois-tu sur l'image?", "C'est quoi?", "Quelle couleur?", "Quel est l'arrière-plan?", "Décris l'objet.", "Est-ce rouge?",
    "Où se trouve l'objet?", "Combien de choses vois-tu?", "Quel motif a-t-il?", "Comment ça s'appelle?", "Est-ce que c'est un chien?", "Qu'y a-t-il à côté?",
    "¿Qué ves?", "¿De qué tamaño es?", "¿Qué hay detrás?", "¿Cuál es el fondo?", "Describe el objeto.", "¿Es rojo?", "¿Qué objeto es este?", "¿Cómo se llama?",
    "¿Cuántas cosas hay en la imagen?", "¿Dónde se encuentra el objeto?", "¿Qué color tiene?", "Dime qué es.", "Che cosa vedi?", "Di che grandezza è?", "Descrivi l'oggetto.",
    "Dove si trova?", "Che cos'è questo?", "Qual è lo sfondo?", "È rosso?", "O que você vê?", "Onde está?", "De que cor é?", "Quantos objetos há?", "Descreva o objeto.",
    "Wat zie je?", "Waar is het?", "Beschrijf het object.", "Wat staat erop?", "Hoeveel dingen zijn er?", "Wat is de achtergrond?", "Co widzisz?", "Gdzie to jest?",
    "Jaki to kolor?", "Hvad ser du?", "Hvor er det?", "Vilken färg har det?", "Var är det?", "Hva er dette?", "Mitä näet?", "Missä se on?", "Co to je?", "Mi ez?",
    "Bu nedir?", "Где это?", "Что ты видишь?", "Опиши это.", "Που είναι;", "Τι είναι αυτό;", "它是什么颜色?", "它在哪里?", "描述一下", "何色ですか?", "どこにありますか?", "이것은 무엇입니까?",
]  # fmt: skip


def other_language(rng: random.Random) -> str:
    """A question in another language, or a request for an answer in one."""
    made = (
        rng.choice(_FOREIGN) if rng.random() < 0.6 else rng.choice(_IN_LANGUAGE).replace("{l}", rng.choice(_LANGUAGES))
    )
    if bare(made) in _kept("OTHER_LANGUAGES") and made.isascii():
        return other_language(rng)
    return wording.referring(made, rng)
