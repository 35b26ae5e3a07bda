#!/usr/bin/env python3
"""Tests of the training code: python3 -m unittest in this folder. Needs torch, numpy and tokenizers, no data."""
import hashlib
import json
import pathlib
import random
import re
import sys
import tempfile
import unittest

import numpy as np
import torch
from tokenizers import Tokenizer

import export
import plans
import quant
import recall
from gen import arithmetic, chat, lexicon, lists, lookup, phrases, render, retrieval, stories, structured, units
from gen.coining import BEGINS, coined
from gen.world import World
from optim import Muon, orthogonalise
from train import PATIENCE, Trainer
from v4 import V4, Config, Run

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden"
NANO = GOLDEN.parent.parent / "resources" / "checkpoints" / "nano"
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


MAKERS = {"arithmetic": arithmetic.make, "lists": lists.make, "structured": structured.make, "stories": stories.make, "chat": chat.make,
          "lookup": lookup.make, "drill": lookup.make_drill, "retrieval": retrieval.make, "haystack": retrieval.make_long, "far": retrieval.make_far,
          "units": units.make}
FILLER = tuple(f"Sentence number {i} of the story." for i in range(40))


def world(seed, held=False):
    return World(seed, held, FILLER, [f"word{c}{d}" for c in "abcdefgh" for d in "abcdefgh"])


class Exported(unittest.TestCase):
    def test_model_comes_back(self):
        model = model_with_lively_weights()
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            export.write_weights(folder, export.stored(export.raw_tensors(model), bf16=True), 1)
            (folder / "config.json").write_text(json.dumps(export.config_json(model.c, bf16=True)))
            back = export.read_model(folder)
        self.assertEqual(back.c, model.c)
        for name, value in model.state_dict().items():
            self.assertTrue(torch.allclose(back.state_dict()[name].float(), value.float(), atol=0, rtol=0.01), name)


class Documents(unittest.TestCase):
    def test_chat_encoding_matches_known_hashes(self):
        def prompt(pieces):
            return "".join(t for t, _ in pieces)

        chat = prompt(render.conversation([("hi", "")])).removesuffix(render.EOS)
        self.assertEqual(hashlib.sha256(chat.encode()).hexdigest()[:16], "e5fb4d722e8d6624")
        turns = [("q", "x", "r")]
        self.assertEqual(hashlib.sha256(prompt(render.conversation(turns)).encode()).hexdigest()[:16], "b38dbd29a5dfe03c")

    def test_every_document_is_a_whole_conversation(self):
        for make in MAKERS.values():
            w = world(8)
            for _ in range(100):
                pieces = make(w)
                self.assertTrue(pieces[0][0].startswith(render.BOS))
                self.assertTrue(pieces[-1][0].endswith(render.EOS) and pieces[-1][1])
                text = "".join(t for t, _ in pieces)
                self.assertEqual(text.count(render.USER), text.count(render.ASSISTANT))
                self.assertEqual(text.count(render.BOS), 1)
                self.assertNotRegex(text, r"\{[a-z0-9]?\}")

    def test_every_skill_has_many_surface_forms(self):
        forms = {"sum": len({*phrases.ASK}) * len(arithmetic.SUM) * len({*phrases.MARK}),
                 "sort": len({*phrases.PLEASE}) * len(lists.SORT) * len({*phrases.END}),
                 "json": len({*phrases.PLEASE}) * len(structured.MAKE + structured.REPAIR) * len({*phrases.END}),
                 "units": len({*phrases.ASK}) * len(units.CONVERT) * len({*phrases.MARK}),
                 "look-up": len({*phrases.ASK}) * len(lookup.QUESTIONS) * len({*phrases.MARK}),
                 "stories": len({*phrases.PLEASE}) * len(stories.REQUESTS) * len({*phrases.END}),
                 "retrieval": len({*phrases.ASK}) * sum(len(f[1]) for f in retrieval.FACTS) * len({*phrases.MARK})}
        for name, count in forms.items():
            self.assertGreaterEqual(count, 200, name)

    def test_held_out_is_apart(self):
        train, held = world(1), world(1, held=True)
        pool = tuple(f"entity {i}" for i in range(100))
        self.assertFalse({train.pick(pool) for _ in range(2000)} & {held.pick(pool) for _ in range(2000)})
        parts = [[f"a{i} " for i in range(20)], [f"b{i}" for i in range(10)]]
        self.assertFalse({train.form(*parts).lower() for _ in range(2000)} & {held.form(*parts).lower() for _ in range(2000)})
        self.assertFalse({train.digits(2, 3) for _ in range(3000)} & {held.digits(2, 3) for _ in range(3000)})

    def test_copied_words_have_no_end_and_keep_apart(self):
        train, held = world(2), world(2, held=True)
        names = tuple(f"Name{i}" for i in range(100))
        drawn, asked = {train.copied(names) for _ in range(3000)}, {held.copied(names) for _ in range(3000)}
        self.assertGreater(len(drawn), 800)
        self.assertTrue(all(word[0].isupper() for word in drawn))
        self.assertTrue(asked <= set(names))
        self.assertFalse(drawn & asked)
        self.assertEqual(len(set(train.some_copied(names, 8))), 8)

    def test_coined_words_begin_with_every_token_and_are_never_held_out(self):
        tokenizer = Tokenizer.from_file(str(NANO / "tokenizer.json"))
        words = coined(tokenizer, "test", 20)
        starts = {e.tokens[0] for e in tokenizer.encode_batch([" " + word for word in words], add_special_tokens=False)}
        self.assertEqual(starts, {token for token in tokenizer.get_vocab() if BEGINS.fullmatch(token)})
        held = world(4, held=True)
        entities = {str(e) for pool in vars(lexicon).values() if isinstance(pool, list) and len(pool) >= 12 for e in held.half(pool)}
        self.assertGreater(len(entities), 30)
        self.assertFalse(entities & set(words))
        train, names = World(5, False, FILLER, ("stone",) * 12, words), tuple(f"Name{i}" for i in range(100))
        drawn = {train.copied(names) for _ in range(3000)}
        self.assertGreater(len(drawn & set(words)), 200)
        self.assertTrue(all(word[0].isupper() for word in drawn))

    def test_sorting_by_insertion_ends_in_the_answer(self):
        for seed in range(2):
            w = world(seed)
            for _ in range(200):
                question, answer, working = lists.sorting(w)
                lines = [line.split(", ") for line in working.splitlines()]
                self.assertEqual([len(line) for line in lines], list(range(1, len(lines) + 1)))
                self.assertEqual(", ".join(lines[-1]), answer, question)
                for before, after in zip(lines, lines[1:]):
                    added = list(after)
                    for thing in before:
                        added.remove(thing)
                    self.assertEqual(len(added), 1)

    def test_working_leads_to_the_right_digits(self):
        rng = random.Random(5)
        for _ in range(300):
            a, b, d = rng.randrange(100000), rng.randrange(10000), rng.randrange(2, 10)
            a, b = max(a, b), min(a, b)
            for steps, result in ((arithmetic.columns(a, b, "+"), a + b), (arithmetic.columns(a, b, "-"), a - b), (arithmetic.times(a, d), a * d)):
                carry, digits = steps.splitlines()[-1][1:].split(" ")
                self.assertEqual(int(carry + digits), result)

    def test_answers_are_right(self):
        w = world(6)
        for _ in range(400):
            question, answer, working = units.turn(w)
            number = re.search(r"(\d+) (\w+)", question)
            unit = next((u for u in units.UNITS if number and number[2] == u[0] and answer.endswith(" " + u[1])), None)
            if unit:
                self.assertEqual(answer, f"{int(number[1]) * unit[2]} {unit[1]}")
                last = working.splitlines()[-1]
                self.assertEqual(int(re.sub(r"\D", "", last)), int(number[1]) * unit[2], working)
        for _ in range(300):
            question, answer, _ = lists.turn(w)
            if question.lower().startswith("sort these numbers:"):
                self.assertEqual(answer.split(", "), sorted(answer.split(", "), key=int))

    def test_broken_json_is_broken(self):
        w = world(7)
        for _ in range(200):
            with self.assertRaises(ValueError):
                json.loads(structured.broken(w.rng, json.dumps(structured.record(w))))


