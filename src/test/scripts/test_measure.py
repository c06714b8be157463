"""Tests the command line of scripts/measure."""

import importlib
import subprocess
import unittest
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from measure.__main__ import COMMANDS, main

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("onnx-export/**/README.md")]


class MeasureTest(unittest.TestCase):
    def test_every_subcommand_has_help(self):
        for name in COMMANDS:
            with self.subTest(name), redirect_stdout(StringIO()) as out, self.assertRaises(SystemExit) as end:
                main([name, "--help"])
            self.assertEqual(0, end.exception.code)
            self.assertIn(f"scripts/measure {name}", out.getvalue())

    def test_without_a_subcommand_all_are_listed(self):
        with redirect_stdout(StringIO()) as out:
            self.assertEqual(2, main([]))
        for name in COMMANDS:
            self.assertIn(f"\n  {name} ", out.getvalue())

    def test_an_unknown_subcommand_is_an_error(self):
        with redirect_stderr(StringIO()) as err:
            self.assertEqual(2, main(["lod"]))
        self.assertIn("no subcommand 'lod'", err.getvalue())

    def test_every_module_of_a_subcommand_can_run(self):
        for name, (module, _) in COMMANDS.items():
            with self.subTest(name):
                self.assertTrue(callable(importlib.import_module(module).run))

    def test_documents_mention_only_scripts_and_subcommands_that_exist(self):
        mentioned = subprocess.run(
            ["grep", "-ohE", "scripts/[a-z-]+( [a-z]+)?", *DOCUMENTS], capture_output=True, text=True
        ).stdout.splitlines()
        self.assertTrue(mentioned)
        for mention in mentioned:
            script, _, word = mention.partition(" ")
            with self.subTest(mention):
                self.assertTrue((ROOT / script).exists())
                if script == "scripts/measure" and word:
                    self.assertIn(word, COMMANDS)
