"""Python environments of the scripts: made once, and again when they no longer fit. A stub stands in for Python."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[3] / "scripts" / "lib" / "python.sh"
# With -m venv FOLDER it makes an environment whose python is a link, and notes that in the file "made" beside itself.
PYTHON = """#!/bin/sh
[ "$1" = -m ] || exit 0
mkdir -p "$3/bin"
echo "$3" >>"$(dirname "$0")/made"
ln -s "$0" "$3/bin/python"
printf '#!/bin/sh\\n' >"$3/bin/pip"
chmod 755 "$3/bin/pip"
"""


class EnvironmentTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tools, self.root = Path(folder.name) / "tools", Path(folder.name) / "a clone"
        self.tools.mkdir()
        self.install(self.tools)
        (self.root / "project").mkdir(parents=True)
        (self.root / "project" / "pyproject.toml").write_text("first")

    @staticmethod
    def install(tools: Path) -> None:
        (tools / "python3").write_text(PYTHON)
        (tools / "python3").chmod(0o755)

    def python(self) -> Path:
        command = f'. "{LIBRARY}"; project_python "$ROOT/project" dev'
        environment = {"ROOT": str(self.root), "PATH": f"{self.tools}:{os.environ['PATH']}"}
        done = subprocess.run(["bash", "-c", command], env=environment, text=True, capture_output=True, timeout=60)
        self.assertEqual(0, done.returncode, done.stderr)
        return Path(done.stdout.strip())

    def made(self) -> int:
        return len((self.tools / "made").read_text().splitlines())

    def test_an_environment_is_made_once(self):
        self.assertEqual(self.python(), self.python())
        self.assertEqual(self.root / "project" / ".venv" / "dev" / "bin" / "python", self.python())
        self.assertEqual(1, self.made())

    def test_new_requirements_make_it_again(self):
        self.python()
        (self.root / "project" / "pyproject.toml").write_text("second")
        self.python()
        self.assertEqual(2, self.made())

    def test_a_moved_clone_makes_it_again(self):
        self.python()
        self.root = self.root.rename(self.root.with_name("moved"))
        self.python()
        self.python()
        self.assertEqual(2, self.made())

    def test_another_python_of_the_system_makes_it_again(self):
        self.python()
        newer = self.tools.with_name("newer")
        shutil.move(self.tools, newer)
        self.tools = newer
        self.assertTrue(self.python().exists())
        self.assertEqual(2, self.made())


if __name__ == "__main__":
    unittest.main()
