"""Trains the model, or resumes a run: `python -m sam_mini.train --run FOLDER --minutes N`.

Under `torchrun --nproc-per-node N` every process takes its own pictures and gradients are averaged: on busy cores that
is faster than several threads, which wait for each other many times a step.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import torch
import torch.distributed as dist

from .trainer import Trainer


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the model, or take a run up again.")
    parser.add_argument("--run", type=Path, required=True, help="folder for log, state and checkpoint")
    parser.add_argument("--start", type=Path, help="a checkpoint whose weights a new run starts from")
    parser.add_argument("--minutes", type=float, default=100, help="length of the whole schedule")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--compile", action="store_true", help="compile encoder, decoder and loss (minutes at the start)"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.run.mkdir(parents=True, exist_ok=True)
    if "WORLD_SIZE" in os.environ:
        dist.init_process_group("gloo")
    Trainer(arguments.run, arguments.minutes, arguments.seed, arguments.compile, arguments.start).train()


if __name__ == "__main__":
    main()
