"""Questions are worded in many ways, a fifth of which training never sees; foreign text may stand before them."""

import random

import pytest

from dam_mini import language, preamble, tokenizer, wording


def test_every_fact_has_dozens_of_phrasings() -> None:
    for fact, phrases in wording.ASKS.items():
        ways = len(phrases.questions) + len(phrases.nouns) + len(phrases.clauses)
        assert ways >= (15 if fact in ("brightness", "bigger", "largest") else 36), fact
        assert len(set(phrases.questions)) == len(phrases.questions), fact


def test_a_fifth_is_kept_for_evaluation() -> None:
    for phrases in (*wording.ASKS["colour"].__dict__.values(), wording.CANNOT_KNOW, wording.YES_NO):
        kept, taught = wording.shown(phrases, True), wording.shown(phrases, False)
        assert set(kept) & set(taught) == set() and sorted(kept + taught) == sorted(phrases)
        assert 0.15 < len(kept) / len(phrases) < 0.25


def test_training_never_words_a_question_as_evaluation_does() -> None:
    rng = random.Random(1)
    taught = {wording.ask("size", rng) for _ in range(4000)}
    kept = {wording.ask("size", rng, held_out=True) for _ in range(4000)}
    assert len(taught) > 300 and len(kept) > 50 and not taught & kept


@pytest.mark.parametrize("form", wording.FORMS)
def test_a_form_is_wished_for_before_or_after_the_question(form: str) -> None:
    rng = random.Random(2)
    asked = {wording.formed("What is it?", form, rng) for _ in range(200)}
    assert any(q.endswith("hat is it?") for q in asked) and any(q.startswith("What is it? ") for q in asked)


def test_manners_spelling_and_slips_are_mixed_in() -> None:
    rng = random.Random(3)
    asked = [wording.mannered("What colour is the marked object?", rng) for _ in range(1000)]
    assert (
        any("color" in q for q in asked) and any(q == q.lower() for q in asked) and any(q[-1].isalpha() for q in asked)
    )
    assert any(q.startswith("Hi! ") for q in asked)
    slips = [wording.slip("What colour is it", rng) for _ in range(50)]
    assert sum("colour" not in q for q in slips) > 30 and all(abs(len(q) - 17) <= 1 for q in slips)


def test_american_spelling() -> None:
    assert (
        wording.american("The grey aeroplane at the centre: which colour?")
        == "The gray airplane at the center: which color?"
    )


def test_every_kind_of_question_is_asked() -> None:
    rng = random.Random(4)
    seen = {turn.fact for _ in range(200) for turn in language.turns(tokenizer.imagined(rng), rng)}
    wanted = {
        *wording.ASKS,
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
    kept = set(wording.shown(preamble.CHAT, True))
    assert not any(s in preamble.preamble(rng, 100, 235) for s in kept for _ in range(3))
    assert any("<attached_files>" in preamble.preamble(rng, held_out=True) for _ in range(40))
