"""Checks deployment files with promtool and systemd-analyze. Tests without their checker are skipped."""

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
    def test_promtool_accepts_the_scrape_and_rule_files(self):
        code, output = said("promtool", "check", "config", PROMETHEUS / "prometheus.yml")
        self.assertEqual(0, code, output)
        self.assertIn("1 rule files found", output)

    def test_alerts_fire_only_when_they_should(self):
        code, output = said("promtool", "test", "rules", PROMETHEUS / "alerts.test.yml")
        self.assertEqual(0, code, output)

    def test_promtool_detects_a_wrong_rule(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("alerts.yml", "alerts.test.yml"):
                text = (PROMETHEUS / name).read_text()
                (Path(folder) / name).write_text(text.replace("> 0.02 *", "> 0.2 *"))
            code, output = said("promtool", "test", "rules", f"{folder}/alerts.test.yml")
        self.assertNotEqual(0, code, output)


@unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed (package systemd)")
class SystemdTest(unittest.TestCase):
    def test_systemd_accepts_the_unit(self):
        self.assertEqual("", self.verified(UNIT.read_text()))

    def test_systemd_detects_a_misspelt_option(self):
        self.assertIn("Unknown key", self.verified(UNIT.read_text().replace("ProtectHome=", "ProtectHouse=")))

    def verified(self, unit: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / UNIT.name
            # The checker needs an existing program, and the release is not installed in /opt.
            copy.write_text(unit.replace("ExecStart=/opt/describe-anything/describe-anything", "ExecStart=/bin/true"))
            return said("systemd-analyze", "verify", copy)[1]
