"""Deterministic DeepSeek-V4 test models: tensor shapes, weights and tokens from a rule instead of a file.

A model is described by its config.json (official keys) plus a small rule: a salt and a gain. Weights are a pure function of
salt + raw tensor name, so tests in any language regenerate them bit for bit; the rule is written out in
v4_transformers/README.md. numpy only.
"""
import math

import numpy as np

MASK = (1 << 64) - 1


def fnv1a(text):
    h = 0xCBF29CE484222325
    for b in text.encode():
        h = ((h ^ b) * 0x100000001B3) & MASK
    return h


def unit(name, n):
    """n values in [-1, 1): splitmix64 seeded by FNV-1a of the name, the top 24 bits of each output."""
    i = np.arange(1, n + 1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        z = np.uint64(fnv1a(name)) + i * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float64) / 8388608.0 - 1.0


def ratios(c):
    return c["compress_ratios"][: c["num_hidden_layers"]]


def shapes(c):
    """Raw tensor name -> shape, in the order the official checkpoints use within a block."""
    d, heads, hd = c["hidden_size"], c["num_attention_heads"], c["head_dim"]
    ql, groups, ol = c["q_lora_rank"], c["o_groups"], c["o_lora_rank"]
    hc, inter, experts = c["hc_mult"], c["moe_intermediate_size"], c["n_routed_experts"]
    mix = (2 + hc) * hc
    out = {
        "embed.weight": (c["vocab_size"], d),
        "head.weight": (c["vocab_size"], d),
        "norm.weight": (d,),
        "hc_head_fn": (hc, hc * d),
        "hc_head_base": (hc,),
        "hc_head_scale": (1,),
    }

    def compressor(p, ratio, width):
        w = (2 if ratio == 4 else 1) * width
        out[p + ".wkv.weight"] = (w, d)
        out[p + ".wgate.weight"] = (w, d)
        out[p + ".ape"] = (ratio, w)
        out[p + ".norm.weight"] = (width,)

    def block(p, ratio, hashed):
        a, f = p + ".attn", p + ".ffn"
        out[p + ".attn_norm.weight"] = (d,)
        out[p + ".ffn_norm.weight"] = (d,)
        out[a + ".attn_sink"] = (heads,)
        out[a + ".wq_a.weight"] = (ql, d)
        out[a + ".q_norm.weight"] = (ql,)
        out[a + ".wq_b.weight"] = (heads * hd, ql)
        out[a + ".wkv.weight"] = (hd, d)
        out[a + ".kv_norm.weight"] = (hd,)
        out[a + ".wo_a.weight"] = (groups * ol, heads * hd // groups)
        out[a + ".wo_b.weight"] = (d, groups * ol)
        if ratio:
            compressor(a + ".compressor", ratio, hd)
        if ratio == 4:
            compressor(a + ".indexer.compressor", 4, c["index_head_dim"])
            out[a + ".indexer.wq_b.weight"] = (c["index_n_heads"] * c["index_head_dim"], ql)
            out[a + ".indexer.weights_proj.weight"] = (c["index_n_heads"], d)
        out[f + ".gate.weight"] = (experts, d)
        if hashed:
            out[f + ".gate.tid2eid"] = (c["vocab_size"], c["num_experts_per_tok"])
        else:
            out[f + ".gate.bias"] = (experts,)
        for e in [f"experts.{i}" for i in range(experts)] + ["shared_experts"]:
            out[f"{f}.{e}.w1.weight"] = (inter, d)
            out[f"{f}.{e}.w3.weight"] = (inter, d)
            out[f"{f}.{e}.w2.weight"] = (d, inter)
        for s in ("attn", "ffn"):
            out[f"{p}.hc_{s}_fn"] = (mix, hc * d)
            out[f"{p}.hc_{s}_base"] = (mix,)
            out[f"{p}.hc_{s}_scale"] = (3,)

    for layer, ratio in enumerate(ratios(c)):
        block(f"layers.{layer}", ratio, layer < c["num_hash_layers"])
    if c["num_nextn_predict_layers"]:
        block("mtp.0", 0, False)
        for n, shape in {
            "e_proj.weight": (d, d), "h_proj.weight": (d, d), "enorm.weight": (d,), "hnorm.weight": (d,),
            "norm.weight": (d,), "hc_head_fn": (hc, hc * d), "hc_head_base": (hc,), "hc_head_scale": (1,),
        }.items():
            out["mtp.0." + n] = shape
    return out


def hash_table(rows, picks, experts):
    """tid2eid: candidate (7t + 3 + k(1 + t mod 7)) mod E; a candidate already taken in its row moves up by one until free."""
    table = np.zeros((rows, picks), np.int64)
    for t in range(rows):
        row = []
        for k in range(picks):
            e = (7 * t + 3 + k * (1 + t % 7)) % experts
            while e in row:
                e = (e + 1) % experts
            row.append(e)
        table[t] = row
    return table


def weights(c, salt="", index_gain=1.0):
    """All tensors, float32 (tid2eid int64). Factors are rounded to float32 before the product in double, as the rule says."""
    out = {}
    for name, shape in shapes(c).items():
        if name.endswith("tid2eid"):
            out[name] = hash_table(shape[0], shape[1], c["n_routed_experts"])
            continue
        u = unit(salt + name, int(np.prod(shape))).reshape(shape)
        fan_in = math.sqrt(shape[-1])
        if name.endswith("norm.weight"):
            w = 1 + 0.25 * u
        elif name.endswith("_scale"):
            w = 1 + 0.5 * u
        elif name == "embed.weight":
            w = 2 * u
        elif name.endswith((".ape", "attn_sink", "gate.bias", "_base")):
            w = u
        elif name.endswith("_fn"):
            w = u * float(np.float32(4 / fan_in))
        elif name.endswith("weights_proj.weight"):
            w = u * float(np.float32(2 * index_gain / fan_in))
        else:
            w = u * float(np.float32(2 / fan_in))
        out[name] = w.astype(np.float32)
    return out


def tokens(c, n):
    t = np.arange(n)
    return (37 * t + 11 * (t // 5) + 5) % c["vocab_size"]
