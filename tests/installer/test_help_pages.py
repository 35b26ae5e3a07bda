#!/usr/bin/env python3
"""The manual pages and the completion for bash name what the programs name, no more and no less.

Usage: test_help_pages.py BATHY FOLDER_OF_PAGES [BATHYSCOPE]
The help is read here in a way of its own, so that a slip of installer/linux/help_tree.py shows.
"""
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

BATHY, PAGES, DESKTOP = sys.argv[1], Path(sys.argv[2]), sys.argv[3:4]
del sys.argv[1:]
ASK = """
compopt() { :; }
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
_bathy
printf '%s\\n' "${COMPREPLY[@]}"
"""


def help_of(program: str, *command: str) -> str:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.run([program, *command, "--help"], capture_output=True, text=True, check=True, env=environment).stdout


def options_in(text: str) -> set[str]:
    lines = [line for line in text.splitlines() if re.match(r"^ {2,4}-", line)]
    return {name for line in lines for name in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", re.split(r" [A-Z<]|  ", line.strip())[0])}


def commands_in(text: str) -> set[str]:
    return set(re.findall(r"^  ([a-z]+)  ", text.partition("Subcommands:")[2], re.MULTILINE))


def offered(*words: str) -> set[str]:
    done = subprocess.run(["bash", "-c", ASK, "bash", str(PAGES / "completions" / "bathy"), "bathy", *words],
                          capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def all_commands() -> list[list[str]]:
    paths = [[name] for name in sorted(commands_in(help_of(BATHY)))]
    return paths + [path + [below] for path in paths for below in sorted(commands_in(help_of(BATHY, *path)))]


class HelpPagesTest(unittest.TestCase):
    def test_bash_offers_every_command(self):
        self.assertGreater(len(commands_in(help_of(BATHY))), 10)
        self.assertEqual(offered(""), commands_in(help_of(BATHY)))
        self.assertEqual(offered("capture", ""), commands_in(help_of(BATHY, "capture")))

    def test_bash_offers_every_option_of_every_command(self):
        general = options_in(help_of(BATHY))
        for path in all_commands():
            with self.subTest(command=path):
                self.assertEqual(offered(*path, "-"), options_in(help_of(BATHY, *path)) | general)

    def test_bash_offers_the_values_of_an_option(self):
        self.assertEqual(offered("run", "bundled", "--precision", ""), {"fast", "exact"})
        self.assertEqual(offered("logits", "--precision", "f"), {"fast"})
        self.assertEqual(offered("run", "bundled", "-n", ""), set())

    def test_bash_offers_the_bundled_model(self):
        self.assertIn("bundled", offered("info", "bun"))

    def test_manual_names_every_command_and_option(self):
        page = (PAGES / "bathy.1").read_text().replace("\\-", "-")
        self.assertEqual({tuple(path) for path in all_commands()},
                         {tuple(name.split()) for name in re.findall(r"^\.SS bathy (.*)$", page, re.MULTILINE)})
        for path in all_commands():
            section = page.partition(f".SS bathy {' '.join(path)}\n")[2].partition("\n.S")[0]
            named = set(re.findall(r"\\fB(--?[a-z-]+)\\fR", section))
            with self.subTest(command=path):
                self.assertEqual(named, options_in(help_of(BATHY, *path)) - {"-h", "--help"})

    @unittest.skipUnless(DESKTOP, "the desktop is not built")
    def test_manual_of_the_desktop_names_every_option(self):
        page = (PAGES / "bathyscope.1").read_text().replace("\\-", "-")
        self.assertEqual(set(re.findall(r"\\fB(--?[a-z-]+)\\fR", page)), options_in(help_of(DESKTOP[0])))


if __name__ == "__main__":
    unittest.main()
