#!/usr/bin/env python3
"""Tests of the training code: python3 -m unittest in this folder. Needs torch, numpy and tokenizers, no data."""
import hashlib
import pathlib
import random
import sys
import tempfile
import unittest

import numpy as np
import torch

import export
import quant
from gen import arithmetic, chat, declines, lists, render, retrieval, stories, structured
from train import Muon, orthogonalise
from v4 import V4, Config, Run

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden"
SMALL = dict(vocab=96, dim=64, heads=2, head_dim=32, q_lora=32, groups=2, o_lora=16, window=16, index_heads=32, index_dim=32, index_topk=8,
             experts=4, inter=32, ratios=(0, 4, 128, 4), hash_layers=1)


def model_with_lively_weights(**changes):
    torch.manual_seed(3)
    model = V4(Config(**{**SMALL, **changes}))
    with torch.no_grad():
        for name, p in model.named_parameters():
            if p.ndim == 1 or "ape" in name:
                p.add_(torch.randn_like(p) * 0.2)
        model.head.weight.mul_(20)
        for block in model.blocks():
            if block.ffn.hashed:
                block.ffn.gate.tid2eid.copy_(torch.stack([torch.randperm(4)[:2] for _ in range(96)]))
            else:
                block.ffn.gate.bias.normal_(0, 0.1)
            if block.attn.ratio == 4:
                block.attn.indexer.weights_proj.weight.mul_(10)
    return model.eval()


class Architecture(unittest.TestCase):
    def test_module_equals_oracle(self):
        sys.path.insert(0, str(GOLDEN))
        from v4_tiny_oracle import Oracle

        model = model_with_lively_weights()
        model.set_sparse(True)
        ids = np.random.default_rng(0).integers(0, 96, 300)
        oracle = Oracle(export.config_json(model.c), {n: v.numpy() for n, v in export.raw_tensors(model).items()})
        oracle.run(ids)
        t = torch.tensor(ids)[None]
        with torch.no_grad():
            run = Run(model.c, (1, 300))
            streams = model(t, run)
            logits = model.logits(streams).numpy()
            drafts = model.draft_logits(streams, torch.roll(t, -1, 1), run).numpy()
        self.assertGreater(oracle.pruned, 100)
        self.assertLess(np.abs(logits - oracle.logits).max(), 1e-3)
        self.assertLess(np.abs(drafts - oracle.mtp)[:-1].max(), 1e-3)

    def test_future_tokens_change_nothing(self):
        model = model_with_lively_weights()
        a = torch.randint(0, 96, (1, 200))
        b = torch.cat([a[:, :150], torch.randint(0, 96, (1, 50))], 1)
        with torch.no_grad():
            run = Run(model.c, (1, 200))
            x, y = model.logits(model(a, run)), model.logits(model(b, run))
        self.assertLess((x[:150] - y[:150]).abs().max().item(), 1e-4)


class Formats(unittest.TestCase):
    def test_fp4_grid_values_survive(self):
        values = torch.tensor([0, 0.5, -1, 1.5, -2, 3, 4, -6]).repeat(8).view(1, 64) * 0.25
        self.assertTrue(torch.equal(quant.fp4_value(values), values))

    def test_fp4_nibble_order_and_scale(self):
        w = torch.zeros(1, 32)
        w[0, 0], w[0, 1] = 6.0, -0.5
        packed, scale = quant.encode_fp4(w)
        self.assertEqual((packed[0, 0].item(), scale[0, 0].item()), (7 | (9 << 4), 127))

    def test_fp8_ragged_blocks(self):
        w = torch.randn(70, 200)
        q, scale = quant.encode_fp8(w)
        self.assertEqual((tuple(q.shape), tuple(scale.shape)), ((70, 200), (1, 2)))
        self.assertLess(((quant.decode_fp8(q, scale) - w).abs() / w.abs().clamp(min=0.05)).max().item(), 0.07)

    def test_rounded_value_is_stored_value(self):
        model = model_with_lively_weights()
        raw = export.raw_tensors(model)
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            export.write_weights(folder, export.stored(raw), 2)
            back = export.read_weights(folder)
        self.assertEqual(set(raw), set(back))
        for name, value in raw.items():
            kind = quant.stored_as(name)
            want = {"fp4": quant.fp4_value, "fp8": quant.fp8_value, "bf16": lambda t: t.to(torch.bfloat16).float()}.get(kind, lambda t: t)(value)
            self.assertTrue(torch.equal(back[name], want), name)


