#!/usr/bin/env python3
"""Trains the checkpoint in phases until a given time; resumes from its own state file or from an exported checkpoint.

usage: train.py --data data --run runs/nano (--minutes 60 | --end-at HH:MM) [--size nano] [--plan skills|recall] [--from CHECKPOINT]

First pure recall until 95 % of its tokens are right (see recall.py), then the phases of plans.py by share of the planned time. A run that
was stopped or paused plans the rest of its schedule anew from the time that is left. Ctrl-C or a TERM signal saves and leaves.
"""
import argparse
import json
import pathlib
import signal
import time
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

import plans
import quant
import recall
import v4
from batches import Batches
from crew import Crew
from optim import Optimiser
from step import library
from v4 import SIZES, V4, Config, Run

COLUMNS = ["step", "tokens", "seconds", "loss", "mtp_loss", "index_loss", "largest_load_over_mean", "recall_accuracy", "recall_level"]


def hash_tables(model, data):
    """tid2eid: every token gets the experts that carry least so far, frequent tokens first, so that the load is even."""
    c = model.c
    counts = np.ones(c.vocab)
    for path in sorted(data.glob("*.ids.npy")):
        counts += np.bincount(np.load(path, mmap_mode="r")[:300_000], minlength=c.vocab)
    for layer, block in enumerate(b for b in model.layers if b.ffn.hashed):
        rng = np.random.default_rng(layer)
        load, table = np.zeros(c.experts), np.zeros((c.vocab, c.picks), np.int64)
        for token in np.argsort(-counts, kind="stable"):
            table[token] = np.lexsort((rng.random(c.experts), load))[: c.picks]
            load[table[token]] += counts[token]
        block.ffn.gate.tid2eid.copy_(torch.from_numpy(table))


SAME = 32  # rows of a product


