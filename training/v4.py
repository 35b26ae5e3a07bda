"""A trainable DeepSeek-V4 in plain PyTorch, written for short contexts on a CPU.

Same mathematics as the engine's exact mode (no activation quantisation): hyper-connections with Sinkhorn, window attention with sinks,
compressed sparse attention with the lightning indexer, heavily compressed attention, hash and biased routing, one MTP block. Parameter
names are the official raw names; only the routed experts are kept stacked ([experts, out, in]) and are split at export.
"""
import math
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import nn



@dataclass
class Config:
    vocab: int = 4096
    dim: int = 128
    ratios: tuple = (0, 0, 4, 128, 4, 128)
    heads: int = 4
    head_dim: int = 64
    rope: int = 16
    q_lora: int = 128
    groups: int = 2
    o_lora: int = 64
    window: int = 128
    index_heads: int = 8
    index_dim: int = 32
    index_topk: int = 32
    experts: int = 16
    picks: int = 2
    inter: int = 64
    hash_layers: int = 2
    hc: int = 4
    sinkhorn: int = 20
    hc_eps: float = 1e-6
    norm_eps: float = 1e-6
    route_scale: float = 1.5
    limit: float = 10.0
    theta: float = 10000.0
    compress_theta: float = 160000.0
    yarn: dict = field(default_factory=lambda: dict(factor=16, original=65536, fast=32, slow=1))
    mtp: bool = True


SIZES = {  # the study's sizes; "toy" is for the smoke test
    "toy": dict(vocab=4096, ratios=(0, 4, 128, 4), q_lora=64, hash_layers=1, index_heads=4),
    "nano": dict(),
    "mid": dict(vocab=8192, dim=256, ratios=(0, 0, 4, 128, 4, 128, 4, 128), heads=4, head_dim=128, rope=32, o_lora=128, index_dim=64,
                index_topk=64, experts=32, picks=4, inter=128),
    "demo": dict(vocab=8192, dim=384, ratios=(0, 0, 4, 128, 4, 128, 4, 128), heads=8, head_dim=128, rope=32, q_lora=256, groups=4,
                 index_dim=64, index_topk=64, experts=32, picks=4, inter=128),
}


def rms(x, weight=None, eps=1e-6):
    y = x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps)
    return y if weight is None else y * weight


def frequencies(c, compressed):
    """In float32, rounded where the published code rounds; a model must be read with the angles that it was trained with."""
    i = torch.arange(0, c.rope, 2, dtype=torch.float32)
    f = 1.0 / (c.compress_theta if compressed else c.theta) ** (i / c.rope)
    if not compressed:
        return f

    def dim_of(rotations):
        return c.rope * math.log(c.yarn["original"] / (rotations * 2 * math.pi)) / (2 * math.log(c.compress_theta))

    low, high = max(math.floor(dim_of(c.yarn["fast"])), 0), min(math.ceil(dim_of(c.yarn["slow"])), c.rope - 1)
    kept = 1 - ((i / 2 - low) / max(high - low, 1e-3)).clamp(0, 1)
    return f / c.yarn["factor"] * (1 - kept) + f * kept


def rotary_table(positions, freqs):
    angle = positions.float()[:, None] * freqs
    return angle.cos(), angle.sin()


def rotate(x, table, inverse=False):
    """Interleaved pairs on the last channels; x [..., S, width], table of S positions."""
    cos, sin = table
    rd = 2 * cos.shape[-1]
    pairs = x[..., -rd:].unflatten(-1, (-1, 2))
    a, b = pairs[..., 0], pairs[..., 1]
    if inverse:
        sin = -sin
    turned = torch.stack([a * cos - b * sin, a * sin + b * cos], -1).flatten(-2)
    return torch.cat([x[..., :-rd], turned], -1)


def sinkhorn(a, rounds, eps):
    """Doubly stochastic mixing of a [4, 4, T] (source, target, token); tokens are last so that every step is one long vector."""
    c = a.softmax(1) + eps
    c = c / (c.sum(0, keepdim=True) + eps)
    for _ in range(rounds - 1):
        c = c / (c.sum(1, keepdim=True) + eps)
        c = c / (c.sum(0, keepdim=True) + eps)
    return c


