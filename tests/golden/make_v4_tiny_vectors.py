#!/usr/bin/env python3
"""Writes v4_tiny/{t6,t6b}/: config.json, tokens.json, logits.npy, mtp_logits.npy (float32) of the two tiny DeepSeek-V4 models.

usage: make_v4_tiny_vectors.py [--check]     (--check compares with the files instead of writing them)
"""
import argparse
import json
import pathlib

import numpy as np

import v4_rule
from v4_tiny_oracle import Oracle

T6 = {
    "architectures": ["DeepseekV4ForCausalLM"], "model_type": "deepseek_v4", "torch_dtype": "float32",
    "vocab_size": 96, "hidden_size": 64, "num_hidden_layers": 6, "num_attention_heads": 4, "num_key_value_heads": 1,
    "head_dim": 32, "qk_rope_head_dim": 16, "q_lora_rank": 32, "o_groups": 2, "o_lora_rank": 16, "sliding_window": 8,
    "compress_ratios": [0, 4, 8, 4, 8, 0, 0], "rope_theta": 10000, "compress_rope_theta": 160000,
    "rope_scaling": {"type": "yarn", "factor": 16, "original_max_position_embeddings": 512, "beta_fast": 32, "beta_slow": 1},
    "max_position_embeddings": 8192, "index_n_heads": 8, "index_head_dim": 32, "index_topk": 4, "n_routed_experts": 8,
    "num_experts_per_tok": 2, "n_shared_experts": 1, "moe_intermediate_size": 48, "num_hash_layers": 3,
    "scoring_func": "sqrtsoftplus", "topk_method": "noaux_tc", "norm_topk_prob": True, "routed_scaling_factor": 1.5,
    "swiglu_limit": 1.0, "hc_mult": 4, "hc_sinkhorn_iters": 20, "hc_eps": 1e-06, "rms_norm_eps": 1e-06,
    "num_nextn_predict_layers": 1, "hidden_act": "silu", "attention_bias": False, "attention_dropout": 0.0,
    "tie_word_embeddings": False, "bos_token_id": 0, "eos_token_id": 1,
}
T6B = {**T6, "compress_ratios": [0, 4, 128, 4, 128, 0, 0], "index_n_heads": 32}
CASES = {"t6": (T6, 70), "t6b": (T6B, 300)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    root = pathlib.Path(__file__).parent / "v4_tiny"
    for name, (config, count) in CASES.items():
        oracle = Oracle(config, v4_rule.weights(config))
        ids = v4_rule.tokens(config, count)
        oracle.run(ids)
        folder = root / name
        files = {"logits.npy": oracle.logits, "mtp_logits.npy": oracle.mtp[:-1]}
        print(f"{name}: sum|logits| {np.abs(oracle.logits).sum():.6f}  sum|mtp| {np.abs(oracle.mtp[:-1]).sum():.6f}  "
              f"margins index {oracle.margins['index']:.2e} router {oracle.margins['router']:.2e}")
        if check:
            for file, value in files.items():
                worst = np.abs(np.load(folder / file) - value).max()
                print(f"  {file}: largest difference {worst:.2e}")
                assert worst < 1e-5
            continue
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
        (folder / "tokens.json").write_text(json.dumps(ids.tolist()) + "\n")
        for file, value in files.items():
            np.save(folder / file, value.astype(np.float32))


if __name__ == "__main__":
    main()
