"""The training's fast path on a CPU: autograd functions over the kernels of fused_*.cpp and bfloat16 matrix products.

`library()` builds them once (g++ needed) into a cache folder. v4.py calls these functions where `v4.FAST` is set; the plain
PyTorch path beside them is the definition, and what evaluation and export use.
"""
import ctypes
import hashlib
import os
import pathlib
import subprocess
import tempfile

import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).resolve().parent
CHUNK = 128
SAME = 32  # rows of a product are filled up to multiples of this: the library prepares every new shape anew, which takes longer than it
_library = None


def library():
    global _library
    if _library is None:
        sources = [HERE / "fused_streams.cpp", HERE / "fused_attention.cpp"]
        folder = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "bathyscope-training"
        folder.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(b"".join(s.read_bytes() for s in sources)).hexdigest()
        built = folder / f"fused-{digest[:16]}.so"
        if not built.exists():
            with tempfile.NamedTemporaryFile(dir=folder, suffix=".so", delete=False) as f:
                fresh = pathlib.Path(f.name)
            subprocess.run(["g++", "-O3", "-march=native", "-ffast-math", "-shared", "-fPIC", "-o", fresh, *sources], check=True)
            fresh.rename(built)
        _library = ctypes.CDLL(built)
    return _library


def call(name, *values):
    """Tensors go as pointers (dense; None as null), ints as int64 unless wrapped, floats as float."""
    turned = []
    for v in values:
        if v is None:
            turned.append(ctypes.c_void_p(0))
        elif torch.is_tensor(v):
            assert v.is_contiguous(), name
            turned.append(ctypes.c_void_p(v.data_ptr()))
        elif isinstance(v, float):
            turned.append(ctypes.c_float(v))
        elif isinstance(v, int):
            turned.append(ctypes.c_int64(v))
        else:
            turned.append(v)
    getattr(library(), name)(*turned)


small = ctypes.c_int


class HcPre(torch.autograd.Function):
    """streams [T, 4, D] -> (normed input of the sub-layer [T, D], split [T, 24])."""

    @staticmethod
    def forward(ctx, streams, fn, scale, base, weight, rounds, eps, norm_eps):
        T, N, D = streams.shape
        raw = streams.view(T, -1) @ fn.t()
        inverse, inner, split, x = streams.new_empty(T), streams.new_empty(T), streams.new_empty(T, 24), streams.new_empty(T, D)
        call("hc_pre", T, D, streams, raw, scale, base, weight, small(rounds), eps, norm_eps, inverse, split, x, inner)
        ctx.save_for_backward(streams, fn, scale, base, weight, raw, inverse, split, inner)
        ctx.rounds, ctx.eps = rounds, eps
        return x, split

    @staticmethod
    def backward(ctx, dx, dsplit):
        streams, fn, scale, base, weight, raw, inverse, split, inner = ctx.saved_tensors
        T, N, D = streams.shape
        dstreams, draw = torch.empty_like(streams), torch.empty_like(raw)
        dscale, dbase, dweight = torch.zeros_like(scale), torch.zeros_like(base), torch.zeros_like(weight)
        call("hc_pre_back", T, D, streams, raw, scale, base, weight, small(ctx.rounds), ctx.eps, inverse, split, inner, dx.contiguous(),
             dsplit.contiguous(), dstreams, draw, dscale, dbase, dweight)
        dstreams.view(T, -1).addmm_(draw, fn)
        return dstreams, draw.t() @ streams.view(T, -1), dscale, dbase, dweight, None, None, None


class HcPost(torch.autograd.Function):
    @staticmethod
    def forward(ctx, y, streams, split):
        T, N, D = streams.shape
        y, out = y.contiguous(), torch.empty_like(streams)
        call("hc_post", T, D, y, streams, split, out)
        ctx.save_for_backward(y, streams, split)
        return out

    @staticmethod
    def backward(ctx, g):
        y, streams, split = ctx.saved_tensors
        dy, dstreams, dsplit = torch.empty_like(y), torch.empty_like(streams), torch.empty_like(split)
        call("hc_post_back", streams.shape[0], streams.shape[2], y, streams, split, g.contiguous(), dy, dstreams, dsplit)
        return dy, dstreams, dsplit