def stream_mixes(streams, fn, eps):
    v = streams.flatten(1)
    return F.linear(v, fn) * torch.rsqrt(v.pow(2).mean(-1, keepdim=True) + eps)


def blend(streams, pre):
    """Weighted sum of the streams [T, n, d] with pre [T, n]."""
    return sum(s * p for s, p in zip(streams.unbind(1), pre[..., None].unbind(1)))


def hc_post(y, streams, post, comb):
    """New streams: post [T, n] times the sub-layer's output plus the mixed old streams; comb [n, n, T]."""
    old = streams.unbind(1)
    mix = [row.unbind(0) for row in comb[..., None].unbind(0)]
    return torch.stack([y * p + sum(s * m[k] for s, m in zip(old, mix)) for k, p in enumerate(post[..., None].unbind(1))], 1)


class Linear(nn.Linear):
    """Bias-free; `quantise` is set by quant.py for the part of the training that rounds weights."""

    quantise = None

    def __init__(self, inputs, outputs, std=None):
        super().__init__(inputs, outputs, bias=False)
        nn.init.normal_(self.weight, std=std or inputs**-0.5)

    def forward(self, x):
        return F.linear(x, self.stored())

    def stored(self):
        return self.weight if self.quantise is None else self.quantise(self.weight)


class Norm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return rms(x, self.weight)


class Compressor(nn.Module):
    def __init__(self, c, ratio, width):
        super().__init__()
        self.ratio, self.width = ratio, width
        span = width * (2 if ratio == 4 else 1)
        self.wkv, self.wgate = Linear(c.dim, span), Linear(c.dim, span)
        self.ape = nn.Parameter(torch.zeros(ratio, span))
        self.norm = Norm(width)
        if ratio == 4:  # a fifth of an entry's channels for each of its tokens and for the one before, so that copying has something to read
            slot = torch.arange(8)[:, None] == self.slots()
            self.ape.data = 3.0 * torch.cat([slot[:4], slot[4:]], 1).float()
            self.norm.weight.data *= 1.5

    def slots(self):
        """Which of the eight tokens that an entry is made of each channel shows at first: 3 is the one before its own, 4 to 7."""
        return 3 + torch.arange(self.width) % 5

    def forward(self, x, table):
        """x [B, S, d] -> entries [B, S // ratio, width], rotated at the first position of their window."""
        r, h, n = self.ratio, self.width, x.shape[1] // self.ratio
        value = self.wkv(x[:, : n * r]).unflatten(1, (n, r))
        gate = self.wgate(x[:, : n * r]).unflatten(1, (n, r)) + self.ape
        if r == 4:
            before_v = F.pad(value[:, :-1, :, :h], (0, 0, 0, 0, 1, 0))
            before_g = F.pad(gate[:, :-1, :, :h], (0, 0, 0, 0, 1, 0), value=-1e30)
            value = torch.cat([before_v, value[..., h:]], 2)
            gate = torch.cat([before_g, gate[..., h:]], 2)
        entries = self.norm((value * gate.softmax(2)).sum(2))
        return rotate(entries, (table[0][::r][:n], table[1][::r][:n]))


class Indexer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.wq_b = Linear(c.q_lora, c.index_heads * c.index_dim)
        self.weights_proj = Linear(c.dim, c.index_heads)
        self.compressor = Compressor(c, 4, c.index_dim)

    def forward(self, x, qr, table):
        """Scores [B, S, entries]. Inputs are detached: only the indexer's own loss trains it."""
        c = self.c
        x, qr = x.detach(), qr.detach()
        keys = self.compressor(x, table)
        q = rotate(self.wq_b(qr).unflatten(-1, (c.index_heads, c.index_dim)).transpose(1, 2), table)
        w = self.weights_proj(x) * (c.index_dim * c.index_heads) ** -0.5
        return (F.relu(q @ keys.transpose(1, 2)[:, None]) * w.transpose(1, 2)[..., None]).sum(1)


