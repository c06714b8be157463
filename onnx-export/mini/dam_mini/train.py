"""Trains the model, or resumes a run: `python -m dam_mini.train --run FOLDER --minutes N`."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from . import start, tokenizer as tokenizers
from .trainer import Trainer


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the model, or take a run up again.")
    parser.add_argument("--run", type=Path, required=True, help="folder for tokenizer, log and state")
    parser.add_argument(
        "--minutes", type=float, default=100, help="processor minutes of the whole schedule, for each thread"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=Path, help="weights to begin with: another run or a checkpoint")
    parser.add_argument("--words", action="store_true", help="only projector and decoder learn")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.run.mkdir(parents=True, exist_ok=True)
    if arguments.start and not (arguments.run / "tokenizer.model").exists():
        old = start.tokenizer(arguments.start).read_bytes()
        (arguments.run / "tokenizer.model").write_bytes(tokenizers.grown(old, tokenizers.sentences(3000, 1)))
    if not (arguments.run / "tokenizer.model").exists():
        tokenizers.train(arguments.run / "tokenizer.model")
    Trainer(arguments.run, arguments.minutes, arguments.seed, arguments.start, arguments.words).train()


if __name__ == "__main__":
    main()
