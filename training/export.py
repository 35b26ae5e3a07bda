#!/usr/bin/env python3
"""Writes a trained state in the official Hugging Face layout: raw tensor names, FP4 experts, FP8 dense weights, BF16 and F32 rest.

usage: export.py --run runs/nano --tokenizer data/tokenizer.json --out ../resources/checkpoints/nano [--shards 2] [--check 320] [--bf16]

--check N reads the written files back, dequantises them and compares N tokens with the trained module (sparse, same rounding) and with
the float64 oracle in tests/golden.
"""
import argparse
import hashlib
import json
import pathlib
import struct
import sys
import time

import numpy as np
import torch

import quant
from train import COLUMNS
from v4 import SIZES, V4, Config, Run

WIDTH = {"I8": 1, "F8_E4M3": 1, "F8_E8M0": 1, "BF16": 2, "F32": 4, "I64": 8}


def raw_tensors(model):
    """Official raw names, experts split, float32 (tid2eid int64)."""
    out = {}
    for name, value in [*model.named_parameters(), *model.named_buffers()]:
        value = value.detach()
        stem, _, last = name.rpartition(".")
        if last == "load":
            continue
        if stem.endswith(".ffn") and last in ("w1", "w2", "w3"):
            for e in range(value.shape[0]):
                out[f"{stem}.experts.{e}.{last}.weight"] = value[e]
        else:
            out[name] = value
    return out


def stored(raw, bf16=False):
    """name -> (dtype string, shape, bytes) of every stored tensor, scales included; bf16: no FP4 and FP8."""
    out = {}

    def put(name, dtype, tensor):
        bits = {"BF16": torch.int16, "F8_E4M3": torch.uint8}.get(dtype)
        tensor = tensor.contiguous()
        data = (tensor.view(bits) if bits else tensor).numpy().tobytes()
        out[name] = (dtype, list(tensor.shape), data)

    for name, value in raw.items():
        kind = quant.stored_as(name)
        kind = "bf16" if bf16 and kind in ("fp4", "fp8") else kind
        if kind == "fp4":
            packed, scale = quant.encode_fp4(value)
            put(name, "I8", packed)
            put(name.replace(".weight", ".scale"), "F8_E8M0", scale)
        elif kind == "fp8":
            q, scale = quant.encode_fp8(value)
            put(name, "F8_E4M3", q)
            put(name.replace(".weight", ".scale"), "F8_E8M0", scale)
        elif kind == "i64":
            put(name, "I64", value.long())
        elif kind == "f32":
            put(name, "F32", value.float())
        else:
            put(name, "BF16", value.to(torch.bfloat16))
    return out


def write_shard(path, tensors):
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name, (dtype, shape, data) in tensors.items():
        assert len(data) == WIDTH[dtype] * int(np.prod(shape)), name
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for _, _, data in tensors.values():
            f.write(data)


def write_weights(folder, tensors, shards):
    """Layers stay whole; shards are filled in order up to an equal share of the bytes."""
    total = sum(len(d) for _, _, d in tensors.values())
    groups, filled = [{} for _ in range(shards)], 0
    for name, entry in tensors.items():
        groups[min(shards - 1, filled * shards // total)][name] = entry
        filled += len(entry[2])
    index = {"metadata": {"total_size": total}, "weight_map": {}}
    for old in folder.glob("model-*.safetensors"):
        old.unlink()
    for i, group in enumerate(groups, 1):
        file = f"model-{i:05}-of-{shards:05}.safetensors"
        write_shard(folder / file, group)
        index["weight_map"].update({name: file for name in group})
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=1, sort_keys=True) + "\n")
    return total


