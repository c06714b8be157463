"""BLEU, METEOR, ROUGE-L and CIDEr of pycocoevalcap, and SPICE by the program it contains. All call `java`."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..problem import Problem

NAMES = ("Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4", "METEOR", "ROUGE_L", "CIDEr")
SPICE = "SPICE"
SPICE_VARIABLE = "DAM_SPICE"
"""The folder with CoreNLP 3.6.0, its models, and Nashorn; set by scripts/evaluate."""
OPENED = ("lang", "math", "util", "util.concurrent", "net", "text", "io")
"""Packages of java.base that SPICE's libraries look into by reflection."""
Scores = dict[str, float]
Texts = Sequence[str]


def tokenised(texts: Sequence[Texts]) -> list[list[str]]:
    """Each text in the Penn Treebank's tokens, lower case, without punctuation."""
    # The tokeniser reads lines, and METEOR's protocol separates fields by bars.
    clean = {
        number: [{"caption": " ".join(text.replace("|||", " ").split())} for text in some]
        for number, some in enumerate(texts)
    }
    with _java():
        from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

        found = PTBTokenizer().tokenize(clean)
    lines = [found.get(number, []) for number in clean]
    if [len(some) for some in lines] != [len(some) for some in texts]:
        raise Problem("the tokeniser did not return a line for each text: does `java -version` work?")
    return lines


def score(predictions: Texts, references: Sequence[Texts], with_spice: bool = False) -> tuple[Scores, list[Scores]]:
    """The scores of all, and of each. Fractions, not percent."""
    hypotheses = dict(enumerate(tokenised([[text] for text in predictions])))
    targets = dict(enumerate(tokenised(references)))
    with _java(), contextlib.redirect_stdout(sys.stderr):
        from pycocoevalcap.bleu.bleu import Bleu
        from pycocoevalcap.cider.cider import Cider
        from pycocoevalcap.meteor.meteor import Meteor
        from pycocoevalcap.rouge.rouge import Rouge

        bleu, each_bleu = Bleu(4).compute_score(targets, hypotheses, verbose=0)
        try:
            meteor, each_meteor = Meteor().compute_score(targets, hypotheses)
        except (OSError, ValueError) as error:
            raise Problem(
                f"METEOR's program ended early ({error}): does `java -version` work, with 2 GB free?"
            ) from error
        rouge, each_rouge = Rouge().compute_score(targets, hypotheses)
        cider, each_cider = Cider().compute_score(targets, hypotheses)
    total = dict(zip(NAMES, map(float, (*bleu, meteor, rouge, cider)), strict=True))
    columns = (*each_bleu, each_meteor, each_rouge, each_cider)
    each = [dict(zip(NAMES, map(float, row), strict=True)) for row in zip(*columns, strict=True)]
    if with_spice:
        found = spice([hypotheses[n][0] for n in hypotheses], [targets[n] for n in targets])
        total[SPICE] = sum(found) / len(found)
        for one, value in zip(each, found, strict=True):
            one[SPICE] = value
    return total, each


@contextlib.contextmanager
def _java() -> Iterator[None]:
    """Java writes its output in the locale's charset, so the locale must be UTF-8."""
    if not shutil.which("java"):
        raise Problem("BLEU, METEOR, ROUGE-L and CIDEr need `java` on the PATH, version 17 or later")
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C.UTF-8"
    try:
        yield
    except ImportError as error:
        raise Problem(f"{error.name} is missing; scripts/evaluate captions installs it") from error
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before


def spice(predictions: Texts, references: Sequence[Texts]) -> list[float]:
    folder = os.environ.get(SPICE_VARIABLE)
    if not folder:
        raise Problem("SPICE is missing: run scripts/evaluate, which fetches it", 2)
    from pycocoevalcap import spice as program

    home = Path(str(program.__file__)).parent
    rows = [
        {"image_id": number, "test": said, "refs": list(targets)}
        for number, (said, targets) in enumerate(zip(predictions, references, strict=True))
    ]
    jars = os.pathsep.join([str(home / "spice-1.0.jar"), str(home / "lib" / "*"), str(Path(folder) / "*")])
    opens = [option for name in OPENED for option in ("--add-opens", f"java.base/java.{name}=ALL-UNNAMED")]
    with tempfile.TemporaryDirectory() as scratch, _java():
        given, out = Path(scratch) / "in.json", Path(scratch) / "out.json"
        given.write_text(json.dumps(rows), "utf-8")
        command = ["java", "-Xmx8G", *opens, "-cp", jars, "edu.anu.spice.SpiceScorer", str(given)]
        done = subprocess.run([*command, "-out", str(out), "-silent"], capture_output=True, text=True)
        if done.returncode or not out.is_file():
            lines = done.stderr.strip().splitlines() or ["no message"]
            raise Problem(f"SPICE's program failed with status {done.returncode}: {lines[0][:200]}")
        found = {row["image_id"]: row["scores"]["All"]["f"] for row in json.loads(out.read_text("utf-8"))}
    return [float(found[number]) for number in range(len(rows))]
