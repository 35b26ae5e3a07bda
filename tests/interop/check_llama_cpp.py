#!/usr/bin/env python3
"""Compares this engine with llama.cpp on the same GGUF files, in both directions; run by hand, prints a table.

usage: check_llama_cpp.py BATHY [MODEL ...]     (BATHY: the program, build/dev/bin/bathy)

needs: pip install llama-cpp-py-sync gguf numpy     (its libraries want glibc 2.38 or newer: Debian 13)

1. Tiny random models are written by `bathy convert` in F32, F16, Q8_0 and with MXFP4 experts (dense models: MXFP4 matrices); llama.cpp
   must open them.
2. The same models are written with the public `gguf` package in Q4_K and Q6_K (blocks by ggml's own quantiser); this engine
   must open them.

The greedy continuation of 64 tokens is compared twice:
   exact: `--precision exact`, which rounds no activation, with llama.cpp on the same values in F32 (the file decoded by the `gguf`
   package); every token must be the same;
   fast: `--precision fast --kv f32`, which rounds activations as llama.cpp does, with llama.cpp on the file itself, fed token by
   token and with weights as they are stored; how many files have the same tokens is said at the end.
Why token by token: llama.cpp adds up in one order for one token, in others for a prompt and for weights that it rearranged. Products of
blocks are the same to the bit then (tests/kernels/test_quantized_golden.cpp), but norms, attention and activation functions differ in
the last bit of a float, and where a value lies at the border of two of 127 steps that decides the step: the logits, equal to the bit
until then, differ in the second decimal from there on, or by far more where another expert is chosen. The last column says how far
llama.cpp goes with itself: its tokens when the prompt is fed at once and weights may be rearranged (its default), against those of
the comparison.

Random models often have two tokens as good as equal: of 16 prompts that one is taken whose narrowest choice is widest by llama.cpp's
own logits on the file in question, among those that do not go round in few tokens.
"""
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

import gguf
import numpy as np

import llama_cpp
import tiny_models

TOKENS = 64
PROMPTS = 16
VARIED = 12
FORMS = {"F32": ("f32", "f32"), "F16": ("f16", "f16"), "Q8_0": ("q8_0", "q8_0"), "MXFP4 experts": ("f16", "mxfp4")}
DENSE_FORMS = FORMS | {"MXFP4 experts": ("mxfp4", "mxfp4")}
K_TYPES = {"Q4_K": gguf.GGMLQuantizationType.Q4_K, "Q6_K": gguf.GGMLQuantizationType.Q6_K}


