"""Asks the judge every question that has no answer yet."""

import argparse
from contextlib import AsyncExitStack
from typing import Any

from .. import arguments
from ..asking import Judge, ModelJudge, ask, digest
from ..crew import ask_all
from ..endpoint import Chat
from ..journal import Journal
from ..problem import Problem
from . import cache as caches
from . import scores
from .benchmark import Benchmark, prompt
from .cache import Cache
from .rules import RulesJudge

SETTINGS: dict[str, Any] = {
    "temperature": 0,
    "max_tokens": 300,
    "top_p": 1,
    "frequency_penalty": 0,
    "presence_penalty": 0,
}
Place = tuple[str, int]
"""A region and the number of a question about it."""


async def judge(
    options: argparse.Namespace,
    default_model: str,
    benchmark: Benchmark,
    cache: Cache,
    captions: dict[str, str],
    journal: Journal,
) -> tuple[str, dict[str, list[str]]]:
    """The judge's name, and its answers by region."""
    texts = {
        (region, number): prompt(captions[region], question)
        for region, questions in benchmark.questions.items()
        for number, question in enumerate(questions)
    }
    answers: dict[Place, str] = {}
    for (region, number), text in texts.items():
        count = len(benchmark.questions[region])
        said = caches.response(cache.entries.get(region), captions[region], number, text, count)
        if said is not None:
            answers[region, number] = said
    recorded = cache.source.get("judge")
    endpoint = arguments.judge(options, default_model)
    async with AsyncExitStack() as stack:
        asked: Judge | None = None
        if endpoint:
            asked = ModelJudge(chat=await stack.enter_async_context(Chat(endpoint, options.timeout)))
        elif options.data == "mini":
            asked = RulesJudge()
        name = asked.name if asked else options.judge_model
        if answers and recorded and name and recorded != name:
            raise Problem(
                f"{cache.eval_file} holds answers of the judge {recorded}, not {name}; scores of two judges do not "
                "compare. Choose another --out, or remove the file."
            )
        if asked:
            await _ask(asked, options.parallel, benchmark, texts, answers, journal)
        elif len(answers) < len(texts):
            raise Problem(f"{len(texts) - len(answers)} questions have no answer: give --judge-url and --judge-model")
    name = recorded or name
    if name:
        cache.source["judge"] = name
    ordered = {
        region: [answers[region, number] for number in range(len(questions))]
        for region, questions in benchmark.questions.items()
    }
    return name or "not recorded", ordered


async def _ask(
    asked: Judge,
    at_once: int,
    benchmark: Benchmark,
    texts: dict[Place, str],
    answers: dict[Place, str],
    journal: Journal,
) -> None:
    """Completes the answers. A question whose answer fits no choice is asked again."""

    def key(place: Place) -> str:
        return f"answer {place[0]}/{place[1]} {digest(asked.name, texts[place])}"

    for place in texts:
        said = journal.get(key(place))
        if place not in answers and isinstance(said, str):
            answers[place] = said

    async def one(place: Place) -> None:
        question = benchmark.questions[place[0]][place[1]]
        messages = [{"role": "user", "content": texts[place]}]
        said = await ask(
            lambda: asked.answer(messages, SETTINGS),
            readable=lambda text: scores.pick(question, text)[0] is not None,
            acceptable=lambda text: not scores.pick(question, text)[1],
        )
        journal.put(key(place), said)
        answers[place] = said

    missing = [place for place in texts if place not in answers]
    await ask_all(missing, one, at_once, "answers", len(texts) - len(missing))
