"""Random choices for documents, split so that what is asked in evaluation was never drawn for training.

A World draws either for training or held-out: entity pools, surface forms and pairs of numbers are divided by a hash, about one in five
(forms: one in eight) being held out. Pools of fewer than twelve entries (months, units ...) are closed classes and not divided.
"""
import hashlib
import random


def in_part(text, parts):
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % parts == 0


class World:
    def __init__(self, seed, held=False, filler=("The rain had stopped.",), words=("stone",)):
        """filler: sentences of real prose; words: common words of the corpus."""
        self.rng, self.held, self.filler = random.Random(seed), held, filler
        self.pools = {}
        self.words = self.half(tuple(words))
        self.forms = {}

    def half(self, pool):
        """The part of a pool that this world may draw from."""
        if len(pool) < 12:
            return list(pool)
        return [p for p in pool if in_part(str(p), 5) == self.held] or list(pool)

    def pool(self, pool):
        key = id(pool)
        if key not in self.pools:
            self.pools[key] = pool, self.half(pool)
        return self.pools[key][1]

    def pick(self, pool):
        return self.rng.choice(self.pool(pool))

    def some(self, pool, count):
        return self.rng.sample(self.pool(pool), count)

    def form(self, *parts):
        """One surface form: a choice from each part, joined; combinations are divided between training and evaluation."""
        while True:
            chosen = [self.rng.choice(p) for p in parts]
            if in_part("|".join(chosen), 8) == self.held:
                text = "".join(chosen)
                return text[0].upper() + text[1:] if text and self.rng.random() < 0.85 else text

    def numbers(self, low, high):
        """A pair of numbers."""
        while True:
            a, b = self.rng.randint(low, high), self.rng.randint(low, high)
            if high < 30 or in_part(f"{a},{b}", 5) == self.held:
                return a, b

    def digits(self, least, most):
        """A pair of numbers of a random number of digits each."""
        while True:
            a, b = (self.rng.randrange(10 ** (n - 1) if n > 1 else 0, 10**n) for n in (self.rng.randint(least, most), self.rng.randint(least, most)))
            if a < 10 and b < 10 or in_part(f"{a},{b}", 5) == self.held:
                return a, b
