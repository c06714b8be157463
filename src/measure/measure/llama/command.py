"""`scripts/measure llama`: times the decoder against llama.cpp.

Both programs stay loaded and alternate, so that other load on the machine affects both.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from .. import stages
from ..toolchain import ROOT

PACKAGES = ("llama-cpp-python==0.3.36", "gguf==0.19.0")
NAMES = {"int8": "Q8_0", "int4": "Q4_0"}  # the closest types of llama.cpp

EPILOG = """
FOLDER gets a Python environment, in which llama.cpp is compiled (minutes), and a model file of the bundle's size."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("bundle", type=Path, help="int8 or int4 bundle for the CPU")
    parser.add_argument("folder", type=Path, help="folder for llama.cpp and its model")
    parser.add_argument("--intermediate", type=int, default=6912, help="size of the decoder's MLP (%(default)s)")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of each program (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (%(default)s)")
    parser.add_argument("--steps", type=int, default=24, help="decode steps a round (%(default)s)")
    parser.add_argument("--hold", action="store_true", help="load, then wait for Enter before measuring")


class Program:
    """A child process that prints one line of JSON for each command."""

    def __init__(self, command: list[str], **environment: str) -> None:
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ | environment
        )
        self.loaded = self._answer()["loaded_s"]

    def _answer(self) -> dict[str, Any]:
        line = self._child.stdout.readline() if self._child.stdout else ""
        if not line:
            sys.exit("A program has ended; see its message above")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __call__(self, command: str) -> dict[str, Any]:
        if self._child.stdin:
            self._child.stdin.write(command + "\n")
            self._child.stdin.flush()
        return self._answer()

    def close(self) -> None:
        if self._child.stdin:
            self._child.stdin.close()
        self._child.wait()


def environment(folder: Path) -> str:
    """Returns the Python that has llama.cpp, which it installs on first use."""
    python = str(folder / "venv" / "bin" / "python")
    installed = (
        Path(python).exists()
        and not subprocess.run([python, "-c", "import gguf, llama_cpp"], capture_output=True).returncode
    )
    if not installed:
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *PACKAGES], check=True, stdout=sys.stderr)
    return python


def run(options: argparse.Namespace) -> int:
    precision = json.loads((options.bundle / "manifest.json").read_text("utf-8"))["precision"]
    if precision not in NAMES:
        sys.exit(f"{options.bundle} is {precision}; only int8 and int4 have a counterpart in llama.cpp")
    python = environment(options.folder)
    package = str(Path(__file__).parents[2])
    file = options.folder / f"random-{NAMES[precision]}.gguf"
    if not file.exists():
        write = [python, "-m", "measure.llama.model", str(options.bundle), str(options.intermediate), str(file)]
        subprocess.run(write, check=True, env=os.environ | {"PYTHONPATH": package})
    ours = Program(stages.command(options.bundle, options.threads, 1, 512))
    worker = [python, "-m", "measure.llama.worker", str(file), str(options.threads), "512"]
    theirs = Program(worker, PYTHONPATH=package)
    tokens = ours("first")["positions"]
    theirs(f"prefill {tokens}")
    if options.hold:
        print("ready", flush=True)
        sys.stdin.readline()
    rounds: dict[str, list[float]] = {"our prefill": [], "their prefill": [], "our step": [], "their step": []}
    for _ in range(options.rounds):
        rounds["their prefill"].append(theirs(f"prefill {tokens}")["prefill_ms"])
        rounds["our prefill"].append(ours("first")["prefill_ms"])
        rounds["their step"].append(theirs(f"decode {options.steps}")["run_ms"])
        rounds["our step"].append(ours(f"decode 1 {options.steps + 4}")["run_ms"])
    ours.close()
    theirs.close()
    print(f"| {precision} against {NAMES[precision]}, {options.threads} threads | ours | llama.cpp | ratio, by round |")
    print("| --- | ---: | ---: | ---: |")
    for what, label in (("step", "decode, 1 row, ms"), ("prefill", f"prefill of {tokens}, ms")):
        mine, other = rounds[f"our {what}"], rounds[f"their {what}"]
        ratios = [a / b for a, b in zip(mine, other, strict=True)]
        shown = ", ".join(f"{ratio:.2f}" for ratio in sorted(ratios))
        print(f"| {label} | {median(mine):.0f} | {median(other):.0f} | {median(ratios):.2f} ({shown}) |")
    return 0
