"""Finds and builds the repository's JDK, Maven and Python environments, with the functions of scripts/lib."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[3]
SERVE = ROOT / "scripts" / "serve"


def shell(commands: str) -> str:
    """Runs bash with the functions of scripts/lib and returns its output; messages go to standard error."""
    script = f'set -euo pipefail; ROOT=$0; for file in "$ROOT"/scripts/lib/*.sh; do . "$file"; done; {commands}'
    done = subprocess.run(["bash", "-c", script, ROOT], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(done.returncode)
    return done.stdout.strip()


def java_home() -> Path:
    return Path(shell('use_jdk && echo "$JAVA_HOME"'))


def java(*arguments: str) -> list[str]:
    """Returns a Java command with the classes of src/benchmark, built if they are missing or out of date."""
    home, classpath = shell('use_jdk && echo "$JAVA_HOME" && benchmark_classpath').splitlines()
    return [f"{home}/bin/java", "--enable-native-access=ALL-UNNAMED", "-cp", classpath, *arguments]


def exporter_python() -> str:
    return shell("exporter_python dev")


def become(command: list[str], **environment: str) -> NoReturn:
    """Replaces this process by `command`."""
    os.execvpe(command[0], command, {**os.environ, **environment})
