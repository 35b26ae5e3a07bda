#!/usr/bin/env python3
"""Checks GGUF in both directions against the public `gguf` package (pip install gguf numpy), run by hand.

usage: check_gguf.py BATHY     (the program, build/dev/bin/bathy)

1. A tiny random DeepSeek-V4 model is written as GGUF by the package, in F32, in every block type that the package can
   write, and mixed; `bathy logits` must give, bit for bit, the logits of the safetensors model that holds the decoded values.
2. What `bathy convert` writes is read by the package: names, shapes and types, and the values that the package decodes
   must be those of the source.
"""
import json
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType as T
from gguf import GGUFReader, GGUFWriter, dequantize, quantize

NAMES = {
    "embed.weight": "token_embd.weight", "head.weight": "output.weight", "norm.weight": "output_norm.weight",
    "hc_head_fn": "output_hc_fn.weight", "hc_head_base": "output_hc_base.weight", "hc_head_scale": "output_hc_scale.weight",
}
LAYER = {
    "attn_norm.weight": "attn_norm.weight", "ffn_norm.weight": "ffn_norm.weight", "attn.wq_a.weight": "attn_q_a.weight",
    "attn.q_norm.weight": "attn_q_a_norm.weight", "attn.wq_b.weight": "attn_q_b.weight", "attn.wkv.weight": "attn_kv.weight",
    "attn.kv_norm.weight": "attn_kv_a_norm.weight", "attn.attn_sink": "attn_sinks.weight", "attn.wo_a.weight": "attn_output_a.weight",
    "attn.wo_b.weight": "attn_output_b.weight", "attn.indexer.wq_b.weight": "indexer.attn_q_b.weight",
    "attn.indexer.weights_proj.weight": "indexer.proj.weight", "ffn.gate.weight": "ffn_gate_inp.weight", "ffn.gate.bias": "exp_probs_b.bias",
    "ffn.gate.tid2eid": "ffn_gate_tid2eid.weight", "ffn.shared_experts.w1.weight": "ffn_gate_shexp.weight",
    "ffn.shared_experts.w2.weight": "ffn_down_shexp.weight", "ffn.shared_experts.w3.weight": "ffn_up_shexp.weight",
}
for part in ("attn", "ffn"):
    LAYER |= {f"hc_{part}_{x}": f"hc_{part}_{x}.weight" for x in ("fn", "base", "scale")}
for path, start in (("attn.compressor", "attn_compressor"), ("attn.indexer.compressor", "indexer_compressor")):
    LAYER |= {f"{path}.wkv.weight": f"{start}_kv.weight", f"{path}.wgate.weight": f"{start}_gate.weight", f"{path}.ape": f"{start}_ape.weight",
              f"{path}.norm.weight": f"{start}_norm.weight"}
EXPERTS = {"w1": "ffn_gate_exps.weight", "w2": "ffn_down_exps.weight", "w3": "ffn_up_exps.weight"}
DTYPES = {"F32": np.float32, "F16": np.float16, "I64": np.int64, "I32": np.int32}


def read_safetensors(path):
    raw = path.read_bytes()
    (size,) = struct.unpack("<Q", raw[:8])
    tensors = {}
    for name, entry in json.loads(raw[8:8 + size]).items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            tensors[name] = np.frombuffer(raw[8 + size + begin:8 + size + end], DTYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def write_safetensors(path, tensors):
    kinds = {np.dtype(v): k for k, v in DTYPES.items()}
    header, at = {}, 0
    for name, value in tensors.items():
        header[name] = {"dtype": kinds[value.dtype], "shape": value.shape, "data_offsets": [at, at + value.nbytes]}
        at += value.nbytes
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(np.ascontiguousarray(v).tobytes() for v in tensors.values()))


