#!/usr/bin/env python3
"""Writes corpus/eval_items: files of questions, good ones (good_*) and one for each way to be wrong."""
import json
import pathlib

OUT = pathlib.Path(__file__).resolve().parent / "corpus" / "eval_items"
GOOD = {"id": "sum-1", "skill": "sum", "messages": [{"role": "user", "content": "2 + 2"}], "thinking": True, "max_tokens": 8,
        "answer": "4", "match": "number"}
KEY = {"id": "key-1", "skill": "passkey", "passkey": {"length": 4096, "depth": 0.35, "seed": 17, "decoys": 8}}


def line(base, **changes):
    return json.dumps({k: v for k, v in {**base, **changes}.items() if v is not ...}, ensure_ascii=False)


def passkey(**changes):
    return line(KEY, passkey={k: v for k, v in {**KEY["passkey"], **changes}.items() if v is not ...})


FILES = {
    "good_question": line(GOOD),
    "good_two_and_blank_lines": line(GOOD) + "\n\n \r\n" + line(KEY) + "\r\n",
    "good_json_answer": line(GOOD, answer='{"a": [1, null]}', match="json"),
    "good_conversation": line(GOOD, messages=[{"role": "system", "content": "Be brief."}, *GOOD["messages"],
                                              {"role": "assistant", "content": "4"}, {"role": "user", "content": "Sure?"}]),
    "good_domain_and_more_keys": line(GOOD, domain="arithmetic", source={"seed": 1}),
    "good_passkey_bounds": passkey(length=256, depth=0, decoys=15) + "\n" + line(KEY, id="key-2"),
    "nothing": "", "blank": "\n\n", "no_json": "id: 1", "cut": line(GOOD)[:-1], "two_on_a_line": line(GOOD) * 2, "list": "[]",
    "number": "7", "string": '"x"', "null": "null", "deep": "[" * 5000, "deep_object": '{"id":' * 3000,
    "good_byte_order_mark": "\ufeff" + line(GOOD), "same_id": line(GOOD) + "\n" + line(GOOD),
    "id_missing": line(GOOD, id=...), "id_number": line(GOOD, id=1), "id_empty": line(GOOD, id=""), "id_long": line(GOOD, id="x" * 201),
    "skill_null": line(GOOD, skill=None), "domain_list": line(GOOD, domain=["a"]),
    "messages_missing": line(GOOD, messages=...), "messages_empty": line(GOOD, messages=[]), "messages_text": line(GOOD, messages="hi"),
    "message_number": line(GOOD, messages=[1]), "role_unknown": line(GOOD, messages=[{"role": "tool", "content": "x"}]),
    "role_missing": line(GOOD, messages=[{"content": "x"}]), "content_list": line(GOOD, messages=[{"role": "user", "content": []}]),
    "last_is_assistant": line(GOOD, messages=[{"role": "assistant", "content": "x"}]), "thinking_number": line(GOOD, thinking=1),
    "max_tokens_missing": line(GOOD, max_tokens=...), "max_tokens_zero": line(GOOD, max_tokens=0),
    "max_tokens_negative": line(GOOD, max_tokens=-1), "max_tokens_huge": line(GOOD, max_tokens=2**64 - 1),
    "max_tokens_float": line(GOOD, max_tokens=8.5), "answer_missing": line(GOOD, answer=...), "answer_number": line(GOOD, answer=4),
    "answer_empty": line(GOOD, answer=""), "answer_blank": line(GOOD, answer=" \n", match="exact"),
    "answer_no_number": line(GOOD, answer="four"), "answer_no_json": line(GOOD, answer="{", match="json"),
    "match_missing": line(GOOD, match=...), "match_unknown": line(GOOD, match="regex"),
    "passkey_text": line(KEY, passkey="4096"), "passkey_short": passkey(length=255), "passkey_long": passkey(length=2**25),
    "passkey_no_length": passkey(length=...), "passkey_depth_two": passkey(depth=2), "passkey_depth_text": passkey(depth="half"),
    "passkey_seed_negative": passkey(seed=-1), "passkey_decoys_sixteen": passkey(decoys=16), "passkey_no_seed": passkey(seed=...),
    "number_overflow": line(GOOD).replace("8,", "1e999,"),
}

OUT.mkdir(parents=True, exist_ok=True)
for old in OUT.iterdir():
    old.unlink()
for name, text in FILES.items():
    (OUT / f"{name}.jsonl").write_bytes(text.encode())
(OUT / "not_utf8.jsonl").write_bytes(line(GOOD).encode().replace(b"2 + 2", b"2 \xff 2"))
(OUT / "zero_bytes.jsonl").write_bytes(b"\0\0\0\n")
