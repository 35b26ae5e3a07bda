#!/usr/bin/env python3
"""Trains the small checkpoint on the CPU, in phases, for a given number of minutes; resumes from its own state file.

usage: train.py --data data --run runs/nano --minutes 60 [--threads 1] [--plan skills|short] [--stop-at HH:MM]

Phases by share of the planned time (PLANS): short contexts with dense compressed attention, then longer ones with real top-k and
position jumps, then with weights rounded to their stored formats while the learning rate falls to zero. A step that follows a pause
goes on where the state file stands; Ctrl-C, a TERM signal or --stop-at saves and leaves.
"""
import argparse
import json
import pathlib
import random
import signal
import time
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

import quant
import v4
from v4 import V4, Config, Run

TOKENS_PER_STEP = 2048


@dataclass
class Phase:
    until: float  # share of the planned time
    context: int
    sparse: bool
    rounded: bool
    jumps: float  # share of the batches with position jumps
    prose: float  # share of rows of plain text
    echoes: float  # share of rows that repeat one random segment: copying is learned from them first
    skills: dict  # shares of the generated sources


SKILLS = {"chat": 0.12, "arithmetic": 0.18, "lists": 0.20, "structured": 0.12, "stories": 0.06, "retrieval": 0.28, "facts": 0.04}
LONG_SKILLS = {**SKILLS, "haystack": 0.10}
# For a training too short for the skills: what a newcomer sees first, and declining the rest instead of answering wrongly.
MODEST = {"chat": 0.45, "declines": 0.27, "stories": 0.28}
PROSE = {"books": 0.55, "expository": 0.35, "pages": 0.10}
PLANS = {
    "skills": [Phase(0.55, 256, False, False, 0.0, 0.15, 0.20, SKILLS), Phase(0.75, 384, True, False, 0.3, 0.20, 0.05, LONG_SKILLS),
               Phase(1.01, 384, True, True, 0.3, 0.20, 0.02, LONG_SKILLS)],
    "short": [Phase(0.82, 256, False, False, 0.0, 0.20, 0.15, SKILLS), Phase(1.01, 256, True, True, 0.2, 0.15, 0.0, MODEST)],
}
QUESTION_WEIGHT = 0.12  # loss weight of what is asked, against 1 for what is answered


class Source:
    def __init__(self, folder, name):
        load = lambda part: np.load(folder / f"{name}.{part}.npy", mmap_mode="r")
        self.ids, self.learned, self.starts = load("ids"), load("learned"), np.array(load("starts"))

    def document(self, rng):
        i = rng.randrange(len(self.starts))
        end = self.starts[i + 1] if i + 1 < len(self.starts) else len(self.ids)
        return slice(self.starts[i], end)

    def window(self, rng, length):
        at = rng.randrange(len(self.ids) - length)
        return slice(at, at + length)


