#!/usr/bin/env python3
"""Writes the corpus of malformed GGUF files.

corpus/gguf/*.gguf   one file each: for fuzz_gguf, for the tests of the reader and of the command line
bad_gguf/<case>/     sets of several files
bad_gguf/models/     whole models, sound as files, that `bathy verify` must refuse
bad_gguf/cases.json  for every malformed file and set: the rule it breaks (G1..G25) and words that the error must have

Run it without arguments; it replaces what it wrote before. No dependency but Python.
"""
import json
import shutil
import struct
from pathlib import Path

HERE = Path(__file__).resolve().parent
FILES = HERE / "corpus" / "gguf"
SETS = HERE / "bad_gguf"
MODELS = SETS / "models"
cases = {"files": [], "sets": [], "models": []}

U8, I8, U16, I16, U32, I32, F32, BOOL, STRING, ARRAY, U64, I64, F64 = range(13)
FORMATS = {U8: "B", I8: "b", U16: "H", I16: "h", U32: "I", I32: "i", F32: "f", BOOL: "B", U64: "Q", I64: "q", F64: "d"}


def text(value, length=None):
    value = value if isinstance(value, bytes) else value.encode()
    return struct.pack("<Q", len(value) if length is None else length) + value


def scalar(kind, value):
    return text(value) if kind == STRING else struct.pack("<" + FORMATS[kind], value)


def pair(key, kind, value):
    """One metadata pair; a list of (element kind, values) for arrays, bytes are taken as they are."""
    if isinstance(value, bytes) and kind != STRING:
        body = value
    elif kind == ARRAY:
        element, values = value
        body = struct.pack("<IQ", element, len(values)) + b"".join(scalar(element, v) for v in values)
    else:
        body = scalar(kind, value)
    return text(key) + struct.pack("<I", kind) + body


def tensor(name, ne, kind=0, offset=0, rank=None):
    return (text(name) + struct.pack("<I", len(ne) if rank is None else rank) + b"".join(struct.pack("<Q", n) for n in ne) +
            struct.pack("<IQ", kind & 0xffffffff, offset))


def gguf(pairs=(), tensors=(), data=b"", version=3, magic=b"GGUF", n_pairs=None, n_tensors=None, alignment=32):
    head = magic + struct.pack("<IQQ", version, len(tensors) if n_tensors is None else n_tensors,
                               len(pairs) if n_pairs is None else n_pairs)
    head += b"".join(pairs) + b"".join(tensors)
    if tensors or data:
        head += b"\0" * (-len(head) % alignment)
    return head + data


ARCH = pair("general.architecture", STRING, "none")


def one(ne=(8,), kind=0, offset=0, data=b"\0" * 32, pairs=(ARCH,), **more):
    return gguf(pairs, [tensor("a", ne, kind, offset)], data, **more)


def good(name, content):
    (FILES / f"good_{name}.gguf").write_bytes(content)


def bad(name, rule, words, content):
    (FILES / f"{name}.gguf").write_bytes(content)
    cases["files"].append({"file": f"{name}.gguf", "rule": rule, "words": words})


def good_files():
    good("no_tensors", gguf([ARCH]))
    good("one", one())
    good("version_2", one(version=2))
    good("alignment_64", one(pairs=[ARCH, pair("general.alignment", U32, 64)], alignment=64))
    good("values", gguf([ARCH, pair("u8", U8, 1), pair("i8", I8, -1), pair("u16", U16, 2), pair("i16", I16, -2), pair("i32", I32, -3),
                         pair("f32", F32, 0.1), pair("yes", BOOL, 1), pair("u64", U64, 2**63 - 1), pair("i64", I64, -2**63), pair("f64", F64, 1e300),
                         pair("texts", ARRAY, (STRING, ["a", "", "é"])), pair("flags", ARRAY, (BOOL, [0, 1])),
                         pair("none", ARRAY, (U32, [])), pair("numbers", ARRAY, (I16, [1, -2, 3]))]))
    good("blocks", gguf([ARCH, pair("general.quantization_version", U32, 2)],
                        [tensor("q8", (64, 2), 8, 0), tensor("gap", (4,), 0, 192), tensor("mx", (32, 1, 3), 39, 256)],
                        b"\0" * (256 + 51)))
    good("unordered", gguf([ARCH], [tensor("b", (8,), 0, 32), tensor("a", (8,), 0, 0)], b"\1" * 64))


