"""Questions have many phrasings, a fifth of them for evaluation only, and may follow a preamble."""

import random

import pytest

from dam_mini import composed, language, manners, phrases, preamble, tokenizer, unanswerable, wording


def test_every_fact_has_dozens_of_phrasings() -> None:
    for fact, ways in phrases.ASKS.items():
        count = len(ways.questions) + len(ways.nouns) + len(ways.clauses)
        assert count >= (15 if fact in ("brightness", "bigger", "largest") else 36), fact
        assert len(set(ways.questions)) == len(ways.questions), fact


def test_a_fifth_is_kept_for_evaluation() -> None:
    for listed in (*phrases.ASKS["colour"].__dict__.values(), unanswerable.CANNOT_KNOW, wording.YES_NO):
        kept, taught = phrases.shown(listed, True), phrases.shown(listed, False)
        assert set(kept) & set(taught) == set() and sorted(kept + taught) == sorted(listed)
        assert 0.15 < len(kept) / len(listed) < 0.25


def test_training_never_words_a_question_as_evaluation_does() -> None:
    rng = random.Random(1)
    taught = {wording.ask("size", rng) for _ in range(4000)}
    kept = {wording.ask("size", rng, held_out=True) for _ in range(4000)}
    assert len(taught) > 300 and len(kept) > 50 and not taught & kept


@pytest.mark.parametrize("fact", [f for f in phrases.ASKS if composed.can(f)])
def test_composed_questions_are_many_and_none_is_kept_for_evaluation(fact: str) -> None:
    rng = random.Random(8)
    made = [composed.ask(fact, rng) for _ in range(2000)]
    assert len(set(made)) > 200
    ways = phrases.ASKS[fact]
    kept = {
        composed.bare(p) for listed in (ways.questions, ways.nouns, ways.clauses) for p in phrases.shown(listed, True)
    }
    assert not kept & {composed.bare(q) for q in made}


def test_questions_without_an_answer_are_many_and_none_is_kept_for_evaluation() -> None:
    rng = random.Random(9)
    for make, listed in (
        (unanswerable.cannot_know, unanswerable.CANNOT_KNOW),
        (unanswerable.other_language, [q for q in unanswerable.OTHER_LANGUAGES if q.isascii()]),
    ):
        made = {composed.bare(make(rng)) for _ in range(3000)}
        assert len(made) > 150 and not made & {composed.bare(q) for q in phrases.shown(listed, True)}


def test_evaluation_never_uses_composed_questions() -> None:
    f = tokenizer.imagined(random.Random(1))
    drawn: list[random.Random] = []
    for composes in (0.0, 1.0):
        rng = random.Random(10)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(language, "COMPOSED_SHARE", composes)
            assert [language.turn(f, kind, rng, held_out=True) for kind in language.KINDS]
        drawn.append(rng)
    assert drawn[0].random() == drawn[1].random()


@pytest.mark.parametrize("form", manners.FORMS)
def test_a_form_is_wished_for_before_or_after_the_question(form: str) -> None:
    rng = random.Random(2)
    asked = {manners.formed("What is it?", form, rng) for _ in range(200)}
    assert any(q.endswith("hat is it?") for q in asked) and any(q.startswith("What is it? ") for q in asked)


def test_manners_spelling_and_slips_are_mixed_in() -> None:
    rng = random.Random(3)
    asked = [manners.mannered("What colour is the marked object?", rng) for _ in range(1000)]
    assert (
        any("color" in q for q in asked) and any(q == q.lower() for q in asked) and any(q[-1].isalpha() for q in asked)
    )
    assert any(q.startswith("Hi! ") for q in asked)
    slips = [manners.slip("What colour is it", rng) for _ in range(50)]
    assert sum("colour" not in q for q in slips) > 30 and all(abs(len(q) - 17) <= 1 for q in slips)


def test_american_spelling() -> None:
    assert (
        manners.american("The grey aeroplane at the centre: which colour?")
        == "The gray airplane at the center: which color?"
    )


def test_every_kind_of_question_is_asked() -> None:
    rng = random.Random(4)
    seen = {turn.fact for _ in range(200) for turn in language.turns(tokenizer.imagined(rng), rng)}
    wanted = {
        *phrases.ASKS,
        "detail",
        "list",
        "cannot know",
        "other language",
        "choice of name",
        "yes or no, colour",
        "yes or no, motion",
    }
    assert wanted <= seen


def test_preambles_have_the_length_that_is_asked_for_and_end_where_a_question_may_begin() -> None:
    rng = random.Random(5)
    for held_out in (False, True):
        for _ in range(60):
            text = preamble.preamble(rng, 100, 235, held_out)
            assert 80 <= len(text.split()) <= 250 and text[-1] in " \n"
    kept = set(phrases.shown(preamble.CHAT, True))
    assert not any(s in preamble.preamble(rng, 100, 235) for s in kept for _ in range(3))
    assert any("<attached_files>" in preamble.preamble(rng, held_out=True) for _ in range(40))
