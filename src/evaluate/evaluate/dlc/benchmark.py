"""The benchmark's files: regions, and the questions about each."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .. import prompts
from ..files import read_object
from ..problem import Problem
from ..regions import Region, find_picture

LETTERS = "ABCDE"
DRAWN = Path(__file__).resolve().parent.parent / "drawn"
"""The benchmark of drawn pictures that comes with the program."""


@dataclass(frozen=True)
class Benchmark:
    """`questions` has the regions in the order in which they are judged, each with its recognition question first."""

    folder: Path
    questions: dict[str, list[dict[str, Any]]]

    def regions(self) -> list[Region]:
        """All annotations, picture by picture, in the order of the file."""
        file = self.folder / "annotations.json"
        data = read_object(file)
        try:
            names = {image["id"]: image["file_name"] for image in data["images"]}
            by_image: dict[Any, list[dict[str, Any]]] = {image: [] for image in names}
            for annotation in data["annotations"]:
                by_image[annotation["image_id"]].append(annotation)
            folders = [self.folder / "images", self.folder]
            return [
                Region(str(one["id"]), find_picture(names[image], folders), one["segmentation"])
                for image, annotations in by_image.items()
                for one in annotations
            ]
        except (KeyError, TypeError) as error:
            raise Problem(f"{file} is not COCO annotations: {error} is missing or of the wrong type") from error


def read(folder: Path) -> Benchmark:
    """From a folder with qa.json and class_names.json. Pictures and annotations are read when captions are missing."""
    if not folder.is_dir():
        raise Problem(f"--data {folder} is not a folder; docs/evaluation.md says what to fetch", 2)
    qa, names = read_object(folder / "qa.json"), read_object(folder / "class_names.json")
    questions = {}
    for region, asked in qa.items():
        if not isinstance(names.get(region), str):
            raise Problem(f"{folder / 'class_names.json'} has no class name for region {region} of qa.json")
        for question in asked:
            _check(region, question)
        questions[region] = [recognition(names[region]), *asked]
    if not questions:
        raise Problem(f"{folder / 'qa.json'} asks no question")
    return Benchmark(folder, questions)


def _check(region: str, question: Any) -> None:
    try:
        choices = question["choices"]
        good = isinstance(question["question"], str) and question["type"] in ("positive", "negative")
        good = good and 1 <= len(choices) <= len(LETTERS)
        good = good and all(isinstance(text, str) and isinstance(score, int | float) for text, score in choices)
    except (KeyError, TypeError, ValueError):
        good = False
    if not good:
        raise Problem(f"qa.json, region {region}: not a question of type positive or negative with scored choices")


def recognition(name: str) -> dict[str, Any]:
    """The question whether the caption recognises the region's class."""
    if plural(name):
        question = prompts.fill(prompts.DLC_RECOGNITION_PLURAL, **{"class": name})
    else:
        question = prompts.fill(prompts.DLC_RECOGNITION_SINGULAR, a_or_an_class=_english().a(name))
    return {"question": question, "choices": [["Yes", "correct"], ["No", "incorrect"]], "type": "recognition"}


def plural(name: str) -> bool:
    return name != "bus" and _english().singular_noun(name) is not False


@cache
def _english() -> Any:
    import inflect  # takes seconds

    return inflect.engine()


def prompt(caption: str, question: dict[str, Any]) -> str:
    choices = [f"{letter}. {text}" for letter, (text, _) in zip(LETTERS, question["choices"], strict=False)]
    return prompts.fill(
        prompts.DLC_JUDGE, caption=caption, question="\n".join([question["question"], *choices]).strip()
    )


def texts(question: dict[str, Any]) -> Sequence[str]:
    return [text for text, _ in question["choices"]]
