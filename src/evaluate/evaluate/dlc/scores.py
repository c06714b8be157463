"""Scores of a region, and of all of them, in the form of the published `*_eval.json`."""

from collections.abc import Sequence
from typing import Any

from . import reading
from .benchmark import prompt, texts


def pick(question: dict[str, Any], response: str) -> tuple[int | None, str]:
    """The index of the choice that is taken, and why there is none if the published script would crash."""
    try:
        index = reading.read(response, texts(question))
    except reading.Malformed as error:
        return None, str(error)
    if index is None and question["type"] == "recognition":
        return None, "neither yes nor no"
    return index, ""


def region(
    caption: str, questions: Sequence[dict[str, Any]], responses: Sequence[str]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The entry of a region, and its answers that could not be read. The first question is recognition."""
    details: dict[str, list[dict[str, Any]]] = {"positive": [], "negative": [], "recognition": []}
    unread = []
    recognised = True
    for number, (question, response) in enumerate(zip(questions, responses, strict=True)):
        index, why = pick(question, response)
        if why:
            unread.append({"question": number, "response": response, "why": why})
        kind = question["type"]
        detail = {**question, "pred_answer": response.strip(), "pred_index": index}
        if kind == "recognition":
            result = question["choices"][index][1] if index is not None else "incorrect"
            recognised = result == "correct"
        else:
            result = question["choices"][index][1] if index is not None else 0
            result = result if recognised else min(0, result)
            detail["question_index"] = number - 1
        details[kind].append({**detail, "eval_result": result})
    positives, negatives = ([detail["eval_result"] for detail in details[kind]] for kind in ("positive", "negative"))
    entry = {
        "pred": caption,
        "details_positives": details["positive"],
        "details_negatives": details["negative"],
        "details_recognition": details["recognition"],
        "prompt": [prompt(caption, question) for question in questions],
        "response": list(responses),
        "score": mean(positives + negatives),
        "score_pos": mean(positives),
        "score_neg": mean(negatives),
        "neg_valid_num": len(negatives),
        "recognition_result": recognised,
    }
    return entry, unread


def mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def total(entries: dict[str, dict[str, Any]]) -> dict[str, float | None]:
    """Means over the regions that have questions of the kind; `avg` is the mean of both."""
    pos, neg = (
        mean([entry[name] for entry in entries.values() if entry[name] is not None])
        for name in ("score_pos", "score_neg")
    )
    return {"pos": pos, "neg": neg, "avg": (pos + neg) / 2 if pos is not None and neg is not None else None}


def csv(scores: dict[str, float | None]) -> str:
    return ",".join("" if scores[name] is None else f"{scores[name]:.3f}" for name in ("pos", "neg", "avg"))