class Batches:
    def __init__(self, folder, seed):
        self.sources = {n: Source(folder, n) for n in [*PROSE, *LONG_SKILLS, *MODEST]}
        self.rng = random.Random(seed)

    def pick(self, shares):
        return self.sources[self.rng.choices(list(shares), shares.values())[0]]

    def echo(self, length):
        """A random segment over and over: tokens from all over the vocabulary, or a piece of prose; only the copies count."""
        size = self.rng.randrange(8, 72)
        if self.rng.random() < 0.5:
            segment = np.array([self.rng.randrange(3, 4032) for _ in range(size)])
        else:
            source = self.pick(PROSE)
            segment = source.ids[source.window(self.rng, size)]
        ids = np.tile(segment, length // size + 1)[:length]
        return ids, (np.arange(length) >= size) * 0.6

    def row(self, length, phase):
        kind = self.rng.random()
        if kind < phase.echoes:
            return self.echo(length)
        if kind < phase.echoes + phase.prose:
            source = self.pick(PROSE)
            part = source.window(self.rng, length)
            return source.ids[part], np.ones(length)
        ids, weight, count = [], [], 0
        while count < length:
            source = self.pick(phase.skills)
            part = source.document(self.rng)
            if count and part.stop - part.start > 1.2 * (length - count) and length - count > 60:
                continue
            ids.append(source.ids[part])
            weight.append(QUESTION_WEIGHT + (1 - QUESTION_WEIGHT) * source.learned[part])
            count += part.stop - part.start
        return np.concatenate(ids)[:length], np.concatenate(weight)[:length]

    def next(self, rows, phase):
        """ids [rows, context + 2] and loss weights of the same shape."""
        made = [self.row(phase.context + 2, phase) for _ in range(rows)]
        return (torch.from_numpy(np.stack([r[0] for r in made]).astype(np.int64)),
                torch.from_numpy(np.stack([r[1] for r in made])).float())

    def positions(self, context, share):
        """Positions with two jumps by multiples of 128 in some batches, so that large distances occur in short contexts."""
        p = torch.arange(context)
        if self.rng.random() < share:
            reach = 128 * self.rng.choice([4, 16, 64, 512])
            for cut in self.rng.sample(range(1, context // 128), min(2, context // 128 - 1)):
                p[cut * 128 :] += self.rng.randrange(0, reach) // 128 * 128
        return p


def hash_tables(model, data):
    """tid2eid: every token gets the experts that carry least so far, frequent tokens first, so that the load is even."""
    c = model.c
    counts = np.ones(c.vocab)
    for source in data.sources.values():
        counts += np.bincount(source.ids[: 300_000], minlength=c.vocab)
    for layer, block in enumerate(b for b in model.layers if b.ffn.hashed):
        rng = np.random.default_rng(layer)
        load, table = np.zeros(c.experts), np.zeros((c.vocab, c.picks), np.int64)
        for token in np.argsort(-counts, kind="stable"):
            table[token] = np.lexsort((rng.random(c.experts), load))[: c.picks]
            load[table[token]] += counts[token]
        block.ffn.gate.tid2eid.copy_(torch.from_numpy(table))


def orthogonalise(g, rounds=5):
    """Newton-Schulz iteration of Muon on a stack of matrices."""
    tall = g.shape[-2] > g.shape[-1]
    x = g.transpose(-1, -2) if tall else g
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(rounds):
        a = x @ x.transpose(-1, -2)
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return x.transpose(-1, -2) if tall else x


class Muon:
    """Momentum, Nesterov, orthogonalised updates; matrices of one shape go through the iteration together."""

    def __init__(self, parameters, momentum=0.95, decay=0.05):
        self.groups, self.momentum, self.decay = {}, momentum, decay
        for p in parameters:
            self.groups.setdefault(tuple(p.shape[-2:]), []).append(p)
        self.buffers = {id(p): torch.zeros_like(p) for g in self.groups.values() for p in g}

    @torch.no_grad()
    def step(self, rate):
        for shape, group in self.groups.items():
            live = [p for p in group if p.grad is not None]
            if not live:
                continue
            updates = []
            for p in live:
                b = self.buffers[id(p)].mul_(self.momentum).add_(p.grad)
                updates.append((p.grad + self.momentum * b).reshape(-1, *shape))
            u = orthogonalise(torch.cat(updates)) * (0.18 * max(shape) ** 0.5)
            for p, part in zip(live, u.split([x.shape[0] for x in updates])):
                p.mul_(1 - rate * self.decay).add_(part.view_as(p), alpha=-rate)

    def state(self):
        return [self.buffers[id(p)] for g in self.groups.values() for p in g]

    def restore(self, saved):
        for mine, theirs in zip(self.state(), saved):
            mine.copy_(theirs)


class Trainer:
    def __init__(self, args):
        self.args = args
        torch.manual_seed(args.seed)
        self.config = Config()
        self.model = V4(self.config)
        self.data = Batches(args.data, args.seed)
        hash_tables(self.model, self.data)
        adam_only = ("embed", "head", "ape", "_fn", "gate.weight", "weights_proj")
        named = list(self.model.named_parameters())
        self.muon = Muon([p for n, p in named if p.ndim >= 2 and not any(k in n.replace("wgate", "") for k in adam_only)])
        rest = [(n, p) for n, p in named if p.ndim < 2 or any(k in n.replace("wgate", "") for k in adam_only)]
        self.adam = torch.optim.AdamW([{"params": [p], "scale": 2.0 if "embed" in n else 0.4 if p.ndim < 2 else 1.0} for n, p in rest],
                                      lr=3e-3, betas=(0.9, 0.95), eps=1e-12, weight_decay=0.0)
        self.step, self.seconds, self.tokens, self.curve, self.leave = 0, 0.0, 0, [], False
        self.state_file = args.run / "state.pt"
        if self.state_file.exists():
            self.restore()

    def save(self):
        state = dict(model=self.model.state_dict(), adam=self.adam.state_dict(), muon=self.muon.state(), step=self.step,
                     seconds=self.seconds, tokens=self.tokens, curve=self.curve, rng=self.data.rng.getstate())
        torch.save(state, self.state_file.with_suffix(".new"))
        self.state_file.with_suffix(".new").rename(self.state_file)

    def restore(self):
        state = torch.load(self.state_file, weights_only=False)
        self.model.load_state_dict(state["model"])
        self.adam.load_state_dict(state["adam"])
        self.muon.restore(state["muon"])
        self.step, self.seconds, self.tokens, self.curve = (state[k] for k in ("step", "seconds", "tokens", "curve"))
        self.data.rng.setstate(state["rng"])

    def rate(self, share):
        """Warm-up, plateau, linear fall over the last fifth."""
        return min(1.0, (self.step + 1) / 60) * max(0.02, min(1.0, (1 - share) / 0.2))

    def losses(self, phase, share):
        S = phase.context
        rows = TOKENS_PER_STEP // S
        ids, weight = self.data.next(rows, phase)
        kl = torch.randperm(S)[: S // 4] if share > 0.05 and self.step % 4 == 0 else None
        run = Run(self.config, (rows, S), self.data.positions(S, phase.jumps), None if phase.rounded else 8, kl)
        streams = self.model(ids[:, :S], run)
        counted = torch.rand(rows, S) < weight[:, 1 : S + 1]  # sampling in place of weighting spares the head of the rest
        loss = F.cross_entropy(self.model.logits(streams[counted.flatten()]), ids[:, 1 : S + 1][counted])
        part = max(1, rows // 8)
        sub = Run(self.config, (part, S), run.positions, run.sinkhorn)
        draft = self.model.draft_logits(streams[: part * S], ids[:part, 1 : S + 1], sub)
        mtp = F.cross_entropy(draft[counted[:part].flatten()], ids[:part, 2:][counted[:part]])
        index = self.model.index_loss()
        return loss, mtp, index, loss + 0.2 * mtp + index + 1e-3 * self.model.balance_loss()

    def train_step(self, share):
        phase = next(p for p in PLANS[self.args.plan] if share < p.until)
        self.model.set_sparse(phase.sparse)
        quant.train_rounded(self.model, phase.rounded)
        loss, mtp, index, total = self.losses(phase, share)
        self.adam.zero_grad(set_to_none=True)
        for p in self.model.parameters():
            p.grad = None
        total.backward()
        rate = self.rate(share)
        torch.nn.utils.clip_grad_norm_([p for g in self.adam.param_groups for p in g["params"]], 1.0)
        for g in self.adam.param_groups:
            g["lr"] = 3e-3 * g["scale"] * rate
        self.adam.step()
        self.muon.step(self.args.muon_rate * rate)
        loads = [b.ffn.rebalance(0.01 if share < 0.3 else 0.001) for b in self.model.blocks()]
        self.step += 1
        self.tokens += phase.context * (TOKENS_PER_STEP // phase.context)
        return loss.item(), mtp.item(), index.item(), max(float(x.max() / x.mean()) for x in loads[self.config.hash_layers :])

    def loop(self):
        end, mark, last_save = self.args.minutes * 60, time.time(), time.time()
        mean = None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: setattr(self, "leave", True))
        while not self.leave and self.seconds < end and not (self.args.stop_at and time.strftime("%H:%M") >= self.args.stop_at):
            values = np.array(self.train_step(self.seconds / end))
            assert np.isfinite(values[0]), "the loss is not a number"
            mean = values if mean is None else 0.95 * mean + 0.05 * values
            self.seconds, mark = self.seconds + time.time() - mark, time.time()
            if self.step % 20 == 0:
                self.curve.append([self.step, self.tokens, round(self.seconds), *(round(float(v), 4) for v in mean)])
                print(f"step {self.step} tokens {self.tokens} min {self.seconds / 60:.1f} loss {mean[0]:.3f} mtp {mean[1]:.3f} "
                      f"index {mean[2]:.3f} load {mean[3]:.2f} rate {self.tokens / self.seconds:.0f}/s", flush=True)
            if time.time() - last_save > 120:
                self.save()
                last_save = time.time()
        self.save()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default="data")
    parser.add_argument("--run", type=pathlib.Path, default="runs/nano")
    parser.add_argument("--minutes", type=float, default=60, help="planned training time; sets the schedule")
    parser.add_argument("--plan", choices=PLANS, default="skills")
    parser.add_argument("--stop-at", help="wall clock HH:MM at which to save and leave")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--compile", action="store_true", help="fuse the mixing of the streams; a minute to start")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--muon-rate", type=float, default=0.02)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    if args.compile:
        v4.hc_post = torch.compile(v4.hc_post, dynamic=False)
    args.run.mkdir(parents=True, exist_ok=True)
    Trainer(args).loop()
    (args.run / "done.json").write_text(json.dumps({"minutes": args.minutes}))


if __name__ == "__main__":
    main()
