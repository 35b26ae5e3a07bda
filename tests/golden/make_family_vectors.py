#!/usr/bin/env python3
"""Writes families/<case>/: logits of Hugging Face transformers (float32, eager, CPU) for small random models of the dense and the
DeepSeek-V3 families. Weights come from family_rule.py and are not stored; every parameter and buffer is filled. Models of V3.2 also run
through the float64 oracle of the published mathematics (v32_oracle.py). Figures are kept in report.json.

usage: make_family_vectors.py [--check] [--find-salt] [CASE ...]
  --check      compare with the stored files instead of writing them
  --find-salt  try salts until no choice of experts, of tokens to attend to or of the best token is narrower than 1e-4
"""
import argparse
import json
import pathlib

import numpy as np
import torch
import transformers

import family_rule
from v32_oracle import Oracle

MARGIN = 1e-4
YARN = {"type": "yarn", "factor": 40, "original_max_position_embeddings": 64, "beta_fast": 32, "beta_slow": 1, "mscale": 1.0,
        "mscale_all_dim": 1.0}


def dense(kind, vocab, hidden, layers, heads, kv_heads, head_dim, width, theta, **more):
    arch = {"qwen2": "Qwen2ForCausalLM", "qwen3": "Qwen3ForCausalLM", "llama": "LlamaForCausalLM"}[kind]
    return {"architectures": [arch], "model_type": kind, "vocab_size": vocab, "hidden_size": hidden, "num_hidden_layers": layers,
            "num_attention_heads": heads, "num_key_value_heads": kv_heads, "head_dim": head_dim, "intermediate_size": width,
            "rope_theta": theta, "rms_norm_eps": 1e-6, "max_position_embeddings": 4096, "tie_word_embeddings": False,
            "hidden_act": "silu", "attention_bias": False, "use_sliding_window": False, "bos_token_id": 0, "eos_token_id": 1, **more}


def mla(kind, vocab, hidden, layers, heads, q_lora, kv_lora, nope, rope, value, dense_width, width, experts, shared, picks, first,
        **more):
    arch = {"deepseek_v2": "DeepseekV2ForCausalLM", "deepseek_v3": "DeepseekV3ForCausalLM", "deepseek_v32": "DeepseekV32ForCausalLM"}[kind]
    return {"architectures": [arch], "model_type": kind, "vocab_size": vocab, "hidden_size": hidden, "num_hidden_layers": layers,
            "num_attention_heads": heads, "num_key_value_heads": heads, "q_lora_rank": q_lora, "kv_lora_rank": kv_lora,
            "qk_nope_head_dim": nope, "qk_rope_head_dim": rope, "v_head_dim": value, "intermediate_size": dense_width,
            "moe_intermediate_size": width, "n_routed_experts": experts, "n_shared_experts": shared, "num_experts_per_tok": picks,
            "first_k_dense_replace": first, "moe_layer_freq": 1, "rope_theta": 10000, "rope_scaling": YARN, "rms_norm_eps": 1e-6,
            "max_position_embeddings": 2560, "tie_word_embeddings": False, "hidden_act": "silu", "attention_bias": False,
            "num_nextn_predict_layers": 0, "bos_token_id": 0, "eos_token_id": 1, **more}


V2 = {"scoring_func": "softmax", "norm_topk_prob": False}
V3 = {"topk_method": "noaux_tc", "scoring_func": "sigmoid", "norm_topk_prob": True}
LITE_YARN = {**YARN, "mscale": 0.707, "mscale_all_dim": 0.707}