class Attention(nn.Module):
    def __init__(self, c, ratio):
        super().__init__()
        self.c, self.ratio = c, ratio
        self.attn_sink = nn.Parameter(torch.zeros(c.heads))
        self.wq_a, self.q_norm = Linear(c.dim, c.q_lora), Norm(c.q_lora)
        self.wq_b = Linear(c.q_lora, c.heads * c.head_dim)
        self.wkv, self.kv_norm = Linear(c.dim, c.head_dim), Norm(c.head_dim)
        self.wo_a = Linear(c.heads * c.head_dim // c.groups, c.groups * c.o_lora)
        self.wo_b = Linear(c.groups * c.o_lora, c.dim, std=0.5 * (c.groups * c.o_lora) ** -0.5)
        if ratio:
            self.compressor = Compressor(c, ratio, c.head_dim)
        if ratio == 4:
            self.indexer = Indexer(c)
            self.look_up_first()
        self.sparse = False
        self.kl = None  # the indexer's loss of the last call, if it was asked for

    def start_look_up_anew(self):
        """New queries, entries and indexer in a sparse layer; the window's keys and the output stay."""
        if self.ratio == 4:
            fresh = Attention(self.c, 4)
            for part in ("wq_a", "q_norm", "wq_b", "compressor", "indexer"):
                setattr(self, part, getattr(fresh, part))

    @torch.no_grad()
    def look_up_first(self):
        """Start values with which head h finds entries that hold the query's own token in slot h, so that what follows it can be read.

        A token is often followed by what followed it before; found by search alone, this takes many hundred steps.
        """
        c = self.c
        nn.init.orthogonal_(self.wq_a.weight)
        for owner, heads, width, wq in ((self, c.heads, c.head_dim, self.wq_b), (self.indexer, c.index_heads, c.index_dim, self.indexer.wq_b)):
            compressor = owner.compressor
            slot = compressor.slots()
            rows = torch.where(slot[:, None] < 4, compressor.wkv.weight[:width], compressor.wkv.weight[width:])
            for h in range(heads):
                match = (slot == (3, 4, 5, 6)[h % 4])[:, None]
                wq.weight[h * width : (h + 1) * width] = 0.1 * wq.weight[h * width : (h + 1) * width] + match * (rows @ self.wq_a.weight.t())

    def forward(self, x, run):
        """x [B, S, d]; run carries the rotary tables and masks of this call."""
        c = self.c
        self.kl = None
        B, S, _ = x.shape
        table = run.compress_table if self.ratio else run.main_table
        qr = self.q_norm(self.wq_a(x))
        q = rotate(rms(self.wq_b(qr).unflatten(-1, (c.heads, c.head_dim)).transpose(1, 2)), table)
        keys = rotate(self.kv_norm(self.wkv(x)), table)
        mask = run.window_mask
        if self.ratio:
            keys = torch.cat([keys, self.compressor(x, table)], 1)
            visible = run.entry_mask(self.ratio)
            if self.ratio == 4 and visible.shape[1]:
                visible = self.choose(x, qr, q, keys, visible, run)
            mask = torch.cat([mask.expand(*visible.shape[:-2], -1, -1), visible], -1)
        out = self.core(q, keys, mask)
        return self.project(rotate(out, table, inverse=True).transpose(1, 2).reshape(B, S, c.groups, -1))

    def project(self, out):
        """[B, S, groups, heads * head_dim / groups] -> [B, S, d]."""
        wo_a = self.wo_a.stored().view(self.c.groups, self.c.o_lora, -1)
        return self.wo_b(torch.cat([F.linear(part, w) for part, w in zip(out.unbind(2), wo_a)], -1))

    def core(self, q, keys, mask):
        """Softmax over keys and one sink per head. The sink is one more key: a zero vector whose logit comes from an added channel."""
        c = self.c
        B, H, S, D = q.shape
        scale = D**-0.5
        pad = -(D + 1) % 8
        q = torch.cat([q, (self.attn_sink / scale).view(1, H, 1, 1).expand(B, H, S, 1), q.new_zeros(B, H, S, pad)], -1)
        k = F.pad(keys, (0, 1 + pad, 0, 1))
        k = k + F.one_hot(torch.tensor(D), D + 1 + pad).to(k) * F.one_hot(torch.tensor(k.shape[1] - 1), k.shape[1]).to(k)[:, None]
        v = F.pad(keys, (0, 1 + pad, 0, 1))
        mask = F.pad(mask, (0, 1), value=True)
        mask = mask[None, None] if mask.dim() == 2 else mask[:, None]
        out = F.scaled_dot_product_attention(q, k[:, None].expand(-1, H, -1, -1), v[:, None].expand(-1, H, -1, -1), mask, scale=scale)
        return out[..., :D]

    def choose(self, x, qr, q, keys, visible, run):
        """Entries each query may read [S, n] or [B, S, n], and the indexer's loss on a sample of the queries."""
        visible, scores = self.select(x, qr, visible, run)
        if run.kl_queries is not None:
            self.kl = self.index_loss(scores, q, keys, visible, run)
        return visible

    def select(self, x, qr, visible, run):
        """Visible entries after the indexer's choice, and its scores where they are needed."""
        if run.kl_queries is None and not (self.sparse and visible.shape[1] > self.c.index_topk):
            return visible, None
        scores = self.indexer(x, qr, run.compress_table).masked_fill(~visible, -1e30)
        if self.sparse and visible.shape[1] > self.c.index_topk:
            best = self.top_entries(scores.detach())
            visible = torch.zeros_like(scores, dtype=torch.bool).scatter_(-1, best, True) & visible
        return visible, scores

    def top_entries(self, scores):
        """Equal scores (often exactly 0) are broken towards the earlier entry when it matters, in evaluation; topk is faster."""
        k = self.c.index_topk
        return scores.topk(k, -1).indices if self.training else scores.sort(stable=True, dim=-1, descending=True).indices[..., :k]

    def index_loss(self, scores, q, keys, visible, run):
        """KL of the indexer's softmax from the attention that the layer itself pays to the entries (heads summed, joint softmax)."""
        at, S = run.kl_queries, q.shape[2]
        may = visible.expand_as(scores)[:, at]
        with torch.no_grad():
            logits = q[:, :, at] @ keys[:, None].transpose(2, 3) * self.c.head_dim**-0.5
            allowed = torch.cat([run.window_mask[at].expand(may.shape[0], -1, -1), may], -1)[:, None]
            sink = self.attn_sink.view(1, -1, 1, 1).expand(*logits.shape[:3], 1)
            p = torch.cat([logits.masked_fill(~allowed, -1e30), sink], -1).softmax(-1)[..., S:-1].sum(1)
        return self.divergence(scores[:, at], may, p)

    @staticmethod
    def divergence(scores, may, p):
        """p: attention paid to the entries, heads summed; it is normalised here over the entries that a query may read."""
        p = p / (p.sum(-1, keepdim=True) + 1e-9)
        guess = scores.masked_fill(~may, -1e30).log_softmax(-1)
        kl = (p * ((p + 1e-9).log() - guess)).masked_fill(~may, 0).sum(-1)
        seen = may.any(-1)
        return (kl * seen).sum() / seen.sum().clamp(min=1)


class SharedExpert(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.limit = c.limit
        self.w1, self.w3 = Linear(c.dim, c.inter), Linear(c.dim, c.inter)
        self.w2 = Linear(c.inter, c.dim, std=0.5 * c.inter**-0.5)

    def forward(self, x):
        return self.w2(F.silu(self.w1(x).clamp(max=self.limit)) * self.w3(x).clamp(-self.limit, self.limit))


class Gate(nn.Module):
    def __init__(self, c, hashed):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(c.experts, c.dim) * c.dim**-0.5)
        if hashed:
            self.register_buffer("tid2eid", torch.zeros(c.vocab, c.picks, dtype=torch.long))
        else:
            self.register_buffer("bias", torch.zeros(c.experts))


class MoE(nn.Module):
    quantise = None

    def __init__(self, c, hashed):
        super().__init__()
        self.c, self.hashed = c, hashed
        self.gate = Gate(c, hashed)
        self.w1 = nn.Parameter(torch.randn(c.experts, c.inter, c.dim) * c.dim**-0.5)
        self.w3 = nn.Parameter(torch.randn(c.experts, c.inter, c.dim) * c.dim**-0.5)
        self.w2 = nn.Parameter(torch.randn(c.experts, c.dim, c.inter) * 0.5 * c.inter**-0.5)
        self.shared_experts = SharedExpert(c)
        self.register_buffer("load", torch.zeros(c.experts), persistent=False)
        self.balance = None

    def forward(self, x, ids):
        c = self.c
        score = F.softplus(F.linear(x, self.gate.weight)).sqrt()
        chosen = self.gate.tid2eid[ids] if self.hashed else (score + self.gate.bias).topk(c.picks, -1).indices
        w = score.gather(1, chosen)
        w = w / w.sum(-1, keepdim=True) * c.route_scale
        flat = chosen.reshape(-1)
        counts = torch.bincount(flat, minlength=c.experts)
        self.load += counts
        if not self.hashed and self.training:
            share = counts / flat.numel()
            self.balance = c.experts * (share * (score / score.sum(-1, keepdim=True)).mean(0)).sum()
        quantise = self.quantise or (lambda t: t)
        w1, w3, w2 = quantise(self.w1), quantise(self.w3), quantise(self.w2)
        order = flat.argsort()
        token = order // c.picks
        parts = x[token].split(counts.tolist())
        out = []
        for e, part in enumerate(parts):
            if len(part):
                h = F.silu(F.linear(part, w1[e]).clamp(max=c.limit)) * F.linear(part, w3[e]).clamp(-c.limit, c.limit)
                out.append(F.linear(h, w2[e]))
        y = torch.cat(out) * w.reshape(-1)[order][:, None]
        return self.shared_experts(x).index_add(0, token, y)

    @torch.no_grad()
    def rebalance(self, step):
        """Sign rule of the selection bias; returns and clears the load counted since the last call."""
        load = self.load.clone()
        if not self.hashed and load.sum() > 0:
            self.gate.bias += step * torch.sign(load.mean() - load)
        self.load.zero_()
        return load


def stream_parameters(owner, c, name):
    """fn/base/scale of one hyper-connection; starts as: read the mean, write 1, keep the streams apart."""
    n = c.hc
    base = torch.cat([torch.full((n,), -math.log(n - 1)), torch.zeros(n), (torch.eye(n) * 5 - 0.5).flatten()])
    owner.register_parameter(name + "_fn", nn.Parameter(torch.randn((2 + n) * n, n * c.dim) * 0.1 * (n * c.dim) ** -0.5))
    owner.register_parameter(name + "_base", nn.Parameter(base))
    owner.register_parameter(name + "_scale", nn.Parameter(torch.full((3,), 0.1)))


def head_parameters(owner, c, prefix=""):
    owner.register_parameter(prefix + "hc_head_fn", nn.Parameter(torch.randn(c.hc, c.hc * c.dim) * 0.1 * (c.hc * c.dim) ** -0.5))
    owner.register_parameter(prefix + "hc_head_base", nn.Parameter(torch.full((c.hc,), -math.log(c.hc - 1))))
    owner.register_parameter(prefix + "hc_head_scale", nn.Parameter(torch.full((1,), 0.1)))


class Block(nn.Module):
    def __init__(self, c, ratio, hashed):
        super().__init__()
        self.c = c
        self.attn_norm, self.ffn_norm = Norm(c.dim), Norm(c.dim)
        self.attn, self.ffn = Attention(c, ratio), MoE(c, hashed)
        stream_parameters(self, c, "hc_attn")
        stream_parameters(self, c, "hc_ffn")

    def pre(self, streams, name, rounds):
        n, eps = self.c.hc, self.c.hc_eps
        fn, base, scale = (getattr(self, f"{name}_{part}") for part in ("fn", "base", "scale"))
        m = stream_mixes(streams, fn, self.c.norm_eps)
        pre = torch.sigmoid(m[:, :n] * scale[0] + base[:n]) + eps
        post = 2 * torch.sigmoid(m[:, n : 2 * n] * scale[1] + base[n : 2 * n])
        a = (m[:, 2 * n :] * scale[2] + base[2 * n :]).t().reshape(n, n, -1)
        return blend(streams, pre), post, sinkhorn(a, rounds, eps)

    def forward(self, streams, ids, run):
        """streams [B*S, n, d], ids [B*S]."""
        x, post, comb = self.pre(streams, "hc_attn", run.sinkhorn)
        y = self.attn(self.attn_norm(x).view(*run.shape, -1), run).flatten(0, 1)
        streams = hc_post(y, streams, post, comb)
        x, post, comb = self.pre(streams, "hc_ffn", run.sinkhorn)
        return hc_post(self.ffn(self.ffn_norm(x), ids), streams, post, comb)


class Mtp(Block):
    def __init__(self, c):
        super().__init__(c, 0, False)
        self.e_proj, self.h_proj = Linear(c.dim, c.dim), Linear(c.dim, c.dim)
        self.enorm, self.hnorm, self.norm = Norm(c.dim), Norm(c.dim), Norm(c.dim)
        head_parameters(self, c)


class Run:
    """What one call shares between layers: shape, rotary tables, masks."""

    def __init__(self, c, shape, positions=None, sinkhorn_rounds=None, kl_queries=None, window=None):
        S = shape[1]
        positions = torch.arange(S) if positions is None else positions
        self.positions = positions
        self.shape, self.sinkhorn, self.kl_queries = shape, sinkhorn_rounds or c.sinkhorn, kl_queries
        self.main_table = rotary_table(positions, frequencies(c, False))
        self.compress_table = rotary_table(positions, frequencies(c, True))
        back = torch.arange(S)[:, None] - torch.arange(S)
        self.window = window or c.window
        self.window_mask = (back >= 0) & (back < self.window)

    def entry_mask(self, ratio):
        S = self.shape[1]
        return torch.arange(S // ratio) < ((torch.arange(S) + 1) // ratio)[:, None]


class V4(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.embed = nn.Embedding(c.vocab, c.dim)
        nn.init.normal_(self.embed.weight, std=0.5)
        self.layers = nn.ModuleList(Block(c, r, i < c.hash_layers) for i, r in enumerate(c.ratios))
        head_parameters(self, c)
        self.norm = Norm(c.dim)
        self.head = Linear(c.dim, c.vocab)
        self.head.weight = nn.Parameter(self.embed.weight.detach() * 0.02)  # a copied embedding points at its own token from the start
        self.mtp = nn.ModuleList([Mtp(c)] if c.mtp else [])

    def blocks(self):
        return [*self.layers, *self.mtp]

    def collapse(self, streams, owner):
        m = stream_mixes(streams, owner.hc_head_fn, self.c.norm_eps)
        pre = torch.sigmoid(m * owner.hc_head_scale + owner.hc_head_base) + self.c.hc_eps
        return owner.norm(blend(streams, pre))

    def forward(self, ids, run):
        """ids [B, S] -> final streams [B*S, n, d]."""
        flat = ids.reshape(-1)
        streams = self.embed(flat)[:, None].expand(-1, self.c.hc, -1)
        for block in self.layers:
            streams = block(streams, flat, run)
        return streams

    def logits(self, streams):
        return self.head(self.collapse(streams, self))

    def draft_logits(self, streams, following, run):
        return self.read_draft(self.draft_streams(streams, following, run))

    def read_draft(self, streams):
        return self.head(self.collapse(streams, self.mtp[0]))

    def draft_streams(self, streams, following, run):
        """MTP: `following` [B, S] holds the token after each position."""
        m = self.mtp[0]
        flat = following.reshape(-1)
        e = m.e_proj(m.enorm(self.embed(flat)))
        return m(e[:, None] + m.h_proj(m.hnorm(streams)), flat, run)

    def index_loss(self):
        losses = [b.attn.kl for b in self.layers if b.attn.kl is not None]
        return sum(losses) / len(losses) if losses else torch.zeros(())

    def balance_loss(self):
        return sum(b.ffn.balance for b in self.blocks() if b.ffn.balance is not None)

    def set_sparse(self, on):
        for block in self.layers:
            block.attn.sparse = on
