"""Rows of tokens for one training step, drawn from recall rows, prose and generated documents in given shares."""
import random

import numpy as np
import torch

import recall

QUESTION_WEIGHT = 0.02  # loss weight of what is asked, against 1 for what is answered


class Source:
    """One packed source of corpus.py."""

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
    def __init__(self, folder, seed, vocab):
        self.folder, self.sources, self.vocab = folder, {}, vocab
        self.reseed(seed)

    def reseed(self, seed):
        self.rng, self.numbers = random.Random(seed), np.random.default_rng(seed)

    def source(self, name):
        if name not in self.sources:
            self.sources[name] = Source(self.folder, name)
        return self.sources[name]

    def choose(self, shares):
        return self.rng.choices(list(shares), shares.values())[0]

    def row(self, length, mix, level):
        """(ids, weight, whether it is a recall row)."""
        kind = self.rng.random()
        if kind < mix.recall:
            return (*recall.row(self.numbers, length, level, self.vocab), True)
        kind -= mix.recall
        if kind < mix.copies:
            return (*recall.copy_row(self.numbers, length), False)
        kind -= mix.copies
        if kind < mix.echoes:
            source = self.source(self.choose(mix.echoed))
            segment = source.ids[source.window(self.rng, self.rng.randrange(8, 90))]
            return (*recall.echo_row(self.numbers, length, level, segment), False)
        if kind < mix.echoes + mix.text:
            source = self.source(self.choose(mix.prose))
            part = source.window(self.rng, length)
            return source.ids[part], np.full(length, mix.text_weight), False
        return (*self.documents(length, mix), False)

    def documents(self, length, mix):
        """Whole documents until the row is full; one that would be cut short is passed over while there is room to find another."""
        ids, weight, count = [], [], 0
        while count < length:
            name = self.choose(mix.skills)
            source, counted = self.source(name), mix.counted.get(name, 1.0)
            part = source.document(self.rng)
            if count and part.stop - part.start > 1.2 * (length - count) and length - count > 60:
                continue
            ids.append(source.ids[part])
            weight.append(QUESTION_WEIGHT + (counted - QUESTION_WEIGHT) * source.learned[part])
            count += part.stop - part.start
        return np.concatenate(ids)[:length], np.concatenate(weight)[:length]

    def next(self, rows, context, mix, level):
        """ids [rows, context + 2], loss weights of the same shape, and [rows] whether a row is recall."""
        made = [self.row(context + 2, mix, level) for _ in range(rows)]
        return (torch.from_numpy(np.stack([r[0] for r in made]).astype(np.int64)),
                torch.from_numpy(np.stack([r[1] for r in made])).float(), torch.tensor([r[2] for r in made]))

    def positions(self, context, share):
        """Positions with two jumps by multiples of 128 in a share of the batches, so that large distances occur in short contexts."""
        p = torch.arange(context)
        if context >= 384 and self.rng.random() < share:
            reach = 128 * self.rng.choice([4, 16, 64, 512, 4096])
            for cut in self.rng.sample(range(1, context // 128), 2):
                p[cut * 128 :] += self.rng.randrange(0, reach) // 128 * 128
        return p

    def state(self):
        return self.rng.getstate(), self.numbers.bit_generator.state

    def restore(self, saved):
        self.rng.setstate(saved[0])
        self.numbers.bit_generator.state = saved[1]
