"""Tasks that a briefly trained model must decline: the questions of the skill generators, without their answers.

Used in place of those generators when there is not enough training for the skills themselves: a plain "I cannot" is better than a wrong
answer that looks right.
"""
from . import arithmetic, lists, render, retrieval, structured
from .chat import HELLO, HELLO_A

SUMS = ["I cannot calculate yet. I was trained only for a short time.", "I am too small to calculate: my answer would be wrong.",
        "Sums are too hard for me. A larger model can do that."]
TASKS = ["I cannot do that yet. I was trained only for a short time.", "That is too hard for me. A larger model can do that.",
         "I am a very small model and would get it wrong. Ask me for a story instead."]
TEXTS = ["I cannot find things in a text yet. A larger model can do that.", "I read the text, but I am too small to answer questions about it."]


def turn(rng, filler):
    kind = rng.random()
    if kind < 0.4:
        return arithmetic.turn(rng)[0], rng.choice(SUMS)
    if kind < 0.8:
        return rng.choice([lists, structured]).turn(rng)[0], rng.choice(TASKS)
    text, asked = retrieval.passage(rng, filler, rng.choice([1, 2]), rng.choice([0, 1, 2]))
    return rng.choice(retrieval.WAYS).format(q=asked[0][1], text=text), rng.choice(TEXTS)


def make(rng, filler):
    turns = [turn(rng, filler)]
    if rng.random() < 0.2:
        turns.insert(0, (rng.choice(HELLO), rng.choice(HELLO_A)))
    if rng.random() < 0.3:
        turns[-1] = (*turns[-1], rng.choice(["I cannot do this reliably, so I say so.", "This is too hard for me. I say so plainly."]))
    return render.conversation(turns)
