#!/usr/bin/env python3
"""Trains the 4,096-entry byte-level BPE and writes tokenizer.json.

usage: tok.py --text FOLDER --out data/tokenizer.json

Pre-tokeniser chain and special-token strings are those of the official DeepSeek-V4 tokenizer; only the ids differ. Digits are split
one by one while the merges are learned, so that no token holds two digits although the chain hands over up to three at once.
"""
import argparse
import json
import pathlib
import random

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from corpus import Sources

ADDED = 64
FIRST = ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜▁pad▁｜>"]
NAMED = ["<｜fim▁hole｜>", "<｜fim▁begin｜>", "<｜fim▁end｜>", "<｜User｜>", "<｜Assistant｜>", "<|EOT|>", "<think>", "</think>", "｜DSML｜",
         "<｜latest_reminder｜>", "<｜action｜>", "<｜query｜>", "<｜authority｜>", "<｜domain｜>", "<｜title｜>", "<｜extracted_url｜>",
         "<｜read_url｜>"]
CJK = "[一-龥぀-ゟ゠-ヿ]+"
WORDS = (r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")


def chain(digits):
    parts = [pre_tokenizers.Split(Regex(p), "isolated") for p in (digits, CJK, WORDS)]
    return pre_tokenizers.Sequence(parts + [pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=False)])


def sample(sources, rng):
    """About 20 MB: prose of each kind and generated documents without their special tokens."""
    for _, text in rng.sample(sources.books, min(len(sources.books), 60)):
        yield text[:120_000]
    for _, text in sources.textbooks:
        yield text[:450_000]
    yield from (p * 2 for p in sources.paragraphs)
    yield from rng.sample(sources.pages, 1200)
    for name, (count, make) in sources.generators().items():
        world = sources.world(f"tokenizer/{name}")
        for _ in range(count // 10):
            for text, _ in make(world):
                for special in FIRST + NAMED:
                    text = text.replace(special, "\n")
                yield text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--vocab", type=int, default=4096)
    args = parser.parse_args()
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = chain(r"\p{N}")
    trainer = trainers.BpeTrainer(vocab_size=args.vocab - ADDED, special_tokens=FIRST, show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(sample(Sources(args.text), random.Random(7)), trainer)
    tokenizer.pre_tokenizer = chain(r"\p{N}{1,3}")
    tokenizer.decoder = decoders.ByteLevel()
    data = json.loads(tokenizer.to_str())
    base = len(data["model"]["vocab"])
    spare = [f"<｜place▁holder▁no▁{i}｜>" for i in range(args.vocab - base - len(NAMED))]
    data["added_tokens"] = [
        {"id": i, "content": text, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
         "special": text in FIRST or text in spare}
        for i, text in [*enumerate(FIRST), *enumerate(NAMED + spare, base)]]
    args.out.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n")
    check(Tokenizer.from_file(str(args.out)), args.vocab)


def check(tokenizer, vocab):
    """The properties the generators rely on."""
    assert tokenizer.get_vocab_size() == vocab
    digits = [t for t in tokenizer.get_vocab() if sum(ch.isdigit() for ch in t) > 1 and "holder" not in t]
    assert not digits, digits
    assert len(tokenizer.encode("1234567").ids) == 7
    text = "<｜User｜>Grüße, 你好! 12 + 30\n\n<｜Assistant｜></think>ok"
    assert tokenizer.decode(tokenizer.encode(text).ids, skip_special_tokens=False) == text


if __name__ == "__main__":
    main()
