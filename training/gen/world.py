"""Random choices for documents, split so that what is asked in evaluation was never drawn for training.

A World draws either for training or held-out: entity pools, surface forms and pairs of numbers are divided by a hash, about one in five
(forms: one in eight) being held out. Pools of fewer than twelve entries (months, units ...) are closed classes and not divided.

What a document only copies (names, values of facts and fields) is for training mostly drawn from a pool without an end: invented words, and
words coined from the tokenizer's tokens (coining.py). A model that has only copied the words of a lexicon copies no others. Held-out
questions use the held-out words alone.
"""
import hashlib
import random


ONSETS = "b c d f g h j k l m n p r s t v w z bl br ch cl cr dr fl fr gl gr pl pr qu sc sh sl sm sn sp st str sw th tr tw wh".split()
NUCLEI = "a e i o u a e i o u ai au ea ee ei ia ie io oa oo ou ui y".split()
CODAS = [""] * 12 + "b d g k l m n p r s t x ck ct ft ld lk ll mp nd ng nk nt rd rk rn rt sh sk ss st th".split()
SHARE_INVENTED = 0.65
SHARE_COINED = 0.5  # of those, where there is a tokenizer to coin from


def invented(rng):
    """A word that most likely nobody has written yet, of one to three syllables."""
    return "".join(rng.choice(ONSETS + [""]) + rng.choice(NUCLEI) + rng.choice(CODAS) for _ in range(rng.choice([1, 2, 2, 2, 3])))


def in_part(text, parts):
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % parts == 0


class World:
    def __init__(self, seed, held=False, filler=("The rain had stopped.",), words=("stone",), coined=()):
        """filler: sentences of real prose; words: common words of the corpus; coined: words as of coining.py, if there is a tokenizer."""
        self.rng, self.held, self.filler = random.Random(seed), held, filler
        self.pools = {}
        self.words = self.half(tuple(words))
        self.forms = {}
        self.coined = {capital: [word for word in coined if word[0].isupper() == capital] for capital in (False, True)}

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

    def copied(self, pool):
        """Like pick, for what is only copied: in training mostly an invented, coined or any common word, written like the pool's."""
        if self.held or self.rng.random() > SHARE_INVENTED:
            return self.pick(pool)
        capital = pool[0][0].isupper()
        if self.coined[capital] and self.rng.random() < SHARE_COINED:
            return self.rng.choice(self.coined[capital])
        word = invented(self.rng) if self.rng.random() < 0.6 else self.rng.choice(self.words)
        return word.capitalize() if capital else word

    def some_copied(self, pool, count):
        """Different ones."""
        if self.held:
            return self.some(pool, count)
        words = []
        while len(words) < count:
            word = self.copied(pool)
            if word not in words:
                words.append(word)
        return words

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
