#!/usr/bin/env python3
"""Writes the held-out questions and texts that `bathy eval` and `bathy perplexity` measure the checkpoint with.

usage: evalsets.py --text FOLDER --out ../resources/eval/nano

Questions come from the generators of the training with everything on the held-out side: entities, surface forms, pairs of numbers, seeds.
Texts are of books (by title) and of textbook passages that no training corpus holds. The same files come out every time.
"""
import argparse
import json
import pathlib
import random

from corpus import Sources, held_out
from gen import arithmetic, chat, lists, lookup, retrieval, stories, structured, units
from gen.phrases import ASK, MARK, PLEASE

NO_FEWER = 4000  # bytes of a passage


def addition(w):
    a, b = w.digits(1, 6)
    q = w.form(ASK, arithmetic.SUM, MARK) if w.rng.random() < 0.7 else w.form(PLEASE, arithmetic.ADD, [".", "", "!"])
    return q.format(a, b), str(a + b), "number"


def subtraction(w):
    a, b = sorted(w.digits(1, 4), reverse=True)
    return w.form(ASK, arithmetic.LESS, MARK).format(a, b), str(a - b), "number"


def product(w):
    a, d = w.digits(1, 3)[0], w.rng.randrange(2, 10)
    return w.form(ASK, arithmetic.TIMES, MARK).format(a, d), str(a * d), "number"


def problem(w):
    q, answer, _ = arithmetic.words(w)
    return q, answer.split()[0], "number"


def convert(w):
    q, answer, _ = units.turn(w)
    return (q, answer.split()[0], "number") if answer[0].isdigit() else (q, answer, "exact")


def listing(turn):
    def make(w):
        q, answer, _ = turn(w)
        return q, answer, "exact"
    return make


def json_task(w):
    q, answer = structured.turn(w)
    return q, answer, "json" if answer.startswith("{") else "exact"


def from_document(make):
    """The first question of a document that the generator renders."""
    def question(w):
        pieces = make(w)
        opening = pieces[1][0].removeprefix("<｜User｜>")
        q, _, _ = opening.partition("<｜Assistant｜>")
        return q, pieces[2][0].removesuffix("<｜end▁of▁sentence｜>"), "exact"
    return question


# skill -> (make, how many, thinking, most tokens)
SKILLS = {
    "addition": (addition, 100, True, 220), "subtraction": (subtraction, 50, True, 160), "product": (product, 50, True, 120),
    "word problem": (problem, 50, True, 120), "units and dates": (convert, 100, True, 220), "sorting": (listing(lists.sorting), 60, True, 240),
    "lists": (listing(lists.others), 60, True, 120), "json": (json_task, 100, False, 90), "look-up": (from_document(lookup.make), 60, False, 24),
    "open book": (from_document(retrieval.make), 100, False, 24),
}


# What kind of text the questions of a skill are, where that is not the skill itself.
DOMAINS = {"addition": "arithmetic", "subtraction": "arithmetic", "product": "arithmetic", "word problem": "arithmetic",
           "units and dates": "units", "sorting": "lists", "look-up": "retrieval", "open book": "retrieval"}


def items(sources):
    for skill, (make, count, thinking, most) in SKILLS.items():
        w, seen = sources.world(f"held-out/{skill}", held=True), set()
        while len(seen) < count:
            q, answer, match = make(w)
            if q in seen or not answer:
                continue
            seen.add(q)
            yield {"id": f"{skill.replace(' ', '-')}-{len(seen):04}", "skill": skill, "domain": DOMAINS.get(skill, skill),
                   "messages": [{"role": "user", "content": q}],
                   "thinking": thinking, "max_tokens": most, "answer": answer, "match": match}


def cut(text, size):
    """A passage of whole paragraphs from the middle."""
    at = text.find("\n\n", len(text) // 3) + 2
    return text[at : text.rfind("\n\n", at, at + size)].strip()


def texts(sources):
    """name -> (text, titles)."""
    books = [(n, t) for n, t in sources.books if held_out(n) and len(t) > 60_000]
    random.Random("held-out/books").shuffle(books)
    yield "books.txt", "\n\n".join(cut(t, 12_000) for _, t in books), [n for n, _ in books]
    parts = [(n, t[int(len(t) * 0.98):]) for n, t in sources.textbooks]
    parts = [(n, t) for n, t in parts if len(t) > NO_FEWER]
    yield "textbooks.txt", "\n\n".join(cut(t, 5_500) for _, t in parts[:8]), [n for n, _ in parts[:8]]
    yield "stories.txt", "\n\n".join(stories.tell(random.Random(f"held-out/story/{i}")) for i in range(30)), ["of our own"]
    yield "haystack.txt", " ".join(sources.world("haystack", held=True).filler[:1200])[:110_000].rpartition(". ")[0] + ".", \
        ["the held-out books"]


README = """# Held-out questions and texts

What `bathy eval` and `bathy perplexity` measure the bundled checkpoint with. Written by `training/evalsets.py`; never part of a training
corpus: questions use entities, surface forms, pairs of numbers and seeds that the training's generators do not draw (`training/gen/world.py`),
books are held out by title, textbooks by their last two per cent.

`basics.jsonl` has one question a line: `id`, `skill`, `domain` (the kind of text), `messages`, `thinking`, `max_tokens`, `answer` and how it is compared (`match`: exact,
contains, json or number). Pass-key questions are made when asked, from `haystack.txt`, by the rule in `engine/evaluate/haystack.h`.

| file | bytes | from | licence |
|---|---|---|---|
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    args = parser.parse_args()
    sources = Sources(args.text)
    args.out.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items(sources))
    (args.out / "basics.jsonl").write_text(lines)
    rows = [("basics.jsonl", len(lines.encode()), "our own generators; prose in the open-book questions is of the held-out books",
             "that of this project; prose public domain")]
    for name, text, titles in texts(sources):
        (args.out / name).write_text(text + "\n")
        licence = {"textbooks.txt": "CC BY 4.0, OpenStax, Rice University (editions before the change of licence)",
                   "stories.txt": "that of this project"}.get(name, "public domain")
        rows.append((name, len(text.encode()) + 1, "; ".join(titles), licence))
    (args.out / "README.md").write_text(README + "".join(f"| {a} | {b:,} | {c} | {d} |\n" for a, b, c, d in rows))


if __name__ == "__main__":
    main()
