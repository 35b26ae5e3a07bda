#!/usr/bin/env python3
"""Text and generated documents -> token files for train.py.

usage: corpus.py --text FOLDER --out data [--tokenizer FILE] [--scale 1.0]

FOLDER holds the unpacked text files named in README.md (text is never part of the repository). For each source two arrays are
written: SOURCE.ids.npy (uint16 tokens, documents one after the other) and SOURCE.learned.npy (uint8: 1 where the loss counts in full),
and SOURCE.starts.npy (first token of each document). Held-out text goes to heldout.json for bits-per-byte measurements.
"""
import argparse
import hashlib
import html
import json
import pathlib
import random
import re

import numpy as np

from gen import arithmetic, chat, declines, facts, lists, retrieval, stories, structured


def held_out(title):
    return int(hashlib.sha256(title.encode()).hexdigest(), 16) % 50 == 0


def tidy(text):
    text = text.replace("“", '"').replace("”", '"').replace("’", "'").replace("‘", "'").replace("—", " - ").replace("_", "")
    text = re.sub(r"^#+ .*$", "", text, flags=re.M)
    text = re.sub(r"(?<!\n)\n(?!\n)", " ", text)
    return re.sub(r" {2,}", " ", re.sub(r"\n{2,}", "\n\n", text)).strip()


def books(folder):
    """(title, text) of the public-domain books."""
    whole = (folder / "classic-books.txt").read_text(errors="ignore")
    for part in re.split(r"(?m)^# Title: ", whole)[1:]:
        title, _, body = part.partition("\n")
        yield title.strip(), tidy(body.partition("-------")[2])


def textbooks(folder):
    whole = (folder / "openstax.txt").read_text(errors="ignore")
    for part in re.split(r"(?m)^##### ", whole)[1:]:
        title, _, body = part.partition("\n")
        yield title.strip(), tidy(re.sub(r"\n(?=\S)", "\n\n", body))


def countries(folder):
    """Background paragraphs and the (country, capital) pairs of the Factbook."""
    decoder, text, at, paragraphs, capitals = json.JSONDecoder(), (folder / "factbook.txt").read_text(), 0, [], []
    while (at := text.find("{", at)) >= 0:
        entry, at = decoder.raw_decode(text, at)
        background = entry.get("Introduction", {}).get("Background", {}).get("text", "")
        paragraphs.append(re.sub(r"<[^>]+>", " ", html.unescape(background)))
        government = entry.get("Government", {})
        country = government.get("Country name", {}).get("conventional short form", {}).get("text", "")
        capital = government.get("Capital", {}).get("name", {}).get("text", "")
        capital = re.split(r"[;(,<]", capital)[0].strip()
        if country and capital and country != "none" and len(country) < 30 and len(capital) < 25:
            capitals.append((country, capital))
    return [re.sub(r"\s+", " ", p).strip() for p in paragraphs], capitals


def questions(folder):
    with open(folder / "gsm8k-train.txt") as f:
        return [json.loads(line)["question"] for line in f if line.strip()]


def sentences(text, low=30, high=160):
    return [s.strip() for s in re.split(r"(?<=[.!?])\s+", text[:6_000_000].replace("\n", " ")) if low < len(s) < high]


class Sources:
    """Everything that documents are made from."""

    def __init__(self, folder):
        self.books = list(books(folder))
        self.textbooks = list(textbooks(folder))
        self.paragraphs, self.capitals = countries(folder)
        self.questions = [q for q in questions(folder) if len(q) < 200]
        self.pages = (folder / "tldr-pages.txt").read_text(errors="ignore").split("\n\n\n")
        self.filler = sentences(" ".join(t for n, t in self.books if not held_out(n)))

    def generators(self):
        """name -> (documents at scale 1, make)."""
        return {
            "chat": (45000, lambda r: chat.make(r, self.questions)),
            "arithmetic": (50000, arithmetic.make),
            "lists": (45000, lists.make),
            "structured": (45000, structured.make),
            "stories": (22000, stories.make),
            "retrieval": (36000, lambda r: retrieval.make(r, self.filler)),
            "haystack": (6000, lambda r: retrieval.make_long(r, self.filler, r.choice([8, 12, 16, 24]))),
            "declines": (12000, lambda r: declines.make(r, self.filler)),
            "facts": (12000, lambda r: facts.make(r, self.capitals)),
        }

    def prose(self):
        """name -> documents of plain text, held-out titles removed."""
        expository = [t[: int(len(t) * 0.98)] for _, t in self.textbooks] + self.paragraphs
        return {"books": [t[:400_000] for n, t in self.books if not held_out(n)], "expository": expository, "pages": self.pages}

    def held(self):
        return {"books": [t[20_000:60_000] for n, t in self.books if held_out(n)][:6],
                "textbooks": [t[int(len(t) * 0.98):][:20_000] for _, t in self.textbooks]}


class Writer:
    def __init__(self, tokenizer, folder, name):
        self.tokenizer, self.folder, self.name = tokenizer, folder, name
        self.ids, self.learned, self.starts = [], [], []
        self.count = 0

    def add(self, pieces):
        self.starts.append(self.count)
        for text, learned in pieces:
            ids = self.tokenizer.encode(text, add_special_tokens=False).ids
            self.ids.append(np.array(ids, np.uint16))
            self.learned.append(np.full(len(ids), learned, np.uint8))
            self.count += len(ids)

    def close(self):
        for part, value in (("ids", np.concatenate(self.ids)), ("learned", np.concatenate(self.learned)), ("starts", np.array(self.starts))):
            fresh = self.folder / f"{self.name}.{part}.new.npy"  # renamed when whole: a running training maps the old file
            np.save(fresh, value)
            fresh.rename(self.folder / f"{self.name}.{part}.npy")
        print(f"{self.name}: {len(self.starts)} documents, {self.count} tokens", flush=True)


def main():
    from tokenizers import Tokenizer

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--tokenizer", default="data/tokenizer.json")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", help="generated sources to write; without it all of them and the prose")
    parser.add_argument("--prose-bytes", type=int, default=9_000_000)
    args = parser.parse_args()
    tokenizer, sources = Tokenizer.from_file(args.tokenizer), Sources(args.text)
    for name, (count, make) in sources.generators().items():
        if args.only and name not in args.only:
            continue
        rng, writer = random.Random(f"{args.seed}/{name}"), Writer(tokenizer, args.out, name)
        for _ in range(int(count * args.scale)):
            writer.add(make(rng))
        writer.close()
    for name, documents in ({} if args.only else sources.prose()).items():
        rng, writer, spent = random.Random(f"{args.seed}/{name}"), Writer(tokenizer, args.out, name), 0
        rng.shuffle(documents)
        for text in documents:
            if spent < args.prose_bytes * args.scale and len(text) > 50:
                writer.add([("<｜begin▁of▁sentence｜>" + text + "<｜end▁of▁sentence｜>", True)])
                spent += len(text)
        writer.close()
    (args.out / "heldout.json").write_text(json.dumps(sources.held()))


if __name__ == "__main__":
    main()
