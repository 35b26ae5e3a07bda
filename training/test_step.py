#!/usr/bin/env python3
"""The step in C++ against the plain PyTorch of v4.py: losses and every gradient. Needs g++."""
import unittest

import torch
import torch.nn.functional as F

import optim
import quant
import step
import v4
from v4 import Config, Run

SMALL = dict(vocab=64, dim=64, experts=4, picks=2, inter=32, hash_layers=1, ratios=(0, 4, 128, 4), heads=2, head_dim=32, rope=8, q_lora=32,
             o_lora=16, index_dim=32, index_heads=4, index_topk=16)


def example(**sizes):
    torch.manual_seed(0)
    model = v4.V4(Config(**{**SMALL, **sizes}))
    for p in model.parameters():
        p.data += 0.05 * torch.randn_like(p)
    gate = model.layers[0].ffn.gate
    n = model.c.experts
    gate.tid2eid.copy_(torch.stack([torch.arange(64) % n, (torch.arange(64) + 1) % n], 1))
    for block in model.blocks()[1:]:
        block.ffn.gate.bias += 0.1 * torch.randn(n)
    for block in model.layers:
        block.attn.eval()  # so that equal scores of the indexer are broken towards the earlier entry
    return model


def plain(model, ids, counted, draft_counted, positions, length, draft_rows, reach, rounds, sparse, asked):
    """Losses and gradients by PyTorch."""
    model.set_sparse(sparse)
    run = Run(model.c, (len(ids), length), positions, rounds, asked if len(asked) else None, reach)
    streams = model(ids[:, :length], run)
    loss = F.cross_entropy(model.logits(streams[counted]), ids[:, 1 : length + 1].flatten()[counted])
    sub = Run(model.c, (draft_rows, length), positions, rounds, window=reach)
    draft = model.draft_streams(streams[: draft_rows * length], ids[:draft_rows, 1 : length + 1], sub)
    mtp = F.cross_entropy(model.read_draft(draft[draft_counted]), ids[:draft_rows, 2:].flatten()[draft_counted])
    index = model.index_loss()
    (loss + 0.2 * mtp + index + 1e-3 * model.balance_loss()).backward()
    return [loss.item(), mtp.item(), index.item()], {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}


class Gradients(unittest.TestCase):
    def compare(self, full_precision, within, length=256, reach=128, sparse=False, asked=(), rounds=20, **sizes):
        model = example(**sizes)
        torch.manual_seed(1)
        ids = torch.randint(0, 64, (2, length + 2))
        counted, draft_counted = torch.randperm(2 * length)[:170], torch.randperm(length)[:64]
        positions = torch.arange(length) + 128 * (torch.arange(length) >= 128)
        asked = torch.tensor(asked, dtype=torch.long)
        losses, expected = plain(model, ids, counted, draft_counted, positions, length, 1, reach, rounds, sparse, asked)
        for p in model.parameters():
            p.grad = None
        flat, lib = step.Flat(model), step.library(model.c, full_precision)
        flat.publish(lib, False)
        one = step.Step(flat, lib, torch.zeros_like(flat.values), torch.zeros(len(model.blocks()), model.c.experts))
        got = one.run(ids, counted, torch.tensor([True, False]), positions, length=length, draft_rows=1, draft_counted=draft_counted, reach=reach,
                      rounds=rounds, sparse=sparse, asked=asked, share=1.0)
        flat.use_gradients(one.gradients)
        for a, b in zip(losses, got):
            self.assertAlmostEqual(a, b, delta=within * max(1, abs(a)))
        for name, p in model.named_parameters():
            if name in expected and not full_precision and p.ndim < 2:
                continue  # sums of many terms that nearly cancel
            if name in expected:
                a, b = expected[name], p.grad
                self.assertLess(((a - b).norm() / (a.norm() + 1e-7)).item(), within, name)
            else:
                self.assertEqual(p.grad.abs().max().item(), 0, name)
        self.assertEqual(one.loads.sum().item(), 2 * (4 * 2 * length + length))

    def test_dense(self):
        self.compare(True, 5e-4)

    def test_narrow_window_and_few_rounds(self):
        self.compare(True, 5e-4, reach=16, rounds=8)

    def test_indexer(self):
        self.compare(True, 5e-4, asked=range(0, 256, 3))

    def test_choice(self):
        self.compare(True, 5e-4, length=384, sparse=True, asked=range(1, 384, 4))

    def test_halves(self):
        """Choices may flip under rounding, so here every token goes to all experts."""
        self.compare(False, 0.08, asked=range(60, 256), experts=2, hash_layers=1)


class Muon(unittest.TestCase):
    def test_updates(self):
        torch.manual_seed(0)
        lib = step.library(Config(**SMALL), True)
        for shape in ((3, 32, 64), (64, 32), (64, 64)):
            start, sides = torch.randn(shape), []
            for kernels in (None, lib):
                p = torch.nn.Parameter(start.clone())
                muon = optim.Muon([p], kernels)
                for seed in (1, 2):
                    torch.manual_seed(seed)
                    p.grad = torch.randn(shape)
                    muon.step(0.02)
                sides.append(p.data - start)
            self.assertLess(((sides[0] - sides[1]).norm() / sides[0].norm()).item(), 0.05)  # PyTorch's rounds to bfloat16 at every turn


class Rounding(unittest.TestCase):
    def test_stored_formats(self):
        torch.manual_seed(0)
        model = example()
        flat, lib = step.Flat(model), step.library(model.c, True)
        for p in model.parameters():
            p.data.mul_(torch.exp(3 * torch.randn(())))
        model.layers[1].ffn.w1.data[0, 0, :32] = 0
        model.layers[1].ffn.w1.data[0, 1, :8] = torch.tensor([6.0, 0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5.0])
        flat.publish(lib, True)
        for name, p in model.named_parameters():
            form = quant.stored_as(name.replace("ffn.w", "ffn.experts.w"))
            expected = quant.fp4_value(p.data) if form == "fp4" else quant.fp8_value(p.data) if form == "fp8" else p.data
            self.assertTrue(torch.equal(flat.view(flat.read, name, p), expected), name)


if __name__ == "__main__":
    unittest.main()
