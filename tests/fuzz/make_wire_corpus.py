#!/usr/bin/env python3
"""Writes the committed corpus of wire streams: one file per rule that a stream can break, and a good one of each kind.

usage: make_wire_corpus.py FOLDER
"""
import pathlib
import struct
import sys


def head(major, value):
    if value < 24:
        return bytes([major << 5 | value])
    for info, fmt, top in ((24, ">B", 1 << 8), (25, ">H", 1 << 16), (26, ">I", 1 << 32), (27, ">Q", 1 << 64)):
        if value < top:
            return bytes([major << 5 | info]) + struct.pack(fmt, value)
    raise ValueError(value)


def cbor(value):
    if value is True or value is False:
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        data = value.encode()
        return head(3, len(data)) + data
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())


def frame(payload):
    return struct.pack("<I", len(payload)) + payload


def message(name, **fields):
    return frame(cbor([name, fields]))


HELLO = message("hello", magic="bathyscope", protocol=3, role=1, build="corpus")
PROGRESS = dict(request=1, stage=0, done=5, total=10, per_second=2.5, seconds_left=2.0)
TOKEN = bytes([0, 9, 8, 77, 0])  # a prompt token
ROUTING = bytes([1, 9, 8, 77, 4, 1, 5]) + struct.pack("<f", 1.5)

CASES = {
    "good_progress": HELLO + message("progress", **PROGRESS),
    "good_cancel": HELLO + message("cancel", request=2, target=1),
    "good_generate": HELLO + message(
        "generate", request=6, session=7, generation=9, prompt=dict(kind=2, tokens=struct.pack("<3i", 1, 2, 3)),
        sampling=dict(temperature=0.5, top_k=1, top_p=1.0, min_p=0.0, repetition_penalty=1.0, repetition_window=8,
                      seed=1, stop=["x"], max_tokens=3),
        banned_experts=[dict(layer=3, expert=17)], speculate=-1),
    "good_records": HELLO + message("records", packed=TOKEN + ROUTING),
    "good_texts": HELLO + message("token_texts", tokens=struct.pack("<2i", 1, 2), texts=b"\x01a\x02\xe2\x82"),
    "empty": b"",
    "length_zero": b"\0\0\0\0",
    "length_huge": b"\xff\xff\xff\xff",
    "length_over_bytes": HELLO + b"\x10\0\0\0abc",
    "no_hello": message("progress", **PROGRESS),
    "hello_other_magic": message("hello", magic="other", protocol=3, role=1, build=""),
    "hello_other_protocol": message("hello", magic="bathyscope", protocol=9, role=1, build="x"),
    "hello_role_unknown": message("hello", magic="bathyscope", protocol=3, role=3, build="x"),
    "hello_twice": HELLO + HELLO,
    "not_cbor": HELLO + frame(b"{\"a\": 1}"),
    "nested_deeply": HELLO + frame(b"\x81" * 4096),
    "indefinite_length": HELLO + frame(b"\x9f\x01\xff"),
    "tagged": HELLO + frame(b"\xc0\x01"),
    "string_over_frame": HELLO + frame(b"\x7a\xff\xff\xff\xff" + b"a"),
    "array_over_frame": HELLO + frame(b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff"),
    "map_over_frame": HELLO + frame(b"\xbb\x80\0\0\0\0\0\0\0"),
    "map_key_number": HELLO + frame(cbor(["x", {}])[:-1] + b"\xa1\x01\x01"),
    "bytes_after_message": HELLO + frame(cbor(["cancel", dict(request=1, target=1)]) + b"\0"),
    "message_unknown": HELLO + message("reboot", request=1),
    "message_not_a_list": HELLO + frame(cbor({"progress": 1})),
    "fields_not_a_map": HELLO + frame(cbor(["progress", 1])),
    "field_missing": HELLO + message("progress", request=1),
    "field_wrong_type": HELLO + message("progress", **{**PROGRESS, "done": "five"}),
    "field_negative": HELLO + message("progress", **{**PROGRESS, "done": -1}),
    "field_float_for_int": HELLO + message("progress", **{**PROGRESS, "done": 5.5}),
    "enum_unknown": HELLO + message("progress", **{**PROGRESS, "stage": 200}),
    "float_out_of_range": HELLO + message("probe_answer", request=1, tag=1, kind=1, position=1, layer=1, entries=[],
                                          window=b"", sink=1e300, logits=[]),
    "prompt_kind_unknown": HELLO + message("encode_prompt", request=1, prompt=dict(kind=9)),
    "tokens_ragged": HELLO + message("encode_prompt", request=1, prompt=dict(kind=2, tokens=b"\1\2\3")),
    "error_code_unknown": HELLO + message("failed", request=1, error=dict(code=99, what="x", hint="")),
    "texts_cut": HELLO + message("token_texts", tokens=b"", texts=b"\x7fabc"),
    "record_kind_unknown": HELLO + message("records", packed=b"\x06"),
    "record_cut": HELLO + message("records", packed=ROUTING[:-1]),
    "record_too_many_experts": HELLO + message("records", packed=bytes([1, 9, 8, 77, 4, 17]) + b"\0" * 85),
    "record_too_many_alternatives": HELLO + message(
        "records", packed=bytes([0, 9, 8, 77, 1, 0]) + b"\0" * 16 + bytes([11, 0]) + b"\0" * 80),
    "record_span_kind_unknown": HELLO + message("records", packed=bytes([2, 99, 0, 0, 0, 0])),
    "record_varint_too_long": HELLO + message("records", packed=bytes([4]) + b"\xff" * 11),
    "record_layer_negative": HELLO + message("records", packed=bytes([2, 0, 3, 0, 0, 0])),
}

if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in CASES.items():
        (folder / f"{name}.bin").write_bytes(data)
    print(f"{len(CASES)} files")
