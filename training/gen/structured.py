"""JSON: making it from a sentence, repairing it, reading, changing and removing a field, listing its keys."""
import json

from . import render
from .lexicon import CITIES, COLOURS, JOBS, NAMES, THINGS
from .phrases import ASK, END, MARK, PLEASE

MAKE = ["write this as JSON: {}", "make JSON from this: {}", "convert to JSON: {}", "turn this into JSON: {}", "give me JSON for this: {}",
        "put this into JSON: {}", "{}\nwrite that as JSON", "as JSON: {}"]
REPAIR = ["repair this JSON: {}", "fix this JSON: {}", "fix the JSON {}", "correct this JSON: {}", "this JSON is broken: {} Mend it", "make this valid JSON: {}",
          "what is wrong here: {} Give me valid JSON", "mend: {}"]
READ = ['what is "{1}" in {0}', "read the field {1}: {0}", "{0}\nwhat is the {1}", "{0}\nread the {1}", "which {1} is in this JSON: {0}",
        "give me the {1} from {0}", "look up {1} in {0}", "{0}\n{1}"]
SET = ["set {1} to {2} in {0}", "change {1} to {2}: {0}", "{0}\nset the {1} to {2}", "in {0} replace the {1} by {2}"]
DROP = ["remove {1} from {0}", "delete the field {1}: {0}", "{0}\ntake out {1}", "drop {1} in {0}"]
KEYS = ["which keys are in {0}", "list the fields of {0}", "{0}\nlist the keys", "name the keys of {0}"]


def record(w):
    fields = {"name": w.copied(NAMES), "age": w.rng.randrange(5, 90), "city": w.copied(CITIES), "job": w.copied(JOBS), "colour": w.copied(COLOURS),
              "thing": w.copied(THINGS)}
    return {k: fields[k] for k in ["name"] + w.rng.sample(list(fields)[1:], w.rng.randrange(1, 4))}


def sentence(r):
    parts = {"age": "is {} years old", "city": "lives in {}", "job": "works as a {}", "colour": "likes the colour {}", "thing": "has a {}"}
    return r["name"] + " " + ", ".join(parts[k].format(v) for k, v in r.items() if k != "name") + "."


def broken(rng, text):
    kind = rng.randrange(5)
    if kind == 0:
        return text[:-1]
    if kind == 1:
        return text[:-1] + ",}"
    if kind == 2:
        return text.replace('"', "'")
    if kind == 3:
        return text[1:]
    at = text.index('"', rng.randrange(2, 4))
    return text[:at] + text[at + 1 :]


def turn(w):
    kind, r = w.rng.random(), record(w)
    text, key = json.dumps(r), w.rng.choice(list(r))
    if kind < 0.28:
        return w.form(PLEASE, MAKE, END).format(sentence(r)), text
    if kind < 0.5:
        return w.form(PLEASE, REPAIR, END).format(broken(w.rng, text)), text
    if kind < 0.75:
        return w.form(ASK, READ, MARK).format(text, key), str(r[key])
    if kind < 0.85:
        other = record(w).get(key) or r[key]
        return w.form(PLEASE, SET, END).format(text, key, other), json.dumps({**r, key: other})
    if kind < 0.93:
        return w.form(PLEASE, DROP, END).format(text, key), json.dumps({k: v for k, v in r.items() if k != key})
    return w.form(PLEASE, KEYS, END).format(text), ", ".join(r)


def make(w):
    return render.conversation([turn(w) for _ in range(w.rng.choice([1, 1, 2]))])
