#!/usr/bin/env python3
"""Writes v4_transformers/<case>/: logits of Hugging Face transformers' DeepseekV4ForCausalLM (float32, eager, CPU).

Weights come from v4_rule.py and are not stored. Every parameter and buffer is filled, none keeps its initial value. Each case also
runs token by token through transformers' own cache and through the float64 oracle; the figures are printed and kept in report.json.

usage: make_v4_transformers_vectors.py [--check] [--find-salt CASE] [--spec-tiny] [CASE ...]
  --check      compare with the stored files instead of writing them
  --find-salt  try salts until no routing, indexing or argmax decision of the case is narrower than 1e-4 (float64 oracle)
  --spec-tiny  run the tiny model T6 through transformers and compare with the oracle
"""
import argparse
import json
import pathlib
import tempfile

import numpy as np
import torch
import transformers
from safetensors.numpy import save_file
from transformers import DeepseekV4Config, DeepseekV4ForCausalLM, DynamicCache

import make_v4_tiny_vectors as tiny
import v4_rule
from v4_tiny_oracle import Oracle

MARGIN = 1e-4


def case(vocab, hidden, layers, heads, head_dim, rope, q_lora, groups, o_lora, window, index, experts, hashed, scale, limit, iters,
         yarn, salt, gain, count):
    config = {
        **tiny.T6, "vocab_size": vocab, "hidden_size": hidden, "num_hidden_layers": len(layers), "compress_ratios": layers,
        "num_attention_heads": heads, "head_dim": head_dim, "qk_rope_head_dim": rope, "q_lora_rank": q_lora, "o_groups": groups,
        "o_lora_rank": o_lora, "sliding_window": window, "index_n_heads": index[0], "index_head_dim": index[1],
        "index_topk": index[2], "n_routed_experts": experts[0], "num_experts_per_tok": experts[1],
        "moe_intermediate_size": experts[2], "num_hash_layers": hashed, "routed_scaling_factor": scale, "swiglu_limit": limit,
        "hc_sinkhorn_iters": iters, "num_nextn_predict_layers": 0,
        "rope_scaling": {**tiny.T6["rope_scaling"], "factor": yarn[0], "original_max_position_embeddings": yarn[1]},
        "max_position_embeddings": yarn[0] * yarn[1],
    }
    return config, {"salt": salt, "index_gain": gain, "tokens": count}


CASES = {
    # Flash's order of layers: window first, then sparse and heavily compressed in turn; real ratios.
    "flash_like": case(96, 64, [0, 0, 4, 128, 4, 0], 4, 32, 16, 32, 2, 16, 16, (32, 32, 16), (8, 2, 48), 3, 1.5, 1.0, 20,
                       (16, 512), "flash_like/5/", 16.0, 700),
    # Pro's order: heavily compressed first; one hash layer; few Sinkhorn rounds, so that their count matters.
    "pro_like": case(128, 96, [128, 128, 4, 128, 4], 6, 64, 32, 48, 3, 24, 128, (64, 32, 24), (12, 3, 40), 1, 2.5, 10.0, 3,
                     (16, 1024), "pro_like/7/", 16.0, 650),
    # Another heavy ratio, many experts, no hash layer, a short window.
    "ratio_16": case(160, 128, [4, 16, 0, 4, 16, 0, 4], 8, 32, 8, 64, 4, 16, 8, (48, 16, 8), (16, 4, 32), 0, 1.0, 0.5, 7,
                     (4, 256), "ratio_16/33/", 16.0, 640),
}


def hf_config(c):
    kinds = {0: "sliding_attention", 4: "compressed_sparse_attention"}
    ratios = v4_rule.ratios(c)
    heavy = next((r for r in ratios if r not in kinds), 128)
    names = ["vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim", "q_lora_rank",
             "o_groups", "o_lora_rank", "sliding_window", "rope_theta", "compress_rope_theta", "max_position_embeddings",
             "index_n_heads", "index_head_dim", "index_topk", "n_routed_experts", "num_experts_per_tok", "n_shared_experts",
             "moe_intermediate_size", "scoring_func", "norm_topk_prob", "routed_scaling_factor", "swiglu_limit", "hc_mult",
             "hc_sinkhorn_iters", "hc_eps", "rms_norm_eps", "tie_word_embeddings", "bos_token_id", "eos_token_id"]
    yarn = {("rope_type" if k == "type" else k): v for k, v in c["rope_scaling"].items()}
    return DeepseekV4Config(
        **{n: c[n] for n in names},
        partial_rotary_factor=c["qk_rope_head_dim"] / c["head_dim"],
        layer_types=[kinds.get(r, "heavily_compressed_attention") for r in ratios],
        compress_rates={"compressed_sparse_attention": 4, "heavily_compressed_attention": heavy},
        mlp_layer_types=["hash_moe" if i < c["num_hash_layers"] else "moe" for i in range(c["num_hidden_layers"])],
        rope_parameters=yarn, num_nextn_predict_layers=0)


