"""Tests the runnable jar without scripts: `java -jar`, one request, stop."""

import base64
import json
import os
import re
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def newest_jar() -> Path:
    jars = sorted((ROOT / "server" / "target").glob("server-*-all.jar"), key=lambda it: it.stat().st_mtime)
    assert jars, "build it first: mvn -DskipTests package"
    return jars[-1]


@pytest.fixture
def server() -> Iterator[subprocess.Popen[str]]:
    java = Path(os.environ["JAVA_HOME"]) / "bin" / "java"
    command = [str(java), "-jar", str(newest_jar()), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/")
    yield process
    process.kill()
    process.wait()


def test_the_jar_alone_describes_the_sample(server: subprocess.Popen[str]) -> None:
    assert server.stdout
    address = next(found[0] for line in server.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+/v1", line)))
    picture = base64.b64encode((ROOT / "docs/sample/sample-1.png").read_bytes()).decode()
    content = [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{picture}"}}]
    body = json.dumps({"temperature": 0, "messages": [{"role": "user", "content": content}]}).encode()
    request = urllib.request.Request(f"{address}/chat/completions", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        answer = json.load(response)["choices"][0]["message"]["content"]
    assert "elephant" in answer
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=60) == 0
    assert server.stderr and "WARNING" not in server.stderr.read()
