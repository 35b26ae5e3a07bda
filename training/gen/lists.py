"""Sorting, reversing, counting, first and last, on short lists of numbers or words."""
from . import render
from .lexicon import ANIMALS, CITIES, COLOURS, FOODS, NAMES, THINGS


def items(rng, least=2, most=7):
    n = rng.randrange(least, most + 1)
    if rng.random() < 0.5:
        return [str(i) for i in rng.sample(range(rng.choice([10, 30, 100])), n)], True
    return rng.sample(rng.choice([ANIMALS, CITIES, COLOURS, FOODS, NAMES, THINGS]), n), False


def say(things):
    return ", ".join(things)


def turn(rng):
    things, numbers = items(rng)
    kind, noun = rng.random(), "numbers" if numbers else "words"
    if kind < 0.4:
        q = rng.choice([f"Sort these {noun}: {{}}", "Sort: {}", f"Put these {noun} in order: {{}}", "sort {}", "Sort this list: {}"])
        if numbers and rng.random() < 0.2:
            return (q.format(say(things)) + ", largest first", say(sorted(things, key=int, reverse=True)))
        return q.format(say(things)), say(sorted(things, key=int) if numbers else sorted(things))
    if kind < 0.55:
        return rng.choice(["Reverse this list: {}", "Reverse: {}", "Say this backwards: {}"]).format(say(things)), say(things[::-1])
    if kind < 0.67:
        count = "\n".join(f"{i}. {t}" for i, t in enumerate(things, 1))
        q = rng.choice([f"How many {noun} are in this list: {{}}?", f"Count the {noun}: {{}}"]).format(say(things))
        return render.maybe_think(rng, q, f"There are {len(things)} {noun}.", count)
    if kind < 0.77:
        which = rng.choice(["first", "last"])
        return f"What is the {which} of these: {say(things)}?", things[0 if which == "first" else -1]
    if kind < 0.87 and numbers:
        which, best = rng.choice([("largest", max), ("smallest", min)])
        return f"Which is the {which} of these numbers: {say(things)}?", best(things, key=int)
    if kind < 0.93:
        return rng.choice(["Repeat this: {}", "Repeat: {}", "Say: {}"]).format(say(things)), say(things)
    word = rng.choice(ANIMALS + FOODS + COLOURS + THINGS)
    spelled = " ".join(word)
    return rng.choice(["Spell the word {}.", "Spell {}."]).format(word), spelled


def make(rng):
    return render.conversation([turn(rng) for _ in range(rng.choice([1, 2, 2, 3]))])