RENAMES = [(".attn.indexer.weights_proj", ".self_attn.compressor.indexer.scorer.weights_proj"),
           (".attn.indexer.compressor.", ".self_attn.compressor.indexer."), (".attn.indexer.wq_b", ".self_attn.compressor.indexer.q_b_proj"),
           (".attn.attn_sink", ".self_attn.sinks"), (".attn.wq_a", ".self_attn.q_a_proj"), (".attn.q_norm", ".self_attn.q_a_norm"),
           (".attn.wq_b", ".self_attn.q_b_proj"), (".attn.wkv", ".self_attn.kv_proj"), (".attn.kv_norm", ".self_attn.kv_norm"),
           (".attn.wo_a", ".self_attn.o_a_proj"), (".attn.wo_b", ".self_attn.o_b_proj"), (".attn.compressor.", ".self_attn.compressor."),
           (".wkv.weight", ".kv_proj.weight"), (".wgate.weight", ".gate_proj.weight"), (".ape", ".position_bias"),
           ("compressor.norm", "compressor.kv_norm"), ("indexer.norm", "indexer.kv_norm"),
           ("attn_norm", "input_layernorm"), ("ffn_norm", "post_attention_layernorm"), ("hc_attn_", "attn_hc."), ("hc_ffn_", "ffn_hc."),
           ("ffn.gate.bias", "mlp.gate.e_score_correction_bias"), ("ffn.gate.", "mlp.gate."),
           ("ffn.shared_experts.w1", "mlp.shared_experts.gate_proj"), ("ffn.shared_experts.w2", "mlp.shared_experts.down_proj"),
           ("ffn.shared_experts.w3", "mlp.shared_experts.up_proj")]
TOP = {"embed.weight": "model.embed_tokens.weight", "head.weight": "lm_head.weight", "norm.weight": "model.norm.weight",
       "hc_head_fn": "model.hc_head.hc_fn", "hc_head_base": "model.hc_head.hc_base", "hc_head_scale": "model.hc_head.hc_scale"}


def hf_state(c, raw):
    """Raw tensors under transformers' module paths, experts stacked."""
    out = {}
    for name, value in raw.items():
        if name.startswith("mtp.") or ".experts." in name:
            continue
        to = TOP.get(name)
        if to is None:
            to = name
            for old, new in RENAMES:
                to = to.replace(old, new)
            to = "model." + to
        out[to] = torch.from_numpy(np.array(value))
    for layer in range(c["num_hidden_layers"]):
        p = f"layers.{layer}.ffn.experts."
        pick = lambda e, n: torch.from_numpy(raw[f"{p}{e}.{n}.weight"])
        out[f"model.layers.{layer}.mlp.experts.gate_up_proj"] = torch.stack(
            [torch.cat([pick(e, "w1"), pick(e, "w3")]) for e in range(c["n_routed_experts"])])
        out[f"model.layers.{layer}.mlp.experts.down_proj"] = torch.stack(
            [pick(e, "w2") for e in range(c["n_routed_experts"])])
    return out


def hf_model(c, raw):
    model = DeepseekV4ForCausalLM._from_config(hf_config(c), attn_implementation="eager", dtype=torch.float32).eval()
    state = hf_state(c, raw)
    target = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    rotary = {n for n in target if "rotary_emb" in n}
    assert set(state) == set(target) - rotary, sorted(set(state) ^ (set(target) - rotary))
    with torch.no_grad():
        for name, value in state.items():
            assert target[name].shape == value.shape, name
            target[name].copy_(value)
    return model


def loaded_model(model, raw):
    """The same model read by transformers itself from a checkpoint with raw tensor names: a check of the name map above."""
    with tempfile.TemporaryDirectory() as folder:
        save_file({n: np.ascontiguousarray(v) for n, v in raw.items()}, folder + "/model.safetensors", metadata={"format": "pt"})
        model.config.save_pretrained(folder)
        return DeepseekV4ForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()


