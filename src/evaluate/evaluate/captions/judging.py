"""What a judge does for captions: condenses them, and scores them by CLAIR. Each answer is kept as it arrives."""

from collections.abc import Callable, Sequence
from typing import Any

from .. import prompts
from ..asking import Judge, ask, digest
from ..crew import ask_all
from ..journal import Journal
from . import clair
from .items import Item

CONDENSE: dict[str, Any] = {"temperature": 0, "max_tokens": 300}
Question = tuple[str, list[dict[str, Any]]]
"""Its kind, and its messages."""


class CaptionJudge:
    """`condensed` and `clair` may be called again after a killed run; what is in the journal is not asked again."""

    def __init__(self, judge: Judge, journal: Journal, at_once: int):
        self.judge, self._journal, self._at_once = judge, journal, at_once

    async def condensed(self, texts: Sequence[str]) -> dict[str, str]:
        """A brief phrase for each text; the text itself if the judge gives none."""
        questions = {
            text: (
                "condense",
                [{"role": "system", "content": prompts.REFL4_CONDENSE_SYSTEM}, {"role": "user", "content": text}],
            )
            for text in texts
            if text.strip()
        }
        answers = await self._answers(questions, CONDENSE, lambda said: bool(_phrase(said)), "condensing")
        return {text: _phrase(answers.get(text, "")) or text for text in texts}

    async def clair(self, items: Sequence[Item], predictions: Sequence[str]) -> tuple[list[float], list[str]]:
        """A score for each item, and the ids of those whose answer could not be read, which have 0."""
        questions: dict[str, Question] = {
            str(number): ("clair", [{"role": "user", "content": clair.prompt([said], item.references)}])
            for number, (item, said) in enumerate(zip(items, predictions, strict=True))
        }
        answers = await self._answers(questions, clair.SETTINGS, lambda said: clair.read(said) is not None, "CLAIR")
        scores = [clair.read(answers[str(number)]) for number in range(len(items))]
        unread = [item.id for item, value in zip(items, scores, strict=True) if value is None]
        return [value or 0.0 for value in scores], unread

    async def _answers(
        self, questions: dict[str, Question], settings: dict[str, Any], readable: Callable[[str], bool], title: str
    ) -> dict[str, str]:
        keys = {
            name: f"{kind} {digest(self.judge.name, *(one['content'] for one in messages))}"
            for name, (kind, messages) in questions.items()
        }
        missing = {key: questions[name][1] for name, key in keys.items() if self._journal.get(key) is None}

        async def one(key: str) -> None:
            said = await ask(lambda: self.judge.answer(missing[key], settings), readable)
            self._journal.put(key, said)

        done = len(set(keys.values())) - len(missing)
        await ask_all(list(missing), one, self._at_once, title, done)
        return {name: str(self._journal.get(key)) for name, key in keys.items()}


def _phrase(said: str) -> str:
    """Without the word that the prompt's example has before its answer."""
    return said.strip().removeprefix("OUTPUT:").strip()