class RecallRows(unittest.TestCase):
    def test_what_counts_is_determined_by_the_past(self):
        for level in range(len(recall.LEVELS)):
            rng = np.random.default_rng(level)
            for _ in range(30):
                ids, weight = recall.row(rng, 256, level, 4096)
                self.assertEqual((len(ids), len(weight)), (256, 256))
                self.assertTrue(0 < ids.min() and ids.max() < 4096)
                seen = set(ids[: np.argmax(weight > 0)].tolist())
                self.assertTrue((weight > 0).any())
                for token, w in zip(ids, weight):
                    self.assertTrue(w == 0 or int(token) in seen)
                    seen.add(int(token))


    def test_copied_tokens_were_seen_and_are_of_the_whole_vocabulary(self):
        rng, copied = np.random.default_rng(3), set()
        for _ in range(300):
            ids, weight = recall.copy_row(rng, 256)
            self.assertEqual((len(ids), len(weight)), (256, 256))
            seen = set()
            for token, w in zip(ids.tolist(), weight):
                self.assertTrue(w == 0 or token in seen)
                seen.add(token)
                if w:
                    copied.add(token)
        self.assertGreater(len(copied), 3000)


class Levels(unittest.TestCase):
    def test_up_when_learned_and_down_when_stuck(self):
        trainer = Trainer.__new__(Trainer)
        trainer.level, trainer.accuracy, trainer.learned, trainer.tokens, trainer.entered = 0, 0.0, False, 0, 0
        for _ in range(30):
            trainer.follow_recall(1.0)
        self.assertEqual(trainer.level, 1)
        trainer.tokens = PATIENCE * 2
        trainer.accuracy = 0.2
        trainer.follow_recall(0.1)
        self.assertEqual((trainer.level, trainer.learned), (0, False))
        while not trainer.learned:
            trainer.follow_recall(1.0)
        self.assertEqual(trainer.level, len(recall.LEVELS) - 1)


class Schedules(unittest.TestCase):
    def test_shares_are_shares(self):
        for name, plan in plans.PLANS.items():
            self.assertEqual([p.until for p in plan.phases], sorted(p.until for p in plan.phases), name)
            for mix in (p.mix for p in plan.phases):
                self.assertLessEqual(mix.recall + mix.copies + mix.echoes + mix.text, 1, name)
                for shares in (mix.skills, mix.prose, mix.echoed):
                    self.assertAlmostEqual(sum(shares.values()), 1, delta=0.11, msg=name)

    def test_rates_fall_where_the_plan_says_so(self):
        trainer = Trainer.__new__(Trainer)
        trainer.warm = 0
        for name, share, rate in (("dense", 0.9, 1.0), ("decay", 0.0, 1.0), ("decay", 0.5, 0.5), ("skills", 0.5, 1.0), ("skills", 0.875, 0.5)):
            trainer.plan, trainer.share, trainer.step = plans.PLANS[name], share, 1000
            self.assertAlmostEqual(trainer.rate(), rate, msg=name)
        trainer.step = 29
        self.assertAlmostEqual(trainer.rate(), 0.25)


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
