"""A closed set of facts shown many times: capitals."""
from . import render
from .phrases import ASK, MARK

CAPITAL = ["what is the capital of {}", "capital of {}", "name the capital of {}", "which city is the capital of {}", "{} has which capital"]


def make(w, capitals):
    pairs = [w.rng.choice(capitals) for _ in range(w.rng.choice([1, 2, 3]))]
    return render.conversation([(w.form(ASK, CAPITAL, MARK).format(country), capital) for country, capital in pairs])
