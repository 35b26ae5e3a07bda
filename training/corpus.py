#!/usr/bin/env python3
"""Text and generated documents -> token files for train.py.

usage: corpus.py --text FOLDER --out data [--tokenizer FILE] [--scale 1.0]

FOLDER holds the unpacked text files named in README.md (text is never part of the repository). For each source two arrays are
written: SOURCE.ids.npy (uint16 tokens, documents one after the other) and SOURCE.learned.npy (uint8: 1 where the loss counts in full),
and SOURCE.starts.npy (first token of each document). Held-out text goes to heldout.json for bits-per-byte measurements.
"""
import argparse
import collections
import hashlib
import html
import json
import pathlib
import random
import re

import numpy as np

from gen import arithmetic, chat, lists, lookup, retrieval, stories, structured, units
from gen.coining import coined
from gen.world import World


COINED_EACH = 20  # words for each token that begins one
NOT_FREE_EVERYWHERE = {"A Passage to India"}  # its author died in 1970


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
        if title.strip() not in NOT_FREE_EVERYWHERE:
            yield title.strip(), tidy(body.partition("-------")[2])


def textbooks(folder):
    whole = (folder / "openstax.txt").read_text(errors="ignore")
    for part in re.split(r"(?m)^##### ", whole)[1:]:
        title, _, body = part.partition("\n")
        yield title.strip(), tidy(re.sub(r"\n(?=\S)", "\n\n", body))


def countries(folder):
    """Background paragraphs of the Factbook."""
    decoder, text, at, paragraphs = json.JSONDecoder(), (folder / "factbook.txt").read_text(), 0, []
    while (at := text.find("{", at)) >= 0:
        entry, at = decoder.raw_decode(text, at)
        background = entry.get("Introduction", {}).get("Background", {}).get("text", "")
        paragraphs.append(re.sub(r"<[^>]+>", " ", html.unescape(background)))
    return [re.sub(r"\s+", " ", p).strip() for p in paragraphs]


def questions(folder):
    with open(folder / "gsm8k-train.txt") as f:
        return [json.loads(line)["question"] for line in f if line.strip()]


SLURS = re.compile(r"\b(nigg|negr|darkie|coon\b|savage|jew\b|jews\b|wench|rape)", re.I)


def sentences(text, low=30, high=160):
    """Sentences of moderate length in their order, without those that old books should have spared us."""
    parts = re.split(r"(?<=[.!?])\s+", text[:6_000_000].replace("\n", " "))
    return [s.strip() for s in parts if low < len(s) < high and not SLURS.search(s)]


class Sources:
    """Everything that documents are made from."""

    def __init__(self, folder, tokenizer=None):
        """tokenizer: what training's words to copy are coined from."""
        self.coined = coined(tokenizer, "coined", COINED_EACH) if tokenizer else []
        self.books = list(books(folder))
        self.textbooks = list(textbooks(folder))
        self.paragraphs = countries(folder)
        self.questions = [q for q in questions(folder) if len(q) < 200]
        self.pages = (folder / "tldr-pages.txt").read_text(errors="ignore").split("\n\n\n")
        self.worlds = {}

    def world(self, seed, held=False):
        """Where the generators draw from; a held-out world reads held-out books, too."""
        if held not in self.worlds:
            text = " ".join(t[20_000:400_000] for n, t in self.books if held_out(n) == held)
            counts = collections.Counter(re.findall(r"(?<= )[a-z]{4,9}(?= )", text[:8_000_000]))
            self.worlds[held] = sentences(text), [word for word, _ in counts.most_common(3000 if held else 12000)]
        return World(seed, held, *self.worlds[held], () if held else self.coined)

    def generators(self):
        """name -> (documents at scale 1, make)."""
        return {
            "drill": (40000, lookup.make_drill),
            "lookup": (40000, lookup.make),
            "retrieval": (40000, retrieval.make),
            "haystack": (12000, retrieval.make_long),
            "far": (6000, retrieval.make_far),
            "arithmetic": (60000, arithmetic.make),
            "lists": (50000, lists.make),
            "structured": (40000, structured.make),
            "units": (30000, units.make),
            "chat": (25000, lambda w: chat.make(w, self.questions)),
            "stories": (12000, stories.make),
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
        for (_, learned), ids in zip(pieces, (e.ids for e in self.tokenizer.encode_batch([t for t, _ in pieces], add_special_tokens=False))):
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
    tokenizer = Tokenizer.from_file(args.tokenizer)
    sources = Sources(args.text, tokenizer)
    for name, (count, make) in sources.generators().items():
        if args.only and name not in args.only:
            continue
        world, writer = sources.world(f"{args.seed}/{name}"), Writer(tokenizer, args.out, name)
        for _ in range(int(count * args.scale)):
            writer.add(make(world))
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
