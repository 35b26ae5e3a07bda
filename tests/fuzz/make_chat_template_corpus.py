#!/usr/bin/env python3
"""Writes corpus/chat_template: the templates of tests/golden/chat_templates, the longer ones each in a file, the expressions together."""
import json
import shutil
from pathlib import Path

HERE = Path(__file__).parent
OUT = HERE / "corpus" / "chat_template"

vectors = json.loads((HERE.parent / "golden" / "chat_templates" / "vectors.json").read_text())["vectors"]
shutil.rmtree(OUT, ignore_errors=True)
OUT.mkdir(parents=True)
long = [v["template"] for v in vectors if v["talk"] == "long"]
expressions = [t for t in long if t.startswith("[{{")]
for number, text in enumerate([t for t in long if t not in expressions] + ["".join(expressions[i:i + 20]) for i in range(0, len(expressions), 20)]):
    (OUT / f"{number:02}.jinja").write_text(text, newline="")