def start():
    bad("g01_empty", "G1", ["does not begin with GGUF"], b"")
    bad("g01_magic", "G1", ["does not begin with GGUF"], gguf(magic=b"GGML"))
    bad("g01_no_version", "G1", ["version"], b"GGUF\3\0")
    for version in (0, 1, 4):
        bad(f"g01_version_{version}", "G1", [f"version is {version}"], gguf([ARCH], version=version))
    bad("g01_big_endian", "G1", ["big-endian"], b"GGUF" + struct.pack(">IQQ", 3, 0, 0))
    bad("g02_no_counts", "G2", ["counts"], b"GGUF" + struct.pack("<I", 3) + b"\0" * 9)
    bad("g02_tensors_many", "G2", ["tensor count 1000"], gguf([ARCH], n_tensors=1000))
    bad("g02_tensors_wrap", "G2", ["tensor count 18446744073709551615"], gguf([ARCH], n_tensors=2**64 - 1))
    bad("g02_tensors_times_record_wraps", "G2", ["tensor count"], gguf([ARCH], n_tensors=2**64 // 24 + 1))
    bad("g02_pairs_many", "G2", ["metadata count 500"], gguf([ARCH], n_pairs=500))
    bad("g02_pairs_wrap", "G2", ["metadata count 18446744073709551615"], gguf([ARCH], n_pairs=2**64 - 1))
    bad("g02_tensors_eat_metadata", "G2", ["tensor count 2"], gguf([ARCH], n_tensors=2))


def strings():
    bad("g03_key_beyond", "G3", ["key 0", "reaches beyond"], gguf([text("a", 40000) + b"\0" * 20]))
    bad("g03_key_over_limit", "G3", ["key 0", "limit of 65535"], gguf([text(b"k" * 65536) + struct.pack("<IB", U8, 1)]))
    bad("g03_value_beyond", "G3", ['"k"', "string length 1000"], gguf([pair("k", STRING, b"")[:-8] + text("abc", 1000)]))
    bad("g03_value_wraps", "G3", ['"k"', "string length 18446744073709551615"], gguf([pair("k", STRING, b"")[:-8] + text("abc", 2**64 - 1)]))
    bad("g03_value_over_limit", "G3", ['"k"', "limit of 16777216"], gguf([pair("k", STRING, b"")[:-8] + text("abc", 2**24 + 1)]))
    bad("g03_length_cut", "G3", ['"k"', "inside a string length"], gguf([text("k") + struct.pack("<I", STRING) + b"\1\0\0"]))
    bad("g03_element_beyond", "G3", ['"k"', "element 1", "reaches beyond"],
        gguf([text("k") + struct.pack("<IIQ", ARRAY, STRING, 2) + text("a") + text("b", 99)]))
    bad("g03_name_beyond", "G3", ["name of tensor 0", "reaches beyond"], gguf([ARCH], [text("a", 60) + b"\0" * 20])[:92])


def arrays():
    def array(element, count, body=b""):
        return gguf([text("k") + struct.pack("<IIQ", ARRAY, element, count) + body])

    bad("g04_count_beyond", "G4", ['"k"', "array count 9"], array(U32, 9, b"\0" * 32))
    bad("g04_count_wraps", "G4", ['"k"', "array count 4611686018427387905"], array(U32, 2**62 + 1, b"\0" * 32))
    bad("g04_strings_beyond", "G4", ['"k"', "array count 3"], array(STRING, 3, text("a") + text("b")))
    bad("g04_nested", "G4", ['"k"', "arrays of arrays"], array(ARRAY, 1, struct.pack("<IQ", U8, 1) + b"\0" * 9))
    bad("g04_no_count", "G4", ['"k"', "array count"], gguf([text("k") + struct.pack("<II", ARRAY, U8) + b"\0\0\0"]))
    bad("g05_value_type", "G5", ['"k"', "value type 13"], gguf([text("k") + struct.pack("<I", 13) + b"\0" * 8]))
    bad("g05_value_type_negative", "G5", ['"k"', "value type 4294967295"], gguf([text("k") + struct.pack("<i", -1) + b"\0" * 8]))
    bad("g05_element_type", "G5", ['"k"', "element type 77"], array(77, 1, b"\0" * 8))
    bad("g06_bool_2", "G6", ['"k"', "bool is 2"], gguf([pair("k", BOOL, 2)]))
    bad("g06_bool_in_array", "G6", ['"k"', "bool is 255"], gguf([pair("k", ARRAY, (BOOL, [0, 1, 255]))]))
    bad("g07_empty_key", "G7", ["empty key"], gguf([pair("", U32, 1)]))
    bad("g07_twice", "G7", ['"k"', "twice"], gguf([pair("k", U32, 1), pair("k", STRING, "x")]))
    bad("g07_key_not_ascii", "G7", ["not printable ASCII"], gguf([pair("k\n", U32, 1)]))
    bad("g07_value_cut", "G7", ['"k"', "ends inside the value"], gguf([text("k") + struct.pack("<I", U64) + b"\0" * 3]))


def names_and_shapes():
    bad("g08_no_name", "G8", ["tensor 0", "empty name"], gguf([ARCH], [tensor("", (8,))], b"\0" * 32))
    bad("g08_twice", "G8", ['"a"', "listed twice"], gguf([ARCH], [tensor("a", (8,)), tensor("a", (8,), 0, 32)], b"\0" * 64))
    bad("g08_64_bytes", "G8", ["name of tensor 0", "limit of 63"], gguf([ARCH], [tensor("n" * 64, (8,))], b"\0" * 32))
    bad("g08_nul", "G8", ["not printable ASCII"], gguf([ARCH], [tensor("a\0b", (8,))], b"\0" * 32))
    bad("g08_not_ascii", "G8", ["not printable ASCII"], gguf([ARCH], [tensor("ä", (8,))], b"\0" * 32))
    bad("g09_rank_0", "G9", ['"a"', "dimensions is 0"], one(()))
    bad("g09_rank_5", "G9", ['"a"', "dimensions is 5"], one((1, 1, 1, 1, 8)))
    bad("g09_rank_huge", "G9", ['"a"', "dimensions is 4294967295"], gguf([ARCH], [tensor("a", (8,), rank=2**32 - 1)], b"\0" * 32))
    bad("g10_zero", "G10", ['"a"', "dimension 1 is 0"], one((8, 0)))
    bad("g10_zero_first", "G10", ['"a"', "dimension 0 is 0"], one((0,)))
    bad("g10_top_bit", "G10", ['"a"', "dimension 0 is 9223372036854775816"], one((2**63 + 8,)))
    bad("g10_over_limit", "G10", ['"a"', "dimension 0 is 2147483649"], one((2**31 + 1,)))
    bad("g10_product_wraps", "G10", ['"a"', "more elements"], one((2**31, 2**31, 2**31)))
    bad("g10_product_wraps_to_8", "G10", ['"a"'], one((2**31, 2**31, 8, 2**31)))
    bad("g10_published_overflow", "G10", ['"a"', "dimension 1 is 4398046511105"], one((4, 2**42 + 1)))
    bad("g10_check_that_wraps", "G10", ['"a"', "dimension 0 is 9223372036854775807"], one((2**63 - 1, 2)))
    for kind in (4, 5, 31, 33, 36, 43, 97, 2**31, 2**32 - 1):
        bad(f"g11_type_{kind}", "G11", ['"a"', f"type {kind} is none"], one((256,), kind, data=b"\0" * 1024))
    for kind, name in ((9, "Q8_1"), (18, "IQ3_XXS"), (29, "IQ1_M"), (34, "TQ1_0"), (42, "Q2_0")):
        bad(f"g11_not_read_{name}", "G11", ['"a"', f"type {name}", "readable are F32, F16, BF16, Q4_0", "NVFP4"], one((256,), kind, data=b"\0" * 1024))
    bad("g12_q4_0", "G12", ['"a"', "dimension 0 is 8", "32 elements of a Q4_0 block"], one((8,), 2))
    bad("g12_q4_k", "G12", ['"a"', "dimension 0 is 1408", "256 elements of a Q4_K block"], one((1408,), 12, data=b"\0" * 1024))
    bad("g13_bytes_wrap", "G13", ['"a"', "more bytes"], one((2**31, 2**31), 28))
    bad("g13_offset_wraps", "G13", ['"a"', "wrap around"], one(offset=2**64 - 32, data=b"\0" * 64))


def places():
    def aligned(kind, value):
        return one(pairs=[ARCH, pair("general.alignment", kind, value)])

    bad("g14_type", "G14", ["general.alignment", "type u64"], aligned(U64, 32))
    bad("g14_string", "G14", ["general.alignment", "type string"], aligned(STRING, "32"))
    for value in (0, 4, 24, 131072):
        bad(f"g14_{value}", "G14", ["general.alignment", str(value), "power of two"], aligned(U32, value))
    bad("g15_misaligned", "G15", ['"a"', "offset 8", "alignment 32"], one(offset=8, data=b"\0" * 64))
    bad("g15_beyond", "G15", ['"a"', "beyond the 32 bytes of data"], one((9,)))
    bad("g15_offset_beyond", "G15", ['"a"', "beyond the 32 bytes of data"], one(offset=2**40))
    bad("g15_overlap", "G15", ['"b"', "overlaps", '"a"'], gguf([ARCH], [tensor("a", (16,)), tensor("b", (8,), 0, 32)], b"\0" * 64))
    bad("g15_same_place", "G15", ["overlaps"], gguf([ARCH], [tensor("a", (8,)), tensor("b", (8,), 0, 0)], b"\0" * 64))
    bad("g15_no_data", "G15", ["data would begin"], gguf([ARCH], [tensor("a", (8,))])[:-16])
    bad("g15_cut_in_tensors", "G15", ['"b"', "file ends"], gguf([ARCH], [tensor("a", (8,)), tensor("b", (8,), 0, 32)], b"")[:120])
    many = [tensor(f"t{i}", (2**31, 2**29), 0, i * 2**62) for i in range(3)]
    bad("g16_sum_wraps", "G16", ["beyond the 32 bytes of data"], gguf([ARCH], many, b"\0" * 32))
    bad("g17_quantization_version", "G17", ["general.quantization_version", "is 3"],
        one((32,), 8, data=b"\0" * 34, pairs=[ARCH, pair("general.quantization_version", U32, 3)]))
    bad("g25_cut_in_half", "G25", ['"a"', "beyond the 512 bytes"], one((256,), data=b"\0" * 512))


def shard(number, count, tensors, total=2, **more):
    pairs = [pair("split.no", U16, number), pair("split.count", U16, count), pair("split.tensors.count", I32, total)]
    return gguf(([ARCH] if number == 0 else []) + pairs, [tensor(name, (8,)) for name in tensors], b"\0" * 32 if tensors else b"", **more)


def sets():
    def write(name, rule, words, files):
        folder = SETS / name
        folder.mkdir(parents=True)
        for file, content in files.items():
            (folder / file).write_bytes(content)
        if rule:
            cases["sets"].append({"set": name, "open": next(iter(files)), "rule": rule, "words": words})

    first, second = "m-00001-of-00002.gguf", "m-00002-of-00002.gguf"
    write("good", None, None, {first: shard(0, 2, ["a"]), second: shard(1, 2, ["b"])})
    write("good_empty_first", None, None, {first: shard(0, 2, [], 1), second: shard(1, 2, ["b"])})
    write("g22_missing_shard", "G22", [second, "does not exist"], {first: shard(0, 2, ["a"])})
    write("g22_number_at_count", "G22", ["split.no", "is 2"], {first: shard(0, 2, ["a"]), second: shard(2, 2, ["b"])})
    write("g22_same_number", "G22", ["split.no", "is 0"], {first: shard(0, 2, ["a"]), second: shard(0, 2, ["b"])})
    write("g22_other_count", "G22", [second, "split.count", "is 3"], {first: shard(0, 2, ["a"]), second: shard(1, 3, ["b"])})
    write("g22_count_huge", "G22", [first, "split.count"], {first: gguf([ARCH, pair("split.count", U32, 10001)]), second: shard(1, 2, ["b"])})
    write("g22_no_count", "G22", [second, "split.count", "missing"], {first: shard(0, 2, ["a"]), second: gguf([pair("split.no", U16, 1)])})
    write("g22_duplicate_tensor", "G22", [second, '"a"', "also in"], {first: shard(0, 2, ["a"]), second: shard(1, 2, ["a"])})
    write("g22_tensor_total", "G22", ["split.tensors.count", "is 3"], {first: shard(0, 2, ["a"], 3), second: shard(1, 2, ["b"], 3)})
    write("g22_name_says_one", "G22", ["split.count", "is 2"], {"m.gguf": shard(0, 2, ["a"])})
    write("g22_name_counts_10001", "G22", ["10000"], {"m-00001-of-10001.gguf": shard(0, 2, ["a"])})


V4 = [("general.architecture", STRING, "deepseek4"), ("general.quantization_version", U32, 2)] + [("deepseek4." + key, kind, value) for key, kind, value in (
    ("block_count", U32, 1), ("context_length", U32, 128), ("embedding_length", U32, 32), ("vocab_size", U32, 8), ("attention.head_count", U32, 2),
    ("attention.head_count_kv", U32, 1), ("attention.key_length", U32, 16), ("attention.value_length", U32, 16), ("attention.q_lora_rank", U32, 8),
    ("attention.output_lora_rank", U32, 4), ("attention.output_group_count", U32, 1), ("attention.sliding_window", U32, 8),
    ("attention.layer_norm_rms_epsilon", F32, 1e-6), ("attention.indexer.head_count", U32, 2), ("attention.indexer.key_length", U32, 16),
    ("attention.indexer.top_k", U32, 4), ("attention.compress_ratios", ARRAY, (I32, [0])), ("attention.compress_rope_freq_base", F32, 160000.0),
    ("rope.dimension_count", U32, 8), ("rope.freq_base", F32, 10000.0), ("expert_count", U32, 2), ("expert_used_count", U32, 1),
    ("expert_shared_count", U32, 1), ("expert_feed_forward_length", U32, 8), ("expert_weights_scale", F32, 1.5), ("expert_weights_norm", BOOL, 1),
    ("expert_gating_func", U32, 4), ("hash_layer_count", U32, 0), ("swiglu_clamp_exp", ARRAY, (F32, [7.0])), ("hyper_connection.count", U32, 1),
    ("hyper_connection.sinkhorn_iterations", U32, 2), ("hyper_connection.epsilon", F32, 1e-6))]
V4_TENSORS = {
    "output.weight": (32, 8), "output_norm.weight": (32,), "output_hc_fn.weight": (32, 1), "output_hc_base.weight": (1,), "output_hc_scale.weight": (1,),
} | {"blk.0." + name: ne for name, ne in {
    "attn_norm.weight": (32,), "ffn_norm.weight": (32,), "attn_q_a.weight": (32, 8), "attn_q_a_norm.weight": (8,), "attn_q_b.weight": (8, 32),
    "attn_kv.weight": (32, 16), "attn_kv_a_norm.weight": (16,), "attn_sinks.weight": (2,), "attn_output_a.weight": (32, 4), "attn_output_b.weight": (4, 32),
    "hc_attn_fn.weight": (32, 3), "hc_attn_base.weight": (3,), "hc_attn_scale.weight": (3,), "hc_ffn_fn.weight": (32, 3), "hc_ffn_base.weight": (3,),
    "hc_ffn_scale.weight": (3,), "ffn_gate_inp.weight": (32, 2), "exp_probs_b.bias": (2,), "ffn_gate_exps.weight": (32, 8, 2),
    "ffn_up_exps.weight": (32, 8, 2), "ffn_down_exps.weight": (8, 32, 2), "ffn_gate_shexp.weight": (32, 8), "ffn_up_shexp.weight": (32, 8),
    "ffn_down_shexp.weight": (8, 32)}.items()}
EMBEDDING = {"token_embd.weight": (32, 8)}


def model(changes=(), tensors=EMBEDDING):
    """A model with other metadata: (key, kind, value) replaces or adds, (key,) takes away. Tensors are F16 (kind 1) or (ne, kind, bytes)."""
    pairs = {key: (kind, value) for key, kind, value in V4}
    for key, *rest in changes:
        key = key if "." in key and key.split(".")[0] in ("general", "tokenizer") else "deepseek4." + key
        pairs.pop(key, None)
        if rest:
            pairs[key] = tuple(rest)
    infos, data = [], b""
    for name, ne in tensors.items():
        kind, content = 1, None
        if isinstance(ne[0], tuple):
            ne, kind, content = ne
        if content is None:
            count = 1
            for n in ne:
                count *= n
            content = b"\0\0" * count if kind == 1 else b"\0" * count * 4
        infos.append(tensor(name, ne, kind, len(data)))
        data += content + b"\0" * (-len(content) % 32)
    return gguf([pair(key, *value) for key, value in pairs.items()], infos, data)


def bad_model(name, rule, words, *args, **more):
    (MODELS / f"{name}.gguf").write_bytes(model(*args, **more))
    cases["models"].append({"file": f"{name}.gguf", "rule": rule, "words": words})


def models():
    (MODELS / "good.gguf").write_bytes(model(tensors=EMBEDDING | V4_TENSORS))
    bad_model("g17_no_architecture", "G17", ["general.architecture", "missing"], [("general.architecture",)])
    bad_model("g17_architecture_number", "G17", ["general.architecture", "type u32"], [("general.architecture", U32, 4)])
    bad_model("g17_architecture_unknown", "G17", ["general.architecture", '"gpt9"', "deepseek2"], [("general.architecture", STRING, "gpt9")])
    bad_model("g17_block_count_text", "G17", ["deepseek4.block_count", "type string"], [("block_count", STRING, "1")])
    bad_model("g17_epsilon_bool", "G17", ["rms_epsilon", "type bool"], [("attention.layer_norm_rms_epsilon", BOOL, 1)])
    bad_model("g17_ratios_floats", "G17", ["compress_ratios", "array of f32"], [("attention.compress_ratios", ARRAY, (F32, [0.0]))])
    for key, value, word in (("block_count", 0, "is 0"), ("block_count", 1025, "is 1025"), ("attention.head_count", 0, "is 0"), ("embedding_length", 0, "is 0"),
                             ("embedding_length", 2**31, "is 2147483648"), ("attention.head_count_kv", 3, "does not divide"), ("expert_count", 0, "is 0"),
                             ("expert_used_count", 3, "larger than expert_count"), ("rope.dimension_count", 7, "odd"),
                             ("rope.dimension_count", 18, "larger than attention.key_length"), ("context_length", 2**24 + 1, "is 16777217"),
                             ("expert_gating_func", 2, "is 2"), ("vocab_size", 9, "8 rows")):
        bad_model(f"g18_{key.replace('.', '_')}_{value}", "G18", [f"deepseek4.{key}", word], [(key, U32, value)])
    bad_model("g18_epsilon_zero", "G18", ["rms_epsilon", "is 0"], [("attention.layer_norm_rms_epsilon", F32, 0.0)])
    bad_model("g18_epsilon_nan", "G18", ["rms_epsilon", "nan"], [("attention.layer_norm_rms_epsilon", F32, float("nan"))])
    bad_model("g18_freq_base_zero", "G18", ["rope.freq_base", "is 0"], [("rope.freq_base", F32, 0.0)])
    bad_model("g18_freq_base_infinite", "G18", ["rope.freq_base", "inf"], [("rope.freq_base", F32, float("inf"))])
    bad_model("g18_missing", "G18", ["deepseek4.attention.key_length", "missing"], [("attention.key_length",)])
    bad_model("g19_ratios_short", "G19", ["compress_ratios", "0 entries for 1 layers"], [("attention.compress_ratios", ARRAY, (I32, []))])
    bad_model("g19_clamp_short", "G19", ["swiglu_clamp_exp", "1 entries for 2 layers"],
              [("block_count", U32, 2), ("attention.compress_ratios", ARRAY, (I32, [0, 0]))])
    bad_model("g20_no_embedding", "G20", ["token_embd.weight"], tensors={"output.weight": (32, 8)})
    bad_model("g20_shape", "G20", ["attn.wq_a.weight", "shape"], tensors=EMBEDDING | V4_TENSORS | {"blk.0.attn_q_a.weight": (32, 16)})
    bad_model("g20_missing", "G20", ["attn.wkv.weight", "missing"], tensors=EMBEDDING | {k: v for k, v in V4_TENSORS.items() if "attn_kv.w" not in k})
    bad_model("g20_experts_flat", "G20", ["ffn_gate_exps", "fused experts"], tensors=EMBEDDING | V4_TENSORS | {"blk.0.ffn_gate_exps.weight": (32, 16)})
    bad_model("g20_type", "G20", ["attn_norm.weight", "dtype"], tensors=EMBEDDING | V4_TENSORS | {"blk.0.attn_norm.weight": ((32,), 26, None)})
    bad_model("g20_unknown_tensor", "G20", ["blk.0.surprise.weight"], tensors=EMBEDDING | V4_TENSORS | {"blk.0.surprise.weight": (8,)})
    bad_model("g21_bos", "G21", ["bos_token_id", "is 8"], [("tokenizer.ggml.bos_token_id", U32, 8)])
    bad_model("g21_eos_negative", "G21", ["eos_token_id", "is -1"], [("tokenizer.ggml.eos_token_id", I32, -1)])
    bad_model("g21_more_tokens_than_rows", "G21", ["tokenizer.ggml.tokens", "9 entries"], [("tokenizer.ggml.tokens", ARRAY, (STRING, [str(i) for i in range(9)]))])
    words = ["tokenizer.ggml.tokens"]
    gpt2 = [("tokenizer.ggml.model", STRING, "gpt2"), ("tokenizer.ggml.pre", STRING, "deepseek-v3")]
    tokens = ("tokenizer.ggml.tokens", ARRAY, (STRING, ["a", "b", "c"]))
    merges = ("tokenizer.ggml.merges", ARRAY, (STRING, []))
    whole = EMBEDDING | V4_TENSORS
    bad_model("g17_tokens_numbers", "G17", words + ["array of u32"], gpt2 + [("tokenizer.ggml.tokens", ARRAY, (U32, [1, 2])), merges], whole)
    bad_model("g17_tokens_missing", "G17", words + ["missing"], gpt2 + [merges], whole)
    bad_model("g17_token_type_length", "G17", ["token_type", "2 entries for 3"], gpt2 + [tokens, merges, ("tokenizer.ggml.token_type", ARRAY, (I32, [1, 1]))], whole)
    bad_model("g17_token_type_strings", "G17", ["token_type", "array of string"], gpt2 + [tokens, merges, ("tokenizer.ggml.token_type", ARRAY, (STRING, ["1", "1", "1"]))], whole)
    bad_model("g17_scores_length", "G17", ["scores", "1 entries for 3"], gpt2 + [tokens, merges, ("tokenizer.ggml.scores", ARRAY, (F32, [0.0]))], whole)
    bad_model("g17_scores_bool", "G17", ["scores", "array of bool"], gpt2 + [tokens, merges, ("tokenizer.ggml.scores", ARRAY, (BOOL, [0, 0, 0]))], whole)
    bad_model("g21_tokenizer_model", "G21", ["tokenizer.ggml.model", "llama"], [("tokenizer.ggml.model", STRING, "llama"), tokens, merges], whole)
    bad_model("g21_pre_unknown", "G21", ["tokenizer.ggml.pre", "mystery"], [gpt2[0], ("tokenizer.ggml.pre", STRING, "mystery"), tokens, merges], whole)
    bad_model("g21_token_twice", "G21", ["tokens[2]", "repeats"], gpt2 + [("tokenizer.ggml.tokens", ARRAY, (STRING, ["a", "b", "a"])), merges], whole)
    bad_model("g21_token_not_utf8", "G21", ["tokens[1]", "UTF-8"], gpt2 + [("tokenizer.ggml.tokens", ARRAY, (STRING, ["a", b"\xff", "c"])), merges], whole)
    bad_model("g21_byte_token", "G21", ["token_type[1]", "6"], gpt2 + [tokens, merges, ("tokenizer.ggml.token_type", ARRAY, (I32, [1, 6, 1]))], whole)
    bad_model("g21_bytes_missing", "G21", ["no token for byte 0"], gpt2 + [tokens, merges], whole)
    nan = struct.pack("<H", 0x7e00) + b"\1" * 32
    bad_model("g23_q8_0_nan", "G23", ["blk.0.attn_q_a.weight", "block 3", "Q8_0"],
              tensors=whole | {"blk.0.attn_q_a.weight": ((32, 8), 8, (b"\0\x3c" + b"\1" * 32) * 3 + nan + (b"\0\x3c" + b"\1" * 32) * 4)})
    bad_model("g23_q4_1_infinite", "G23", ["blk.0.attn_q_a.weight", "block 0", "Q4_1"],
              tensors=whole | {"blk.0.attn_q_a.weight": ((32, 8), 3, (b"\0\x3c\0\x7c" + b"\1" * 16) * 8)})
    bad_model("g23_mxfp4_255", "G23", ["blk.0.ffn_gate_shexp.weight", "block 7", "MXFP4"],
              tensors=whole | {"blk.0.ffn_gate_shexp.weight": ((32, 8), 39, (b"\x7f" + b"\1" * 16) * 7 + b"\xff" + b"\1" * 16)})
    bad_model("g24_template_long", "G24", ["tokenizer.chat_template", "limit"], [("tokenizer.chat_template", STRING, "x" * (2**18 + 1))])


def main():
    for path in (FILES, SETS, MODELS):
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
    good_files()
    start()
    strings()
    arrays()
    names_and_shapes()
    places()
    sets()
    models()
    (SETS / "cases.json").write_text(json.dumps(cases, indent=1) + "\n")


if __name__ == "__main__":
    main()
