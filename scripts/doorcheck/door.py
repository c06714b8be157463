"""nginx with docker/nginx's own configuration, on other ports. Knows files and processes, not what is asked."""

import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

CONFIGURATION = Path(__file__).resolve().parents[2] / "docker" / "nginx"
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


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Door:
    """`with Door([8001, 8002]) as door:` answers at `door.url`."""

    def __init__(self, servers: list[int]):
        self._servers, self._port = servers, free_port()
        self.url = f"http://127.0.0.1:{self._port}/v1"

    def __enter__(self) -> "Door":
        self._home = Path(tempfile.mkdtemp(prefix="door-"))
        upstream = (CONFIGURATION / "upstream.conf").read_text()
        line = re.search(r"^ *server first:8000(.*);$", upstream, re.MULTILINE)
        assert line, "upstream.conf no longer names first:8000"
        servers = "\n".join(f"    server 127.0.0.1:{port}{line[1]};" for port in self._servers)
        upstream = re.sub(r"(^ *server \w+:8000.*;\n)+", servers + "\n", upstream, flags=re.MULTILINE)
        site = (CONFIGURATION / "describe-anything.conf").read_text()
        assert "listen 8080;" in site
        (self._home / "upstream.conf.in").write_text(upstream)
        (self._home / "site.conf.in").write_text(site.replace("listen 8080;", f"listen 127.0.0.1:{self._port};"))
        main = self._home / "nginx.conf"
        main.write_text(MAIN.format(home=self._home))
        command = [nginx(), "-p", str(self._home), "-c", str(main), "-e", str(self._home / "error.log")]
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
    """Where nginx is; Debian keeps it out of a plain user's path."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
