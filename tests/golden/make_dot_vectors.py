#!/usr/bin/env python3
"""Products of blocks with rounded activations as ggml computes them, for tests/kernels/test_quantized_golden.cpp.

usage: make_dot_vectors.py FOLDER      (FOLDER: tests/golden/quant)
needs: pip install llama-cpp-py-sync numpy     (its libraries want glibc 2.38 or newer: Debian 13)

Each file dot_<type>.bin: int32 columns, rows, bytes of a row; float32 x[columns]; int8 q[columns], x as ggml rounds it; the rows;
float32 y[rows], by ggml_vec_dot_<type>. Rows are random numbers quantised by ggml, or random bits with scales of ordinary size where
its quantiser wants more than the numbers.
"""
import ctypes
import os
import sys
from pathlib import Path

import llama_cpp_py_sync
import numpy as np

FOLDER = os.path.dirname(llama_cpp_py_sync.__file__)
base = ctypes.CDLL(f"{FOLDER}/libggml-base.so.0", mode=ctypes.RTLD_GLOBAL)
cpu = ctypes.CDLL(f"{FOLDER}/libggml-cpu.so.0")
base.ggml_quantize_chunk.restype = ctypes.c_size_t
ROWS = 5
# Name: number in ggml, elements and bytes of a block, how activations are rounded.
TYPES = {
    "q4_0": (2, 32, 18, "q8_0"), "q4_1": (3, 32, 20, "q8_1"), "q5_0": (6, 32, 22, "q8_0"), "q5_1": (7, 32, 24, "q8_1"),
    "q8_0": (8, 32, 34, "q8_0"), "q2_K": (10, 256, 84, "q8_K"), "q3_K": (11, 256, 110, "q8_K"), "q4_K": (12, 256, 144, "q8_K"),
    "q5_K": (13, 256, 176, "q8_K"), "q6_K": (14, 256, 210, "q8_K"), "iq2_xxs": (None, 256, 66, "q8_K"),
    "iq4_nl": (20, 32, 18, "q8_0"), "iq4_xs": (23, 256, 136, "q8_K"), "mxfp4": (39, 32, 17, "q8_0"), "nvfp4": (None, 64, 36, "q8_0")}
# Bytes of a block of rounded activations, and where its values stand.
ACTIVATIONS = {"q8_0": (32, 34, 2), "q8_1": (32, 36, 4), "q8_K": (256, 292, 4)}
random = np.random.default_rng(8)


def address(array):
    return array.ctypes.data_as(ctypes.c_void_p)


def random_rows(name, columns, elements, size):
    blocks = random.integers(0, 256, (ROWS * columns // elements, size), np.uint8)
    if name == "nvfp4":
        blocks[:, :4] = random.integers(40, 60, (len(blocks), 4))
    else:
        blocks[:, 0], blocks[:, 1] = random.integers(0, 256, len(blocks)), random.integers(0x28, 0x30, len(blocks))
    return blocks.reshape(ROWS, -1)


def quantized_rows(number, columns, elements, size):
    values = random.standard_normal((ROWS, columns)).astype(np.float32)
    out = np.zeros((ROWS, columns // elements * size), np.uint8)
    base.ggml_quantize_chunk(ctypes.c_int(number), address(values), address(out), ctypes.c_int64(0), ctypes.c_int64(ROWS),
                             ctypes.c_int64(columns), None)
    return out


def main():
    if hasattr(cpu, "ggml_cpu_init"):
        cpu.ggml_cpu_init()
    for name, (number, elements, size, rounding) in TYPES.items():
        columns = 768 if elements == 256 else 256
        rows = random_rows(name, columns, elements, size) if number is None else quantized_rows(number, columns, elements, size)
        x = random.standard_normal(columns).astype(np.float32)
        group, group_bytes, at = ACTIVATIONS[rounding]
        rounded = np.zeros(columns // group * group_bytes, np.uint8)
        getattr(cpu, f"quantize_row_{rounding}")(address(x), address(rounded), ctypes.c_int64(columns))
        y = np.zeros(ROWS, np.float32)
        dot = getattr(cpu, f"ggml_vec_dot_{name}_{rounding}")
        for r in range(ROWS):
            row = rows[r].copy()
            dot(ctypes.c_int(columns), address(y[r:]), ctypes.c_size_t(0), address(row), ctypes.c_size_t(0), address(rounded),
                ctypes.c_size_t(0), ctypes.c_int(1))
        values = rounded.reshape(-1, group_bytes)[:, at:at + group]
        head = np.array([columns, ROWS, rows.shape[1]], np.int32)
        parts = (head, x, np.ascontiguousarray(values), rows, y)
        (Path(sys.argv[1]) / f"dot_{name}.bin").write_bytes(b"".join(part.tobytes() for part in parts))


if __name__ == "__main__":
    main()