# case: config, salt, tokens
CASES = {
    "qwen2_math": (dense("qwen2", 131, 64, 3, 6, 2, 16, 96, 10000), "qwen2_math/0/", 330),
    "qwen2_tied": (dense("qwen2", 97, 96, 4, 8, 8, 12, 80, 1000000, tie_word_embeddings=True, rms_norm_eps=1e-5), "qwen2_tied/0/", 310),
    "qwen3_plain": (dense("qwen3", 113, 64, 3, 4, 2, 32, 112, 1000000), "qwen3_plain/0/", 320),
    "qwen3_yarn": (dense("qwen3", 127, 80, 3, 8, 4, 24, 64, 1000000, rope_scaling={
        "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128}), "qwen3_yarn/0/", 350),
    "llama_3": (dense("llama", 139, 96, 4, 8, 2, 16, 128, 500000, rms_norm_eps=1e-5, rope_scaling={
        "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64}), "llama_3/1/", 340),
    "llama_plain": (dense("llama", 101, 72, 3, 6, 6, 12, 100, 10000), "llama_plain/0/", 305),
    "v2_lite": (mla("deepseek_v2", 128, 64, 4, 4, None, 32, 16, 8, 12, 112, 24, 8, 2, 3, 1, topk_method="greedy", n_group=1,
                    topk_group=1, routed_scaling_factor=1.0, **V2, **{"rope_scaling": LITE_YARN}), "v2_lite/22/", 320),
    "v2_groups": (mla("deepseek_v2", 109, 96, 4, 6, 40, 48, 24, 16, 20, 144, 40, 16, 1, 4, 1, topk_method="group_limited_greedy",
                      n_group=8, topk_group=3, routed_scaling_factor=16.0, **V2), "v2_groups/174/", 310),
    "v3_shaped": (mla("deepseek_v3", 149, 96, 5, 8, 48, 64, 32, 16, 24, 160, 32, 32, 1, 6, 2, n_group=8, topk_group=4,
                      routed_scaling_factor=2.5, **V3), "v3_shaped/6/", 330),
    "v3_small": (mla("deepseek_v3", 103, 64, 3, 3, None, 24, 8, 4, 16, 96, 28, 12, 2, 3, 1, n_group=1, topk_group=1,
                     routed_scaling_factor=1.0, **V3), "v3_small/0/", 305),
    "v32_sparse": (mla("deepseek_v32", 128, 64, 3, 4, 32, 40, 16, 8, 16, 96, 24, 16, 1, 4, 1, n_group=4, topk_group=2,
                       routed_scaling_factor=2.5, index_n_heads=8, index_head_dim=32, index_topk=24, **V3), "v32_sparse/1/", 320),
    "v32_wide": (mla("deepseek_v32", 107, 80, 3, 6, 48, 32, 24, 16, 20, 120, 32, 8, 1, 2, 1, n_group=2, topk_group=1,
                     routed_scaling_factor=1.5, index_n_heads=16, index_head_dim=16, index_topk=64, **V3), "v32_wide/1/", 330),
}
GAINS = {"v32_sparse": 16.0, "v32_wide": 16.0}


def hf_model(c, rule):
    config_class = transformers.CONFIG_MAPPING[c["model_type"]]
    config = config_class(**{k: v for k, v in c.items() if k not in ("architectures", "model_type")})
    model = getattr(transformers, c["architectures"][0])._from_config(config, attn_implementation="eager", dtype=torch.float32).eval()
    take = lambda name, shape: torch.from_numpy(family_rule.weight(name, tuple(shape), rule))
    for name, value in [*model.named_parameters(), *model.named_buffers()]:
        if "rotary_emb" in name or (name == "lm_head.weight" and c["tie_word_embeddings"]):
            continue
        with torch.no_grad():
            if name.endswith("experts.gate_up_proj"):
                base, width, d = name[: -len("gate_up_proj")], value.shape[1] // 2, value.shape[2]
                value.copy_(torch.stack([torch.cat([take(f"{base}{e}.gate_proj.weight", (width, d)), take(f"{base}{e}.up_proj.weight", (width, d))])
                                         for e in range(value.shape[0])]))
            elif name.endswith("experts.down_proj"):
                base = name[: -len("down_proj")]
                value.copy_(torch.stack([take(f"{base}{e}.down_proj.weight", value.shape[1:]) for e in range(value.shape[0])]))
            else:
                value.copy_(take(name, value.shape))
    return model


class Margins:
    """The narrowest gap between what a choice took and what it left, over all calls of topk."""

    def __enter__(self):
        self.narrowest, self.topk = float("inf"), torch.topk
        self.method = torch.Tensor.topk

        def look(scores, k):
            if scores.ndim == 3 and k == 2 and scores.shape[0] != 1:
                return  # the best two of a group are only added up
            rows = torch.where(torch.isinf(scores) | (scores < -1e30), torch.nan, scores).reshape(-1, scores.shape[-1])
            if k < rows.shape[-1]:
                best = torch.sort(torch.nan_to_num(rows, nan=-torch.inf), descending=True).values
                gap = best[:, k - 1] - best[:, k]
                gap = gap[torch.isfinite(gap)]
                if gap.numel():
                    self.narrowest = min(self.narrowest, float(gap.min()))

        def topk(scores, k, *a, **b):
            look(scores, k)
            return self.topk(scores, k, *a, **b)

        def method(scores, k, *a, **b):
            look(scores, k)
            return self.method(scores, k, *a, **b)

        torch.topk, torch.Tensor.topk = topk, method
        return self

    def __exit__(self, *_):
        torch.topk, torch.Tensor.topk = self.topk, self.method


@torch.no_grad()
def evaluate(name, salt):
    c, _, count = CASES[name]
    rule = {"salt": salt, "index_gain": GAINS.get(name, 1.0)}
    ids = family_rule.tokens(c["vocab_size"], count)
    with Margins() as margins:
        logits = hf_model(c, rule)(torch.tensor(ids[None]), use_cache=False).logits[0].numpy()
    top = np.sort(logits, -1)
    report = {"transformers": transformers.__version__, "torch": torch.__version__.split("+")[0], "tokens": count,
              "largest_logit": float(np.abs(logits).max()), "narrowest_choice": margins.narrowest,
              "narrowest_argmax": float((top[:, -1] - top[:, -2]).min())}
    if report["narrowest_choice"] == float("inf"):
        del report["narrowest_choice"]
    return c, rule, ids, logits, report


def find_salt(name):
    for i in range(2000):
        report = evaluate(name, f"{name}/{i}/")[-1]
        if min(report.get("narrowest_choice", 1), report["narrowest_argmax"]) > MARGIN:
            print(f"{name}/{i}/", report, flush=True)
            return
    raise SystemExit(f"{name}: no salt found")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", default=[])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--find-salt", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(1)
    root = pathlib.Path(__file__).parent / "families"
    for name in args.cases or CASES:
        if args.find_salt:
            find_salt(name)
            continue
        c, rule, ids, logits, report = evaluate(name, CASES[name][1])
        assert min(report.get("narrowest_choice", 1), report["narrowest_argmax"]) > MARGIN, (name, report, "find a salt")
        if c["model_type"] == "deepseek_v32":
            oracle = Oracle(c, lambda n: family_rule.weight(n, shapes_of(c)[n], rule))
            exact = oracle.run(ids)
            report["largest_difference_to_oracle"] = float(np.abs(exact - logits).max())
            report["narrowest_index_margin_of_oracle"] = float(oracle.index_margin)
            assert report["largest_difference_to_oracle"] < 1e-3
            assert (exact.argmax(-1) == logits.argmax(-1)).all()
        print(name, json.dumps(report), flush=True)
        folder = root / name
        if args.check:
            worst = np.abs(np.load(folder / "logits.npy") - logits).max()
            print(f"{name}: stored logits differ by at most {worst:.2e}")
            assert worst < 1e-4
            continue
        folder.mkdir(parents=True, exist_ok=True)
        for file, value in {"config.json": c, "weights.json": rule, "report.json": report}.items():
            (folder / file).write_text(json.dumps(value, indent=2) + "\n")
        (folder / "tokens.json").write_text(json.dumps(ids.tolist()) + "\n")
        np.save(folder / "logits.npy", logits)


def shapes_of(c):
    """Tensor name -> shape of a V3.2 model, for the oracle."""
    d, heads = c["hidden_size"], c["num_attention_heads"]
    nope, rope, value = c["qk_nope_head_dim"], c["qk_rope_head_dim"], c["v_head_dim"]
    out = {"model.embed_tokens.weight": (c["vocab_size"], d), "lm_head.weight": (c["vocab_size"], d), "model.norm.weight": (d,)}

    def ffn(p, width):
        out.update({p + "gate_proj.weight": (width, d), p + "up_proj.weight": (width, d), p + "down_proj.weight": (d, width)})

    for layer in range(c["num_hidden_layers"]):
        p = f"model.layers.{layer}."
        a, m = p + "self_attn.", p + "mlp."
        out.update({p + "input_layernorm.weight": (d,), p + "post_attention_layernorm.weight": (d,),
                    a + "q_a_proj.weight": (c["q_lora_rank"], d), a + "q_a_layernorm.weight": (c["q_lora_rank"],),
                    a + "q_b_proj.weight": (heads * (nope + rope), c["q_lora_rank"]),
                    a + "kv_a_proj_with_mqa.weight": (c["kv_lora_rank"] + rope, d), a + "kv_a_layernorm.weight": (c["kv_lora_rank"],),
                    a + "kv_b_proj.weight": (heads * (nope + value), c["kv_lora_rank"]), a + "o_proj.weight": (d, heads * value),
                    a + "indexer.wq_b.weight": (c["index_n_heads"] * c["index_head_dim"], c["q_lora_rank"]),
                    a + "indexer.wk.weight": (c["index_head_dim"], d), a + "indexer.k_norm.weight": (c["index_head_dim"],),
                    a + "indexer.k_norm.bias": (c["index_head_dim"],), a + "indexer.weights_proj.weight": (c["index_n_heads"], d)})
        if layer < c["first_k_dense_replace"]:
            ffn(m, c["intermediate_size"])
            continue
        out.update({m + "gate.weight": (c["n_routed_experts"], d), m + "gate.e_score_correction_bias": (c["n_routed_experts"],)})
        for e in range(c["n_routed_experts"]):
            ffn(f"{m}experts.{e}.", c["moe_intermediate_size"])
        ffn(m + "shared_experts.", c["n_shared_experts"] * c["moe_intermediate_size"])
    return out


if __name__ == "__main__":
    main()
