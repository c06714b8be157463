"""`scripts/evaluate keywords`: class names of regions."""

import argparse
import sys
from pathlib import Path
from typing import Any

from .. import arguments, files, published
from ..captioner import GREEDY, key
from ..predicting import predict
from ..report import Report
from . import rows
from .cleaning import PROTOCOLS, word_iou
from .rows import Item
from .similarity import MiniLM, located

QUESTION = "What is the class of the object in the masked region? Answer with one word or a short phrase."
EPILOG = """examples:
  scripts/evaluate keywords --benchmark lvis --data lvis_val_1k_category.json --images coco/train2017 coco/val2017 \\
      --url http://127.0.0.1:8000/v1 --out runs/lvis
  scripts/evaluate keywords --benchmark paco --predictions mine.json --out runs/paco     rows {prediction, answer}
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--benchmark", required=True, choices=sorted(published.KEYWORDS))
    parser.add_argument("--data", type=Path, metavar="FILE", help="rows of Osprey-ValData, or their folder")
    parser.add_argument("--images", type=Path, nargs="+", default=[], metavar="DIR", help="the COCO 2017 pictures")
    parser.add_argument("--predictions", type=Path, metavar="FILE", help="score these instead; needs no server")
    arguments.add_captioner(parser)
    parser.add_argument("--prompt", default=QUESTION, help="the question (%(default)s)")
    parser.add_argument("--minilm", type=Path, metavar="PATH", help="all-MiniLM-L6-v2 in ONNX, instead of the download")
    arguments.add_run(parser)


def run(options: argparse.Namespace) -> int:
    arguments.need_one(options, "--data", "--predictions")
    model = MiniLM(located(options.minilm))
    refused: set[str] = set()
    if options.predictions:
        name, items = options.predictions.stem, rows.predictions(options.predictions)
        texts = [item.prediction or "" for item in items]
    else:
        name = arguments.file_name(options.model or arguments.MODEL)
        file = rows.data_file(options.data, options.benchmark)
        items = rows.read(file, [*options.images, *arguments.picture_folders(file.parent)])
        regions = [item.region for item in items if item.region]
        found, refused = arguments.run(predict(options, name, regions, options.prompt, GREEDY))
        texts = [found[key(item.id)] for item in items]
    report = Report(options.benchmark, [], published.KEYWORDS[options.benchmark], _protocol(options, refused), 1)
    details: list[dict[str, Any]] = [
        {"id": item.id, "prediction": text, "answer": item.name} for item, text in zip(items, texts, strict=True)
    ]
    for protocol in PROTOCOLS:
        scores = score(model, protocol, items, texts, details)
        report.ours.append({"name": f"{name}, {protocol} cleaning", "scores": scores, "regions": len(items)})
    report.write(options.out)
    files.write_json(options.out / f"{options.benchmark}_{name}_scores.json", details, 1)
    print(report.markdown(), end="")
    print(f"Results are in {options.out}", file=sys.stderr)
    return 0


def score(
    model: MiniLM, protocol: str, items: list[Item], texts: list[str], details: list[dict[str, Any]]
) -> dict[str, float | None]:
    """Sim and SIoU in percent. Adds each region's to its details."""
    answer, name = PROTOCOLS[protocol]
    pairs = [(answer(text), name(item.name)) for item, text in zip(items, texts, strict=True)]
    similar = model.similarity(pairs)
    overlap = [word_iou(*pair) for pair in pairs]
    for detail, (said, true), sim, siou in zip(details, pairs, similar, overlap, strict=True):
        detail[protocol] = {"prediction": said, "answer": true, "sim": sim, "siou": siou}
    return {"Sim": 100 * sum(similar) / len(similar), "SIoU": 100 * sum(overlap) / len(overlap)}


def _protocol(options: argparse.Namespace, refused: set[str]) -> list[str]:
    lines = [
        "Sim: cosine of all-MiniLM-L6-v2 (fp32). SIoU: words in both of all words in either. Both in percent.",
        "The paper does not say how it cleans answers. osprey: what follows the first colon, `. : ,` to spaces; class "
        "`_ :` to spaces. pixelrefer: `_ : , . ( )` to spaces on both sides, lower case.",
    ]
    if not options.predictions:
        lines.append(f"The paper's prompt is unpublished; asked {options.prompt!r} at temperature 0.")
    if refused:
        lines.append(f"The server refused {', '.join(sorted(refused))}.")
    return lines