@torch.no_grad()
def prefill(model, ids):
    return model(torch.tensor(ids[None]), use_cache=False).logits[0].numpy()


@torch.no_grad()
def stepwise(model, ids, first):
    cache = DynamicCache(config=model.config)
    rows = [model(torch.tensor(ids[None, :first]), past_key_values=cache, use_cache=True).logits[0]]
    for t in range(first, len(ids)):
        rows.append(model(torch.tensor(ids[None, t : t + 1]), past_key_values=cache, use_cache=True).logits[0])
    return torch.cat(rows).numpy()


def compare(a, b):
    return {"largest_difference": float(np.abs(a - b).max()), "argmax_equal": int((a.argmax(-1) == b.argmax(-1)).sum())}


def argmax_margin(logits):
    top = np.sort(logits, -1)
    return float((top[:, -1] - top[:, -2]).min())


def evaluate(name, c, rule):
    raw = v4_rule.weights(c, rule["salt"], rule["index_gain"])
    ids = v4_rule.tokens(c, rule["tokens"])
    model = hf_model(c, raw)
    logits = prefill(model, ids)
    oracle = Oracle(c, raw)
    oracle.run(ids)
    report = {
        "transformers": transformers.__version__, "torch": torch.__version__.split("+")[0], "tokens": len(ids),
        "parameters": int(sum(v.size for n, v in raw.items() if not n.endswith("tid2eid"))),
        "largest_logit": float(np.abs(logits).max()), "queries_pruned": oracle.pruned,
        "narrowest_index_margin": float(oracle.margins["index"]), "narrowest_router_margin": float(oracle.margins["router"]),
        "narrowest_argmax_margin": argmax_margin(oracle.logits),
        "prefill_against_oracle": compare(logits, oracle.logits),
        "stepwise_from_33_against_prefill": compare(stepwise(model, ids, 33), logits),
        "raw_names_loaded_by_transformers_against_name_map": compare(prefill(loaded_model(model, raw), ids), logits),
    }
    print(name, json.dumps(report, indent=1))
    return ids, logits, report


def find_salt(name, tries=400):
    c, rule = CASES[name]
    ids = v4_rule.tokens(c, rule["tokens"])
    best = (0.0, "")
    for i in range(tries):
        salt = f"{name}/{i}/"
        oracle = Oracle(c, v4_rule.weights(c, salt, rule["index_gain"]))
        oracle.run(ids)
        margin = min(*oracle.margins.values(), argmax_margin(oracle.logits))
        if margin > best[0]:
            best = (margin, salt)
            print(f"{salt} index {oracle.margins['index']:.2e} router {oracle.margins['router']:.2e}", flush=True)
        if margin > 1.2 * MARGIN:
            return


def write(folder, c, rule, ids, logits, report):
    folder.mkdir(parents=True, exist_ok=True)
    for file, value in {"config.json": c, "weights.json": {"salt": rule["salt"], "index_gain": rule["index_gain"]},
                        "report.json": report}.items():
        (folder / file).write_text(json.dumps(value, indent=2) + "\n")
    (folder / "tokens.json").write_text(json.dumps(ids.tolist()) + "\n")
    np.save(folder / "logits.npy", logits)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", default=[])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--find-salt", metavar="CASE")
    parser.add_argument("--spec-tiny", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.find_salt:
        return find_salt(args.find_salt)
    if args.spec_tiny:
        for name, (c, count) in tiny.CASES.items():
            evaluate(name, {**c, "num_nextn_predict_layers": 0}, {"salt": "", "index_gain": 1.0, "tokens": count})
        return None
    root = pathlib.Path(__file__).parent / "v4_transformers"
    for name in args.cases or CASES:
        c, rule = CASES[name]
        ids, logits, report = evaluate(name, c, rule)
        assert min(v for k, v in report.items() if k.startswith("narrowest")) > MARGIN, "decision too narrow: find a salt"
        assert report["prefill_against_oracle"]["largest_difference"] < 1e-3
        assert report["stepwise_from_33_against_prefill"]["largest_difference"] < 1e-3
        if args.check:
            worst = np.abs(np.load(root / name / "logits.npy") - logits).max()
            print(f"{name}: stored logits differ by at most {worst:.2e}")
            assert worst < 1e-4
        else:
            write(root / name, c, rule, ids, logits, report)
    return None


if __name__ == "__main__":
    main()
