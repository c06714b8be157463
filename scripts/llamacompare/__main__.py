"""Holds both programs ready and lets them run in turns, so that a busy moment of the machine meets both."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

from . import model

ROOT = Path(__file__).parents[2]


class Program:
    """A child that answers each command with one line of JSON."""

    def __init__(self, *command: str) -> None:
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        self.loaded = self._answer()["loaded_s"]

    def _answer(self) -> dict:
        line = self._child.stdout.readline()
        if not line:
            sys.exit("a program ended: see its message above")
        return json.loads(line)

    def __call__(self, command: str) -> dict:
        self._child.stdin.write(command + "\n")
        self._child.stdin.flush()
        return self._answer()

    def close(self) -> None:
        self._child.stdin.close()
        self._child.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/llama-compare", description=__doc__)
    parser.add_argument("bundle", type=Path, help="an int8 or int4 bundle for the CPU")
    parser.add_argument("folder", type=Path, help="where the model for llama.cpp is written")
    parser.add_argument("--intermediate", type=int, default=6912, help="the decoder's, which no manifest holds")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("--hold", action="store_true", help="load, then wait for Enter before measuring")
    options = parser.parse_args()
    manifest = json.loads((options.bundle / "manifest.json").read_text("utf-8"))
    precision, shape = manifest["precision"], manifest["decoder"]
    file = options.folder / f"random-{model.name(precision)}.gguf"
    if not file.exists():
        model.write(file, shape, options.intermediate, precision)
    threads = str(options.threads)
    ours = Program("scripts/stages", str(options.bundle), threads, "1", "512")
    theirs = Program(sys.executable, "-m", "llamacompare.worker", str(file), threads, "512")
    positions = ours("first")["positions"]
    theirs(f"prefill {positions}")
    if options.hold:
        print("ready", flush=True)
        sys.stdin.readline()
    rounds: dict[str, list[float]] = {"our prefill": [], "their prefill": [], "our step": [], "their step": []}
    for _ in range(options.rounds):
        rounds["their prefill"].append(theirs(f"prefill {positions}")["prefill_ms"])
        rounds["our prefill"].append(ours("first")["prefill_ms"])
        rounds["their step"].append(theirs(f"decode {options.steps}")["run_ms"])
        rounds["our step"].append(ours(f"decode 1 {options.steps + 4}")["run_ms"])
    ours.close()
    theirs.close()
    print(f"| {precision} against {model.name(precision)}, {threads} threads | ours | llama.cpp | ratio, by round |")
    print("| --- | ---: | ---: | ---: |")
    for what, label in (("step", "decode, 1 row, ms"), ("prefill", f"prefill of {positions}, ms")):
        mine, other = rounds[f"our {what}"], rounds[f"their {what}"]
        ratios = [a / b for a, b in zip(mine, other, strict=True)]
        shown = ", ".join(f"{it:.2f}" for it in sorted(ratios))
        print(f"| {label} | {median(mine):.0f} | {median(other):.0f} | {median(ratios):.2f} ({shown}) |")


if __name__ == "__main__":
    main()
