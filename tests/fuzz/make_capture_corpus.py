#!/usr/bin/env python3
"""Writes the committed corpus of capture files: one file per rule that a capture can break, and good ones.

usage: make_capture_corpus.py FOLDER
"""
import pathlib
import struct
import sys

from make_wire_corpus import PROGRESS, ROUTING, TOKEN, message

HELLO = message("hello", magic="bathyscope", protocol=3, role=2, build="corpus")
EVENTS = [message("progress", **PROGRESS), message("records", packed=TOKEN + ROUTING)]
KINDS = [0, 14]


def varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def header(index=0, count=0, magic=b"BATHYCAP", version=1):
    return magic + struct.pack("<IIQQ", version, 0, index, count)


def index(kinds=KINDS, shift=0, magic=b"BATHYIDX"):
    out, offset, last = magic, 32 + len(HELLO) + shift, 0
    for event, kind in zip(EVENTS, kinds):
        out += varint(offset - last) + bytes([kind])
        last = offset
        offset += len(event)
    return out


BODY = HELLO + b"".join(EVENTS)
END = 32 + len(BODY)

CASES = {
    "good_indexed": header(END, 2) + BODY + index(),
    "good_crashed": header() + BODY,
    "good_cut_frame": header() + BODY + b"\x40\0\0\0abc",
    "good_no_events": header() + HELLO,
    "empty": b"",
    "short_header": header()[:20],
    "other_magic": header(magic=b"BATHYCAT") + BODY,
    "other_version": header(version=2) + BODY,
    "no_hello": header() + EVENTS[0],
    "nothing_after_header": header(),
    "index_outside": header(END + 1000, 2) + BODY + index(),
    "index_inside_frame": header(END - 3, 2) + BODY + index(),
    "index_before_header_ends": header(8, 0) + BODY + index(),
    "index_other_magic": header(END, 2) + BODY + index(magic=b"BATHYIDY"),
    "index_wrong_offset": header(END, 2) + BODY + index(shift=1),
    "index_unknown_kind": header(END, 2) + BODY + index(kinds=[0, 200]),
    "index_cut": header(END, 2) + BODY + index()[:-1],
    "index_trailing": header(END, 2) + BODY + index() + b"x",
    "count_wrong": header(END, 3) + BODY + index(),
    "frame_length_zero": header() + HELLO + b"\0\0\0\0",
    "frame_length_huge": header() + HELLO + b"\xff\xff\xff\xff",
    "broken_event": header() + HELLO + message("progress", request=1),
}

if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in CASES.items():
        (folder / f"{name}.bin").write_bytes(data)
    print(f"{len(CASES)} files")
