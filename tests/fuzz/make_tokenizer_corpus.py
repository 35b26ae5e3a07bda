#!/usr/bin/env python3
"""Makes tests/fuzz/corpus/tokenizer/: small tokenizer.json files, good and malformed, one reason each in the name.

    python3 tests/fuzz/make_tokenizer_corpus.py
"""
import copy
import json
import pathlib

OUT = pathlib.Path(__file__).resolve().parent / "corpus" / "tokenizer"


def alphabet() -> list[str]:
    own = list(range(0x21, 0x7F)) + list(range(0xA1, 0xAD)) + list(range(0xAE, 0x100))
    rest = [b for b in range(256) if b not in own]
    return [chr(b) if b in own else chr(0x100 + rest.index(b)) for b in range(256)]


def base() -> dict:
    vocab = {symbol: i for i, symbol in enumerate(alphabet())}
    merges = [["t", "h"], ["th", "e"], ["1", "2"], ["Ġ", "the"], ["a", "a"], ["aa", "aa"]]
    for left, right in merges:
        vocab[left + right] = len(vocab)
    splits = [r"\p{N}{1,3}", "[一-龥]+", r"[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"]
    pre = [{"type": "Split", "pattern": {"Regex": s}, "behavior": "Isolated", "invert": False} for s in splits]
    pre.append({"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False})
    return {"version": "1.0", "added_tokens": [
                {"id": 262, "content": "<think>", "special": False, "normalized": False},
                {"id": 263, "content": "<｜User｜>", "special": True, "lstrip": True, "rstrip": True, "normalized": True}],
            "normalizer": None, "pre_tokenizer": {"type": "Sequence", "pretokenizers": pre}, "decoder": {"type": "ByteLevel"},
            "model": {"type": "BPE", "vocab": vocab, "merges": merges}}


def split(j: dict) -> dict:
    return j["pre_tokenizer"]["pretokenizers"][0]


CASES = {
    "good": lambda j: None,
    "good_text_merges": lambda j: j["model"].update(merges=[" ".join(m) for m in j["model"]["merges"]]),
    "good_ignore_merges": lambda j: j["model"].update(ignore_merges=True),
    "good_digits": lambda j: j["pre_tokenizer"]["pretokenizers"].insert(0, {"type": "Digits", "individual_digits": True}),
    "good_gpt2": lambda j: j.update(pre_tokenizer={"type": "ByteLevel", "add_prefix_space": False}),
    "good_removed_inverted": lambda j: split(j).update(behavior="Removed", invert=True),
    "good_string_pattern": lambda j: split(j).update(pattern={"String": "a.b(\\E"}),
    "good_sparse_ids": lambda j: j["added_tokens"][0].update(id=1048575),
    "empty_object": lambda j: j.clear(),
    "id_negative": lambda j: j["model"]["vocab"].update(the=-1),
    "id_huge": lambda j: j["model"]["vocab"].update(the=2**63),
    "id_float": lambda j: j["model"]["vocab"].update(the=1e300),
    "id_repeated": lambda j: j["model"]["vocab"].update(the=5),
    "byte_missing": lambda j: j["model"]["vocab"].pop("q"),
    "key_long": lambda j: j["model"]["vocab"].update({"q" * 5000: 999}),
    "merge_unknown": lambda j: j["model"]["merges"].append(["zz", "zz"]),
    "merge_numbers": lambda j: j["model"]["merges"].append([1, 2]),
    "merge_no_space": lambda j: j["model"]["merges"].append("th"),
    "merge_repeated": lambda j: j["model"]["merges"].append(["t", "h"]),
    "added_is_byte": lambda j: j["added_tokens"][0].update(id=65, content="b"),
    "added_is_word": lambda j: j["added_tokens"][0].update(id=257, content="the"),
    "added_empty": lambda j: j["added_tokens"][0].update(content=""),
    "added_single_word": lambda j: j["added_tokens"][0].update(single_word=True),
    "added_twice": lambda j: j["added_tokens"].append(j["added_tokens"][0]),
    "added_nested": lambda j: j.update(added_tokens=[[[]]]),
    "normalizer_nfc": lambda j: j.update(normalizer={"type": "NFC"}),
    "pre_metaspace": lambda j: j.update(pre_tokenizer={"type": "Metaspace"}),
    "pre_sequence_nested": lambda j: j["pre_tokenizer"]["pretokenizers"].insert(0, copy.deepcopy(j["pre_tokenizer"])),
    "regex_unclosed": lambda j: split(j).update(pattern={"Regex": "(a"}),
    "regex_explodes": lambda j: split(j).update(pattern={"Regex": "(?:(?:a|aa)+)+b"}),
    "regex_quadratic": lambda j: split(j).update(pattern={"Regex": "a*a*a*a*!"}),
    "regex_huge_repeat": lambda j: split(j).update(pattern={"Regex": "(?:(?:a{1000}){1000}){1000}"}),
    "regex_deep": lambda j: split(j).update(pattern={"Regex": "(?:" * 400 + "a" + ")" * 400}),
    "regex_empty": lambda j: split(j).update(pattern={"Regex": ""}),
    "regex_empty_matches": lambda j: split(j).update(pattern={"Regex": "x*"}),
    "regex_verb": lambda j: split(j).update(pattern={"Regex": "(*LIMIT_MATCH=1)a"}),
    "regex_recursion": lambda j: split(j).update(pattern={"Regex": "(?R)"}),
    "regex_nul": lambda j: split(j).update(pattern={"Regex": "a\0b"}),
    "regex_long": lambda j: split(j).update(pattern={"Regex": "a|" * 5000}),
    "decoder_fuse": lambda j: j.update(decoder={"type": "Fuse"}),
}


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    for name, damage in CASES.items():
        data = base()
        damage(data)
        (OUT / f"{name}.json").write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    good = json.dumps(base(), ensure_ascii=False, separators=(",", ":")).encode()
    (OUT / "cut_short.json").write_bytes(good[: len(good) // 2])
    (OUT / "no_utf8.json").write_bytes(good.replace(b"<think>", b"<th\xffnk>"))
    (OUT / "deep_lists.json").write_bytes(b"[" * 20000)
    (OUT / "nothing.json").write_bytes(b"")
    print(len(list(OUT.iterdir())), "files")


if __name__ == "__main__":
    main()
