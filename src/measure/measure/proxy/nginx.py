"""Runs nginx with the configuration of docker/nginx on other ports."""

import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from ..server import free_port
from ..toolchain import ROOT

CONFIGURATION = ROOT / "docker" / "nginx"
MAIN = """
daemon off; master_process on; worker_processes 1;
pid {home}/pid; error_log {home}/error.log warn;
events {{ worker_connections 1024; }}
http {{
    access_log {home}/access.log;
    client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/f;
    uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
    include {home}/*.conf.in;
}}
"""


class Proxy:
    """A proxy for servers on the given ports. Use it as `with Proxy([8001, 8002]) as proxy:`; it is at `proxy.url`."""

    def __init__(self, servers: list[int]):
        self._servers, self._port = servers, free_port()
        self.url = f"http://127.0.0.1:{self._port}/v1"

    def __enter__(self) -> "Proxy":
        self._home = Path(tempfile.mkdtemp(prefix="proxy-"))
        upstream = (CONFIGURATION / "upstream.conf").read_text()
        line = re.search(r"^ *server first:8000(.*);$", upstream, re.MULTILINE)
        if not line:
            raise SystemExit("docker/nginx/upstream.conf no longer names first:8000")
        servers = "\n".join(f"    server 127.0.0.1:{port}{line[1]};" for port in self._servers)
        upstream = re.sub(r"(^ *server \w+:8000.*;\n)+", servers + "\n", upstream, flags=re.MULTILINE)
        site = (CONFIGURATION / "describe-anything.conf").read_text()
        if "listen 8080;" not in site:
            raise SystemExit("docker/nginx/describe-anything.conf no longer listens on 8080")
        (self._home / "upstream.conf.in").write_text(upstream)
        (self._home / "site.conf.in").write_text(site.replace("listen 8080;", f"listen 127.0.0.1:{self._port};"))
        main = self._home / "nginx.conf"
        main.write_text(MAIN.format(home=self._home))
        command = [nginx() or "nginx", "-p", str(self._home), "-c", str(main), "-e", str(self._home / "error.log")]
        subprocess.run([*command, "-t", "-q"], check=True)
        self._process = subprocess.Popen(command)
        self._wait()
        return self

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        self._process.wait(10)
        shutil.rmtree(self._home, ignore_errors=True)

    def _wait(self) -> None:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.05)
        raise SystemExit("nginx does not listen: " + (self._home / "error.log").read_text())


def nginx() -> str | None:
    """Returns the path of nginx, or None. On Debian it is not on the PATH of unprivileged users."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