def config_json(c, bf16=False):
    out = {
        "architectures": ["DeepseekV4ForCausalLM"], "model_type": "deepseek_v4", "torch_dtype": "bfloat16",
        "vocab_size": c.vocab, "hidden_size": c.dim, "num_hidden_layers": len(c.ratios), "num_attention_heads": c.heads,
        "num_key_value_heads": 1, "head_dim": c.head_dim, "qk_rope_head_dim": c.rope, "q_lora_rank": c.q_lora, "o_groups": c.groups,
        "o_lora_rank": c.o_lora, "sliding_window": c.window, "compress_ratios": [*c.ratios, *([0] if c.mtp else [])],
        "compress_rope_theta": c.compress_theta, "rope_theta": c.theta,
        "rope_scaling": {"type": "yarn", "factor": c.yarn["factor"], "original_max_position_embeddings": c.yarn["original"],
                         "beta_fast": c.yarn["fast"], "beta_slow": c.yarn["slow"]},
        "max_position_embeddings": c.yarn["factor"] * c.yarn["original"], "index_n_heads": c.index_heads,
        "index_head_dim": c.index_dim, "index_topk": c.index_topk, "n_routed_experts": c.experts, "num_experts_per_tok": c.picks,
        "n_shared_experts": 1, "moe_intermediate_size": c.inter, "num_hash_layers": c.hash_layers, "scoring_func": "sqrtsoftplus",
        "topk_method": "noaux_tc", "norm_topk_prob": True, "routed_scaling_factor": c.route_scale, "swiglu_limit": c.limit,
        "hc_mult": c.hc, "hc_sinkhorn_iters": c.sinkhorn, "hc_eps": c.hc_eps, "rms_norm_eps": c.norm_eps,
        "num_nextn_predict_layers": int(c.mtp), "expert_dtype": "fp4", "hidden_act": "silu", "attention_bias": False,
        "attention_dropout": 0.0, "initializer_range": 0.02, "tie_word_embeddings": False, "use_cache": True, "bos_token_id": 0,
        "eos_token_id": 1,
        "quantization_config": {"quant_method": "fp8", "fmt": "e4m3", "scale_fmt": "ue8m0", "activation_scheme": "dynamic",
                                "weight_block_size": [128, 128]},
    }
    if bf16:
        del out["quantization_config"], out["expert_dtype"]
    return out


def tokenizer_config():
    token = lambda s: {"__type": "AddedToken", "content": s, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False}
    begin, end = token("<｜begin▁of▁sentence｜>"), token("<｜end▁of▁sentence｜>")
    return {"add_bos_token": False, "add_eos_token": False, "bos_token": begin, "eos_token": end, "pad_token": end, "unk_token": None,
            "clean_up_tokenization_spaces": False, "model_max_length": 1048576, "tokenizer_class": "PreTrainedTokenizerFast"}


def read_weights(folder):
    """The written files back as float32 raw tensors, scales applied: what a loader must see."""
    raw, scales = {}, {}
    for path in sorted(folder.glob("model-*.safetensors")):
        blob = path.read_bytes()
        size = struct.unpack("<Q", blob[:8])[0]
        for name, t in json.loads(blob[8 : 8 + size]).items():
            if name == "__metadata__":
                continue
            data = np.frombuffer(blob, np.uint8, t["data_offsets"][1] - t["data_offsets"][0], 8 + size + t["data_offsets"][0])
            data = torch.from_numpy(data.copy())
            view = {"BF16": torch.bfloat16, "F32": torch.float32, "I64": torch.int64, "F8_E4M3": torch.float8_e4m3fn}.get(t["dtype"])
            (scales if name.endswith(".scale") else raw)[name] = (data.view(view) if view else data).view(t["shape"])
    for name, value in raw.items():
        scale = scales.get(name.replace(".weight", ".scale"))
        if scale is not None:
            raw[name] = quant.decode_fp4(value, scale) if value.dtype == torch.uint8 else quant.decode_fp8(value, scale)
        elif value.dtype == torch.bfloat16:
            raw[name] = value.float()
    return raw


def config_of(folder):
    """Config of an exported checkpoint."""
    j = json.loads((folder / "config.json").read_text())
    layers = j["num_hidden_layers"]
    return Config(vocab=j["vocab_size"], dim=j["hidden_size"], ratios=tuple(j["compress_ratios"][:layers]), heads=j["num_attention_heads"],
                  head_dim=j["head_dim"], rope=j["qk_rope_head_dim"], q_lora=j["q_lora_rank"], groups=j["o_groups"], o_lora=j["o_lora_rank"],
                  window=j["sliding_window"], index_heads=j["index_n_heads"], index_dim=j["index_head_dim"], index_topk=j["index_topk"],
                  experts=j["n_routed_experts"], picks=j["num_experts_per_tok"], inter=j["moe_intermediate_size"],
                  hash_layers=j["num_hash_layers"], hc=j["hc_mult"], sinkhorn=j["hc_sinkhorn_iters"], mtp=j["num_nextn_predict_layers"] > 0)


