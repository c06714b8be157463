"""Checks the files for Prometheus and systemd with their own checkers. Tests without a checker are skipped."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROMETHEUS = ROOT / "docker" / "prometheus"
UNIT = ROOT / "scripts" / "systemd" / "describe-anything.service"


def said(*command: str | Path) -> tuple[int, str]:
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    return done.returncode, done.stdout


@unittest.skipUnless(shutil.which("promtool"), "promtool is not installed (package prometheus)")
class PrometheusTest(unittest.TestCase):
    def test_the_scrape_and_rule_files_are_valid(self):
        code, output = said("promtool", "check", "config", PROMETHEUS / "prometheus.yml")
        self.assertEqual(0, code, output)
        self.assertIn("1 rule files found", output)

    def test_alerts_fire_when_they_should_and_only_then(self):
        code, output = said("promtool", "test", "rules", PROMETHEUS / "alerts.test.yml")
        self.assertEqual(0, code, output)

    def test_an_invalid_rule_fails_the_check(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("alerts.yml", "alerts.test.yml"):
                text = (PROMETHEUS / name).read_text()
                (Path(folder) / name).write_text(text.replace("> 0.02 *", "> 0.2 *"))
            code, output = said("promtool", "test", "rules", f"{folder}/alerts.test.yml")
        self.assertNotEqual(0, code, output)


@unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed (package systemd)")
class SystemdTest(unittest.TestCase):
    def test_every_line_of_the_unit_is_valid(self):
        self.assertEqual("", self.verified(UNIT.read_text()))

    def test_a_misspelt_option_fails_the_check(self):
        self.assertIn("Unknown key", self.verified(UNIT.read_text().replace("ProtectHome=", "ProtectHouse=")))

    def verified(self, unit: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / UNIT.name
            # The checker requires the program to exist, and the release is not in /opt here.
            copy.write_text(unit.replace("ExecStart=/opt/describe-anything/describe-anything", "ExecStart=/bin/true"))
            return said("systemd-analyze", "verify", copy)[1]
