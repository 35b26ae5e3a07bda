#!/usr/bin/env python3
"""Makes tests/golden/tokenizer_families/: small byte-level BPE tokenizers with the chains of Qwen2 and Qwen3 (NFC), Llama 3 (whole words
first) and DeepSeek-V3, and the ids that the reference implementation (PyPI `tokenizers`) gives 2,000 strings.

usage: make_tokenizer_family_vectors.py
"""
import json
import pathlib
import random
import unicodedata

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

import make_tokenizer_vectors as base

OUT = pathlib.Path(__file__).resolve().parent / "tokenizer_families"
CUT = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|DIGITS| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
FAMILIES = {
    "qwen": ([CUT.replace("DIGITS", r"\p{N}")], True, False, ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"]),
    "llama3": ([CUT.replace("DIGITS", r"\p{N}{1,3}")], False, True, ["<|begin_of_text|>", "<|end_of_text|>", "<｜User｜>", "<｜Assistant｜>"]),
    "deepseek_v3": (base.SPLITS, False, False, ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>"]),
}
COUNT = 2000


def build(splits, nfc, ignore_merges, markers):
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    if nfc:
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in splits]
                                                      + [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    sentences = base.SENTENCES.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r")
    licence = (OUT.parent.parent.parent / "LICENSE").read_text(encoding="utf-8")
    tokenizer.train_from_iterator([licence] + [sentences] * 12, trainers.BpeTrainer(
        vocab_size=900, show_progress=False, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.add_tokens([AddedToken(m, special=i < 2, normalized=False) for i, m in enumerate(markers)])
    return tokenizer


def strings():
    rng = random.Random(20260301)
    result = [s for s in base.samples() if len(s) < 200]
    # Letters with marks, composed and not; jamo; singletons that NFC replaces; marks out of order.
    pieces = ["é", "e\u0301", "ạ\u0302", "a\u0302\u0323", "Å", "\u212b", "\u1100\u1161\u11a8", "각", "\uf900", "ﬁ", "\u0958", "क़", "が", "か\u3099",
              "ö", "o\u0308", "\u0301", "\u1e9b\u0323", "Ω", "\u2126", "x\u0338", ">\u0338", "=\u0338", "…", "№", "Ⅷ", "²", "١", "𝒳", "🙂", "👍🏽"]
    words = ("the I'LL we've It'S don'T 12345 3.14 0x1F foo_bar(x)=>{return; \r\n\n\t   你好 世界 カタカナ Straße naïve <think> <|im_end|> "
             "<｜User｜> λόγος привет שלום مرحبا สวัสดี 안녕 --flag a,b;c").split(" ")
    while len(result) < COUNT:
        parts = [rng.choice(pieces if rng.random() < 0.4 else words) for _ in range(rng.randint(1, 6))]
        text = rng.choice(["", " ", "  ", "\n"]).join(parts)
        if all(base.is_settled(c) for c in text) and text not in result:
            result.append(text)
    return [s for s in result if all(base.is_settled(c) or c in "\ufffe\uffff\U0010ffff\u0000" or unicodedata.category(c) != "Cn" for c in s)][:COUNT]


def main():
    OUT.mkdir(exist_ok=True)
    texts = strings()
    dump = lambda value: json.dumps(value, separators=(",", ":"))
    (OUT / "strings.json").write_text("[\n" + ",\n".join(map(dump, texts)) + "\n]\n", encoding="ascii")
    for name, settings in FAMILIES.items():
        tokenizer = build(*settings)
        tokenizer.save(str(OUT / f"{name}.json"), pretty=False)
        ids = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
        (OUT / f"{name}_ids.json").write_text("[\n" + ",\n".join(map(dump, ids)) + "\n]\n", encoding="ascii")
        print(name, len(texts), "strings,", tokenizer.get_vocab_size(), "tokens")


if __name__ == "__main__":
    main()
