"""`scripts/measure screenshots`: takes docs/page-light.png, page-dark.png and page-phone.png with Chromium."""

import argparse
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack

from .server import ServerProcess
from .toolchain import ROOT, SERVE, java_home


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", nargs="?", help="URL of a running server (by default one is started)")


def run(options: argparse.Namespace) -> int:
    if not shutil.which("chromium") and not os.access(os.environ.get("CHROMIUM", ""), os.X_OK):
        sys.exit("Chromium is needed: install the package chromium, or set CHROMIUM to its path")
    with ExitStack() as stack:
        url = options.url
        if not url:
            server = ServerProcess(f"{SERVE} --port {{port}}", subprocess.DEVNULL)
            stack.callback(server.stop)
            url = f"http://127.0.0.1:{server.start(patience=600).port}/"
        maven = ["mvn", "--quiet", "--batch-mode", "--projects", "server", "--also-make", "-Dspotless.check.skip"]
        test = ["-Dtest=Screenshots", "-Dsurefire.failIfNoSpecifiedTests=false"]
        where = [f"-Dscreenshots.url={url}", f"-Dscreenshots.folder={ROOT / 'docs'}"]
        environment = {**os.environ, "JAVA_HOME": str(java_home())}
        return subprocess.run([*maven, *test, *where, "test"], cwd=ROOT, env=environment).returncode