def gguf_tensors(config, tensors):
    """GGUF name -> (array, raw names of its parts)."""
    result = {NAMES[name]: (value, [name]) for name, value in tensors.items() if name in NAMES}
    for i in range(config["num_hidden_layers"]):
        for name, gguf_name in LAYER.items():
            raw = f"layers.{i}.{name}"
            if raw in tensors:
                result[f"blk.{i}.{gguf_name}"] = (tensors[raw], [raw])
        for w, gguf_name in EXPERTS.items():
            parts = [f"layers.{i}.ffn.experts.{e}.{w}.weight" for e in range(config["n_routed_experts"])]
            result[f"blk.{i}.{gguf_name}"] = (np.stack([tensors[p] for p in parts]), parts)
    return result


def add_metadata(writer, c):
    a = "deepseek4."
    layers = c["num_hidden_layers"]
    for key, field in {
            "block_count": "num_hidden_layers", "context_length": "max_position_embeddings", "embedding_length": "hidden_size",
            "vocab_size": "vocab_size", "attention.head_count": "num_attention_heads", "attention.key_length": "head_dim",
            "attention.value_length": "head_dim", "attention.q_lora_rank": "q_lora_rank", "attention.output_lora_rank": "o_lora_rank",
            "attention.output_group_count": "o_groups", "attention.sliding_window": "sliding_window",
            "attention.indexer.head_count": "index_n_heads", "attention.indexer.key_length": "index_head_dim",
            "attention.indexer.top_k": "index_topk", "rope.dimension_count": "qk_rope_head_dim", "expert_count": "n_routed_experts",
            "expert_used_count": "num_experts_per_tok", "expert_shared_count": "n_shared_experts",
            "expert_feed_forward_length": "moe_intermediate_size", "hash_layer_count": "num_hash_layers",
            "hyper_connection.count": "hc_mult", "hyper_connection.sinkhorn_iterations": "hc_sinkhorn_iters"}.items():
        writer.add_uint32(a + key, c[field])
    writer.add_uint32(a + "attention.head_count_kv", 1)
    writer.add_uint32(a + "expert_gating_func", 4)
    writer.add_bool(a + "expert_weights_norm", True)
    for key, value in {
            "attention.layer_norm_rms_epsilon": c["rms_norm_eps"], "rope.freq_base": c["rope_theta"],
            "attention.compress_rope_freq_base": c["compress_rope_theta"], "expert_weights_scale": c["routed_scaling_factor"],
            "hyper_connection.epsilon": c["hc_eps"]}.items():
        writer.add_float32(a + key, value)
    writer.add_array(a + "attention.compress_ratios", [int(r) for r in c["compress_ratios"][:layers]])
    writer.add_array(a + "swiglu_clamp_exp", [float(c["swiglu_limit"])] * layers)
    scaling = c.get("rope_scaling")
    if scaling:
        writer.add_string(a + "rope.scaling.type", "yarn")
        writer.add_float32(a + "rope.scaling.factor", scaling["factor"])
        writer.add_uint32(a + "rope.scaling.original_context_length", scaling["original_max_position_embeddings"])
        writer.add_float32(a + "rope.scaling.yarn_beta_fast", scaling["beta_fast"])
        writer.add_float32(a + "rope.scaling.yarn_beta_slow", scaling["beta_slow"])
    writer.add_quantization_version(2)
    writer.add_uint32("tokenizer.ggml.bos_token_id", c["bos_token_id"])
    writer.add_uint32("tokenizer.ggml.eos_token_id", c["eos_token_id"])


def is_matrix(name, value):
    kept = ("ffn_gate_inp", "hc_", "compressor", "indexer.proj", "tid2eid")
    return value.ndim >= 2 and not any(k in name for k in kept)


