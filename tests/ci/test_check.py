#!/usr/bin/env python3
"""Shows that .ci/check refuses what it is there to refuse. Usage: test_check.py PATH_TO_CHECK"""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECK = sys.argv.pop(1)
LAYERS = "engine/base ->\nengine/runtime -> engine/base\nwidgets -> qt\n"


def run(files: dict[str, str], layers: str = LAYERS) -> tuple[int, str]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, text in {"layers.txt": layers, "engine/base/a.h": "", "engine/runtime/r.h": "", **files}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        done = subprocess.run([sys.executable, CHECK, "--root", folder], capture_output=True, text=True)
        return done.returncode, done.stdout


class CheckTest(unittest.TestCase):
    def test_include_down_is_accepted(self):
        status, text = run({"engine/runtime/x.cpp": '#include "engine/base/a.h"\n#include <vector>\n'})
        self.assertEqual(status, 0, text)

    def test_include_up_is_refused_by_name(self):
        status, text = run({"engine/base/x.cpp": '#include "engine/runtime/r.h"\n'})
        self.assertEqual(status, 1)
        self.assertIn('engine/base/x.cpp: includes "engine/runtime/r.h"', text)

    def test_qt_in_the_engine_is_refused(self):
        status, text = run({"engine/base/x.cpp": "#include <QString>\n"})
        self.assertEqual(status, 1)
        self.assertIn("may not use Qt", text)

    def test_qt_in_widgets_is_accepted(self):
        self.assertEqual(run({"widgets/x.cpp": "#include <QString>\n"})[0], 0)

    def test_file_outside_the_house_is_refused(self):
        status, text = run({"misc/x.cpp": "\n"})
        self.assertEqual(status, 1)
        self.assertIn("misc/x.cpp", text)

    def test_circle_of_layers_is_refused(self):
        status, text = run({}, "engine/base -> engine/runtime\nengine/runtime -> engine/base\n")
        self.assertEqual(status, 1)
        self.assertIn("circle", text)

    def test_endless_file_is_refused(self):
        status, text = run({"engine/base/x.cpp": "\n" * 901})
        self.assertEqual(status, 1)
        self.assertIn("901 lines", text)

    def test_checkpoint_known_by_name_is_refused(self):
        shipped = {"resources/checkpoints/pico/config.json": "{}"}
        status, text = run({**shipped, "engine/base/x.cpp": '\nif (name == "pico")\n    ;\n'})
        self.assertEqual(status, 1)
        self.assertIn('engine/base/x.cpp:2: knows the checkpoint that ships by the word "pico"', text)
        self.assertEqual(run({**shipped, "engine/base/x.cpp": "bool isPico();\n"})[0], 1)
        self.assertEqual(run({"engine/base/x.cpp": "bool isBundled();\n"})[0], 1)
        self.assertEqual(run({**shipped, "engine/base/x.cpp": "int picot = 1; // as pico does\n"})[0], 0)

    def test_path_of_one_machine_is_refused_with_its_line(self):
        folder = "/" + "home/somebody/models"
        status, text = run({"engine/base/x.cpp": f'\nauto p = "{folder}";\n', "docs/a.md": "~/models is fine\n"})
        self.assertEqual(status, 1)
        self.assertIn("engine/base/x.cpp:2: names", text)
        self.assertNotIn("docs/a.md", text)


if __name__ == "__main__":
    unittest.main()
