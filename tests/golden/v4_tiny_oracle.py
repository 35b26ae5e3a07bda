"""DeepSeek-V4 forward pass in float64 numpy: the plain statement of the mathematics that the engine is tested against.

Whole-sequence prefill only, no cache, no quantisation, no attempt at speed. Takes a config with the official keys and raw tensors
(v4_rule.py makes both). Every step names the section of the architecture it states.
"""
import math

import numpy as np

from v4_rule import ratios


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Oracle:
    """run(tokens) fills logits [T,V], mtp [T,V] or None, trace (streams after embedding and each layer), margins."""

    def __init__(self, config, tensors):
        self.c = config
        self.w = {k: v if v.dtype == np.int64 else v.astype(np.float64) for k, v in tensors.items()}
        self.margins = {"index": math.inf, "router": math.inf}
        self.pruned = 0  # (layer, query) pairs for which the indexer really dropped entries

    # --- building blocks -------------------------------------------------------------------------------------------------
    def rms(self, x, weight=None):
        y = x / np.sqrt((x * x).mean(-1, keepdims=True) + self.c["rms_norm_eps"])
        return y if weight is None else y * self.w[weight]

    def linear(self, x, name):
        return x @ self.w[name + ".weight"].T

    def frequencies(self, compressed):
        """Rotary frequencies; only layers with a compressor use the YaRN-scaled table."""
        c, rd = self.c, self.c["qk_rope_head_dim"]
        i = np.arange(rd // 2)
        if not compressed:
            return c["rope_theta"] ** (-2.0 * i / rd)
        base, yarn = c["compress_rope_theta"], c["rope_scaling"]
        f = base ** (-2.0 * i / rd)

        def dim_of(rotations):
            span = yarn["original_max_position_embeddings"] / (rotations * 2 * math.pi)
            return rd * math.log(span) / (2 * math.log(base))

        low = max(math.floor(dim_of(yarn["beta_fast"])), 0)
        high = min(math.ceil(dim_of(yarn["beta_slow"])), rd - 1)
        if low == high:
            high += 1e-3
        ramp = np.clip((i - low) / (high - low), 0, 1)
        return f * (1 - ramp) + f / yarn["factor"] * ramp

    def rotate(self, x, positions, f, sign=1):
        """Interleaved pairs on the last qk_rope_head_dim channels."""
        start = x.shape[-1] - self.c["qk_rope_head_dim"]
        angle = sign * positions[..., None] * f
        cos, sin = np.cos(angle), np.sin(angle)
        y = x.copy()
        a, b = x[..., start::2], x[..., start + 1 :: 2]
        y[..., start::2], y[..., start + 1 :: 2] = a * cos - b * sin, a * sin + b * cos
        return y

    # --- hyper-connections -----------------------------------------------------------------------------------------------
    def mixes(self, streams, p):
        v = streams.reshape(len(streams), -1)
        return (v @ self.w[p + "fn"].T) / np.sqrt((v * v).mean(-1, keepdims=True) + self.c["rms_norm_eps"])

    def hc_pre(self, streams, p):
        """Returns the sub-layer input [T,d], post [T,n] and comb [T,n,n] (first index = source stream)."""
        n, eps = self.c["hc_mult"], self.c["hc_eps"]
        m, base, scale = self.mixes(streams, p), self.w[p + "base"], self.w[p + "scale"]
        pre = sigmoid(m[:, :n] * scale[0] + base[:n]) + eps
        post = 2 * sigmoid(m[:, n : 2 * n] * scale[1] + base[n : 2 * n])
        comb = (m[:, 2 * n :] * scale[2] + base[2 * n :]).reshape(-1, n, n)
        comb = np.exp(comb - comb.max(-1, keepdims=True))
        comb = comb / comb.sum(-1, keepdims=True) + eps
        comb = comb / (comb.sum(1, keepdims=True) + eps)
        for _ in range(self.c["hc_sinkhorn_iters"] - 1):
            comb = comb / (comb.sum(2, keepdims=True) + eps)
            comb = comb / (comb.sum(1, keepdims=True) + eps)
        return (pre[:, :, None] * streams).sum(1), post, comb

    @staticmethod
    def hc_post(y, streams, post, comb):
        return post[:, :, None] * y[:, None, :] + np.einsum("sjk,sjd->skd", comb, streams)

    def head(self, streams, p, norm):
        w = sigmoid(self.mixes(streams, p) * self.w[p + "scale"] + self.w[p + "base"]) + self.c["hc_eps"]
        return self.rms((w[:, :, None] * streams).sum(1), norm) @ self.w["head.weight"].T

    # --- attention -------------------------------------------------------------------------------------------------------
    def compress(self, x, p, ratio, width, f):
        """Entries of the closed windows [T/ratio, width]; ratio 4 overlaps with the window before."""
        kv, z, ape = self.linear(x, p + ".wkv"), self.linear(x, p + ".wgate"), self.w[p + ".ape"]
        entries = np.zeros((len(x) // ratio, width))
        for w in range(len(entries)):
            rows = slice(w * ratio, (w + 1) * ratio)
            if ratio == 4:
                value, gate = kv[rows, width:], z[rows, width:] + ape[:, width:]
                if w:
                    before = slice((w - 1) * ratio, w * ratio)
                    value = np.vstack([kv[before, :width], value])
                    gate = np.vstack([z[before, :width] + ape[:, :width], gate])
            else:
                value, gate = kv[rows], z[rows] + ape
            e = np.exp(gate - gate.max(0))
            entries[w] = (e / e.sum(0) * value).sum(0)
        return self.rotate(self.rms(entries, p + ".norm.weight"), np.arange(len(entries)) * float(ratio), f)

    def index_scores(self, x, qr, p, f):
        n, width = self.c["index_n_heads"], self.c["index_head_dim"]
        keys = self.compress(x, p + ".compressor", 4, width, f)
        at = np.repeat(np.arange(len(x), dtype=float)[:, None], n, 1)
        q = self.rotate(self.linear(qr, p + ".wq_b").reshape(len(x), n, width), at, f)
        w = self.linear(x, p + ".weights_proj") * width**-0.5 * n**-0.5
        return (np.maximum(np.einsum("shd,td->sht", q, keys), 0) * w[:, :, None]).sum(1)

    def select(self, scores, visible):
        """The top index_topk of the visible entries of one query; records how narrow the decision was."""
        k = self.c["index_topk"]
        order = np.argsort(-scores[:visible], kind="stable")
        if visible > k:
            self.pruned += 1
            self.margins["index"] = min(self.margins["index"], scores[order[k - 1]] - scores[order[k]])
        return order[:k]

    def attention(self, x, p, ratio):
        c, n = self.c, len(x)
        heads, hd, groups = c["num_attention_heads"], c["head_dim"], c["o_groups"]
        f = self.frequencies(bool(ratio))
        at = np.arange(n, dtype=float)
        at_heads = np.repeat(at[:, None], heads, 1)
        qr = self.rms(self.linear(x, p + ".wq_a"), p + ".q_norm.weight")
        q = self.rotate(self.rms(self.linear(qr, p + ".wq_b").reshape(n, heads, hd)), at_heads, f)
        kv = self.rotate(self.rms(self.linear(x, p + ".wkv"), p + ".kv_norm.weight"), at, f)
        sink = self.w[p + ".attn_sink"]
        if ratio:
            entries = self.compress(x, p + ".compressor", ratio, hd, f)
        if ratio == 4:
            scores = self.index_scores(x, qr, p + ".indexer", f)
        out = np.zeros((n, heads, hd))
        for t in range(n):
            keys = [kv[max(0, t - c["sliding_window"] + 1) : t + 1]]
            if ratio:
                visible = (t + 1) // ratio
                keys.append(entries[self.select(scores[t], visible)] if ratio == 4 else entries[:visible])
            keys = np.concatenate(keys)
            s = (q[t] @ keys.T) * hd**-0.5
            m = np.maximum(s.max(-1), sink)[:, None]
            e = np.exp(s - m)
            out[t] = (e / (e.sum(-1, keepdims=True) + np.exp(sink[:, None] - m))) @ keys
        out = self.rotate(out, at_heads, f, -1).reshape(n, groups, -1)
        wo_a = self.w[p + ".wo_a.weight"].reshape(groups, c["o_lora_rank"], -1)
        return self.linear(np.einsum("sgd,grd->sgr", out, wo_a).reshape(n, -1), p + ".wo_b")

    # --- experts ---------------------------------------------------------------------------------------------------------
    def expert(self, p, x):
        limit = self.c["swiglu_limit"]
        gate = np.minimum(self.linear(x, p + ".w1"), limit)
        up = np.clip(self.linear(x, p + ".w3"), -limit, limit)
        return self.linear(gate * sigmoid(gate) * up, p + ".w2")

    def moe(self, x, p, ids):
        picks = self.c["num_experts_per_tok"]
        score = np.sqrt(np.logaddexp(0, self.linear(x, p + ".gate")))
        if p + ".gate.tid2eid" in self.w:
            chosen = self.w[p + ".gate.tid2eid"][ids]
        else:
            biased = score + self.w[p + ".gate.bias"]
            chosen = np.argsort(-biased, axis=-1, kind="stable")
            ranked = np.take_along_axis(biased, chosen, -1)
            self.margins["router"] = min(self.margins["router"], (ranked[:, picks - 1] - ranked[:, picks]).min())
            chosen = chosen[:, :picks]
        w = np.take_along_axis(score, chosen, -1)
        w = w / w.sum(-1, keepdims=True) * self.c["routed_scaling_factor"]
        y = self.expert(p + ".shared_experts", x)
        for e in range(self.c["n_routed_experts"]):
            token, slot = np.nonzero(chosen == e)
            if len(token):
                y[token] += w[token, slot][:, None] * self.expert(f"{p}.experts.{e}", x[token])
        return y

    # --- whole model -----------------------------------------------------------------------------------------------------
    def block(self, streams, p, ratio, ids):
        x, post, comb = self.hc_pre(streams, p + ".hc_attn_")
        y = self.attention(self.rms(x, p + ".attn_norm.weight"), p + ".attn", ratio)
        streams = self.hc_post(y, streams, post, comb)
        x, post, comb = self.hc_pre(streams, p + ".hc_ffn_")
        return self.hc_post(self.moe(self.rms(x, p + ".ffn_norm.weight"), p + ".ffn", ids), streams, post, comb)

    def run(self, ids):
        ids = np.asarray(ids)
        streams = np.repeat(self.w["embed.weight"][ids][:, None, :], self.c["hc_mult"], 1)
        self.trace = [streams]
        for layer, ratio in enumerate(ratios(self.c)):
            streams = self.block(streams, f"layers.{layer}", ratio, ids)
            self.trace.append(streams)
        self.logits = self.head(streams, "hc_head_", "norm.weight")
        self.mtp = self.draft(streams, ids) if self.c["num_nextn_predict_layers"] else None
        return self.logits

    def draft(self, streams, ids):
        """MTP logits; row t uses token t+1. The last row has no next token: it wraps to the first and means nothing."""
        after = np.roll(ids, -1)
        e = self.linear(self.rms(self.w["embed.weight"][after], "mtp.0.enorm.weight"), "mtp.0.e_proj")
        h = self.linear(self.rms(streams, "mtp.0.hnorm.weight"), "mtp.0.h_proj")
        return self.head(self.block(e[:, None, :] + h, "mtp.0", 0, after), "mtp.0.hc_head_", "mtp.0.norm.weight")