def write_gguf(path, config, tensors, types):
    """Writes the file and returns the raw tensors as they are after rounding; types: one for each matrix in turn."""
    writer = GGUFWriter(path, "deepseek4")
    add_metadata(writer, config)
    decoded = {}
    turn = 0
    for name, (value, parts) in gguf_tensors(config, tensors).items():
        if value.dtype == np.int64:
            writer.add_tensor(name, value.astype(np.int32))
            decoded[parts[0]] = value
            continue
        kind = T.F32
        if is_matrix(name, value):
            kind = types[turn % len(types)]
            turn += 1
            if kind not in (T.F32, T.F16, T.BF16) and value.shape[-1] % 32:
                kind = T.F16
        if kind == T.F32:
            writer.add_tensor(name, value)
            back = value
        else:
            packed = quantize(value, kind)
            writer.add_tensor(name, packed, raw_dtype=kind)
            back = dequantize(packed, kind).reshape(value.shape).astype(np.float32)
        for part, one in zip(parts, back if len(parts) > 1 else [back]):
            decoded[part] = np.ascontiguousarray(one)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return decoded


def main():
    bathy = sys.argv[1]

    def run(*args):
        subprocess.run([bathy, *map(str, args), "--quiet"], check=True, stdout=subprocess.DEVNULL)

    def logits(model, out):
        run("logits", model, "--tokens", ",".join(str((37 * t + 5) % 96) for t in range(80)), "--out", out, "--precision", "exact")
        return np.load(out)

    with tempfile.TemporaryDirectory() as name:
        here = Path(name)
        run("synth", Path(__file__).parent / "v4_tiny" / "t6" / "config.json", here / "model")
        config = json.loads((here / "model" / "config.json").read_text())
        tensors = {k: v for k, v in read_safetensors(here / "model" / "model.safetensors").items() if not k.startswith("mtp.")}
        cases = {"F32": [T.F32], "F16": [T.F16], "BF16": [T.BF16], "Q4_0": [T.Q4_0], "Q4_1": [T.Q4_1], "Q5_0": [T.Q5_0], "Q5_1": [T.Q5_1], "Q8_0": [T.Q8_0],
                 "mixed": [T.Q4_0, T.Q8_0, T.F16, T.Q5_1, T.BF16, T.Q4_1, T.Q5_0]}
        for case, types in cases.items():
            decoded = write_gguf(here / f"{case}.gguf", config, tensors, types)
            folder = here / f"decoded_{case}"
            folder.mkdir()
            (folder / "config.json").write_text(json.dumps(config))
            write_safetensors(folder / "model.safetensors", decoded)
            ours, theirs = logits(here / f"{case}.gguf", here / "a.npy"), logits(folder, here / "b.npy")
            same = np.array_equal(ours, theirs)
            print(f"read {case}: logits {'equal bit for bit' if same else f'DIFFER by {np.abs(ours - theirs).max():.2e}'}")
            assert same
        for dense, experts in (("f32", "f32"), ("f16", "f16"), ("q8_0", "q8_0"), ("bf16", "mxfp4")):
            out = here / f"ours_{dense}_{experts}.gguf"
            run("convert", here / "model", out, "--to", "gguf", "--dense", dense, "--experts", experts)
            reader = GGUFReader(out)
            expected = gguf_tensors(config, tensors)
            assert {t.name for t in reader.tensors} == set(expected), set(expected) ^ {t.name for t in reader.tensors}
            worst = 0.0
            for tensor in reader.tensors:
                value = expected[tensor.name][0]
                assert tuple(int(n) for n in tensor.shape) == value.shape[::-1], tensor.name
                back = dequantize(tensor.data, tensor.tensor_type).reshape(value.shape) if tensor.tensor_type != T.I32 else tensor.data.reshape(value.shape)
                scale = np.abs(value).max() or 1
                worst = max(worst, float(np.abs(back - value).max() / scale))
            kinds = sorted({t.tensor_type.name for t in reader.tensors})
            print(f"written {dense}/{experts}: {len(reader.tensors)} tensors {kinds} open in the package, largest relative rounding {worst:.2e}")
            assert worst <= {"f32": 0, "f16": 1e-3, "q8_0": 5e-3, "bf16": 0.26}[dense]


if __name__ == "__main__":
    main()
