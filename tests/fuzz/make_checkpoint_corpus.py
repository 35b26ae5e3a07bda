#!/usr/bin/env python3
"""Writes the corpora of malformed checkpoints: files for the fuzz targets, folders for the tests of the command line.

corpus/safetensors/*   one file each, for fuzz_safetensors
corpus/config/*        config.json texts, for fuzz_config
corpus/shard_index/*   model.safetensors.index.json texts, for fuzz_shard_index
bad_checkpoints/<case> whole folders that `bathy verify` must refuse
bad_checkpoints/cases.json  for every malformed file and folder: the rule it breaks (S1..S18) and words that the error must have

Run it without arguments; it replaces what it wrote before. No dependency but Python.
"""
import json
import shutil
import struct
from pathlib import Path

HERE = Path(__file__).resolve().parent
FILES = HERE / "corpus" / "safetensors"
CONFIGS = HERE / "corpus" / "config"
INDICES = HERE / "corpus" / "shard_index"
FOLDERS = HERE / "bad_checkpoints"
cases = {"safetensors": [], "config": [], "folders": []}


def raw(header, data=b"", length=None):
    """A file with this header text; `length` lies about its size."""
    header = header if isinstance(header, bytes) else header.encode()
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def entry(dtype="F32", shape=(2,), offsets=(0, 8), **more):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets), **more}


def one(data=b"\0" * 8, **fields):
    return raw(json.dumps({"a": entry(**fields)}), data)


def bad_file(name, rule, words, content):
    (FILES / f"{name}.safetensors").write_bytes(content)
    cases["safetensors"].append({"file": f"{name}.safetensors", "rule": rule, "words": words})


def good_file(name, content):
    (FILES / f"{name}.safetensors").write_bytes(content)


