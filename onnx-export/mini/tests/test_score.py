"""The judges: true answers score full marks, and each wrong fact costs its own row only."""

import dataclasses
import random

from conftest import needs_art

from dam_mini import answers, case as cases, dlc, language, score

pytestmark = needs_art


class Oracle:
    """Answers every case correctly, or correctly for changed facts."""

    def __init__(self, **changes: str) -> None:
        self.changes = changes

    def answers(self, asked):
        rng = random.Random(1)
        for case in asked:
            f = dataclasses.replace(case.facts, **self.changes)
            f = dataclasses.replace(
                f, phrase=case.facts.phrase.replace(case.facts.colour, f.colour) if f.kind == "shape" else f.phrase
            )
            if case.question in (language.DEFAULT_IMAGE, language.DEFAULT_VIDEO):
                yield case, answers.detail(f, rng)
            elif case.asks == "cannot know":
                yield case, answers.UNANSWERABLE
            elif case.asks == "brief":
                yield case, answers.described(f, "few", rng)
            else:
                yield (
                    case,
                    answers.reply(f, "name", "word") if case.asks == "word" else answers.reply(f, case.asks, ""),
                )


def evaluate(asker: Oracle) -> dict:
    from dam_mini import evaluate

    return evaluate.score(asker, evaluate.held_out(30, 6, 8, 5), progress=False).as_dict()


def test_the_truth_scores_full_marks() -> None:
    for row, s in evaluate(Oracle()).items():
        assert s["percent"] == 100, row


def test_a_wrong_ground_costs_only_its_rows() -> None:
    rows = evaluate(Oracle(background="stone wall"))
    assert rows["background"]["percent"] < 40 and rows["same crop, two backgrounds: both named"]["percent"] < 40
    assert rows["name"]["percent"] == rows["colour"]["percent"] == 100


def test_the_same_seed_asks_the_same() -> None:
    one, two = (list(cases.regions(10, 3)) for _ in range(2))
    assert [(c.question, c.pictures[0].tobytes()) for c in one] == [(c.question, c.pictures[0].tobytes()) for c in two]


def test_the_bench_gives_the_truth_full_marks_and_nonsense_none() -> None:
    asked = list(dlc.instances(20, 1))
    assert dlc.run(Oracle(), asked)["scores"]["final"] == 100

    class Nonsense:
        def answers(self, some):
            for case in some:
                yield case, "A nice picture."

    scores = dlc.run(Nonsense(), asked)["scores"]
    assert scores["recognised"] == 0 and scores["final"] <= 0


def test_rows_carry_their_targets() -> None:
    assert score.TARGETS["name"] == 97
