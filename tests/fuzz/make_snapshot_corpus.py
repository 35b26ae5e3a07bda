#!/usr/bin/env python3
"""Writes the committed corpus of snapshot files: a good one, and one for each rule that a file can break. Needs the package xxhash.

usage: make_snapshot_corpus.py FOLDER
"""
import json
import pathlib
import struct
import sys

import xxhash

FIELDS = dict(name="a name", model="tiny", checkpoint="02a5f15b8a222352", vocabulary="", precision="fast", kv="bf16", banned_experts=[[1, 3]],
              state_layout=1, created_at=1796060000, block_tokens=4)


def digest(*parts):
    return xxhash.xxh3_128(b"".join(parts)).digest()


def snapshot(fields=None, text=None, tokens=9, blocks=3, recent=b"\x07" * 11, logits=3, sizes=None, magic=b"BATHYSNP", version=1):
    description = text if text is not None else json.dumps({**FIELDS, **(fields or {})}).encode()
    keys = b"".join(digest(bytes([i])) for i in range(blocks))
    body = [struct.pack(f"<{tokens}i", *range(tokens)), recent, struct.pack(f"<{logits}f", *[0.5] * logits)]
    counted = sizes or (len(description), blocks, tokens, len(recent), logits)
    head = magic + struct.pack("<II5Q", version, 0, *counted)
    return head + digest(head, description, keys) + digest(*body) + description + keys + b"".join(body)


def ring_bytes(rings):
    return b"".join(struct.pack("<qq", begin, end) + b"\x02" * count for begin, end, count in rings)


def rows(length, lasting, rings, checkpoints=(), count=None):
    kept = b"".join(struct.pack("<q", position) + ring_bytes(then) for position, then in checkpoints)
    return bytes([length]) + b"\x01" * lasting + ring_bytes(rings) + struct.pack("<q", len(checkpoints) if count is None else count) + kept


def without(field):
    return json.dumps({k: v for k, v in FIELDS.items() if k != field}).encode()


FULL = [(0, 9, 36), (0, 0, 0), (0, 0, 0), (0, 9, 36), (0, 9, 18), (0, 9, 9), (0, 9, 36), (8, 9, 2), (0, 0, 0)]
EARLIER = [(0, 5, 20), (0, 0, 0), (0, 0, 0), (0, 5, 20), (0, 5, 10), (0, 5, 5), (0, 5, 20), (4, 5, 2), (0, 0, 0)]
CASES = {
    "good": snapshot(),
    "one_token": snapshot(tokens=1, blocks=1, recent=b""),
    "no_magic": snapshot(magic=b"BATHYCAP"),
    "later_version": snapshot(version=2),
    "later_layout": snapshot({"state_layout": 2}),
    "no_tokens": snapshot(tokens=0, blocks=0),
    "sizes_wrap": snapshot(sizes=(2**63, 2**61, 2**62, 2**63, 2**62)),
    "json_endless": snapshot(sizes=(2**40, 3, 9, 11, 3)),
    "too_few_blocks": snapshot(blocks=2),
    "too_many_blocks": snapshot(blocks=9),
    "not_json": snapshot(text=b"{"),
    "json_list": snapshot(text=b"[1]"),
    "json_deep": snapshot(text=b"[" * 5000 + b"]" * 5000),
    "bad_name": snapshot({"name": 3}),
    "bad_precision": snapshot({"precision": "slow"}),
    "bad_kv": snapshot({"kv": ["bf16"]}),
    "bad_experts": snapshot({"banned_experts": [[1]]}),
    "huge_experts": snapshot({"banned_experts": [[2**63, 1]]}),
    "negative_time": snapshot({"created_at": -1}),
    "huge_block_tokens": snapshot({"block_tokens": 2**63}),
    "no_block_tokens": snapshot({"block_tokens": 0}),
    "no_checkpoint": snapshot(text=without("checkpoint")),
    "cut_head": snapshot()[:80],
    "cut_body": snapshot()[:-1],
    "longer": snapshot() + b"\0",
    "rows_good": rows(9, 14, FULL),
    "rows_with_checkpoint": rows(9, 14, FULL, [(5, EARLIER)]),
    "checkpoints_endless": rows(9, 14, FULL, [(5, EARLIER)], count=2**62),
    "checkpoints_negative": rows(9, 14, FULL, [(5, EARLIER)], count=-1),
    "checkpoints_unordered": rows(9, 14, FULL, [(5, EARLIER), (5, EARLIER)]),
    "checkpoint_later": rows(9, 14, FULL, [(10, EARLIER)]),
    "checkpoint_too_few": rows(9, 14, FULL, [(6, EARLIER)]),
    "rows_empty": rows(0, 0, [(0, 0, 0)] * 9),
    "rows_cut": rows(9, 14, FULL[:4]),
    "rows_long": rows(9, 14, FULL + [(0, 0, 0)]),
    "rows_negative": rows(9, 14, [(-8, 0, 0), *FULL[1:]]),
    "rows_backwards": rows(9, 14, [(9, 1, 0), *FULL[1:]]),
    "rows_later": rows(9, 14, [(1, 10, 36), *FULL[1:]]),
    "rows_without_width": rows(9, 14, [FULL[0], (0, 9, 0), *FULL[2:]]),
    "rows_endless": rows(9, 14, [(-(2**63), 9, 0), *FULL[1:]]),
    "rows_too_few": rows(9, 14, [(8, 9, 4), *FULL[1:]]),
}

if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in CASES.items():
        (folder / name).write_bytes(data)