class Product(torch.autograd.Function):
    """x @ w.T with bfloat16 operands, float32 in and out."""

    @staticmethod
    def forward(ctx, x, w):
        flat, half = x.reshape(-1, x.shape[-1]).bfloat16(), w.bfloat16()
        ctx.save_for_backward(flat, half)
        ctx.shape = x.shape
        return (flat @ half.t()).float().view(*x.shape[:-1], -1)

    @staticmethod
    def backward(ctx, g):
        flat, half = ctx.saved_tensors
        g = g.reshape(-1, g.shape[-1]).bfloat16()
        dx = (g @ half).float().view(ctx.shape) if ctx.needs_input_grad[0] else None
        return dx, (g.t() @ flat).float()


class NormRotate(torch.autograd.Function):
    """x [B, S, heads * width] -> [B * S / C, heads, C, width]: normed (with an optional weight) and rotated."""

    @staticmethod
    def forward(ctx, x, weight, heads, table, chunk, eps):
        B, S, all_width = x.shape
        T, W, R = B * S, all_width // heads, 2 * table[0].shape[1]
        x, inverse = x.contiguous(), x.new_empty(T * heads)
        out = x.new_empty(T // chunk, heads, chunk, W)
        call("norm_rotate", T, S, chunk, heads, W, R, eps, x, weight, *table, inverse, out)
        ctx.save_for_backward(x, weight, inverse, *table)
        ctx.sizes = T, S, chunk, heads, W, R
        return out

    @staticmethod
    def backward(ctx, g):
        x, weight, inverse, *table = ctx.saved_tensors
        dx, dweight = torch.empty_like(x), None if weight is None else torch.zeros_like(weight)
        call("norm_rotate_back", *ctx.sizes, x, weight, *table, inverse, g.contiguous(), dx, dweight)
        return dx, dweight, None, None, None, None


class Unrotate(torch.autograd.Function):
    """[B * S / C, heads, C, width] -> [B, S, heads * width], rotated back by the token's position."""

    @staticmethod
    def forward(ctx, x, shape, table):
        n, heads, chunk, W = x.shape
        ctx.sizes, ctx.from_shape = (n * chunk, shape[1], chunk, heads, W, 2 * table[0].shape[1]), x.shape
        ctx.save_for_backward(*table)
        out = x.new_empty(*shape, heads * W)
        call("unrotate", *ctx.sizes, small(0), *table, x.contiguous(), out)
        return out

    @staticmethod
    def backward(ctx, g):
        out = g.new_empty(ctx.from_shape)
        call("unrotate", *ctx.sizes, small(1), *ctx.saved_tensors, g.contiguous(), out)
        return out, None, None


class Attend(torch.autograd.Function):
    """q [B * S / C, heads, C, W] over the window's keys [B, S, W], entries [B, E, W] where visible ([S, E] or [B, S, E]) and a sink;
    reach: tokens in the window.

    Values are the keys. Returns the output in q's shape and the entries' attention weights [B, S / C, heads, C, E] (bfloat16, no gradient).
    """

    @staticmethod
    def forward(ctx, q, keys, entries, sink, visible, reach):
        n, H, C, W = q.shape
        B, S, _ = keys.shape
        E, per_row, scale = entries.shape[1], S // C, W**-0.5
        half, entries = q.bfloat16().view(n, H * C, W), entries.bfloat16()
        kw = F.pad(keys.bfloat16(), (0, 0, C, 0)).unfold(1, 2 * C, C).transpose(2, 3).reshape(n, 2 * C, W)
        pw = half @ kw.transpose(1, 2)
        pe = (half.view(B, -1, W) @ entries.transpose(1, 2)).contiguous()
        gone = q.new_empty(n * H * C)
        call("attention_weights", n, per_row, H, C, E, reach, scale, sink.detach(), visible.contiguous().view(torch.uint8), small(visible.dim() == 3), pw, pe,
             gone)
        out = pw @ kw
        if E:
            out = out.view(B, -1, W).baddbmm_(pe, entries).view(n, H * C, W)
        ctx.save_for_backward(half, kw, entries, pw, pe, gone)
        ctx.sizes = n, H, C, E, scale
        weights = pe.view(B, per_row, H, C, E)
        ctx.mark_non_differentiable(weights)
        return out.float().view(q.shape), weights

    @staticmethod
    def backward(ctx, g, _):
        half, kw, entries, pw, pe, gone = ctx.saved_tensors
        n, H, C, E, scale = ctx.sizes
        B, W = entries.shape[0], half.shape[2]
        g = g.reshape(n, H * C, W).bfloat16()
        dw = g @ kw.transpose(1, 2)
        de = (g.view(B, -1, W) @ entries.transpose(1, 2)).contiguous()
        dk = torch.bmm(pw.transpose(1, 2), g)
        dsink = torch.zeros(H)
        dentries = torch.bmm(pe.transpose(1, 2), g.view(B, -1, W)) if E else torch.zeros_like(entries)
        call("attention_weights_back", n, H, C, E, scale, pw, pe, gone, dw, de, dsink)
        dq = dw @ kw
        dk.baddbmm_(dw.transpose(1, 2), half)
        if E:
            dq = dq.view(B, -1, W).baddbmm_(de, entries).view(n, H * C, W)
            dentries.baddbmm_(de.transpose(1, 2), half.view(B, -1, W))
        dk = dk.float().view(B, n // B, 2, C, W)
        dkeys = dk[:, :, 1].clone()
        dkeys[:, :-1] += dk[:, 1:, 0]
        return dq.float().view(n, H, C, W), dkeys.view(B, -1, W), dentries.float(), dsink, None, None


class Experts(torch.autograd.Function):
    """x [T, D], weights w [T, k] of the chosen experts [T, k], stacked w13 [E, 2I, D] and w2 [E, D, I] -> [T, D]."""

    @staticmethod
    def forward(ctx, x, w, chosen, counts, w13, w2, limit):
        flat = chosen.reshape(-1)
        order = flat.argsort()
        token, share = order // chosen.shape[1], w.reshape(-1)[order]
        spans, shift, rows = [], [], 0
        for e, count in enumerate(counts):
            spans.append((e, rows, rows + -(-count // SAME) * SAME))
            shift.append(rows - sum(counts[:e]))
            rows = spans[-1][2]
        spans = [s for s in spans if s[1] < s[2]]
        at = torch.arange(len(flat)) + torch.tensor(shift)[flat[order]]
        w13, w2 = w13.bfloat16(), w2.bfloat16()
        xs = w13.new_zeros(rows, x.shape[1])
        xs[at] = x.bfloat16()[token]
        ab, out = xs.new_empty(rows, w13.shape[1]), torch.empty_like(xs)
        for e, a, b in spans:
            torch.mm(xs[a:b], w13[e].t(), out=ab[a:b])
        ab = ab.float()
        h = ab.new_empty(rows, w2.shape[2])
        call("act", rows, h.shape[1], limit, ab, h)
        h = h.bfloat16()
        for e, a, b in spans:
            torch.mm(h[a:b], w2[e].t(), out=out[a:b])
        out = out[at].float()
        ctx.save_for_backward(xs, ab, h, out, token, order, at, share, w13, w2)
        ctx.spans, ctx.limit, ctx.shapes = spans, limit, (x.shape, w.shape)
        return torch.zeros_like(x).index_add_(0, token, out * share[:, None])

    @staticmethod
    def backward(ctx, g):
        xs, ab, h, out, token, order, at, share, w13, w2 = ctx.saved_tensors
        g = g[token]
        dw = torch.empty(order.shape).index_copy_(0, order, (g * out).sum(1)).view(ctx.shapes[1])
        gs = torch.zeros_like(xs)
        gs[at] = (g * share[:, None]).bfloat16()
        dh, dxs = torch.empty_like(h), torch.empty_like(xs)
        dw13, dw2 = torch.zeros_like(w13), torch.zeros_like(w2)
        for e, a, b in ctx.spans:
            torch.mm(gs[a:b], w2[e], out=dh[a:b])
            torch.mm(gs[a:b].t(), h[a:b], out=dw2[e])
        dh, dab = dh.float(), torch.empty_like(ab)
        call("act_back", len(xs), h.shape[1], ctx.limit, ab, dh, dab)
        dab = dab.bfloat16()
        for e, a, b in ctx.spans:
            torch.mm(dab[a:b], w13[e], out=dxs[a:b])
            torch.mm(dab[a:b].t(), xs[a:b], out=dw13[e])
        dx = torch.zeros(ctx.shapes[0]).index_add_(0, token, dxs[at].float())
        return dx, dw, None, None, dw13.float(), dw2.float(), None


class Act(torch.autograd.Function):
    """The gated activation of ab [T, 2I]."""

    @staticmethod
    def forward(ctx, ab, limit):
        ab = ab.contiguous()
        h = ab.new_empty(ab.shape[0], ab.shape[1] // 2)
        call("act", *h.shape, limit, ab, h)
        ctx.save_for_backward(ab)
        ctx.limit = limit
        return h

    @staticmethod
    def backward(ctx, g):
        dab = torch.empty_like(ctx.saved_tensors[0])
        call("act_back", *g.shape, ctx.limit, ctx.saved_tensors[0], g.contiguous(), dab)
        return dab, None