def prompt(name, number):
    # V4: beyond its window of 128, so that both compressors and the indexer have something to say.
    count = 290 if name == "tiny-v4" else 48
    return [(37 * t + 11 * (t // 5) + 13 * number + 5) % 160 for t in range(count)]


def widest(path, name, **how):
    """The number of the prompt to compare with, its continuation by llama.cpp, the logits and the narrowest choice."""
    best = None
    with llama_cpp.Model(path, repack=not how) as model:
        for number in range(PROMPTS):
            tokens, rows = model.greedy(prompt(name, number), TOKENS, **how)
            top = np.sort(rows, -1)
            gap = float((top[:, -1] - top[:, -2]).min())
            rank = min(len(set(tokens)), VARIED), gap
            if best is None or rank > best[0]:
                best = rank, number, tokens, rows
    (_, gap), number, tokens, rows = best
    return gap, number, tokens, rows


def ours(bathy, path, ids, out, *how):
    subprocess.run([bathy, "logits", path, "--tokens", ",".join(map(str, ids)), "--out", out, *how, "--quiet"], check=True,
                   stdout=subprocess.DEVNULL)
    return np.load(out)


EXACT = ("--precision", "exact")
FAST = ("--precision", "fast", "--kv", "f32")


def copied(reader, target):
    """A writer with the metadata of `reader`."""
    writer = gguf.GGUFWriter(target, reader.fields["general.architecture"].contents())
    for key, field in reader.fields.items():
        if key.startswith("GGUF.") or key == "general.architecture":
            continue
        if field.types[0] == gguf.GGUFValueType.ARRAY:
            writer.add_array(key, field.contents())
        else:
            writer.add_key_value(key, field.contents(), field.types[0])
    return writer


def finish(writer):
    for step in (writer.write_header_to_file, writer.write_kv_data_to_file, writer.write_tensors_to_file, writer.close):
        step()


def rewrite(source, target, kind):
    """The GGUF file `source` (F32) once more, by the public package, with matrices in blocks of type `kind`."""
    reader = gguf.GGUFReader(source)
    writer = copied(reader, target)
    blocks = gguf.GGML_QUANT_SIZES[kind]
    packed = 0
    for tensor in reader.tensors:
        keep = ("ffn_gate_inp", "hc_", "compressor", "indexer.proj", "tid2eid", "norm", "rope_freqs", "sinks")
        shape = [int(n) for n in reversed(tensor.shape)]
        data = tensor.data.reshape(shape)
        if len(shape) < 2 or shape[-1] % blocks[0] or any(k in tensor.name for k in keep):
            writer.add_tensor(tensor.name, data, raw_dtype=tensor.tensor_type)
            continue
        writer.add_tensor(tensor.name, llama_cpp.quantize(data, int(kind), *blocks), raw_dtype=kind)
        packed += 1
    finish(writer)
    return packed


def decoded(path):
    """The same file with every value in F32, and its path."""
    reader, target = gguf.GGUFReader(path), path.with_suffix(".decoded.gguf")
    writer = copied(reader, target)
    for tensor in reader.tensors:
        shape = [int(n) for n in reversed(tensor.shape)]
        value = tensor.data if tensor.tensor_type == gguf.GGMLQuantizationType.I32 else gguf.dequantize(tensor.data, tensor.tensor_type)
        writer.add_tensor(tensor.name, value.reshape(shape))
    finish(writer)
    return target


def agreement(tokens, theirs):
    return next((i for i, (a, b) in enumerate(zip(tokens, theirs)) if a != b), TOKENS)


def compare_once(bathy, name, path, out, precision, chosen):
    """How many tokens are the same, and the cells of the table. `chosen`: what widest() said of llama.cpp."""
    gap, number, tokens, rows = chosen
    ids = prompt(name, number)
    mine = ours(bathy, path, ids + tokens[:-1], out, *precision)[len(ids) - 1:]
    # As long as the best token is the same after the same tokens, so is the continuation.
    same = agreement(mine.argmax(-1), tokens)
    return same, f"{same} of {TOKENS} | {np.abs(mine - rows).max():.1e} | {gap:.3f} | {len(set(tokens))}"


def compare(bathy, name, form, path, out):
    exact, exact_cells = compare_once(bathy, name, path, out, EXACT, widest(decoded(path), name))
    chosen = widest(path, name, singly=True)
    fast, fast_cells = compare_once(bathy, name, path, out, FAST, chosen)
    with llama_cpp.Model(path) as model:
        itself, _ = model.greedy(prompt(name, chosen[1]), TOKENS)
    print(f"| {name} | {form} | {exact_cells} | {fast_cells} | {agreement(itself, chosen[2])} of {TOKENS} |", flush=True)
    return exact == TOKENS, fast == TOKENS


def main():
    bathy, names = sys.argv[1], sys.argv[2:] or list(tiny_models.MODELS)
    results = []
    print(f"llama.cpp {llama_cpp.VERSION}, gguf {metadata.version('gguf')}\n")
    print("| model | file | exact: same tokens | largest difference of a logit | narrowest choice | tokens in use "
          "| fast: same tokens | largest difference | narrowest choice | tokens in use | llama.cpp with itself |")
    print("|---" * 11 + "|")
    with tempfile.TemporaryDirectory() as scratch:
        for name in names:
            folder = Path(scratch) / name
            tiny_models.write(bathy, name, f"{name}/0/", folder)
            forms = FORMS if "n_routed_experts" in tiny_models.MODELS[name] else DENSE_FORMS
            for form, (dense, experts) in forms.items():
                path = Path(scratch) / f"{name}-{dense}-{experts}.gguf"
                subprocess.run([bathy, "convert", folder, path, "--to", "gguf", "--dense", dense, "--experts", experts, "--quiet"], check=True,
                               stdout=subprocess.DEVNULL)
                results.append(compare(bathy, name, f"ours, {form}", path, folder / "logits.npy"))
            for form, kind in K_TYPES.items():
                path = Path(scratch) / f"{name}-{form}.gguf"
                assert rewrite(Path(scratch) / f"{name}-f32-f32.gguf", path, kind) > 10
                results.append(compare(bathy, name, f"package, {form}", path, folder / "logits.npy"))
    print(f"\nAll {TOKENS} tokens the same: exact {sum(exact for exact, _ in results)} of {len(results)} files, "
          f"fast {sum(fast for _, fast in results)} of {len(results)}.")
    sys.exit(not all(exact for exact, _ in results))


if __name__ == "__main__":
    main()
