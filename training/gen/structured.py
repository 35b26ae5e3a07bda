"""JSON: making it from a sentence, repairing it, reading a field. Unit conversion with whole factors."""
import json

from . import render
from .arithmetic import add_steps
from .lexicon import CITIES, COLOURS, JOBS, NAMES, THINGS


def record(rng):
    fields = {"name": rng.choice(NAMES), "age": rng.randrange(5, 90), "city": rng.choice(CITIES), "job": rng.choice(JOBS),
              "colour": rng.choice(COLOURS), "thing": rng.choice(THINGS)}
    keys = ["name"] + rng.sample(list(fields)[1:], rng.randrange(1, 4))
    return {k: fields[k] for k in keys}


def sentence(r):
    parts = {"age": "is {} years old", "city": "lives in {}", "job": "works as a {}", "colour": "likes the colour {}", "thing": "has a {}"}
    return r["name"] + " " + ", ".join(parts[k].format(v) for k, v in r.items() if k != "name") + "."


def broken(rng, text):
    kind = rng.randrange(4)
    if kind == 0:
        return text[:-1]
    if kind == 1:
        return text[:-1] + ",}"
    if kind == 2:
        return text.replace('"', "'")
    at = text.index('"', rng.randrange(2, 4))
    return text[:at] + text[at + 1 :]


UNITS = [("km", "m", 1000), ("m", "cm", 100), ("kg", "g", 1000), ("hours", "minutes", 60), ("minutes", "seconds", 60), ("days", "hours", 24),
         ("weeks", "days", 7), ("cm", "mm", 10), ("feet", "inches", 12), ("litres", "ml", 1000), ("dozen", "pieces", 12), ("years", "months", 12)]


def convert(rng):
    big, small, factor = rng.choice(UNITS)
    n = rng.randrange(1, 13 if factor in (24, 12, 7, 60) else 100)
    one = big[:-1] if big.endswith("s") and big not in ("cm",) else "foot" if big == "feet" else big
    work = f"1 {one} = {factor} {small}\n{n} x {factor} = {n * factor}"
    q = rng.choice(["How many {1} are {2} {0}?", "Convert {2} {0} to {1}.", "{2} {0} in {1}", "What is {2} {0} in {1}?"])
    return render.maybe_think(rng, q.format(big, small, n), f"{n} {big} = {n * factor} {small}", work)


def total(rng):
    a, b = rng.randrange(2, 99), rng.randrange(2, 99)
    x, y = rng.sample(THINGS, 2)
    q = f"A {x} costs {a} euros and a {y} costs {b} euros. What do they cost together?"
    return render.maybe_think(rng, q, f"They cost {a + b} euros.", f"{a} + {b}:\n{add_steps(a, b)}")


def turn(rng):
    kind, r = rng.random(), record(rng)
    text = json.dumps(r)
    if kind < 0.3:
        return rng.choice(["Write this as JSON: {}", "Make JSON from this: {}", "Convert to JSON: {}"]).format(sentence(r)), text
    if kind < 0.5:
        return rng.choice(["Repair this JSON: {}", "Fix this JSON: {}", "fix the JSON {}"]).format(broken(rng, text)), text
    if kind < 0.7:
        key = rng.choice(list(r))
        return rng.choice(['What is "{1}" in {0}?', "Read the field {1}: {0}", "{0}\nWhat is the {1}?"]).format(text, key), str(r[key])
    return convert(rng) if kind < 0.93 else total(rng)


def make(rng):
    return render.conversation([turn(rng) for _ in range(rng.choice([1, 1, 2]))])
