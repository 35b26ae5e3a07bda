"""Look-ups in a short list, in chat form: many questions about one list, so that copying by key is exercised in every document."""
from . import render
from .lexicon import ANIMALS, CITIES, COLOURS, FOODS, JOBS, NAMES, THINGS
from .phrases import ASK, MARK, PLEASE

LINES = ["{k}: {v}", "{k} = {v}", "{k} - {v}", "{k} -> {v}", "{k}, {v}", "{k} is {v}.", "{k} has {v}.", "the value of {k} is {v}.", "{k} goes with {v}."]
HEADS = ["", "here is a list.\n", "remember this:\n", "look at this table.\n", "the list:\n", "read this.\n", "notes:\n", "data:\n"]
QUESTIONS = ["what is {}", "{}", "what goes with {}", "what is the value of {}", "which value has {}", "value of {}", "what belongs to {}",
             "what stands beside {}", "look up {}", "find {}", "and {}", "what about {}"]


def value(w):
    kind = w.rng.random()
    if kind < 0.35:
        return "".join(str(w.rng.randrange(10)) for _ in range(w.rng.randrange(1, 6)))
    if kind < 0.6:
        return w.copied(w.rng.choice([CITIES, COLOURS, FOODS, ANIMALS, JOBS, THINGS]))
    return " ".join(w.copied(w.words) for _ in range(w.rng.choice([1, 1, 2])))


def key(w):
    return w.copied(NAMES if w.rng.random() < 0.4 else w.words)


def make(w):
    count = w.rng.randrange(2, 9)
    keys = []
    while len(keys) < count:
        k = key(w)
        if k not in keys:
            keys.append(k)
    facts = {k: value(w) for k in keys}
    line = w.form(LINES, [""])
    body = w.form(HEADS, [""]) + "\n".join(line.format(k=k, v=v) for k, v in facts.items())
    asked = [w.rng.choice(keys) for _ in range(w.rng.choice([1, 3, 5, 7, 9]))]
    ask = [w.form(ASK, QUESTIONS, MARK).format(k) for k in asked]
    ask[0] = body + "\n" + ask[0] if w.rng.random() < 0.7 else ask[0] + "\n" + body
    return render.conversation([(q, facts[k]) for q, k in zip(ask, asked)])


def make_drill(w):
    """The plainest look-ups: short lists, every question of a document put in the same words."""
    keys, count = set(), w.rng.randrange(2, 8)
    while len(keys) < count:
        keys.add(key(w))
    pool = w.rng.choice([*(w.some_copied(words, 8) for words in (w.words, CITIES, FOODS, COLOURS, NAMES)), [str(i) for i in range(10)], [str(i) for i in range(10, 100)]])
    facts = {k: w.rng.choice(pool) for k in w.rng.sample(sorted(keys), count)}
    line, ask = w.form(LINES, [""]), w.rng.choice(["{}", w.form([""], QUESTIONS, ["?", ""])])
    asked = w.rng.choices(list(facts), k=w.rng.randrange(5, 16))
    turns = [(ask.format(k), facts[k]) for k in asked]
    return render.conversation([("\n".join(line.format(k=k, v=v) for k, v in facts.items()) + "\n" + turns[0][0], turns[0][1]), *turns[1:]])
