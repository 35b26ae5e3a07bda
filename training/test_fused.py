#!/usr/bin/env python3
"""The fast path of fused.py against the plain PyTorch of v4.py: values and gradients. Needs g++."""
import unittest

import torch
import torch.nn.functional as F

import fused
import v4
from v4 import Config, Run


def gradients(f, *inputs):
    """Output and gradients of f for a fixed random weighting of its outputs."""
    leaves = [x.detach().clone().requires_grad_(True) for x in inputs]
    out = f(*leaves)
    out = out if isinstance(out, tuple) else (out,)
    torch.manual_seed(1)
    sum((o * torch.randn_like(o)).sum() for o in out).backward()
    return [*(o.detach() for o in out), *(x.grad for x in leaves)]


class Fused(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)
        torch.set_num_threads(1)

    def tearDown(self):
        v4.FAST = False

    def same(self, plain, fast, inputs, within):
        for i, (a, b) in enumerate(zip(gradients(plain, *inputs), gradients(fast, *inputs))):
            self.assertLess(((a - b).norm() / (a.norm() + 1e-9)).item(), within, f"output or gradient {i}")

    def test_reading_the_streams(self):
        for T, rounds in ((37, 20), (16, 1), (5, 8)):
            inputs = [torch.randn(T, 4, 32), torch.randn(24, 128) * 0.2, torch.rand(3), torch.randn(24), torch.rand(32) + 0.5]

            def plain(streams, fn, scale, base, weight):
                m = v4.stream_mixes(streams, fn, 1e-6)
                pre, post = torch.sigmoid(m[:, :4] * scale[0] + base[:4]) + 1e-6, 2 * torch.sigmoid(m[:, 4:8] * scale[1] + base[4:8])
                comb = v4.sinkhorn((m[:, 8:] * scale[2] + base[8:]).t().reshape(4, 4, -1), rounds, 1e-6)
                return v4.rms(v4.blend(streams, pre), weight), torch.cat([post, comb.flatten(0, 1).t()], 1)

            def fast(*values):
                x, split = fused.HcPre.apply(*values, rounds, 1e-6, 1e-6)
                return x, split[:, 4:]

            self.same(plain, fast, inputs, 1e-4)

    def test_writing_the_streams(self):
        split = torch.rand(21, 24)
        plain = lambda y, s, p: v4.hc_post(y, s, p[:, 4:8], p[:, 8:].t().reshape(4, 4, -1))
        self.same(plain, lambda y, s, p: fused.HcPost.apply(y, s, p), [torch.randn(21, 32), torch.randn(21, 4, 32), split], 1e-5)

    def test_activation(self):
        def plain(ab):
            a, b = ab.chunk(2, -1)
            return F.silu(a.clamp(max=1.0)) * b.clamp(-1.0, 1.0)

        self.same(plain, lambda ab: fused.Act.apply(ab, 1.0), [torch.randn(9, 24)], 1e-5)

    def test_norm_and_rotation(self):
        table = v4.rotary_table(torch.arange(8) * 3, v4.frequencies(Config(rope=8), True))
        x, weight = torch.randn(2, 8, 3 * 16), torch.rand(16) + 0.5

        def plain(x, w):
            return v4.rotate(v4.rms(x.unflatten(-1, (3, 16)).transpose(1, 2), w), table)

        self.same(plain, lambda x, w: fused.NormRotate.apply(x, w, 3, table, 8, 1e-6), [x, weight], 1e-5)
        self.same(plain, lambda x, w: fused.NormRotate.apply(x, w, 3, table, 4, 1e-6).unflatten(0, (2, 2)).transpose(1, 2).flatten(2, 3),
                  [x, weight], 1e-5)
        back = lambda x: v4.rotate(x, table, inverse=True).transpose(1, 2).flatten(2)
        self.same(back, lambda x: fused.Unrotate.apply(x, (2, 8), table), [torch.randn(2, 3, 8, 16)], 1e-5)

    def test_attention(self):
        c = Config(heads=2, head_dim=16, rope=8)
        B, S, E = 2, 384, 96
        attention = v4.Attention(c, 4)
        may = Run(c, (B, S)).entry_mask(4)
        per_row = torch.rand(B, S, E) < 0.5
        for visible, reach in ((may, 128), (may & per_row, 128), (may, 32), (torch.ones(S, 0, dtype=torch.bool), 128)):
            E, run = visible.shape[-1], Run(c, (B, S), window=reach)

            def plain(q, keys, entries, sink):
                attention.attn_sink.data = sink.detach()
                mask = torch.cat([run.window_mask.expand(*visible.shape[:-2], -1, -1), visible], -1)
                mask = mask[None, None] if mask.dim() == 2 else mask[:, None]
                k = torch.cat([keys, entries], 1)
                logits = (q @ k[:, None].transpose(2, 3) * 0.25).masked_fill(~mask, -1e30)
                p = torch.cat([logits, sink.view(1, -1, 1, 1).expand(B, 2, S, 1)], -1).softmax(-1)[..., :-1]
                out = p @ k[:, None]
                with torch.no_grad():  # the plain path of the model adds the sink as a key; both ways must agree
                    self.assertLess((out - attention.core(q, k, mask[0, 0] if mask.shape[0] == 1 else mask[:, 0])).abs().max().item(), 1e-4)
                return out

            def fast(q, keys, entries, sink):
                chunks = q.unflatten(2, (3, 128)).transpose(1, 2).flatten(0, 1)
                out, _ = fused.Attend.apply(chunks, keys, entries, sink, visible, reach)
                return out.unflatten(0, (B, 3)).transpose(1, 2).flatten(2, 3)

            inputs = [torch.randn(B, 2, S, 16) * 2, torch.randn(B, S, 16), torch.randn(B, E, 16), torch.randn(2)]
            self.same(plain, fast, inputs if E else inputs, 0.02)

    def test_experts(self):
        c = Config(dim=32, experts=4, inter=32)
        moe = v4.MoE(c, True)
        moe.gate.tid2eid.copy_(torch.randint(0, 4, (c.vocab, 2)))
        moe.gate.tid2eid[:, 1] = (moe.gate.tid2eid[:, 0] + 1) % 3
        ids = torch.randint(0, 50, (70,))

        def run(fast):
            def f(x, w1, w3, w2):
                v4.FAST = fast
                chosen = moe.gate.tid2eid[ids]
                score = F.softplus(F.linear(x, moe.gate.weight)).sqrt().gather(1, chosen)
                if fast:
                    return fused.Experts.apply(x, score, chosen, torch.bincount(chosen.flatten(), minlength=4).tolist(), torch.cat([w1, w3], 1), w2, 10.0)
                one = lambda e: F.silu((x @ w1[e].t()).clamp(max=10)) * (x @ w3[e].t()).clamp(-10, 10) @ w2[e].t()
                every = torch.stack([one(e) for e in range(4)], 1)
                return (every.gather(1, chosen[..., None].expand(-1, -1, 32)) * score[..., None]).sum(1)

            return f

        self.same(run(False), run(True), [torch.randn(70, 32), moe.w1.data, moe.w3.data, moe.w2.data], 0.02)

    def test_whole_model(self):
        """Dense experts' choices may flip under rounding, so the model here sends every token to all experts."""
        c = Config(vocab=64, dim=64, experts=2, picks=2, inter=32, hash_layers=1, ratios=(0, 4, 128), heads=2, head_dim=32, q_lora=32,
                   o_lora=16, index_dim=32)
        model = v4.V4(c)
        model.layers[0].ffn.gate.tid2eid.copy_(torch.tensor([0, 1]))
        ids = torch.randint(0, 64, (2, 257))
        out = []
        for v4.FAST in (False, True):
            for p in model.parameters():
                p.grad = None
            run = Run(c, (2, 256), kl_queries=torch.arange(60, 256))
            loss = F.cross_entropy(model.logits(model(ids[:, :256], run)), ids[:, 1:].flatten()) + model.index_loss()
            loss.backward()
            out.append((loss.item(), {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}))
        self.assertAlmostEqual(out[0][0], out[1][0], places=2)
        self.assertEqual(set(out[0][1]), set(out[1][1]))
        for name, g in out[0][1].items():
            if g.ndim > 1:
                self.assertLess(((g - out[1][1][name]).norm() / (g.norm() + 1e-6)).item(), 0.08, name)


if __name__ == "__main__":
    unittest.main()