def sample(weight):
    """Indices of the tokens that the loss counts: drawn by weight, in place of weighting, which spares the head of the rest."""
    at = (torch.rand(weight.shape) < weight).flatten().nonzero()[:, 0]
    return at[torch.randperm(len(at))[: max(len(at) // SAME * SAME, min(len(at), 1))]]


@dataclass
class Drawn:
    """One piece: tokens [rows, context + 2], which rows are recall, positions, reach of the window, positions whose attention the indexer
    foretells, tokens that count, rows that the MTP block sees, its tokens that count and how often they do, rounds of Sinkhorn."""

    ids: torch.Tensor
    recall: torch.Tensor
    positions: torch.Tensor
    window: int
    asked: torch.Tensor
    counted: torch.Tensor
    draft_rows: int
    draft_counted: torch.Tensor
    draft_weight: float
    rounds: int


DRAFTS, BALANCE = 0.2, 1e-3  # shares of those losses
PATIENCE = 3_000_000
RECALL_TOKENS = 2048
QUIET = 40  # steps before the indexer's loss begins: at first there is nothing to imitate
UNEVEN = 2000  # steps in which the balance of the experts moves fast


class Trainer:
    def __init__(self, args):
        self.args = args
        torch.manual_seed(args.seed)
        self.plan = plans.PLANS[args.plan]
        self.size, self.before = args.size, 0
        self.model = self.fresh_model()
        self.config = self.model.c
        self.batches = Batches(args.data, args.seed, self.config.vocab)
        kernels = library(self.config) if args.device == "cpu" else None
        self.optimiser = Optimiser(self.model, args.muon_rate, kernels=kernels)
        self.step, self.seconds, self.tokens, self.share, self.curve, self.leave = 0, 0.0, 0, 0.0, [], False
        self.level, self.accuracy, self.learned = 0, 0.0, args.start is not None and not args.fresh_look_up
        self.entered = 0  # tokens seen when the level began
        self.warm = 0  # the step from which the rate warms up
        self.state_file = args.run / "state.pt"
        if self.state_file.exists():
            self.restore()
        self.crew = Crew(self, kernels, args.workers) if kernels else None

    def fresh_model(self):
        """A new model, or the one that was exported: its optimiser starts anew and its rates warm up again."""
        if self.args.start:
            from export import read_model

            earlier = json.loads((self.args.start / "train.json").read_text())
            self.before = earlier["tokens"] + earlier.get("continued_from_tokens", 0)
            model = read_model(self.args.start)
            if self.args.fresh_look_up:
                for block in model.layers:
                    block.attn.start_look_up_anew()
        else:
            model = V4(Config(**SIZES[self.size]))
            hash_tables(model, self.args.data)
        return model.to(self.args.device)

    def save(self):
        state = dict(model=self.model.state_dict(), optimiser=self.optimiser.state(), batches=self.batches.state(),
                     **{k: getattr(self, k) for k in self.PLAIN})
        torch.save(state, self.state_file.with_suffix(".new"))
        self.state_file.with_suffix(".new").rename(self.state_file)

    PLAIN = ("size", "entered", "before", "step", "seconds", "tokens", "share", "curve", "level", "accuracy", "learned", "warm")

    def restore(self):
        state = torch.load(self.state_file, weights_only=False, map_location=self.args.device)
        self.model.load_state_dict(state["model"])
        self.optimiser.restore(state["optimiser"])
        self.batches.restore(state["batches"])
        for k in self.PLAIN:
            setattr(self, k, state[k])

    def rate(self):
        """Warm-up, plateau, linear fall from the plan's share on."""
        left = (1 - self.share) / max(1 - self.plan.falls, 1e-9)
        return min(1.0, (self.step - self.warm + 1) / 60) * (max(0.01, min(1.0, left)) if self.plan.falls < 1 else 1.0)

    def only_recall(self):
        return self.plan.recall_first and not self.learned and self.share < plans.RECALL_MOST

    def phase(self):
        if self.only_recall():
            return plans.recall_phase(self.level, plans.KEEPING if self.args.start else plans.PURE)
        return next((p for p in self.plan.phases if self.share < p.until), self.plan.phases[-1])

    def draw(self, phase, rows):
        """The tokens of one piece, and what chance decides about it."""
        S = phase.context
        ids, weight, recall = (t.to(self.args.device) for t in self.batches.next(rows, S, phase.mix, self.level))
        part = rows // 4 or int(torch.rand(()) < rows / 4)  # the MTP block sees a quarter
        return Drawn(ids, recall, self.batches.positions(S, phase.jumps), phase.windows[torch.randint(len(phase.windows), ())],
                     torch.randperm(S)[: S // 4] if self.step >= QUIET and self.step % 4 == 0 else torch.zeros(0, dtype=torch.long),
                     sample(weight[:, 1 : S + 1]), part, sample(weight[:part, 1 : S + 1]), max(1.0, 4 / rows), self.config.sinkhorn if phase.rounded else 8)

    def losses(self, phase, d):
        """By PyTorch, on a GPU."""
        S, ids, counted, draft_counted = phase.context, d.ids, d.counted, d.draft_counted
        run = Run(self.config, (len(ids), S), d.positions, d.rounds, d.asked if len(d.asked) else None, d.window)
        streams = self.model(ids[:, :S], run)
        logits, target = self.model.logits(streams[counted]), ids[:, 1 : S + 1].flatten()[counted]
        loss = F.cross_entropy(logits, target)
        with torch.no_grad():
            right = (logits.argmax(-1) == target)[d.recall[counted // S]]
        mtp = torch.zeros(())
        if d.draft_rows:
            sub = Run(self.config, (d.draft_rows, S), run.positions, d.rounds, window=d.window)
            draft = self.model.draft_streams(streams[: d.draft_rows * S], ids[: d.draft_rows, 1 : S + 1], sub)
            mtp = F.cross_entropy(self.model.read_draft(draft[draft_counted]), ids[: d.draft_rows, 2:].flatten()[draft_counted])
        index = self.model.index_loss()
        return loss + DRAFTS * d.draft_weight * mtp + index + BALANCE * self.model.balance_loss(), [loss.item(), mtp.item(), index.item(), right.sum().item(), len(right)]

    def step_tokens(self):
        """Recall is learned in small steps."""
        return min(RECALL_TOKENS, self.args.step_tokens) if self.only_recall() else self.args.step_tokens

    def pieces(self):
        return max(1, self.step_tokens() // self.args.piece_tokens)

    def piece(self, step=None):
        """One piece of a step, by `step` or by PyTorch: its gradients are added to those at hand; its figures come back."""
        phase = self.phase()
        rows = max(1, self.step_tokens() // self.pieces() // phase.context)
        d, share = self.draw(phase, rows), 1 / self.pieces()
        if step:
            figures = step.run(d.ids, d.counted, d.recall, d.positions, length=phase.context, draft_rows=d.draft_rows, draft_counted=d.draft_counted,
                               reach=d.window, rounds=d.rounds, sparse=phase.sparse, asked=d.asked, share=share, draft_share=DRAFTS * d.draft_weight,
                               balance_share=BALANCE)
        else:
            self.model.set_sparse(phase.sparse)
            quant.train_rounded(self.model, phase.rounded)
            with torch.autocast("cuda", torch.bfloat16):
                total, figures = self.losses(phase, d)
            (total * share).backward()
        figures[1] *= d.draft_weight
        return [*figures, rows * phase.context]

    def gradients(self):
        """Of all pieces of one step; the summed figures."""
        if self.crew:
            return self.crew.step(self)
        self.optimiser.clear()
        return np.sum([self.piece() for _ in range(self.pieces())], 0)

    def train_step(self):
        figures = self.gradients()
        self.optimiser.step(self.rate())
        loads = [b.ffn.rebalance(0.01 if self.step < UNEVEN else 0.001) for b in self.model.blocks()]
        self.step += 1
        self.tokens += int(figures[5])
        if figures[4]:
            self.follow_recall(figures[3] / figures[4])
        return *(figures[:3] / self.pieces()), max(float(x.max() / x.mean()) for x in loads[self.config.hash_layers :])

    def follow_recall(self, right):
        """Up a level at 90 %, down again where a level does not come in PATIENCE tokens; on to the mixture at 95 % of the last one.

        In the mixture, too, recall rows go on from the level that was reached.
        """
        self.accuracy += 0.1 * (right - self.accuracy)
        if self.accuracy > 0.90 and self.level < len(recall.LEVELS) - 1:
            self.level, self.accuracy, self.entered = self.level + 1, 0.0, self.tokens
        elif self.accuracy > 0.95:
            self.learned = True
        elif self.level and self.accuracy < 0.5 and self.tokens - self.entered > PATIENCE:
            self.level, self.accuracy, self.entered = self.level - 1, 0.0, self.tokens

    def loop(self):
        start = mark = last_save = time.time()
        if self.args.fresh_schedule:
            self.share = 0.0
        begun, left = self.share, self.args.end - start if self.args.end else self.args.minutes * 60 * (1 - self.share)
        mean = None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: setattr(self, "leave", True))
        while not self.leave and self.share < 1:
            values = np.array(self.train_step())
            assert np.isfinite(values[0]), "the loss is not a number"
            mean = values if mean is None else 0.95 * mean + 0.05 * values
            now = time.time()
            self.seconds, mark = self.seconds + now - mark, now
            self.share = begun + (1 - begun) * (now - start) / left
            if self.step % 10 == 0:
                self.curve.append([self.step, self.tokens, round(self.seconds), *(round(float(v), 4) for v in mean),
                                   round(self.accuracy, 3), self.level])
                print(f"step {self.step} tokens {self.tokens} min {self.seconds / 60:.1f} share {self.share:.3f} loss {mean[0]:.3f} "
                      f"mtp {mean[1]:.3f} index {mean[2]:.3f} load {mean[3]:.2f} recall {self.accuracy:.3f} level {self.level} "
                      f"rate {self.tokens / self.seconds:.0f}/s cpu {time.process_time():.0f} s", flush=True)
            if now - last_save > 120:
                self.save()
                last_save = now
        self.save()
        if self.crew:
            self.crew.dismiss()


def clock(text):
    """The next time that the clock shows HH:MM, in seconds since the epoch."""
    now = time.localtime()
    hours, minutes = map(int, text.split(":"))
    at = time.mktime((*now[:3], hours, minutes, 0, *now[6:]))
    return at if at > time.time() else at + 86400


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default="data")
    parser.add_argument("--run", type=pathlib.Path, default="runs/nano")
    parser.add_argument("--minutes", type=float, default=60, help="planned training time; sets the schedule")
    parser.add_argument("--end-at", dest="end", type=clock, help="wall clock HH:MM at which the schedule ends, in place of --minutes")
    parser.add_argument("--size", choices=SIZES, default="nano")
    parser.add_argument("--from", dest="start", type=pathlib.Path, help="an exported checkpoint to go on from")
    parser.add_argument("--fresh-look-up", action="store_true", help="with --from: new start values where sparse layers look things up, for a "
                        "checkpoint that never learned to copy")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--fresh-schedule", action="store_true", help="the schedule begins anew, for a run that goes on, too")
    parser.add_argument("--plan", choices=plans.PLANS, default="skills")
    parser.add_argument("--workers", type=int, default=2, help="processes of one thread each")
    parser.add_argument("--step-tokens", type=int, default=4096)
    parser.add_argument("--piece-tokens", type=int, default=1024, help="tokens of the pieces of a step, which the workers share out as they can")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--muon-rate", type=float, default=0.02)
    args = parser.parse_args()
    if args.device == "cuda":
        torch.set_default_device("cuda")
        args.piece_tokens = args.step_tokens
        v4.Block.forward = torch.compile(v4.Block.forward)
    else:
        torch.set_num_threads(1)
    args.run.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(args)
    trainer.loop()
    (args.run / "done.json").write_text(json.dumps({"tokens": trainer.tokens, "seconds": round(trainer.seconds, 1)}))


if __name__ == "__main__":
    main()
