"""DeepSeek-V3.2 in float64 numpy, written from section 8 of the model's published inference script: multi-head latent attention in its
naive form over the tokens that the indexer picks, the indexer with its own rotary layout (half split, rotated channels first) and the
Hadamard transform, the noaux_tc router. Independent of transformers and of the engine.
"""
import math

import numpy as np

MASKED = -np.inf


def yarn(c):
    r, d = c["rope_scaling"], c["qk_rope_head_dim"]
    base, f, length = c["rope_theta"], r["factor"], r["original_max_position_embeddings"]
    theta = base ** (-np.arange(0, d, 2) / d)
    at = lambda turns: d * math.log(length / (2 * math.pi * turns)) / (2 * math.log(base))
    low, high = max(math.floor(at(r["beta_fast"])), 0), min(math.ceil(at(r["beta_slow"])), d - 1)
    ramp = np.clip((np.arange(d // 2) - low) / (high - low if high != low else 0.001), 0, 1)
    m = 0.1 * r["mscale_all_dim"] * math.log(f) + 1
    return theta / f * ramp + theta * (1 - ramp), m


def rotate(x, angles, half_split):
    """x [T, ..., P]; angles [T, P / 2]."""
    cos, sin = (np.expand_dims(g(angles), tuple(range(1, x.ndim - 1))) for g in (np.cos, np.sin))
    p = x.shape[-1]
    a, b = (x[..., : p // 2], x[..., p // 2 :]) if half_split else (x[..., 0::2], x[..., 1::2])
    a, b = a * cos - b * sin, a * sin + b * cos
    if half_split:
        return np.concatenate([a, b], -1)
    return np.stack([a, b], -1).reshape(x.shape)


def hadamard(n):
    h = np.ones((1, 1))
    while h.shape[0] < n:
        h = np.block([[h, h], [h, -h]])
    return h / math.sqrt(n)


def rms(x, w, eps):
    return w * x / np.sqrt((x * x).mean(-1, keepdims=True) + eps)


def swiglu(x, gate, up, down):
    g = x @ gate.T
    return (g / (1 + np.exp(-g)) * (x @ up.T)) @ down.T


class Oracle:
    def __init__(self, c, weight):
        self.c, self.w = c, lambda name: weight(name).astype(np.float64)
        self.index_margin = math.inf

    def pick(self, x, latent, p, angles):
        c = self.c
        heads, dim, rope = c["index_n_heads"], c["index_head_dim"], c["qk_rope_head_dim"]
        q = (latent @ self.w(p + "wq_b.weight").T).reshape(len(x), heads, dim)
        k = x @ self.w(p + "wk.weight").T
        k = (k - k.mean(-1, keepdims=True)) / np.sqrt(k.var(-1, keepdims=True) + 1e-6)
        k = k * self.w(p + "k_norm.weight") + self.w(p + "k_norm.bias")
        q = np.concatenate([rotate(q[..., :rope], angles, True), q[..., rope:]], -1) @ hadamard(dim)
        k = np.concatenate([rotate(k[..., :rope], angles, True), k[..., rope:]], -1) @ hadamard(dim)
        w = x @ self.w(p + "weights_proj.weight").T * heads**-0.5 * dim**-0.5
        score = np.einsum("th,ths->ts", w, np.maximum(np.einsum("thd,sd->ths", q, k), 0))
        mask = np.full((len(x), len(x)), MASKED)
        for t in range(len(x)):
            order = np.argsort(-score[t, : t + 1], kind="stable")
            if t + 1 > c["index_topk"]:
                cut = score[t, order[c["index_topk"] - 1 : c["index_topk"] + 1]]
                self.index_margin = min(self.index_margin, cut[0] - cut[1])
            mask[t, order[: c["index_topk"]]] = 0
        return mask

    def attention(self, x, p, angles, m):
        c = self.c
        heads, nope, rope, value = (c[n] for n in ("num_attention_heads", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim"))
        latent = rms(x @ self.w(p + "q_a_proj.weight").T, self.w(p + "q_a_layernorm.weight"), 1e-6)
        q = (latent @ self.w(p + "q_b_proj.weight").T).reshape(len(x), heads, nope + rope)
        kv = x @ self.w(p + "kv_a_proj_with_mqa.weight").T
        k_rope = rotate(kv[:, c["kv_lora_rank"] :], angles, False)
        kv = rms(kv[:, : c["kv_lora_rank"]], self.w(p + "kv_a_layernorm.weight"), 1e-6)
        kv = (kv @ self.w(p + "kv_b_proj.weight").T).reshape(len(x), heads, nope + value)
        scores = np.einsum("thd,shd->hts", q[..., :nope], kv[..., :nope])
        scores += np.einsum("thd,sd->hts", rotate(q[..., nope:], angles, False), k_rope)
        scores = scores * m * m / math.sqrt(nope + rope) + self.pick(x, latent, p + "indexer.", angles)
        e = np.exp(scores - scores.max(-1, keepdims=True))
        out = np.einsum("hts,shd->thd", e / e.sum(-1, keepdims=True), kv[..., nope:])
        return out.reshape(len(x), -1) @ self.w(p + "o_proj.weight").T

    def ffn(self, x, p, layer):
        c = self.c
        names = ("gate_proj.weight", "up_proj.weight", "down_proj.weight")
        if layer < c["first_k_dense_replace"]:
            return swiglu(x, *(self.w(p + n) for n in names))
        s = 1 / (1 + np.exp(-(x @ self.w(p + "gate.weight").T)))
        b = s + self.w(p + "gate.e_score_correction_bias")
        groups = b.reshape(len(x), c["n_group"], -1)
        worth = np.sort(groups, -1)[..., -2:].sum(-1)
        out = swiglu(x, *(self.w(p + "shared_experts." + n) for n in names))
        for t in range(len(x)):
            kept = np.argsort(-worth[t], kind="stable")[: c["topk_group"]]
            masked = np.where(np.isin(np.arange(c["n_group"]), kept)[:, None], groups[t], MASKED).reshape(-1)
            chosen = np.argsort(-masked, kind="stable")[: c["num_experts_per_tok"]]
            for e in chosen:
                w = s[t, e] / (s[t, chosen].sum() + 1e-20) * c["routed_scaling_factor"]
                out[t] += w * swiglu(x[t], *(self.w(f"{p}experts.{e}.{n}") for n in names))
        return out

    def run(self, ids):
        c = self.c
        theta, m = yarn(c)
        angles = np.arange(len(ids))[:, None] * theta
        h = self.w("model.embed_tokens.weight")[ids]
        for layer in range(c["num_hidden_layers"]):
            p = f"model.layers.{layer}."
            h = h + self.attention(rms(h, self.w(p + "input_layernorm.weight"), c["rms_norm_eps"]), p + "self_attn.", angles, m)
            h = h + self.ffn(rms(h, self.w(p + "post_attention_layernorm.weight"), c["rms_norm_eps"]), p + "mlp.", layer)
        return rms(h, self.w("model.norm.weight"), c["rms_norm_eps"]) @ self.w("lm_head.weight").T
