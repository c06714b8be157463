"""Types and options that several subcommands share."""

import argparse
import os

MODEL = "describe_anything_model"


def size(text: str) -> tuple[int, int]:
    """Parses a size such as 640x480 into width and height."""
    width, _, height = text.partition("x")
    return int(width), int(height)


def numbers(text: str) -> list[float]:
    """Parses a list of positive numbers such as 1,2,4."""
    values = [float(part) for part in text.split(",") if part]
    if not values or min(values) <= 0:
        raise argparse.ArgumentTypeError("expected positive numbers, separated by commas")
    return values


def add_server(parser: argparse.ArgumentParser) -> None:
    """Adds the options for a running server: --url, --model and --key-env."""
    parser.add_argument("--url", default="http://127.0.0.1:8000/v1", help="base URL (%(default)s)")
    parser.add_argument("--model", default=MODEL, help="model name (%(default)s)")
    parser.add_argument(
        "--key-env",
        default="OPENAI_API_KEY",
        metavar="NAME",
        help="environment variable with the API key (%(default)s)",
    )


def api_key(options: argparse.Namespace) -> str | None:
    return os.environ.get(options.key_env) or None
