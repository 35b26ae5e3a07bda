#!/usr/bin/env python3
"""Makes tests/golden/tokenizer_families/: small byte-level BPE tokenizers with the chains of Qwen2 and Qwen3 (NFC), Llama 3 (whole words
first), DeepSeek-V3 and DeepSeek-V2 (single digits by a step of its own), and the ids that the reference implementation (PyPI `tokenizers`) gives 2,000 strings.

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
# Letters that have two cases, as the tokenizer of DeepSeek-V2 lists them: first and last code points.
CASED = """
00B5 00C0-00D6 00D8-00F6 00F8-01BA 01BC-01BF 01C4-0293 0295-02AF 0370-0373 0376 0377 037B-037D 037F 0386 0388-038A 038C 038E-03A1 03A3-03F5
03F7-0481 048A-052F 0531-0556 10A0-10C5 13A0-13F5 13F8-13FD 1C90-1CBA 1CBD-1CBF 1D00-1D2B 1D6B-1D77 1D79-1D9A 1E00-1F15 1F18-1F1D 1F20-1F45
1F48-1F4D 1F50-1F57 1F59 1F5B 1F5D 1F5F-1F7D 1F80-1FB4 1FB6-1FBC 1FBE 1FC2-1FC4 1FC6-1FCC 1FD0-1FD3 1FD6-1FDB 1FE0-1FEC 1FF2-1FF4 1FF6-1FFC 2102
2107 210A-2113 2115 2119-211D 2124 2126 2128 212A-212D 212F-2134 2139 213C-213F 2145-2149 214E 2183 2184 2C00-2C7B 2C7E-2CE4 2CEB-2CEE 2CF2 2CF3
A640-A66D A680-A69B A722-A76F A771-A787 A78B-A78E AB70-ABBF FB00-FB06 FB13-FB17 FF21-FF3A FF41-FF5A 10400-1044F 104B0-104D3 104D8-104FB
10C80-10CB2 10CC0-10CF2 118A0-118DF 1E900-1E943
"""
CLASS = "A-Za-z" + "".join("-".join(chr(int(c, 16)) for c in part.split("-")) for part in CASED.split())
V2 = [r"[\r\n]", rf"\s?[{CLASS}]+", "\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+", r"\s+$", "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"]
FAMILIES = {
    "qwen": ([CUT.replace("DIGITS", r"\p{N}")], True, False, ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"]),
    "llama3": ([CUT.replace("DIGITS", r"\p{N}{1,3}")], False, True, ["<|begin_of_text|>", "<|end_of_text|>", "<｜User｜>", "<｜Assistant｜>"]),
    "deepseek_v2": (V2, False, False, ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>"]),
    "deepseek_v3": (base.SPLITS, False, False, ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>"]),
}
COUNT = 2000


def build(splits, nfc, ignore_merges, markers):
    digits = [pre_tokenizers.Digits(individual_digits=True)] if splits is V2 else []
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    if nfc:
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in splits]
                                                      + digits + [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
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