def safetensors_files():
    good_file("good_one", one())
    good_file("good_padded", raw('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}   ', b"\0" * 8))
    good_file("good_empty", raw("{}"))
    good_file("good_scalar_and_zero", raw(json.dumps({
        "__metadata__": {"format": "pt"}, "s": entry("I64", (), (0, 8)), "z": entry("BF16", (4, 0), (8, 8)),
        "é\"\\": entry("F8_E4M3", (3,), (8, 11)), "u": entry("F8_E8M0", (1, 1), (11, 12), extra=[{"b": None}, 1.5e3, True])}), b"\1" * 12))

    bad_file("s01_empty", "S1", ["0 bytes"], b"")
    bad_file("s01_seven_bytes", "S1", ["7 bytes"], b"\2\0\0\0\0\0\0")
    bad_file("s02_header_length_zero", "S2", ["header length is 0"], struct.pack("<Q", 0) + b"{}")
    bad_file("s02_header_beyond_file", "S2", ["header length 3"], raw("{}", length=3))
    bad_file("s02_header_over_limit", "S2", ["header length 100000001", "limit"], raw("{}", length=100_000_001))
    bad_file("s02_header_wraps", "S2", ["header length 18446744073709551608"], raw("{}", length=2**64 - 8))
    bad_file("s03_not_utf8", "S3", ["UTF-8"], raw(b'{"\xff":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', b"\0" * 8))
    bad_file("s03_overlong_utf8", "S3", ["UTF-8"], raw(b'{"\xc0\xaf":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', b"\0" * 8))
    bad_file("s03_not_json", "S3", ["JSON"], raw('{"a":{dtype:"F32"}}'))
    bad_file("s03_not_an_object", "S3", ["JSON object"], raw("[1,2]"))
    bad_file("s03_leading_space", "S3", ["JSON object"], raw(" {}"))
    bad_file("s03_cut_off", "S3", ["JSON"], raw('{"a":{"dtype":"F32","shape":[2],'))
    bad_file("s03_trailing_text", "S3", ["trailing"], raw("{} x"))
    bad_file("s03_half_surrogate", "S3", ["surrogate"], raw('{"\\ud800":{}}'))
    bad_file("s03_entry_is_a_number", "S3", ['"a"', "not an object"], raw('{"a":1}'))
    bad_file("s04_deep", "S4", ["deeper than 8"], raw('{"a":' + '{"x":[' * 20 + "1" + "]}" * 20 + "}"))
    bad_file("s04_float_shape", "S4", ['"a"', "shape", "whole number"], raw('{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}', b"\0" * 8))
    bad_file("s04_negative_shape", "S4", ['"a"', "shape", "negative"], raw('{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}', b"\0" * 8))
    bad_file("s04_huge_number", "S4", ['"a"', "shape", "2^63"], raw('{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,8]}}', b"\0" * 8))
    bad_file("s04_exponent", "S4", ['"a"', "data_offsets", "whole number"], raw('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8e0]}}', b"\0" * 8))
    bad_file("s05_duplicate_tensor", "S5", ['"a"', "twice"], raw(
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', b"\0" * 8))
    bad_file("s05_duplicate_field", "S5", ['"a"', "dtype", "twice"], raw(
        '{"a":{"dtype":"F32","dtype":"F16","shape":[2],"data_offsets":[0,8]}}', b"\0" * 8))
    bad_file("s06_unknown_dtype", "S6", ['"a"', "dtype", "Q4_K"], one(dtype="Q4_K"))
    bad_file("s06_dtype_not_used", "S6", ['"a"', "dtype C64"], one(dtype="C64", shape=(1,)))
    bad_file("s06_dtype_missing", "S6", ['"a"', "dtype is missing"], raw('{"a":{"shape":[2],"data_offsets":[0,8]}}', b"\0" * 8))
    bad_file("s07_begin_after_end", "S7", ['"a"', "begin 8", "end 0"], one(offsets=(8, 0)))
    bad_file("s08_gap", "S8", ['"b"', "gap"], raw(json.dumps({"a": entry(shape=(1,), offsets=(0, 4)), "b": entry(shape=(1,), offsets=(8, 12))}), b"\0" * 12))
    bad_file("s08_overlap", "S8", ['"b"', "overlaps"], raw(json.dumps({"a": entry(offsets=(0, 8)), "b": entry(offsets=(4, 12))}), b"\0" * 12))
    bad_file("s08_first_not_at_zero", "S8", ['"a"', "gap"], one(b"\0" * 12, offsets=(4, 12)))
    bad_file("s09_end_beyond_file", "S9", ['"a"', "end 16"], one(shape=(4,), offsets=(0, 16)))
    bad_file("s09_bytes_left_over", "S9", ["9 bytes of data", "describes 8"], one(b"\0" * 9))
    bad_file("s09_no_tensor_but_data", "S9", ["4 bytes of data"], raw("{}", b"\0" * 4))
    bad_file("s10_product_overflow", "S10", ['"a"', "shape", "64 bits"], one(shape=(2**32, 2**32, 2)))
    bad_file("s10_product_overflow_then_zero", "S10", ['"a"', "shape", "64 bits"], one(b"", shape=(2**40, 2**40, 0), offsets=(0, 0)))
    bad_file("s10_bits_overflow", "S10", ['"a"', "shape", "64 bits"], one(shape=(2**60,)))
    bad_file("s10_half_a_byte", "S10", ['"a"', "whole bytes"], one(b"\0" * 2, dtype="F4", shape=(3,), offsets=(0, 2)))
    bad_file("s11_size_mismatch", "S11", ['"a"', "span 8 bytes", "need 12"], one(shape=(3,)))
    bad_file("s11_wrapped_product", "S11", ['"a"', "shape"], one(shape=(2**63 - 1, 2)))
    bad_file("s12_rank_9", "S12", ['"a"', "8 dimensions"], one(b"\0" * 4, shape=(1,) * 9, offsets=(0, 4)))
    bad_file("s13_metadata_number", "S13", ["__metadata__", '"n"'], raw('{"__metadata__":{"n":1}}'))
    bad_file("s13_metadata_list", "S13", ["__metadata__"], raw('{"__metadata__":["pt"]}'))
    bad_file("s13_metadata_twice", "S13", ["__metadata__", "twice"], raw('{"__metadata__":{},"__metadata__":{}}'))
    bad_file("s03_offsets_of_three", "S3", ['"a"', "data_offsets", "3 numbers"], one(offsets=(0, 4, 8)))
    bad_file("s03_offsets_missing", "S3", ['"a"', "data_offsets is missing"], raw('{"a":{"dtype":"F32","shape":[2]}}', b"\0" * 8))
    bad_file("s18_cut_in_half", "S18", ['"a"', "end 8"], one()[:-4])


def small_config(**changes):
    """A valid config with one layer and few experts; None removes a key."""
    config = {
        "model_type": "deepseek_v4", "vocab_size": 16, "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
        "num_key_value_heads": 1, "head_dim": 16, "qk_rope_head_dim": 8, "q_lora_rank": 32, "o_groups": 2, "o_lora_rank": 32,
        "sliding_window": 4, "compress_ratios": [0], "rope_theta": 10000, "compress_rope_theta": 160000,
        "rope_scaling": {"type": "yarn", "factor": 16, "original_max_position_embeddings": 64, "beta_fast": 32, "beta_slow": 1},
        "max_position_embeddings": 1024, "index_n_heads": 2, "index_head_dim": 16, "index_topk": 4, "n_routed_experts": 2,
        "num_experts_per_tok": 1, "n_shared_experts": 1, "moe_intermediate_size": 32, "num_hash_layers": 0,
        "scoring_func": "sqrtsoftplus", "topk_method": "noaux_tc", "norm_topk_prob": True, "routed_scaling_factor": 1.5,
        "swiglu_limit": 10.0, "hc_mult": 2, "hc_sinkhorn_iters": 3, "hc_eps": 1e-6, "rms_norm_eps": 1e-6,
        "num_nextn_predict_layers": 0, "tie_word_embeddings": False, "bos_token_id": 0, "eos_token_id": 1,
    }
    for key, value in changes.items():
        if value is None:
            del config[key]
        else:
            config[key] = value
    return config


def bad_config(name, words, content):
    text = content if isinstance(content, (str, bytes)) else json.dumps(content)
    (CONFIGS / f"{name}.json").write_bytes(text.encode() if isinstance(text, str) else text)
    cases["config"].append({"file": f"{name}.json", "rule": "config", "words": ["config.json"] + words})


def config_files():
    (CONFIGS / "good_official.json").write_text(json.dumps(small_config()))
    transformers = small_config(compress_ratios=None, rope_scaling=None, qk_rope_head_dim=None, num_hash_layers=None, rope_theta=None,
                                compress_rope_theta=None)
    transformers.update({
        "layer_types": ["compressed_sparse_attention"], "compress_rates": {"compressed_sparse_attention": 4},
        "mlp_layer_types": ["hash_moe"], "partial_rotary_factor": 0.5,
        "rope_parameters": {"main": {"rope_type": "default", "rope_theta": 10000.0},
                            "compress": {"rope_type": "yarn", "rope_theta": 160000.0, "factor": 16.0, "attention_factor": 1.0,
                                         "original_max_position_embeddings": 64, "beta_fast": 32.0, "beta_slow": 1.0}}})
    (CONFIGS / "good_transformers.json").write_text(json.dumps(transformers))

    bad_config("empty", ["JSON"], "")
    bad_config("not_json", ["JSON"], "{model_type:")
    bad_config("a_list", ["not a JSON object"], "[]")
    bad_config("deep", ["JSON"], "[" * 100_000)
    bad_config("not_utf8", ["JSON"], b'{"model_type":"\xff"}')
    bad_config("other_family", ["model_type", "llama"], small_config(model_type="llama"))
    bad_config("tied", ["tie_word_embeddings"], small_config(tie_word_embeddings=True))
    bad_config("missing_hidden", ["hidden_size", "missing"], small_config(hidden_size=None))
    bad_config("hidden_zero", ["hidden_size"], small_config(hidden_size=0))
    bad_config("hidden_text", ["hidden_size", "whole number"], small_config(hidden_size="4096"))
    bad_config("hidden_float", ["hidden_size", "whole number"], small_config(hidden_size=32.5))
    bad_config("vocab_wraps", ["vocab_size"], json.dumps(small_config()).replace('"vocab_size": 16', '"vocab_size": 18446744073709551615'))
    bad_config("layers_negative", ["num_hidden_layers"], small_config(num_hidden_layers=-1))
    bad_config("layers_too_many", ["num_hidden_layers"], small_config(num_hidden_layers=1_000_000))
    bad_config("experts_too_many", ["n_routed_experts"], small_config(n_routed_experts=10_000_000))
    bad_config("picks_over_experts", ["num_experts_per_tok"], small_config(num_experts_per_tok=3))
    bad_config("groups_do_not_divide", ["o_groups"], small_config(num_attention_heads=3))
    bad_config("rope_odd", ["qk_rope_head_dim"], small_config(qk_rope_head_dim=7))
    bad_config("rope_wider_than_head", ["qk_rope_head_dim"], small_config(qk_rope_head_dim=32))
    bad_config("rope_wider_than_index_head", ["index_head_dim"], small_config(index_head_dim=4))
    bad_config("ratios_short", ["compress_ratios"], small_config(num_hidden_layers=2))
    bad_config("ratio_negative", ["compress_ratios", "layer 0"], small_config(compress_ratios=[-4]))
    bad_config("ratio_text", ["compress_ratios", "layer 0"], small_config(compress_ratios=["4"]))
    bad_config("ratios_missing", ["compress_ratios", "missing"], small_config(compress_ratios=None))
    bad_config("eps_zero", ["rms_norm_eps"], small_config(rms_norm_eps=0))
    bad_config("eps_nan", ["JSON"], json.dumps(small_config()).replace('"rms_norm_eps": 1e-06', '"rms_norm_eps": NaN'))
    bad_config("theta_negative", ["rope_theta"], small_config(rope_theta=-1))
    bad_config("scaling_unknown", ["longrope"], small_config(rope_scaling={"type": "longrope"}))
    bad_config("yarn_factor_zero", ["rope_scaling.factor"], small_config(rope_scaling={"type": "yarn", "factor": 0, "original_max_position_embeddings": 64}))
    bad_config("attention_factor", ["attention_factor"], small_config(
        rope_scaling={"type": "yarn", "factor": 2, "original_max_position_embeddings": 64, "attention_factor": 1.2}))
    bad_config("scoring_softmax", ["scoring_func"], small_config(scoring_func="softmax"))
    bad_config("block_size_zero", ["weight_block_size"], small_config(quantization_config={"quant_method": "fp8", "weight_block_size": [0, 128]}))
    bad_config("eos_outside", ["eos_token_id"], small_config(eos_token_id=[1, 99]))
    bad_config("layer_type_unknown", ["layer_types", "layer 0"], {**small_config(), "layer_types": ["full_attention"], "compress_rates": {}})
    bad_config("compress_rate_zero", ["compress_rates"], {
        **small_config(), "layer_types": ["heavily_compressed_attention"], "compress_rates": {"heavily_compressed_attention": 0}})


def block_tensors(config):
    """Name -> (dtype, shape) of a one-layer window-attention model in float32."""
    c = config
    d, heads, dim, hc = c["hidden_size"], c["num_attention_heads"], c["head_dim"], c["hc_mult"]
    mix = (2 + hc) * hc
    out = {"embed.weight": (c["vocab_size"], d), "norm.weight": (d,), "hc_head_fn": (hc, hc * d), "hc_head_base": (hc,),
           "hc_head_scale": (1,), "head.weight": (c["vocab_size"], d)}
    p = "layers.0."
    out.update({p + "attn_norm.weight": (d,), p + "ffn_norm.weight": (d,)})
    for s in ("attn", "ffn"):
        out.update({f"{p}hc_{s}_fn": (mix, hc * d), f"{p}hc_{s}_base": (mix,), f"{p}hc_{s}_scale": (3,)})
    out.update({
        p + "attn.wq_a.weight": (c["q_lora_rank"], d), p + "attn.q_norm.weight": (c["q_lora_rank"],),
        p + "attn.wq_b.weight": (heads * dim, c["q_lora_rank"]), p + "attn.wkv.weight": (dim, d), p + "attn.kv_norm.weight": (dim,),
        p + "attn.attn_sink": (heads,), p + "attn.wo_a.weight": (c["o_groups"] * c["o_lora_rank"], heads * dim // c["o_groups"]),
        p + "attn.wo_b.weight": (d, c["o_groups"] * c["o_lora_rank"]), p + "ffn.gate.weight": (c["n_routed_experts"], d),
        p + "ffn.gate.bias": (c["n_routed_experts"],)})
    for e in [f"experts.{i}" for i in range(c["n_routed_experts"])] + ["shared_experts"]:
        f = c["moe_intermediate_size"]
        out.update({f"{p}ffn.{e}.w1.weight": (f, d), f"{p}ffn.{e}.w2.weight": (d, f), f"{p}ffn.{e}.w3.weight": (f, d)})
    return {name: ["BF16", list(shape), None] for name, shape in out.items()}


BYTES = {"BF16": 2, "F32": 4, "I64": 8, "F8_E4M3": 1, "F8_E8M0": 1, "I8": 1}


def write_tensors(path, tensors):
    header, data = {}, b""
    for name, (dtype, shape, content) in tensors.items():
        size = BYTES[dtype]
        for n in shape:
            size *= n
        header[name] = entry(dtype, shape, (len(data), len(data) + size))
        data += content if content is not None else b"\0" * size
    path.write_bytes(raw(json.dumps(header, separators=(",", ":")), data))


def folder(name, rule=None, words=None, config=None, config_text=None):
    path = FOLDERS / name
    path.mkdir(parents=True)
    (path / "config.json").write_text(config_text or json.dumps(config or small_config()))
    if rule:
        cases["folders"].append({"folder": name, "rule": rule, "words": words})
    return path


def changed(**changes):
    tensors = block_tensors(small_config())
    for name, value in changes.items():
        if value is None:
            del tensors[name]
        else:
            tensors[name] = value
    return tensors


def index_text(names, file, **more):
    return json.dumps({"metadata": {"total_size": 0}, "weight_map": {**{n: file for n in names}, **more}})


def sharded(name, rule, words, index):
    path = folder(name, rule, words)
    (path / "model.safetensors.index.json").write_text(index)
    (INDICES / f"{name}.json").write_text(index)
    write_tensors(path / "model-00001-of-00002.safetensors", {"embed.weight": ["BF16", [16, 32], None]})
    write_tensors(path / "model-00002-of-00002.safetensors", {"norm.weight": ["BF16", [32], None]})
    return path


def folders():
    write_tensors(folder("good") / "model.safetensors", changed())
    q = "layers.0.attn.wq_a"
    fp8 = ["F8_E4M3", [32, 32], b"\x38" * 1024]

    def bad(name, rule, words, **changes):
        write_tensors(folder(name, rule, words) / "model.safetensors", changed(**changes))

    # S14: what the config implies against what is there, all differences in one report.
    bad("s14_shape", "S14", [q + ".weight", "[32, 31]", "[32, 32]"], **{q + ".weight": ["BF16", [32, 31], None]})
    bad("s14_missing", "S14", ["norm.weight: is missing"], **{"norm.weight": None})
    bad("s14_unexpected", "S14", ["layers.7.attn.attn_sink", "not a tensor of this model"], **{"layers.7.attn.attn_sink": ["F32", [2], None]})
    bad("s14_dtype", "S14", ["layers.0.attn.attn_sink", "dtype is I64"], **{"layers.0.attn.attn_sink": ["I64", [2], None]})
    write_tensors(folder("s14_config_of_another_size", "S14", ["embed.weight", "4096"], config=small_config(hidden_size=4096)) / "model.safetensors", changed())
    write_tensors(folder("s14_config_of_many_experts", "S14", ["is missing"], config=small_config(
        num_hidden_layers=256, n_routed_experts=2048, compress_ratios=[0] * 256)) / "model.safetensors", {"embed.weight": ["BF16", [16, 32], None]})
    bad("s14_many_differences", "S14", ["norm.weight: is missing", "hc_head_base", "head.weight"], **{
        "norm.weight": None, "hc_head_base": ["F32", [3], None], "head.weight": ["I64", [16, 32], None]})

    # S15: names in the index that must never become a path outside the folder.
    for case, file, words in [("absolute", "/etc/passwd.safetensors", "plain file name"), ("parent", "../good/model.safetensors", '".."'),
                              ("backslash", "..\\x.safetensors", '".."'), ("drive", "C:x.safetensors", "plain file name"),
                              ("nul", "a\0.safetensors", "plain file name"), ("suffix", "config.json", ".safetensors")]:
        sharded(f"s15_{case}", "S15", ["weight_map", words], index_text(["embed.weight"], file))

    # S16: an index that does not describe the shards.
    first, second = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
    sharded("s16_tensor_elsewhere", "S16", ["norm.weight", first], index_text(["embed.weight", "norm.weight"], first))
    sharded("s16_tensor_nowhere", "S16", ["head.weight", second], index_text(["embed.weight"], first, **{"head.weight": second}))
    sharded("s16_shard_missing", "S16", ["model-00003-of-00002.safetensors"], index_text(["embed.weight"], "model-00003-of-00002.safetensors"))
    sharded("s16_too_many_shards", "S16", ["10000 files"], json.dumps({"weight_map": {f"t{i}": f"{i}.safetensors" for i in range(10_001)}}))
    sharded("s16_tensor_twice", "S16", ["embed.weight", "twice"], '{"weight_map":{"embed.weight":"%s","embed.weight":"%s"}}' % (first, second))
    sharded("s16_no_map", "S16", ["weight_map is missing"], '{"metadata":{"total_size":1}}')
    sharded("s16_map_is_a_list", "S16", ["weight_map is not an object"], '{"weight_map":[]}')
    sharded("s16_not_json", "S16", ["model.safetensors.index.json"], '{"weight_map":{')
    both = folder("s16_tensor_in_two_shards", "S16", ["embed.weight", "also in"])
    write_tensors(both / first, {"embed.weight": ["BF16", [16, 32], None]})
    write_tensors(both / second, {"embed.weight": ["BF16", [16, 32], None]})
    lone = folder("s16_set_incomplete", "S16", [second])
    write_tensors(lone / first, {"embed.weight": ["BF16", [16, 32], None]})

    # S17: scales of quantised weights.
    bad("s17_no_scale", "S17", [q + ".scale: is missing"], **{q + ".weight": fp8})
    bad("s17_scale_shape", "S17", [q + ".scale", "[2, 1]"], **{q + ".weight": fp8, q + ".scale": ["F8_E8M0", [2, 1], b"\x7f\x7f"]})
    bad("s17_scale_dtype", "S17", [q + ".scale", "dtype"], **{q + ".weight": fp8, q + ".scale": ["BF16", [1, 1], None]})
    bad("s17_scale_nan_e8m0", "S17", [q + ".scale", "NaN"], **{q + ".weight": fp8, q + ".scale": ["F8_E8M0", [1, 1], b"\xff"]})
    for case, value in [("nan", float("nan")), ("infinite", float("inf")), ("zero", 0.0), ("negative", -1.0)]:
        bad(f"s17_scale_{case}_f32", "S17", [q + ".scale", "positive finite"], **{
            q + ".weight": fp8, q + ".scale": ["F32", [1, 1], struct.pack("<f", value)]})
    e = "layers.0.ffn.experts.1.w2"
    bad("s17_fp4_no_scale", "S17", [e + ".scale: is missing"], **{e + ".weight": ["I8", [32, 16], None]})

    # S18: the file ends before its header says.
    cut = folder("s18_truncated", "S18", ["beyond"])
    write_tensors(cut / "model.safetensors", changed())
    whole = (cut / "model.safetensors").read_bytes()
    (cut / "model.safetensors").write_bytes(whole[:-100])

    write_tensors(folder("config_broken", "config", ["config.json", "JSON"], config_text="{") / "model.safetensors", changed())
    missing = folder("config_missing", "config", ["config.json"])
    (missing / "config.json").unlink()
    write_tensors(missing / "model.safetensors", changed())
    folder("no_weights", "files", ["no .safetensors"])
    (folder("gguf", "files", ["model.gguf", "version"]) / "model.gguf").write_bytes(b"GGUF")


def main():
    for path in (FILES, CONFIGS, INDICES, FOLDERS):
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
    safetensors_files()
    config_files()
    (INDICES / "good.json").write_text(index_text(["a", "b"], "model-00001-of-00001.safetensors"))
    folders()
    (FOLDERS / "cases.json").write_text(json.dumps(cases, indent=1) + "\n")


if __name__ == "__main__":
    main()
