"""Sorting by insertion, reversing, counting, first and last, removing repeats, repeating and spelling, on short lists of numbers or words."""
from . import render
from .lexicon import ANIMALS, CITIES, COLOURS, FOODS, NAMES, THINGS
from .phrases import ASK, END, MARK, PLEASE

SORT = ["sort these {n}: {l}", "sort: {l}", "put these {n} in order: {l}", "sort this list: {l}", "order these {n}: {l}", "arrange these {n}: {l}",
        "sort {l}", "bring these {n} into order: {l}"]
DOWN = ["sort these numbers, largest first: {l}", "put these numbers in falling order: {l}", "sort from large to small: {l}", "sort in descending order: {l}"]
REVERSE = ["reverse this list: {l}", "reverse: {l}", "say this backwards: {l}", "turn this list around: {l}", "write these {n} in reverse: {l}",
           "reverse the order of these {n}: {l}"]
COUNT = ["how many {n} are in this list: {l}", "how many {n} are these: {l}", "count the {n}: {l}", "how long is this list: {l}", "how many are these: {l}"]
FIRST = ["what is the {w} of these: {l}", "which is the {w} in this list: {l}", "what comes {w} here: {l}", "the {w} of these {n}: {l}"]
BEST = ["which is the {w} of these numbers: {l}", "what is the {w} number here: {l}", "find the {w} number: {l}", "the {w} of {l}"]
REPEAT = ["repeat this: {l}", "repeat: {l}", "say: {l}", "copy this: {l}", "write this again: {l}", "echo: {l}"]
DOUBLE = ["remove the repeats: {l}", "drop what comes twice: {l}", "keep each {o} once: {l}", "remove duplicates: {l}"]
SPELL = ["spell the word {}", "spell {}", "which letters has {}", "write {} letter by letter"]
LETTER = ["how many letters has {}", "how many letters are in {}", "count the letters of {}", "how long is the word {}"]


def items(w, least=2, most=7):
    count = w.rng.randint(least, most)
    if w.rng.random() < 0.5:
        return [str(i) for i in w.rng.sample(range(w.rng.choice([10, 30, 100])), count)], True
    pool = w.rng.choice([ANIMALS, CITIES, COLOURS, FOODS, NAMES, THINGS, None])
    few = pool is None or w.held and len(w.pool(pool)) < count
    return (w.rng.sample(w.words, count) if few else w.some_copied(pool, count)), False


def insertion(things, key):
    """Working of sorting: one line for each item, with those before it in order."""
    return "\n".join(", ".join(sorted(things[:n], key=key)) for n in range(1, len(things) + 1))


def sorting(w):
    things, numbers = items(w)
    l = ", ".join(things)
    if numbers and w.rng.random() < 0.25:
        falling = lambda thing: -int(thing)
        return w.form(PLEASE, DOWN, END).format(l=l), ", ".join(sorted(things, key=falling)), insertion(things, falling)
    key = int if numbers else str.lower
    return w.form(PLEASE, SORT, END).format(n="numbers" if numbers else "words", l=l), ", ".join(sorted(things, key=key)), insertion(things, key)


def others(w):
    things, numbers = items(w)
    kind, noun, l = w.rng.uniform(0.36, 1), "numbers" if numbers else "words", ", ".join(things)
    if kind < 0.48:
        return w.form(PLEASE, REVERSE, END).format(n=noun, l=l), ", ".join(things[::-1]), None
    if kind < 0.60:
        return w.form(ASK, COUNT, MARK).format(n=noun, l=l), str(len(things)), "\n".join(f"{i} {t}" for i, t in enumerate(things, 1))
    if kind < 0.68:
        which = w.rng.choice(["first", "last"])
        return w.form(ASK, FIRST, MARK).format(n=noun, w=which, l=l), things[0 if which == "first" else -1], None
    if kind < 0.78 and numbers:
        which, best = w.rng.choice([("largest", max), ("smallest", min), ("highest", max), ("lowest", min)])
        return w.form(ASK, BEST, MARK).format(w=which, l=l), best(things, key=int), None
    if kind < 0.86:
        return w.form(PLEASE, REPEAT, END).format(l=l), l, None
    if kind < 0.92:
        twice = things + w.rng.sample(things, min(len(things), w.rng.choice([1, 2])))
        w.rng.shuffle(twice)
        return w.form(PLEASE, DOUBLE, END).format(l=", ".join(twice), o=noun[:-1]), ", ".join(dict.fromkeys(twice)), None
    word = w.copied(w.rng.choice([ANIMALS, FOODS, COLOURS, THINGS]))
    if kind < 0.96:
        return w.form(ASK, SPELL, MARK).format(word), " ".join(word), None
    return w.form(ASK, LETTER, MARK).format(word), str(len(word)), "\n".join(f"{i} {c}" for i, c in enumerate(word, 1))


def turn(w):
    return sorting(w) if w.rng.random() < 0.4 else others(w)


def make(w):
    turns = [turn(w) for _ in range(w.rng.choice([1, 1, 2]))]
    return render.conversation([(q, a) for q, a, _ in turns[:-1]] + [render.worked(w, *turns[-1])])