class Documents(unittest.TestCase):
    def test_chat_encoding_matches_known_hashes(self):
        def prompt(pieces):
            return "".join(t for t, _ in pieces)

        chat = prompt(render.conversation([("hi", "")])).removesuffix(render.EOS)
        self.assertEqual(hashlib.sha256(chat.encode()).hexdigest()[:16], "e5fb4d722e8d6624")
        turns = [("q", "x", "r")]
        self.assertEqual(hashlib.sha256(prompt(render.conversation(turns)).encode()).hexdigest()[:16], "b38dbd29a5dfe03c")

    def test_every_document_is_a_whole_conversation(self):
        filler = ["It was a dark night.", "Nobody came."]
        makers = [arithmetic.make, lists.make, structured.make, stories.make, chat.make, lambda r: retrieval.make(r, filler),
                  lambda r: declines.make(r, filler)]
        rng = random.Random(8)
        for make in makers:
            for _ in range(100):
                pieces = make(rng)
                self.assertTrue(pieces[0][0].startswith(render.BOS))
                self.assertTrue(pieces[-1][0].endswith(render.EOS) and pieces[-1][1])
                text = "".join(t for t, _ in pieces)
                self.assertEqual(text.count(render.USER), text.count(render.ASSISTANT))
                self.assertEqual(text.count(render.BOS), 1)

    def test_declined_tasks_are_not_answered(self):
        rng = random.Random(9)
        answers = {a for _ in range(300) for a in [declines.turn(rng, ["Nobody came."])[1]]}
        self.assertLessEqual(answers, {*declines.SUMS, *declines.TASKS, *declines.TEXTS})

    def test_working_leads_to_the_right_digits(self):
        rng = random.Random(5)
        for _ in range(300):
            a, b = rng.randrange(10000), rng.randrange(10000)
            for steps, result in ((arithmetic.add_steps(a, b), a + b), (arithmetic.subtract_steps(max(a, b), min(a, b)), abs(a - b))):
                digits = [line.split("write ")[1][0] for line in steps.splitlines()]
                self.assertEqual(int("".join(digits[::-1])), result)

    def test_sorting_answers_are_sorted(self):
        rng = random.Random(6)
        for _ in range(300):
            question, answer = lists.turn(rng)[:2]
            if question.startswith("Sort these numbers") and "largest" not in question:
                values = [int(v) for v in answer.split(", ")]
                self.assertEqual(values, sorted(values))

    def test_broken_json_is_broken(self):
        import json

        rng = random.Random(7)
        for _ in range(200):
            with self.assertRaises(ValueError):
                json.loads(structured.broken(rng, json.dumps(structured.record(rng))))


class Optimiser(unittest.TestCase):
    def test_orthogonalised_update_has_even_singular_values(self):
        s = torch.linalg.svdvals(orthogonalise(torch.randn(3, 64, 128)))
        self.assertTrue(((s > 0.5) & (s < 1.5)).all())

    def test_muon_lowers_a_quadratic(self):
        p = torch.nn.Parameter(torch.randn(8, 8))
        muon = Muon([p], decay=0.0)
        before = p.pow(2).sum().item()
        for _ in range(20):
            p.grad = 2 * p.detach()
            muon.step(0.05)
        self.assertLess(p.pow(2).sum().item(), before)


if __name__ == "__main__":
    unittest.main()
