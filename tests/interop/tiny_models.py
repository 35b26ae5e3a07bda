"""Small random models in the Hugging Face layout for the checks of this folder: wide enough that every block type of GGUF
divides their rows. Weights by the rules of tests/golden (family_rule.py, and `bathy synth` for DeepSeek-V4)."""
import json
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).parent.parent / "golden"
sys.path.insert(0, str(GOLDEN))
import family_rule  # noqa: E402

SHARED = {"vocab_size": 160, "hidden_size": 256, "num_hidden_layers": 4, "num_attention_heads": 4, "rms_norm_eps": 1e-6,
          "max_position_embeddings": 4096, "tie_word_embeddings": False, "hidden_act": "silu", "attention_bias": False,
          "bos_token_id": 0, "eos_token_id": 1}
DENSE = SHARED | {"num_key_value_heads": 2, "head_dim": 64, "intermediate_size": 512, "rope_theta": 1e6, "use_sliding_window": False}
YARN = {"type": "yarn", "factor": 40, "original_max_position_embeddings": 128, "beta_fast": 32, "beta_slow": 1, "mscale": 1.0,
        "mscale_all_dim": 1.0}
MLA = SHARED | {
    "num_key_value_heads": 4, "q_lora_rank": 256, "kv_lora_rank": 256, "qk_nope_head_dim": 64, "qk_rope_head_dim": 32, "v_head_dim": 64,
    "intermediate_size": 512, "moe_intermediate_size": 256, "n_routed_experts": 16, "n_shared_experts": 1, "num_experts_per_tok": 4,
    "first_k_dense_replace": 1, "moe_layer_freq": 1, "rope_theta": 10000, "rope_scaling": YARN, "n_group": 4, "topk_group": 2,
    "routed_scaling_factor": 2.5, "topk_method": "noaux_tc", "scoring_func": "sigmoid", "norm_topk_prob": True,
    "num_nextn_predict_layers": 0}
V4 = SHARED | {
    "num_hidden_layers": 6, "num_key_value_heads": 1, "head_dim": 64, "qk_rope_head_dim": 32, "q_lora_rank": 256, "o_groups": 2,
    "o_lora_rank": 256, "sliding_window": 128, "compress_ratios": [0, 0, 4, 128, 4, 128, 0], "rope_theta": 10000, "compress_rope_theta": 160000,
    "rope_scaling": {"type": "yarn", "factor": 16, "original_max_position_embeddings": 512, "beta_fast": 32, "beta_slow": 1},
    "index_n_heads": 8, "index_head_dim": 128, "index_topk": 16, "n_routed_experts": 16, "num_experts_per_tok": 4, "n_shared_experts": 1,
    "moe_intermediate_size": 256, "num_hash_layers": 2, "scoring_func": "sqrtsoftplus", "topk_method": "noaux_tc", "norm_topk_prob": True,
    "routed_scaling_factor": 1.5, "swiglu_limit": 10.0, "hc_mult": 4, "hc_sinkhorn_iters": 20, "hc_eps": 1e-6,
    "num_nextn_predict_layers": 0}
MODELS = {
    "tiny-v4": V4 | {"architectures": ["DeepseekV4ForCausalLM"], "model_type": "deepseek_v4"},
    "tiny-v3": MLA | {"architectures": ["DeepseekV3ForCausalLM"], "model_type": "deepseek_v3"},
    "tiny-v32": MLA | {"architectures": ["DeepseekV32ForCausalLM"], "model_type": "deepseek_v32", "index_n_heads": 8, "index_head_dim": 64,
                       "index_topk": 64},
    "tiny-qwen2": DENSE | {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2"},
    "tiny-qwen3": DENSE | {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3"},
    "tiny-llama": DENSE | {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "rope_theta": 500000, "rope_scaling": {
        "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64}},
}


def shapes(c):
    """Tensor name -> shape of a dense model or one of the V3 family."""
    d, heads = c["hidden_size"], c["num_attention_heads"]
    out = {"model.embed_tokens.weight": (c["vocab_size"], d), "lm_head.weight": (c["vocab_size"], d), "model.norm.weight": (d,)}

    def ffn(p, width):
        out.update({p + "gate_proj.weight": (width, d), p + "up_proj.weight": (width, d), p + "down_proj.weight": (d, width)})

    for layer in range(c["num_hidden_layers"]):
        p = f"model.layers.{layer}."
        a, m = p + "self_attn.", p + "mlp."
        out.update({p + "input_layernorm.weight": (d,), p + "post_attention_layernorm.weight": (d,)})
        if "kv_lora_rank" not in c:
            grouped = {"q": heads, "k": c["num_key_value_heads"], "v": c["num_key_value_heads"]}
            out.update({f"{a}{x}_proj.weight": (n * c["head_dim"], d) for x, n in grouped.items()})
            out[a + "o_proj.weight"] = (d, heads * c["head_dim"])
            if c["model_type"] == "qwen2":
                out.update({f"{a}{x}_proj.bias": (n * c["head_dim"],) for x, n in grouped.items()})
            if c["model_type"] == "qwen3":
                out.update({a + "q_norm.weight": (c["head_dim"],), a + "k_norm.weight": (c["head_dim"],)})
            ffn(m, c["intermediate_size"])
            continue
        nope, rope, value, low = c["qk_nope_head_dim"], c["qk_rope_head_dim"], c["v_head_dim"], c["q_lora_rank"]
        out.update({a + "q_a_proj.weight": (low, d), a + "q_a_layernorm.weight": (low,), a + "q_b_proj.weight": (heads * (nope + rope), low),
                    a + "kv_a_proj_with_mqa.weight": (c["kv_lora_rank"] + rope, d), a + "kv_a_layernorm.weight": (c["kv_lora_rank"],),
                    a + "kv_b_proj.weight": (heads * (nope + value), c["kv_lora_rank"]), a + "o_proj.weight": (d, heads * value)})
        if "index_topk" in c:
            wide = c["index_head_dim"]
            out.update({a + "indexer.wq_b.weight": (c["index_n_heads"] * wide, low), a + "indexer.wk.weight": (wide, d),
                        a + "indexer.k_norm.weight": (wide,), a + "indexer.k_norm.bias": (wide,),
                        a + "indexer.weights_proj.weight": (c["index_n_heads"], d)})
        if layer < c["first_k_dense_replace"]:
            ffn(m, c["intermediate_size"])
            continue
        out.update({m + "gate.weight": (c["n_routed_experts"], d), m + "gate.e_score_correction_bias": (c["n_routed_experts"],)})
        for e in range(c["n_routed_experts"]):
            ffn(f"{m}experts.{e}.", c["moe_intermediate_size"])
        ffn(m + "shared_experts.", c["n_shared_experts"] * c["moe_intermediate_size"])
    return out


def write(bathy, name, salt, folder):
    """Writes model `name` with float32 weights into `folder`."""
    config = MODELS[name]
    folder.mkdir(parents=True)
    text = json.dumps(config, indent=1)
    if config["model_type"] == "deepseek_v4":
        path = folder.with_suffix(".json")
        path.write_text(text)
        folder.rmdir()
        subprocess.run([bathy, "synth", path, folder, "--salt", salt, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        return
    header, at, parts = {}, 0, []
    for tensor, shape in shapes(config).items():
        value = family_rule.weight(tensor, shape, {"salt": salt, "index_gain": 1.0})
        header[tensor] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + value.nbytes]}
        at += value.nbytes
        parts.append(np.ascontiguousarray(value).tobytes())
    raw = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(raw)) + raw + b"".join(parts))
    (folder / "config.json").write_text(text)
