"""Rows of pure associative recall and repetition, made of token ids: copying is learned from them before anything else.

A row is (ids, weight): int64 tokens and, for each, how much the loss counts on predicting it. Only tokens that the row's own past
determines count. Levels widen the vocabulary and lengthen keys and values.
"""
import numpy as np

# Facts of ever more keys and values of their own, then of any tokens, then with changing marks; then pairs, ever longer. Small steps: what is
# learned on 128 tokens does not carry over to 900 at once.
LEVELS = (*(dict(vocab=v, split=True, marks=True) for v in (128, 180, 260, 370, 520, 740, 1050, 1500, 2200, 3100)),
          dict(vocab=3860, marks=True), dict(vocab=3860), dict(vocab=900, key=1, value=1, filler=0.1), dict(vocab=3860, key=1, value=1, filler=0.1),
          dict(vocab=3860, key=2, value=2, filler=0.2), dict(vocab=3860, key=2, value=4, filler=0.2), dict(vocab=3860, key=3, value=6, filler=0.3))
FACTS = 12  # levels of facts and questions; pairs follow
FACT, END, ASK = 256, 257, 258  # any three tokens that the pools do not hold
FIRST_MERGE = 259  # ids 0-2 are special, 3-258 single bytes, merges follow with the most frequent first


def common_tokens(size):
    """ASCII byte tokens (the byte alphabet starts with "!") and the most frequent merges."""
    return np.array([*range(3, 97), *range(FIRST_MERGE, FIRST_MERGE + size)])[:size]


POOLS = [common_tokens(level["vocab"]) for level in LEVELS]


def turn_marks(vocab):
    """User, Assistant and the end of thinking: see NAMED in tok.py, which puts its 64 added tokens last."""
    return vocab - 64 + 3, vocab - 64 + 4, vocab - 64 + 7


def question(rng, mark, level, vocab):
    """(tokens before the key, tokens between key and value) of a row's questions: at once, one token later, or as a turn of a chat.

    What was found at the key must be carried to where the answer begins: not asked for at the lowest level.
    """
    user, assistant, begin = turn_marks(vocab)
    form = rng.random()
    if level == 0 or form < 0.3:
        return [mark], []
    if form < 0.6:
        return [mark], [begin]
    return [user], [*rng.choice(POOLS[0][:94], rng.choice([0, 0, 1, 2, 3])), assistant, begin]


def facts_row(rng, length, level, vocab):
    """The plainest form: facts [mark, key, value, end] anywhere in the first half, then questions.

    Split levels take keys from one half of their tokens and values from the other.
    """
    rule, pool = LEVELS[level], POOLS[level]
    keys, values = (pool[::2], pool[1::2]) if rule.get("split") else (pool, pool)
    marks = (FACT, END, ASK) if rule.get("marks") else rng.choice(pool, 3)
    half = length // 2
    count = int(rng.integers(3, min(13, half // 6)))
    ids, weight = rng.choice(POOLS[-1], length), np.zeros(length)
    slots = np.sort(rng.choice(half - 4 * count, count, replace=False)) + 4 * np.arange(count)
    asked, answer = rng.choice(keys, count, replace=False), rng.choice(values, count)
    for slot, k, v in zip(slots, asked, answer):
        ids[slot : slot + 4] = marks[0], k, v, marks[1]
    before, after = question(rng, marks[2], level, vocab)
    size = len(before) + len(after) + 2
    for at in range(half, length - size + 1, size):
        pick = rng.integers(count)
        ids[at : at + size] = *before, asked[pick], *after, answer[pick]
        weight[at + size - 1] = 1
    return ids, weight


def pairs_row(rng, length, level):
    """key value pairs in random order, most of them again and again; the value counts from the second time on."""
    rule, pool = LEVELS[level], POOLS[level]
    count = int(rng.integers(3, 4 + 5 * (level - FACTS + 1)))
    between = rng.choice(pool, 1 + int(rng.integers(0, 2)))
    mark, end = (between[:1], between[1:]) if rng.random() < 0.7 else (between[:0], between[:0])
    starts = rng.choice(pool, count, replace=False)
    known = [(np.append(s, rng.choice(pool, rng.integers(0, rule["key"]))), rng.choice(pool, rng.integers(1, rule["value"] + 1)))
             for s in starts]
    ids, weight, filled, seen = [], [], 0, set()
    introduce = list(rng.permutation(count)) if rng.random() < 0.5 else []
    while filled < length:
        pick = int(introduce.pop() if introduce else rng.integers(count))
        key, value = known[pick]
        filler = rng.choice(pool, rng.integers(1, 12)) if rng.random() < rule["filler"] else key[:0]
        part = np.concatenate([filler, key, mark, value, end])
        at = len(filler) + len(key) + len(mark)
        counts = np.zeros(len(part))
        counts[at : at + len(value)] = pick in seen
        seen.add(pick)
        ids.append(part)
        weight.append(counts)
        filled += len(part)
    return np.concatenate(ids)[:length], np.concatenate(weight)[:length]


def echo_row(rng, length, level, segment=None):
    """A random segment (or the one given) over and over; the copies count, but for the first token of the first copy."""
    if segment is None:
        segment = rng.choice(POOLS[level], rng.integers(6, 40 + 30 * (level - FACTS)))
    ids = np.tile(segment, length // len(segment) + 1)[:length]
    return ids, (np.arange(length) > len(segment)) * 0.5


DIGITS = np.arange(18, 28)  # the byte tokens of 0 to 9
HIGHEST = len(LEVELS) - 1


def copy_row(rng, length):
    """Tokens of the whole vocabulary, again and again. What is copied must be able to be any token: one that a model has never copied it
    takes for one that it has, and most of a vocabulary is neither an answer nor in the lower levels. Now and then digits, whose place in
    the segment tells what follows, not what stands before them."""
    form = rng.random()
    if form < 0.15:
        return echo_row(rng, length, HIGHEST, rng.choice(DIGITS, rng.integers(4, 24)))
    if form < 0.60:
        return echo_row(rng, length, HIGHEST, rng.choice(POOLS[-1], rng.integers(3, 60)))
    return pairs_row(rng, length, int(rng.integers(FACTS + 1, HIGHEST + 1)))


def row(rng, length, level, vocab):
    """Mostly of the level itself, the rest of those below, so that they are not forgotten."""
    if level and rng.random() < 0.25:
        level = int(rng.integers(level))
    if level < FACTS:
        return facts_row(rng, length, level, vocab)
    return pairs_row(rng, length, level) if rng.random() < 0.75 else echo_row(rng, length, level)
