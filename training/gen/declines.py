"""Tasks that a briefly trained model must decline: the questions of some skill generators, without their answers.

Used in place of those generators when there is not enough training for the skills themselves: a plain "I cannot" is better than a wrong
answer that looks right.
"""
from . import arithmetic, lists, render, structured, units

SUMS = ["I cannot calculate yet. I was trained only for a short time.", "I am too small to calculate: my answer would be wrong.",
        "Sums are too hard for me. A larger model can do that."]
TASKS = ["I cannot do that yet. I was trained only for a short time.", "That is too hard for me. A larger model can do that.",
         "I am a very small model and would get it wrong. Ask me for a story instead."]


def turn(w):
    if w.rng.random() < 0.5:
        return w.rng.choice([arithmetic, units]).turn(w)[0], w.rng.choice(SUMS)
    return w.rng.choice([lists, structured]).turn(w)[0], w.rng.choice(TASKS)


def make(w):
    question, answer = turn(w)
    if w.rng.random() < 0.3:
        return render.conversation([(question, answer, w.rng.choice(["I cannot do this reliably, so I say so.", "This is too hard for me. I say so plainly."]))])
    return render.conversation([(question, answer)])
