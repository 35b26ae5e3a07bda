"""Writes resources/documents/sample.txt: a long plain text to try documents with. All of it comes from our own generators,
so that it is free of other people's rights; a few facts are hidden in it that nothing but reading can tell.

Usage: python3 sample_document.py [--out FILE] [--seed N]
"""
import argparse
import random
from pathlib import Path

from gen import retrieval, stories
from gen.lexicon import NAMES, PLACES

CHAPTERS = 12
STORIES_OF_CHAPTER = 13
# Whom the hidden facts are about; no story tells of them, so that each is said once.
KEEPERS = {"Mira": "The secret number of Mira is 48213.", "Tobias": "Tobias hid the key under the silver bell.",
           "Elena": "The favourite colour of Elena is dark green."}
OUT = Path(__file__).resolve().parent.parent / "resources" / "documents" / "sample.txt"


def told(rng, who):
    says, _, _, pool = rng.choice(retrieval.FACTS)
    return rng.choice(says).format(n=who, v=rng.choice(pool))


def chapter(rng, number, hidden):
    place = PLACES[(number * 7) % len(PLACES)]
    people = rng.sample(NAMES, 4)
    paragraphs = [stories.tell(rng) for _ in range(STORIES_OF_CHAPTER)]
    facts = " ".join(told(rng, who) for who in people)
    paragraphs.insert(rng.randrange(len(paragraphs)), f"This is what is known of the people near the {place}. {facts}")
    if hidden:
        at = rng.randrange(2, len(paragraphs) - 2)
        sentences = paragraphs[at].split(". ")
        sentences.insert(len(sentences) // 2, hidden.rstrip("."))
        paragraphs[at] = ". ".join(sentences)
    return f"Chapter {number}. The {place}\n\n" + "\n\n".join(paragraphs)


def document(seed):
    rng = random.Random(seed)
    hidden = dict(zip((3, 6, 10), KEEPERS.values()))
    return "A book of small stories\n\n" + "\n\n\n".join(
        chapter(rng, number, hidden.get(number)) for number in range(1, CHAPTERS + 1)) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--seed", type=int, default=20)
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(document(args.seed))
    print(f"{args.out}: {args.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