def read_model(folder):
    """The module with the weights of an exported checkpoint, scales applied."""
    model, raw = V4(config_of(folder)), read_weights(folder)
    state = model.state_dict()
    for name in state:
        stem, _, last = name.rpartition(".")
        if stem.endswith(".ffn") and last in ("w1", "w2", "w3"):
            state[name] = torch.stack([raw[f"{stem}.experts.{e}.{last}.weight"] for e in range(model.c.experts)])
        else:
            state[name] = raw[name]
    model.load_state_dict(state)
    return model


@torch.no_grad()
def check(folder, model, ids):
    """Largest logit differences: trained module with rounded weights, and the oracle, both against the files read back."""
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden"))
    from v4_tiny_oracle import Oracle

    oracle = Oracle(json.loads((folder / "config.json").read_text()), {n: v.numpy() for n, v in read_weights(folder).items()})
    oracle.run(ids)
    model.eval()
    model.set_sparse(True)
    quant.train_rounded(model, True)
    for name, p in model.named_parameters():
        if quant.stored_as(name) == "bf16" and ".ffn.w" not in name:
            p.copy_(p.to(torch.bfloat16).float())
    run = Run(model.c, (1, len(ids)))
    t = torch.tensor(ids)[None]
    streams = model(t, run)
    logits = model.logits(streams).numpy()
    drafts = model.draft_logits(streams, torch.roll(t, -1, 1), run).numpy()
    worst, worst_draft = np.abs(logits - oracle.logits).max(), np.abs(drafts - oracle.mtp)[:-1].max()
    print(f"{len(ids)} tokens: module against oracle on the written files: logits {worst:.2e}, MTP {worst_draft:.2e}, "
          f"argmax equal {(logits.argmax(-1) == oracle.logits.argmax(-1)).sum()}/{len(ids)}; queries pruned {oracle.pruned}, "
          f"margins {oracle.margins}")
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=pathlib.Path, default="runs/nano")
    parser.add_argument("--tokenizer", type=pathlib.Path, default="data/tokenizer.json")
    parser.add_argument("--heldout", type=pathlib.Path, default="data/heldout.json")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--shards", type=int, default=2)
    parser.add_argument("--check", type=int, default=320)
    parser.add_argument("--bf16", action="store_true", help="no quantisation: for comparisons")
    args = parser.parse_args()
    torch.set_num_threads(1)
    state = torch.load(args.run / "state.pt", weights_only=False, map_location="cpu")
    model = V4(Config(**SIZES[state["size"]]))
    model.load_state_dict(state["model"])
    args.out.mkdir(parents=True, exist_ok=True)
    total = write_weights(args.out, stored(raw_tensors(model), args.bf16), args.shards)
    save = lambda name, value: (args.out / name).write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
    save("config.json", config_json(model.c, args.bf16))
    save("generation_config.json", {"_from_model_config": True, "bos_token_id": 0, "eos_token_id": 1, "do_sample": True,
                                    "temperature": 0.6, "top_p": 0.95})
    save("tokenizer_config.json", tokenizer_config())
    tokenizer = args.tokenizer.read_bytes()
    (args.out / "tokenizer.json").write_bytes(tokenizer)
    save("train.json", {
        "size": state["size"], "exported": time.strftime("%Y-%m-%d"), "steps": state["step"], "tokens": state["tokens"],
        "minutes": round(state["seconds"] / 60, 1), "continued_from_tokens": state["before"], "weight_bytes": total,
        "tokenizer_sha256": hashlib.sha256(tokenizer).hexdigest(), "curve_columns": COLUMNS, "curve": state["curve"][::2]})
    print(f"{total} weight bytes, {state['step']} steps, {state['tokens']} tokens")
    if args.check and not args.bf16:
        from tokenizers import Tokenizer

        text = json.loads(args.heldout.read_text())["books"][0]
        ids = Tokenizer.from_file(str(args.tokenizer)).encode(text).ids[: args.check]
        check(args.out, model, np.array(ids))


if __name__ == "__main__":
    main()
